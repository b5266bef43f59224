//! The schema: an ordered list of steps over `user_version`. A released step is never edited.

use rusqlite::{Connection, TransactionBehavior};

/// "SmRl" in SQLite's `application_id` marks a database as ours.
pub(super) const APPLICATION_ID: i32 = 0x536D_526C;

/// Step `n` (1-based) migrates version `n - 1` to `n`.
const STEPS: &[&str] = &[
    include_str!("schema/0001_initial.sql"),
    include_str!("schema/0002_tokens.sql"),
    include_str!("schema/0003_sending.sql"),
    include_str!("schema/0004_history.sql"),
    include_str!("schema/0005_web.sql"),
    include_str!("schema/0006_inbox.sql"),
    include_str!("schema/0007_used_tokens.sql"),
    include_str!("schema/0008_acknowledged.sql"),
    include_str!("schema/0009_queue_and_lists.sql"),
    include_str!("schema/0010_troubles.sql"),
];

/// The steps that a program knows.
#[derive(Clone, Copy)]
pub(super) struct Schema(pub &'static [&'static str]);

impl Schema {
    /// The steps of this program.
    pub const CURRENT: Self = Self(STEPS);

    /// Returns the version after all steps.
    pub fn version(self) -> i64 {
        i64::try_from(self.0.len()).unwrap_or(i64::MAX)
    }
}

/// Migrates an older database. Each step and its version number are one transaction.
pub(super) fn migrate(connection: &mut Connection, schema: Schema) -> rusqlite::Result<()> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let missing = schema
        .0
        .iter()
        .zip(1i64..)
        .filter(|(_, version)| *version > found);
    let mut changed = false;
    for (step, version) in missing {
        let step_transaction =
            connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        step_transaction.execute_batch(step)?;
        step_transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        step_transaction.pragma_update(None, "user_version", version)?;
        step_transaction.commit()?;
        changed = true;
    }
    if changed {
        // Programs that read only the file's header must see the new version.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After the migration, existing webhooks whose latest attempt failed count as failing, and
    /// dead deliveries of deleted webhooks do not count as troubles.
    #[test]
    fn migration_finds_the_failing_webhooks() {
        const BEFORE: &[&str] = STEPS.split_at(9).0;
        #[allow(
            clippy::disallowed_methods,
            reason = "a database of the test's own, without a file"
        )]
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, Schema(BEFORE)).unwrap();
        let rows = "
            INSERT INTO webhooks (key, source, id, url, event, created_at, updated_at) VALUES
                (1, 'local', 'fails', '', '', 1, 1), (2, 'local', 'works', '', '', 1, 1),
                (3, 'local', 'unused', '', '', 1, 1);
            INSERT INTO deliveries (seq, id, webhook_key, webhook_source, webhook_id, event, body, state,
                due_at, created_at, settled_at) VALUES
                (1, 'a', 1, 'local', 'fails', '', x'', 'dead', 1, 1, 1),
                (2, 'b', 2, 'local', 'works', '', x'', 'delivered', 1, 1, 1),
                (3, 'c', 9, 'local', 'gone', '', x'', 'dead', 1, 1, 1);
            INSERT INTO attempts (delivery_seq, number, started_at, duration, class) VALUES
                (1, 1, 10, 0, 'Success'), (1, 2, 20, 0, 'Timeout'),
                (2, 1, 10, 0, 'Timeout'), (2, 2, 20, 0, 'Success');";
        connection.execute_batch(rows).unwrap();
        migrate(&mut connection, Schema::CURRENT).unwrap();
        let all = |sql: &str| -> Vec<(String, i64)> {
            let mut statement = connection.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
            rows.unwrap().map(Result::unwrap).collect()
        };
        let failing = all("SELECT id, failing_since FROM webhooks ORDER BY key");
        let pair = |id: &str, number| (id.to_owned(), number);
        assert_eq!(
            failing,
            [pair("fails", 20), pair("works", 0), pair("unused", 0)]
        );
        let dead = all("SELECT webhook_id, seq FROM deliveries WHERE state = 'dead'");
        assert_eq!(dead, [pair("fails", 1)]);
    }
}
