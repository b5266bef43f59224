//! The deliverer: takes up what is due, makes the attempts, writes what came of them.
//!
//! One loop owns all of it. It remembers what is *busy*: in flight, or ended and not yet written; and
//! which webhooks have something waiting ([`Queue`]). A round reads what may go next and starts it,
//! while one write at a time settles whatever ended, so no slot waits for fsync. Between rounds the
//! loop waits for the end of an attempt or of a write, the next due time, a nudge, or the stop.
//!
//! Cost of a round: a few seeks for each webhook that may get a slot, however many there are; per
//! delivery one row read to start it, one UPDATE and two INSERTs to settle it.

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

/// After the store refused (a full disk, say).
const STORE_BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
/// Of a webhook after the device had no route.
const NO_ROUTE_BACKOFF: Backoff = Backoff::new(Duration::from_secs(5), Duration::from_secs(300));
/// The same after the device lacked something of its own, which may be back at any time and tells
/// nobody.
const LACK_BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
/// With so many busy nothing is started, because the writes lag behind.
const MOST_BUSY: usize = 2 * slots::TOTAL as usize;

/// What wakes the deliverer, and what it tells.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// Something new is queued.
    pub queued: Notify,
    /// The network changed: connections are stale, pauses are over.
    pub network: Notify,
    /// The wall clock was set, or the time that the shell was asked for has come.
    pub environment: Notify,
    /// The same, for the pings.
    pub clock: Notify,
    /// Counts the rounds, so that a watcher sees that something moved.
    pub turns: watch::Sender<u64>,
    /// What the device lacked for its latest attempt.
    pub lacking: watch::Sender<Option<DeviceFault>>,
    /// What is attempted right now.
    pub in_flight: Arc<InFlight>,
}

/// What the deliverer works with.
#[derive(Clone)]
pub(crate) struct Deliverer {
    pub store: Arc<Store>,
    pub clock: Arc<dyn Clock>,
    pub device: Arc<Device>,
    pub settings: watch::Receiver<Arc<Settings>>,
    /// The platform's trust roots, DER.
    pub roots: watch::Receiver<Arc<Vec<CertificateDer<'static>>>>,
    pub signals: Arc<Signals>,
    pub wake: Arc<Wake>,
    pub panics: Arc<Panics>,
}

/// A write of what ended.
struct Settling {
    ended: Vec<Arc<Ended>>,
    /// Without the record of the attempt.
    bare: bool,
    ticket: Ticket<()>,
}

/// An end that could not be written for a reason of its own.
struct Aside {
    ended: Arc<Ended>,
    /// When it is tried again, in monotonic time.
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
    /// What `http` was made under.
    made_under: MadeUnder,
    queue: Queue,
    in_flight: JoinSet<Ended>,
    /// What is in flight, without its body, by task.
    attempts: HashMap<task::Id, Claimed>,
    /// In flight, or ended and not yet written, by number.
    busy: Arc<HashSet<i64>>,
    /// Set aside for damage; busy until the next start.
    damaged: HashSet<i64>,
    /// Ended, and in no write yet.
    unsettled: Vec<Arc<Ended>>,
    settling: Option<Settling>,
    /// So many of the unsettled are written one by one, because one of them cannot be written.
    singly: usize,
    /// Ends to be written without the records of their attempts, because those met damage.
    bare: Vec<Arc<Ended>>,
    /// What could not be written by itself, and holds nobody else up.
    aside: Vec<Aside>,
    /// The last write of ends failed; wait before the next.
    refused: bool,
    /// How often in a row it failed.
    refusals: u32,
    /// Due times are to be held against the clock: at the start, and after it was set, by so many
    /// milliseconds.
    pull_in: Option<i64>,
    clock_watch: ClockWatch,
}

impl Deliverer {
    /// Delivers until `stop` fires; then waits for what is in flight, and writes it.
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

/// Waits for the write that is under way; for ever if there is none.
async fn written(settling: &mut Option<Settling>) -> Result<(), StoreError> {
    match settling {
        Some(settling) => (&mut settling.ticket).await,
        None => std::future::pending().await,
    }
}

impl Run {
    /// How many are in flight, or ended and not yet written.
    fn in_hand(&self) -> usize {
        self.busy.len() - self.damaged.len() - self.aside.len()
    }

    /// Starts what may go and tells what it waits for. Returns how long to sleep; `None` for until
    /// something happens.
    async fn look(&mut self) -> Option<Duration> {
        let wake = Arc::clone(&self.deliverer.wake);
        let turn = wake.turn(Loop::Deliveries);
        let next = self.round().await;
        let next = next.into_iter().chain(self.next_aside()).min();
        let now = self.deliverer.clock.now();
        let soon = next.is_some_and(|next| next <= now.plus(AWAKE));
        // What a full disk refuses for long must not keep the device awake.
        let in_hand = if self.refused {
            !self.in_flight.is_empty()
        } else {
            self.in_hand() > 0
        };
        turn.end(next, now, soon || in_hand)
    }

    /// Starts what may go. Returns when the next is due; `None` if nothing waits for a time.
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
                    // Nothing waits for what was lacking.
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

    /// What cannot be read stays busy until the next start, so that it holds back none of the others.
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

    /// Makes the attempt on a task of its own.
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

    /// Frees the slot of an attempt and keeps what is to be written.
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
                // It counts as one that failed, so that it comes again, but not for ever.
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
