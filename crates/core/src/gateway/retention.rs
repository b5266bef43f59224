//! Cleaning up by age (protocol.md 2.3): hourly, in small batches. What is pending stays.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use super::{Gateway, note};
use crate::store::{Limits, Priority, StoreError};

const DAY: Duration = Duration::from_secs(86_400);
/// How long delivered deliveries are kept.
pub(crate) const DELIVERED_LIFETIME: Duration = Duration::from_secs(7 * 86_400);
/// How long dead deliveries are kept for replay.
pub(super) const DEAD_LIFETIME: Duration = Duration::from_secs(30 * 86_400);
/// A day longer than rows are looked back for.
const PHONE_ROW_LIFETIME: Duration = super::reconciliation::LOOKS_BACK.saturating_add(DAY);
const INTERVAL: Duration = Duration::from_secs(3_600);

/// Cleans up at once and then hourly, until `stop` fires.
pub(super) async fn run(gateway: Arc<Gateway>, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = clean_up(&gateway).await {
            tracing::warn!(%error, "cleaning up is put off");
        }
        tokio::select! {
            _ = stop.changed() => return,
            () = gateway.clock.sleep(INTERVAL) => {}
        }
    }
}

async fn clean_up(gateway: &Gateway) -> Result<(), StoreError> {
    let now = gateway.clock.now();
    let settings = gateway.settings();
    let limits = Limits {
        now,
        delivered: now.minus(DELIVERED_LIFETIME),
        dead: now.minus(DEAD_LIFETIME),
        logs: now.minus(settings.log_lifetime().max(DAY)),
        messages: settings
            .message_lifetime()
            .map(|lifetime| now.minus(lifetime)),
        phone_rows: now.minus(PHONE_ROW_LIFETIME),
    };
    loop {
        let batch = gateway.store.write(move |transaction| {
            let expired = transaction.expire(&limits)?;
            if expired.dead > 0 {
                let message = "Undelivered webhooks were removed after 30 days.";
                let context = json!({"deliveries": expired.dead});
                transaction.log(&note(now, Priority::Warn, "webhooks", message, context))?;
            }
            Ok(expired)
        });
        if !batch.await?.more {
            return Ok(());
        }
    }
}
