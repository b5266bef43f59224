//! Keeps a loop running: restarts it after a panic.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;

use super::panics::Panics;
use crate::model::backoff::Backoff;
use crate::model::clock::Clock;

/// The pause before a restart.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));

/// Runs the loop until it ends by itself. If it panics, records that in the log and in health, and
/// restarts it after a pause: the rows are the jobs, so nothing is lost.
pub(crate) async fn keep<F: Future<Output = ()>>(
    panics: &Panics,
    clock: &dyn Clock,
    name: &'static str,
    mut stop: watch::Receiver<bool>,
    begin: impl Fn() -> F,
) {
    let mut failures = 0;
    while let Err(panic) = AssertUnwindSafe(begin()).catch_unwind().await {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        failures += 1;
        panics.record(name, words.unwrap_or("a panic"));
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = clock.sleep(BACKOFF.after(failures)) => {}
        }
    }
}
