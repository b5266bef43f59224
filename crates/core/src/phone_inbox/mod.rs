//! The phone inbox, read so that messages without a broadcast are not lost: a reading ([`reading`])
//! goes through its rows a page ([`page`]) at a time. The clients' requests to the inbox (refresh,
//! export) are kept as jobs ([`jobs`]).

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

/// Reads the phone inbox and works on the jobs of the inbox.
pub(crate) struct PhoneInboxReader {
    pub store: Arc<Store>,
    pub clock: Arc<dyn Clock>,
    pub device: Arc<Device>,
    pub settings: watch::Receiver<Arc<Settings>>,
    /// `None` if there is no phone inbox to read.
    pub phone: Option<Arc<dyn PhoneInbox>>,
    pub panics: Arc<Panics>,
    /// Notifies the deliverer of queued deliveries.
    pub notify_deliverer: Arc<dyn Fn() + Send + Sync>,
    /// Locked during a reading, because two readings would number the same rows.
    pub reading: Mutex<()>,
    pub signals: Signals,
}

/// The signals to the loop and from it.
pub(crate) struct Signals {
    /// Notifies that the phone inbox changed.
    changed: Notify,
    /// Notifies that a job was stored.
    asked: Notify,
    /// The number of the last job that was done.
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

/// The result of a reading of the phone inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Messages that the phone had and the gateway did not.
    pub found: u64,
    /// Messages that got their event late.
    pub told: u64,
}

/// Why a reading ended early. Its work until then is kept.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The phone inbox could not be read.
    #[error(transparent)]
    Phone(#[from] PhoneInboxError),
    /// Our own store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The gateway is stopping.
    #[error("the gateway stops")]
    Stopped,
}

/// Why a refresh or an export was refused; nothing was stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InboxRequestError {
    /// The phone inbox cannot be read.
    #[error(transparent)]
    Phone(#[from] PhoneInboxError),
    /// Our own store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
