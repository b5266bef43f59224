//! What the shell of a phone is asked for: when to wake the gateway, and to stay awake meanwhile.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use simrelay_core::Shell;
use simrelay_core::clock::{Clock, UnixMillis};
use simrelay_tests::{Lab, Receiver, Reply, START, part, within};
use tokio::sync::watch;

/// What a shell was told: the wake-ups and whether to stay awake, each in order.
#[derive(Clone, Debug, Default, PartialEq)]
struct Told {
    wakes: Vec<Option<UnixMillis>>,
    pending: Vec<bool>,
}

/// A shell that wakes the gateway only when the test does.
#[derive(Debug, Default)]
struct Phone {
    told: watch::Sender<Told>,
}

impl Shell for Phone {
    fn wakes(&self) -> bool {
        true
    }

    fn schedule_wake(&self, at: Option<UnixMillis>) {
        self.told.send_modify(|told| told.wakes.push(at));
    }

    fn deliveries_pending(&self, pending: bool) {
        self.told.send_modify(|told| told.pending.push(pending));
    }
}

impl Phone {
    /// Waits until the last of both are these.
    async fn says(&self, wake: Option<UnixMillis>, pending: bool) {
        let mut told = self.told.subscribe();
        let said = told.wait_for(|told| {
            told.wakes.last() == Some(&wake) && told.pending.last() == Some(&pending)
        });
        let what = format!("a wake-up at {wake:?}, pending {pending}");
        drop(within(&what, said).await.unwrap());
    }

    fn told(&self) -> Told {
        self.told.borrow().clone()
    }
}

/// A phone whose receiver fails unless told otherwise.
async fn failing() -> (Lab, Receiver, Arc<Phone>) {
    let phone = Arc::new(Phone::default());
    let lab = Lab::start_in(Arc::clone(&phone) as _).await;
    phone.says(None, false).await;
    let receiver = Receiver::start().await;
    receiver.otherwise(Reply::Status(500));
    lab.register("w", &receiver.url(), "sms:received").await;
    (lab, receiver, phone)
}

/// The due time of the newest delivery after so many attempts.
async fn due_after(lab: &Lab, attempts: usize) -> Option<UnixMillis> {
    Some(lab.after_attempts("w", attempts).await.due_at)
}

#[tokio::test]
async fn a_first_retry_keeps_awake_and_a_later_one_is_left_to_the_alarm() {
    let (lab, mut receiver, phone) = failing().await;
    lab.receive("once").await;
    receiver.next().await;
    let first = due_after(&lab, 1).await;
    phone.says(first, true).await;
    // The device is kept awake, so a timer of ours is enough.
    let retried = async {
        while receiver.waiting() == 0 {
            lab.clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    within("the first retry", retried).await;
    receiver.next().await;
    let second = due_after(&lab, 2).await;
    phone.says(second, false).await;
    // Nothing of ours runs while the device may sleep: only the alarm brings the retry about.
    let turns = *lab.gateway.turns().borrow();
    lab.clock.advance(Duration::from_secs(3_600));
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(*lab.gateway.turns().borrow(), turns);
    assert_eq!(receiver.waiting(), 0);
    receiver.otherwise(Reply::Status(200));
    lab.gateway.clock_changed();
    receiver.next().await;
    phone.says(None, false).await;
    let told = phone.told();
    assert!(
        told.wakes.windows(2).all(|pair| pair[0] != pair[1]),
        "{told:?}"
    );
    assert!(
        told.pending.windows(2).all(|pair| pair[0] != pair[1]),
        "{told:?}"
    );
}

#[tokio::test]
async fn what_waits_for_the_internet_waits_for_no_alarm() {
    let (lab, mut receiver, phone) = failing().await;
    lab.online(false);
    lab.receive("offline").await;
    phone.says(None, false).await;
    lab.online(true);
    receiver.next().await;
    let due = due_after(&lab, 1).await;
    phone.says(due, true).await;
    lab.online(false);
    phone.says(None, false).await;
    lab.set(json!({"webhooks": {"internet_required": false}}))
        .await;
    phone.says(due, true).await;
}

#[tokio::test]
async fn the_next_ping_is_asked_for() {
    let phone = Arc::new(Phone::default());
    let lab = Lab::start_in(Arc::clone(&phone) as _).await;
    phone.says(None, false).await;
    lab.set(json!({"ping": {"interval_seconds": 600}})).await;
    let ten_minutes = Duration::from_secs(600);
    phone.says(Some(START.plus(ten_minutes)), false).await;
    lab.clock.advance(ten_minutes);
    lab.gateway.clock_changed();
    phone
        .says(Some(lab.clock.now().plus(ten_minutes)), false)
        .await;
    lab.set(json!({"ping": {"interval_seconds": null}})).await;
    phone.says(None, false).await;
}

/// The sender's due times are alarms as well, and what it hands over keeps the device awake.
#[tokio::test]
async fn a_scheduled_message_has_an_alarm_and_then_its_deadline_has() {
    let phone = Arc::new(Phone::default());
    let lab = Lab::start_in(Arc::clone(&phone) as _).await;
    phone.says(None, false).await;
    let minutes = |count: u64| Duration::from_secs(count * 60);
    let body = json!({"textMessage": {"text": "later"}, "phoneNumbers": ["+12025550143"],
        "scheduleAt": "2024-06-22T15:56:11+07:00"});
    let answer = lab.client.post("/messages", &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let due = START.plus(minutes(10));
    phone.says(Some(due), false).await;
    // While the device may sleep no timer of ours runs.
    let turns = *lab.gateway.sending_turns().borrow();
    lab.clock.advance(minutes(10));
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(*lab.gateway.sending_turns().borrow(), turns);
    let told = phone.told().pending.len();
    lab.gateway.clock_changed();
    let request = lab.modem.given(1).await.remove(0);
    let deadline = lab.clock.now().plus(minutes(60));
    phone.says(Some(deadline), false).await;
    let awake = phone.told().pending.split_off(told);
    assert!(
        awake.contains(&true),
        "asleep over the hand-over: {awake:?}"
    );
    let receipt = lab.gateway.part_sent(&part(&request, 0, 1));
    receipt.done().await.unwrap();
    phone.says(None, false).await;
}

#[tokio::test]
async fn a_stop_lets_the_device_sleep_and_leaves_the_alarm() {
    let (lab, mut receiver, phone) = failing().await;
    lab.receive("once").await;
    receiver.next().await;
    let due = due_after(&lab, 1).await;
    phone.says(due, true).await;
    lab.gateway.stop(Duration::ZERO).await;
    phone.says(due, false).await;
}
