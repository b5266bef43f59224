//! Damage of the database: looked for in the background, mended where that can be done, and told.
//!
//! A database that was too large to be read through at its opening is read once it is open. After that
//! the check runs when a statement met damage, and then at most once an hour, because it reads all.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::Gateway;
use crate::store::{Checkup, Depth, Module, Notice, Priority, Recovered, Stopper, StoreError};

const INTERVAL: Duration = Duration::from_secs(3_600);
/// The pause before a check that could not be made is tried again.
const PAUSE: Duration = Duration::from_secs(60);

impl Gateway {
    /// Whether damage was met in the database and not mended.
    pub fn is_damaged(&self) -> bool {
        self.store.damage().borrow().damaged
    }

    /// A table is damaged, which an opening that may recover mends.
    pub fn needs_recovery(&self) -> bool {
        self.store.damage().borrow().confirmed
    }

    /// A recovery of the database of which the owner has not said that he has seen it.
    pub fn recovered(&self) -> Option<Recovered> {
        let read = self.store.read(|snapshot| snapshot.recovered());
        read.unwrap_or(None)
    }

    /// The owner has seen that the database was recovered.
    pub(crate) async fn acknowledge_recovery(&self) -> Result<(), StoreError> {
        self.store
            .write(|transaction| transaction.acknowledge_recovery())
            .await
    }
}

/// Tells what opening found, and checks, until `stop` fires.
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

/// Checks off the runtime's workers; `None` if that failed or was broken off.
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

/// One entry for what was mended, and one for what was not.
fn tell(gateway: &Gateway, checkup: &Checkup, told: &mut Vec<String>) {
    if !checkup.rebuilt.is_empty() {
        tell_rebuilt(gateway, &checkup.rebuilt);
        // What waited for an index goes on.
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
