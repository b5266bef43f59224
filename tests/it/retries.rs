//! When a delivery is tried again, and when it is given up.

use std::time::Duration;

use serde_json::json;
use simrelay_core::clock::{Clock, UnixMillis};
use simrelay_tests::{Lab, Receiver, Reply, START};

/// A lab whose receiver fails with 500 unless told otherwise, and one SMS that failed once.
async fn failed_once() -> (Lab, Receiver) {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    receiver.otherwise(Reply::Status(500));
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("once").await;
    receiver.next().await;
    lab.after_attempts("w", 1).await;
    (lab, receiver)
}

/// Moves the clock to the due time of the newest delivery.
async fn to_due_time(lab: &Lab, attempts: usize) {
    let delivery = lab.after_attempts("w", attempts).await;
    lab.advance(delivery.due_at.since(lab.clock.now()));
}

#[tokio::test]
async fn fourteen_retries_double_their_wait_and_then_it_is_dead_and_kept() {
    let (lab, mut receiver) = failed_once().await;
    let first = lab.deliveries("w").remove(0);
    let mut wait = Duration::from_secs(10);
    for attempt in 1..=14 {
        let delivery = lab.after_attempts("w", attempt).await;
        let real = delivery.due_at.since(lab.clock.now());
        assert!(
            real >= wait && real <= wait.mul_f64(1.1),
            "retry {attempt} after {real:?}"
        );
        to_due_time(&lab, attempt).await;
        let retry = receiver.next().await;
        assert_eq!(retry.json()["id"], first.id.as_str());
        wait *= 2;
    }
    let dead = lab.newest("w", |delivery| delivery.state == "dead").await;
    assert_eq!(dead.history.len(), 15);
    assert!(
        dead.history
            .iter()
            .all(|attempt| attempt.class == "Status" && attempt.status == 500)
    );
    lab.advance(Duration::from_secs(20 * 86_400));
    assert_eq!(lab.deliveries("w").len(), 1);
    assert_eq!(receiver.waiting(), 0);
}

#[tokio::test]
async fn a_retry_is_the_same_request() {
    let (lab, mut receiver) = failed_once().await;
    lab.receive("twice").await;
    let first = receiver.next().await;
    to_due_time(&lab, 1).await;
    let mut again = receiver.next().await;
    if again.json()["id"] != first.json()["id"] {
        again = receiver.next().await;
    }
    assert_eq!(again.body(), first.body());
    assert_ne!(again.header("x-timestamp"), first.header("x-timestamp"));
    assert_ne!(again.header("x-signature"), first.header("x-signature"));
}

#[tokio::test]
async fn a_lower_retry_count_counts_after_the_next_failure() {
    let (lab, mut receiver) = failed_once().await;
    to_due_time(&lab, 1).await;
    receiver.next().await;
    lab.after_attempts("w", 2).await;
    lab.set(json!({"webhooks": {"retry_count": 1}})).await;
    assert_eq!(lab.deliveries("w")[0].state, "pending");
    to_due_time(&lab, 2).await;
    receiver.next().await;
    lab.newest("w", |delivery| delivery.state == "dead").await;
    lab.set(json!({"webhooks": {"retry_count": 30}})).await;
    assert_eq!(lab.deliveries("w")[0].state, "dead");
}

#[tokio::test]
async fn a_higher_retry_count_counts_for_what_is_queued() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    receiver.otherwise(Reply::Status(500));
    lab.set(json!({"webhooks": {"retry_count": 1}})).await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("once").await;
    receiver.next().await;
    lab.after_attempts("w", 1).await;
    lab.set(json!({"webhooks": {"retry_count": 2}})).await;
    to_due_time(&lab, 1).await;
    receiver.next().await;
    to_due_time(&lab, 2).await;
    receiver.next().await;
    lab.newest("w", |delivery| delivery.state == "dead").await;
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_makes_due_and_one_that_jumps_back_does_not_strand() {
    let day = 86_400_000;
    for jump in [day, -day] {
        let (lab, mut receiver) = failed_once().await;
        receiver.otherwise(Reply::Status(200));
        lab.clock.set(UnixMillis(START.0 + jump));
        // Nobody tells the deliverer: it looks at the wall clock by itself within 30 s.
        let woken = async {
            while receiver.waiting() == 0 {
                lab.clock.advance(Duration::from_secs(1));
                tokio::task::yield_now().await;
            }
        };
        simrelay_tests::within("the retry after a jump", woken).await;
        receiver.next().await;
        lab.newest("w", |delivery| delivery.state == "delivered")
            .await;
    }
}

#[tokio::test]
async fn a_retry_keeps_its_time_over_a_clock_that_comes_back() {
    let day = 86_400_000;
    for jump in [day, -day] {
        let (lab, mut receiver) = failed_once().await;
        receiver.otherwise(Reply::Status(200));
        let due = lab.deliveries("w")[0].due_at;
        for wall in [START.0 + jump, START.0] {
            let mut turns = lab.gateway.turns();
            turns.borrow_and_update();
            lab.clock.set(UnixMillis(wall));
            lab.gateway.clock_changed();
            let moved = lab
                .newest("w", |delivery| delivery.due_at.0 - due.0 == wall - START.0)
                .await;
            assert_eq!(moved.state, "pending");
        }
        assert_eq!(receiver.waiting(), 0);
        lab.advance(due.since(START));
        receiver.next().await;
    }
}

#[tokio::test]
async fn every_failure_is_in_the_log_with_its_class_and_a_sentence() {
    let (lab, _receiver) = failed_once().await;
    let logs = lab.client.get("/logs").await;
    let text = logs.text();
    let entries = logs.json();
    let failure = entries
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["context"]["class"] == "Status")
        .expect("the failure is on file");
    assert_eq!(failure["context"]["webhookId"], "w");
    assert_eq!(failure["context"]["status"], 500);
    assert_eq!(failure["priority"], "WARN");
    assert!(
        failure["message"]
            .as_str()
            .unwrap()
            .contains("Only 2xx counts as delivered")
    );
    for private in ["6505551212", "secret-in-query", "once"] {
        assert!(!text.contains(private), "{private} is in the log");
    }
}
