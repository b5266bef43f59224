//! The state of the gateway for a notification or a dashboard.
//!
//! Cost: nine seeks in indexes, and a count of at most three times [`COUNT_LIMIT`] index entries.

use super::Gateway;
use crate::model::clock::UnixMillis;
use crate::store::{COUNT_LIMIT, Recovered, Snapshot, StoreError};

/// The state of the gateway at a glance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether the loops run, so that due deliveries and messages go out.
    pub started: bool,
    /// Deliveries that are pending or in flight; [`COUNT_LIMIT`] means so many or more.
    pub pending: u32,
    /// Messages that wait to be sent; [`COUNT_LIMIT`] as above.
    pub waiting_messages: u32,
    /// Dead deliveries that are kept for replay; [`COUNT_LIMIT`] as above.
    pub dead: u32,
    /// Whether a message waits to be sent and its time has come, apart from pauses and limits.
    pub unsent: bool,
    /// Whether writes reach the disk, judged by the last one.
    pub writable: bool,
    /// Whether damage was met in the database and not repaired.
    pub damaged: bool,
    /// A recovery of the database that the owner has not acknowledged.
    pub recovered: Option<Recovered>,
    /// When the newest message came in; `None` if there is none.
    pub last_received_at: Option<UnixMillis>,
    /// When a webhook was delivered last, if the delivery is still kept (7 days).
    pub last_delivered_at: Option<UnixMillis>,
    /// When a message was last handed to the modem.
    pub last_handed_at: Option<UnixMillis>,
}

impl Gateway {
    /// Returns the state of the gateway.
    pub fn status(&self) -> Result<Status, StoreError> {
        let now = self.clock.now();
        self.with_flags(self.store.read(|snapshot| glance(snapshot, now)))
    }

    /// Returns the same without blocking the runtime's workers.
    pub(crate) async fn status_soon(&self) -> Result<Status, StoreError> {
        let now = self.clock.now();
        let read = self.store.read_soon(move |snapshot| glance(snapshot, now));
        self.with_flags(read.await)
    }

    fn with_flags(&self, glance: Result<Status, StoreError>) -> Result<Status, StoreError> {
        let glance = match glance {
            // The person who can start a recovery must see the damage.
            Err(StoreError::Damaged) => Status::default(),
            glance => glance?,
        };
        Ok(Status {
            started: self.is_started(),
            writable: self.store.is_writable(),
            damaged: self.is_damaged(),
            ..glance
        })
    }
}

fn glance(snapshot: &Snapshot<'_>, now: UnixMillis) -> Result<Status, StoreError> {
    Ok(Status {
        recovered: snapshot.recovered()?,
        pending: snapshot.count_pending(COUNT_LIMIT)?,
        dead: snapshot.count_dead(COUNT_LIMIT)?,
        unsent: snapshot.has_unsent(now)?,
        last_received_at: snapshot.last_received()?,
        last_delivered_at: snapshot.last_delivered()?,
        waiting_messages: snapshot.count_waiting_messages(COUNT_LIMIT)?,
        last_handed_at: snapshot.last_handed(now)?,
        ..Status::default()
    })
}
