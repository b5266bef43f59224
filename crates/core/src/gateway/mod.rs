//! The gateway: opened on a data directory, told facts by its shell, started and stopped.
//!
//! The inbound methods need no runtime, no network and no running loops: a process that was started
//! cold by a broadcast still keeps the message.

mod access;
mod history;
mod inbound;
mod inbox_requests;
mod outbound;
mod phone_page;
mod ping;
mod reconciliation;
mod retention;
mod sign_in;
mod status;

pub use access::{AccessChange, AccessError, DEFAULT_PORT};
pub use history::TestError;
pub use inbound::Receipt;
pub(crate) use inbox_requests::InboxRequestError;
pub(crate) use outbound::Cancelled;
pub use outbound::{PartError, PartReceipt};
pub use reconciliation::{ReconcileError, Reconciled};
pub(crate) use sign_in::SESSION_LIFETIME;
pub use status::{COUNTED, Status};

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls_pki_types::CertificateDer;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::{Clock, UnixMillis};
use crate::credentials::Credentials;
use crate::deps::Deps;
use crate::device::{Device, Facts, Health};
use crate::event::{Event, Payload};
use crate::id;
use crate::phone::NumberRules;
use crate::receiving::PhoneInbox;
use crate::sending::{self, Modem, Sender};
use crate::settings::{Mode, Settings, SettingsError, changes};
use crate::store::{
    DeliveryRecord, MetaKey, NewLog, OpenError, Priority, Source, Store, StoreError, Transaction,
};
use crate::time_text;
use crate::tokens::Tokens;
use crate::wake::{Loop, Wake};
use crate::webhooks::{self, Deliverer, Registry, Signals};
use inbox_requests::InboxSignals;

/// How to open, and credentials the shell wants to hold instead of the kept ones.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The API's user; the kept one (at first `sms`) if absent.
    pub user: Option<String>,
    /// The API's password; the kept one (at first random) if absent.
    pub password: Option<String>,
    /// Whether an older database may be brought up to date, which can take long; if not, it is
    /// refused as it is. A new one is made in any case.
    pub may_migrate: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            user: None,
            password: None,
            may_migrate: true,
        }
    }
}

/// An open gateway.
pub struct Gateway {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    device: Arc<Device>,
    registry: Registry,
    credentials: ArcSwap<Credentials>,
    tokens: Tokens,
    port: watch::Sender<u16>,
    settings: watch::Sender<Arc<Settings>>,
    /// Held from reading the settings or the access to storing the change, so that two changes do
    /// not mix.
    changing: tokio::sync::Mutex<()>,
    roots: watch::Sender<Arc<Vec<CertificateDer<'static>>>>,
    signals: Arc<Signals>,
    wake: Arc<Wake>,
    sending: Arc<sending::Signals>,
    modem: Arc<dyn Modem>,
    numbers: Arc<NumberRules>,
    phone_inbox: Option<Arc<dyn PhoneInbox>>,
    /// Held for one reading of the phone's store: two would number the same rows.
    reading_phone: Mutex<()>,
    inbox_signals: InboxSignals,
    running: Mutex<Option<Running>>,
    /// Links that sign in to the page.
    links: Mutex<Vec<sign_in::Link>>,
    /// Held by tests of webhooks that run.
    testing: tokio::sync::Semaphore,
}

struct Running {
    /// Its number, by [`Wake::started`].
    start: u64,
    stop: watch::Sender<bool>,
    loops: Vec<JoinHandle<()>>,
}

