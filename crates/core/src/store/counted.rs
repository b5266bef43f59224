//! Lists that know their total and can skip any number of rows without reading them.
//!
//! An index orders each list by time and row number. A *block* stores the number of rows of each
//! class (kind, state) between two places of that order, at first [`BLOCK`] rows in all. The rows
//! after the last block are the tail; it is counted by reading it, so that a new row changes no
//! block. When the tail is long enough, it becomes a block. Triggers update the blocks when rows
//! inside them are inserted, deleted or change their class.
//!
//! Cost of a page: a pass over the blocks (one per thousand rows) and the index entries of at most
//! three blocks; for a rare class, the entries of one block per row found. Cost of a new row: one
//! seek, and one page write per thousand rows.

use rusqlite::{OptionalExtension, params};

use super::{Snapshot, StoreError, Transaction};
use crate::model::clock::UnixMillis;

/// The number of rows in a new block.
const BLOCK: usize = 1_024;
/// A larger block is split.
const CROWDED: i64 = 4 * BLOCK as i64;
/// The tail is checked once per this many new rows.
const LOOK: i64 = 256;

/// A table that has such a list.
pub(super) struct Counted {
    table: &'static str,
    time: &'static str,
    class: &'static str,
    blocks: &'static str,
    by_time: &'static str,
    /// A separate index by class, time and number that covers all classes but one.
    rare: Option<(&'static str, &'static str)>,
}

pub(super) const INBOX: Counted = Counted {
    table: "inbox",
    time: "received_at",
    class: "kind",
    blocks: "inbox_blocks",
    by_time: "inbox_by_time",
    rare: Some(("inbox_rare", "SMS")),
};

pub(super) const MESSAGES: Counted = Counted {
    table: "messages",
    time: "created_at",
    class: "state",
    blocks: "message_blocks",
    by_time: "messages_by_time",
    rare: None,
};

/// Selects one page of a list.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub class: Option<&'a str>,
    pub from: UnixMillis,
    pub to: UnixMillis,
    pub offset: u64,
    pub limit: u32,
    pub oldest_first: bool,
}

/// A place in a list: time and row number.
type Key = (i64, i64);

/// The rows after one place, up to and including another.
struct Segment {
    after: Key,
    last: Key,
    entries: i64,
}

impl Counted {
    /// Returns a query for the rows between two places, of one class or of all. It is a union of
    /// three selects, because SQLite seeks by row number only if the time is fixed. So rows that
    /// share one time are never scanned past.
    fn rows(&self, columns: &str, class: Option<&str>) -> String {
        let (table, time) = (self.table, self.time);
        let from = match (class, self.rare) {
            (Some(class), Some((index, frequent))) if class != frequent => {
                let rare = format!("{0} <> '{frequent}' AND {0} = ?5", self.class);
                format!("{table} INDEXED BY {index} WHERE {rare}")
            }
            (Some(_), _) => {
                let (index, class) = (self.by_time, self.class);
                format!("{table} INDEXED BY {index} WHERE +{class} = ?5")
            }
            (None, _) => format!("{table} INDEXED BY {} WHERE true", self.by_time),
        };
        format!(
            "SELECT {columns} FROM {from} AND {time} = ?1 AND seq > ?2 AND (?1 < ?3 OR seq <= ?4)
             UNION ALL
             SELECT {columns} FROM {from} AND {time} > ?1 AND {time} < ?3
             UNION ALL
             SELECT {columns} FROM {from} AND {time} = ?3 AND seq <= ?4 AND ?1 < ?3"
        )
    }
}

