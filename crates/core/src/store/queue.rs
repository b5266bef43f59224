//! The delivery queue: the waiting deliveries and the order in which they are found. The rows are
//! the jobs.
//!
//! A claim is not written: only the deliverer makes attempts, and it remembers those in flight. So
//! a crash leaves no claim to undo, and a claim costs no write.

use std::collections::HashSet;

use rusqlite::{Row, params};

use super::{MetaKey, Snapshot, StoreError, Transaction};
use crate::model::clock::UnixMillis;

/// A delivery to be queued; it is due at once.
pub(crate) struct NewDelivery<'a> {
    pub id: &'a str,
    pub webhook_key: i64,
    pub webhook_source: &'a str,
    pub webhook_id: &'a str,
    pub event: &'a str,
    pub body: &'a [u8],
    pub now: UnixMillis,
}

/// The head of one webhook's queue, as row numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WaitingOf {
    pub webhook_key: i64,
    /// Deliveries that wait for their first attempt, oldest first.
    pub first: Vec<i64>,
    /// Deliveries that wait for a retry and when they are due, the earliest first.
    pub retries: Vec<(i64, UnixMillis)>,
}

/// A delivery to be attempted.
pub(crate) struct Claimed {
    pub seq: i64,
    pub id: String,
    pub webhook_key: i64,
    pub webhook_id: String,
    pub event: String,
    pub body: Vec<u8>,
    /// The number of this attempt, from 1.
    pub attempt: u32,
    /// Attempts before the last replay; they do not count as retries.
    pub attempts_before_replay: u32,
    /// The webhook's current URL: a new URL also applies to queued deliveries.
    pub url: String,
}

impl Claimed {
    /// Returns a copy without the body.
    pub fn without_body(&self) -> Self {
        Self {
            id: self.id.clone(),
            webhook_id: self.webhook_id.clone(),
            event: self.event.clone(),
            body: Vec::new(),
            url: String::new(),
            ..*self
        }
    }
}

/// Selects a webhook's deliveries that wait for their first attempt, oldest first.
const FIRST: &str = "SELECT seq, 0 FROM deliveries INDEXED BY deliveries_first
    WHERE webhook_key = ? AND state = 'pending' AND attempts = 0 ORDER BY seq";
/// Selects a webhook's deliveries that wait for a retry, ordered by due time.
const RETRIES: &str = "SELECT seq, due_at FROM deliveries INDEXED BY deliveries_retry
    WHERE webhook_key = ? AND state = 'pending' AND attempts > 0 ORDER BY due_at, seq";

/// Selects all webhooks.
const KEYS: &str = "SELECT key FROM webhooks INDEXED BY webhooks_by_event";

/// Selects the webhooks of an event.
const KEYS_FOR: &str = "SELECT key FROM webhooks INDEXED BY webhooks_by_event WHERE event = ?";
/// Selects the names of all webhooks.
const NAMES: &str = "SELECT key, source, id FROM webhooks INDEXED BY sqlite_autoindex_webhooks_1";

/// Selects the deliveries queued after a given one.
const QUEUED_AFTER: &str = "SELECT seq, webhook_key FROM deliveries WHERE seq > ? ORDER BY seq";

