//! What is known of damage, for those who answer and for those who check.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use super::StoreError;

/// Whether damage was met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DamageState {
    /// It was met and not mended.
    pub damaged: bool,
    /// A check found a table that is damaged itself.
    pub confirmed: bool,
    /// The log of entries itself cannot be written.
    pub no_log: bool,
}

/// Shared by all that read and write.
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

    /// Takes note of an error that tells of damage.
    pub fn note(&self, error: &StoreError) {
        if matches!(error, StoreError::Damaged) {
            self.set(true);
        }
    }

    fn set(&self, damaged: bool) {
        self.state
            .send_if_modified(|state| std::mem::replace(&mut state.damaged, damaged) != damaged);
    }

    /// What a check came to.
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

    /// A log entry cannot be written, so that the writes they belong to go on without them.
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
