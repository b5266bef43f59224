//! Deliveries: the result of an attempt, and the record of every attempt.

use rusqlite::{Row, params};

use super::{Snapshot, Source, StoreError, Transaction};
use crate::model::clock::UnixMillis;

/// The result of an attempt, as it is recorded.
#[derive(Clone, Debug)]
pub(crate) struct AttemptRow {
    pub number: u32,
    pub started_at: UnixMillis,
    pub duration_ms: i64,
    pub class: &'static str,
    /// The HTTP status; 0 if there was none.
    pub status: u16,
    /// One sentence for the user; empty on success.
    pub reason: String,
    /// The same as a fixed word; `about` names its subject.
    pub cause: &'static str,
    pub about: String,
    pub answer_head: String,
}

/// The next state of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Delivered,
    RetryAt(UnixMillis),
    Dead,
    /// The attempt does not count, because it could not have succeeded; the due time stays.
    NotCounted,
}

/// The outcome of an attempt, to be written.
#[derive(Clone, Debug)]
pub(crate) struct Settlement {
    pub seq: i64,
    pub verdict: Verdict,
    pub attempt: AttemptRow,
    /// If true, the delivery is removed once it is dead (`system:ping`).
    pub forget_dead: bool,
}

/// A stored delivery with its attempts.
#[derive(Clone)]
pub struct DeliveryRecord {
    pub(super) seq: i64,
    /// The id of the event in the body.
    pub id: String,
    /// The id of its webhook.
    pub webhook_id: String,
    /// The name of its event.
    pub event: String,
    /// `pending`, `delivered`, `dead` or `cancelled`.
    pub state: String,
    /// The number of attempts so far.
    pub attempts: u32,
    /// Attempts before the last replay; they do not count as retries.
    pub attempts_before_replay: u32,
    /// When the next attempt is due.
    pub due_at: UnixMillis,
    /// When the delivery was queued.
    pub created_at: UnixMillis,
    /// When it became delivered, dead or cancelled; 0 while pending.
    pub settled_at: UnixMillis,
    /// All attempts, oldest first.
    pub history: Vec<AttemptRecord>,
}

impl DeliveryRecord {
    /// Returns its row number.
    pub(crate) fn number(&self) -> i64 {
        self.seq
    }
}

/// A stored attempt.
#[derive(Clone, Debug)]
pub struct AttemptRecord {
    /// The number of the attempt, from 1.
    pub number: u32,
    /// When it began.
    pub started_at: UnixMillis,
    /// Its duration in milliseconds.
    pub duration_ms: i64,
    /// `Success` or the class of the failure.
    pub class: String,
    /// The HTTP status; 0 if there was none.
    pub status: u16,
    /// One sentence for the user; empty on success.
    pub reason: String,
    /// The same as a word that never changes; empty on success, and for attempts older than this
    /// column.
    pub cause: String,
    /// The subject of the cause: a host or an authority; may be empty.
    pub about: String,
    /// The beginning of the receiver's response.
    pub answer_head: String,
}

/// Selects all attempts of a delivery, oldest first.
pub(super) const ATTEMPTS: &str =
    "SELECT number, started_at, duration, class, status, reason, cause,
    about, answer_head FROM attempts WHERE delivery_seq = ? ORDER BY number";