/// Why settings were not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeSettingsError {
    /// A value is wrong; the sentence says what to change.
    #[error(transparent)]
    Invalid(#[from] SettingsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gateway {
    /// Opens or makes the data directory. On an error nothing was changed. Blocks on the disk, so it
    /// must not be called inside an async runtime.
    pub fn open(dir: &Path, options: OpenOptions, deps: Deps) -> Result<Arc<Self>, OpenError> {
        let store = Arc::new(Store::open(dir, options.may_migrate)?);
        let (now, boot) = (deps.clock.now(), deps.boot);
        let failed = |error: StoreError| OpenError::Prepare {
            dir: dir.into(),
            cause: error,
        };
        let (identity, settings) = store
            .write(move |transaction| {
                sending::note_boot(transaction, &boot, now)?;
                prepare(transaction, &options, now)
            })
            .wait()
            .map_err(failed)?;
        let device = Device::new(identity.device_id, identity.created_at, deps.device, now);
        let registry =
            Registry::new(Arc::clone(&store), Arc::clone(&deps.clock)).map_err(failed)?;
        let tokens = Tokens::new(
            Arc::clone(&store),
            Arc::clone(&deps.clock),
            &identity.token_secret,
        );
        Ok(Arc::new(Self {
            tokens,
            store,
            clock: deps.clock,
            device: Arc::new(device),
            registry,
            credentials: ArcSwap::from_pointee(identity.credentials),
            port: watch::Sender::new(identity.port),
            settings: watch::Sender::new(Arc::new(settings)),
            changing: tokio::sync::Mutex::new(()),
            roots: watch::Sender::new(Arc::default()),
            signals: Arc::new(Signals::default()),
            wake: Arc::new(Wake::new(deps.shell)),
            sending: Arc::default(),
            modem: deps.modem,
            numbers: Arc::default(),
            phone_inbox: deps.inbox,
            reading_phone: Mutex::new(()),
            inbox_signals: InboxSignals::default(),
            running: Mutex::new(None),
            links: Mutex::default(),
            testing: tokio::sync::Semaphore::new(history::TESTS),
        }))
    }

    /// Starts delivering, pinging, reading the phone's store and cleaning up on that runtime, with these trust roots (DER).
    /// Starting twice changes only the roots.
    pub fn start(self: &Arc<Self>, runtime: &Handle, trust_roots: Vec<CertificateDer<'static>>) {
        self.trust_changed(trust_roots);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_some() {
            return;
        }
        self.tell_started();
        let start = self.wake.started();
        let (stop, stopped) = watch::channel(false);
        let deliverer = Deliverer {
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            device: Arc::clone(&self.device),
            settings: self.settings.subscribe(),
            roots: self.roots.subscribe(),
            signals: Arc::clone(&self.signals),
            wake: Arc::clone(&self.wake),
        };
        let loops = vec![
            runtime.spawn(deliverer.run(stopped.clone())),
            runtime.spawn(self.sender().run(stopped.clone())),
            runtime.spawn(ping::run(Arc::clone(self), stopped.clone())),
            runtime.spawn(inbox_requests::run(Arc::clone(self), stopped.clone())),
            runtime.spawn(retention::run(Arc::clone(self), stopped)),
        ];
        *running = Some(Running { start, stop, loops });
    }

    /// Ends the loops: waits for attempts in flight for at most `timeout`, then drops them (they are
    /// made again at the next start). Stopping twice is harmless.
    pub async fn stop(&self, timeout: Duration) {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(Running { start, stop, loops }) = running else {
            return;
        };
        let _ = stop.send(true);
        let mut patience = self.clock.sleep(timeout);
        for mut task in loops {
            tokio::select! {
                biased;
                _ = &mut task => {}
                () = &mut patience => {
                    patience = Box::pin(std::future::ready(()));
                    task.abort();
                    let _ = task.await;
                }
            }
        }
        self.wake.stopped(start);
        let now = self.clock.now();
        let stopped = self.log(
            now,
            Priority::Info,
            "gateway",
            "Gateway stopped.",
            Value::Null,
        );
        // A log entry that finds no room is not worth failing for.
        let _ = stopped.await;
    }

    fn sender(&self) -> Sender {
        let (wake, signals) = (Arc::clone(&self.wake), Arc::clone(&self.signals));
        Sender {
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            device: Arc::clone(&self.device),
            modem: Arc::clone(&self.modem),
            numbers: Arc::clone(&self.numbers),
            settings: self.settings.subscribe(),
            signals: Arc::clone(&self.sending),
            wake: Arc::clone(&self.wake),
            tell_deliverer: Box::new(move || {
                wake.nudged(Loop::Deliveries);
                signals.queued.notify_one();
            }),
        }
    }

    /// `app:started` and a log entry, in one transaction.
    fn tell_started(&self) {
        let now = self.clock.now();
        let payload = Payload::AppStarted {
            sim_cards: self.device.state().sims,
        };
        let Ok(event) = Event::new(&payload) else {
            return;
        };
        let device_id = self.device.id().to_owned();
        // The deliverer starts after this on the same writer, so it finds the event.
        drop(self.store.write(move |transaction| {
            transaction.log(&note(
                now,
                Priority::Info,
                "gateway",
                "Gateway started.",
                Value::Null,
            ))?;
            webhooks::enqueue(transaction, &event, &device_id, now)
        }));
    }

    /// Whether it was started and not stopped since.
    pub fn is_started(&self) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.is_some()
    }

    /// The device's id in every webhook body: 32 hex digits, made once and kept.
    pub fn device_id(&self) -> &str {
        self.device.id()
    }

    /// Whether the device has a SIM of that 1-based number.
    pub fn has_sim(&self, number: u32) -> bool {
        self.device.sim(number).is_some()
    }

    /// Counts up with every write.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.store.commits()
    }

    /// The settings now.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.borrow().clone()
    }

    /// A time as the API reads it: date and time, the device's zone where there is no offset.
    pub fn read_time(&self, text: &str) -> Option<UnixMillis> {
        time_text::parse(text, &self.device.zone())
    }

    /// Counts up whenever the deliverer did something.
    pub fn turns(&self) -> watch::Receiver<u64> {
        self.signals.turns.subscribe()
    }

    /// The deliveries of a webhook with their attempts, newest first, at most `limit`.
    pub fn deliveries(
        &self,
        source: Source,
        webhook_id: &str,
        limit: u32,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        self.store
            .read(|snapshot| snapshot.deliveries_of(source, webhook_id, limit))
    }

    /// Health now.
    pub fn health(&self) -> Health {
        let removed = self.store.read(|snapshot| {
            let number = |key| Ok::<_, StoreError>(snapshot.meta_number(key)?.unwrap_or(0));
            Ok((
                number(MetaKey::RemovedDead)?,
                number(MetaKey::RemovedDeadAt)?,
            ))
        });
        let (removed, at) = removed.unwrap_or((0, 0));
        let lately = self.clock.now().since(UnixMillis(at)) < retention::DEAD_LIFETIME;
        Health::judge(&Facts {
            device: self.device.state(),
            writable: self.store.is_writable(),
            failed_messages: self.failed_lately(),
            removed_dead: (removed, lately),
        })
    }

    /// Changes settings: all of the body or nothing.
    pub(crate) async fn change_settings(
        &self,
        body: &Value,
        mode: Mode,
    ) -> Result<Arc<Settings>, ChangeSettingsError> {
        let _changing = self.changing.lock().await;
        let before = self.settings();
        let mut changed = changes(body, mode, &before)?;
        for (key, value) in &mut changed {
            if key.path() == SIGNING_KEY && value.is_none() {
                *value = Some(id::secret().into());
            }
        }
        let after = Arc::new(before.with(&changed));
        let names: Vec<String> = changed.iter().map(|(key, _)| key.path()).collect();
        let now = self.clock.now();
        let written = self.store.write(move |transaction| {
            for (key, value) in &changed {
                transaction.set_setting(&key.path(), value.as_ref())?;
            }
            let context = json!({"settings": names});
            transaction.log(&note(
                now,
                Priority::Info,
                "settings",
                "Settings changed.",
                context,
            ))
        });
        written.await?;
        self.settings.send_replace(Arc::clone(&after));
        Ok(after)
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    pub(crate) fn modem(&self) -> &Arc<dyn Modem> {
        &self.modem
    }

    /// The registered webhooks.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn signals(&self) -> &Signals {
        &self.signals
    }

    pub(crate) fn wake(&self) -> &Wake {
        &self.wake
    }

    pub(crate) fn settings_changes(&self) -> watch::Receiver<Arc<Settings>> {
        self.settings.subscribe()
    }

    fn log(
        &self,
        at: UnixMillis,
        priority: Priority,
        module: &'static str,
        message: &str,
        context: Value,
    ) -> crate::store::Ticket<()> {
        let entry = note(at, priority, module, message, context);
        self.store.write(move |transaction| transaction.log(&entry))
    }
}

