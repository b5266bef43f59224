//! Everything that is kept: one SQLite file, one writer thread, a few readers. All SQL is in here.
//!
//! Cost of a write: one closure sent to the writer; all that wait share one commit (one fsync).
//! Cost of a read: one of [`READERS`] read-only connections, which see the last commit.

mod check;
mod damage;
mod deliveries;
mod error;
mod glance;
mod history;
mod inbox;
mod inbox_jobs;
mod integrity;
mod log_file;
mod logs;
mod marker;
mod message_pages;
mod messages;
mod meta;
mod open;
mod phone_rows;
mod recipients;
mod replay;
mod reserve;
mod retention;
mod salvage;
mod schema;
mod sessions;
mod settings;
mod tokens;
mod webhooks;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::watch;

use schema::Schema;

pub(crate) use check::{Checkup, Depth};
pub(crate) use damage::DamageState;
pub use deliveries::{AttemptRecord, DeliveryRecord};
pub(crate) use deliveries::{AttemptRow, Claimed, Lane, NewDelivery, Settlement, Verdict};
pub use error::{OpenError, StoreError, Why};
pub use glance::{LastAttempt, WebhookHealth};
pub(crate) use history::MADE_MOST;
pub use history::{DeliveryFilter, DeliveryPage, DeliveryState};
pub(crate) use inbox::NewMessage;
pub use inbox::{AttachmentRecord, InboxFilter, InboxKind, InboxRecord};
pub(crate) use inbox_jobs::{InboxJob, NewInboxJob, WebhookDelivery};
pub use integrity::Recovered;
pub(crate) use integrity::Stopper;
pub(crate) use logs::NewLog;
pub use logs::{LogRecord, Priority};
pub(crate) use message_pages::{HEAD, Listed, OutgoingHead, Place, Which};
pub(crate) use messages::{NewOutgoing, OutgoingFilter, OutgoingRecord, RecipientRecord};
pub(crate) use meta::MetaKey;
pub(crate) use open::Opening;
pub(crate) use phone_rows::{KnownRow, RowState};
pub(crate) use recipients::{NextRecipient, RecipientRow};
pub use replay::Replay;
pub(crate) use retention::Limits;
pub use salvage::{Recovery, TableReport, recover};
pub(crate) use tokens::{NewPair, Rotation};
pub use webhooks::{Source, Webhook};
pub use writer::Ticket;

/// Read-only connections: enough for a list that is streamed beside short reads.
const READERS: usize = 2;

/// The most rows that a page of a list looks at for those its filter wants.
pub(super) const LOOKED_AT: usize = 5_000;

/// An open data directory.
pub(crate) struct Store {
    writer: writer::Writer,
    readers: Mutex<Vec<Connection>>,
    reader_free: Condvar,
    file: PathBuf,
    damage: damage::Damage,
    /// What opening found to tell.
    opened: integrity::AtOpening,
    /// Held for the life of the store: a second process on the directory is refused.
    _lock: File,
}

impl Store {
    /// Opens or makes the data directory and brings its database up to date; if that `may_migrate`
    /// not be, one of an older version is refused.
    #[cfg(test)]
    pub fn open(dir: &Path, may_migrate: bool) -> Result<Self, OpenError> {
        let now = crate::clock::UnixMillis(0);
        let recover = false;
        let opening = Opening {
            may_migrate,
            recover,
            now,
        };
        Self::open_as(dir, opening)
    }

    /// Opens or makes the data directory.
    pub fn open_as(dir: &Path, opening: Opening) -> Result<Self, OpenError> {
        let opened = open::open(dir, READERS, opening, Schema::CURRENT)?;
        let damage = damage::Damage::default();
        let writer = writer::Writer::start(opened.writer, damage.clone())
            .map_err(|cause| OpenError::unusable(dir, Why::of_io(&cause)))?;
        Ok(Self {
            writer,
            readers: Mutex::new(opened.readers),
            reader_free: Condvar::new(),
            file: opened.file,
            damage,
            opened: integrity::AtOpening {
                unchecked: opened.unchecked,
                rebuilt: opened.rebuilt,
                log_damaged: opened.log_damaged,
            },
            _lock: opened.lock,
        })
    }

    /// Whether writes reach the disk, as the last one told. After a failed one this tries again, so
    /// that the next call knows better.
    pub fn is_writable(&self) -> bool {
        let failing = self.writer.is_failing();
        if failing {
            drop(self.write(|transaction| transaction.set_meta(MetaKey::Probe, "")));
        }
        !failing
    }

    /// Counts up with every commit, so that a watcher sees that something changed.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.writer.commits()
    }

    /// Queues a write. It survives a power cut once its ticket says so.
    pub fn write<T, F>(&self, mut work: F) -> Ticket<T>
    where
        T: Send + 'static,
        F: FnMut(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let damage = self.damage.clone();
        self.writer.write(move |connection| {
            work(&Transaction {
                connection,
                damage: &damage,
            })
        })
    }

    /// Makes a write and blocks until it survives a power cut, on the calling thread if nobody else
    /// writes. Must not be called inside an async runtime.
    pub fn write_here<T, F>(&self, mut work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let damage = self.damage.clone();
        self.writer.write_here(move |connection| {
            work(&Transaction {
                connection,
                damage: &damage,
            })
        })
    }

    /// Reads on the calling thread, one state of the database; waits for a free reader.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut free = self.free_readers();
        let connection = loop {
            match free.pop() {
                Some(connection) => break connection,
                None => {
                    free = self
                        .reader_free
                        .wait(free)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        };
        drop(free);
        let reader = Borrowed {
            store: self,
            connection: Some(connection),
        };
        let read = || {
            let transaction = reader.connection().unchecked_transaction()?;
            work(&Snapshot {
                connection: &transaction,
            })
        };
        read().inspect_err(|error| self.damage.note(error))
    }

    fn free_readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives a reader back even if the read panics.
struct Borrowed<'a> {
    store: &'a Store,
    connection: Option<Connection>,
}

impl Borrowed<'_> {
    fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("it is taken only on drop")
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        self.store.free_readers().extend(self.connection.take());
        self.store.reader_free.notify_one();
    }
}

/// A write in progress. Its methods stand in the file of their table.
pub(crate) struct Transaction<'a> {
    connection: &'a Connection,
    damage: &'a damage::Damage,
}

/// A read in progress. Its methods stand in the file of their table.
pub(crate) struct Snapshot<'a> {
    connection: &'a Connection,
}

impl Transaction<'_> {
    /// What a reader would see, including what this transaction wrote so far.
    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            connection: self.connection,
        }
    }
}
