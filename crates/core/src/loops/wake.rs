//! Asks the shell for one alarm, at the next due time, and to stay awake meanwhile.
//!
//! The deliverer, the sender and the ping loop report here when they must look again; the shell is
//! notified of the earliest time only, and only when it changed. Cost of a report: one lock.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::model::clock::UnixMillis;

/// Anything due within this time keeps the device awake: a first retry comes after 10 s and up to a
/// tenth more.
pub(crate) const AWAKE: Duration = Duration::from_secs(11);

/// How often the wall clock is checked for jumps if no shell wakes the gateway.
const WALL_CLOCK_CHECK: Duration = Duration::from_secs(30);

/// The gateway's requests to its shell. Both methods are only called on a change and once after
/// every start, on a thread of the runtime or of an inbound method; neither may block.
pub trait Shell: Send + Sync + fmt::Debug + 'static {
    /// Returns whether this shell calls [`Gateway::clock_changed`](crate::Gateway::clock_changed)
    /// at the requested time and whenever the wall clock is set. If not, the gateway itself checks
    /// the clock every 30 s.
    fn wakes(&self) -> bool;

    /// Sets the next time at which something is due; `None` if nothing waits for a time. A stop
    /// does not change it, because what is due stays due.
    fn schedule_wake(&self, at: Option<UnixMillis>);

    /// Sets whether deliveries are in flight, or due so soon that the device should not sleep
    /// before.
    fn deliveries_pending(&self, pending: bool);
}

/// A machine that does not sleep, so it needs no requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Desktop;

impl Shell for Desktop {
    fn wakes(&self) -> bool {
        false
    }

    fn schedule_wake(&self, _: Option<UnixMillis>) {}

    fn deliveries_pending(&self, _: bool) {}
}

/// The reports of the loops, and the state last sent to the shell.
#[derive(Debug)]
pub(crate) struct Wake {
    shell: Arc<dyn Shell>,
    state: Mutex<State>,
}

/// The loops that report.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Loop {
    Deliveries = 0,
    Pings = 1,
    Sending = 2,
}

/// The report of a loop.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LoopStatus {
    /// When it must look again.
    pub next: Option<UnixMillis>,
    /// Whether it has work in progress.
    pub pending: bool,
    /// The nudges that it knew of when it looked, counted by [`Wake::nudges`].
    pub seen: u64,
}

impl LoopStatus {
    /// Returns the report of a loop that ends: it waits for nothing any more.
    pub fn gone() -> Self {
        Self {
            next: None,
            pending: false,
            seen: u64::MAX,
        }
    }
}

/// One round of a loop.
pub(crate) struct Turn<'a> {
    wake: &'a Wake,
    whose: Loop,
    seen: u64,
}

impl Turn<'_> {
    /// Ends the round: reports whether the loop has work in progress, and when it must look again.
    /// Returns how long it may sleep, or `None` if until it is notified.
    pub fn end(self, next: Option<UnixMillis>, now: UnixMillis, pending: bool) -> Option<Duration> {
        let report = LoopStatus {
            next,
            pending,
            seen: self.seen,
        };
        self.wake.report(self.whose, report);
        self.wake.patience(next, now, pending)
    }
}

#[derive(Debug, Default)]
struct State {
    /// The number of starts.
    start: u64,
    running: bool,
    /// The number of nudges of each loop. A loop that has not seen its last nudge counts as
    /// pending.
    nudges: [u64; 3],
    reports: [LoopStatus; 3],
    told_wake: Option<Option<UnixMillis>>,
    told_pending: Option<bool>,
}

impl Wake {
    pub fn new(shell: Arc<dyn Shell>) -> Self {
        Self {
            shell,
            state: Mutex::default(),
        }
    }

    /// Returns how long a loop may sleep until `next`, or `None` if the shell's alarm wakes it. A
    /// caller that keeps the device awake meanwhile (`soon`) can rely on a timer in that case too.
    fn patience(&self, next: Option<UnixMillis>, now: UnixMillis, soon: bool) -> Option<Duration> {
        let wait = next?.since(now);
        if self.shell.wakes() {
            return (soon && wait <= AWAKE).then_some(wait);
        }
        Some(wait.min(WALL_CLOCK_CHECK))
    }

    /// Notes that the loops start; the shell is notified again. Returns the number of this start.
    pub fn started(&self) -> u64 {
        let mut start = 0;
        self.change(|state| {
            start = state.start + 1;
            *state = State {
                start,
                running: true,
                nudges: state.nudges.map(|nudges| nudges + 1),
                ..State::default()
            };
        });
        start
    }

    /// Notes that the loops of that start ended. The alarm stays. Does nothing if others have
    /// started since.
    pub fn stopped(&self, start: u64) {
        self.change(|state| state.running &= state.start != start);
    }

    /// Notes that a loop has something to do. The device stays awake until the loop has looked.
    pub fn nudged(&self, whose: Loop) {
        self.change(|state| state.nudges[whose as usize] += 1);
    }

    /// Returns the number of nudges so far.
    fn nudges(&self, whose: Loop) -> u64 {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.nudges[whose as usize]
    }

    /// Begins a round of a loop, which has not seen any later nudge.
    pub fn turn(&self, whose: Loop) -> Turn<'_> {
        Turn {
            wake: self,
            whose,
            seen: self.nudges(whose),
        }
    }

    /// Stores the report of a loop.
    pub fn report(&self, whose: Loop, report: LoopStatus) {
        self.change(|state| state.reports[whose as usize] = report);
    }

    /// Calls the shell under the lock, so that it sees changes in their order.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        let wake = state.wake();
        if state.running && wake != state.told_wake && wake.is_some() {
            state.told_wake = wake;
            self.shell.schedule_wake(wake.flatten());
        }
        let pending = state.pending();
        let told = state.told_pending;
        if told != Some(pending) && (state.running || told == Some(true)) {
            state.told_pending = Some(pending);
            self.shell.deliveries_pending(pending);
        }
    }
}

impl State {
    /// Returns the earliest time, which is unknown until all loops have looked.
    fn wake(&self) -> Option<Option<UnixMillis>> {
        let known = self.reports.iter().all(|report| report.seen > 0);
        known.then(|| self.reports.iter().filter_map(|report| report.next).min())
    }

    fn pending(&self) -> bool {
        let mut loops = self.reports.iter().zip(self.nudges);
        self.running && loops.any(|(report, nudges)| report.pending || report.seen < nudges)
    }
}
