//! Starts and stops the loops.

use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Gateway, integrity, ping, retention};
use crate::events::{self, Event, Payload};
use crate::loops::keep_running::keep;
use crate::phone_inbox::jobs;
use crate::sending::Sender;
use crate::store::{LogEntry, Module, Priority};
use crate::webhooks::Deliverer;

type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The loops while they run.
pub(super) struct Running {
    /// The number of this start, from [`crate::loops::wake::Wake::started`].
    start: u64,
    stop: watch::Sender<bool>,
    loops: Vec<JoinHandle<()>>,
}

impl Gateway {
    /// Starts the loops on that runtime, with these trust roots (DER): delivering, sending,
    /// pinging, reading the phone inbox and cleaning up. Starting twice changes only the roots.
    pub fn start(self: &Arc<Self>, runtime: &Handle, trust_roots: Vec<CertificateDer<'static>>) {
        self.trust_changed(trust_roots);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_some() {
            return;
        }
        self.tell_started();
        let start = self.wake.started();
        let (stop, stopped) = watch::channel(false);
        let (deliverer, sender) = (self.deliverer(), self.sender());
        let spawn = |name, run: Box<dyn Fn() -> BoxFuture + Send + Sync>| {
            let (panics, clock) = (Arc::clone(&self.panics), Arc::clone(&self.clock));
            let stopped = stopped.clone();
            runtime.spawn(async move { keep(&panics, &*clock, name, stopped, run).await })
        };
        let with = |run: fn(Arc<Self>, watch::Receiver<bool>) -> BoxFuture| {
            let (gateway, stopped) = (Arc::clone(self), stopped.clone());
            Box::new(move || run(Arc::clone(&gateway), stopped.clone()))
        };
        let (of_deliverer, of_sender) = (stopped.clone(), stopped.clone());
        let loops = vec![
            spawn(
                "deliverer",
                Box::new(move || Box::pin(deliverer.clone().run(of_deliverer.clone()))),
            ),
            spawn(
                "sender",
                Box::new(move || Box::pin(sender.clone().run(of_sender.clone()))),
            ),
            spawn(
                "pings",
                with(|gateway, stop| Box::pin(ping::run(gateway, stop))),
            ),
            spawn(
                "phone inbox",
                with(|gateway, stop| Box::pin(jobs::run(Arc::clone(&gateway.phone_inbox), stop))),
            ),
            spawn(
                "cleaning up",
                with(|gateway, stop| Box::pin(retention::run(gateway, stop))),
            ),
            spawn(
                "repetitions",
                with(|gateway, stop| Box::pin(repetitions(gateway, stop))),
            ),
            spawn(
                "check of the database",
                with(|gateway, stop| Box::pin(integrity::run(gateway, stop))),
            ),
        ];
        *running = Some(Running { start, stop, loops });
    }

    /// Ends the loops: waits for attempts in flight for at most `timeout`, then drops them (the
    /// next start makes them again). Stopping twice is harmless.
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
        crate::model::clock::end_all(&*self.clock, loops, timeout).await;
        self.wake.stopped(start);
        let now = self.clock.now();
        let stopped = self.log(
            now,
            Priority::Info,
            Module::Gateway,
            "Gateway stopped.",
            Value::Null,
        );
        // A log entry for which there is no room is no reason to fail.
        let _ = stopped.await;
    }

    fn deliverer(&self) -> Deliverer {
        Deliverer {
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            device: Arc::clone(&self.device),
            settings: self.settings.subscribe(),
            roots: self.roots.subscribe(),
            signals: Arc::clone(&self.signals),
            wake: Arc::clone(&self.wake),
            panics: Arc::clone(&self.panics),
        }
    }

    fn sender(&self) -> Sender {
        Sender {
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.clock),
            device: Arc::clone(&self.device),
            modem: Arc::clone(&self.modem),
            numbers: Arc::clone(&self.numbers),
            settings: self.settings.subscribe(),
            signals: Arc::clone(&self.sending),
            wake: Arc::clone(&self.wake),
            panics: Arc::clone(&self.panics),
            notify_deliverer: Arc::clone(&self.notify_deliverer),
        }
    }

    /// Emits `app:started` and writes a log entry, in one transaction.
    fn tell_started(&self) {
        let now = self.clock.now();
        let payload = Payload::AppStarted {
            sim_cards: self.device.state().sims,
        };
        let Ok(event) = Event::new(&payload) else {
            return;
        };
        let context = self.device.context(now);
        // The deliverer starts after this write, on the same writer, so it finds the event.
        drop(self.store.write(move |transaction| {
            transaction.log(&LogEntry::new(
                now,
                Priority::Info,
                Module::Gateway,
                "Gateway started.",
                Value::Null,
            ))?;
            events::publish(transaction, &event, &context)
        }));
    }

    /// Returns whether the gateway was started and not stopped since.
    pub fn is_started(&self) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.is_some()
    }
}

/// Logs repeated notices once a minute.
async fn repetitions(gateway: Arc<Gateway>, mut stop: watch::Receiver<bool>) {
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => {}
        () = gateway.store.tell_repetitions() => {}
    }
}
