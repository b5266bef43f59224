//! The sender: one loop that runs one [`round`] after another and hands messages to the modem.
//!
//! Between rounds it waits for a nudge, for the next due time, or for the stop. The next round
//! stores the modem's answers, so without pacing a recipient costs at most half an fsync. If the
//! radio is slower than the disk, or if pacing is set, one message goes at a time, so a crash finds
//! at most one in between.

mod preparing;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::aside::Aside;
use super::decrypt::{Decrypted, DecryptedMessage};
use super::modem::Modem;
use super::pacing::{Budget, WINDOW};
use super::plan::{Answer, Counted, Done, Plan};
use super::round;
use super::rules::rules;
use crate::loops::panics::Panics;
use crate::loops::wake::{AWAKE, Loop, Wake};
use crate::model::clock::{Clock, Trust, UnixMillis, sleep_for};
use crate::model::device::Device;
use crate::model::id;
use crate::model::phone::NumberRules;
use crate::settings::Settings;
use crate::store::{Module, Notice, Reader, Store, StoreError};

/// The pause after the store refused a write (because of a full disk, say).
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// The time after which an item that failed by itself is tried again.
const ASIDE_PAUSE: Duration = Duration::from_secs(60);
/// The most recipients that one round hands over. A crash at the wrong moment leaves so many
/// unsent; they fail with a reason that says so.
const BATCH: usize = 16;

/// The signals to the sender and from it.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// Wakes the sender, because there is a new message, result, time or setting.
    pub nudge: Notify,
    /// Counts the rounds.
    pub turns: watch::Sender<u64>,
}

/// The dependencies of the sender.
#[derive(Clone)]
pub(crate) struct Sender {
    pub store: Arc<Store>,
    pub clock: Arc<dyn Clock>,
    pub device: Arc<Device>,
    pub modem: Arc<dyn Modem>,
    pub numbers: Arc<NumberRules>,
    pub settings: watch::Receiver<Arc<Settings>>,
    pub signals: Arc<Signals>,
    pub wake: Arc<Wake>,
    pub panics: Arc<Panics>,
    /// Notifies the deliverer of deliveries that a change of state queued.
    pub notify_deliverer: Arc<dyn Fn() + Send + Sync>,
}

/// The time after which the sender believes a clock that was set ahead. Messages that it expires or
/// sends by a wrong clock cannot be undone when the clock is set back.
const CLOCK_PATIENCE: Duration = Duration::from_secs(120);

/// The state of the loop.
struct Run {
    sender: Sender,
    trust: Trust,
    /// How far the clock was set, in milliseconds, until the stored times are moved by the same
    /// amount.
    jump: i64,
    budget: Budget,
    pause: Duration,
    /// Kept until the next hand-over, so that a text goes by the SIM for which its parts were
    /// counted.
    chances: Vec<f64>,
    /// The SIM of the last message that named none; 0 if there was none.
    turn: u32,
    answers: Vec<Answer>,
    opened: Option<Decrypted>,
    decrypted_message: DecryptedMessage,
    counted: Option<Counted>,
    /// The items that are left out because they failed.
    aside: Aside,
    /// The monotonic time at which the first of them was set aside.
    aside_since: Duration,
}

impl Sender {
    /// Sends until `stop` fires. Stores the modem's last answers before it returns.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let signals = Arc::clone(&self.signals);
        let clock = Arc::clone(&self.clock);
        let wake = Arc::clone(&self.wake);
        let mut settings = self.settings.clone();
        let mut damage = self.store.damage();
        let mut run = Run {
            trust: Trust::new(&*self.clock, CLOCK_PATIENCE),
            jump: 0,
            budget: Budget::new(self.modem.parts_per_minute()),
            pause: Duration::ZERO,
            chances: fresh_chances(),
            turn: 0,
            answers: Vec::new(),
            opened: None,
            decrypted_message: DecryptedMessage::default(),
            counted: None,
            aside: Aside::default(),
            aside_since: Duration::ZERO,
            sender: self,
        };
        run.remember().await;
        run.choose_pause();
        loop {
            let stopping = *stop.borrow();
            if stopping && run.answers.is_empty() {
                return;
            }
            let turn = wake.turn(Loop::Sending);
            let next = match run.round(stopping).await {
                Ok(next) => next,
                Err(_) if stopping => return,
                Err(error) => {
                    let message =
                        "Sending failed because the storage cannot be written to; retrying.";
                    run.sender
                        .store
                        .tell(Notice::warn(Module::Sending, message, error.cause()));
                    Some(clock.now().plus(STORE_PAUSE))
                }
            };
            let now = clock.now();
            let pending = next.is_some_and(|next| next <= now.plus(AWAKE));
            let patience = turn.end(next, now, pending);
            signals.turns.send_modify(|turns| *turns += 1);
            if next.is_some_and(|next| next <= now) {
                continue;
            }
            tokio::select! {
                biased;
                _ = stop.changed(), if !stopping => {}
                _ = settings.changed() => run.choose_pause(),
                // Damaged rows may be repaired now.
                Ok(()) = damage.changed() => run.aside.clear(),
                () = signals.nudge.notified() => {}
                () = sleep_for(&*clock, patience) => {}
            }
        }
    }
}

