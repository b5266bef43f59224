//! Emits `system:ping` at its interval, so that a receiver notices when the gateway is gone.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::Gateway;
use crate::events::{self, Event, Payload};
use crate::loops::wake::Loop;
use crate::model::clock::{ClockWatch, UnixMillis, sleep_for};
use crate::store::{MetaKey, Module, Notice, Reader, StoreError};

/// The pause after the store refused a ping, unless the interval is shorter.
const STORE_PAUSE: Duration = Duration::from_secs(30);

/// Returns when the next ping is due. A time farther ahead than the interval counts as now.
fn next(last: Option<UnixMillis>, interval: Duration, now: UnixMillis) -> UnixMillis {
    match last {
        Some(last) if last <= now => last.plus(interval),
        _ => now,
    }
}

/// Emits pings until `stop` fires.
pub(super) async fn run(gateway: Arc<Gateway>, mut stop: watch::Receiver<bool>) {
    let mut settings = gateway.settings_changes();
    let mut watch = ClockWatch::new(&**gateway.clock());
    let mut jump = 0;
    loop {
        jump += watch.jump(&**gateway.clock());
        if jump != 0 && move_last(&gateway, jump).await.is_ok() {
            jump = 0;
        }
        let turn = gateway.wake().turn(Loop::Pings);
        let interval = settings.borrow_and_update().ping_interval();
        // Does not read the clock again: it may have been set while the jump was written.
        let now = watch.wall();
        let next = match interval {
            None => None,
            Some(interval) => Some(ping_if_due(&gateway, interval, now).await),
        };
        let wait = turn.end(next, now, false);
        tokio::select! {
            _ = stop.changed() => return,
            changed = settings.changed() => if changed.is_err() { return },
            () = gateway.signals().clock.notified() => {}
            () = sleep_for(&**gateway.clock(), wait) => {}
        }
    }
}

/// Emits a ping if it is due. Returns when the next ping is due.
async fn ping_if_due(gateway: &Gateway, interval: Duration, now: UnixMillis) -> UnixMillis {
    let due = due(gateway, interval, now);
    if due > now {
        return due;
    }
    match ping(gateway, now).await {
        Ok(()) => now.plus(interval),
        Err(error) => {
            let message = "A ping failed because the storage cannot be written to; retrying.";
            let notice = Notice::warn(Module::Gateway, message, error.cause());
            gateway.store().tell(notice);
            now.plus(interval.min(STORE_PAUSE))
        }
    }
}

/// Moves the time of the last ping along with a clock that was set, so that the interval goes on.
async fn move_last(gateway: &Gateway, jump: i64) -> Result<(), StoreError> {
    let written = gateway.store().write(move |transaction| {
        let last = transaction.snapshot().meta_number(MetaKey::LastPingAt)?;
        match last {
            Some(last) => {
                let moved = last.saturating_add(jump);
                transaction.set_meta(MetaKey::LastPingAt, &moved.to_string())
            }
            None => Ok(()),
        }
    });
    written.await
}

fn due(gateway: &Gateway, interval: Duration, now: UnixMillis) -> UnixMillis {
    let last = gateway.store().read_as(Reader::Loops, |snapshot| {
        snapshot.meta_number(MetaKey::LastPingAt)
    });
    next(last.ok().flatten().map(UnixMillis), interval, now)
}

async fn ping(gateway: &Gateway, now: UnixMillis) -> Result<(), StoreError> {
    let event = Event::new(&Payload::SystemPing {
        health: gateway.health_soon().await,
    })?;
    let context = gateway.device().context(now);
    let written = gateway.store().write(move |transaction| {
        transaction.set_meta(MetaKey::LastPingAt, &now.0.to_string())?;
        events::publish(transaction, &event, &context)
    });
    written.await?;
    gateway.queued();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_ping_follows_the_last_one_and_survives_clock_jumps() {
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
