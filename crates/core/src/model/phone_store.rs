//! The phone's own message store, as a side effect: what the SMS app of the phone has kept.

use std::fmt;

use super::clock::UnixMillis;
use super::phone::PhoneNumber;

/// Reads the text messages that the phone's own store holds in its inbox. Data messages never get
/// there, and an MMS is told by the shell with its content (`IncomingMmsContent`), under a delivery
/// key made of the store's own number, which makes it one message however often it is told.
///
/// Called on threads that may block, never two calls at a time.
pub trait PhoneInbox: Send + Sync + fmt::Debug + 'static {
    /// The rows of a page, by `received_at` and then by `id`.
    fn rows(&self, page: &RowPage) -> Result<Vec<PhoneRow>, PhoneInboxError>;
}

/// Which rows are wanted.
#[derive(Clone, Copy, Debug)]
pub struct RowPage {
    /// Received not before.
    pub since: UnixMillis,
    /// Received not after.
    pub until: UnixMillis,
    /// Only behind this row, named by its `received_at` and `id`: the last one of the page before.
    pub after: Option<(UnixMillis, i64)>,
    /// At most so many.
    pub limit: usize,
}

/// A received text message in the phone's own store. `Debug` hides what is personal.
#[derive(Clone)]
pub struct PhoneRow {
    /// The store's own number (`_id`). It only orders pages: a restore or a delete may give it to
    /// another message, so it identifies nothing.
    pub id: i64,
    /// Who sent it; empty if unknown.
    pub sender: PhoneNumber,
    /// Its text.
    pub text: String,
    /// The service centre's time (`date_sent`); `None` where the phone has 0.
    pub sent_at: Option<UnixMillis>,
    /// When the phone received it, by its clock (`date`).
    pub received_at: UnixMillis,
    /// The receiving SIM, 1-based, if known.
    pub sim_number: Option<u32>,
}

impl fmt::Debug for PhoneRow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PhoneRow")
            .field("id", &self.id)
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}

/// Why the phone's store could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneInboxError {
    /// The owner has not granted it (`READ_SMS`).
    #[error("The phone does not let SimRelay read its messages; grant it the SMS permission.")]
    NotAllowed,
    /// It failed; a later call may succeed. The text is for the log.
    #[error("The phone's messages cannot be read now; try again later.")]
    Failed(String),
}
