//! The deliverer: reads the due deliveries, makes the attempts and settles them.
//!
//! One loop owns all of it. It remembers which deliveries are *busy* (in flight, or ended and not
//! yet settled), and which webhooks have waiting deliveries ([`Queue`]). A round reads the
//! deliveries that may go next and starts them, while one write at a time settles the attempts that
//! ended, so no slot waits for fsync. Between rounds the loop waits for the end of an attempt or of
//! a write, the next due time, a nudge, or the stop.
//!
//! Cost of a round: a few seeks for each webhook that may get a slot, however many webhooks there
//! are; per delivery, one row read to start it, one UPDATE and two INSERTs to settle it.

mod environment;
mod settling;

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use tokio::sync::{Notify, watch};
use tokio::task::{self, JoinError, JoinSet};

use super::attempt::{Attempt, Ended};
use super::in_flight::{InFlight, Sending};
use super::queue::Queue;
use super::slots;
use crate::loops::panics::Panics;
use crate::loops::wake::{AWAKE, Loop, LoopStatus, Wake};
use crate::model::backoff::Backoff;
use crate::model::clock::{Clock, ClockWatch, UnixMillis, sleep_for};
use crate::model::device::Device;
use crate::model::device_fault::DeviceFault;
use crate::net::client::Http;
use crate::settings::Settings;
use crate::store::{Claimed, Module, Notice, Reader, Snapshot, Store, StoreError, Ticket, Verdict};
use environment::make_http;

/// The pause after the store refused a write (because of a full disk, say).
const STORE_BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
/// The pause of a webhook after the device had no route.
const NO_ROUTE_BACKOFF: Backoff = Backoff::new(Duration::from_secs(5), Duration::from_secs(300));
/// The pause after the device lacked something of its own, which may come back at any time without
/// a notification.
const LACK_BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
/// If so many deliveries are busy, none is started, because the writes lag behind.
const MOST_BUSY: usize = 2 * slots::TOTAL as usize;

/// The signals to the deliverer and from it.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// Notifies that a delivery was queued.
    pub queued: Notify,
    /// Notifies that the network changed: connections are stale, and pauses end.
    pub network: Notify,
    /// Notifies that the wall clock was set, or that the alarm of the shell went off.
    pub environment: Notify,
    /// Notifies the loop of pings of the same.
    pub clock: Notify,
    /// Counts the rounds, so that a watcher sees that something happened.
    pub turns: watch::Sender<u64>,
    /// What the device lacked for its latest attempt.
    pub lacking: watch::Sender<Option<DeviceFault>>,
    /// The attempts in flight.
    pub in_flight: Arc<InFlight>,
}

/// The dependencies of the deliverer.
#[derive(Clone)]
pub(crate) struct Deliverer {
    pub store: Arc<Store>,
    pub clock: Arc<dyn Clock>,
    pub device: Arc<Device>,
    pub settings: watch::Receiver<Arc<Settings>>,
    /// The platform's trust roots (DER).
    pub roots: watch::Receiver<Arc<Vec<CertificateDer<'static>>>>,
    pub signals: Arc<Signals>,
    pub wake: Arc<Wake>,
    pub panics: Arc<Panics>,
}

/// A write that settles attempts.
struct Settling {
    ended: Vec<Arc<Ended>>,
    /// Whether it leaves out the records of the attempts.
    bare: bool,
    ticket: Ticket<()>,
}

/// An ended attempt that cannot be settled for a reason of its own.
struct Aside {
    ended: Arc<Ended>,
    /// When to try again, in monotonic time.
    at: Duration,
}

/// The settings and roots that connections are made under.
struct MadeUnder {
    settings: watch::Receiver<Arc<Settings>>,
    roots: watch::Receiver<Arc<Vec<CertificateDer<'static>>>>,
}

/// The state of the loop.
struct Run {
    deliverer: Deliverer,
    http: Arc<Http>,
    /// The settings and roots under which `http` was made.
    made_under: MadeUnder,
    queue: Queue,
    in_flight: JoinSet<Ended>,
    /// The deliveries in flight, without their bodies, by task.
    attempts: HashMap<task::Id, Claimed>,
    /// The numbers of deliveries in flight, or ended and not yet settled.
    busy: Arc<HashSet<i64>>,
    /// The numbers of damaged deliveries; they stay busy until the next start.
    damaged: HashSet<i64>,
    /// Attempts that ended and are in no write yet.
    unsettled: Vec<Arc<Ended>>,
    settling: Option<Settling>,
    /// How many of the unsettled attempts are written one by one, because one of them cannot be
    /// written.
    singly: usize,
    /// Attempts to be settled without their records, because those met damage.
    bare: Vec<Arc<Ended>>,
    /// Attempts that cannot be settled by themselves, set aside so that they hold up no other.
    aside: Vec<Aside>,
    /// Whether the last write failed, so that the next one waits.
    refused: bool,
    /// How many times in a row it failed.
    refusals: u32,
    /// Due times must be compared with the clock: at the start, and after the clock was set by so
    /// many milliseconds.
    pull_in: Option<i64>,
    clock_watch: ClockWatch,
}

