//! The gateway's log entries, for `GET /logs`.

use rusqlite::{Row, params};
use serde_json::Value;

use super::{Snapshot, StoreError, Transaction};
use crate::model::clock::UnixMillis;

/// The priority of a log entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Normal operation.
    Info,
    /// A failure that is retried or can wait.
    Warn,
    /// A permanent failure.
    Error,
}

impl Priority {
    /// Returns the name that the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// The part of the gateway that writes an entry; the API uses its name in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Module {
    Device,
    Gateway,
    Receiving,
    Sending,
    Settings,
    Tokens,
    Webhooks,
}

impl Module {
    /// Returns the name that the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Gateway => "gateway",
            Self::Receiving => "receiving",
            Self::Sending => "sending",
            Self::Settings => "settings",
            Self::Tokens => "tokens",
            Self::Webhooks => "webhooks",
        }
    }
}

/// A log entry to be written. It must never hold a message text, phone number, password, key or URL
/// query.
#[derive(Clone, Debug)]
pub(crate) struct LogEntry {
    pub at: UnixMillis,
    pub priority: Priority,
    pub module: Module,
    pub message: String,
    /// An object, or null if there are no details.
    pub context: Value,
}

impl LogEntry {
    pub fn new(
        at: UnixMillis,
        priority: Priority,
        module: Module,
        message: impl Into<String>,
        context: Value,
    ) -> Self {
        Self {
            at,
            priority,
            module,
            message: message.into(),
            context,
        }
    }
}

/// A stored log entry.
#[derive(Clone, Debug)]
pub struct LogRecord {
    /// Its number, which grows with every entry.
    pub seq: i64,
    /// When it was written.
    pub created_at: UnixMillis,
    /// `DEBUG`, `INFO`, `WARN` or `ERROR`.
    pub priority: String,
    /// The component that wrote it.
    pub module: String,
    /// One sentence.
    pub message: String,
    /// Details as an object, if there are any.
    pub context: Option<Value>,
}

/// The number of entries in a block; the earliest and latest time of each block are stored.
const BLOCK: i64 = 1_024;

const PAGE: &str = "SELECT seq, created_at, priority, module, message, context FROM logs
    WHERE seq <= ?1 AND seq > ?2 AND created_at >= ?3 AND created_at <= ?4
    ORDER BY seq DESC LIMIT ?5 OFFSET ?6";
const COUNT: &str = "SELECT count(*) FROM logs
    WHERE seq <= ?1 AND seq > ?2 AND created_at >= ?3 AND created_at <= ?4";
const BLOCKS: &str = "SELECT last_seq, first_at, last_at FROM log_blocks WHERE last_seq < ?1 + ?2
    ORDER BY last_seq DESC";

/// Selects entries of one priority that has a partial index (warnings or errors).
const OF_NOTE: &str = "SELECT seq, created_at, priority, module, message, context FROM logs
    INDEXED BY logs_of_note
    WHERE priority IN ('WARN', 'ERROR') AND priority = ?1 AND seq < ?2
    ORDER BY seq DESC LIMIT ?3";

