//! Reads past deliveries, replays them, and tests webhooks, for the API and the page.

use std::sync::Arc;

use serde_json::json;

use super::entry;
use crate::model::clock::{Clock, UnixMillis};
use crate::store::{
    DeadPlace, DeliveryFilter, DeliveryPage, DeliveryRecord, DeliveryState, MetaKey, Patience,
    Replay, Snapshot, Source, Store, StoreError, Transaction,
};

/// The most deliveries that one write replays, so that no write holds up the others.
const BATCH: u32 = 500;
/// The deliveries of all webhooks.
pub(crate) struct Deliveries {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    /// Has the deliverer look at what was queued.
    notify_deliverer: Arc<dyn Fn() + Send + Sync>,
}

impl Deliveries {
    pub fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        notify_deliverer: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self {
            store,
            clock,
            notify_deliverer,
        }
    }

    /// Returns a list page of a local webhook's deliveries; `None` if there is no such webhook.
    pub async fn delivery_page(
        &self,
        webhook_id: &str,
        filter: DeliveryFilter,
    ) -> Result<Option<DeliveryPage>, StoreError> {
        let id = webhook_id.to_owned();
        let page =
            move |snapshot: &Snapshot<'_>| snapshot.delivery_page(Source::Local, &id, &filter);
        self.store.list(Patience::Bounded, page).await
    }

    /// Returns a delivery of a local webhook, with its attempts.
    pub async fn delivery(&self, id: &str) -> Result<Option<DeliveryRecord>, StoreError> {
        let id = id.to_owned();
        self.store
            .read_soon(move |snapshot| snapshot.delivery(Source::Local, &id))
            .await
    }

    /// Replays a delivery at once, with a new count of retries; one that waits for a retry is
    /// attempted at once.
    pub async fn replay_delivery(&self, id: &str) -> Result<Replay, StoreError> {
        let (id, now) = (id.to_owned(), self.clock.now());
        let written = self.store.write(move |transaction| {
            let replay = transaction.replay(Source::Local, &id, now)?;
            if replay == Replay::Queued {
                let context = json!({"eventId": id});
                let message = "Delivery replayed.";
                transaction.log(&entry(now, message, context))?;
            }
            Ok(replay)
        });
        let replay = written.await?;
        (self.notify_deliverer)();
        Ok(replay)
    }

    /// Replays all deliveries that are in `state` (dead or delivered) and were queued at `since` or
    /// later; pending ones are attempted at once. Returns how many, or `None` if there is no such
    /// webhook. Works in batches: if one is refused, those before it stand.
    pub async fn replay_deliveries(
        &self,
        webhook_id: &str,
        state: DeliveryState,
        since: UnixMillis,
    ) -> Result<Option<usize>, StoreError> {
        let id = webhook_id.to_owned();
        let found = self
            .store
            .read_soon(move |snapshot| snapshot.webhook_number(Source::Local, &id))
            .await?;
        let Some(key) = found else { return Ok(None) };
        let now = self.clock.now();
        if state == DeliveryState::Pending {
            return self.hasten(webhook_id, key, since, now).await.map(Some);
        }
        let (mut after, mut queued) = (0, 0);
        loop {
            let numbers = self
                .store
                .read_soon(move |snapshot| snapshot.replayable(key, state, since, after, BATCH))
                .await?;
            let Some(last) = numbers.last().copied() else {
                return Ok(Some(queued));
            };
            after = last;
            let id = webhook_id.to_owned();
            let written = self.store.write(move |transaction| {
                let queued = transaction.replay_all(&numbers, now)?;
                let context = json!({"webhookId": id, "deliveries": queued});
                let message = "Deliveries replayed.";
                transaction.log(&entry(now, message, context))?;
                Ok(queued)
            });
            queued += written.await?;
            (self.notify_deliverer)();
        }
    }

    async fn hasten(
        &self,
        webhook_id: &str,
        key: i64,
        since: UnixMillis,
        now: UnixMillis,
    ) -> Result<usize, StoreError> {
        let waiting = self
            .store
            .read_soon(move |snapshot| snapshot.waiting_later(key, since, now));
        let mut hastened = 0;
        for batch in waiting.await?.chunks(BATCH as usize) {
            let (numbers, id) = (batch.to_vec(), webhook_id.to_owned());
            let written = self.store.write(move |transaction| {
                let hastened = transaction.hasten(&numbers, now)?;
                let context = json!({"webhookId": id, "deliveries": hastened});
                let message = "Waiting deliveries are retried now.";
                transaction.log(&entry(now, message, context))?;
                Ok(hastened)
            });
            hastened += written.await?;
            (self.notify_deliverer)();
        }
        Ok(hastened)
    }

    /// Replays all dead deliveries, oldest first. Returns how many. Works in batches: if one is refused,
    /// those before it stand.
    pub async fn replay_dead(&self) -> Result<usize, StoreError> {
        self.each_dead("Deliveries replayed.", |transaction, numbers, now| {
            transaction.replay_all(numbers, now)
        })
        .await
    }

    /// Discards all dead deliveries, so that they cannot be replayed. Returns how many. Works in batches,
    /// too.
    pub async fn discard_dead(&self) -> Result<usize, StoreError> {
        self.each_dead("Deliveries discarded.", |transaction, numbers, now| {
            transaction.discard(numbers, now)
        })
        .await
    }

    /// Notes that the owner has seen the warning about dead deliveries that were removed for their age.
    pub async fn note_removed(&self) -> Result<(), StoreError> {
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
            let read = self
                .store
                .read_soon(move |snapshot| snapshot.dead_numbers(after, now, BATCH));
            let (numbers, last) = read.await?;
            if numbers.is_empty() {
                return Ok(changed);
            }
            after = last;
            let written = self.store.write(move |transaction| {
                let changed = change(transaction, &numbers, now)?;
                let context = json!({"deliveries": changed});
                transaction.log(&entry(now, message, context))?;
                Ok(changed)
            });
            changed += written.await?;
            (self.notify_deliverer)();
        }
    }
}
