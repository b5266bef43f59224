//! The check of an open database, and what is told of damage.

use std::sync::Mutex;
use std::sync::PoisonError;

use rusqlite::{InterruptHandle, OpenFlags};
use tokio::sync::watch;

use super::check::{self, Checkup, Depth};
use super::connect::connect;
use super::{DamageState, MetaKey, Snapshot, Store, StoreError, Transaction, marker};
use crate::model::clock::UnixMillis;

/// What opening found to tell.
#[derive(Debug, Default)]
pub(crate) struct AtOpening {
    /// The database was too large to be checked.
    pub unchecked: bool,
    /// Tables whose indexes were rebuilt.
    pub rebuilt: Vec<String>,
    /// The write-ahead log was damaged; whether something of it is lost.
    pub log_damaged: Option<bool>,
}

/// A recovery of which the owner has not said that he has seen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// When it was.
    pub at: UnixMillis,
    /// Rows that are known to be lost.
    pub lost: i64,
}

/// Panics off a check that runs.
#[derive(Default)]
pub(crate) struct Stopper(Mutex<Option<InterruptHandle>>);

impl Stopper {
    pub fn stop(&self) {
        if let Some(handle) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            handle.interrupt();
        }
    }

    fn watch(&self, handle: Option<InterruptHandle>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = handle;
    }
}

impl Store {
    pub fn at_opening(&self) -> &AtOpening {
        &self.opened
    }

    /// Damage was met by somebody who goes on without what it hit.
    pub fn met_damage(&self) {
        self.damage.note(&StoreError::Damaged);
    }

    /// Whether damage was met.
    pub fn damage(&self) -> watch::Receiver<DamageState> {
        self.damage.watch()
    }

    /// Reads the whole database on a connection of its own and rebuilds the indexes of what is not
    /// whole. Blocks for as long as that takes; [`Stopper::stop`] ends it early.
    pub fn check(&self, depth: Depth, stopper: &Stopper) -> Result<Checkup, StoreError> {
        let checkup = match self.look(depth, stopper) {
            // What cannot even be listed: the schema itself is hit.
            Err(StoreError::Damaged) => Checkup {
                damaged: vec!["sqlite_schema".to_owned()],
                ..Checkup::default()
            },
            looked => looked?,
        };
        let damaged = !checkup.damaged.is_empty();
        self.damage.checked(damaged);
        marker::set(&self.file, damaged);
        Ok(checkup)
    }

    fn look(&self, depth: Depth, stopper: &Stopper) -> Result<Checkup, StoreError> {
        let connection = connect(&self.file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.pragma_update(None, "cache_size", -256)?;
        stopper.watch(Some(connection.get_interrupt_handle()));
        let looked = self.check_on(&connection, depth);
        stopper.watch(None);
        looked
    }

    fn check_on(
        &self,
        connection: &rusqlite::Connection,
        depth: Depth,
    ) -> Result<Checkup, StoreError> {
        let mut checkup = Checkup::default();
        let suspects = check::suspects(connection, depth)?;
        if suspects.is_empty() {
            return Ok(checkup);
        }
        // Others hear of it before the rebuilding, which may take long.
        self.damage.note(&StoreError::Damaged);
        for table in suspects {
            let name = table.clone();
            let built = self
                .writer
                .write(move |connection| check::rebuild_indexes(connection, &name));
            match built.wait() {
                Ok(()) => checkup.rebuilt.push(table),
                Err(StoreError::Damaged) => checkup.damaged.push(table),
                Err(error) => return Err(error),
            }
        }
        let left = check::suspects(connection, Depth::Thorough)?;
        checkup.rebuilt.retain(|table| !left.contains(table));
        checkup.damaged = left;
        Ok(checkup)
    }
}

impl Snapshot<'_> {
    /// The recovery of which the owner has not said that he has seen it.
    pub fn recovered(&self) -> Result<Option<Recovered>, StoreError> {
        let at = self.meta_number(MetaKey::RecoveredAt)?.unwrap_or(0);
        if at == 0 {
            return Ok(None);
        }
        let lost = self.meta_number(MetaKey::RecoveredLost)?.unwrap_or(0);
        let at = UnixMillis(at);
        Ok(Some(Recovered { at, lost }))
    }
}

impl Transaction<'_> {
    /// Leaves word of a recovery for the owner.
    pub fn note_recovered(&self, recovered: Recovered) -> Result<(), StoreError> {
        self.set_meta(MetaKey::RecoveredAt, &recovered.at.0.to_string())?;
        self.set_meta(MetaKey::RecoveredLost, &recovered.lost.to_string())
    }

    /// The owner has seen it.
    pub fn acknowledge_recovery(&self) -> Result<(), StoreError> {
        self.set_meta(MetaKey::RecoveredAt, "0")
    }
}
