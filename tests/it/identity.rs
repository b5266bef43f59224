//! Any order of broadcasts, readings, refreshes and restarts gives one event per message.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use simrelay_core::PhoneNumber;
use simrelay_core::clock::{Clock, UnixMillis};
use simrelay_core::phone_inbox::PhoneRow;
use simrelay_core::receiving::{IncomingSms, Origin};
use simrelay_tests::{Lab, PhoneStore};
use tokio::runtime::Builder;

use crate::database::bodies;

/// A message as the network sent it.
#[derive(Clone, Copy, Debug)]
struct Sent {
    sender: u8,
    text: u8,
    /// How its broadcast comes: never, at once, or when the step `Late` comes.
    broadcast: Broadcast,
    /// Whether the SMS app deletes its row after the next reading.
    deleted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broadcast {
    Missed,
    AtOnce,
    Late,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Sent(Sent),
    /// The broadcasts that are late come.
    Late,
    Reconcile,
    Refresh,
    Export,
    Restart,
    /// Seconds pass.
    Pass(u16),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let broadcast = prop_oneof![
        Just(Broadcast::Missed),
        Just(Broadcast::AtOnce),
        Just(Broadcast::Late)
    ];
    let sent = (0..2u8, 0..2u8, broadcast, any::<bool>()).prop_map(
        |(sender, text, broadcast, deleted)| {
            Step::Sent(Sent {
                sender,
                text,
                broadcast,
                deleted,
            })
        },
    );
    let step = prop_oneof![
        6 => sent,
        1 => Just(Step::Late),
        2 => Just(Step::Reconcile),
        1 => Just(Step::Refresh),
        1 => Just(Step::Export),
        1 => Just(Step::Restart),
        3 => prop_oneof![Just(0u16), 1..90u16, 1..3_000u16].prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 1..24)
}

/// What the phone and the network know of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seconds {
    Known,
    /// The phone's store does not keep them.
    NotInRows,
    /// The broadcasts do not carry them.
    NotInBroadcasts,
}

struct World {
    phone: Arc<PhoneStore>,
    lab: Option<Lab>,
    seconds: Seconds,
    late: Vec<IncomingSms>,
    deleted: Vec<i64>,
    /// The true messages: sender, text and second, counted.
    sent: BTreeMap<(String, String, i64), usize>,
}

impl World {
    async fn start(seconds: Seconds) -> Self {
        let phone = PhoneStore::new();
        let lab = Lab::start_with_phone(&phone).await;
        lab.online(false);
        lab.register("w", "https://example.com/", "sms:received")
            .await;
        lab.register("many", "https://example.com/", "sms:batch:received")
            .await;
        Self {
            phone,
            lab: Some(lab),
            seconds,
            late: Vec::new(),
            deleted: Vec::new(),
            sent: BTreeMap::new(),
        }
    }