impl Snapshot<'_> {
    /// Returns the row numbers of a page in order, and the total over all pages.
    pub(super) fn part(
        &self,
        list: &Counted,
        part: Part<'_>,
    ) -> Result<(Vec<i64>, i64), StoreError> {
        let mut segments = self.segments(list, &part)?;
        let total = segments.iter().map(|segment| segment.entries).sum();
        if !part.oldest_first {
            segments.reverse();
        }
        let order = if part.oldest_first { "ASC" } else { "DESC" };
        let rows = list.rows(&format!("seq, {} AS at", list.time), part.class);
        let sql = format!("{rows} ORDER BY at {order}, seq {order} LIMIT ?6 OFFSET ?7");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut skipped = i64::try_from(part.offset).unwrap_or(i64::MAX);
        let mut left = i64::from(part.limit);
        let mut numbers = Vec::new();
        for segment in segments {
            if left == 0 {
                break;
            }
            if segment.entries <= skipped {
                skipped -= segment.entries;
                continue;
            }
            let (after, last) = (segment.after, segment.last);
            let parameters = params![after.0, after.1, last.0, last.1, part.class, left, skipped];
            let rows = statement.query_map(parameters, |row| row.get::<_, i64>(0))?;
            for number in rows {
                numbers.push(number?);
                left -= 1;
            }
            skipped = 0;
        }
        Ok((numbers, total))
    }

    /// Returns the segments of the list, oldest first, each with its count of the class.
    fn segments(&self, list: &Counted, part: &Part<'_>) -> Result<Vec<Segment>, StoreError> {
        let end = (part.to.0, i64::MAX);
        // The last place before the range.
        let mut after = match part.from.0.checked_sub(1) {
            Some(before) => (before, i64::MAX),
            None => (i64::MIN, i64::MIN),
        };
        let mut whole = part.from.0 == i64::MIN;
        let mut segments = Vec::new();
        if after >= end {
            return Ok(segments);
        }
        let sql = format!(
            "SELECT last_at, last_seq, sum(iif(?2 IS NULL OR class = ?2, entries, 0)) FROM {}
             WHERE last_at >= ?1 GROUP BY last_at, last_seq ORDER BY last_at, last_seq",
            list.blocks
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![part.from.0, part.class])?;
        while let Some(row) = rows.next()? {
            let last: Key = (row.get(0)?, row.get(1)?);
            if last > end {
                break;
            }
            let entries = match whole {
                true => row.get(2)?,
                false => self.count_between(list, part.class, after, last)?,
            };
            if entries > 0 {
                let segment = Segment {
                    after,
                    last,
                    entries,
                };
                segments.push(segment);
            }
            (after, whole) = (last, true);
        }
        let entries = self.count_between(list, part.class, after, end)?;
        segments.push(Segment {
            after,
            last: end,
            entries,
        });
        Ok(segments)
    }

    fn count_between(
        &self,
        list: &Counted,
        class: Option<&str>,
        after: Key,
        last: Key,
    ) -> Result<i64, StoreError> {
        let sql = format!("SELECT count(*) FROM ({})", list.rows("1", class));
        let mut statement = self.connection.prepare_cached(&sql)?;
        match class {
            None => Ok(statement.query_row([after.0, after.1, last.0, last.1], |row| row.get(0))?),
            Some(class) => {
                let parameters = params![after.0, after.1, last.0, last.1, class];
                Ok(statement.query_row(parameters, |row| row.get(0))?)
            }
        }
    }
}

