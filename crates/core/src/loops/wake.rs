//! What the shell is asked for: one alarm for the next thing due, and to stay awake meanwhile.
//!
//! The deliverer, the sender and the ping loop report here what they wait for; the shell hears of the earliest
//! alone, and only when it changed. Cost of a report: one lock.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::model::clock::UnixMillis;

/// What is due within this time keeps the device awake: a first retry, which comes after 10 s and
/// up to a tenth more.
pub(crate) const AWAKE: Duration = Duration::from_secs(11);

/// How often the wall clock is looked at where no shell wakes the gateway, because it may jump.
const WALL_CLOCK_CHECK: Duration = Duration::from_secs(30);

/// What the gateway asks of the shell around it. Both are told only on change and once after every
/// start, on a thread of the runtime or of an inbound method; neither may block.
pub trait Shell: Send + Sync + fmt::Debug + 'static {
    /// Whether this shell calls [`Gateway::clock_changed`](crate::Gateway::clock_changed) at the
    /// time it was asked for and whenever the wall clock is set. If not, the gateway looks at the
    /// clock every 30 s by itself.
    fn wakes(&self) -> bool;

    /// The next time at which something is due; `None` when nothing waits for a time. A stop leaves
    /// it as it stands, because what is due stays due.
    fn schedule_wake(&self, at: Option<UnixMillis>);

    /// Deliveries are in flight, or due so soon that going to sleep before is not worth it.
    fn deliveries_pending(&self, pending: bool);
}

/// A machine that does not sleep: there is nothing to ask for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Desktop;

impl Shell for Desktop {
    fn wakes(&self) -> bool {
        false
    }

    fn schedule_wake(&self, _: Option<UnixMillis>) {}

    fn deliveries_pending(&self, _: bool) {}
}

/// The reports, and what the shell was told of them.
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

/// What a loop waits for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LoopStatus {
    /// When it must look again.
    pub next: Option<UnixMillis>,
    /// It has something in hand.
    pub pending: bool,
    /// The nudges it knew of when it looked, by [`Wake::nudges`].
    pub seen: u64,
}

impl LoopStatus {
    /// Of a loop that ends: it waits for nothing any more.
    pub fn gone() -> Self {
        Self {
            next: None,
            pending: false,
            seen: u64::MAX,
        }
    }
}

/// One look of a loop at what there is to do.
pub(crate) struct Turn<'a> {
    wake: &'a Wake,
    whose: Loop,
    seen: u64,
}

impl Turn<'_> {
    /// The loop looked: it has something in hand or not, and `next` is due next. Returns how long it may
    /// sleep; `None` for until something happens.
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
    /// Counts the starts.
    start: u64,
    running: bool,
    /// Counts the nudges of each loop. One that has not seen its last is pending.
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

    /// How long a loop may sleep until `next`; `None` where the shell's alarm does it. Somebody who
    /// keeps the device awake meanwhile (`soon`) can rely on a timer there too.
    fn patience(&self, next: Option<UnixMillis>, now: UnixMillis, soon: bool) -> Option<Duration> {
        let wait = next?.since(now);
        if self.shell.wakes() {
            return (soon && wait <= AWAKE).then_some(wait);
        }
        Some(wait.min(WALL_CLOCK_CHECK))
    }

    /// The loops start: the shell is told afresh. Returns the number of this start.
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

    /// The loops of that start are gone. The alarm stays. Nothing happens if others started since.
    pub fn stopped(&self, start: u64) {
        self.change(|state| state.running &= state.start != start);
    }

    /// A loop has something to look at. The device stays awake from here on, until it looked.
    pub fn nudged(&self, whose: Loop) {
        self.change(|state| state.nudges[whose as usize] += 1);
    }

    /// The nudges so far.
    fn nudges(&self, whose: Loop) -> u64 {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.nudges[whose as usize]
    }

    /// A loop begins to look. What it is nudged for from here on, it has not seen.
    pub fn turn(&self, whose: Loop) -> Turn<'_> {
        Turn {
            wake: self,
            whose,
            seen: self.nudges(whose),
        }
    }

    /// A loop looked.
    pub fn report(&self, whose: Loop, report: LoopStatus) {
        self.change(|state| state.reports[whose as usize] = report);
    }

    /// The shell is called under the lock, so that it hears of changes in their order.
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
    /// The earliest time; unknown until all loops looked at what there is.
    fn wake(&self) -> Option<Option<UnixMillis>> {
        let known = self.reports.iter().all(|report| report.seen > 0);
        known.then(|| self.reports.iter().filter_map(|report| report.next).min())
    }

    fn pending(&self) -> bool {
        let mut loops = self.reports.iter().zip(self.nudges);
        self.running && loops.any(|(report, nudges)| report.pending || report.seen < nudges)
    }
}
