//! Changes the states of recipients in the store: each with its event, its log entry and the new
//! state of its message, in the caller's transaction.
//!
//! Cost: a fact takes two seeks and one UPDATE; a change of state also reads the states of the
//! message's recipients, and takes one UPDATE, the deliveries of its event and a log entry.

use serde_json::json;

use crate::events::{self, Event, Parties, Payload};
use crate::model::device::DeviceContext;
use crate::model::id::MessageId;
use crate::model::phone::PhoneNumber;
use crate::model::recipient_state::{Fact, State, Step, aggregate};
use crate::store::{LogEntry, Module, Priority, RecipientRow, StoreError, Transaction};

/// Applies a fact to a recipient. Returns whether its state changed.
pub(crate) fn apply_fact(
    transaction: &Transaction<'_>,
    mut row: RecipientRow,
    fact: &Fact,
    context: &DeviceContext,
) -> Result<bool, StoreError> {
    let before = row.progress.clone();
    let steps = row.progress.apply(fact);
    if row.progress == before {
        return Ok(false);
    }
    let error = steps.iter().find_map(|step| match step {
        Step::Failed(reason) => Some(reason.as_str()),
        _ => None,
    });
    let refused = matches!(fact, Fact::Failed(_) | Fact::PartFailed(..));
    let was_not_sent = refused && row.progress.sent.len() == 0;
    transaction.save_recipient(&row, error.unwrap_or_default(), was_not_sent)?;
    for step in &steps {
        tell(transaction, &row, step, context)?;
    }
    if !steps.is_empty() || row.progress.parts != before.parts {
        update_message_state(transaction, &row, context)?;
    }
    Ok(!steps.is_empty())
}

/// Records the SIM that sends to a recipient.
pub(crate) fn note_sim(
    transaction: &Transaction<'_>,
    row: &mut RecipientRow,
    sim_number: Option<u32>,
) -> Result<(), StoreError> {
    if let Some(sim_number) = sim_number.filter(|number| *number != row.sim_number) {
        row.sim_number = sim_number;
        transaction.save_sim(row.message_seq, row.number, sim_number)?;
    }
    Ok(())
}

/// Sets the state of a message from the states of its recipients.
fn update_message_state(
    transaction: &Transaction<'_>,
    row: &RecipientRow,
    context: &DeviceContext,
) -> Result<(), StoreError> {
    let states = transaction.snapshot().recipient_states(row.message_seq)?;
    transaction.save_message_state(
        row.message_seq,
        aggregate(&states),
        states.contains(&State::Pending),
        row.progress.parts,
        context.now,
    )
}

fn tell(
    transaction: &Transaction<'_>,
    row: &RecipientRow,
    step: &Step,
    context: &DeviceContext,
) -> Result<(), StoreError> {
    let at = events::time(context.now, &context.zone);
    let parties = parties(row, context);
    let (payload, priority, message) = match step {
        // The modem has the message; there is no event for that.
        Step::Processed => return Ok(()),
        Step::Sent => {
            let parts_count = row.progress.parts;
            let payload = Payload::SmsSent {
                parties,
                parts_count,
                sent_at: at,
            };
            (payload, Priority::Info, "Message sent.")
        }
        Step::Delivered => {
            let payload = Payload::SmsDelivered {
                parties,
                delivered_at: at,
            };
            (payload, Priority::Info, "Message delivered.")
        }
        Step::Failed(reason) => {
            let payload = Payload::SmsFailed {
                parties,
                failed_at: at,
                reason: reason.clone(),
            };
            (payload, Priority::Error, "Message failed.")
        }
        Step::Cancelled => {
            let payload = Payload::SmsCancelled {
                parties,
                cancelled_at: at,
            };
            (payload, Priority::Info, "Message cancelled.")
        }
    };
    let event = Event::new(&payload)?;
    events::publish(transaction, &event, context)?;
    let mut details = json!({"messageId": row.message_id, "recipient": row.number});
    if let Step::Failed(reason) = step {
        details["reason"] = reason.as_str().into();
    }
    transaction.log(&LogEntry {
        at: context.now,
        priority,
        module: Module::Sending,
        message: message.into(),
        context: details,
    })
}

/// The other party is the recipient, exactly as the client named it; the sender is our own number,
/// if the SIM is known and has one.
fn parties(row: &RecipientRow, context: &DeviceContext) -> Parties {
    let sim = context
        .sims
        .iter()
        .find(|sim| sim.sim_number == row.sim_number);
    let recipient = PhoneNumber::new(row.phone_number.clone());
    Parties {
        message_id: MessageId(row.message_id.clone()),
        phone_number: recipient.clone(),
        sender: sim
            .and_then(|sim| sim.phone_number.clone())
            .unwrap_or_default(),
        recipient: Some(recipient),
        sim_number: Some(row.sim_number).filter(|number| *number > 0),
    }
}
