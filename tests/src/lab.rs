//! A gateway under test.

use std::fs::File;
use std::future::Future;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use rustls_pki_types::CertificateDer;
use serde_json::json;
use simrelay_core::clock::{Clock, ManualClock, UnixMillis};
use simrelay_core::device::{Battery, Cellular, Charging, DeviceState, Network, Sim, Transport};
use simrelay_core::gateway::{ReconcileError, Reconciled};
use simrelay_core::phone_inbox::PhoneInbox;
use simrelay_core::receiving::{IncomingSms, Origin};
use simrelay_core::server::Server;
use simrelay_core::{
    DeliveryRecord, Deps, Desktop, Gateway, OpenOptions, PhoneNumber, Shell, Source,
};
use tempfile::TempDir;
use tokio::runtime::Handle;

use crate::client::Client;
use crate::modem::FakeModem;
use crate::phone::PhoneStore;

/// Longer than this no test waits for anything.
pub const GUARD: Duration = Duration::from_secs(20);

/// Where the clock stands at first: 2024-06-22T15:46:11+07:00, as in the guide.
pub const START: UnixMillis = UnixMillis(1_719_045_971_000);

/// The outcome of `work`, or a panic that says what was waited for.
pub async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(GUARD, work).await {
        Ok(outcome) => outcome,
        Err(_) => panic!("timed out waiting for {what}"),
    }
}

/// An SMS from the guide's sender.
pub fn sms(text: &str) -> IncomingSms {
    let origin = Origin {
        sender: PhoneNumber::new("6505551212"),
        ..Origin::default()
    };
    IncomingSms {
        origin,
        text: text.into(),
    }
}

/// The phone around a gateway.
struct World {
    shell: Arc<dyn Shell>,
    modem: Arc<FakeModem>,
    boot: &'static str,
    inbox: Option<Arc<dyn PhoneInbox>>,
    /// What the gateway has for a clock, if not the manual one itself.
    clock: Option<Arc<dyn Clock>>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            shell: Arc::new(Desktop),
            modem: Arc::default(),
            boot: "first boot",
            inbox: None,
            clock: None,
        }
    }
}

/// A gateway on a directory and a clock.
pub struct Lab {
    /// The clock; stands still.
    pub clock: Arc<ManualClock>,
    /// The gateway.
    pub gateway: Arc<Gateway>,
    /// Asks its API.
    pub client: Client,
    /// What it sends by.
    pub modem: Arc<FakeModem>,
    server: Option<Server>,
    dir: Arc<TempDir>,
}

impl Lab {
    /// A fresh gateway, started.
    pub async fn start() -> Self {
        Self::start_with(Vec::new()).await
    }

    /// A fresh gateway, started with these trust roots.
    pub async fn start_with(roots: Vec<CertificateDer<'static>>) -> Self {
        let dir = Arc::new(tempfile::tempdir().expect("a temporary directory"));
        Self::open(dir, Arc::new(ManualClock::new(START)), roots).await
    }

    /// A fresh gateway on this directory.
    pub async fn start_on(dir: Arc<TempDir>) -> Self {
        Self::open(dir, Arc::new(ManualClock::new(START)), Vec::new()).await
    }

    /// A fresh gateway in this shell.
    pub async fn start_in(shell: Arc<dyn Shell>) -> Self {
        let dir = Arc::new(tempfile::tempdir().expect("a temporary directory"));
        let world = World {
            shell,
            ..World::default()
        };
        Self::open_in(dir, Arc::new(ManualClock::new(START)), Vec::new(), world).await
    }

    /// A fresh gateway with a clock that is made around the manual one.
    pub async fn start_with_clock(around: impl FnOnce(Arc<ManualClock>) -> Arc<dyn Clock>) -> Self {
        let dir = Arc::new(tempfile::tempdir().expect("a temporary directory"));
        let clock = Arc::new(ManualClock::new(START));
        let world = World {
            clock: Some(around(Arc::clone(&clock))),
            ..World::default()
        };
        Self::open_in(dir, clock, Vec::new(), world).await
    }

    /// A fresh gateway with this modem.
    pub async fn start_with_modem(modem: FakeModem) -> Self {
        let dir = Arc::new(tempfile::tempdir().expect("a temporary directory"));
        Self::again_with_modem((dir, Arc::new(ManualClock::new(START))), modem).await
    }