impl Deliverer {
    /// Delivers until `stop` fires; then waits for the attempts in flight, and settles them.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let Some(http) = make_http(&self) else {
            self.wake.report(Loop::Deliveries, LoopStatus::gone());
            return;
        };
        let clock_watch = ClockWatch::new(&*self.clock);
        let signals = Arc::clone(&self.signals);
        let clock = Arc::clone(&self.clock);
        let mut settings = self.settings.clone();
        let mut roots = self.roots.clone();
        let made_under = MadeUnder {
            settings: self.settings.clone(),
            roots: self.roots.clone(),
        };
        let mut run = Run {
            made_under,
            deliverer: self,
            http,
            queue: Queue::default(),
            in_flight: JoinSet::new(),
            attempts: HashMap::new(),
            busy: Arc::default(),
            damaged: HashSet::new(),
            unsettled: Vec::new(),
            settling: None,
            singly: 0,
            bare: Vec::new(),
            aside: Vec::new(),
            refused: false,
            refusals: 0,
            pull_in: Some(0),
            clock_watch,
        };
        loop {
            while let Some(end) = run.in_flight.try_join_next_with_id() {
                run.ended(end);
            }
            run.settle();
            let stopping = *stop.borrow();
            if stopping && (run.in_hand() == 0 || run.refused) {
                return;
            }
            let wait = if stopping { None } else { run.look().await };
            signals.turns.send_modify(|turns| *turns += 1);
            tokio::select! {
                biased;
                Some(end) = run.in_flight.join_next_with_id() => run.ended(end),
                written = written(&mut run.settling) => run.settled(written),
                _ = stop.changed(), if !stopping => run.refused = false,
                () = signals.network.notified() => run.network_changed(),
                () = signals.environment.notified() => run.refused = false,
                () = signals.queued.notified() => {}
                _ = settings.changed() => run.renew_connections(),
                _ = roots.changed() => run.renew_connections(),
                () = sleep_for(&*clock, wait) => run.refused = false,
            }
        }
    }

    fn may_attempt(&self) -> bool {
        self.device.network().online || !self.settings.borrow().webhooks.internet_required
    }
}

/// Waits for the write under way; for ever if there is none.
async fn written(settling: &mut Option<Settling>) -> Result<(), StoreError> {
    match settling {
        Some(settling) => (&mut settling.ticket).await,
        None => std::future::pending().await,
    }
}

impl Run {
    /// Returns how many deliveries are in flight, or ended and not yet settled.
    fn in_hand(&self) -> usize {
        self.busy.len() - self.damaged.len() - self.aside.len()
    }

    /// Starts the deliveries that may go, and asks for the next wake-up. Returns how long to sleep;
    /// `None` to sleep until something happens.
    async fn look(&mut self) -> Option<Duration> {
        let wake = Arc::clone(&self.deliverer.wake);
        let turn = wake.turn(Loop::Deliveries);
        let next = self.round().await;
        let next = next.into_iter().chain(self.next_aside()).min();
        let now = self.deliverer.clock.now();
        let soon = next.is_some_and(|next| next <= now.plus(AWAKE));
        // A full disk may refuse writes for long; this must not keep the device awake.
        let in_hand = if self.refused {
            !self.in_flight.is_empty()
        } else {
            self.in_hand() > 0
        };
        turn.end(next, now, soon || in_hand)
    }

