//! Makes a new database with the readable data of a damaged one.
//!
//! The pages are read without SQLite, which gives up a whole table for one page: first the pages of
//! each tree, then those that no tree reaches because the page above them is broken. A row that the
//! new tables reject (types, checks, keys) was not a row of theirs.

mod image;
mod tables;
mod tree;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use super::connect::{connect, refuse_foreign};
use super::directory::{DATABASE_FILE, beside, lock, private_file};
use super::error::{OpenError, Why};
use super::schema::{self, Schema};
use super::{MetaKey, marker};
use crate::model::clock::UnixMillis;
use image::Image;
pub(super) use image::page_size;

/// How many damaged files are kept; when another is set aside, the oldest are removed.
pub(super) const KEPT_ASIDE: usize = 3;

/// The result for one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableReport {
    /// Its name.
    pub table: String,
    /// The number of rows in the new database.
    pub read: u64,
    /// The number of rows that indexes list and the new database lacks; 0 if the table has no such
    /// index.
    pub lost: u64,
    /// The number of pages and cells that could not be read.
    pub broken: u64,
}

/// The result of a recovery.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// The results by table.
    pub tables: Vec<TableReport>,
    /// The new place of the damaged file; `None` if there was none.
    pub set_aside: Option<PathBuf>,
}

impl Recovery {
    /// Returns the number of rows known to be lost.
    pub fn lost(&self) -> u64 {
        self.tables.iter().map(|table| table.lost).sum()
    }

    /// Returns the number of places that could not be read.
    pub fn broken(&self) -> u64 {
        self.tables.iter().map(|table| table.broken).sum()
    }
}

/// Makes a new database from the readable data of the one in that directory and sets the old one
/// aside. Fails while a gateway has the directory open.
pub fn recover(dir: &Path, now: UnixMillis) -> Result<Recovery, OpenError> {
    let unusable = |cause: &std::io::Error| OpenError::unusable(dir, Why::of_io(cause));
    fs::metadata(dir).map_err(|cause| unusable(&cause))?;
    let _lock = lock(dir)?.file;
    finish_interrupted(dir).map_err(|cause| unusable(&cause))?;
    recover_locked(dir, now)
}

/// Does the same for a caller that holds the lock. If the disk is full, earlier damaged files are
/// removed.
pub(super) fn recover_locked(dir: &Path, now: UnixMillis) -> Result<Recovery, OpenError> {
    let outcome = attempt(dir, now);
    if matches!(&outcome, Err(error) if error.is_full()) && forget_aside(dir, 0) {
        return attempt(dir, now);
    }
    outcome
}

fn attempt(dir: &Path, now: UnixMillis) -> Result<Recovery, OpenError> {
    let database = dir.join(DATABASE_FILE);
    let partial = beside(&database, ".recovering");
    let mut made = make(&database, &partial, now);
    if let Ok(recovery) = &mut made {
        let replace = || {
            File::open(&partial)?.sync_all()?;
            fs::rename(&partial, beside(&database, ".recovered"))?;
            set_aside(dir, now)
        };
        recovery.set_aside = replace()
            .map_err(|cause: std::io::Error| OpenError::unusable(dir, Why::of_io(&cause)))?;
        return made;
    }
    // An unfinished file is of no use.
    let _ = fs::remove_file(&partial);
    made
}

/// Puts the new database in the place of the old one, which keeps its log.
fn set_aside(dir: &Path, now: UnixMillis) -> std::io::Result<Option<PathBuf>> {
    let database = dir.join(DATABASE_FILE);
    let time = Timestamp::from_millisecond(now.0).unwrap_or_default();
    let name = time.strftime(".damaged-%Y%m%dT%H%M%SZ").to_string();
    let aside = beside(&database, &name);
    let mut kept = None;
    for (from, to) in [
        (beside(&database, "-wal"), beside(&aside, "-wal")),
        (database.clone(), aside.clone()),
    ] {
        if fs::metadata(&from).is_ok_and(|file| file.len() > 0) {
            fs::rename(&from, to)?;
            kept = Some(aside.clone());
        }
    }
    finish_interrupted(dir)?;
    forget_aside(dir, KEPT_ASIDE);
    Ok(kept)
}

