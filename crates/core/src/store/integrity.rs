//! Checks the open database, and publishes what is known of its damage.

use std::sync::Mutex;
use std::sync::PoisonError;

use rusqlite::{InterruptHandle, OpenFlags};
use tokio::sync::watch;

use super::check::{self, Checkup, Depth};
use super::connect::connect;
use super::{DamageState, MetaKey, Snapshot, Store, StoreError, Transaction, marker};
use crate::model::clock::UnixMillis;

/// The findings of the opening that are to be logged.
#[derive(Debug, Default)]
pub(crate) struct AtOpening {
    /// The database was too large to be checked.
    pub unchecked: bool,
    /// Tables whose indexes were rebuilt.
    pub rebuilt: Vec<String>,
    /// `Some` if the write-ahead log was damaged; true if some of its data is lost.
    pub log_damaged: Option<bool>,
}

/// A recovery that the owner has not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// When it happened.
    pub at: UnixMillis,
    /// The number of rows known to be lost.
    pub lost: i64,
}

/// Stops a running check.
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

    /// Records damage that a caller met and worked around.
    pub fn met_damage(&self) {
        self.damage.note(&StoreError::Damaged);
    }

    /// Returns a watch on the known damage.
    pub fn damage(&self) -> watch::Receiver<DamageState> {
        self.damage.watch()
    }

    /// Reads the whole database on a connection of its own and rebuilds damaged indexes. Blocks for
    /// as long as that takes; [`Stopper::stop`] ends it early.
    pub fn check(&self, depth: Depth, stopper: &Stopper) -> Result<Checkup, StoreError> {
        let checkup = match self.look(depth, stopper) {
            // The tables cannot even be listed, so the schema itself is damaged.
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
        // Others are notified before the rebuild, which may take long.
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
    /// Returns the recovery that the owner has not acknowledged, if there is one.
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
    /// Records a recovery until the owner acknowledges it.
    pub fn note_recovered(&self, recovered: Recovered) -> Result<(), StoreError> {
        self.set_meta(MetaKey::RecoveredAt, &recovered.at.0.to_string())?;
        self.set_meta(MetaKey::RecoveredLost, &recovered.lost.to_string())
    }

    /// Notes that the owner acknowledged the recovery.
    pub fn acknowledge_recovery(&self) -> Result<(), StoreError> {
        self.set_meta(MetaKey::RecoveredAt, "0")
    }
}
