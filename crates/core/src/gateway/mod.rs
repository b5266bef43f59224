//! The gateway: opened on a data directory, started and stopped by its shell, which reports facts
//! to it.
//!
//! The inbound methods need no runtime, no network and no running loops: a process that a broadcast
//! has just started still stores the message.

mod access;
pub(crate) mod deps;
mod health;
mod inbound;
mod integrity;
mod opening;
mod outbound;
mod ping;
mod retention;
mod running;
mod sessions;
mod settings;
mod status;
mod webhook_test;

pub use crate::phone_inbox::{ReconcileError, Reconciled};
pub use access::{AccessChange, DEFAULT_PORT};
pub use inbound::Receipt;
pub use opening::OpenOptions;
pub use outbound::{PartError, PartReceipt};
pub(crate) use retention::DELIVERED_LIFETIME;
pub(crate) use sessions::{SESSION_LIFETIME, Sessions};
pub use settings::ChangeSettingsError;
pub(crate) use settings::ChangedSettings;
pub use status::Status;
pub use webhook_test::TestError;

use std::path::Path;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use rustls_pki_types::CertificateDer;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::gateway::deps::Deps;
use crate::loops::panics::Panics;
use crate::loops::wake::{Loop, Wake};
use crate::model::clock::{Clock, UnixMillis};
use crate::model::credentials::Credentials;
use crate::model::device::Device;
use crate::model::phone::NumberRules;
use crate::model::time_text;
use crate::phone_inbox::{self, PhoneInboxReader};
use crate::sending::{self, Modem};
use crate::settings::Settings;
use crate::store::{
    DeliveryRecord, LogEntry, Module, OpenError, Opening, Priority, Snapshot, Source, Store,
    StoreError, Why,
};
use crate::tokens::Tokens;
use crate::webhooks::{Deliveries, Registry, Signals};
use opening::{check_wanted, identify, scrub};
use outbound::ReportsTo;
use running::Running;

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
    /// Held from the time that the settings or the access are read until the change is stored, so
    /// that two changes do not mix.
    changing: tokio::sync::Mutex<()>,
    roots: watch::Sender<Arc<Vec<CertificateDer<'static>>>>,
    signals: Arc<Signals>,
    wake: Arc<Wake>,
    sending: Arc<sending::Signals>,
    modem: Arc<dyn Modem>,
    numbers: Arc<NumberRules>,
    phone_inbox: Arc<PhoneInboxReader>,
    /// Notifies the deliverer of queued deliveries.
    notify_deliverer: Arc<dyn Fn() + Send + Sync>,
    panics: Arc<Panics>,
    running: Mutex<Option<Running>>,
    sessions: Sessions,
    deliveries: Deliveries,
    /// Limits the tests of webhooks that run at the same time.
    testing: tokio::sync::Semaphore,
}

impl Gateway {
    /// Opens or creates the data directory. On an error nothing was changed. Blocks on the disk, so
    /// it must not be called inside an async runtime.
    pub fn open(dir: &Path, options: OpenOptions, deps: Deps) -> Result<Arc<Self>, OpenError> {
        let now = deps.clock.now();
        let opening = Opening {
            may_migrate: options.may_migrate,
            recover: options.recover_by_itself,
            now,
        };
        let store = Arc::new(Store::open_as(dir, opening, Arc::clone(&deps.clock))?);
        let failed = |error: StoreError| OpenError::Unusable {
            path: dir.into(),
            why: Why::of_store(&error),
        };
        let wanted = store.read(|snapshot| check_wanted(snapshot, &options));
        wanted.map_err(failed)??;
        let (identity, settings) = identify(&store, &options, &deps.boot, now).map_err(failed)?;
        scrub(&store).map_err(failed)?;
        let device = Device::new(identity.device_id, identity.created_at, deps.device, now);
        device.set_ids(settings.device.ids());
        let registry =
            Registry::new(Arc::clone(&store), Arc::clone(&deps.clock)).map_err(failed)?;
        let tokens = Tokens::new(
            Arc::clone(&store),
            Arc::clone(&deps.clock),
            &identity.token_secret,
        );
        let sessions = Sessions::new(Arc::clone(&store), Arc::clone(&deps.clock));
        let panics = Panics::new(Arc::clone(&store), Arc::clone(&deps.clock));
        let panics = Arc::new(panics);
        let (device, settings) = (Arc::new(device), watch::Sender::new(Arc::new(settings)));
        let (wake, signals) = (
            Arc::new(Wake::new(deps.shell)),
            Arc::new(Signals::default()),
        );
        let notify_deliverer: Arc<dyn Fn() + Send + Sync> = {
            let (wake, signals) = (Arc::clone(&wake), Arc::clone(&signals));
            Arc::new(move || {
                wake.nudged(Loop::Deliveries);
                signals.queued.notify_one();
            })
        };
        let deliveries = Deliveries::new(
            Arc::clone(&store),
            Arc::clone(&deps.clock),
            Arc::clone(&notify_deliverer),
        );
        let phone_inbox = PhoneInboxReader {
            store: Arc::clone(&store),
            clock: Arc::clone(&deps.clock),
            device: Arc::clone(&device),
            settings: settings.subscribe(),
            phone: deps.inbox,
            panics: Arc::clone(&panics),
            notify_deliverer: Arc::clone(&notify_deliverer),
            reading: Mutex::default(),
            signals: phone_inbox::Signals::default(),
        };
        let gateway = Arc::new(Self {
            panics,
            tokens,
            store,
            clock: deps.clock,
            device,
            registry,
            credentials: ArcSwap::from_pointee(identity.credentials),
            port: watch::Sender::new(identity.port),
            settings,
            changing: tokio::sync::Mutex::new(()),
            roots: watch::Sender::new(Arc::default()),
            signals,
            wake,
            sending: Arc::default(),
            modem: deps.modem,
            numbers: Arc::default(),
            phone_inbox: Arc::new(phone_inbox),
            notify_deliverer,
            running: Mutex::new(None),
            sessions,
            deliveries,
            testing: tokio::sync::Semaphore::new(webhook_test::TESTS),
        });
        gateway
            .modem
            .attach(Arc::new(ReportsTo(Arc::downgrade(&gateway))));
        Ok(gateway)
    }

