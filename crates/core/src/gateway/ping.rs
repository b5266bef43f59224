//! `system:ping` on its interval, so that a receiver notices when the gateway is gone.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::Gateway;
use crate::clock::UnixMillis;
use crate::event::{Event, Payload};
use crate::store::{MetaKey, StoreError};
use crate::webhooks;

/// How often the wall clock is looked at, because it may jump.
const WALL_CLOCK_CHECK: Duration = Duration::from_secs(30);

/// When the next ping is due. One farther ahead than the interval counts as now.
fn next(last: Option<UnixMillis>, interval: Duration, now: UnixMillis) -> UnixMillis {
    match last {
        Some(last) if last <= now => last.plus(interval),
        _ => now,
    }
}

/// Pings until `stop` fires.
pub(super) async fn run(gateway: Arc<Gateway>, mut stop: watch::Receiver<bool>) {
    let mut settings = gateway.settings_changes();
    loop {
        let interval = settings.borrow_and_update().ping_interval();
        let now = gateway.clock().now();
        let wait = match interval.map(|interval| due(&gateway, interval, now)) {
            None => None,
            Some(due) if due <= now => {
                if let Err(error) = ping(&gateway, now).await {
                    tracing::warn!(%error, "a ping was not taken by the store");
                }
                // After a refused write the same pause keeps the loop from spinning.
                interval.map(|interval| interval.min(WALL_CLOCK_CHECK))
            }
            Some(due) => Some(due.since(now).min(WALL_CLOCK_CHECK)),
        };
        let sleep = async {
            match wait {
                Some(wait) => gateway.clock().sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = stop.changed() => return,
            changed = settings.changed() => if changed.is_err() { return },
            () = sleep => {}
        }
    }
}

fn due(gateway: &Gateway, interval: Duration, now: UnixMillis) -> UnixMillis {
    let last = gateway
        .store()
        .read(|snapshot| snapshot.meta_number(MetaKey::LastPingAt));
    next(last.ok().flatten().map(UnixMillis), interval, now)
}

async fn ping(gateway: &Gateway, now: UnixMillis) -> Result<(), StoreError> {
    let event = Event::new(&Payload::SystemPing {
        health: gateway.health(),
    })?;
    let device_id = gateway.device().id().to_owned();
    let written = gateway.store().write(move |transaction| {
        transaction.set_meta(MetaKey::LastPingAt, &now.0.to_string())?;
        webhooks::enqueue(transaction, &event, &device_id, now)
    });
    written.await?;
    gateway.signals().queued.notify_one();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_ping_follows_the_last_one_and_survives_clock_jumps() {
        let minute = Duration::from_secs(60);
        let check = |last: Option<i64>, expected| {
            assert_eq!(
                next(last.map(UnixMillis), minute, UnixMillis(100_000)).0,
                expected
            );
        };
        check(None, 100_000);
        check(Some(90_000), 150_000);
        check(Some(10_000), 70_000);
        check(Some(200_000), 100_000);
    }
}
