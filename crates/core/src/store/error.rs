//! What the store can answer instead of doing what was asked.

use std::path::PathBuf;

use crate::gateway::AccessError;

use rusqlite::ErrorCode;

/// Why the store could not be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data directory cannot be made or written.
    #[error("the data directory {} cannot be used: {cause}", dir.display())]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// Another process has this directory open.
    #[error("the data directory {} is in use by another SimRelay; stop that one or name another directory", dir.display())]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// The database was written by a newer program.
    #[error("the database {} has version {found}, this program knows up to {known}; install a newer SimRelay", file.display())]
    Newer {
        /// The database file.
        file: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The database must be brought up to date first, and that was not allowed now.
    #[error("the database {} has version {found} and must be brought up to date first; open SimRelay once", file.display())]
    Older {
        /// The database file.
        file: PathBuf,
        /// Its schema version.
        found: i64,
    },
    /// The file is not a database of ours or is damaged.
    #[error("the database {} is damaged or not a SimRelay database ({detail}); move it away or restore a copy, it was left as it is", file.display())]
    Corrupt {
        /// The database file.
        file: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// SQLite failed for another reason, such as a full disk.
    #[error("the database {} cannot be opened: {cause}", file.display())]
    Database {
        /// The database file.
        file: PathBuf,
        /// What SQLite said.
        cause: rusqlite::Error,
    },
    /// The first write failed, for instance because the disk is full.
    #[error("the data directory {} cannot be prepared: {cause}", dir.display())]
    Prepare {
        /// The directory.
        dir: PathBuf,
        /// What the store said.
        cause: StoreError,
    },
    /// The user or the password that was wanted cannot be used. Nothing was changed.
    #[error(transparent)]
    Access(#[from] AccessError),
}

/// Why a read or write of the open store failed. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error(
        "The storage is full. Free some space; what was sent now was not taken, send it again."
    )]
    Full,
    /// The storage cannot be written just now (read-only, I/O error, locked).
    #[error("The storage cannot be written now. What was sent was not taken, send it again later.")]
    Unavailable(#[source] Option<rusqlite::Error>),
    /// The storage cannot be read just now (I/O error, locked).
    #[error("The storage cannot be read now. Try again later.")]
    Unreadable(#[source] Option<rusqlite::Error>),
    /// So many lists wait to be read that this one would wait too long.
    #[error("Too many lists are being read now. Try again in a few seconds.")]
    Busy,
    /// A list took so long that it was broken off.
    #[error("Reading this took too long. Ask for less of it, by from and to or a smaller offset.")]
    TooLong,
    /// The gateway is shutting down.
    #[error("The gateway is stopping. Send it again when it is back.")]
    Closed,
    /// A mistake of ours: a statement that cannot work or a value that cannot be read.
    #[error("Internal error.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// The storage is full or cannot be written just now.
    pub(crate) fn is_storage(&self) -> bool {
        matches!(self, Self::Full | Self::Unavailable(_))
    }

    /// The same as the end of a read: what is said of writing does not fit.
    pub(crate) fn of_reading(self) -> Self {
        match self {
            Self::Unavailable(cause) => Self::Unreadable(cause),
            other => other,
        }
    }

    /// Whether a read failed in a way that its owner must hear of.
    pub(crate) fn is_fault(&self) -> bool {
        !matches!(self, Self::Busy | Self::TooLong | Self::Closed)
    }

    /// What lies behind it, for the program's own output.
    pub(crate) fn cause(&self) -> String {
        let source = std::error::Error::source(self);
        source.map_or_else(|| self.to_string(), ToString::to_string)
    }

    /// A fault in our own code or data.
    pub(crate) fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
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

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn what_storage_says_becomes_a_sentence_for_the_user() {
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
                    .starts_with("The storage cannot be written now.")
            );
        }
        assert!(!of(ffi::SQLITE_CONSTRAINT).is_storage());
    }
}
