//! The phone's own message store, read so that what no broadcast told of is not lost: a reading
//! ([`reading`]) goes through its rows a page ([`page`]) at a time. What clients ask of the inbox
//! (refresh, export) is kept as jobs ([`jobs`]).

pub(crate) mod jobs;
mod page;
pub(crate) mod reading;

use std::sync::{Arc, Mutex};

use tokio::sync::{Notify, watch};

use crate::loops::panics::Panics;
use crate::model::clock::Clock;
use crate::model::device::Device;
use crate::settings::Settings;
use crate::store::{Store, StoreError};

pub use crate::model::phone_store::{PhoneInbox, PhoneInboxError, PhoneRow, RowPage};

/// Reads the phone's store and works off what was asked of the inbox.
pub(crate) struct PhoneInboxReader {
    pub store: Arc<Store>,
    pub clock: Arc<dyn Clock>,
    pub device: Arc<Device>,
    pub settings: watch::Receiver<Arc<Settings>>,
    /// `None` where there is no store to read.
    pub phone: Option<Arc<dyn PhoneInbox>>,
    pub panics: Arc<Panics>,
    /// Has the deliverer look at what was queued.
    pub notify_deliverer: Arc<dyn Fn() + Send + Sync>,
    /// Held for one reading: two would number the same rows.
    pub reading: Mutex<()>,
    pub signals: Signals,
}

/// How the loop is spoken to.
pub(crate) struct Signals {
    /// The phone's store changed.
    changed: Notify,
    /// A job was kept.
    asked: Notify,
    /// The last job that was done.
    done: watch::Sender<i64>,
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            changed: Notify::new(),
            asked: Notify::new(),
            done: watch::Sender::new(0),
        }
    }
}

/// What a reading of the phone's store came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Messages that the phone had and the gateway had not.
    pub found: u64,
    /// Messages that got their event late.
    pub told: u64,
}

/// Why a reading did not get to its end. What it did until then is kept.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The phone's store could not be read.
    #[error(transparent)]
    Phone(#[from] PhoneInboxError),
    /// Our own store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The gateway stops.
    #[error("the gateway stops")]
    Stopped,
}

/// Why a refresh or an export was not taken; nothing was kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InboxRequestError {
    /// The phone's store cannot be read.
    #[error(transparent)]
    Phone(#[from] PhoneInboxError),
    /// Our own store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
