//! The only module that reads the time or sleeps.
//!
//! Pure code takes `now` as an argument; loops ask a [`Clock`]. There are two kinds of time: wall
//! time (for due times in the database; it may jump) and monotonic time (for durations).

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
    /// Returns this point plus a duration; stops at the end of the number range instead of
    /// overflowing.
    pub fn plus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// Returns this point minus a duration; stops at the start of the number range.
    pub fn minus(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(millis))
    }

    /// Returns how long after `earlier` this point is; zero if it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Returns the whole seconds since 1970-01-01 UTC, as in a webhook's `X-Timestamp`.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

/// A sleep in progress.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The source of the gateway's time.
pub trait Clock: Send + Sync + fmt::Debug + 'static {
    /// Returns the wall time.
    fn now(&self) -> UnixMillis;
    /// Returns the time since an arbitrary start; it never goes back. Deep sleep counts on systems
    /// that report it (Linux and Android).
    fn monotonic(&self) -> Duration;
    /// Sleeps for a monotonic duration. Must be polled inside a tokio runtime.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// The clock for production.
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

/// Returns the time since the machine started, including deep sleep. If the clock stood still in
/// deep sleep, a phone that slept would look like one whose wall clock was set.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn since_boot() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::try_from(time).unwrap_or_default()
}

/// Returns the time since an arbitrary start, on systems that do not report deep sleep.
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
    /// Returns a clock that is ahead of the system's, for tests of a whole program.
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
        // A phone whose clock was never set may have a time before 1970; that counts as 1970.
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

/// Returns the production clock, for tests that do not depend on the time.
#[cfg(test)]
pub(crate) fn system() -> std::sync::Arc<dyn Clock> {
    std::sync::Arc::new(SystemClock::default())
}

/// A clock for tests that only moves on request.
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
    /// Returns a clock whose wall time is `wall`.
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

    /// Advances both clocks and wakes every sleeper whose time has come.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.state();
        state.wall = state.wall.plus(duration);
        state.monotonic += duration;
        let now = state.monotonic;
        let later = state.sleepers.split_off(&(now, u64::MAX));
        for (_, sleeper) in std::mem::replace(&mut state.sleepers, later) {
            // The sleeper may have been dropped.
            let _ = sleeper.send(());
        }
    }

    /// Sets the wall clock, as its owner or the network may do; monotonic time does not change.
    pub fn set(&self, wall: UnixMillis) {
        self.state().wall = wall;
    }

    /// Waits until something sleeps for at least `at_least` more.
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
            // The sender is only dropped together with the clock, and then nothing waits any more.
            let _ = woken.await;
        })
    }
}

/// If the wall clock and the monotonic clock drift apart by more than this, the wall clock was set.
const SLACK: i64 = 1_000;

/// Detects that the wall clock was set.
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

    /// Returns the wall clock at the last look; decisions made then fit this time and no later one.
    pub fn wall(&self) -> UnixMillis {
        self.wall
    }

    /// Returns by how many milliseconds the clock was set since the last look; 0 if it was not.
    pub fn jump(&mut self, clock: &dyn Clock) -> i64 {
        let looked = Self::new(clock);
        let passed = looked.monotonic.saturating_sub(self.monotonic);
        let jump = looked.wall.0.saturating_sub(self.wall.plus(passed).0);
        *self = looked;
        if jump.abs() > SLACK { jump } else { 0 }
    }
}

/// Delays irreversible actions while the wall clock may be wrong: a clock that was set ahead may be
/// set back. A clock that is only returned to its time after it was set back is trusted at once.
#[derive(Debug)]
pub(crate) struct Trust {
    watch: ClockWatch,
    patience: Duration,
    /// How far the clock was set back and not yet forward again.
    behind: i64,
    /// The clock is not trusted before this monotonic time.
    until: Duration,
}

impl Trust {
    /// Starts with a trusted clock. After the clock is set ahead, it is trusted again once `patience`
    /// has passed.
    pub fn new(clock: &dyn Clock, patience: Duration) -> Self {
        Self {
            watch: ClockWatch::new(clock),
            patience,
            behind: 0,
            until: Duration::ZERO,
        }
    }

    /// Returns by how many milliseconds the clock was set since the last look.
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

    /// Returns how long the clock will not be trusted, or `None` if it is trusted.
    pub fn doubts_for(&self, clock: &dyn Clock) -> Option<Duration> {
        let left = self.until.saturating_sub(clock.monotonic());
        Some(left).filter(|left| !left.is_zero())
    }
}

/// Sleeps for that time, or for ever if `wait` is `None`.
pub(crate) async fn sleep_for(clock: &dyn Clock, wait: Option<Duration>) {
    match wait {
        Some(wait) => clock.sleep(wait).await,
        None => std::future::pending().await,
    }
}

/// Waits for tasks that were asked to stop, for at most `timeout` in all; then aborts the remaining
/// ones.
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
    async fn manual_clock_wakes_exactly_the_sleepers_whose_time_has_come() {
        let clock = ManualClock::new(UnixMillis(1_000));
        let short = clock.sleep(Duration::from_secs(5));
        let long = clock.sleep(Duration::from_secs(6));
        clock.advance(Duration::from_secs(5));
        short.await;
        assert!(long.now_or_never().is_none());
        assert_eq!(clock.now(), UnixMillis(6_000));
    }

    #[test]
    fn clock_set_is_noticed_and_one_set_ahead_is_not_trusted_for_a_while() {
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
    fn unix_millis_arithmetic_stops_at_the_ends() {
        assert_eq!(
            UnixMillis(i64::MAX).plus(Duration::MAX),
            UnixMillis(i64::MAX)
        );
        assert_eq!(UnixMillis(5).since(UnixMillis(9)), Duration::ZERO);
        assert_eq!(UnixMillis(-1).seconds(), -1);
    }
}