    /// Starts again where [`Lab::crash`] left, with this modem.
    pub async fn again_with_modem(
        (dir, clock): (Arc<TempDir>, Arc<ManualClock>),
        modem: FakeModem,
    ) -> Self {
        let world = World {
            modem: Arc::new(modem),
            ..World::default()
        };
        Self::open_in(dir, clock, Vec::new(), world).await
    }

    /// A fresh gateway of a phone with this message store.
    pub async fn start_with_phone(phone: &Arc<PhoneStore>) -> Self {
        let dir = Arc::new(tempfile::tempdir().expect("a temporary directory"));
        Self::again_with_phone((dir, Arc::new(ManualClock::new(START))), phone).await
    }

    /// Starts again where [`Lab::crash`] left, on the phone with this message store.
    pub async fn again_with_phone(
        (dir, clock): (Arc<TempDir>, Arc<ManualClock>),
        phone: &Arc<PhoneStore>,
    ) -> Self {
        let world = World {
            inbox: Some(Arc::clone(phone) as _),
            ..World::default()
        };
        Self::open_in(dir, clock, Vec::new(), world).await
    }

    async fn open(
        dir: Arc<TempDir>,
        clock: Arc<ManualClock>,
        roots: Vec<CertificateDer<'static>>,
    ) -> Self {
        Self::open_in(dir, clock, roots, World::default()).await
    }

    async fn open_in(
        dir: Arc<TempDir>,
        clock: Arc<ManualClock>,
        roots: Vec<CertificateDer<'static>>,
        world: World,
    ) -> Self {
        let modem = Arc::clone(&world.modem);
        let deps = Deps {
            clock: world.clock.unwrap_or_else(|| Arc::clone(&clock) as _),
            device: device(),
            shell: world.shell,
            modem: world.modem,
            boot: world.boot.into(),
            inbox: world.inbox,
        };
        let gateway = open_gateway(dir.path(), deps).await;
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = Server::start(&gateway, &Handle::current(), vec![listener], None);
        let server = server.expect("the API starts");
        gateway.start(&Handle::current(), roots);
        let client = Client::new(server.addresses()[0], "sms", "password");
        Self {
            clock,
            gateway,
            client,
            modem,
            server: Some(server),
            dir,
        }
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.dir().join("simrelay.db")
    }

