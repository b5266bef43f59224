//! The attempts in flight, for a page or an answer that shows them.
//!
//! Cost: one access to a small map at the start and at the end of an attempt.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::clock::UnixMillis;

/// An attempt that started and has not ended.
#[derive(Clone, Debug)]
pub(crate) struct Sending {
    pub webhook_id: String,
    pub since: UnixMillis,
}

/// The attempts in flight, by the number of their delivery.
#[derive(Debug, Default)]
pub(crate) struct InFlight(Mutex<HashMap<i64, Sending>>);

impl InFlight {
    /// Records the start of an attempt. The record lasts until the returned value is dropped, even
    /// if the attempt panics or is given up.
    pub fn begin(self: &Arc<Self>, delivery: i64, sending: Sending) -> Flight {
        self.all().insert(delivery, sending);
        Flight {
            delivery,
            all: Arc::clone(self),
        }
    }

    /// Returns the attempts in flight: at most as many as the deliverer has slots.
    pub fn now(&self) -> HashMap<i64, Sending> {
        self.all().clone()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<i64, Sending>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attempt in flight.
pub(crate) struct Flight {
    delivery: i64,
    all: Arc<InFlight>,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.all.all().remove(&self.delivery);
    }
}
