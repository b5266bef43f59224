//! The known damage of the database, shared by readers, writers and checks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use super::StoreError;

/// Whether the database is known to be damaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DamageState {
    /// Damage was found and not repaired.
    pub damaged: bool,
    /// A check found a table that is damaged itself.
    pub confirmed: bool,
    /// The log table itself cannot be written.
    pub no_log: bool,
}

/// Shared by all readers and writers.
#[derive(Clone, Debug, Default)]
pub(super) struct Damage {
    state: Arc<watch::Sender<DamageState>>,
    skip_logs: Arc<AtomicBool>,
    avoid_webhooks: Arc<AtomicBool>,
}

impl Damage {
    pub fn watch(&self) -> watch::Receiver<DamageState> {
        self.state.subscribe()
    }

    /// Records the damage if the error is one of damage.
    pub fn note(&self, error: &StoreError) {
        if matches!(error, StoreError::Damaged) {
            self.set(true);
        }
    }

    fn set(&self, damaged: bool) {
        self.state
            .send_if_modified(|state| std::mem::replace(&mut state.damaged, damaged) != damaged);
    }

    /// Records the result of a check.
    pub fn checked(&self, damaged: bool) {
        if !damaged {
            self.avoid_webhooks.store(false, Ordering::Relaxed);
        }
        self.state.send_if_modified(|state| {
            let before = *state;
            (state.damaged, state.confirmed) = (damaged, damaged);
            before != *state
        });
    }

    /// Records that log entries cannot be written, so that later writes leave theirs out.
    pub fn skip_logs(&self) {
        self.skip_logs.store(true, Ordering::Relaxed);
        self.state
            .send_if_modified(|state| !std::mem::replace(&mut state.no_log, true));
    }

    pub fn logs_are_skipped(&self) -> bool {
        self.skip_logs.load(Ordering::Relaxed)
    }

    /// The webhooks of an event cannot be read from their table, so that they are read from its
    /// indexes until a check finds all whole.
    pub fn avoid_webhooks(&self) {
        self.avoid_webhooks.store(true, Ordering::Relaxed);
        self.set(true);
    }

    pub fn webhooks_are_avoided(&self) -> bool {
        self.avoid_webhooks.load(Ordering::Relaxed)
    }
}
