//! Refresh and export of the inbox (protocol.md 1.4), and the loop that reads the phone inbox.
//!
//! A request is stored as a job before it is answered, and survives a kill. The loop works on the
//! job: it reads the phone inbox, then emits messages in writes of at most [`BATCH`]. Each write
//! moves the job forward in the same transaction, so that no message is emitted twice or left out.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use super::reading::{Reading, SETTLED};
use super::{InboxRequestError, PhoneInboxReader, ReconcileError, Reconciled};
use crate::events::{self, Event};
use crate::model::phone_store::PhoneInboxError;
use crate::receiving;
use crate::store::{
    InboxJob, LogEntry, Module, NewInboxJob, Notice, Priority, Reader, RowState, StoreError,
    WebhookDelivery,
};

/// The most messages of a batch event, and of one write.
const BATCH: usize = 100;
/// A batch ends early when its content has so many bytes, so that attachments do not fill the
/// memory.
const BATCH_BYTES: usize = 1024 * 1024;
/// How long an answer waits for its job. A longer job goes on after the answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// The time between two readings of the phone inbox that nobody asked for.
const INTERVAL: Duration = Duration::from_secs(3_600);
/// The pause before a job that failed is tried again.
const PAUSE: Duration = Duration::from_secs(60);

impl PhoneInboxReader {
    /// Notifies the loop that the phone inbox changed: it is read now, and again once its new rows
    /// have settled.
    pub fn changed(&self) {
        self.signals.changed.notify_one();
    }

