//! Damage of the database: finds it in the background, repairs it if it can, and reports it in the
//! log.
//!
//! A database that was too large to be checked at its opening is checked once it is open. After
//! that, the check runs when a statement meets damage, and then at most once an hour, because it
//! reads everything.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::Gateway;
use crate::store::{Checkup, Depth, Module, Notice, Priority, Recovered, Stopper, StoreError};

const INTERVAL: Duration = Duration::from_secs(3_600);
/// The pause before a check that failed is tried again.
const PAUSE: Duration = Duration::from_secs(60);

impl Gateway {
    /// Returns whether damage was met in the database and not repaired.
    pub fn is_damaged(&self) -> bool {
        self.store.damage().borrow().damaged
    }

    /// Returns whether a table is damaged; opening with recovery repairs it.
    pub fn needs_recovery(&self) -> bool {
        self.store.damage().borrow().confirmed
    }

    /// Returns a recovery of the database that the owner has not acknowledged.
    pub fn recovered(&self) -> Option<Recovered> {
        let read = self.store.read(|snapshot| snapshot.recovered());
        read.unwrap_or(None)
    }

    /// Records that the owner has seen that the database was recovered.
    pub(crate) async fn acknowledge_recovery(&self) -> Result<(), StoreError> {
        self.store
            .write(|transaction| transaction.acknowledge_recovery())
            .await
    }
}

/// Logs the findings of the opening, and checks until `stop` fires.
pub(super) async fn run(gateway: Arc<Gateway>, mut stop: watch::Receiver<bool>) {
    tell_opening(&gateway);
    let mut damage = gateway.store.damage();
    let mut told = Vec::new();
    let mut depth = gateway.store.at_opening().unchecked.then_some(Depth::Quick);
    loop {
        if let Some(depth) = depth.take() {
            let pause = match check(&gateway, depth, &mut stop).await {
                Some(checkup) => {
                    tell(&gateway, &checkup, &mut told);
                    if depth == Depth::Quick {
                        Duration::ZERO
                    } else {
                        INTERVAL
                    }
                }
                None => PAUSE,
            };
            tokio::select! {
                _ = stop.changed() => return,
                () = gateway.clock.sleep(pause), if !pause.is_zero() => {}
                () = std::future::ready(()), if pause.is_zero() => {}
            }
        }
        if *stop.borrow() {
            return;
        }
        tokio::select! {
            _ = stop.changed() => return,
            met = damage.wait_for(|state| state.damaged) => {
                if met.is_err() {
                    return;
                }
                depth = Some(Depth::Thorough);
            }
        }
    }
}

/// Checks the database off the runtime's workers. Returns `None` if the check failed or was
/// interrupted.
async fn check(
    gateway: &Arc<Gateway>,
    depth: Depth,
    stop: &mut watch::Receiver<bool>,
) -> Option<Checkup> {
    let stopper = Arc::new(Stopper::default());
    let (store, handle) = (Arc::clone(&gateway.store), Arc::clone(&stopper));
    let mut checking = tokio::task::spawn_blocking(move || store.check(depth, &handle));
    let checked = tokio::select! {
        checked = &mut checking => checked,
        _ = stop.changed() => {
            stopper.stop();
            checking.await
        }
    };
    match checked {
        Ok(Ok(checkup)) => Some(checkup),
        Ok(Err(error)) => {
            let message = "The database could not be checked; retrying.";
            gateway
                .store
                .tell(Notice::warn(Module::Gateway, message, error));
            None
        }
        Err(error) => {
            gateway
                .panics
                .record("check of the database", &error.to_string());
            None
        }
    }
}

/// Writes one log entry for the repaired tables, and one for the others.
fn tell(gateway: &Gateway, checkup: &Checkup, told: &mut Vec<String>) {
    if !checkup.rebuilt.is_empty() {
        tell_rebuilt(gateway, &checkup.rebuilt);
        // Deliveries and messages that waited for an index can go now.
        gateway.signals.environment.notify_one();
        gateway.nudge_sender();
    }
    if !checkup.damaged.is_empty() && *told != checkup.damaged {
        told.clone_from(&checkup.damaged);
        let message = "The database is damaged. Undamaged parts still work; recover the rest.";
        let context = json!({"tables": checkup.damaged});
        entry(gateway, Priority::Error, message, context);
    }
}

fn tell_rebuilt(gateway: &Gateway, tables: &[String]) {
    let message = "Damaged indexes were rebuilt from their tables. Nothing is lost.";
    entry(gateway, Priority::Warn, message, json!({"tables": tables}));
}

fn tell_opening(gateway: &Gateway) {
    let opened = gateway.store.at_opening();
    if !opened.rebuilt.is_empty() {
        tell_rebuilt(gateway, &opened.rebuilt);
    }
    match opened.log_damaged {
        Some(true) => {
            let message = "The write-ahead log was damaged. A copy is kept beside the database; what could be read was recovered, the rest is lost.";
            entry(gateway, Priority::Error, message, Value::Null);
        }
        Some(false) => {
            let message = "The write-ahead log was damaged and has been repaired. A copy is kept beside the database; nothing is lost.";
            entry(gateway, Priority::Warn, message, Value::Null);
        }
        None => {}
    }
    if let Some(Recovered { lost, .. }) =
        gateway.recovered().filter(|_| opened.log_damaged.is_none())
    {
        let message =
            "The database was recovered after damage; the damaged file is kept beside it.";
        entry(
            gateway,
            Priority::Error,
            message,
            json!({"knownLostRows": lost}),
        );
    }
}

fn entry(gateway: &Gateway, priority: Priority, message: &str, context: Value) {
    gateway.store.tell(Notice {
        priority,
        module: Module::Gateway,
        message: message.into(),
        cause: context.to_string(),
        context,
    });
}
