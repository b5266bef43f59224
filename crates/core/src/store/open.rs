//! Opens the data directory: lock, checks, connections.
//!
//! It writes as little as possible: a current database can be opened even if the disk is full.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::check::{self, Depth};
use super::connect::{connect, refuse_foreign, refuse_newer};
use super::directory::{DATABASE_FILE, Lock, beside, lock, prepare_directory, private_file};
use super::error::{OpenError, StoreError, Why};
use super::schema::{self, Schema};
use super::{log_file, marker, reserve, salvage};
use crate::model::clock::UnixMillis;

/// A larger database is not checked before it is opened, but afterwards.
const CHECKED_AT_OPEN: u64 = 32 * 1024 * 1024;

/// The options for opening.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    /// Whether an older database may be migrated.
    pub may_migrate: bool,
    /// Whether to replace a damaged database with a new one that holds its readable data.
    pub recover: bool,
    pub now: UnixMillis,
}

/// The parts of an open data directory. The lock lives as long as the process holds it.
pub(super) struct Opened {
    pub lock: File,
    pub file: PathBuf,
    pub writer: Connection,
    pub readers: Vec<Connection>,
    /// The database was too large to be checked.
    pub unchecked: bool,
    /// Tables whose indexes were rebuilt.
    pub rebuilt: Vec<String>,
    /// `Some` if the write-ahead log was damaged; true if some of its data is lost.
    pub log_damaged: Option<bool>,
}

pub(super) fn open(
    dir: &Path,
    readers: usize,
    opening: Opening,
    schema: Schema,
) -> Result<Opened, OpenError> {
    let unusable = |cause: io::Error| OpenError::unusable(dir, Why::of_io(&cause));
    prepare_directory(dir).map_err(unusable)?;
    let mut lock = lock(dir)?;
    salvage::finish_interrupted(dir).map_err(unusable)?;
    if opening.recover && marker::is_set(&dir.join(DATABASE_FILE)) {
        salvage::recover_locked(dir, opening.now)?;
    }
    let mut opened = open_locked(dir, readers, opening, schema, &lock);
    if matches!(
        &opened,
        Err(OpenError::Unusable {
            why: Why::Full | Why::Failing,
            ..
        })
    ) && reserve::free(dir)
    {
        opened = open_locked(dir, readers, opening, schema, &lock);
    }
    if opening.recover && matches!(&opened, Err(error) if error.is_damage()) {
        salvage::recover_locked(dir, opening.now)?;
        opened = open_locked(dir, readers, opening, schema, &lock);
    }
    let (file, parts) = opened?;
    lock.mark();
    reserve::keep(dir);
    Ok(Opened {
        lock: lock.file,
        file,
        writer: parts.writer,
        readers: parts.readers,
        unchecked: parts.unchecked,
        rebuilt: parts.rebuilt,
        log_damaged: parts.log_damaged,
    })
}

struct Parts {
    writer: Connection,
    readers: Vec<Connection>,
    unchecked: bool,
    rebuilt: Vec<String>,
    log_damaged: Option<bool>,
}

