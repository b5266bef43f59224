//! Checks the integrity of the database and rebuilds damaged indexes.
//!
//! Cost of a check: it reads every page once; a `thorough` check also looks up every row in every
//! index. After a rebuild the free list may hold pages that nothing uses, so the check goes table
//! by table.

use rusqlite::{Connection, OptionalExtension};

use super::StoreError;

/// How thorough a check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Checks pages and values.
    Quick,
    /// Also checks that indexes match their tables.
    Thorough,
}

/// The result of a check and its repairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checkup {
    /// Tables whose indexes were rebuilt.
    pub rebuilt: Vec<String>,
    /// Tables whose own pages are damaged.
    pub damaged: Vec<String>,
}

/// Returns the tables that are damaged or have a damaged index; the schema counts as a table.
pub(super) fn suspects(connection: &Connection, depth: Depth) -> Result<Vec<String>, StoreError> {
    let check = match depth {
        Depth::Quick => "quick_check",
        Depth::Thorough => "integrity_check",
    };
    let mut suspects = Vec::new();
    for table in std::iter::once("sqlite_schema".to_owned()).chain(tables(connection)?) {
        let sql = format!("PRAGMA {check}('{table}')");
        let verdict = connection.query_row(&sql, [], |row| row.get::<_, String>(0));
        match verdict.map_err(StoreError::from) {
            Ok(verdict) if verdict == "ok" => {}
            Ok(_) | Err(StoreError::Damaged) => suspects.push(table),
            Err(error) => return Err(error),
        }
    }
    Ok(suspects)
}

fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rootpage";
    let mut statement = connection.prepare(sql)?;
    statement.query_map([], |row| row.get(0))?.collect()
}

/// Returns whether every row of the table itself can be read.
pub(super) fn is_readable(connection: &Connection, table: &str) -> Result<bool, StoreError> {
    let read = || -> rusqlite::Result<()> {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table} NOT INDEXED"))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                row.get_ref(column)?;
            }
        }
        Ok(())
    };
    match read().map_err(StoreError::from) {
        Ok(()) => Ok(true),
        Err(StoreError::Damaged) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Rebuilds every index of the table from its rows, within the open transaction. The old pages are
/// not read, because freeing them would need them intact; they stay unused until the database is
/// recovered.
pub(super) fn rebuild_indexes(connection: &Connection, table: &str) -> Result<(), StoreError> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?
               AND rootpage <> (SELECT rootpage FROM sqlite_schema WHERE name = tbl_name)";
    let indexes = {
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<Vec<(String, Option<String>)>, _>>()?
    };
    let built = indexes
        .iter()
        .try_for_each(|(name, sql)| rebuild(connection, table, name, sql.as_deref()));
    // Reloads the schema with the new root pages.
    connection.execute_batch("PRAGMA writable_schema = RESET")?;
    built
}

/// Builds the index under another name, then puts its root page in place of the old one.
fn rebuild(
    connection: &Connection,
    table: &str,
    name: &str,
    sql: Option<&str>,
) -> Result<(), StoreError> {
    const NEW: &str = "simrelay_rebuilt";
    let create = match sql {
        Some(sql) => sql.replacen(name, NEW, 1),
        // The index belongs to a UNIQUE constraint of its table.
        None => {
            let sql = "SELECT group_concat(name) FROM pragma_index_info(?)";
            let columns: String = connection.query_row(sql, [name], |row| row.get(0))?;
            format!("CREATE UNIQUE INDEX {NEW} ON {table} ({columns})")
        }
    };
    connection.execute_batch(&create)?;
    connection.execute_batch("PRAGMA writable_schema = ON")?;
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?";
    let root: Option<i64> = connection
        .query_row(sql, [NEW], |row| row.get(0))
        .optional()?;
    let root = root.ok_or_else(|| StoreError::internal("an index that was made is not there"))?;
    let sql = "DELETE FROM sqlite_schema WHERE name = ?";
    connection.execute(sql, [NEW])?;
    let sql = "UPDATE sqlite_schema SET rootpage = ? WHERE name = ?";
    connection.execute(sql, (root, name))?;
    connection.execute_batch("PRAGMA writable_schema = RESET")?;
    Ok(())
}