    /// Returns the device's id in every webhook body: the one that was taken over, otherwise 32 hex
    /// digits, made once and kept.
    pub fn device_id(&self) -> String {
        self.device.id()
    }

    /// Returns whether the device has a SIM with that 1-based number.
    pub fn has_sim(&self, number: u32) -> bool {
        self.device.sim(number).is_some()
    }

    /// Returns a counter of writes.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.store.commits()
    }

    /// Returns the present settings.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.borrow().clone()
    }

    /// Parses a time as the API does: date and time, in the device's zone if there is no offset.
    pub fn read_time(&self, text: &str) -> Option<UnixMillis> {
        time_text::parse(text, &self.device.zone())
    }

    /// Returns a counter of the deliverer's rounds.
    pub fn turns(&self) -> watch::Receiver<u64> {
        self.signals.turns.subscribe()
    }

    /// Returns the deliveries of a webhook with their attempts, newest first, at most `limit`.
    pub fn deliveries(
        &self,
        source: Source,
        webhook_id: &str,
        limit: u32,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        self.store
            .read(|snapshot| snapshot.deliveries_of(source, webhook_id, limit))
    }

    /// Logs that a client sent names that a route does not know.
    pub(crate) fn log_ignored(&self, route: &str, names: &[&str]) {
        let entry = "A request has parameters that this route does not know; they were ignored.";
        let context = json!({"route": route, "ignored": names});
        drop(self.log(
            self.clock.now(),
            Priority::Warn,
            Module::Gateway,
            entry,
            context,
        ));
    }

    /// Reads the phone inbox for messages of the last seven days, at least a minute old, that no
    /// broadcast reported, and emits their events. Blocks on the phone and on the disk, so it must
    /// not be called inside an async runtime; it needs none. Calling it often is harmless: it finds
    /// a message once.
    pub fn reconcile(&self) -> Result<Reconciled, ReconcileError> {
        self.phone_inbox.reconcile()
    }

    /// Reports that the phone inbox changed: it is read now, and again once its new rows have
    /// settled.
    pub fn inbox_changed(&self) {
        self.phone_inbox.changed();
    }

    pub(crate) fn phone_inbox(&self) -> &Arc<PhoneInboxReader> {
        &self.phone_inbox
    }

    /// Reads a few rows off the runtime's workers.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.store.read_soon(work).await
    }

    /// Returns a path on the API's address that signs in whoever opens it first within five minutes,
    /// for the shell that shows the page to the device's owner.
    pub fn sign_in_path(&self) -> String {
        format!("/ui/sign-in/{}", self.sessions.new_link())
    }

    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    pub(crate) fn webhook_deliveries(&self) -> &Deliveries {
        &self.deliveries
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

    /// Returns the registered webhooks.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Returns the attempts in flight, by the number of their delivery.
    pub(crate) fn in_flight(&self) -> std::collections::HashMap<i64, crate::webhooks::Sending> {
        self.signals.in_flight.now()
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
        module: Module,
        message: &str,
        context: Value,
    ) -> crate::store::Ticket<()> {
        let entry = LogEntry::new(at, priority, module, message, context);
        self.store.write(move |transaction| transaction.log(&entry))
    }
}
