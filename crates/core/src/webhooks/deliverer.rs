//! The deliverer: claims what is due, makes the attempts, writes what came of them.
//!
//! One loop owns all of it. A *turn* is one transaction that settles the attempts that ended and
//! claims what may go next; between turns the loop waits for the next due time, a nudge, the end of
//! an attempt, or the stop. Memory holds only what is in flight.
//!
//! Cost of a turn: two index seeks per webhook, then per delivery one UPDATE to claim it, one UPDATE
//! and two INSERTs to settle it. A turn that only claims does not wait for fsync, because a start
//! after a crash voids all leases anyway.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use rustls_pki_types::CertificateDer;
use serde_json::json;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;

use super::http::{Http, Report, Request};
use super::outcome::Outcome;
use super::retry;
use super::slots::{self, Track};
use crate::clock::{Clock, UnixMillis};
use crate::device::{Device, Transport};
use crate::event::EventName;
use crate::id;
use crate::settings::Settings;
use crate::store::{
    AttemptRow, Claimed, Durability, NewLog, Priority, Settlement, Store, StoreError, Transaction,
    Verdict,
};

/// How often the wall clock is looked at while something is due later, because it may jump.
const WALL_CLOCK_CHECK: Duration = Duration::from_secs(30);
/// The pause after a turn that the store refused (a full disk, say).
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// The pause of a webhook after the device had no route; doubled up to [`LONGEST_PAUSE`].
const NO_ROUTE_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A wall clock that falls behind the monotonic one by more than this was set back.
const CLOCK_SLACK: Duration = Duration::from_secs(1);

/// What wakes the deliverer, and what it tells.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// Something new is queued.
    pub queued: Notify,
    /// The network changed: connections are stale, pauses are over.
    pub network: Notify,
    /// The wall clock or the trust store changed.
    pub environment: Notify,
    /// Counts the turns, so that a watcher sees that something moved.
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
}

/// An attempt that ended.
struct Ended {
    settlement: Settlement,
    webhook_key: i64,
    success: bool,
    log: NewLog,
}

/// What a turn brought.
struct Turn {
    claimed: Vec<Claimed>,
    next_due: Option<UnixMillis>,
    tracks: HashMap<i64, Track>,
}

/// The state of the loop.
struct Run {
    deliverer: Deliverer,
    http: Arc<Http>,
    tracks: HashMap<i64, Track>,
    in_flight: JoinSet<()>,
    ends: mpsc::UnboundedSender<Ended>,
    /// Ended, but not yet written.
    unsettled: Vec<Ended>,
    clocks: (UnixMillis, Duration),
}