const SIGNING_KEY: &str = "webhooks.signing_key";

struct Identity {
    device_id: String,
    created_at: UnixMillis,
    credentials: Credentials,
    token_secret: String,
    port: u16,
}

/// Makes on first start what is kept for ever, and takes the credentials the shell wants.
fn prepare(
    transaction: &Transaction<'_>,
    options: &OpenOptions,
    now: UnixMillis,
) -> Result<(Identity, Settings), StoreError> {
    let snapshot = transaction.snapshot();
    let kept = |key, wanted: Option<&String>, default: &dyn Fn() -> String| {
        let before = snapshot.meta(key)?;
        let value = wanted
            .cloned()
            .or_else(|| before.clone())
            .unwrap_or_else(default);
        if before.as_ref() != Some(&value) {
            transaction.set_meta(key, &value)?;
        }
        Ok::<_, StoreError>(value)
    };
    let password_before = snapshot.meta(MetaKey::Password)?;
    let credentials = Credentials {
        user: kept(MetaKey::User, options.user.as_ref(), &|| "sms".into())?,
        password: kept(MetaKey::Password, options.password.as_ref(), &id::password)?,
    };
    if password_before.is_some_and(|before| before != credentials.password) {
        transaction.revoke_all_tokens()?;
        transaction.delete_sessions()?;
    }
    let created_at = kept(MetaKey::CreatedAt, None, &|| now.0.to_string())?;
    let identity = Identity {
        device_id: kept(MetaKey::DeviceId, None, &id::device)?,
        created_at: UnixMillis(created_at.parse().unwrap_or(now.0)),
        credentials,
        token_secret: kept(MetaKey::TokenSecret, None, &id::token_secret)?,
        port: snapshot
            .meta_number(MetaKey::Port)?
            .and_then(access::usable_port)
            .unwrap_or(DEFAULT_PORT),
    };
    let mut stored = snapshot.settings()?;
    if !stored.iter().any(|(key, _)| key == SIGNING_KEY) {
        let secret = Value::from(id::secret());
        transaction.set_setting(SIGNING_KEY, Some(&secret))?;
        stored.push((SIGNING_KEY.into(), secret));
    }
    Ok((identity, Settings::new(stored)))
}

fn note(
    at: UnixMillis,
    priority: Priority,
    module: &'static str,
    message: &str,
    context: Value,
) -> NewLog {
    NewLog {
        at,
        priority,
        module,
        message: message.into(),
        context,
    }
}
