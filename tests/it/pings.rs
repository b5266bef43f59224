//! `system:ping`: a sign of life, of which an old one is worth nothing.

use std::time::Duration;

use serde_json::json;
use simrelay_core::DeliveryRecord;
use simrelay_tests::{Lab, Receiver, Reply, START, within};

/// Moves the clock on, half a minute at a time, until the condition holds for the deliveries.
async fn until(lab: &Lab, condition: impl Fn(&[DeliveryRecord]) -> bool) {
    let moved = async {
        while !condition(&lab.deliveries("w")) {
            lab.clock.wait_for_sleeper(Duration::from_secs(1)).await;
            lab.advance(Duration::from_secs(30));
            tokio::task::yield_now().await;
        }
    };
    within("the pings get there", moved).await;
}

#[tokio::test]
async fn only_the_newest_waits() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.online(false);
    lab.register("w", &receiver.url(), "system:ping").await;
    lab.set(json!({"ping": {"interval_seconds": 30}})).await;
    let later = START.plus(Duration::from_secs(300));
    until(&lab, |pings| {
        pings.first().is_some_and(|ping| ping.created_at > later)
    })
    .await;
    let waiting = lab.deliveries("w");
    assert_eq!(waiting.len(), 1);
    lab.online(true);
    assert_eq!(receiver.next().await.json()["id"], waiting[0].id.as_str());
}

#[tokio::test]
async fn a_dead_one_is_not_kept() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    receiver.otherwise(Reply::Status(500));
    lab.set(json!({"webhooks": {"retry_count": 1}})).await;
    lab.register("w", &receiver.url(), "system:ping").await;
    lab.set(json!({"ping": {"interval_seconds": 3600}})).await;
    receiver.next().await;
    lab.after_attempts("w", 1).await;
    until(&lab, <[_]>::is_empty).await;
    receiver.next().await;
    let logs = lab.client.get("/logs").await.text();
    assert!(logs.contains("given up after 2 attempts"), "{logs}");
}
