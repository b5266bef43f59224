//! Replay: a settled delivery becomes pending again, with the same id and the same body.
//!
//! Its earlier attempts stay on record but are *forgiven*: the numbers of later attempts go on from
//! them, but the retries start again in full. A replayed delivery is queued among the retries, so
//! that ten thousand of them do not delay new messages.
//!
//! A delivery that already waits for a retry is hastened instead: it becomes due, and nothing is
//! forgiven.

use rusqlite::{OptionalExtension, params};

use super::{DeliveryState, Snapshot, Source, StoreError, Transaction};
use crate::model::clock::UnixMillis;

/// The result of a request to replay a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// The delivery is due now.
    Queued,
    /// There is no such delivery.
    Unknown,
    /// Its webhook was deleted, so it has no receiver.
    NoWebhook,
}

impl Transaction<'_> {
    /// Makes a delivery due now. If it waits for a retry, it is tried at once; if it waits for its
    /// first attempt, it stays as it is.
    pub fn replay(&self, source: Source, id: &str, now: UnixMillis) -> Result<Replay, StoreError> {
        let sql = "SELECT seq, EXISTS (SELECT 1 FROM webhooks WHERE key = webhook_key)
                   FROM deliveries WHERE id = ? AND webhook_source = ?";
        let found: Option<(i64, bool)> = self
            .connection
            .prepare_cached(sql)?
            .query_row([id, source.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match found {
            None => Ok(Replay::Unknown),
            Some((_, false)) => Ok(Replay::NoWebhook),
            Some((seq, true)) => {
                self.requeue(seq, now)?;
                let sql = "UPDATE deliveries SET due_at = min(due_at, ?2)
                           WHERE seq = ?1 AND state = 'pending' AND attempts > 0";
                self.connection
                    .prepare_cached(sql)?
                    .execute(params![seq, now.0])?;
                Ok(Replay::Queued)
            }
        }
    }

    /// Makes these deliveries due now. Returns how many of them were settled and are pending again.
    pub fn replay_all(&self, numbers: &[i64], now: UnixMillis) -> Result<usize, StoreError> {
        let mut queued = 0;
        for seq in numbers {
            queued += self.requeue(*seq, now)?;
        }
        Ok(queued)
    }

    /// Makes those of the deliveries due now that wait for a later attempt. Returns how many did.
    pub fn hasten(&self, numbers: &[i64], now: UnixMillis) -> Result<usize, StoreError> {
        let sql = "UPDATE deliveries SET due_at = ?2
                   WHERE seq = ?1 AND state = 'pending' AND attempts > 0 AND due_at > ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut hastened = 0;
        for seq in numbers {
            hastened += statement.execute(params![seq, now.0])?;
        }
        Ok(hastened)
    }

    fn requeue(&self, seq: i64, now: UnixMillis) -> Result<usize, StoreError> {
        let sql = "UPDATE deliveries
                   SET state = 'pending', forgiven = attempts, due_at = ?2, settled_at = 0
                   WHERE seq = ?1 AND state IN ('dead', 'delivered')";
        Ok(self
            .connection
            .prepare_cached(sql)?
            .execute(params![seq, now.0])?)
    }
}

impl Snapshot<'_> {
    /// Returns the numbers of deliveries to replay, after `after`, queued at `since` or later, at
    /// most `limit`, oldest first.
    pub fn replayable(
        &self,
        webhook_key: i64,
        state: DeliveryState,
        since: UnixMillis,
        after: i64,
        limit: u32,
    ) -> Result<Vec<i64>, StoreError> {
        let index = match state {
            DeliveryState::Dead => "deliveries_dead WHERE state = 'dead'",
            _ => "deliveries_by_webhook WHERE state = 'delivered'",
        };
        let sql = format!(
            "SELECT seq FROM deliveries INDEXED BY {index} AND webhook_key = ?1 AND seq > ?2
                 AND created_at >= ?3 ORDER BY seq LIMIT ?4"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let parameters = params![webhook_key, after, since.0, limit];
        let rows = statement.query_map(parameters, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the numbers of all deliveries that wait for an attempt later than `now` and were
    /// queued at `since` or later, oldest first. Reads all of them at once, because a delivery that
    /// is attempted meanwhile and fails waits again, and would be found twice.
    pub fn waiting_later(
        &self,
        webhook_key: i64,
        since: UnixMillis,
        now: UnixMillis,
    ) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT seq FROM deliveries INDEXED BY deliveries_retry
                   WHERE webhook_key = ?1 AND state = 'pending' AND attempts > 0 AND due_at > ?2
                       AND created_at >= ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![webhook_key, now.0, since.0], |row| row.get(0))?;
        let mut numbers = rows.collect::<Result<Vec<i64>, _>>()?;
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Returns the number of a webhook, for [`Snapshot::replayable`].
    pub fn webhook_number(&self, source: Source, id: &str) -> Result<Option<i64>, StoreError> {
        self.webhook_key(source, id)
    }
}
