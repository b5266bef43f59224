//! The overview: how many deliveries wait, when the last ones happened, and the health of each
//! webhook.
//!
//! Cost: index seeks, and partial indexes counted up to a limit. The cost does not grow with the
//! stored data.

use rusqlite::{OptionalExtension, params};

use super::{Snapshot, Source, StoreError};
use crate::model::clock::UnixMillis;

/// Counting stops here, so that a million queued rows cost no more than this many.
pub const COUNT_LIMIT: u32 = 1_000;

/// How the latest attempt for a webhook ended.
#[derive(Clone, Debug)]
pub struct LastAttempt {
    /// When it began.
    pub at: UnixMillis,
    /// The HTTP status; 0 if there was none.
    pub status: u16,
    /// One sentence; empty on success.
    pub reason: String,
    /// The same as a fixed word, as in the record of an attempt.
    pub cause: String,
    /// The subject of the cause, as in the record of an attempt.
    pub about: String,
}

/// The health of a webhook.
#[derive(Clone, Debug)]
pub struct WebhookHealth {
    /// Deliveries that wait for their first attempt; at most [`COUNT_LIMIT`].
    pub waiting: u32,
    /// Failed deliveries that wait for a retry; at most [`COUNT_LIMIT`].
    pub retrying: u32,
    /// Dead deliveries; at most [`COUNT_LIMIT`].
    pub dead: u32,
    /// When it began to fail; `None` if its latest attempt, or a later test, succeeded.
    pub failing_since: Option<UnixMillis>,
    /// The latest attempt, if one of the newest deliveries had any.
    pub last: Option<LastAttempt>,
}

/// The health of a webhook, as a list shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Its latest attempt failed.
    Failing,
    /// Its latest attempt, or a later test, succeeded.
    Working,
    /// Its deliveries have had no attempt yet.
    Waiting,
    /// It has had no delivery yet.
    Unused,
}

/// Counts the pending deliveries up to a limit, by two partial indexes.
const COUNT_PENDING: &str = "SELECT count(*) FROM (
        SELECT 1 FROM deliveries INDEXED BY deliveries_first
            WHERE state = 'pending' AND attempts = 0
        UNION ALL
        SELECT 1 FROM deliveries INDEXED BY deliveries_retry
            WHERE state = 'pending' AND attempts > 0
        LIMIT ?)";
const COUNT_DEAD: &str = "SELECT count(*) FROM (SELECT 1 FROM deliveries
        INDEXED BY deliveries_settled WHERE state = 'dead' AND settled_at > 0 LIMIT ?)";
const LAST_DELIVERED: &str = "SELECT settled_at FROM deliveries
    INDEXED BY deliveries_settled WHERE state = 'delivered' AND settled_at > 0
    ORDER BY settled_at DESC LIMIT 1";

const WAITING_MESSAGES: &str = "SELECT count(*) FROM (
        SELECT 1 FROM messages INDEXED BY messages_ready WHERE waits = 'ready'
        UNION ALL
        SELECT 1 FROM messages INDEXED BY messages_scheduled WHERE waits = 'scheduled'
        LIMIT ?)";

/// Selects the oldest delivery without an attempt; all deliveries before it have had one.
const FIRST_WAITING: &str = "SELECT seq FROM deliveries INDEXED BY deliveries_first
    WHERE webhook_key = ? AND state = 'pending' AND attempts = 0 ORDER BY seq LIMIT 1";
const NEWEST_TRIED: &str = "SELECT seq FROM deliveries INDEXED BY deliveries_by_webhook
    WHERE webhook_key = ? AND seq < ? ORDER BY seq DESC LIMIT 50";
const LATEST_RETRIES: &str = "SELECT seq FROM deliveries INDEXED BY deliveries_retry
    WHERE webhook_key = ? AND state = 'pending' AND attempts > 0 ORDER BY due_at DESC LIMIT 10";
const LAST_ATTEMPT: &str = "SELECT started_at, status, reason, cause, about FROM attempts
    WHERE delivery_seq = ? ORDER BY number DESC LIMIT 1";

const WAITING: &str = "SELECT 1 FROM deliveries INDEXED BY deliveries_first
    WHERE webhook_key = ?1 AND state = 'pending' AND attempts = 0 LIMIT ?2";
const RETRYING: &str = "SELECT 1 FROM deliveries INDEXED BY deliveries_retry
    WHERE webhook_key = ?1 AND state = 'pending' AND attempts > 0 LIMIT ?2";
const DEAD: &str = "SELECT 1 FROM deliveries INDEXED BY deliveries_dead
    WHERE webhook_key = ?1 AND state = 'dead' LIMIT ?2";

