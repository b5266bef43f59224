//! The transaction that stores incoming messages.

use serde_json::json;

use super::{Received, event_of};
use crate::events;
use crate::model::device::DeviceContext;
use crate::model::id::MessageId;
use crate::model::inbox_identity;
use crate::store::{InboxKind, LogEntry, Module, Priority, RowState, StoreError, Transaction};

/// Stores all of the messages. Returns their ids, in this order.
pub(crate) fn keep_all(
    transaction: &Transaction<'_>,
    received: &[Received],
    context: &DeviceContext,
) -> Result<Vec<MessageId>, StoreError> {
    received
        .iter()
        .map(|received| keep(transaction, received, context))
        .collect()
}

/// Stores a message: its row, its deliveries, its log entry. If the fact was reported before,
/// returns the id that it got then.
fn keep(
    transaction: &Transaction<'_>,
    received: &Received,
    context: &DeviceContext,
) -> Result<MessageId, StoreError> {
    let Received { message, event, .. } = received;
    if let Some(key) = &message.delivery_key
        && let Some(known) = transaction.message_of_key(key)?
    {
        return Ok(MessageId(known));
    }
    if let Some(known) = keep_late(transaction, received, context)? {
        return Ok(known);
    }
    transaction.insert_message(message)?;
    let deliveries = events::publish(transaction, event, context)?;
    let details = json!({
        "messageId": message.id, "type": message.kind.as_str(), "webhooks": deliveries,
    });
    transaction.log(&LogEntry::new(
        context.now,
        Priority::Info,
        Module::Receiving,
        "Message received.",
        details,
    ))?;
    Ok(MessageId(message.id.clone()))
}

/// Handles a broadcast whose message was read from the phone inbox before it came: the message is
/// the same, and its event is emitted only if it had none. Cost for other messages: one seek.
fn keep_late(
    transaction: &Transaction<'_>,
    received: &Received,
    context: &DeviceContext,
) -> Result<Option<MessageId>, StoreError> {
    let broadcast = &received.message;
    if broadcast.kind != InboxKind::Sms {
        return Ok(None);
    }
    let rows = transaction.late_rows(broadcast.content_hash)?;
    let Some(row) = inbox_identity::absorb_broadcast(&rows, received.sent_at, context.now) else {
        return Ok(None);
    };
    transaction.message_was_broadcast(row.inbox_seq, broadcast)?;
    let Some(message) = transaction.whole_message(row.inbox_seq)? else {
        return Ok(None);
    };
    transaction.set_row_state(row.seq, RowState::Broadcast)?;
    let webhooks = if row.silent {
        let event = event_of(&message, &context.zone)?;
        events::publish(transaction, &event, context)?
    } else {
        0
    };
    let details = json!({"messageId": message.id, "webhooks": webhooks});
    let entry = "Message received that had already been read from the phone's store.";
    transaction.log(&LogEntry::new(
        context.now,
        Priority::Info,
        Module::Receiving,
        entry,
        details,
    ))?;
    Ok(Some(MessageId(message.id)))
}