impl Transaction<'_> {
    /// Returns the webhooks registered for an event: key, source and id. After damage, it reads indexes
    /// alone, so that a received message is kept. This serves the second run of a failed write: once a
    /// statement met a damaged page, SQLite refuses the rest of its transaction.
    pub fn webhooks_for(&self, event: &str) -> Result<Vec<(i64, String, String)>, StoreError> {
        if self.damage.webhooks_are_avoided() {
            return self.webhook_entries_for(event);
        }
        let read = self.webhook_rows_for(event);
        if matches!(read, Err(StoreError::Damaged)) {
            self.damage.avoid_webhooks();
        }
        read
    }

    fn webhook_entries_for(&self, event: &str) -> Result<Vec<(i64, String, String)>, StoreError> {
        let mut statement = self.connection.prepare_cached(KEYS_FOR)?;
        let keys = statement.query_map([event], |row| row.get(0))?;
        let keys = keys.collect::<Result<HashSet<i64>, _>>()?;
        let mut statement = self.connection.prepare_cached(NAMES)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let mut rows = rows.collect::<Result<Vec<(i64, _, _)>, _>>()?;
        rows.retain(|(key, ..)| keys.contains(key));
        rows.sort_unstable_by_key(|(key, ..)| *key);
        Ok(rows)
    }

    fn webhook_rows_for(&self, event: &str) -> Result<Vec<(i64, String, String)>, StoreError> {
        let sql = "SELECT key, source, id FROM webhooks WHERE event = ? ORDER BY key";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows =
            statement.query_map([event], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub fn enqueue(&self, delivery: &NewDelivery<'_>) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO deliveries (id, webhook_key, webhook_source, webhook_id, event, body,
                       due_at, created_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)";
        self.connection.prepare_cached(sql)?.execute(params![
            delivery.id,
            delivery.webhook_key,
            delivery.webhook_source,
            delivery.webhook_id,
            delivery.event,
            delivery.body,
            delivery.now.0,
        ])?;
        Ok(())
    }

    /// Removes the waiting deliveries of an event of which only the newest is worth sending.
    pub fn drop_waiting(&self, webhook_key: i64, event: &str) -> Result<(), StoreError> {
        for attempts in ["attempts = 0", "attempts > 0"] {
            let sql = format!(
                "DELETE FROM deliveries
                 WHERE webhook_key = ?1 AND state = 'pending' AND {attempts} AND event = ?2"
            );
            self.connection
                .prepare_cached(&sql)?
                .execute(params![webhook_key, event])?;
        }
        Ok(())
    }

    /// Adjusts the queue after the wall clock was set by so many milliseconds: moves the due time
    /// of every waiting retry that was scheduled before. Reads all waiting retries.
    pub fn move_retries(&self, jump: i64, now: UnixMillis) -> Result<(), StoreError> {
        // The attempt failed at the due time less the wait, which is up to a tenth longer than the
        // interval.
        let sql = match jump {
            0 => return Ok(()),
            1.. => {
                "UPDATE deliveries SET due_at = due_at + ?1
                 WHERE state = 'pending' AND attempts > 0 AND due_at > ?2 - ?1
                   AND due_at - (11000 << (attempts - forgiven - 1)) <= ?2 - ?1"
            }
            _ => {
                "UPDATE deliveries SET due_at = due_at + ?1
                 WHERE state = 'pending' AND attempts > 0
                   AND due_at - (10000 << (attempts - forgiven - 1)) > ?2"
            }
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute([jump, now.0])?;
        Ok(())
    }

    /// Adjusts the queue after the wall clock was set back: a retry that is due later than its own
    /// interval from now (10 s × 2^(attempts − forgiven − 1) plus a tenth) becomes due now. Reads
    /// all waiting retries.
    pub fn pull_in_overdue(&self, now: UnixMillis) -> Result<usize, StoreError> {
        let sql = "UPDATE deliveries SET due_at = ?1
                   WHERE state = 'pending' AND attempts > 0
                     AND due_at - ?1 > (11000 << (attempts - forgiven - 1))";
        Ok(self.connection.prepare_cached(sql)?.execute([now.0])?)
    }

    /// Cancels the deliveries of a webhook that are queued or in flight, and the dead ones, which
    /// can then not be replayed any more. Returns how many.
    pub(super) fn cancel_deliveries(
        &self,
        webhook_key: i64,
        now: UnixMillis,
    ) -> Result<usize, StoreError> {
        // One statement per partial index.
        let queued = [
            "webhook_key = ?1 AND state = 'pending' AND attempts = 0",
            "webhook_key = ?1 AND state = 'pending' AND attempts > 0",
            "webhook_key = ?1 AND state = 'dead'",
        ];
        let mut cancelled = 0;
        for rows in queued {
            let sql =
                format!("UPDATE deliveries SET state = 'cancelled', settled_at = ?2 WHERE {rows}");
            let mut statement = self.connection.prepare_cached(&sql)?;
            cancelled += statement.execute(params![webhook_key, now.0.max(1)])?;
        }
        Ok(cancelled)
    }
}

#[cfg(test)]
impl Transaction<'_> {
    /// Registers so many webhooks more and queues so many deliveries for every webhook.
    pub fn fill_queue(&self, webhooks: i64, each: i64) -> Result<(), StoreError> {
        let numbers = "WITH RECURSIVE numbers (n) AS
            (SELECT 1 WHERE ?1 > 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)";
        let sql = format!(
            "{numbers} INSERT INTO webhooks (source, id, url, event, created_at, updated_at)
             SELECT 'local', 'w' || n, 'http://example.com', 'sms:received', 0, 0 FROM numbers"
        );
        self.connection.execute(&sql, [webhooks])?;
        let sql = format!(
            "{numbers} INSERT INTO deliveries
                 (id, webhook_key, webhook_source, webhook_id, event, body, due_at, created_at)
             SELECT random(), key, 'local', id, event, x'7b7d', 0, 0 FROM numbers, webhooks"
        );
        self.connection.execute(&sql, [each])?;
        Ok(())
    }

    /// Settles an attempt as successful.
    pub fn settle_for_test(&self, seq: i64) -> Result<(), StoreError> {
        let sql = "UPDATE deliveries SET state = 'delivered', attempts = 1 WHERE seq = ?";
        self.connection.execute(sql, [seq])?;
        Ok(())
    }
}

