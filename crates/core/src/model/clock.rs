//! The only place where time is read and where anything sleeps.
//!
//! Pure code takes `now` as an argument; loops ask a [`Clock`]. Two kinds of time exist side by
//! side: wall time (what due times in the database mean, and what may jump) and monotonic time
//! (what durations mean).

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// A point in wall time: milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// This point plus a duration; stops at the end of the number range instead of overflowing.
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// This point minus a duration; stops at the start of the number range.
    pub fn minus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(millis))
    }

    /// How long after `earlier` this point is; zero if it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whole seconds since 1970-01-01 UTC, as a webhook's `X-Timestamp` has it.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

/// A sleep in progress.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the gateway's time comes from.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// Wall time now.
    fn now(&self) -> UnixMillis;
    /// Time since an arbitrary start; never goes back. Goes on in deep sleep where the system tells
    /// (Linux and Android).
    fn monotonic(&self) -> Duration;
    /// Sleeps for a monotonic duration. Must be polled inside a tokio runtime.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// The clock of production.
#[derive(Debug)]
pub struct SystemClock {
    start: Duration,
    /// How far the wall clock is ahead of the system's.
    ahead: Duration,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            start: since_boot(),
            ahead: Duration::ZERO,
        }
    }
}

/// Time since the machine started, deep sleep included: with a clock that stands still in it, a phone
/// that slept and one whose wall clock was set would look the same.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn since_boot() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::try_from(time).unwrap_or_default()
}

/// Time since an arbitrary start, where the system does not tell.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[allow(
    clippy::disallowed_methods,
    reason = "this is the place where clocks are read"
)]
fn since_boot() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

impl SystemClock {
    /// A clock that is ahead of the system's, for tests of a whole program.
    pub fn ahead(ahead: Duration) -> Self {
        Self {
            ahead,
            ..Self::default()
        }
    }
}

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the place where clocks are read"
    )]
    fn now(&self) -> UnixMillis {
        // A phone whose clock was never set may stand before 1970; that counts as 1970.
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        UnixMillis(0).plus(since_epoch.unwrap_or_default() + self.ahead)
    }

    fn monotonic(&self) -> Duration {
        since_boot().saturating_sub(self.start)
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "this is the place where sleeps are made"
    )]
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The clock of production, for tests that do not look at the time.
#[cfg(test)]
pub(crate) fn system() -> std::sync::Arc<dyn Clock> {
    std::sync::Arc::new(SystemClock::default())
}

/// A clock that moves only when told to; for tests.
#[derive(Debug)]
pub struct ManualClock {
    state: Mutex<Manual>,
    sleeping: watch::Sender<usize>,
}

#[derive(Debug)]
struct Manual {
    wall: UnixMillis,
    monotonic: Duration,
    sleepers: BTreeMap<(Duration, u64), oneshot::Sender<()>>,
    next_sleeper: u64,
}