impl Transaction<'_> {
    /// Writes the outcome of an attempt. Returns false if the delivery was cancelled meanwhile.
    pub fn settle(&self, settlement: &Settlement, now: UnixMillis) -> Result<bool, StoreError> {
        if settlement.verdict == Verdict::NotCounted {
            return Ok(true);
        }
        if !self.end(settlement, now)? {
            return Ok(false);
        }
        if settlement.verdict == Verdict::Delivered {
            self.acknowledge(settlement.seq)?;
        }
        if settlement.verdict == Verdict::Dead && settlement.forget_dead {
            let sql = "DELETE FROM deliveries WHERE seq = ?";
            self.connection
                .prepare_cached(sql)?
                .execute([settlement.seq])?;
        } else {
            self.insert_attempt(settlement.seq, &settlement.attempt)?;
        }
        Ok(true)
    }

    /// Like `settle`, without a record of the attempt.
    pub fn end(&self, settlement: &Settlement, now: UnixMillis) -> Result<bool, StoreError> {
        let (state, due_at) = match settlement.verdict {
            Verdict::Delivered => ("delivered", None),
            Verdict::RetryAt(at) => ("pending", Some(at)),
            Verdict::Dead => ("dead", None),
            Verdict::NotCounted => return Ok(true),
        };
        let over = state != "pending";
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE deliveries SET state = ?2, attempts = ?3, due_at = coalesce(?4, due_at),
                     settled_at = ?5
                 WHERE seq = ?1 AND state = 'pending'",
            )?
            .execute(params![
                settlement.seq,
                state,
                settlement.attempt.number,
                due_at.map(|at| at.0),
                if over { now.0.max(1) } else { 0 },
            ])?;
        Ok(changed > 0)
    }

    fn insert_attempt(&self, seq: i64, attempt: &AttemptRow) -> Result<(), StoreError> {
        let sql =
            "INSERT OR REPLACE INTO attempts (delivery_seq, number, started_at, duration, class,
                       status, reason, cause, about, answer_head)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.connection.prepare_cached(sql)?.execute(params![
            seq,
            attempt.number,
            attempt.started_at.0,
            attempt.duration_ms,
            attempt.class,
            attempt.status,
            attempt.reason,
            attempt.cause,
            attempt.about,
            attempt.answer_head,
        ])?;
        Ok(())
    }
}

impl Snapshot<'_> {
    /// Returns the deliveries of a webhook, newest first, at most `limit`.
    pub fn deliveries_of(
        &self,
        source: Source,
        webhook_id: &str,
        limit: u32,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        let sql =
            "SELECT seq, id, webhook_id, event, state, attempts, due_at, created_at, settled_at,
                       forgiven
                   FROM deliveries
                   WHERE webhook_key = (SELECT key FROM webhooks WHERE source = ? AND id = ?)
                   ORDER BY seq DESC LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows =
            statement.query_map(params![source.as_str(), webhook_id, limit], read_delivery)?;
        let mut deliveries = rows.collect::<Result<Vec<_>, _>>()?;
        for delivery in &mut deliveries {
            delivery.history = self.attempts(delivery.seq)?;
        }
        Ok(deliveries)
    }

    pub(super) fn attempts(&self, delivery_seq: i64) -> Result<Vec<AttemptRecord>, StoreError> {
        let mut statement = self.connection.prepare_cached(ATTEMPTS)?;
        let rows = statement.query_map([delivery_seq], read_attempt)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

pub(super) fn read_attempt(row: &Row<'_>) -> rusqlite::Result<AttemptRecord> {
    Ok(AttemptRecord {
        number: row.get(0)?,
        started_at: UnixMillis(row.get(1)?),
        duration_ms: row.get(2)?,
        class: row.get(3)?,
        status: row.get(4)?,
        reason: row.get(5)?,
        cause: row.get(6)?,
        about: row.get(7)?,
        answer_head: row.get(8)?,
    })
}

pub(super) fn read_delivery(row: &Row<'_>) -> rusqlite::Result<DeliveryRecord> {
    Ok(DeliveryRecord {
        seq: row.get(0)?,
        id: row.get(1)?,
        webhook_id: row.get(2)?,
        event: row.get(3)?,
        state: row.get(4)?,
        attempts: row.get(5)?,
        due_at: UnixMillis(row.get(6)?),
        created_at: UnixMillis(row.get(7)?),
        settled_at: UnixMillis(row.get(8)?),
        attempts_before_replay: row.get(9)?,
        history: Vec::new(),
    })
}
