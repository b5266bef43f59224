//! Replays or discards all dead deliveries, whichever webhook they are for.

use serde_json::json;

use super::Gateway;
use crate::model::clock::UnixMillis;
use crate::store::{DeadPlace, LogEntry, MetaKey, Module, Priority, StoreError, Transaction};

/// The most deliveries that one write changes, so that no write holds up the others.
const BATCH: u32 = 500;

impl Gateway {
    /// Replays all dead deliveries, oldest first. Returns how many. Works in batches: if one is
    /// refused, those before it stand.
    pub(crate) async fn replay_dead(&self) -> Result<usize, StoreError> {
        self.each_dead("Deliveries replayed.", |transaction, numbers, now| {
            transaction.replay_all(numbers, now)
        })
        .await
    }

    /// Makes no further attempt for all dead deliveries. Returns how many. Works in batches, too.
    pub(crate) async fn discard_dead(&self) -> Result<usize, StoreError> {
        self.each_dead("Deliveries discarded.", |transaction, numbers, now| {
            transaction.discard(numbers, now)
        })
        .await
    }

    /// Records that the owner knows of the dead deliveries that were removed for their age.
    pub(crate) async fn note_removed(&self) -> Result<(), StoreError> {
        let written = self
            .store
            .write(|transaction| transaction.set_meta(MetaKey::RemovedDeadAt, "0"));
        written.await
    }

    async fn each_dead(
        &self,
        message: &'static str,
        change: fn(&Transaction<'_>, &[i64], UnixMillis) -> Result<usize, StoreError>,
    ) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let (mut after, mut changed) = (DeadPlace::OLDEST, 0);
        loop {
            let read = self.read(move |snapshot| snapshot.dead_numbers(after, now, BATCH));
            let (numbers, last) = read.await?;
            if numbers.is_empty() {
                return Ok(changed);
            }
            after = last;
            let written = self.store.write(move |transaction| {
                let changed = change(transaction, &numbers, now)?;
                let context = json!({"deliveries": changed});
                transaction.log(&LogEntry::new(
                    now,
                    Priority::Info,
                    Module::Webhooks,
                    message,
                    context,
                ))?;
                Ok(changed)
            });
            changed += written.await?;
            self.signals.queued.notify_one();
        }
    }
}
