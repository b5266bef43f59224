//! Unresolved problems: failing webhooks and dead deliveries.
//!
//! Cost: a count walks a partial index up to a limit, and a page is one seek. While all is well,
//! the indexes are empty, and a batch of attempts writes nothing here: one UPDATE per webhook finds
//! nothing to change.

use rusqlite::{OptionalExtension, params};

use super::deliveries::read_delivery;
use super::history::COLUMNS;
use super::{DeliveryRecord, Snapshot, Source, StoreError, Transaction};
use crate::model::clock::UnixMillis;

/// A place among the dead deliveries: when they died, and their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeadPlace {
    settled_at: i64,
    seq: i64,
}

impl DeadPlace {
    /// The place after the newest.
    pub const NEWEST: Self = Self {
        settled_at: i64::MAX,
        seq: i64::MAX,
    };
    /// The place before the oldest.
    pub const OLDEST: Self = Self {
        settled_at: i64::MIN,
        seq: i64::MIN,
    };

    /// Returns the place of a delivery.
    pub fn of(delivery: &DeliveryRecord) -> Self {
        Self {
            settled_at: delivery.settled_at.0,
            seq: delivery.seq,
        }
    }

    /// Parses the text that [`std::fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let (settled_at, seq) = text.split_once('.')?;
        Some(Self {
            settled_at: settled_at.parse().ok()?,
            seq: seq.parse().ok()?,
        })
    }
}

impl std::fmt::Display for DeadPlace {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.settled_at, self.seq)
    }
}

const COUNT_FAILING: &str = "SELECT count(*) FROM (SELECT 1 FROM webhooks
    INDEXED BY webhooks_failing WHERE failing_since > 0 LIMIT ?)";
const FAILING_SINCE: &str = "SELECT failing_since FROM webhooks WHERE source = ? AND id = ?";
const DEAD_PAGE: &str = "FROM deliveries INDEXED BY deliveries_settled
    WHERE state = 'dead' AND settled_at > 0 AND (settled_at, seq) < (?1, ?2)
    ORDER BY settled_at DESC, seq DESC LIMIT ?3";
const DEAD_NUMBERS: &str = "SELECT settled_at, seq FROM deliveries INDEXED BY deliveries_settled
    WHERE state = 'dead' AND settled_at > 0 AND (settled_at, seq) > (?1, ?2) AND settled_at <= ?3
    ORDER BY settled_at, seq LIMIT ?4";

impl Snapshot<'_> {
    /// Returns how many webhooks fail; counts up to `limit`.
    pub fn count_failing(&self, limit: u32) -> Result<u32, StoreError> {
        let mut statement = self.connection.prepare_cached(COUNT_FAILING)?;
        Ok(statement.query_row([limit], |row| row.get(0))?)
    }

    /// Returns when a webhook began to fail, or `None` if its latest attempt succeeded or there was
    /// none.
    pub fn failing_since(
        &self,
        source: Source,
        webhook_id: &str,
    ) -> Result<Option<UnixMillis>, StoreError> {
        let mut statement = self.connection.prepare_cached(FAILING_SINCE)?;
        let found = statement.query_row([source.as_str(), webhook_id], |row| row.get(0));
        let since: Option<i64> = found.optional()?;
        Ok(since.filter(|since| *since > 0).map(UnixMillis))
    }

    /// Returns the dead deliveries of all webhooks, latest first, at most `limit`.
    pub fn dead_page(
        &self,
        before: DeadPlace,
        limit: u32,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        let sql = format!("SELECT {COLUMNS} {DEAD_PAGE}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let parameters = params![before.settled_at, before.seq, limit];
        let rows = statement.query_map(parameters, read_delivery)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Returns the numbers of deliveries that died up to `until`, earliest first, and the place of
    /// the last of them.
    pub fn dead_numbers(
        &self,
        after: DeadPlace,
        until: UnixMillis,
        limit: u32,
    ) -> Result<(Vec<i64>, DeadPlace), StoreError> {
        let mut statement = self.connection.prepare_cached(DEAD_NUMBERS)?;
        let mut rows = statement.query(params![after.settled_at, after.seq, until.0, limit])?;
        let (mut numbers, mut last) = (Vec::new(), after);
        while let Some(row) = rows.next()? {
            let (settled_at, seq) = (row.get(0)?, row.get(1)?);
            last = DeadPlace { settled_at, seq };
            numbers.push(seq);
        }
        Ok((numbers, last))
    }
}

impl Transaction<'_> {
    /// Records how the latest attempt for a webhook ended.
    pub fn note_attempt(
        &self,
        webhook_key: i64,
        arrived: bool,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE webhooks SET failing_since = ?2
                   WHERE key = ?1 AND (failing_since > 0) <> (?2 > 0)";
        let since = if arrived { 0 } else { now.0.max(1) };
        self.connection
            .prepare_cached(sql)?
            .execute([webhook_key, since])?;
        Ok(())
    }

    /// Records that a test of the webhook succeeded.
    pub fn note_passed_test(&self, source: Source, webhook_id: &str) -> Result<(), StoreError> {
        let sql = "UPDATE webhooks SET failing_since = 0
                   WHERE source = ? AND id = ? AND failing_since > 0";
        self.connection
            .prepare_cached(sql)?
            .execute([source.as_str(), webhook_id])?;
        Ok(())
    }

    /// Discards these deliveries: they get no further attempt and do not count as dead. Returns how
    /// many.
    pub fn discard(&self, numbers: &[i64], now: UnixMillis) -> Result<usize, StoreError> {
        let sql = "UPDATE deliveries SET state = 'cancelled', settled_at = ?2
                   WHERE seq = ?1 AND state = 'dead'";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut discarded = 0;
        for seq in numbers {
            discarded += statement.execute(params![seq, now.0.max(1)])?;
        }
        Ok(discarded)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;

    #[test]
    fn troubles_are_found_by_a_seek_and_never_sorted() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
        let check = |sql: &str, expected: &str| {
            let plan = store.read(|snapshot| snapshot.plan(sql)).unwrap();
            assert!(plan.contains(expected), "{sql}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
        };
        check(
            COUNT_FAILING,
            "webhooks USING COVERING INDEX webhooks_failing",
        );
        check(FAILING_SINCE, "USING INDEX sqlite_autoindex_webhooks_1");
        check(
            &format!("SELECT {COLUMNS} {DEAD_PAGE}"),
            "SEARCH deliveries USING INDEX deliveries_settled (state=? AND settled_at",
        );
        check(
            DEAD_NUMBERS,
            "SEARCH deliveries USING COVERING INDEX deliveries_settled (state=? AND settled_at",
        );
    }

    #[test]
    fn dead_place_is_parsed_as_it_was_written() {
        for place in [DeadPlace::NEWEST, DeadPlace::OLDEST] {
            assert_eq!(DeadPlace::parse(&place.to_string()), Some(place));
        }
        for text in ["", "1", "1.", ".1", "a.b", "1.2.3"] {
            assert_eq!(DeadPlace::parse(text), None, "{text}");
        }
    }
}