    /// Starts the deliveries that may go. Returns when the next is due; `None` if none waits for a
    /// time.
    async fn round(&mut self) -> Option<UnixMillis> {
        self.watch_clock();
        if let Some(jump) = self.pull_in {
            self.pull_in_overdue(jump).await;
        }
        let now = self.deliverer.clock.now();
        if self.refused {
            return Some(now.plus(STORE_BACKOFF.after(self.refusals)));
        }
        if !self.deliverer.may_attempt() || self.in_hand() >= MOST_BUSY {
            return None;
        }
        let store = Arc::clone(&self.deliverer.store);
        let busy = Arc::clone(&self.busy);
        let mut queue = std::mem::take(&mut self.queue);
        let read = move || {
            let take = |snapshot: &Snapshot<'_>| queue.take(snapshot, &busy, now);
            let taken = store.read_as(Reader::Deliverer, take)?;
            Ok((taken, queue))
        };
        let read = task::spawn_blocking(read).await;
        match read.unwrap_or_else(|error| Err(StoreError::internal(error))) {
            Ok((taken, queue)) => {
                self.queue = queue;
                self.follow_changes();
                self.set_damaged_aside(&taken.damaged);
                let claimed = taken.claimed.into_iter();
                claimed.for_each(|claimed| self.start(claimed));
                if self.queue.is_idle() {
                    // No delivery waits for what the device lacked.
                    self.deliverer.signals.lacking.send_replace(None);
                }
                self.queue.next_due()
            }
            Err(error) => {
                let message = "Due deliveries could not be read; retrying.";
                self.tell(Notice::warn(Module::Webhooks, message, error.cause()));
                let in_flight = self.attempts.values();
                let keys = in_flight.map(|attempt| attempt.webhook_key);
                self.queue = Queue::rebuild(keys, now);
                Some(now.plus(STORE_BACKOFF.first))
            }
        }
    }

    fn tell(&self, notice: Notice) {
        self.deliverer.store.tell(notice);
    }

    /// Damaged deliveries stay busy until the next start, so that they hold up no other.
    fn set_damaged_aside(&mut self, damaged: &[i64]) {
        if damaged.is_empty() {
            return;
        }
        Arc::make_mut(&mut self.busy).extend(damaged);
        self.damaged.extend(damaged);
        let message = "Damaged deliveries were set aside.";
        let context = serde_json::json!({"deliveries": damaged.len()});
        self.tell(Notice {
            context,
            ..Notice::error(Module::Webhooks, message, "damage")
        });
        self.deliverer.store.met_damage();
    }

    /// Makes the attempt in a task of its own.
    fn start(&mut self, claimed: Claimed) {
        Arc::make_mut(&mut self.busy).insert(claimed.seq);
        let attempt = Attempt {
            http: Arc::clone(&self.http),
            clock: Arc::clone(&self.deliverer.clock),
            device: Arc::clone(&self.deliverer.device),
            settings: self.deliverer.settings.clone(),
        };
        let sending = Sending {
            webhook_id: claimed.webhook_id.clone(),
            since: attempt.clock.now(),
        };
        let flight = self.deliverer.signals.in_flight.begin(claimed.seq, sending);
        let known = claimed.without_body();
        let task = self.in_flight.spawn(async move {
            let _flight = flight;
            attempt.make(claimed).await
        });
        self.attempts.insert(task.id(), known);
    }

    /// Frees the slot of an attempt and keeps its end for a write.
    fn ended(&mut self, end: Result<(task::Id, Ended), JoinError>) {
        self.watch_clock();
        let now = self.deliverer.clock.now();
        let end = match end {
            Ok((task, end)) => {
                self.attempts.remove(&task);
                end
            }
            Err(error) => {
                let Some(attempt) = self.attempts.remove(&error.id()) else {
                    return;
                };
                self.deliverer.panics.record("attempt", &error.to_string());
                // The attempt counts as a failure, so that the delivery is retried, but not for
                // ever.
                let settings = self.deliverer.settings.borrow().clone();
                let end = || Ended::of_panic(&attempt, now, &settings);
                match catch_unwind(AssertUnwindSafe(end)) {
                    Ok(end) => end,
                    Err(_) => Ended::without_words(&attempt, now, &settings),
                }
            }
        };
        if end.is_quiet() {
            let log = end.log.clone();
            self.tell(Notice {
                priority: log.priority,
                module: log.module,
                message: log.message,
                context: log.context,
                cause: match end.lacking {
                    Some(_) => "device".into(),
                    None => format!("webhook {}", end.webhook_key),
                },
            });
        }
        self.deliverer.signals.lacking.send_replace(end.lacking);
        self.queue.ended(end.webhook_key, now, |state| {
            state.healthy = end.success;
            if end.settlement.verdict == Verdict::NotCounted {
                let backoff = match end.lacking {
                    Some(_) => LACK_BACKOFF,
                    None => NO_ROUTE_BACKOFF,
                };
                state.paused_until = Some(now.plus(backoff.after(state.pauses + 1)));
                // Attempts that end together count once.
                state.pauses += u32::from(state.in_flight == 0);
            } else {
                state.paused_until = None;
                state.pauses = 0;
            }
        });
        self.unsettled.push(Arc::new(end));
    }
}
