//! Opens a connection to a database file, and checks that the file is one of our databases.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::OpenError;
use super::schema::{APPLICATION_ID, Schema};

#[allow(
    clippy::disallowed_methods,
    reason = "the store is where databases are opened"
)]
pub(super) fn connect(file: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    // Only one thread at a time uses a connection, so SQLite's own mutexes are not needed.
    let connection = Connection::open_with_flags(file, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Otherwise SQLite recompiles a statement whenever a bound value could decide which partial
    // index it uses. That took a tenth of the processor time of an event.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

/// Returns the schema version from the header of a database, which must be ours (SQLite's file
/// format, section 1.3), or `None` if the header is not valid.
pub(super) fn refuse_foreign(
    file: &Path,
    header: &[u8],
    schema: Schema,
) -> Result<Option<i64>, OpenError> {
    let Some(header) = header
        .get(..100)
        .filter(|header| header.starts_with(b"SQLite format 3\0"))
    else {
        return Ok(None);
    };
    let word = |at: usize| {
        let bytes = header
            .get(at..at + 4)
            .and_then(|bytes| bytes.try_into().ok());
        i64::from(bytes.map_or(0, i32::from_be_bytes))
    };
    if ![0, i64::from(APPLICATION_ID)].contains(&word(68)) {
        return Err(OpenError::Foreign { file: file.into() });
    }
    // The write and read versions, the schema format, and the text encoding.
    if header[18] > 2 || header[19] > 2 || word(44) > 4 || word(56) > 1 {
        return Err(OpenError::Format { file: file.into() });
    }
    let version = word(60);
    refuse_newer(file, version, schema)?;
    Ok(Some(version))
}

/// Refuses a database of a newer version of this program.
pub(super) fn refuse_newer(file: &Path, found: i64, schema: Schema) -> Result<(), OpenError> {
    if found > schema.version() {
        return Err(OpenError::Newer {
            file: file.into(),
            found,
            known: schema.version(),
        });
    }
    Ok(())
}
