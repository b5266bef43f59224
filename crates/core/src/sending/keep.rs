//! The transactions of the clients' requests: to queue a message and to cancel one.

use super::outbox::apply_fact;
use super::{SubmitError, Submitted, request};
use crate::model::device::DeviceContext;
use crate::model::recipient_state::{Fact, State};
use crate::store::{NewOutgoing, OutgoingRecord, StoreError, Transaction};

/// The result of a request to cancel.
pub(crate) enum Cancelled {
    /// The message is cancelled now, or was before.
    Done(Box<OutgoingRecord>),
    /// The message is not pending any more.
    TooLate(State),
    /// There is no such message.
    Unknown,
}

/// Finds the message that was queued under the id before, otherwise queues the checked one.
pub(crate) fn keep(
    transaction: &Transaction<'_>,
    asked: &NewOutgoing,
    checked: &Result<NewOutgoing, String>,
) -> Result<Result<Submitted<OutgoingRecord>, SubmitError>, StoreError> {
    if let Some(known) = transaction.snapshot().outgoing(&asked.id)? {
        let recipients = known.recipients.iter();
        let numbers: Vec<&str> = recipients.map(|one| one.phone_number.as_str()).collect();
        if request::is_same(asked, &known.asked, &numbers) {
            return Ok(Ok(Submitted::Known(known)));
        }
        return Ok(Err(SubmitError::Conflict(asked.id.clone())));
    }
    let message = match checked {
        Ok(message) => message,
        Err(sentence) => return Ok(Err(SubmitError::Invalid(sentence.clone()))),
    };
    transaction.insert_outgoing(message)?;
    let record = transaction.snapshot().outgoing(&message.id)?;
    let record = record.ok_or_else(|| StoreError::internal("it was just inserted"))?;
    Ok(Ok(Submitted::Queued(record)))
}

/// Cancels the pending recipients of a message.
pub(crate) fn cancel(
    transaction: &Transaction<'_>,
    id: &str,
    context: &DeviceContext,
) -> Result<Cancelled, StoreError> {
    let again = |transaction: &Transaction<'_>| transaction.snapshot().outgoing(id);
    match again(transaction)? {
        None => return Ok(Cancelled::Unknown),
        Some(record) if record.state == State::Cancelled => {
            return Ok(Cancelled::Done(Box::new(record)));
        }
        Some(record) if record.state != State::Pending => {
            return Ok(Cancelled::TooLate(record.state));
        }
        Some(_) => {}
    }
    for row in transaction.snapshot().pending_recipients(id)? {
        apply_fact(transaction, row, &Fact::Cancelled, context)?;
    }
    Ok(again(transaction)?.map_or(Cancelled::Unknown, |record| {
        Cancelled::Done(Box::new(record))
    }))
}