impl Snapshot<'_> {
    /// Returns the first `depth` waiting deliveries of a webhook, without those that are `busy`.
    /// Cost: two index seeks, however many are queued.
    pub fn waiting_of(
        &self,
        webhook_key: i64,
        depth: usize,
        busy: &HashSet<i64>,
    ) -> Result<WaitingOf, StoreError> {
        let first = self.waiting(FIRST, webhook_key, depth, busy)?;
        Ok(WaitingOf {
            webhook_key,
            first: first.into_iter().map(|(seq, _)| seq).collect(),
            retries: self.waiting(RETRIES, webhook_key, depth, busy)?,
        })
    }

    /// Returns the numbers of all webhooks, from an index alone.
    pub fn webhook_keys(&self) -> Result<Vec<i64>, StoreError> {
        let mut statement = self.connection.prepare_cached(KEYS)?;
        let keys = statement.query_map([], |row| row.get(0))?;
        Ok(keys.collect::<Result<_, _>>()?)
    }

    /// Returns number and webhook of the deliveries queued after a given one, in order.
    pub fn queued_after(&self, seq: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let mut statement = self.connection.prepare_cached(QUEUED_AFTER)?;
        let rows = statement.query_map([seq], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the number of the delivery that was queued last, or 0 if there is none.
    pub fn last_queued(&self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(seq), 0) FROM deliveries";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Returns a counter that changes whenever existing deliveries become due again.
    pub fn requeues(&self) -> Result<i64, StoreError> {
        Ok(self.meta_number(MetaKey::Requeues)?.unwrap_or(0))
    }

    /// Returns numbers and due times; reads only the index.
    fn waiting(
        &self,
        sql: &str,
        webhook_key: i64,
        depth: usize,
        busy: &HashSet<i64>,
    ) -> Result<Vec<(i64, UnixMillis)>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([webhook_key])?;
        let mut waiting = Vec::new();
        while waiting.len() < depth
            && let Some(row) = rows.next()?
        {
            let seq = row.get(0)?;
            if !busy.contains(&seq) {
                waiting.push((seq, UnixMillis(row.get(1)?)));
            }
        }
        Ok(waiting)
    }

    /// Returns the data that an attempt of a delivery needs.
    pub fn claimed(&self, seq: i64) -> Result<Claimed, StoreError> {
        let sql = "SELECT seq, id, webhook_key, webhook_id, event, body, attempts + 1,
                       forgiven, (SELECT url FROM webhooks WHERE key = webhook_key)
                   FROM deliveries WHERE seq = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([seq], read_claimed)?)
    }
}

fn read_claimed(row: &Row<'_>) -> rusqlite::Result<Claimed> {
    Ok(Claimed {
        seq: row.get(0)?,
        id: row.get(1)?,
        webhook_key: row.get(2)?,
        webhook_id: row.get(3)?,
        event: row.get(4)?,
        body: row.get(5)?,
        attempt: row.get(6)?,
        attempts_before_replay: row.get(7)?,
        url: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;

    fn plan(snapshot: &Snapshot<'_>, sql: &str) -> Result<String, StoreError> {
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let mut statement = snapshot.connection.prepare(&explain)?;
        let values = vec![1; statement.parameter_count()];
        let rows = statement.query_map(rusqlite::params_from_iter(values), |row| {
            row.get::<_, String>("detail")
        })?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?.join("; "))
    }

    /// The plan is one seek without sorting and reads only the index, so a million queued rows cost
    /// the same as one.
    #[test]
    fn waiting_deliveries_are_found_by_one_index_seek() {
        let seek =
            |index| format!("SEARCH deliveries USING COVERING INDEX {index} (webhook_key=?)");
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
        let plan_of = |sql| store.read(|snapshot| plan(snapshot, sql)).unwrap();
        assert_eq!(plan_of(FIRST), seek("deliveries_first"));
        assert_eq!(plan_of(RETRIES), seek("deliveries_retry"));
        let new = "SEARCH deliveries USING INTEGER PRIMARY KEY (rowid>?)";
        assert_eq!(plan_of(QUEUED_AFTER), new);
        // Webhooks are found without their table.
        let scan = |index| format!("SCAN webhooks USING COVERING INDEX {index}");
        assert_eq!(plan_of(KEYS), scan("webhooks_by_event"));
        assert_eq!(plan_of(NAMES), scan("sqlite_autoindex_webhooks_1"));
        let seek = "SEARCH webhooks USING COVERING INDEX webhooks_by_event (event=?)";
        assert_eq!(plan_of(KEYS_FOR), seek);
    }
}
