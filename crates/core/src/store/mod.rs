//! All persistent data: one SQLite file, one writer thread, a few readers. All SQL is in this
//! module.
//!
//! Cost of a write: one closure sent to the writer; all queued writes share one commit (one fsync).
//! Cost of a read: a read-only connection, which sees the last commit ([`reading`]).

mod acknowledged;
mod check;
mod connect;
mod counted;
mod damage;
mod deliveries;
mod directory;
mod error;
mod evidence;
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
mod notices;
mod open;
mod phone_rows;
mod queue;
mod reading;
mod recipients;
mod replay;
mod reserve;
mod retention;
mod salvage;
mod schema;
mod sending_times;
mod sessions;
mod settings;
mod tokens;
mod troubles;
mod webhooks;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::watch;

use crate::model::clock::Clock;

use notices::Notices;
use schema::Schema;

pub(crate) use acknowledged::WebhookDelivery;
pub(crate) use check::{Checkup, Depth};
pub(crate) use damage::DamageState;
pub use deliveries::{AttemptRecord, DeliveryRecord};
pub(crate) use deliveries::{AttemptRow, Settlement, Verdict};
pub use error::{AccessError, OpenError, StoreError, Why};
pub(crate) use evidence::DeliveryRow;
pub(crate) use glance::Doing;
pub use glance::{COUNT_LIMIT, LastAttempt, WebhookHealth};
pub(crate) use history::DELIVERIES_LIMIT;
pub use history::{DeliveryFilter, DeliveryPage, DeliveryState};
pub(crate) use inbox::NewMessage;
pub use inbox::{AttachmentRecord, InboxFilter, InboxKind, InboxRecord};
pub(crate) use inbox_jobs::{InboxJob, NewInboxJob};
pub use integrity::Recovered;
pub(crate) use integrity::Stopper;
pub(crate) use logs::{LogEntry, Module};
pub use logs::{LogRecord, Priority};
pub(crate) use message_pages::{Cursor, Direction, Listed, OutgoingHead, PREVIEW_CHARS};
pub(crate) use messages::{NewOutgoing, OutgoingFilter, OutgoingRecord, RecipientRecord};
pub(crate) use meta::MetaKey;
pub(crate) use notices::Notice;
pub(crate) use open::Opening;
pub(crate) use phone_rows::{KnownRow, RowState};
pub(crate) use queue::{Claimed, NewDelivery, WaitingOf};
pub(crate) use reading::{Patience, Reader};
pub(crate) use recipients::{NextRecipient, RecipientRow};
pub use replay::Replay;
pub(crate) use retention::Limits;
pub use salvage::{Recovery, TableReport, recover};
pub(crate) use tokens::{NewPair, Rotation};
pub(crate) use troubles::DeadPlace;
pub use webhooks::{Source, Webhook};
pub use writer::Ticket;

/// The most rows that one page of a filtered list may look at.
pub(crate) const SCAN_LIMIT: usize = 5_000;

/// An open data directory.
pub(crate) struct Store {
    writer: writer::Writer,
    readers: reading::Readers,
    notices: Arc<Notices>,
    file: PathBuf,
    damage: damage::Damage,
    /// The findings of the opening that are to be logged.
    opened: integrity::AtOpening,
    /// Held for the life of the store, so that a second process cannot open the directory.
    _lock: File,
}

impl Store {
    /// Opens or creates the data directory and migrates its database. If `may_migrate` is false,
    /// older databases are refused.
    #[cfg(test)]
    pub fn open(dir: &Path, may_migrate: bool, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let opening = Opening {
            may_migrate,
            recover: false,
            now: clock.now(),
        };
        Self::open_as(dir, opening, clock)
    }

    /// Opens or creates the data directory.
    pub fn open_as(dir: &Path, opening: Opening, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let opened = open::open(dir, reading::READERS, opening, Schema::CURRENT)?;
        let damage = damage::Damage::default();
        let notices = Arc::new(Notices::new(clock));
        let writer = writer::Writer::start(opened.writer, damage.clone(), Arc::clone(&notices))
            .map_err(|cause| OpenError::unusable(dir, Why::of_io(&cause)))?;
        Ok(Self {
            writer,
            readers: reading::Readers::new(opened.readers),
            notices,
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

    /// Returns whether the last write reached the disk. If it did not, this call also tries another
    /// write, so that the next call knows the current state.
    pub fn is_writable(&self) -> bool {
        let failing = self.writer.is_failing();
        if failing {
            drop(self.write(|transaction| transaction.set_meta(MetaKey::Probe, "")));
        }
        !failing
    }

    /// Logs a notice that may repeat, and prints it to the program's own output: the first time at
    /// once, then once a minute.
    pub fn tell(&self, notice: Notice) {
        if let Some(entry) = self.notices.tell(notice) {
            drop(self.write(move |transaction| transaction.log(&entry)));
        }
    }

    /// Logs once a minute how often earlier notices were repeated. Never returns.
    pub async fn tell_repetitions(&self) {
        loop {
            self.notices.repeated().await;
            for entry in self.notices.leftovers() {
                drop(self.write(move |transaction| transaction.log(&entry)));
            }
        }
    }

    /// Returns a counter that grows with every commit, so that a watcher is notified of changes.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.writer.commits()
    }

    /// Queues a write. It survives a power cut once its ticket is ready.
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

    /// Writes and blocks until the write survives a power cut, on the calling thread if nobody else
    /// is writing. Must not be called inside an async runtime.
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

    /// Rewrites the whole database, so that neither it nor its log holds deleted data. Blocks all
    /// other access meanwhile.
    pub fn scrub(&self) -> Result<(), StoreError> {
        self.writer.scrub()
    }
}

/// A write in progress. Its methods are in the file of their table.
pub(crate) struct Transaction<'a> {
    connection: &'a Connection,
    damage: &'a damage::Damage,
}

/// A read in progress. Its methods are in the file of their table.
pub(crate) struct Snapshot<'a> {
    connection: &'a Connection,
}

impl Transaction<'_> {
    /// Returns a view for reading that includes the changes of this transaction.
    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            connection: self.connection,
        }
    }
}
