//! Opening the data directory: lock, checks, connections.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::OpenError;
use super::schema::{self, Schema};

const DATABASE_FILE: &str = "simrelay.db";
const LOCK_FILE: &str = "simrelay.lock";

/// "SmRl": marks a database as ours, in SQLite's `application_id`.
pub(super) const APPLICATION_ID: i32 = 0x536D_526C;

/// A larger database is not read through at every start; SQLite still checks what it reads.
const CHECKED_AT_OPEN: u64 = 32 * 1024 * 1024;

/// What an open data directory consists of. The lock lives as long as the process holds it.
pub(super) struct Opened {
    pub lock: File,
    pub writer: Connection,
    pub readers: Vec<Connection>,
}

pub(super) fn open(
    dir: &Path,
    readers: usize,
    may_migrate: bool,
    schema: Schema,
) -> Result<Opened, OpenError> {
    prepare_directory(dir).map_err(|cause| OpenError::Directory {
        dir: dir.into(),
        cause,
    })?;
    let lock = lock(dir)?;
    let file = dir.join(DATABASE_FILE);
    let found = inspect(&file, schema)?;
    if !may_migrate && (1..schema.version()).contains(&found) {
        return Err(OpenError::Older { file, found });
    }
    let database = |cause| OpenError::Database {
        file: file.clone(),
        cause,
    };
    private_file(&file).map_err(|cause| OpenError::Directory {
        dir: dir.into(),
        cause,
    })?;
    let mut writer = connect(&file, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(database)?;
    configure_writer(&writer).map_err(database)?;
    schema::migrate(&mut writer, schema).map_err(database)?;
    let readers = (0..readers)
        .map(|_| {
            let reader = connect(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            reader.pragma_update(None, "cache_size", -256)?;
            Ok(reader)
        })
        .collect::<Result<_, _>>()
        .map_err(database)?;
    Ok(Opened {
        lock,
        writer,
        readers,
    })
}

#[allow(
    clippy::disallowed_methods,
    reason = "the store is where databases are opened"
)]
fn connect(file: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    // One thread at a time uses a connection, so SQLite's own mutexes are not needed.
    let connection = Connection::open_with_flags(file, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Otherwise SQLite compiles a statement again for each value that is bound to what a partial
    // index might be chosen by: a tenth of the processor time of an event.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

fn configure_writer(writer: &Connection) -> rusqlite::Result<()> {
    writer.pragma_update(None, "journal_mode", "WAL")?;
    writer.pragma_update(None, "synchronous", "FULL")?;
    writer.pragma_update(None, "foreign_keys", true)?;
    writer.pragma_update(None, "cache_size", -1024)?;
    // A megabyte: a log that fills a small disk could not be brought home any more.
    writer.pragma_update(None, "wal_autocheckpoint", 256)?;
    writer.pragma_update(None, "journal_size_limit", 1024 * 1024)
}

/// Makes the directory, for its owner only. A directory that holds somebody else's files keeps its
/// permissions, because they are not ours to change.
fn prepare_directory(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let ours = dir.join(DATABASE_FILE).exists() || fs::read_dir(dir)?.next().is_none();
    #[cfg(unix)]
    if ours {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    }
    #[cfg(not(unix))]
    let _ = ours;
    Ok(())
}

/// Makes the file if it is missing, readable by its owner only. SQLite gives its WAL and
/// shared-memory files the permissions of the database.
fn private_file(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let opened = options.open(file)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        opened.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(opened)
}

fn lock(dir: &Path) -> Result<File, OpenError> {
    let directory = |cause| OpenError::Directory {
        dir: dir.into(),
        cause,
    };
    let file = private_file(&dir.join(LOCK_FILE)).map_err(directory)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { dir: dir.into() }),
        Err(TryLockError::Error(cause)) => Err(directory(cause)),
    }
}

/// Refuses a database that is newer, foreign or damaged, before anything can change it. Returns its
/// version, 0 where there is none yet.
fn inspect(file: &PathBuf, schema: Schema) -> Result<i64, OpenError> {
    let corrupt = |detail: &str| OpenError::Corrupt {
        file: file.clone(),
        detail: detail.into(),
    };
    let size = match fs::metadata(file) {
        Ok(metadata) if metadata.len() > 0 => metadata.len(),
        _ => return Ok(0),
    };
    let mut header = [0; 72];
    let read = File::open(file).and_then(|mut opened| opened.read_exact(&mut header));
    if read.is_err() || !header.starts_with(b"SQLite format 3\0") {
        return Err(corrupt("it does not begin as an SQLite file does"));
    }
    let word = |at: usize| {
        let bytes = header
            .get(at..at + 4)
            .and_then(|bytes| bytes.try_into().ok());
        i64::from(bytes.map_or(0, i32::from_be_bytes))
    };
    // Offsets of user_version and application_id: SQLite's file format, section 1.3.
    refuse_newer(file, word(60), schema)?;
    if ![0, i64::from(APPLICATION_ID)].contains(&word(68)) {
        return Err(corrupt("it belongs to another program"));
    }
    let check = || -> rusqlite::Result<(i64, String)> {
        let probe = probe(file)?;
        let version = probe.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if size > CHECKED_AT_OPEN {
            return Ok((version, "ok".into()));
        }
        Ok((
            version,
            probe.pragma_query_value(None, "quick_check", |row| row.get(0))?,
        ))
    };
    match check() {
        Ok((version, verdict)) if verdict == "ok" => {
            refuse_newer(file, version, schema)?;
            Ok(version)
        }
        Ok((_, verdict)) => Err(corrupt(verdict.lines().nth(1).unwrap_or("malformed"))),
        Err(error) => match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                Err(corrupt("its content is malformed"))
            }
            _ => Err(OpenError::Database {
                file: file.clone(),
                cause: error,
            }),
        },
    }
}

/// Opens the database for a look that changes no file. Where a write-ahead log is to be read too,
/// SQLite needs its shared memory; closing then leaves the log as it is.
fn probe(file: &Path) -> rusqlite::Result<Connection> {
    let log = format!("{}-wal", file.display());
    if fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        let probe = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        probe.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        return Ok(probe);
    }
    let path = file.to_string_lossy();
    let uri = format!(
        "file:{}?immutable=1",
        utf8_percent_encode(&path, NON_ALPHANUMERIC)
    );
    connect(
        Path::new(&uri),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
    )
}

fn refuse_newer(file: &Path, found: i64, schema: Schema) -> Result<(), OpenError> {
    if found > schema.version() {
        return Err(OpenError::Newer {
            file: file.into(),
            found,
            known: schema.version(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Schema = Schema(&[Schema::CURRENT.0[0], "CREATE TABLE later (a TEXT) STRICT"]);

    fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = fs::read_dir(dir).unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    }

    #[test]
    fn an_older_database_is_left_alone_where_it_may_not_be_migrated() {
        let dir = tempfile::tempdir().unwrap();
        let first = Schema(&LATER.0[..1]);
        drop(open(dir.path(), 1, false, first).unwrap());
        let before = files(dir.path());
        let refused = open(dir.path(), 1, false, LATER).err();
        assert!(matches!(refused, Some(OpenError::Older { found: 1, .. })));
        assert_eq!(files(dir.path()), before);
        drop(open(dir.path(), 1, true, LATER).unwrap());
        assert!(open(dir.path(), 1, false, LATER).is_ok());
    }
}
