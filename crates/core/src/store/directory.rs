//! The files of a data directory: their names, permissions and lock.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::error::{OpenError, Why};

pub(super) const DATABASE_FILE: &str = "simrelay.db";
const LOCK_FILE: &str = "simrelay.lock";
/// The content of the lock file before there is a database. If it says otherwise and the database
/// is missing, this is not a first start.
const NO_DATABASE: &str = "No database was made here yet.\n";
const HAS_DATABASE: &str = "A database was made here.\n";

/// Creates the directory, accessible to its owner only. A directory that holds other files keeps
/// its permissions, because they are not ours to change.
pub(super) fn prepare_directory(dir: &Path) -> io::Result<()> {
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

/// Creates the file if it is missing, readable by its owner only. SQLite gives its WAL and
/// shared-memory files the permissions of the database.
pub(super) fn private_file(file: &Path) -> io::Result<File> {
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

/// The lock of a directory, and whether it records that there was a database.
pub(super) struct Lock {
    pub file: File,
    pub had_database: bool,
}

impl Lock {
    /// Records that there is a database. If the disk is full, the next start records it.
    pub fn mark(&mut self) {
        let write = |file: &mut File| {
            file.rewind()?;
            file.write_all(HAS_DATABASE.as_bytes())?;
            file.set_len(HAS_DATABASE.len() as u64)
        };
        let mut text = String::new();
        let read = self
            .file
            .rewind()
            .and_then(|()| self.file.read_to_string(&mut text));
        if read.is_err() || text != HAS_DATABASE {
            drop(write(&mut self.file));
        }
    }
}

pub(super) fn lock(dir: &Path) -> Result<Lock, OpenError> {
    let path = dir.join(LOCK_FILE);
    let directory = |cause: io::Error| OpenError::unusable(dir, Why::of_io(&cause));
    let is_new = !path.exists();
    let mut file = private_file(&path).map_err(directory)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { dir: dir.into() }),
        Err(TryLockError::Error(cause)) => return Err(directory(cause)),
    }
    if is_new && let Err(cause) = file.write_all(NO_DATABASE.as_bytes()) {
        // An empty lock file would mean that there was a database.
        let _ = fs::remove_file(&path);
        return Err(directory(cause));
    }
    let mut text = String::new();
    let _ = file.rewind().and_then(|()| file.read_to_string(&mut text));
    // Earlier versions left the lock file empty.
    let had_database = text != NO_DATABASE;
    Ok(Lock { file, had_database })
}

/// Appends `tail` to the file's name.
pub(super) fn beside(file: &Path, tail: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(tail);
    name.into()
}