fn open_locked(
    dir: &Path,
    readers: usize,
    opening: Opening,
    schema: Schema,
    lock: &Lock,
) -> Result<(PathBuf, Parts), OpenError> {
    let file = dir.join(DATABASE_FILE);
    let log_damaged = mend_log(&file, opening.now)?;
    let found = inspect(&file, schema, lock, log_damaged == Some(true))?;
    if !opening.may_migrate && (1..schema.version()).contains(&found.version) {
        let found = found.version;
        return Err(OpenError::Older { file, found });
    }
    let database = |cause: rusqlite::Error| of_sqlite(&file, &cause);
    private_file(&file).map_err(|cause| OpenError::unusable(&file, Why::of_io(&cause)))?;
    let mut writer = connect(&file, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(database)?;
    configure_writer(&writer).map_err(database)?;
    let rebuilt = rebuild(&file, &mut writer, found.suspects)?;
    schema::migrate(&mut writer, schema).map_err(database)?;
    let readers = (0..readers)
        .map(|_| {
            let reader = connect(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            reader.pragma_update(None, "cache_size", -256)?;
            Ok(reader)
        })
        .collect::<Result<_, _>>()
        .map_err(database)?;
    let parts = Parts {
        writer,
        readers,
        unchecked: found.unchecked,
        rebuilt,
        log_damaged,
    };
    Ok((file, parts))
}

/// Rebuilds the damaged indexes of tables that are intact themselves.
fn rebuild(
    file: &Path,
    writer: &mut Connection,
    suspects: Vec<String>,
) -> Result<Vec<String>, OpenError> {
    let failed = |error: StoreError| match error {
        StoreError::Damaged => OpenError::Damaged { file: file.into() },
        error => OpenError::unusable(file, Why::of_store(&error)),
    };
    if suspects.is_empty() {
        return Ok(suspects);
    }
    let transaction = writer.transaction().map_err(|error| failed(error.into()))?;
    for table in &suspects {
        check::rebuild_indexes(&transaction, table).map_err(failed)?;
    }
    let left = check::suspects(&transaction, Depth::Thorough).map_err(failed)?;
    if !left.is_empty() {
        return Err(OpenError::Damaged { file: file.into() });
    }
    transaction.commit().map_err(|error| failed(error.into()))?;
    Ok(suspects)
}

/// Reads the write-ahead log before SQLite does, which would truncate it at the first broken frame.
/// Keeps a copy, and saves the data of the valid frames. Returns `Some` if the log is damaged: true
/// if data is lost.
fn mend_log(file: &Path, now: UnixMillis) -> Result<Option<bool>, OpenError> {
    let path = beside(file, "-wal");
    let unusable = |cause: io::Error| OpenError::unusable(&path, Why::of_io(&cause));
    let mut header = [0; 100];
    let whole = File::open(file).and_then(|mut file| file.read_exact(&mut header));
    let page_size = whole.ok().and_then(|()| salvage::page_size(&header));
    let Some(log) = log_file::read(&path, page_size).map_err(unusable)? else {
        return Ok(None);
    };
    if !log.damaged {
        return Ok(None);
    }
    let copy = beside(file, &format!("-wal.damaged-{}", now.0));
    private_file(&copy).map_err(unusable)?;
    fs::copy(&path, &copy).map_err(unusable)?;
    log.write(&path).map_err(unusable)?;
    if let Some(dir) = file.parent() {
        salvage::forget_aside(dir, salvage::KEPT_ASIDE);
    }
    Ok(Some(log.lost))
}

fn configure_writer(writer: &Connection) -> rusqlite::Result<()> {
    writer.pragma_update(None, "journal_mode", "WAL")?;
    writer.pragma_update(None, "synchronous", "FULL")?;
    writer.pragma_update(None, "foreign_keys", true)?;
    writer.pragma_update(None, "cache_size", -1024)?;
    // One megabyte: a WAL that fills a small disk could never be checkpointed.
    writer.pragma_update(None, "wal_autocheckpoint", 256)?;
    writer.pragma_update(None, "journal_size_limit", 1024 * 1024)
}

/// The state of the database before anything can change it.
struct Found {
    /// 0 if there is no database yet.
    version: i64,
    /// Tables that are intact but have a damaged index.
    suspects: Vec<String>,
    unchecked: bool,
}

/// Refuses a database that is newer, foreign, damaged or missing.
fn inspect(file: &Path, schema: Schema, lock: &Lock, check: bool) -> Result<Found, OpenError> {
    let mut found = Found {
        version: 0,
        suspects: Vec::new(),
        unchecked: false,
    };
    let damaged = || OpenError::Damaged { file: file.into() };
    let length = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let size = length(file);
    if size == 0 {
        if lock.had_database || length(&beside(file, "-wal")) > 0 {
            return Err(OpenError::Missing { file: file.into() });
        }
        return Ok(found);
    }
    let mut header = [0; 100];
    let read = File::open(file).and_then(|mut opened| opened.read_exact(&mut header));
    match read {
        Ok(()) => {}
        Err(cause) if cause.kind() != io::ErrorKind::UnexpectedEof => {
            return Err(OpenError::unusable(file, Why::of_io(&cause)));
        }
        Err(_) => header = [0; 100],
    }
    if refuse_foreign(file, &header, schema)?.is_none() {
        return Err(if lock.had_database {
            damaged()
        } else {
            OpenError::Foreign { file: file.into() }
        });
    }
    let failed = |error: StoreError| match error {
        StoreError::Damaged => damaged(),
        error => OpenError::unusable(file, Why::of_store(&error)),
    };
    let probe = probe(file).map_err(|cause| of_sqlite(file, &cause))?;
    found.version = probe
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|cause| of_sqlite(file, &cause))?;
    refuse_newer(file, found.version, schema)?;
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = probe
        .query_row(tables, [], |row| row.get(0))
        .map_err(|cause| of_sqlite(file, &cause))?;
    if found.version == 0 && tables > 0 {
        return Err(OpenError::Foreign { file: file.into() });
    }
    found.unchecked = size > CHECKED_AT_OPEN && !check;
    if !found.unchecked {
        found.suspects = check::suspects(&probe, Depth::Quick).map_err(failed)?;
        for table in &found.suspects {
            if !check::is_readable(&probe, table).map_err(failed)? {
                return Err(damaged());
            }
        }
    }
    Ok(found)
}

fn of_sqlite(file: &Path, cause: &rusqlite::Error) -> OpenError {
    match Why::of_sqlite(cause) {
        Why::Damaged => OpenError::Damaged { file: file.into() },
        why => OpenError::unusable(file, why),
    }
}

/// Opens the database for a look that changes no file. If a write-ahead log must be read too,
/// SQLite needs its shared memory; closing then leaves the log as it is.
fn probe(file: &Path) -> rusqlite::Result<Connection> {
    let log = beside(file, "-wal");
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

    fn opening(may_migrate: bool) -> Opening {
        Opening {
            may_migrate,
            recover: false,
            now: UnixMillis(0),
        }
    }

    #[test]
    fn open_refuses_an_older_database_if_it_may_not_migrate() {
        let dir = tempfile::tempdir().unwrap();
        let first = Schema(&LATER.0[..1]);
        drop(open(dir.path(), 1, opening(false), first).unwrap());
        let before = files(dir.path());
        let refused = open(dir.path(), 1, opening(false), LATER).err();
        assert!(matches!(refused, Some(OpenError::Older { found: 1, .. })));
        assert_eq!(files(dir.path()), before);
        drop(open(dir.path(), 1, opening(true), LATER).unwrap());
        assert!(open(dir.path(), 1, opening(false), LATER).is_ok());
    }
}
