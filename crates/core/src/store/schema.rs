//! The schema: an ordered list of steps over `user_version`. A released step is never edited.

use rusqlite::{Connection, TransactionBehavior};

use super::open::APPLICATION_ID;

/// Step `n` (1-based) brings version `n - 1` to `n`.
const STEPS: &[&str] = &[include_str!("schema/0001_initial.sql")];

/// The version this program writes.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// Brings an older database up to [`VERSION`]; each step and its version number are one transaction.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let missing = STEPS
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