/// Completes a recovery that was interrupted before its last step: the new database, which is
/// complete once it has this name, replaces the old one.
pub(super) fn finish_interrupted(dir: &Path) -> std::io::Result<()> {
    let database = dir.join(DATABASE_FILE);
    let made = beside(&database, ".recovered");
    if !made.exists() {
        return Ok(());
    }
    if fs::metadata(&database).is_ok_and(|file| file.len() > 0) {
        // The recovery stopped before it set the old database aside. So the old one stays, and is
        // recovered again.
        return fs::remove_file(made);
    }
    for tail in ["-wal", "-shm"] {
        match fs::remove_file(beside(&database, tail)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(made, &database)?;
    marker::set(&database, false);
    File::open(dir)?.sync_all()
}

/// Removes all but the newest damaged files, both of the database and of its log. Returns whether
/// there were more.
pub(super) fn forget_aside(dir: &Path, keep: usize) -> bool {
    let mut surplus = 0;
    for start in [".damaged-", "-wal.damaged-"] {
        let start = format!("{DATABASE_FILE}{start}");
        let names = fs::read_dir(dir).into_iter().flatten().flatten();
        let mut names: Vec<_> = names
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.starts_with(&start) && !name.ends_with("-wal"))
            .collect();
        names.sort();
        let more = names.len().saturating_sub(keep);
        for name in names.iter().take(more) {
            let file = dir.join(name);
            let _ = fs::remove_file(beside(&file, "-wal"));
            let _ = fs::remove_file(file);
        }
        surplus += more;
    }
    surplus > 0
}

/// Writes the new database.
fn make(database: &Path, new: &Path, now: UnixMillis) -> Result<Recovery, OpenError> {
    let unusable = |cause: &std::io::Error| OpenError::unusable(database, Why::of_io(cause));
    let mut image =
        Image::open(database, &beside(database, "-wal")).map_err(|cause| unusable(&cause))?;
    let first = image.page(1).unwrap_or_default();
    let mut version = Schema::CURRENT.version();
    if let Some(found) =
        refuse_foreign(database, &first, Schema::CURRENT)?.filter(|found| *found > 0)
    {
        version = found;
    }
    let steps = usize::try_from(version)
        .unwrap_or(usize::MAX)
        .min(Schema::CURRENT.0.len());
    private_file(new)
        .and_then(|file| file.set_len(0))
        .map_err(|cause| unusable(&cause))?;
    let mut made = || -> rusqlite::Result<Vec<TableReport>> {
        let mut connection = connect(new, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // An incomplete file is thrown away, so no rollback is needed.
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "foreign_keys", false)?;
        schema::migrate(&mut connection, Schema(&Schema::CURRENT.0[..steps]))?;
        let transaction = connection.transaction()?;
        let tables = tables::fill(&transaction, &mut image)?;
        note(&transaction, &tables, now)?;
        transaction.commit()?;
        Ok(tables)
    };
    let tables = made().map_err(|cause| OpenError::unusable(database, Why::of_sqlite(&cause)))?;
    Ok(Recovery {
        tables,
        set_aside: None,
    })
}

/// Records the recovery until the owner acknowledges it.
fn note(connection: &Connection, tables: &[TableReport], now: UnixMillis) -> rusqlite::Result<()> {
    let lost: u64 = tables.iter().map(|table| table.lost).sum();
    let sql = "INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)";
    connection.execute(sql, [MetaKey::RecoveredAt.as_str(), &now.0.to_string()])?;
    connection.execute(sql, [MetaKey::RecoveredLost.as_str(), &lost.to_string()])?;
    Ok(())
}
