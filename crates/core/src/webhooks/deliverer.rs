//! The deliverer: takes up what is due, makes the attempts, writes what came of them.
//!
//! One loop owns all of it. It remembers what is *busy*: in flight, or ended and not yet written. A
//! round reads what may go next and starts it, while one write at a time settles whatever ended, so
//! no slot waits for fsync. Between rounds the loop waits for the end of an attempt or of a write, the
//! next due time, a nudge, or the stop.
//!
//! Cost of a round: two index seeks per webhook; per delivery one row read to start it, one UPDATE and
//! two INSERTs to settle it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinError, JoinSet};

use super::attempt::{Attempt, Ended};
use super::http::Http;
use super::round::{settle_all, settle_bare, what_may_go};
use super::slots::{self, Track};
use crate::clock::{Clock, UnixMillis};
use crate::device::Device;
use crate::settings::Settings;
use crate::store::{Claimed, Store, StoreError, Ticket, Transaction, Verdict};
use crate::wake::{AWAKE, Loop, Report, Wake};

/// The pause after the store refused (a full disk, say); doubled up to [`LONGEST_STORE_PAUSE`].
const STORE_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_STORE_PAUSE: Duration = Duration::from_secs(60);
/// The pause of a webhook after the device had no route; doubled up to [`LONGEST_PAUSE`].
const NO_ROUTE_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A wall clock that falls behind the monotonic one by more than this was set back.
const CLOCK_SLACK: Duration = Duration::from_secs(1);
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
}

/// What the deliverer works with.
pub(crate) struct Deliverer {
    pub store: Arc<Store>,
    pub clock: Arc<dyn Clock>,
    pub device: Arc<Device>,
    pub settings: watch::Receiver<Arc<Settings>>,
    /// The platform's trust roots, DER.
    pub roots: watch::Receiver<Arc<Vec<CertificateDer<'static>>>>,
    pub signals: Arc<Signals>,
    pub wake: Arc<Wake>,
}

/// A write of what ended.
struct Settling {
    ended: Vec<Arc<Ended>>,
    /// Without the record of the attempt.
    bare: bool,
    ticket: Ticket<()>,
}

/// The state of the loop.
struct Run {
    deliverer: Deliverer,
    http: Arc<Http>,
    tracks: HashMap<i64, Track>,
    in_flight: JoinSet<Ended>,
    /// In flight, or ended and not yet written, by number.
    busy: Arc<HashSet<i64>>,
    /// Set aside for damage; busy until the next start.
    damaged: HashSet<i64>,
    /// Ended, and in no write yet.
    unsettled: Vec<Arc<Ended>>,
    settling: Option<Settling>,
    /// The last write of ends failed; wait before the next.
    refused: bool,
    /// How often in a row it failed.
    refusals: u32,
    /// Ends of a write that met damage, to be written each by itself, and at last without the record of
    /// the attempt.
    apart: Vec<(Arc<Ended>, bool)>,
    /// Due times are to be held against the clock: at the start, and after the clock was set.
    pull_in: bool,
    clocks: (UnixMillis, Duration),
}

impl Deliverer {
    /// Delivers until `stop` fires; then waits for what is in flight, and writes it.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let Some(http) = make_http(&self) else {
            self.wake.report(Loop::Deliveries, Report::gone());
            return;
        };
        let clocks = (self.clock.now(), self.clock.monotonic());
        let signals = Arc::clone(&self.signals);
        let clock = Arc::clone(&self.clock);
        let mut settings = self.settings.clone();
        let mut roots = self.roots.clone();
        let mut run = Run {
            deliverer: self,
            http,
            tracks: HashMap::new(),
            in_flight: JoinSet::new(),
            busy: Arc::default(),
            damaged: HashSet::new(),
            unsettled: Vec::new(),
            settling: None,
            refused: false,
            refusals: 0,
            apart: Vec::new(),
            pull_in: true,
            clocks,
        };
        loop {
            while let Some(end) = run.in_flight.try_join_next() {
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
                Some(end) = run.in_flight.join_next() => run.ended(end),
                written = written(&mut run.settling) => run.settled(written),
                _ = stop.changed(), if !stopping => run.refused = false,
                () = signals.network.notified() => run.network_changed(),
                () = signals.environment.notified() => (run.pull_in, run.refused) = (true, false),
                () = signals.queued.notified() => {}
                _ = settings.changed() => run.renew_connections(),
                _ = roots.changed() => run.renew_connections(),
                () = sleep(&*clock, wait) => run.refused = false,
            }
        }
    }

    fn may_attempt(&self) -> bool {
        self.device.network().online || !self.settings.borrow().internet_required()
    }
}

