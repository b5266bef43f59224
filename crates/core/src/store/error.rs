//! The errors of the store.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the store could not be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has this directory open.
    #[error("the data directory {} is in use by another SimRelay; stop it or choose another directory", dir.display())]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// The database was written by a newer program.
    #[error("the database {} has version {found}, but this program supports versions up to {known}; install a newer SimRelay", file.display())]
    Newer {
        /// The database file.
        file: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The database needs a migration, and the caller did not allow it.
    #[error("the database {} has version {found} and must be upgraded first; start SimRelay once", file.display())]
    Older {
        /// The database file.
        file: PathBuf,
        /// Its schema version.
        found: i64,
    },
    /// The file is damaged.
    #[error("the database {} is damaged; restore a copy of it, or run \"simrelay recover\" with the same --data-dir to build a new one from what can be read. It was left as it is", file.display())]
    Damaged {
        /// The database file.
        file: PathBuf,
    },
    /// The database is missing or empty, although there was one.
    #[error("the database {} is missing or empty, but there was one in this directory; restore a copy of it, or run \"simrelay recover\" with the same --data-dir to build a new one from what is left, or remove the directory to start afresh", file.display())]
    Missing {
        /// The database file.
        file: PathBuf,
    },
    /// The file is not one of our databases.
    #[error("the file {} is not a database of SimRelay but of another program; move it away or choose another directory. It was left as it is", file.display())]
    Foreign {
        /// The file.
        file: PathBuf,
    },
    /// The requested user or password is not valid. Nothing was changed.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The file uses a later SQLite format, or one that this program does not use.
    #[error("the database {} has an SQLite format that this program cannot read; open it with the program that wrote it. It was left as it is", file.display())]
    Format {
        /// The file.
        file: PathBuf,
    },
    /// The storage does not allow its use.
    #[error("{} cannot be used: {why}", path.display())]
    Unusable {
        /// The directory or file.
        path: PathBuf,
        /// The reason.
        why: Why,
    },
}

impl OpenError {
    pub(super) fn unusable(path: &Path, why: Why) -> Self {
        Self::Unusable {
            path: path.into(),
            why,
        }
    }

    /// Returns whether the disk is full.
    pub(super) fn is_full(&self) -> bool {
        matches!(self, Self::Unusable { why: Why::Full, .. })
    }

    /// Returns whether recovering into a new database would help.
    pub(super) fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Missing { .. })
    }
}

/// Why a file or directory cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The disk is full.
    #[error("the storage is full; free some space and start again")]
    Full,
    /// The file system or the file is read-only.
    #[error(
        "it cannot be written to, because the file or its file system is read-only; make it writable and start again"
    )]
    ReadOnly,
    /// This user lacks the permission.
    #[error(
        "this user has no permission to read and write it; change its owner or its permissions"
    )]
    Denied,
    /// Another program has locked it.
    #[error("another program holds it locked; close that program")]
    Locked,
    /// It does not exist.
    #[error("it does not exist; check the name of the data directory")]
    Absent,
    /// There is a file in place of a directory.
    #[error("it is not a directory; choose another one")]
    NoDirectory,
    /// It is damaged.
    #[error("it is damaged; restore a copy of it")]
    Damaged,
    /// The storage reports I/O errors.
    #[error("the storage fails to read or write; check the disk")]
    Failing,
    /// Another error, by its number.
    #[error("it could not be read as a database; the error number is {0}")]
    Other(i32),
}

impl Why {
    pub(super) fn of_io(cause: &io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::Full,
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::PermissionDenied => Self::Denied,
            io::ErrorKind::NotFound => Self::Absent,
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => Self::NoDirectory,
            _ => Self::Failing,
        }
    }

    pub(super) fn of_sqlite(cause: &rusqlite::Error) -> Self {
        if is_damage(cause) {
            return Self::Damaged;
        }
        match cause.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::Denied,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::SystemIoFailure) => Self::Failing,
            _ => Self::Other(cause.sqlite_error().map_or(0, |error| error.extended_code)),
        }
    }

    pub(crate) fn of_store(error: &StoreError) -> Self {
        match error {
            StoreError::Full => Self::Full,
            StoreError::Unavailable(Some(cause)) => Self::of_sqlite(cause),
            StoreError::Damaged => Self::Damaged,
            _ => Self::Failing,
        }
    }
}

