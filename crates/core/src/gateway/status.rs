//! What a notification or a dashboard shows at a glance.
//!
//! Cost: nine seeks in indexes and the counting of at most three times [`COUNT_LIMIT`] index entries.

use super::Gateway;
use crate::model::clock::UnixMillis;
use crate::store::{COUNT_LIMIT, Recovered, Snapshot, StoreError};

/// The gateway at a glance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The loops run: what is due goes out.
    pub started: bool,
    /// Deliveries that wait or are in flight; [`COUNT_LIMIT`] stands for so many or more.
    pub pending: u32,
    /// Messages that wait to be sent; [`COUNT_LIMIT`] as above.
    pub waiting_messages: u32,
    /// Deliveries that were given up and are kept for replay; [`COUNT_LIMIT`] as above.
    pub dead: u32,
    /// A message waits to be sent whose time has come, as far as no pause or limit holds it back.
    pub unsent: bool,
    /// Whether writes reach the disk, as the last one told.
    pub writable: bool,
    /// Damage was met in the database and not mended.
    pub damaged: bool,
    /// A recovery of the database of which the owner has not said that he has seen it.
    pub recovered: Option<Recovered>,
    /// When the newest message came in; `None` if there is none.
    pub last_received_at: Option<UnixMillis>,
    /// When a webhook was delivered last, as far as that is still kept (7 days).
    pub last_delivered_at: Option<UnixMillis>,
    /// When a message was handed to the modem last.
    pub last_handed_at: Option<UnixMillis>,
}

impl Gateway {
    /// The gateway at a glance.
    pub fn status(&self) -> Result<Status, StoreError> {
        let now = self.clock.now();
        self.with_flags(self.store.read(|snapshot| glance(snapshot, now)))
    }

    /// The same without waiting on the runtime's workers.
    pub(crate) async fn status_soon(&self) -> Result<Status, StoreError> {
        let now = self.clock.now();
        let read = self.store.read_soon(move |snapshot| glance(snapshot, now));
        self.with_flags(read.await)
    }

    fn with_flags(&self, glance: Result<Status, StoreError>) -> Result<Status, StoreError> {
        let glance = match glance {
            // Whoever is to have it recovered must hear of the damage.
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