impl Transaction<'_> {
    /// Must be called for each new row; checks the tail now and then.
    pub(super) fn has_grown(&self, list: &Counted, seq: i64) -> Result<(), StoreError> {
        if seq % LOOK == 0 {
            self.close_blocks(list, 1)?;
        }
        Ok(())
    }

    /// Closes new blocks in all lists and splits blocks that grew too large, at most `most` per
    /// list. Returns whether there is more to do.
    pub fn tidy_lists(&self, most: usize) -> Result<bool, StoreError> {
        let mut more = self.close_log_blocks(most)?;
        for list in [&INBOX, &MESSAGES] {
            more |= self.divide(list)?;
            more |= self.close_blocks(list, most)?;
        }
        Ok(more)
    }

    fn close_blocks(&self, list: &Counted, most: usize) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT last_at, last_seq FROM {} ORDER BY last_at DESC, last_seq DESC LIMIT 1",
            list.blocks
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let last = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)));
        let last = last.optional()?.unwrap_or((i64::MIN, i64::MIN));
        let closed = self.count_into_blocks(list, last, (i64::MAX, i64::MAX), most)?;
        Ok(closed == most)
    }

    /// Splits the first block that is too large. Returns whether there was one.
    fn divide(&self, list: &Counted) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT last_at, last_seq FROM {} GROUP BY last_at, last_seq
             HAVING sum(entries) > {CROWDED} LIMIT 1",
            list.blocks
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)));
        let Some(last): Option<Key> = found.optional()? else {
            return Ok(false);
        };
        let sql = format!(
            "SELECT last_at, last_seq FROM {} WHERE (last_at, last_seq) < (?, ?)
             ORDER BY last_at DESC, last_seq DESC LIMIT 1",
            list.blocks
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let before = statement.query_row([last.0, last.1], |row| Ok((row.get(0)?, row.get(1)?)));
        let before = before.optional()?.unwrap_or((i64::MIN, i64::MIN));
        let sql = format!(
            "DELETE FROM {} WHERE last_at = ? AND last_seq = ?",
            list.blocks
        );
        self.connection
            .prepare_cached(&sql)?
            .execute([last.0, last.1])?;
        self.count_into_blocks(list, before, last, usize::MAX)?;
        Ok(true)
    }

    /// Counts the rows between two places into new blocks. If `until` is not the end of the list,
    /// the last block ends there. Returns the number of new blocks.
    fn count_into_blocks(
        &self,
        list: &Counted,
        after: Key,
        until: Key,
        most: usize,
    ) -> Result<usize, StoreError> {
        let columns = format!("{} AS at, seq, {}", list.time, list.class);
        let sql = format!("{} ORDER BY at, seq", list.rows(&columns, None));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([after.0, after.1, until.0, until.1])?;
        let (mut classes, mut count, mut blocks) = (Vec::<(String, i64)>::new(), 0, 0);
        while blocks < most
            && let Some(row) = rows.next()?
        {
            let class: String = row.get(2)?;
            match classes.iter_mut().find(|(known, _)| *known == class) {
                Some((_, entries)) => *entries += 1,
                None => classes.push((class, 1)),
            }
            count += 1;
            if count == BLOCK {
                self.insert_block(list, (row.get(0)?, row.get(1)?), &classes)?;
                (classes, count, blocks) = (Vec::new(), 0, blocks + 1);
            }
        }
        if blocks < most && until != (i64::MAX, i64::MAX) {
            self.insert_block(list, until, &classes)?;
        }
        Ok(blocks)
    }

    fn insert_block(
        &self,
        list: &Counted,
        last: Key,
        classes: &[(String, i64)],
    ) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO {} (last_at, last_seq, class, entries) VALUES (?, ?, ?, ?)",
            list.blocks
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        for (class, entries) in classes {
            statement.execute(params![last.0, last.1, class, entries])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Store;
    use super::*;

    fn filled(count: i64, time: &str) -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
        let sql = format!(
            "WITH RECURSIVE numbers (n) AS
                 (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
             INSERT INTO inbox (id, kind, sender, received_at, created_at)
             SELECT n, iif(n % 97 = 0, 'MMS', 'SMS'), '', {time}, n FROM numbers"
        );
        let fill = store.write(move |transaction| {
            transaction.connection.execute(&sql, [])?;
            while transaction.tidy_lists(2)? {}
            Ok(())
        });
        fill.wait().unwrap();
        (dir, store)
    }

    /// Computes the page by reading all rows.
    fn plainly(snapshot: &Snapshot<'_>, part: &Part<'_>) -> Result<(Vec<i64>, i64), StoreError> {
        let order = if part.oldest_first { "ASC" } else { "DESC" };
        let sql = format!(
            "SELECT seq FROM inbox WHERE received_at >= ?1 AND received_at <= ?2
                 AND (?3 IS NULL OR kind = ?3) ORDER BY received_at {order}, seq {order}"
        );
        let mut statement = snapshot.connection.prepare(&sql)?;
        let rows = statement.query_map(params![part.from.0, part.to.0, part.class], |row| {
            row.get::<_, i64>(0)
        })?;
        let all = rows.collect::<Result<Vec<_>, _>>()?;
        let total = i64::try_from(all.len()).unwrap();
        let skipped = usize::try_from(part.offset).unwrap();
        let page = all.into_iter().skip(skipped).take(part.limit as usize);
        Ok((page.collect(), total))
    }

    fn part(class: Option<&'static str>, from: i64, to: i64, offset: u64) -> Part<'static> {
        Part {
            class,
            from: UnixMillis(from),
            to: UnixMillis(to),
            offset,
            limit: 50,
            oldest_first: offset % 2 == 1,
        }
    }

    #[test]
    fn part_equals_the_page_from_reading_all_rows() {
        // The times are shuffled, so that the order of the times differs from that of the numbers.
        let time = "iif(n BETWEEN 5000 AND 7500, 5000, n - (n * 7919 % 3000))";
        let (_dir, store) = filled(9_000, time);
        let change = store.write(|transaction| {
            let connection = transaction.connection;
            connection.execute(
                "DELETE FROM inbox WHERE seq % 5 = 0 OR seq BETWEEN 2000 AND 4500",
                [],
            )?;
            for at in [-5, 1_234, 1_234, 5_000, 90_000] {
                let sql = "INSERT INTO inbox (id, kind, sender, received_at, created_at)
                           VALUES (random(), 'DATA_SMS', '', ?, 0)";
                connection.execute(sql, [at])?;
            }
            Ok(())
        });
        change.wait().unwrap();
        let (min, max) = (i64::MIN, i64::MAX);
        for class in [
            None,
            Some("SMS"),
            Some("MMS"),
            Some("DATA_SMS"),
            Some("MMS_DOWNLOADED"),
        ] {
            for (from, to) in [
                (min, max),
                (1_234, max),
                (min, 5_000),
                (900, 6_500),
                (7, 7),
                (9, 3),
            ] {
                for offset in [0, 1, 70, 1_500, 1_501, 4_000, 100_000] {
                    let part = part(class, from, to, offset);
                    let read = |snapshot: &Snapshot<'_>| {
                        Ok((snapshot.part(&INBOX, part)?, plainly(snapshot, &part)?))
                    };
                    let (found, expected) = store.read(read).unwrap();
                    assert_eq!(found, expected, "{class:?} {from} {to} {offset}");
                }
            }
        }
    }

    #[test]
    fn block_that_grew_too_large_is_divided() {
        let (_dir, store) = filled(3_000, "n * 1000");
        let grow = store.write(|transaction| {
            let sql = "WITH RECURSIVE numbers (n) AS
                           (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 9000)
                       INSERT INTO inbox (id, kind, sender, received_at, created_at)
                       SELECT 'late ' || n, 'SMS', '', 500000, n FROM numbers";
            transaction.connection.execute(sql, [])?;
            while transaction.tidy_lists(8)? {}
            let sql = "SELECT max(entries), sum(entries) FROM inbox_blocks";
            let (most, sum): (i64, i64) = transaction
                .connection
                .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok((most, sum))
        });
        let (most, sum) = grow.wait().unwrap();
        assert!(most <= CROWDED && sum > 11_000, "{most} of {sum}");
        let all = part(None, i64::MIN, i64::MAX, 11_000);
        let read =
            store.read(|snapshot| Ok((snapshot.part(&INBOX, all)?, plainly(snapshot, &all)?)));
        let (found, expected) = read.unwrap();
        assert_eq!(found, expected);
    }

    /// The query does three seeks and merges their results.
    #[test]
    fn rows_between_two_places_are_sought_and_never_sorted() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
        let check = |list: &Counted, class: Option<&str>, index: &str, start: &str| {
            let rows = list.rows(&format!("seq, {} AS at", list.time), class);
            let sql = format!("{rows} ORDER BY at DESC, seq DESC LIMIT 1");
            let plan = store.read(|snapshot| snapshot.plan(&sql)).unwrap();
            let time = list.time;
            for bounds in [
                format!("{time}=? AND seq>?"),
                format!("{time}>? AND {time}<?"),
                format!("{time}=? AND seq<?"),
            ] {
                let seek = format!("{index} ({start}{bounds})");
                assert!(plan.contains(&seek), "{seek} in {plan}");
            }
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        };
        check(&INBOX, None, "COVERING INDEX inbox_by_time", "");
        check(&INBOX, Some("SMS"), "INDEX inbox_by_time", "");
        check(
            &INBOX,
            Some("MMS"),
            "COVERING INDEX inbox_rare",
            "kind=? AND ",
        );
        check(&MESSAGES, None, "COVERING INDEX messages_by_time", "");
        check(&MESSAGES, Some("Failed"), "INDEX messages_by_time", "");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]
        #[test]
        fn blocks_count_changed_states(changes in prop::collection::vec((1i64..2_600, 0usize..4), 1..300)) {
            const STATES: [&str; 4] = ["Pending", "Sent", "Failed", "Delivered"];
            let dir = tempfile::tempdir().unwrap();
            let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
            let change = store.write(move |transaction| {
                let connection = transaction.connection;
                let sql = "WITH RECURSIVE numbers (n) AS
                               (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2600)
                           INSERT INTO messages (id, kind, content, created_at, waits)
                           SELECT n, 'text', '', n, 'no' FROM numbers";
                connection.execute(sql, [])?;
                while transaction.tidy_lists(1)? {}
                for (seq, state) in &changes {
                    connection.execute(
                        "UPDATE messages SET state = ? WHERE seq = ?",
                        params![STATES[*state], seq],
                    )?;
                }
                Ok(())
            });
            change.wait().unwrap();
            for state in STATES {
                let counted = store.read(|snapshot| {
                    let sql = "SELECT count(*) FROM messages WHERE state = ?";
                    let plainly: i64 = snapshot.connection.query_row(sql, [state], |row| row.get(0))?;
                    let part = part(Some(state), i64::MIN, i64::MAX, 0);
                    Ok((snapshot.part(&MESSAGES, part)?.1, plainly))
                });
                let (found, plainly) = counted.unwrap();
                prop_assert_eq!(found, plainly);
            }
        }
    }
}