    /// Stops the gateway at once, as a kill would, and leaves its directory and clock.
    pub async fn crash(mut self) -> (Arc<TempDir>, Arc<ManualClock>) {
        if let Some(server) = self.server.take() {
            server.stop(Duration::ZERO).await;
        }
        self.gateway.stop(Duration::ZERO).await;
        let (dir, clock) = (Arc::clone(&self.dir), Arc::clone(&self.clock));
        let weak = Arc::downgrade(&self.gateway);
        drop(self);
        // Tasks that were aborted give their references back when the runtime comes to them.
        let lock = File::open(dir.path().join("simrelay.lock")).expect("it was locked");
        within("the gateway is gone", async {
            // A read that is under way holds the store, and so its directory, a little longer.
            while weak.strong_count() > 0 || lock.try_lock().is_err() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        (dir, clock)
    }

    /// Starts again where [`Lab::crash`] left.
    pub async fn again((dir, clock): (Arc<TempDir>, Arc<ManualClock>)) -> Self {
        Self::open(dir, clock, Vec::new()).await
    }

    /// Starts again where [`Lab::crash`] left, after the phone itself was down.
    pub async fn after_reboot((dir, clock): (Arc<TempDir>, Arc<ManualClock>)) -> Self {
        let world = World {
            boot: "second boot",
            ..World::default()
        };
        Self::open_in(dir, clock, Vec::new(), world).await
    }

    /// Registers a webhook through the API.
    pub async fn register(&self, id: &str, url: &str, event: &str) {
        let answer = self
            .client
            .post("/webhooks", &json!({"id": id, "url": url, "event": event}))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// Changes settings through the API.
    pub async fn set(&self, settings: serde_json::Value) {
        let answer = self.client.json("PATCH", "/settings", &settings).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Lets an SMS come in.
    pub async fn receive(&self, text: &str) {
        let receipt = self
            .gateway
            .receive(sms(text))
            .expect("a plain SMS is taken");
        receipt.done().await.expect("the store works");
    }

    /// Lets time pass and has the deliverer look at the clock.
    pub fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
        self.gateway.clock_changed();
    }

    /// The deliveries of a local webhook, newest first.
    pub fn deliveries(&self, webhook_id: &str) -> Vec<DeliveryRecord> {
        self.gateway
            .deliveries(Source::Local, webhook_id, 2_000)
            .expect("the store works")
    }

    /// Waits until so many deliveries are queued for a webhook, or more.
    pub async fn queued(&self, webhook_id: &str, count: usize) {
        let there = async {
            while self.deliveries(webhook_id).len() < count {
                tokio::task::yield_now().await;
            }
        };
        within("the delivery is queued", there).await;
    }

    /// Lets time pass in such steps, whenever somebody waits for it, until so many deliveries are
    /// queued.
    pub async fn advance_until(&self, webhook_id: &str, count: usize, step: Duration) {
        let there = async {
            while self.deliveries(webhook_id).len() < count {
                self.clock.wait_for_sleeper(Duration::from_secs(1)).await;
                self.advance(step);
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
            }
        };
        within("the delivery is queued", there).await;
    }

    /// The newest delivery of a webhook once the condition holds for it.
    pub async fn newest(
        &self,
        webhook_id: &str,
        until: impl Fn(&DeliveryRecord) -> bool,
    ) -> DeliveryRecord {
        let found = |all: &[DeliveryRecord]| all.first().is_some_and(&until);
        self.deliveries_once(webhook_id, found).await.remove(0)
    }

    /// The deliveries of a webhook, newest first, once the condition holds for them.
    pub async fn deliveries_once(
        &self,
        webhook_id: &str,
        until: impl Fn(&[DeliveryRecord]) -> bool,
    ) -> Vec<DeliveryRecord> {
        let mut turns = self.gateway.turns();
        let found = async {
            loop {
                turns.borrow_and_update();
                let deliveries = self.deliveries(webhook_id);
                if until(&deliveries) {
                    return deliveries;
                }
                turns.changed().await.expect("the deliverer runs");
            }
        };
        within("the delivery gets there", found).await
    }

    /// The newest delivery of a webhook once it has so many attempts on file.
    pub async fn after_attempts(&self, webhook_id: &str, count: usize) -> DeliveryRecord {
        self.newest(webhook_id, |delivery| delivery.history.len() == count)
            .await
    }

    /// Reads the phone's message store now, as its shell's jobs do.
    pub async fn reconcile(&self) -> Result<Reconciled, ReconcileError> {
        let gateway = Arc::clone(&self.gateway);
        let reading = tokio::task::spawn_blocking(move || gateway.reconcile());
        reading.await.expect("reading does not panic")
    }

    /// Takes the internet away or gives it back.
    pub fn online(&self, online: bool) {
        self.gateway.network_changed(network(online));
    }
}

async fn open_gateway(dir: &Path, deps: Deps) -> Arc<Gateway> {
    let dir = dir.to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        let options = OpenOptions {
            user: None,
            password: Some("password".into()),
            ..OpenOptions::default()
        };
        Gateway::open(&dir, options, deps)
    });
    opened
        .await
        .expect("opening does not panic")
        .expect("the directory is usable")
}

/// Wi-Fi, or nothing.
pub fn network(online: bool) -> Network {
    let transport = if online {
        Transport::WiFi
    } else {
        Transport::None
    };
    Network {
        online,
        transport,
        cellular: Cellular::None,
    }
}

/// A phone with two SIMs in Bangkok, online.
pub fn device() -> DeviceState {
    let sim = |slot_index: u32, number: &str| Sim {
        slot_index,
        sim_number: slot_index + 1,
        phone_number: Some(PhoneNumber::new(number)),
        carrier_name: None,
        iccid: None,
        country: Some("US".into()),
    };
    DeviceState {
        name: "SimRelay/Test".into(),
        sims: vec![sim(0, "+12025550100"), sim(1, "+12025550101")],
        battery: Battery {
            level: 80,
            charging: Charging::No,
        },
        network: network(true),
        zone: TimeZone::get("Asia/Bangkok").expect("the zone data is bundled"),
        locale: String::new(),
        warnings: Vec::new(),
    }
}