impl Run {
    /// Runs one round and hands its requests to the modem. Returns when to run the next one: a time
    /// that is not after now means at once, `None` means when something happens.
    async fn round(&mut self, only_answers: bool) -> Result<Option<UnixMillis>, StoreError> {
        self.jump += self.trust.look(&*self.sender.clock);
        let waited = self.sender.clock.monotonic();
        if !self.aside.is_empty() && waited >= self.aside_since + ASIDE_PAUSE {
            self.aside.clear();
        }
        let mut plan = self.plan();
        if only_answers {
            plan.batch = 0;
        }
        let now = plan.context.now;
        let written = self
            .sender
            .store
            .write(move |transaction| round::run(transaction, &plan));
        let done = match written.await {
            Ok(done) => done,
            Err(error) if self.set_aside(&error) => return Ok(Some(now)),
            Err(error) => return Err(error),
        };
        let aside = &self.aside;
        self.answers
            .retain(|answer| !only_answers && aside.has(&answer.place()));
        self.jump = 0;
        let Done {
            handed,
            turn,
            sealed,
            uncounted,
            next,
            more,
            moved,
        } = done;
        self.turn = turn.unwrap_or(self.turn);
        if moved {
            (self.sender.notify_deliverer)();
        }
        if only_answers {
            return Ok(None);
        }
        let busy = more || !handed.is_empty() || sealed.is_some() || uncounted.is_some();
        self.hand_over(handed).await;
        match (sealed, uncounted) {
            (Some(sealed), _) => self.open(sealed).await,
            (None, Some(uncounted)) => self.count(uncounted).await,
            (None, None) => {
                self.opened = None;
                self.decrypted_message = DecryptedMessage::default();
            }
        }
        if busy {
            return Ok(Some(now));
        }
        let again = now.plus(ASIDE_PAUSE);
        let again = (!self.aside.is_empty()).then_some(again);
        Ok(next.into_iter().chain(again).min())
    }

    /// Leaves out the item at which the round failed, so that it does not hold up the others.
    /// Returns false if no single item is to blame.
    fn set_aside(&mut self, error: &StoreError) -> bool {
        if self.aside.is_empty() {
            self.aside_since = self.sender.clock.monotonic();
        }
        let blamed = self.aside.blame(error);
        if blamed {
            let message = "A queued message failed and is set aside for a while.";
            let notice = Notice::error(Module::Sending, message, error.cause());
            self.sender.store.tell(notice);
        }
        blamed
    }

    fn plan(&self) -> Plan {
        let sender = &self.sender;
        let settings = sender.settings.borrow().clone();
        let rules = rules(&settings.messages);
        let paced = self.budget.limit().is_some() || !rules.are_idle();
        Plan {
            context: sender.device.context(sender.clock.now()),
            jump: self.jump,
            doubts: self.trust.doubts_for(&*sender.clock),
            rules,
            order: settings.messages.processing_order,
            selection: settings.messages.sim_selection_mode,
            pause: self.pause,
            chances: self.chances.clone(),
            turn: self.turn,
            budget: self.budget.clone(),
            monotonic: sender.clock.monotonic(),
            batch: if paced { 1 } else { BATCH },
            answers: self.answers.clone(),
            opened: self.opened.clone(),
            counted: self.counted,
            aside: self.aside.clone(),
        }
    }

    /// Passes the requests to the modem, each once. Their hand-over is on the disk already.
    async fn hand_over(&mut self, handed: Vec<(super::SendRequest, u32)>) {
        if handed.is_empty() {
            return;
        }
        let modem = Arc::clone(&self.sender.modem);
        let panics = Arc::clone(&self.sender.panics);
        let send = move || {
            let answer = |(request, guess): &(super::SendRequest, u32)| {
                let sent = catch_unwind(AssertUnwindSafe(|| modem.send(request)));
                let Ok(outcome) = sent else {
                    // Nobody knows whether the modem sent it. After an hour the recipient fails
                    // with that reason.
                    panics.record("modem", "a request");
                    return None;
                };
                let told = outcome.as_ref().map_or(0, |accepted| accepted.parts.into());
                let parts = (*guess).max(told);
                let answer = Answer {
                    message_id: request.message_id.clone(),
                    recipient: request.recipient,
                    outcome: outcome.map_err(|error| error.to_string()),
                };
                Some((answer, parts))
            };
            handed.iter().filter_map(answer).collect::<Vec<_>>()
        };
        match tokio::task::spawn_blocking(send).await {
            Ok(answers) => {
                let now = self.sender.clock.monotonic();
                for (answer, parts) in answers {
                    self.budget.spend(now, parts);
                    self.answers.push(answer);
                }
            }
            // Nobody knows whether the modem sent them. After an hour they fail with that reason.
            Err(error) => self.sender.panics.record("modem", &error.to_string()),
        }
        self.choose_pause();
        self.chances = fresh_chances();
    }

    fn choose_pause(&mut self) {
        let rules = rules(&self.sender.settings.borrow().messages);
        self.pause = rules.pause(id::random_fraction());
    }

    /// Reads the messages that were handed over before this start: which SIM was last, and how many
    /// parts the platform counts towards its limit.
    async fn remember(&mut self) {
        let (store, now) = (Arc::clone(&self.sender.store), self.sender.clock.now());
        let (since, limit) = (now.minus(WINDOW), self.budget.limit());
        let read = move || {
            store.read_as(Reader::Loops, |snapshot| {
                let recent = match limit {
                    Some(limit) => snapshot.handed_since(since, limit)?,
                    None => Vec::new(),
                };
                Ok((snapshot.last_turn()?, recent))
            })
        };
        let Ok(Ok((turn, recent))) = tokio::task::spawn_blocking(read).await else {
            return;
        };
        self.turn = turn.unwrap_or(0);
        // Their age in monotonic time is unknown, so they count from now on: longer than needed,
        // never shorter.
        let monotonic = self.sender.clock.monotonic();
        for (_, parts) in recent {
            self.budget.spend(monotonic, parts);
        }
    }
}

fn fresh_chances() -> Vec<f64> {
    (0..BATCH).map(|_| id::random_fraction()).collect()
}