    /// Stores the request as a job. The job is done when this returns, unless it takes long.
    pub(crate) async fn request(
        self: &Arc<Self>,
        job: NewInboxJob,
    ) -> Result<(), InboxRequestError> {
        let reader = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || reader.problem());
        match asked.await {
            // An export without the phone inbox still has the messages that the gateway kept.
            Ok(None) => {}
            Ok(Some(PhoneInboxError::NotAllowed)) if job.again => {}
            Ok(Some(error)) => return Err(error.into()),
            Err(error) => return Err(StoreError::internal(error).into()),
        }
        let kept = self
            .store
            .write(move |transaction| transaction.insert_inbox_job(&job));
        let seq = kept.await?;
        let mut done = self.signals.done.subscribe();
        self.signals.asked.notify_one();
        tokio::select! {
            _ = done.wait_for(|last| *last >= seq) => {}
            () = self.clock.sleep(PATIENCE) => {}
        }
        Ok(())
    }

    /// Runs one turn of the loop. Returns false if something must be tried again.
    fn look(&self, reads: bool, stopped: &dyn Fn() -> bool) -> bool {
        let read = if reads {
            self.reconcile_unless(stopped).map(drop)
        } else {
            Ok(())
        };
        let worked_off = self.work_off(stopped);
        let mut fine = true;
        for outcome in [read, worked_off] {
            match outcome {
                Ok(()) | Err(ReconcileError::Stopped) => {}
                Err(ReconcileError::Phone(PhoneInboxError::NotAllowed)) => {
                    tracing::debug!("the phone does not let its messages be read");
                }
                Err(error) => {
                    let message = "Reading the phone's messages failed; retrying.";
                    let notice = Notice::warn(Module::Receiving, message, error);
                    self.store.tell(notice);
                    fine = false;
                }
            }
        }
        fine
    }

    /// Works on the jobs, oldest first.
    fn work_off(&self, stopped: &dyn Fn() -> bool) -> Result<(), ReconcileError> {
        while let Some(job) = self.next_job()? {
            if job.last_seq == 0 {
                self.read_for(&job, stopped)?;
                continue;
            }
            while self.tell_some(&job)? {
                if stopped() {
                    return Err(ReconcileError::Stopped);
                }
            }
            let seq = job.seq;
            self.signals.done.send_modify(|last| *last = seq);
        }
        Ok(())
    }

    fn next_job(&self) -> Result<Option<InboxJob>, StoreError> {
        self.store
            .read_as(Reader::Loops, |snapshot| snapshot.next_inbox_job())
    }

    fn read_for(&self, job: &InboxJob, stopped: &dyn Fn() -> bool) -> Result<(), ReconcileError> {
        let reading = Reading {
            since: job.since,
            until: job.until,
            tell_from: None,
        };
        let read = if job.reads_phone() {
            self.read_phone(&reading, stopped)
        } else {
            Ok(Reconciled::default())
        };
        let (found, problem) = match read {
            Ok(read) => (i64::try_from(read.found).unwrap_or(i64::MAX), None),
            Err(ReconcileError::Phone(error)) => (0, Some(error)),
            Err(error) => return Err(error),
        };
        let (seq, now) = (job.seq, self.clock.now());
        let noted = self.store.write(move |transaction| {
            if problem.is_some() {
                let entry = "The phone's messages could not be read for an export; it continues with \
                             what the gateway has.";
                transaction.log(&LogEntry::new(
                    now,
                    Priority::Warn,
                    Module::Receiving,
                    entry,
                    json!({}),
                ))?;
            }
            transaction.inbox_job_has_read(seq, found)
        });
        Ok(noted.wait()?)
    }

    /// Makes one write of a job. Returns false once the job is done and removed.
    fn tell_some(&self, job: &InboxJob) -> Result<bool, StoreError> {
        let device = self.device.context(self.clock.now());
        let (seq, delivery) = (job.seq, job.delivery);
        let written = self.store.write(move |transaction| {
            let Some(job) = transaction.snapshot().inbox_job(seq)? else {
                return Ok(false);
            };
            let (messages, more) = if delivery == WebhookDelivery::Disabled {
                (Vec::new(), false)
            } else {
                transaction.next_of_inbox_job(&job, BATCH, BATCH_BYTES)?
            };
            let mut events = Vec::with_capacity(messages.len());
            for kept in &messages {
                events.push(receiving::event_of(&kept.message, &device.zone)?);
                // A batch of an export is a repeat and does not replace a message's own event.
                let is_its_event = delivery == WebhookDelivery::Individual || !job.again;
                if let Some(row) = kept.silent_row.filter(|_| is_its_event) {
                    transaction.set_row_state(row, RowState::Told)?;
                }
            }
            if delivery == WebhookDelivery::Batch {
                events = Event::batches(&events)?;
            }
            for event in &events {
                events::publish(transaction, event, &device)?;
            }
            let told = job.told + i64::try_from(messages.len()).unwrap_or(i64::MAX);
            if more {
                transaction.inbox_job_has_told(seq, told)?;
                return Ok(true);
            }
            let context = json!({
                "found": job.found, "told": told, "webhookDelivery": delivery.as_str(),
            });
            let entry = if job.again {
                "Inbox exported."
            } else {
                "Inbox refreshed."
            };
            transaction.log(&LogEntry::new(
                device.now,
                Priority::Info,
                Module::Receiving,
                entry,
                context,
            ))?;
            transaction.delete_inbox_job(seq)?;
            Ok(false)
        });
        let more = written.wait()?;
        (self.notify_deliverer)();
        Ok(more)
    }
}

/// Reads the phone inbox at once, then hourly, and after it changed; works on the jobs.
pub(crate) async fn run(reader: Arc<PhoneInboxReader>, mut stop: watch::Receiver<bool>) {
    let clock = Arc::clone(&reader.clock);
    let mut reads = true;
    let mut next_reading = clock.monotonic() + INTERVAL;
    loop {
        let (working, stopping) = (Arc::clone(&reader), stop.clone());
        let work = move || working.look(reads, &|| *stopping.borrow());
        let worked = tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|error| {
                reader.panics.record("phone inbox", &error.to_string());
                false
            });
        let now = clock.monotonic();
        let mut wait = next_reading.saturating_sub(now);
        if !worked {
            wait = wait.min(PAUSE);
        }
        tokio::select! {
            _ = stop.changed() => return,
            () = reader.signals.asked.notified() => reads = false,
            () = reader.signals.changed.notified() => {
                reads = true;
                next_reading = clock.monotonic() + SETTLED + Duration::from_secs(1);
            }
            () = clock.sleep(wait) => {
                reads = true;
                next_reading = clock.monotonic() + INTERVAL;
            }
        }
    }
}
