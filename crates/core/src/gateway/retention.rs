//! Removes old rows, hourly and in small batches: deliveries (protocol.md 2.3), and messages and
//! log entries by their settings (protocol.md 1.4). Pending rows stay.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use super::Gateway;
use crate::model::clock::{Trust, UnixMillis};
use crate::store::{Limits, LogEntry, Module, Notice, Priority, StoreError, Transaction};

const DAY: Duration = Duration::from_secs(86_400);
/// How long delivered deliveries are kept.
pub(crate) const DELIVERED_LIFETIME: Duration = Duration::from_secs(7 * 86_400);
/// How long dead deliveries are kept for replay.
pub(super) const DEAD_LIFETIME: Duration = Duration::from_secs(30 * 86_400);
/// A day longer than a reading looks back for rows.
const PHONE_ROW_LIFETIME: Duration = crate::phone_inbox::reading::LOOKS_BACK.saturating_add(DAY);
/// The time after which a clock that was set ahead is believed, because rows removed by a wrong
/// clock do not come back.
const CLOCK_PATIENCE: Duration = DAY;
/// The most blocks of a thousand rows that one write counts, so that none holds the writer for
/// long.
const BLOCKS: usize = 8;
const INTERVAL: Duration = Duration::from_secs(3_600);

/// Cleans up at once and then hourly, until `stop` fires.
pub(super) async fn run(gateway: Arc<Gateway>, mut stop: watch::Receiver<bool>) {
    let mut trust = Trust::new(&*gateway.clock, CLOCK_PATIENCE);
    loop {
        trust.look(&*gateway.clock);
        let believed = trust.doubts_for(&*gateway.clock).is_none();
        let cleaned = match tidy_lists(&gateway).await {
            Ok(()) if believed => clean_up(&gateway).await,
            tidied => tidied,
        };
        if let Err(error) = cleaned {
            let message = "Cleaning up failed; retrying.";
            let notice = Notice::warn(Module::Gateway, message, error.cause());
            gateway.store.tell(notice);
        }
        tokio::select! {
            _ = stop.changed() => return,
            () = gateway.clock.sleep(INTERVAL) => {}
        }
    }
}

/// Updates the counts that list pages need; after a migration, all of them.
async fn tidy_lists(gateway: &Gateway) -> Result<(), StoreError> {
    let tidy = |transaction: &Transaction<'_>| transaction.tidy_lists(BLOCKS);
    while gateway.store.write(tidy).await? {}
    Ok(())
}

async fn clean_up(gateway: &Gateway) -> Result<(), StoreError> {
    let now = gateway.clock.now();
    let settings = gateway.settings();
    let limits = Limits {
        now,
        delivered: now.minus(DELIVERED_LIFETIME),
        dead: now.minus(DEAD_LIFETIME),
        logs: settings
            .logs
            .lifetime()
            .map_or(UnixMillis(i64::MIN), |lifetime| now.minus(lifetime)),
        messages: settings
            .messages
            .lifetime()
            .map(|lifetime| now.minus(lifetime)),
        phone_rows: now.minus(PHONE_ROW_LIFETIME),
    };
    loop {
        let batch = gateway.store.write(move |transaction| {
            let expired = transaction.expire(&limits)?;
            if expired.dead > 0 {
                let message = "Undelivered webhooks were removed after 30 days.";
                let context = json!({"deliveries": expired.dead});
                transaction.log(&LogEntry::new(
                    now,
                    Priority::Warn,
                    Module::Webhooks,
                    message,
                    context,
                ))?;
            }
            Ok(expired)
        });
        if !batch.await?.more {
            return Ok(());
        }
    }
}
