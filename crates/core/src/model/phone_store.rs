//! The interface to the phone's own message store, which the phone's SMS app fills.

use std::fmt;

use super::clock::UnixMillis;
use super::phone::PhoneNumber;

/// Reads the text messages in the phone inbox. Data messages never get there. The shell reports an
/// MMS with its content itself (`IncomingMmsContent`), under an idempotency key made from the
/// number in the phone's store, so that it is one message however often it is reported.
///
/// Called on threads that may block, never two calls at a time.
pub trait PhoneInbox: Send + Sync + fmt::Debug + 'static {
    /// Returns the rows of a page, by `received_at` and then by `id`.
    fn rows(&self, page: &RowPage) -> Result<Vec<PhoneRow>, PhoneInboxError>;
}

/// Selects a page of rows.
#[derive(Clone, Copy, Debug)]
pub struct RowPage {
    /// Only rows received at this time or later.
    pub since: UnixMillis,
    /// Only rows received at this time or earlier.
    pub until: UnixMillis,
    /// Only rows after this one, given by its `received_at` and `id`: the last row of the previous
    /// page.
    pub after: Option<(UnixMillis, i64)>,
    /// The size of a page.
    pub limit: usize,
}

/// A received text message in the phone inbox. `Debug` hides the personal fields.
#[derive(Clone)]
pub struct PhoneRow {
    /// The number in the phone's store (`_id`). It only orders pages; it does not identify a
    /// message, because a restore or a delete may give it to another one.
    pub id: i64,
    /// The sender; empty if unknown.
    pub sender: PhoneNumber,
    /// Its text.
    pub text: String,
    /// The service centre's time (`date_sent`); `None` if the phone has 0.
    pub sent_at: Option<UnixMillis>,
    /// When the phone received it, by its clock (`date`).
    pub received_at: UnixMillis,
    /// The receiving SIM slot, from 1, if known.
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

/// Why the phone inbox could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneInboxError {
    /// The owner has not granted the permission (`READ_SMS`).
    #[error("The phone does not let SimRelay read its messages; grant it the SMS permission.")]
    NotAllowed,
    /// Reading failed; a later call may succeed. The text is for the log.
    #[error("The phone's messages cannot be read now; try again later.")]
    Failed(String),
}