impl Snapshot<'_> {
    /// Returns how many deliveries wait or are in flight; counts up to `limit`.
    pub fn count_pending(&self, limit: u32) -> Result<u32, StoreError> {
        let mut statement = self.connection.prepare_cached(COUNT_PENDING)?;
        Ok(statement.query_row([limit], |row| row.get(0))?)
    }

    /// Returns how many dead deliveries are stored; counts up to `limit`.
    pub fn count_dead(&self, limit: u32) -> Result<u32, StoreError> {
        let mut statement = self.connection.prepare_cached(COUNT_DEAD)?;
        Ok(statement.query_row([limit], |row| row.get(0))?)
    }

    /// Returns when the last stored delivery succeeded.
    pub fn last_delivered(&self) -> Result<Option<UnixMillis>, StoreError> {
        let mut statement = self.connection.prepare_cached(LAST_DELIVERED)?;
        let at: Option<i64> = statement.query_row([], |row| row.get(0)).optional()?;
        Ok(at.map(UnixMillis))
    }

    /// Returns how many messages wait to be sent, either queued or scheduled; counts up to `limit`.
    pub fn count_waiting_messages(&self, limit: u32) -> Result<u32, StoreError> {
        let mut statement = self.connection.prepare_cached(WAITING_MESSAGES)?;
        Ok(statement.query_row([limit], |row| row.get(0))?)
    }

    /// Returns the health of a webhook, or `None` if there is no such webhook.
    pub fn webhook_health(
        &self,
        source: Source,
        webhook_id: &str,
    ) -> Result<Option<WebhookHealth>, StoreError> {
        let Some(key) = self.webhook_key(source, webhook_id)? else {
            return Ok(None);
        };
        Ok(Some(WebhookHealth {
            waiting: self.count(WAITING, key)?,
            retrying: self.count(RETRYING, key)?,
            dead: self.count(DEAD, key)?,
            failing_since: self.failing_since(source, webhook_id)?,
            last: self.last_attempt(key)?,
        }))
    }

    fn count(&self, rows: &str, key: i64) -> Result<u32, StoreError> {
        let sql = format!("SELECT count(*) FROM ({rows})");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row(params![key, COUNT_LIMIT], |row| row.get(0))?)
    }

    /// Returns the health of a webhook as a list shows it. Cost: a few seeks.
    pub(crate) fn webhook_doing(
        &self,
        source: Source,
        webhook_id: &str,
    ) -> Result<Doing, StoreError> {
        let Some(key) = self.webhook_key(source, webhook_id)? else {
            return Ok(Doing::Unused);
        };
        if self.failing_since(source, webhook_id)?.is_some() {
            return Ok(Doing::Failing);
        }
        Ok(match self.last_attempt(key)? {
            Some(_) => Doing::Working,
            None if self.count(WAITING, key)? > 0 => Doing::Waiting,
            None => Doing::Unused,
        })
    }

    /// Searches the newest deliveries that had an attempt and the latest retries: at most 60 seeks.
    fn last_attempt(&self, key: i64) -> Result<Option<LastAttempt>, StoreError> {
        let mut first = self.connection.prepare_cached(FIRST_WAITING)?;
        let first: Option<i64> = first.query_row([key], |row| row.get(0)).optional()?;
        let mut tried = self.connection.prepare_cached(NEWEST_TRIED)?;
        let mut retries = self.connection.prepare_cached(LATEST_RETRIES)?;
        let before = first.unwrap_or(i64::MAX);
        let tried = tried.query_map([key, before], |row| row.get::<_, i64>(0))?;
        let retries = retries.query_map([key], |row| row.get::<_, i64>(0))?;
        let mut statement = self.connection.prepare_cached(LAST_ATTEMPT)?;
        let mut last: Option<LastAttempt> = None;
        for seq in tried.chain(retries) {
            let found = statement.query_row([seq?], |row| {
                Ok(LastAttempt {
                    at: UnixMillis(row.get(0)?),
                    status: row.get(1)?,
                    reason: row.get(2)?,
                    cause: row.get(3)?,
                    about: row.get(4)?,
                })
            });
            if let Some(found) = found.optional()?
                && last.as_ref().is_none_or(|last| last.at < found.at)
            {
                last = Some(found);
            }
        }
        Ok(last)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::super::sessions::HAS_SESSION;
    use super::*;

    /// Every count walks an index up to a limit and every "latest" is a seek, so a million rows
    /// cost the same as one.
    #[test]
    fn glance_reads_index_entries_and_never_sorts() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
        let plan = |sql: &str| store.read(|snapshot| snapshot.plan(sql)).unwrap();
        for (sql, seek) in [
            (
                WAITING,
                "deliveries USING COVERING INDEX deliveries_first (webhook_key=?)",
            ),
            (
                RETRYING,
                "deliveries USING COVERING INDEX deliveries_retry (webhook_key=?)",
            ),
            (
                DEAD,
                "deliveries USING COVERING INDEX deliveries_dead (webhook_key=?)",
            ),
            (
                FIRST_WAITING,
                "deliveries USING COVERING INDEX deliveries_first (webhook_key=?)",
            ),
            (
                NEWEST_TRIED,
                "deliveries USING COVERING INDEX deliveries_by_webhook (webhook_key=? AND seq<?)",
            ),
            (
                LATEST_RETRIES,
                "deliveries USING COVERING INDEX deliveries_retry (webhook_key=?)",
            ),
            (LAST_ATTEMPT, "attempts USING PRIMARY KEY (delivery_seq=?)"),
            (
                LAST_DELIVERED,
                "deliveries USING COVERING INDEX deliveries_settled (state=? AND settled_at>?)",
            ),
            (HAS_SESSION, "sessions USING PRIMARY KEY (token_hash=?)"),
        ] {
            assert_eq!(plan(sql), format!("SEARCH {seek}"), "{sql}");
        }
        for sql in [COUNT_PENDING, COUNT_DEAD, WAITING_MESSAGES] {
            let plan = plan(sql);
            assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
            let tables = |step: &&str| step.contains(" deliveries") || step.contains(" messages");
            for step in plan.split("; ").filter(tables) {
                assert!(step.contains("USING COVERING INDEX"), "{sql}: {plan}");
            }
        }
    }
}
