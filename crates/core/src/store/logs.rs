//! What the gateway says about its doings, for `GET /logs`.

use rusqlite::{Row, params};
use serde_json::Value;

use super::{Snapshot, StoreError, Transaction};
use crate::clock::UnixMillis;

/// How much a log entry matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// What happened, as it should.
    Info,
    /// What went wrong but is tried again or can wait.
    Warn,
    /// What went wrong for good.
    Error,
}

impl Priority {
    /// As it stands in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// A log entry to be written. Never holds a message text, phone number, password, key or URL query.
#[derive(Clone, Debug)]
pub(crate) struct NewLog {
    pub at: UnixMillis,
    pub priority: Priority,
    pub module: &'static str,
    pub message: String,
    /// An object, or null for none.
    pub context: Value,
}

/// A log entry as it was kept.
#[derive(Clone, Debug)]
pub struct LogRecord {
    /// Grows with every entry.
    pub seq: i64,
    /// When it was written.
    pub created_at: UnixMillis,
    /// `DEBUG`, `INFO`, `WARN` or `ERROR`.
    pub priority: String,
    /// The part of the gateway that speaks.
    pub module: String,
    /// One sentence.
    pub message: String,
    /// Details as an object, if there are any.
    pub context: Option<Value>,
}

const PAGE: &str = "SELECT seq, created_at, priority, module, message, context FROM logs
    WHERE created_at >= ?1 AND created_at <= ?2 AND seq < ?3
    ORDER BY seq DESC LIMIT ?4 OFFSET ?5";

impl Transaction<'_> {
    /// Where entries cannot be written for damage, what they tell of is written without them.
    pub fn log(&self, entry: &NewLog) -> Result<(), StoreError> {
        if self.damage.logs_are_skipped() {
            tracing::info!(module = entry.module, "{}", entry.message);
            return Ok(());
        }
        let written = self.insert_log(entry);
        if matches!(written, Err(StoreError::Damaged)) {
            // The writer makes what fails once more by itself, and then without its entry.
            self.damage.skip_logs();
            self.damage.note(&StoreError::Damaged);
            tracing::error!("the log entries are damaged; they go to this output from now on");
        }
        written
    }

    fn insert_log(&self, entry: &NewLog) -> Result<(), StoreError> {
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
            entry.module,
            entry.message,
            context,
        ])?;
        Ok(())
    }
}

impl Snapshot<'_> {
    /// Entries of `from..=to`, the last written first, before the one numbered `before`, at most
    /// `limit`, skipping `offset`. Reads backwards until it has enough, so a range of long ago costs
    /// a pass over what came after it: an index of times would cost every message a page instead.
    pub fn logs(
        &self,
        range: (UnixMillis, UnixMillis),
        before: Option<i64>,
        limit: u32,
        offset: u64,
    ) -> Result<Vec<LogRecord>, StoreError> {
        let before = before.unwrap_or(i64::MAX);
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(PAGE)?;
        let rows = statement.query_map(
            params![range.0.0, range.1.0, before, limit, offset],
            read_entry,
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
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
    fn a_page_of_the_log_seeks_and_never_sorts() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), true).unwrap();
        let plan = store.read(|snapshot| snapshot.plan(PAGE)).unwrap();
        assert_eq!(plan, "SEARCH logs USING INTEGER PRIMARY KEY (rowid<?)");
    }
}