impl Transaction<'_> {
    /// Writes a log entry. If damage prevents that, the write that it belongs to goes on without
    /// it.
    pub fn log(&self, entry: &LogEntry) -> Result<(), StoreError> {
        if self.damage.logs_are_skipped() {
            tracing::info!(module = entry.module.as_str(), "{}", entry.message);
            return Ok(());
        }
        let written = self.insert_log(entry);
        if matches!(written, Err(StoreError::Damaged)) {
            // The writer runs a failed write again by itself, and then this entry is left out.
            self.damage.skip_logs();
            self.damage.note(&StoreError::Damaged);
            tracing::error!(
                "the stored log is damaged; entries go only to this output from now on"
            );
        }
        written
    }

    fn insert_log(&self, entry: &LogEntry) -> Result<(), StoreError> {
        let sql = "INSERT INTO logs (created_at, priority, module, message, context)
                   VALUES (?, ?, ?, ?, ?)";
        let context = if entry.context.is_null() {
            String::new()
        } else {
            entry.context.to_string()
        };
        self.connection.prepare_cached(sql)?.execute(params![
            entry.at.0,
            entry.priority.as_str(),
            entry.module.as_str(),
            entry.message,
            context,
        ])?;
        if self.connection.last_insert_rowid() % BLOCK == 0 {
            self.close_log_blocks(1)?;
        }
        Ok(())
    }

    /// Stores the times of full blocks, at most `most`. Returns whether there may be more.
    pub(super) fn close_log_blocks(&self, most: usize) -> Result<bool, StoreError> {
        let number = |sql: &str| -> Result<i64, StoreError> {
            let mut statement = self.connection.prepare_cached(sql)?;
            Ok(statement.query_row([], |row| row.get(0))?)
        };
        let newest = number("SELECT coalesce(max(seq), 0) FROM logs")?;
        let oldest = number("SELECT coalesce(min(seq), 1) FROM logs")?;
        let closed = number("SELECT coalesce(max(last_seq), 0) FROM log_blocks")?;
        let sql = "INSERT INTO log_blocks (last_seq, first_at, last_at)
                   SELECT ?1, min(created_at), max(created_at) FROM logs
                   WHERE seq <= ?1 AND seq > ?1 - ?2 HAVING count(*) > 0";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut last = closed.max((oldest - 1) / BLOCK * BLOCK) + BLOCK;
        for _ in 0..most {
            if last > newest {
                return Ok(false);
            }
            statement.execute([last, BLOCK])?;
            last += BLOCK;
        }
        Ok(last <= newest)
    }

    /// Removes the blocks that have no entries left.
    pub(super) fn drop_log_blocks(&self) -> Result<(), StoreError> {
        let sql = "DELETE FROM log_blocks WHERE last_seq <
                       (SELECT coalesce(min(seq), 9223372036854775807) FROM logs)";
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

/// A range of entries by number: after one, up to and including another.
struct Segment {
    after: i64,
    last: i64,
    /// Every entry of the segment lies in the wanted times.
    whole: bool,
}

impl Snapshot<'_> {
    /// Returns the entries of `from..=to`, newest first, before the one numbered `before`, at most
    /// `limit`, after skipping `offset`. Blocks outside the times are not read, and neither are
    /// blocks completely inside them that `offset` skips: the numbers have no gaps, because the
    /// oldest entries are removed first.
    pub fn logs(
        &self,
        (from, to): (UnixMillis, UnixMillis),
        before: Option<i64>,
        limit: u32,
        offset: u64,
    ) -> Result<Vec<LogRecord>, StoreError> {
        let mut skipped = i64::try_from(offset).unwrap_or(i64::MAX);
        let mut left = i64::from(limit);
        let mut entries = Vec::new();
        let mut count = self.connection.prepare_cached(COUNT)?;
        let mut page = self.connection.prepare_cached(PAGE)?;
        for segment in self.log_segments(from, to, before)? {
            if left == 0 {
                break;
            }
            let Segment { after, last, whole } = segment;
            if skipped > 0 {
                let fit = match whole {
                    true => last - after,
                    false => count.query_row([last, after, from.0, to.0], |row| row.get(0))?,
                };
                if fit <= skipped {
                    skipped -= fit;
                    continue;
                }
            }
            let parameters = params![last, after, from.0, to.0, left, skipped];
            let mut rows = page.query(parameters)?;
            let mut found = 0;
            while let Some(row) = rows.next()? {
                entries.push(read_entry(row)?);
                found += 1;
            }
            left -= found;
            skipped = 0;
        }
        Ok(entries)
    }

    /// Returns the segments that may hold entries of those times, newest first.
    fn log_segments(
        &self,
        from: UnixMillis,
        to: UnixMillis,
        before: Option<i64>,
    ) -> Result<Vec<Segment>, StoreError> {
        let number = |sql: &str| -> Result<i64, StoreError> {
            let mut statement = self.connection.prepare_cached(sql)?;
            Ok(statement.query_row([], |row| row.get(0))?)
        };
        let newest = number("SELECT coalesce(max(seq), 0) FROM logs")?;
        let oldest = number("SELECT coalesce(min(seq), 1) FROM logs")?;
        let mut last = before.map_or(newest, |before| newest.min(before.saturating_sub(1)));
        let any_time = from.0 == i64::MIN && to.0 == i64::MAX;
        let mut segments = Vec::new();
        let mut statement = self.connection.prepare_cached(BLOCKS)?;
        let mut blocks = statement.query([last, BLOCK])?;
        while let Some(row) = blocks.next()? {
            let end: i64 = row.get(0)?;
            let (first_at, last_at): (i64, i64) = (row.get(1)?, row.get(2)?);
            if end < last {
                segments.push(Segment {
                    after: end,
                    last,
                    whole: any_time,
                });
            }
            let after = (end - BLOCK).max(oldest - 1);
            if from.0 <= last_at && first_at <= to.0 && after < end.min(last) {
                segments.push(Segment {
                    after,
                    last: end.min(last),
                    whole: from.0 <= first_at && last_at <= to.0,
                });
            }
            last = last.min(end - BLOCK);
        }
        if last >= oldest {
            segments.push(Segment {
                after: oldest - 1,
                last,
                whole: any_time,
            });
        }
        Ok(segments)
    }

    /// Returns warnings and errors, or errors alone, newest first, before the one numbered
    /// `before`, at most `limit`. Reads no other entries, however rare these are.
    pub fn logs_of_note(
        &self,
        least: Priority,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<LogRecord>, StoreError> {
        let before = before.unwrap_or(i64::MAX);
        let wanted: &[Priority] = match least {
            Priority::Error => &[Priority::Error],
            _ => &[Priority::Warn, Priority::Error],
        };
        let mut statement = self.connection.prepare_cached(OF_NOTE)?;
        let mut entries = Vec::new();
        for priority in wanted {
            let rows =
                statement.query_map(params![priority.as_str(), before, limit], read_entry)?;
            entries.extend(rows.collect::<Result<Vec<_>, _>>()?);
        }
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.seq));
        entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(entries)
    }
}

