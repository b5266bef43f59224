//! Collects the inputs of the health checks.

use std::time::Duration;

use super::{Gateway, retention};
use crate::model::clock::UnixMillis;
use crate::model::device::{Facts, Health};
use crate::store::{COUNT_LIMIT, MetaKey, Snapshot, StoreError};

/// Messages that failed longer ago than this are not counted.
const LATELY: Duration = Duration::from_secs(3_600);

/// The counts from the store.
#[derive(Default)]
struct Counts {
    failed_messages: i64,
    removed_dead: i64,
    removed_dead_at: i64,
    dead: u32,
    failing: u32,
    recovered: bool,
}

impl Gateway {
    /// Returns the present health. Waits for a read.
    pub fn health(&self) -> Health {
        let now = self.clock.now();
        self.judge(self.store.read(|snapshot| count(snapshot, now)), now)
    }

    /// Returns the same without blocking the runtime's workers.
    pub(crate) async fn health_soon(&self) -> Health {
        let now = self.clock.now();
        let counted = self.store.read_soon(move |snapshot| count(snapshot, now));
        self.judge(counted.await, now)
    }

    fn judge(&self, counted: Result<Counts, StoreError>, now: UnixMillis) -> Health {
        let readable = counted.is_ok() && self.store.is_readable();
        let counts = counted.unwrap_or_default();
        let lately = now.since(UnixMillis(counts.removed_dead_at)) < retention::DEAD_LIFETIME;
        Health::judge(&Facts {
            device: self.device.state(),
            writable: self.store.is_writable(),
            readable,
            panics: self.panics.in_last_hour(),
            failed_messages: counts.failed_messages,
            damaged: self.is_damaged(),
            recovered: counts.recovered,
            dead: counts.dead,
            failing: counts.failing,
            removed_dead: (counts.removed_dead, lately),
            lacking: *self.signals.lacking.borrow(),
        })
    }
}

fn count(snapshot: &Snapshot<'_>, now: UnixMillis) -> Result<Counts, StoreError> {
    let number = |key| Ok::<_, StoreError>(snapshot.meta_number(key)?.unwrap_or(0));
    Ok(Counts {
        failed_messages: snapshot.failed_since(now.minus(LATELY))?,
        removed_dead: number(MetaKey::RemovedDead)?,
        removed_dead_at: number(MetaKey::RemovedDeadAt)?,
        dead: snapshot.count_dead(COUNT_LIMIT)?,
        failing: snapshot.count_failing(COUNT_LIMIT)?,
        recovered: snapshot.recovered()?.is_some(),
    })
}
