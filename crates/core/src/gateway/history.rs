//! Reads past deliveries, replays them, and tests webhooks, for the API and the page.

use std::sync::Arc;

use serde_json::json;

use super::Gateway;
use crate::model::clock::UnixMillis;
use crate::store::{
    DeliveryFilter, DeliveryPage, DeliveryRecord, DeliveryState, LogEntry, Module, Patience,
    Priority, Replay, Snapshot, Source, StoreError,
};
use crate::webhooks::{Diagnosis, DiagnosisError, Target, Tester};

/// The most deliveries that one write replays, so that no write holds up the others.
const BATCH: u32 = 500;
/// The most tests that run at the same time; further ones wait.
pub(super) const TESTS: usize = 4;

/// Why a webhook was not tested.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    /// No webhook has this id.
    #[error("There is no webhook with this id.")]
    Unknown,
    /// HTTP or the body could not be set up.
    #[error("The test could not be run. The gateway's log says why.")]
    Internal(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DiagnosisError> for TestError {
    fn from(error: DiagnosisError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl Gateway {
    /// Reads a few rows off the runtime's workers.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.store.read_soon(work).await
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
        self.read(move |snapshot| snapshot.delivery(Source::Local, &id))
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
                transaction.log(&LogEntry::new(
                    now,
                    Priority::Info,
                    Module::Webhooks,
                    message,
                    context,
                ))?;
            }
            Ok(replay)
        });
        let replay = written.await?;
        self.signals.queued.notify_one();
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
            .read(move |snapshot| snapshot.webhook_number(Source::Local, &id))
            .await?;
        let Some(key) = found else { return Ok(None) };
        let now = self.clock.now();
        if state == DeliveryState::Pending {
            return self.hasten(webhook_id, key, since, now).await.map(Some);
        }
        let (mut after, mut queued) = (0, 0);
        loop {
            let numbers = self
                .read(move |snapshot| snapshot.replayable(key, state, since, after, BATCH))
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
                transaction.log(&LogEntry::new(
                    now,
                    Priority::Info,
                    Module::Webhooks,
                    message,
                    context,
                ))?;
                Ok(queued)
            });
            queued += written.await?;
            self.signals.queued.notify_one();
        }
    }

    async fn hasten(
        &self,
        webhook_id: &str,
        key: i64,
        since: UnixMillis,
        now: UnixMillis,
    ) -> Result<usize, StoreError> {
        let waiting = self.read(move |snapshot| snapshot.waiting_later(key, since, now));
        let mut hastened = 0;
        for batch in waiting.await?.chunks(BATCH as usize) {
            let (numbers, id) = (batch.to_vec(), webhook_id.to_owned());
            let written = self.store.write(move |transaction| {
                let hastened = transaction.hasten(&numbers, now)?;
                let context = json!({"webhookId": id, "deliveries": hastened});
                let message = "Waiting deliveries are retried now.";
                transaction.log(&LogEntry::new(
                    now,
                    Priority::Info,
                    Module::Webhooks,
                    message,
                    context,
                ))?;
                Ok(hastened)
            });
            hastened += written.await?;
            self.signals.queued.notify_one();
        }
        Ok(hastened)
    }

    /// Takes the steps of a webhook's deliveries and sends it a test event.
    pub async fn test_webhook(&self, webhook_id: &str) -> Result<Diagnosis, TestError> {
        let webhooks = self.registry.local();
        let webhook = webhooks.iter().find(|webhook| webhook.id == webhook_id);
        let webhook = webhook.ok_or(TestError::Unknown)?;
        let _turn = self.testing.acquire().await;
        let settings = self.settings();
        let roots = self.roots.borrow().clone();
        let zone = self.device.zone();
        let tester = Tester::new(&roots, &settings, Arc::clone(&self.clock), zone)?;
        let body = tester
            .body(&self.device.id(), &webhook.id, &webhook.event)
            .map_err(|error| TestError::Internal(error.to_string()))?;
        let target = Target {
            url: webhook.url.clone(),
            body,
            offline: settings.webhooks.internet_required && !self.device.network().online,
        };
        let diagnosis = tester.test(target).await;
        let (now, ok) = (self.clock.now(), diagnosis.ok());
        let mut context = json!({"webhookId": webhook.id, "passed": ok});
        if let Some(step) = diagnosis.steps.last() {
            context["step"] = step.name.as_str().into();
        }
        let priority = if ok { Priority::Info } else { Priority::Warn };
        let entry = LogEntry::new(now, priority, Module::Webhooks, "Webhook tested.", context);
        let id = webhook.id.clone();
        let written = self.store.write(move |transaction| {
            if ok {
                transaction.note_passed_test(Source::Local, &id)?;
            }
            transaction.log(&entry)
        });
        // The answer does not depend on this write, but later readers need it.
        if let Err(error) = written.await {
            tracing::warn!(%error, "a test could not be logged");
        }
        Ok(diagnosis)
    }
}