    fn lab(&self) -> &Lab {
        self.lab.as_ref().unwrap()
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Sent(sent) => self.send(sent).await,
            Step::Late => {
                for told in std::mem::take(&mut self.late) {
                    self.receive(told).await;
                }
            }
            Step::Reconcile => self.reconcile().await,
            Step::Refresh => self.post("/inbox/refresh", "Disabled").await,
            Step::Export => self.post("/messages/inbox/export", "Batch").await,
            Step::Restart => {
                let left = self.lab.take().unwrap().crash().await;
                let lab = Lab::again_with_phone(left, &self.phone).await;
                lab.online(false);
                self.lab = Some(lab);
            }
            Step::Pass(seconds) => {
                let passed = Duration::from_secs(seconds.into());
                self.lab().clock.advance(passed);
            }
        }
    }

    async fn send(&mut self, sent: Sent) {
        let now = self.lab().clock.now();
        let second = UnixMillis(now.seconds() * 1000);
        let (sender, text) = (format!("+1202555012{}", sent.sender), sent.text.to_string());
        let key = (sender.clone(), text.clone(), second.0);
        *self.sent.entry(key).or_default() += 1;
        let id = self.phone.add(PhoneRow {
            id: 0,
            sender: PhoneNumber::new(&sender),
            text: text.clone(),
            sent_at: Some(second).filter(|_| self.seconds != Seconds::NotInRows),
            received_at: now,
            sim_number: None,
        });
        let told = IncomingSms {
            origin: Origin {
                sender: PhoneNumber::new(sender),
                sent_at: Some(second).filter(|_| self.seconds != Seconds::NotInBroadcasts),
                ..Origin::default()
            },
            text,
        };
        match sent.broadcast {
            Broadcast::Missed => {}
            Broadcast::AtOnce => self.receive(told).await,
            // Without a second a broadcast that is hours late cannot be known.
            Broadcast::Late if self.seconds == Seconds::Known => self.late.push(told),
            Broadcast::Late => {}
        }
        // A row that goes before it was read can only be missed by whoever has nothing else.
        if sent.deleted && sent.broadcast == Broadcast::AtOnce && self.seconds == Seconds::Known {
            self.deleted.push(id);
        }
    }

    async fn receive(&self, told: IncomingSms) {
        let receipt = self.lab().gateway.receive(told).unwrap();
        receipt.done().await.unwrap();
    }

    async fn reconcile(&mut self) {
        let now = self.lab().clock.now();
        self.lab().reconcile().await.unwrap();
        // What had settled was read now, so that its row may go.
        let settled = now.minus(Duration::from_secs(60));
        for id in std::mem::take(&mut self.deleted) {
            if self.phone.received_at(id).is_some_and(|at| at <= settled) {
                self.phone.delete(id);
            } else {
                self.deleted.push(id);
            }
        }
    }

    async fn post(&self, path: &str, delivery: &str) {
        let body = json!({
            "since": "2000-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z",
            "webhookDelivery": delivery,
        });
        let answer = self.lab().client.post(path, &body).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
    }

    /// All that is late comes, and all has settled.
    async fn finish(&mut self) {
        self.take(Step::Late).await;
        self.take(Step::Pass(61)).await;
        self.reconcile().await;
        self.take(Step::Restart).await;
        self.reconcile().await;
    }

    /// The messages that were told, counted; and how many different ids they have.
    fn told(&self) -> (BTreeMap<(String, String, i64), usize>, usize) {
        let mut told = BTreeMap::new();
        let mut ids = std::collections::BTreeSet::new();
        for body in bodies(self.lab(), "w") {
            let payload = &body["payload"];
            let text = |name: &str| payload[name].as_str().unwrap().to_owned();
            let at: jiff::Timestamp = text("receivedAt").parse().unwrap();
            let second = at.as_second() * 1000;
            ids.insert(text("messageId"));
            *told
                .entry((text("sender"), text("message"), second))
                .or_default() += 1;
        }
        (told, ids.len())
    }
}

fn without_seconds(
    counted: &BTreeMap<(String, String, i64), usize>,
) -> BTreeMap<(String, String), usize> {
    let mut sums = BTreeMap::new();
    for ((sender, text, _), count) in counted {
        *sums.entry((sender.clone(), text.clone())).or_default() += count;
    }
    sums
}

fn check(seconds: Seconds, steps: &[Step]) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut world = World::start(seconds).await;
        for step in steps {
            world.take(*step).await;
        }
        world.finish().await;
        let (told, ids) = world.told();
        let count = world.sent.values().sum::<usize>();
        assert_eq!(without_seconds(&told), without_seconds(&world.sent));
        assert_eq!(ids, count, "an id each");
        if seconds == Seconds::Known {
            assert_eq!(told, world.sent, "the true times");
        }
        let total = world.lab().client.get("/inbox?limit=1").await;
        assert_eq!(total.header("x-total-count"), count.to_string());
    });
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn one_event_per_message_with_its_true_time(steps in steps()) {
        check(Seconds::Known, &steps);
    }

    #[test]
    fn one_event_per_message_where_seconds_are_unknown(
        steps in steps(),
        in_rows in any::<bool>(),
    ) {
        let seconds = if in_rows { Seconds::NotInBroadcasts } else { Seconds::NotInRows };
        check(seconds, &steps);
    }
}