fn make_http(deliverer: &Deliverer) -> Option<Arc<Http>> {
    let settings = deliverer.settings.borrow().clone();
    let roots = deliverer.roots.borrow().clone();
    match Http::new(&roots, &settings, Arc::clone(&deliverer.clock)) {
        Ok(http) => Some(Arc::new(http)),
        Err(error) => {
            tracing::error!(%error, "no HTTP client; nothing is delivered");
            None
        }
    }
}

/// Waits for the write that is under way; for ever if there is none.
async fn written(settling: &mut Option<Settling>) -> Result<(), StoreError> {
    match settling {
        Some(settling) => (&mut settling.ticket).await,
        None => std::future::pending().await,
    }
}

async fn sleep(clock: &dyn Clock, wait: Option<Duration>) {
    match wait {
        Some(wait) => clock.sleep(wait).await,
        None => std::future::pending().await,
    }
}

impl Run {
    /// How many are in flight, or ended and not yet written.
    fn in_hand(&self) -> usize {
        self.busy.len() - self.damaged.len()
    }

    /// Starts what may go and tells what it waits for. Returns how long to sleep; `None` for until
    /// something happens.
    async fn look(&mut self) -> Option<Duration> {
        let wake = Arc::clone(&self.deliverer.wake);
        let seen = wake.nudges(Loop::Deliveries);
        let next = self.round().await;
        let now = self.deliverer.clock.now();
        let soon = next.is_some_and(|next| next <= now.plus(AWAKE));
        // What a full disk refuses for long must not keep the device awake.
        let in_hand = if self.refused {
            !self.in_flight.is_empty()
        } else {
            self.in_hand() > 0
        };
        let report = Report {
            next,
            pending: soon || in_hand,
            seen,
        };
        wake.report(Loop::Deliveries, report);
        wake.patience(next, now, report.pending)
    }

    /// Starts what may go. Returns when the next is due; `None` if nothing waits for a time.
    async fn round(&mut self) -> Option<UnixMillis> {
        self.pull_in |= self.clock_was_set_back();
        if self.pull_in {
            self.pull_in_overdue().await;
        }
        let now = self.deliverer.clock.now();
        if self.refused {
            let pause = STORE_PAUSE * 2u32.saturating_pow(self.refusals.saturating_sub(1).min(8));
            return Some(now.plus(pause.min(LONGEST_STORE_PAUSE)));
        }
        if !self.deliverer.may_attempt() || self.in_hand() >= MOST_BUSY {
            return None;
        }
        for track in self.tracks.values_mut() {
            track.paused_until = track.paused_until.filter(|until| *until > now);
        }
        let store = Arc::clone(&self.deliverer.store);
        let (busy, tracks) = (Arc::clone(&self.busy), self.tracks.clone());
        let read = move || store.read(|snapshot| what_may_go(snapshot, &busy, now, tracks));
        let round = match tokio::task::spawn_blocking(read).await {
            Ok(Ok(round)) => round,
            Ok(Err(error)) => {
                tracing::warn!(%error, "what is due could not be read; it is tried again");
                return Some(now.plus(STORE_PAUSE));
            }
            Err(error) => {
                tracing::error!(%error, "what is due could not be read; it is tried again");
                return Some(now.plus(STORE_PAUSE));
            }
        };
        self.tracks = round.tracks;
        self.set_aside(&round.damaged);
        round
            .claimed
            .into_iter()
            .for_each(|claimed| self.start(claimed));
        round.next_due
    }

    /// Makes the attempt on a task of its own.
    fn start(&mut self, claimed: Claimed) {
        let track = self.tracks.entry(claimed.webhook_key).or_default();
        track.in_flight += 1;
        Arc::make_mut(&mut self.busy).insert(claimed.seq);
        let attempt = Attempt {
            http: Arc::clone(&self.http),
            clock: Arc::clone(&self.deliverer.clock),
            device: Arc::clone(&self.deliverer.device),
            settings: self.deliverer.settings.clone(),
        };
        self.in_flight.spawn(attempt.make(claimed));
    }

