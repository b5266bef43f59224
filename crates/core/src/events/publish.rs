//! Emits events. Every webhook of an event gets its delivery in the transaction of the fact behind
//! the event, so that a crash leaves both or neither.

use super::{Event, EventName};
use crate::model::device::DeviceContext;
use crate::model::id;
use crate::store::{NewDelivery, StoreError, Transaction};

/// Queues an event for each webhook that is registered for it, with the body for that webhook.
/// Returns how many deliveries were queued.
pub(crate) fn publish(
    transaction: &Transaction<'_>,
    event: &Event,
    context: &DeviceContext,
) -> Result<usize, StoreError> {
    let name = event.name();
    let webhooks = transaction.webhooks_for(name.as_str())?;
    for (key, source, webhook_id) in &webhooks {
        if name == EventName::SystemPing {
            // An old ping says nothing that the newest does not.
            transaction.drop_waiting(*key, name.as_str())?;
        }
        let id = id::ordered(context.now);
        let body = event.body(&context.id, &id, webhook_id)?;
        transaction.enqueue(&NewDelivery {
            id: &id,
            webhook_key: *key,
            webhook_source: source,
            webhook_id,
            event: name.as_str(),
            body: &body,
            now: context.now,
        })?;
    }
    Ok(webhooks.len())
}