impl Deliverer {
    /// Delivers until `stop` fires; then waits for what is in flight, and writes it.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let Some(http) = make_http(&self) else { return };
        let clocks = (self.clock.now(), self.clock.monotonic());
        let (ends, mut ended) = mpsc::unbounded_channel();
        let signals = Arc::clone(&self.signals);
        let mut settings = self.settings.clone();
        let mut roots = self.roots.clone();
        let mut run = Run {
            deliverer: self,
            http,
            tracks: HashMap::new(),
            in_flight: JoinSet::new(),
            ends,
            unsettled: Vec::new(),
            clocks,
        };
        run.void_leases().await;
        loop {
            run.unsettled
                .extend(std::iter::from_fn(|| ended.try_recv().ok()));
            let stopping = *stop.borrow();
            if stopping && !run.has_attempts_in_flight() && run.unsettled.is_empty() {
                return;
            }
            let wait = run.turn(!stopping).await;
            signals.turns.send_modify(|turns| *turns += 1);
            tokio::select! {
                biased;
                end = ended.recv() => run.unsettled.extend(end),
                _ = stop.changed(), if !stopping => {}
                () = signals.network.notified() => run.network_changed(),
                () = signals.environment.notified() => run.pull_in_overdue().await,
                () = signals.queued.notified() => {}
                _ = settings.changed() => run.renew_connections(),
                _ = roots.changed() => run.renew_connections(),
                () = run.sleep(wait) => {}
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

impl Run {
    /// Settles what ended and, if `claim`, claims and starts what may go. Returns how long nothing
    /// is due; `None` for until a nudge.
    async fn turn(&mut self, claim: bool) -> Option<Duration> {
        while self.in_flight.try_join_next().is_some() {}
        if self.clock_was_set_back() {
            self.pull_in_overdue().await;
        }
        let now = self.deliverer.clock.now();
        let claim = claim && self.deliverer.may_attempt();
        if !claim && self.unsettled.is_empty() {
            return None;
        }
        let ended = std::mem::take(&mut self.unsettled);
        let tracks = self.settled_tracks(&ended, now);
        let durability = if ended.is_empty() {
            Durability::Process
        } else {
            Durability::Fsync
        };
        let ended = Arc::new(ended);
        let written = Arc::clone(&ended);
        let work = move |transaction: &Transaction<'_>| {
            take_turn(transaction, &written, claim, now, tracks.clone())
        };
        match self
            .deliverer
            .store
            .write_with(durability, work)
            .done()
            .await
        {
            Ok(turn) => {
                self.tracks = turn.tracks;
                let next_pause = self
                    .tracks
                    .values()
                    .filter_map(|track| track.paused_until)
                    .min();
                for claimed in turn.claimed {
                    self.start(claimed);
                }
                let next = turn.next_due.into_iter().chain(next_pause).min();
                next.map(|due| due.since(now).min(WALL_CLOCK_CHECK))
            }
            Err(error) => {
                tracing::warn!(%error, "the store refused a turn; it is tried again");
                // The writer has dropped its copy with the answer.
                self.unsettled = Arc::try_unwrap(ended).unwrap_or_default();
                Some(STORE_PAUSE)
            }
        }
    }

    /// The tracks as they are once `ended` is written.
    fn settled_tracks(&self, ended: &[Ended], now: UnixMillis) -> HashMap<i64, Track> {
        let mut tracks = self.tracks.clone();
        for end in ended {
            let track = tracks.entry(end.webhook_key).or_default();
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
        }
        for track in tracks.values_mut() {
            track.paused_until = track.paused_until.filter(|until| *until > now);
        }
        tracks
    }

    /// Makes the attempt on a task of its own.
    fn start(&mut self, claimed: Claimed) {
        self.tracks
            .entry(claimed.webhook_key)
            .or_default()
            .in_flight += 1;
        let http = Arc::clone(&self.http);
        let clock = Arc::clone(&self.deliverer.clock);
        let device = Arc::clone(&self.deliverer.device);
        let settings = self.deliverer.settings.clone();
        let ends = self.ends.clone();
        self.in_flight.spawn(async move {
            let started = (clock.now(), clock.monotonic());
            let mut claimed = claimed;
            let request = Request {
                url: std::mem::take(&mut claimed.url),
                body: Bytes::from(std::mem::take(&mut claimed.body)),
                signing_key: settings.borrow().signing_key(),
            };
            let attempt = AssertUnwindSafe(http.attempt(request)).catch_unwind();
            let mut report = attempt.await.unwrap_or_else(|_| Report::of_panic());
            let settings = settings.borrow().clone();
            let network = device.network();
            if lost_its_network(
                &report.outcome,
                network.transport,
                settings.internet_required() && !network.online,
            ) {
                report.outcome = Outcome::NoNetwork;
            }
            let duration = clock.monotonic().saturating_sub(started.1);
            let ended = end_of(
                &claimed,
                report,
                started.0,
                duration,
                clock.now(),
                &settings,
            );
            // The loop outlives its attempts.
            let _ = ends.send(ended);
        });
    }

    fn has_attempts_in_flight(&self) -> bool {
        self.tracks.values().any(|track| track.in_flight > 0)
    }

    async fn void_leases(&self) {
        loop {
            let now = self.deliverer.clock.now();
            let work = move |transaction: &Transaction<'_>| {
                transaction.void_leases()?;
                transaction.pull_in_overdue(now)
            };
            match self.deliverer.store.write(work).done().await {
                Ok(_) | Err(StoreError::Closed) => return,
                Err(error) => tracing::warn!(%error, "leases could not be voided yet"),
            }
            self.deliverer.clock.sleep(STORE_PAUSE).await;
        }
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
        if let Err(error) = pulled.done().await {
            tracing::warn!(%error, "due times could not be pulled in");
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

    async fn sleep(&self, wait: Option<Duration>) {
        match wait {
            Some(wait) => self.deliverer.clock.sleep(wait).await,
            None => std::future::pending().await,
        }
    }
}

/// The one transaction of a turn.
fn take_turn(
    transaction: &Transaction<'_>,
    ended: &[Ended],
    claim: bool,
    now: UnixMillis,
    mut tracks: HashMap<i64, Track>,
) -> Result<Turn, StoreError> {
    for end in ended {
        if transaction.settle(&end.settlement, now)? && !is_quiet(end) {
            transaction.log(&end.log)?;
        }
    }
    let mut claimed = Vec::new();
    let mut lanes = Vec::new();
    if claim {
        let _timed = tracing::trace_span!("claim").entered();
        lanes = transaction.snapshot().lanes()?;
        let mut retries = false;
        for grant in slots::grant(&lanes, &mut tracks, now) {
            if grant.first > 0 {
                claimed.extend(transaction.claim_first(grant.webhook_key, grant.first)?);
            }
            if grant.retries > 0 {
                claimed.extend(transaction.claim_retries(grant.webhook_key, grant.retries, now)?);
                retries = true;
            }
        }
        if retries {
            lanes = transaction.snapshot().lanes()?;
        }
    }
    let next_due = lanes
        .iter()
        .filter_map(|lane| lane.retry_due)
        .filter(|due| *due > now)
        .min();
    Ok(Turn {
        claimed,
        next_due,
        tracks,
    })
}

/// A device without a network is no news after the first time.
fn is_quiet(end: &Ended) -> bool {
    end.settlement.verdict == Verdict::NotCounted && end.settlement.attempt.number > 1
}

/// Whether the attempt failed because the device was cut off: it then uses up no retry.
fn lost_its_network(outcome: &Outcome, transport: Transport, went_offline: bool) -> bool {
    match outcome {
        Outcome::NoNetwork => true,
        Outcome::Dns | Outcome::Connect(_) | Outcome::Timeout(_) | Outcome::Closed => {
            went_offline || transport == Transport::None
        }
        _ => false,
    }
}

fn end_of(
    claimed: &Claimed,
    report: Report,
    started_at: UnixMillis,
    duration: Duration,
    now: UnixMillis,
    settings: &Settings,
) -> Ended {
    let outcome = &report.outcome;
    let retry_count = settings.retry_count();
    let verdict = retry::decide(
        outcome,
        claimed.attempt,
        retry_count,
        now,
        id::random_fraction(),
    );
    let reason = outcome.sentence(&report.host);
    let (priority, message) = match verdict {
        Verdict::Delivered => (Priority::Info, "Webhook delivered.".to_owned()),
        Verdict::RetryAt(_) => (Priority::Warn, format!("Webhook not delivered. {reason}")),
        Verdict::NotCounted => (Priority::Warn, format!("Webhook waits. {reason}")),
        Verdict::Dead => (
            Priority::Error,
            format!(
                "Webhook given up after {} attempts. {reason}",
                claimed.attempt
            ),
        ),
    };
    let mut context = json!({
        "webhookId": claimed.webhook_id,
        "eventId": claimed.id,
        "event": claimed.event,
        "attempt": claimed.attempt,
        "class": outcome.class(),
    });
    if outcome.status() != 0 {
        context["status"] = outcome.status().into();
    }
    if let Verdict::RetryAt(at) = verdict {
        context["retryInSeconds"] = at.since(now).as_secs().into();
    }
    tracing::debug!(
        webhook = claimed.webhook_id,
        class = outcome.class(),
        "attempt ended"
    );
    let attempt = AttemptRow {
        number: claimed.attempt,
        started_at,
        duration_ms: i64::try_from(duration.as_millis()).unwrap_or(i64::MAX),
        class: outcome.class(),
        status: outcome.status(),
        reason,
        answer_head: report.answer_head,
    };
    Ended {
        webhook_key: claimed.webhook_key,
        success: verdict == Verdict::Delivered,
        log: NewLog {
            at: now,
            priority,
            module: "webhooks",
            message,
            context,
        },
        settlement: Settlement {
            seq: claimed.seq,
            verdict,
            attempt,
            forget_dead: claimed.event == EventName::SystemPing.as_str(),
        },
    }
}