    /// Frees the slot of an attempt and keeps what is to be written.
    fn ended(&mut self, end: Result<Ended, JoinError>) {
        let end = match end {
            Ok(end) => end,
            Err(error) => {
                // A mistake of ours outside the attempt proper. Its delivery stays busy until the
                // next start and is attempted then.
                tracing::error!(%error, "an attempt broke off");
                return;
            }
        };
        let now = self.deliverer.clock.now();
        let track = self.tracks.entry(end.webhook_key).or_default();
        track.in_flight = track.in_flight.saturating_sub(1);
        track.healthy = end.success;
        if end.settlement.verdict == Verdict::NotCounted {
            let pause = NO_ROUTE_PAUSE * 2u32.saturating_pow(track.pauses.min(8));
            track.paused_until = Some(now.plus(pause.min(LONGEST_PAUSE)));
            track.pauses += 1;
        } else {
            track.paused_until = None;
            track.pauses = 0;
        }
        self.unsettled.push(Arc::new(end));
    }

    /// Begins to write what ended, unless a write is under way.
    fn settle(&mut self) {
        if self.settling.is_some() || self.refused {
            return;
        }
        let (ended, bare) = match self.apart.pop() {
            Some((end, bare)) => (vec![end], bare),
            None if self.unsettled.is_empty() => return,
            None => (std::mem::take(&mut self.unsettled), false),
        };
        let (rows, now) = (ended.clone(), self.deliverer.clock.now());
        let write = if bare { settle_bare } else { settle_all };
        let work = move |transaction: &Transaction<'_>| write(transaction, &rows, now);
        let ticket = self.deliverer.store.write(work);
        self.settling = Some(Settling {
            ended,
            bare,
            ticket,
        });
    }

    /// The write is done: what it settled is no longer busy. If it was refused, it is made again.
    fn settled(&mut self, written: Result<(), StoreError>) {
        let Some(Settling { ended, bare, .. }) = self.settling.take() else {
            return;
        };
        match written {
            Ok(()) => {
                self.refusals = 0;
                let busy = Arc::make_mut(&mut self.busy);
                for end in &ended {
                    busy.remove(&end.settlement.seq);
                }
            }
            Err(StoreError::Damaged) if bare => {
                let damaged: Vec<_> = ended.iter().map(|end| end.settlement.seq).collect();
                self.set_aside(&damaged);
            }
            Err(StoreError::Damaged) => {
                let bare = ended.len() == 1;
                self.apart.extend(ended.into_iter().map(|end| (end, bare)));
            }
            Err(error) => {
                tracing::warn!(%error, "the ends of attempts could not be written; tried again");
                self.unsettled.extend(ended);
                self.refused = true;
                self.refusals += 1;
            }
        }
    }

    /// What is damaged stays busy until the next start, so that it holds back none of the others.
    fn set_aside(&mut self, damaged: &[i64]) {
        if damaged.is_empty() {
            return;
        }
        let deliveries = damaged.len();
        tracing::error!(deliveries, "deliveries are damaged and are set aside");
        Arc::make_mut(&mut self.busy).extend(damaged);
        self.damaged.extend(damaged);
    }

    fn clock_was_set_back(&mut self) -> bool {
        let (wall, monotonic) = (self.deliverer.clock.now(), self.deliverer.clock.monotonic());
        let expected = self.clocks.0.plus(monotonic.saturating_sub(self.clocks.1));
        self.clocks = (wall, monotonic);
        expected.since(wall) > CLOCK_SLACK
    }

    /// A due time farther ahead than its own interval counts as now.
    async fn pull_in_overdue(&mut self) {
        let now = self.deliverer.clock.now();
        for track in self.tracks.values_mut() {
            track.paused_until = None;
        }
        let pulled = self
            .deliverer
            .store
            .write(move |transaction| transaction.pull_in_overdue(now));
        match pulled.await {
            Ok(_) => self.pull_in = false,
            Err(error) => tracing::warn!(%error, "due times could not be pulled in yet"),
        }
    }

    fn network_changed(&mut self) {
        for track in self.tracks.values_mut() {
            track.paused_until = None;
            track.pauses = 0;
        }
        self.renew_connections();
    }

    /// Drops idle connections and takes up new trust and rules.
    fn renew_connections(&mut self) {
        if let Some(http) = make_http(&self.deliverer) {
            self.http = http;
        }
    }
}