/// Returns whether a page, a record or a value differs from what was written. The tables are
/// STRICT, so our own statements cannot store a value of the wrong type.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error;
    match error {
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::Utf8Error(..) => true,
        _ => {
            let corrupt_file_system = error
                .sqlite_error()
                .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_CORRUPTFS);
            corrupt_file_system
                || matches!(
                    error.sqlite_error_code(),
                    Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
                )
        }
    }
}

/// Why a read or write of the open store failed. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("The storage is full, so nothing was saved. Free some space and send it again.")]
    Full,
    /// The storage cannot be written at the moment (read-only, I/O error, locked).
    #[error("The storage cannot be written to now, so nothing was saved. Send it again later.")]
    Unavailable(#[source] Option<rusqlite::Error>),
    /// The storage cannot be read at the moment (I/O error, locked).
    #[error("The storage cannot be read now. Try again later.")]
    Unreadable(#[source] Option<rusqlite::Error>),
    /// So many lists are queued for reading that this one would wait too long.
    #[error("Too many lists are being read at the moment. Try again in a few seconds.")]
    Busy,
    /// Reading a list took too long and was stopped.
    #[error("Reading this took too long. Ask for less, by from and to or a smaller offset.")]
    TooLong,
    /// The operation needs a damaged page.
    #[error(
        "The database is damaged, and this needs the damaged part. Nothing was saved. Stop the gateway, run \"simrelay recover\" or restore a copy (in the app: restart it), then send it again."
    )]
    Damaged,
    /// The gateway is shutting down.
    #[error("The gateway is stopping. Send it again when it is back.")]
    Closed,
    /// A bug of ours: an invalid statement, or a value that cannot be read.
    #[error("Internal error.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// Returns whether the storage is full or cannot be written at the moment.
    pub(crate) fn is_storage(&self) -> bool {
        matches!(self, Self::Full | Self::Unavailable(_))
    }

    /// Converts the error for a failed read, because texts about writing do not apply.
    pub(crate) fn of_reading(self) -> Self {
        match self {
            Self::Unavailable(cause) => Self::Unreadable(cause),
            other => other,
        }
    }

    /// Returns whether a failed read must be logged for the owner.
    pub(crate) fn is_fault(&self) -> bool {
        !matches!(self, Self::Busy | Self::TooLong | Self::Closed)
    }

    /// Returns the underlying error, for the program's own output.
    pub(crate) fn cause(&self) -> String {
        let source = std::error::Error::source(self);
        source.map_or_else(|| self.to_string(), ToString::to_string)
    }

    /// Wraps an error in our own code or data.
    pub(crate) fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if is_damage(&error) {
            return Self::Damaged;
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::OperationInterrupted) => Self::TooLong,
            Some(
                ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure
                | ErrorCode::PermissionDenied
                | ErrorCode::CannotOpen
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory,
            ) => Self::Unavailable(Some(error)),
            _ => Self::Internal(error.into()),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

/// Why the credentials or the port were not changed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The user is not valid.
    #[error("user must have 1 to 64 characters, without colons and control characters.")]
    User,
    /// The password is not valid.
    #[error("password must have 8 to 128 characters, without control characters.")]
    Password,
    /// The port is not valid.
    #[error("port must be a whole number from 1024 to 65535.")]
    Port,
    /// The id is not valid.
    #[error("the device id must have 1 to 64 characters of A-Z, a-z, 0-9 and -_.:~@+.")]
    DeviceId,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn open_error_of_the_storage_is_a_sentence_for_the_user() {
        let of =
            |code| StoreError::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        assert!(matches!(of(ffi::SQLITE_FULL), StoreError::Full));
        for code in [
            ffi::SQLITE_READONLY,
            ffi::SQLITE_READONLY_DBMOVED,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_CANTOPEN,
            ffi::SQLITE_BUSY,
        ] {
            let error = of(code);
            assert!(matches!(error, StoreError::Unavailable(_)) && error.is_storage());
            assert!(
                error
                    .to_string()
                    .starts_with("The storage cannot be written to now,")
            );
        }
        assert!(!of(ffi::SQLITE_CONSTRAINT).is_storage());
        for code in [
            ffi::SQLITE_CORRUPT,
            ffi::SQLITE_CORRUPT_INDEX,
            ffi::SQLITE_NOTADB,
        ] {
            let error = of(code);
            assert!(matches!(error, StoreError::Damaged) && !error.is_storage());
        }
        let garbled = rusqlite::Error::IntegralValueOutOfRange(0, -1);
        assert!(matches!(StoreError::from(garbled), StoreError::Damaged));
    }
}