impl ManualClock {
    /// A clock that stands at `wall`.
    pub fn new(wall: UnixMillis) -> Self {
        let state = Manual {
            wall,
            monotonic: Duration::ZERO,
            sleepers: BTreeMap::new(),
            next_sleeper: 0,
        };
        Self {
            state: Mutex::new(state),
            sleeping: watch::Sender::new(0),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Manual> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Lets time pass: both clocks move, and whoever slept long enough wakes.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.state();
        state.wall = state.wall.plus(duration);
        state.monotonic += duration;
        let now = state.monotonic;
        let later = state.sleepers.split_off(&(now, u64::MAX));
        for (_, sleeper) in std::mem::replace(&mut state.sleepers, later) {
            // A sleeper that was dropped no longer wants to know.
            let _ = sleeper.send(());
        }
    }

    /// Sets the wall clock, as its owner or the network may do; no monotonic time passes.
    pub fn set(&self, wall: UnixMillis) {
        self.state().wall = wall;
    }

    /// Waits until somebody sleeps for at least `at_least` more.
    pub async fn wait_for_sleeper(&self, at_least: Duration) {
        let mut changes = self.sleeping.subscribe();
        loop {
            {
                let state = self.state();
                let earliest = state.monotonic + at_least;
                let awake = |(until, _): &(Duration, u64)| *until >= earliest;
                if state
                    .sleepers
                    .iter()
                    .any(|(key, who)| awake(key) && !who.is_closed())
                {
                    return;
                }
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixMillis {
        self.state().wall
    }

    fn monotonic(&self) -> Duration {
        self.state().monotonic
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let (wake, woken) = oneshot::channel();
        {
            let mut state = self.state();
            let key = (state.monotonic + duration, state.next_sleeper);
            state.next_sleeper += 1;
            if duration.is_zero() {
                return Box::pin(std::future::ready(()));
            }
            state.sleepers.retain(|_, sleeper| !sleeper.is_closed());
            state.sleepers.insert(key, wake);
        }
        self.sleeping.send_modify(|count| *count += 1);
        Box::pin(async move {
            // The sender is dropped only together with the clock, and then nobody waits any more.
            let _ = woken.await;
        })
    }
}

/// A wall clock that leaves the monotonic one by more than this was set.
const SLACK: i64 = 1_000;

/// Notices that the wall clock was set.
#[derive(Debug)]
pub(crate) struct ClockWatch {
    wall: UnixMillis,
    monotonic: Duration,
}

impl ClockWatch {
    pub fn new(clock: &dyn Clock) -> Self {
        Self {
            wall: clock.now(),
            monotonic: clock.monotonic(),
        }
    }

    /// The wall clock at the last look: what was decided then fits this time and no later one.
    pub fn wall(&self) -> UnixMillis {
        self.wall
    }

    /// By how many milliseconds it was set since the last look; 0 if it was not.
    pub fn jump(&mut self, clock: &dyn Clock) -> i64 {
        let looked = Self::new(clock);
        let passed = looked.monotonic.saturating_sub(self.monotonic);
        let jump = looked.wall.0.saturating_sub(self.wall.plus(passed).0);
        *self = looked;
        if jump.abs() > SLACK { jump } else { 0 }
    }
}

/// Holds back what cannot be undone while the wall clock may be wrong: one that was set ahead may come
/// back. One that only makes up for having been set back is believed at once.
#[derive(Debug)]
pub(crate) struct Trust {
    watch: ClockWatch,
    patience: Duration,
    /// By how much it was set back, and not yet forward again.
    behind: i64,
    /// Not believed before that monotonic time.
    until: Duration,
}

impl Trust {
    /// A clock that is believed, and again so long after it was set ahead.
    pub fn new(clock: &dyn Clock, patience: Duration) -> Self {
        Self {
            watch: ClockWatch::new(clock),
            patience,
            behind: 0,
            until: Duration::ZERO,
        }
    }

    /// By how many milliseconds the clock was set since the last look.
    pub fn look(&mut self, clock: &dyn Clock) -> i64 {
        let jump = self.watch.jump(clock);
        self.behind -= jump;
        if jump > 0 && -self.behind > SLACK {
            self.until = clock.monotonic() + self.patience;
        }
        if jump < 0 {
            self.until = Duration::ZERO;
        }
        self.behind = self.behind.max(0);
        jump
    }

    /// How long it is not believed yet; `None` if it is.
    pub fn doubts_for(&self, clock: &dyn Clock) -> Option<Duration> {
        let left = self.until.saturating_sub(clock.monotonic());
        Some(left).filter(|left| !left.is_zero())
    }
}

/// Sleeps so long; for ever if `wait` is `None`.
pub(crate) async fn sleep_for(clock: &dyn Clock, wait: Option<Duration>) {
    match wait {
        Some(wait) => clock.sleep(wait).await,
        None => std::future::pending().await,
    }
}

/// Waits for tasks that were told to stop, for at most `timeout` in all; then ends those that are
/// left.
pub(crate) async fn end_all(clock: &dyn Clock, tasks: Vec<JoinHandle<()>>, timeout: Duration) {
    let mut patience = clock.sleep(timeout);
    for mut task in tasks {
        tokio::select! {
            biased;
            _ = &mut task => {}
            () = &mut patience => {
                patience = Box::pin(std::future::ready(()));
                task.abort();
                let _ = task.await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn advancing_wakes_exactly_those_whose_time_has_come() {
        let clock = ManualClock::new(UnixMillis(1_000));
        let short = clock.sleep(Duration::from_secs(5));
        let long = clock.sleep(Duration::from_secs(6));
        clock.advance(Duration::from_secs(5));
        short.await;
        assert!(long.now_or_never().is_none());
        assert_eq!(clock.now(), UnixMillis(6_000));
    }

    #[test]
    fn a_clock_that_was_set_is_noticed_and_one_set_ahead_is_doubted_for_a_while() {
        const HOUR: i64 = 3_600_000;
        let clock = ManualClock::new(UnixMillis(10 * HOUR));
        let patience = Duration::from_secs(120);
        let mut trust = Trust::new(&clock, patience);
        let mut check = |set_by: i64, expected: Option<Duration>| {
            clock.advance(Duration::from_secs(30));
            clock.set(UnixMillis(clock.now().0 + set_by));
            assert_eq!(trust.look(&clock), set_by);
            assert_eq!(trust.doubts_for(&clock), expected, "{set_by}");
        };
        check(0, None);
        check(-HOUR, None);
        check(HOUR, None);
        check(HOUR, Some(patience));
        check(0, Some(Duration::from_secs(90)));
        check(-HOUR, None);
        check(2 * HOUR, Some(patience));
        clock.advance(patience);
        assert_eq!(trust.doubts_for(&clock), None);
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(
            UnixMillis(i64::MAX).plus(Duration::MAX),
            UnixMillis(i64::MAX)
        );
        assert_eq!(UnixMillis(5).since(UnixMillis(9)), Duration::ZERO);
        assert_eq!(UnixMillis(-1).seconds(), -1);
    }
}
