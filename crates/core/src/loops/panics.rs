//! Panics of the gateway's own tasks. Each is caught and logged, and leaves a warning in health for
//! an hour.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use crate::model::clock::Clock;
use crate::store::{Module, Notice, Store};

/// Panics older than this are forgotten.
const LATELY: Duration = Duration::from_secs(3_600);

/// The panics of the last hour.
pub(crate) struct Panics {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    at: Mutex<Vec<Duration>>,
}

/// The most panics that are remembered.
const MOST: usize = 1_000;

impl Panics {
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            at: Mutex::default(),
        }
    }

    /// Records the panic of a task, which is started again.
    pub fn record(&self, task: &'static str, cause: &str) {
        let now = self.clock.monotonic();
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if at.len() >= MOST {
            at.remove(0);
        }
        at.push(now);
        drop(at);
        let message = "A task of the gateway crashed because of a bug and was restarted.";
        self.store.tell(Notice {
            context: json!({"task": task}),
            ..Notice::error(Module::Gateway, message, format!("{task}: {cause}"))
        });
    }

    /// Returns how many panics there were in the last hour.
    pub fn in_last_hour(&self) -> usize {
        let now = self.clock.monotonic();
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        at.retain(|at| now < *at + LATELY);
        at.len()
    }
}
