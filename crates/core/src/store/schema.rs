//! The schema: an ordered list of steps over `user_version`. A released step is never edited.

use rusqlite::{Connection, TransactionBehavior};

use super::open::APPLICATION_ID;

/// Step `n` (1-based) brings version `n - 1` to `n`.
const STEPS: &[&str] = &[
    include_str!("schema/0001_initial.sql"),
    include_str!("schema/0002_tokens.sql"),
    include_str!("schema/0003_sending.sql"),
    include_str!("schema/0004_history.sql"),
    include_str!("schema/0005_web.sql"),
    include_str!("schema/0006_inbox.sql"),
    include_str!("schema/0007_used_tokens.sql"),
    include_str!("schema/0008_troubles.sql"),
];

/// The steps that a program knows.
#[derive(Clone, Copy)]
pub(super) struct Schema(pub &'static [&'static str]);

impl Schema {
    /// Those of this program.
    pub const CURRENT: Self = Self(STEPS);

    /// The version that they lead to.
    pub fn version(self) -> i64 {
        i64::try_from(self.0.len()).unwrap_or(i64::MAX)
    }
}

/// Brings an older database up to date; each step and its version number are one transaction.
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
        // Programs that look at the file's header alone must see the new version.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(())
}