fn read_entry(row: &Row<'_>) -> rusqlite::Result<LogRecord> {
    let context: String = row.get(5)?;
    Ok(LogRecord {
        seq: row.get(0)?,
        created_at: UnixMillis(row.get(1)?),
        priority: row.get(2)?,
        module: row.get(3)?,
        message: row.get(4)?,
        context: serde_json::from_str(&context).ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;

    #[test]
    fn log_page_seeks_and_never_sorts() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
        let plan = store.read(|snapshot| snapshot.plan(PAGE)).unwrap();
        assert_eq!(
            plan,
            "SEARCH logs USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"
        );
        let plan = store.read(|snapshot| snapshot.plan(OF_NOTE)).unwrap();
        let seek = "SEARCH logs USING INDEX logs_of_note (priority=? AND seq<?)";
        assert_eq!(plan, seek);
    }

    #[test]
    fn log_page_equals_the_page_from_reading_all_entries() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
        let fill = store.write(|transaction| {
            let sql = "WITH RECURSIVE numbers (n) AS
                           (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 7000)
                       INSERT INTO logs (created_at, priority, module, message)
                       SELECT n - iif(n BETWEEN 3000 AND 3500, 2000, 0), 'INFO', '', '' FROM numbers";
            transaction.connection.execute(sql, [])?;
            while transaction.tidy_lists(2)? {}
            transaction.connection.execute("DELETE FROM logs WHERE seq < 1500", [])?;
            transaction.drop_log_blocks()
        });
        fill.wait().unwrap();
        let (min, max) = (i64::MIN, i64::MAX);
        for (from, to) in [
            (min, max),
            (1_200, 1_400),
            (2_000, 5_000),
            (min, 3_000),
            (6_900, max),
            (9, 3),
        ] {
            for offset in [0, 30, 2_000, 5_400, 9_000] {
                for before in [None, Some(6_100), Some(2_048), Some(1)] {
                    let plain = "SELECT seq FROM logs WHERE created_at >= ?1 AND created_at <= ?2
                                     AND seq < ?3 ORDER BY seq DESC LIMIT 40 OFFSET ?4";
                    let read = store.read(|snapshot| {
                        let range = (UnixMillis(from), UnixMillis(to));
                        let found = snapshot.logs(range, before, 40, offset)?;
                        let mut statement = snapshot.connection.prepare(plain)?;
                        let skipped = i64::try_from(offset).unwrap();
                        let rows = statement.query_map(
                            params![from, to, before.unwrap_or(max), skipped],
                            |row| row.get::<_, i64>(0),
                        )?;
                        let found: Vec<_> = found.iter().map(|entry| entry.seq).collect();
                        Ok((found, rows.collect::<Result<Vec<_>, _>>()?))
                    });
                    let (found, expected) = read.unwrap();
                    assert_eq!(found, expected, "{from} {to} {offset} {before:?}");
                }
            }
        }
    }
}
