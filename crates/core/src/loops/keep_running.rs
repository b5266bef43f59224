//! Keeps a loop running: one that panicked is begun again.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;

use super::panics::Panics;
use crate::model::clock::Clock;

/// The pause before a loop is begun again; doubled up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Runs the loop until it ends by itself. One that panicked is told, in the log and in health, and
/// begun again after a pause: rows are the jobs, so nothing is lost.
pub(crate) async fn keep<F: Future<Output = ()>>(
    panics: &Panics,
    clock: &dyn Clock,
    name: &'static str,
    mut stop: watch::Receiver<bool>,
    begin: impl Fn() -> F,
) {
    let mut pause = PAUSE;
    while let Err(panic) = AssertUnwindSafe(begin()).catch_unwind().await {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
        panics.record(name, words.unwrap_or("a panic"));
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = clock.sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
}
