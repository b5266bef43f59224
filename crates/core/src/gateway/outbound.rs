//! Messages that go out: the clients' requests, and the modem's results of their parts.
//!
//! Cost of a message: one write with an INSERT for it and one for each recipient. Cost of a part
//! result: one write; see [`sending`].

use std::sync::{Arc, Weak};

use futures_util::future::BoxFuture;

use super::Gateway;
use crate::loops::wake::Loop;
use crate::model::clock::UnixMillis;
use crate::model::id::MessageId;
use crate::model::recipient_state::{Fact, Part};
use simrelay_pdu::status_report::Meaning;

use crate::sending::{
    self, Cancelled, ModemEvents, PartRef, PartResult, Report, ReportError, SendFailure,
    Submission, SubmitError, Submitted, request,
};
use crate::store::{NewOutgoing, OutgoingRecord, StoreError, Ticket};

/// The receipt for a part result, once it is on the disk. As long as it says `Err`, the shell keeps
/// the result and reports it again later.
pub struct PartReceipt {
    ticket: Ticket<bool>,
    gateway: Arc<Gateway>,
}

/// Why a part result was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// The status report cannot be decoded. Reporting it again does not help.
    #[error(transparent)]
    Undecodable(#[from] ReportError),
    /// The store failed. Report it again later.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PartReceipt {
    /// Blocks until the result is stored. Must not be called inside an async runtime.
    pub fn wait(self) -> Result<(), StoreError> {
        let kept = self.ticket.wait();
        self.gateway.kept_part(kept)
    }

    /// Waits until the result is stored.
    pub async fn done(self) -> Result<(), StoreError> {
        let kept = self.ticket.await;
        self.gateway.kept_part(kept)
    }
}

/// The modem's view of the gateway.
pub(super) struct ReportsTo(pub Weak<Gateway>);

impl ModemEvents for ReportsTo {
    fn report<'a>(&'a self, part: &'a PartRef, result: PartResult) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let Some(gateway) = self.0.upgrade() else {
                return true;
            };
            let receipt = match result {
                PartResult::Sent => gateway.part_sent(part),
                PartResult::Failed(failure) => gateway.part_failed(part, failure),
                PartResult::Reported(report) => match gateway.part_delivered(part, &report) {
                    Ok(Some(receipt)) => receipt,
                    // Reporting it again would not help.
                    Ok(None) | Err(_) => return true,
                },
            };
            drop(gateway);
            receipt.done().await.is_ok()
        })
    }
}

impl Gateway {
    /// Reports that the network took a part. Harmless if reported twice, late, or for an unknown
    /// message.
    pub fn part_sent(self: &Arc<Self>, part: &PartRef) -> PartReceipt {
        self.part_told(part, Fact::PartSent(of(part)))
    }

    /// Reports that the network did not take a part.
    pub fn part_failed(self: &Arc<Self>, part: &PartRef, failure: SendFailure) -> PartReceipt {
        self.part_told(part, Fact::PartFailed(of(part), failure.to_string()))
    }

    /// Reports a status report about a part; there may be several for one part.
    pub fn part_delivered(
        self: &Arc<Self>,
        part: &PartRef,
        report: &Report,
    ) -> Result<Option<PartReceipt>, ReportError> {
        let fact = match report.judge()? {
            Meaning::StillTrying => return Ok(None),
            Meaning::Delivered => Fact::PartDelivered(of(part)),
            Meaning::Lost(reason) => Fact::PartLost(of(part), reason),
        };
        Ok(Some(self.part_told(part, fact)))
    }

    fn part_told(self: &Arc<Self>, part: &PartRef, fact: Fact) -> PartReceipt {
        let context = self.device.context(self.clock.now());
        let (message_id, number) = (part.message_id.0.clone(), part.recipient);
        let sim_number = part.sim_number;
        let ticket = self.store.write(move |transaction| {
            let found = transaction.snapshot().recipient(&message_id, number)?;
            let Some(mut row) = found else {
                return Ok(false);
            };
            sending::note_sim(transaction, &mut row, sim_number)?;
            sending::apply_fact(transaction, row, &fact, &context)
        });
        PartReceipt {
            ticket,
            gateway: Arc::clone(self),
        }
    }

    fn kept_part(&self, kept: Result<bool, StoreError>) -> Result<(), StoreError> {
        if kept? {
            self.queued();
            // A part that failed makes room within the limit.
            self.nudge_sender();
        }
        Ok(())
    }

    /// Queues a message, or finds that it was queued before. Returns its id. The message is on the
    /// disk when this returns.
    pub async fn queue(&self, submission: Submission) -> Result<Submitted<MessageId>, SubmitError> {
        Ok(match self.submit(submission).await? {
            Submitted::Queued(record) => Submitted::Queued(MessageId(record.asked.id)),
            Submitted::Known(record) => Submitted::Known(MessageId(record.asked.id)),
        })
    }

    /// Does the same, and returns the whole record.
    pub(crate) async fn submit(
        &self,
        submission: Submission,
    ) -> Result<Submitted<OutgoingRecord>, SubmitError> {
        let now = self.clock.now();
        let asked = request::check(submission, now).map_err(SubmitError::Invalid)?;
        let sims = self.device.state().sims;
        // Checked here, off the writer's thread, although a message that was queued before does not
        // need it.
        let checked = request::check_now(asked.clone(), &sims, &self.numbers);
        let checked = match checked {
            Ok(message) => self.check_length(message).await?,
            refused => refused,
        };
        let written = self
            .store
            .write(move |transaction| sending::keep(transaction, &asked, &checked));
        let submitted = written.await??;
        if let Submitted::Queued(_) = submitted {
            self.nudge_sender();
        }
        Ok(submitted)
    }

    /// Checks the length of a message. It may have to ask the phone, which blocks.
    async fn check_length(
        &self,
        message: NewOutgoing,
    ) -> Result<Result<NewOutgoing, String>, StoreError> {
        if self.modem.parts_per_minute().is_none() {
            return Ok(Ok(message));
        }
        let modem = Arc::clone(&self.modem);
        let check = move || request::check_length(&message, &*modem).map(|()| message);
        let checked = tokio::task::spawn_blocking(check).await;
        checked.map_err(StoreError::internal)
    }

    /// Cancels the pending recipients of a message. One transaction decides whether they can still
    /// be cancelled, on the same writer as the sender's, so a cancelled message cannot go out.
    pub(crate) async fn cancel(&self, id: String) -> Result<Cancelled, StoreError> {
        let context = self.device.context(self.clock.now());
        let written = self
            .store
            .write(move |transaction| sending::cancel(transaction, &id, &context));
        let cancelled = written.await?;
        if matches!(cancelled, Cancelled::Done(_)) {
            self.queued();
        }
        Ok(cancelled)
    }

    /// Makes the sender run a round.
    pub(super) fn nudge_sender(&self) {
        self.wake.nudged(Loop::Sending);
        self.sending.nudge.notify_one();
    }

    /// Returns a counter of the sender's rounds.
    pub fn sending_turns(&self) -> tokio::sync::watch::Receiver<u64> {
        self.sending.turns.subscribe()
    }

    /// Formats a time for answers, in the device's zone.
    pub fn time_text(&self, at: UnixMillis) -> String {
        crate::model::time_text::format(at, &self.device.zone())
    }
}

fn of(part: &PartRef) -> Part {
    Part {
        number: part.part,
        of: part.parts,
    }
}
