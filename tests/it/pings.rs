//! `system:ping`: a sign of life, of which an old one is worth nothing.

use std::time::Duration;

use serde_json::json;
use simrelay_core::clock::UnixMillis;
use simrelay_tests::{Lab, Receiver, Reply, START, within};

#[tokio::test]
async fn only_the_newest_waits() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.online(false);
    lab.register("w", &receiver.url(), "system:ping").await;
    lab.set(json!({"ping": {"interval_seconds": 30}})).await;
    let mut seen = Vec::new();
    let replaced = async {
        while seen.len() < 4 {
            let pings = lab.deliveries("w");
            assert!(pings.len() <= 1, "{} wait", pings.len());
            let newest = pings.first().map(|ping| ping.id.clone());
            if newest.is_some() && newest.as_ref() != seen.last() {
                seen.extend(newest);
            }
            lab.advance(Duration::from_secs(30));
            tokio::task::yield_now().await;
        }
    };
    within("four pings one after the other", replaced).await;
    lab.online(true);
    let delivered = receiver.next().await.json()["id"].clone();
    // The last one seen, or one that came since.
    assert!(seen[..3].iter().all(|id| delivered != id.as_str()));
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
    lab.advance(Duration::from_secs(30));
    receiver.next().await;
    lab.deliveries_once("w", <[_]>::is_empty).await;
    let logs = lab.client.get("/logs").await.text();
    assert!(logs.contains("failed for good after 2 attempts"), "{logs}");
}

#[tokio::test]
async fn the_interval_goes_on_over_a_clock_that_was_set() {
    let lab = Lab::start().await;
    lab.online(false);
    lab.register("w", "http://127.0.0.1:9/", "system:ping")
        .await;
    lab.set(json!({"ping": {"interval_seconds": 3600}})).await;
    lab.queued("w", 1).await;
    let first = lab.deliveries("w").remove(0).id;
    for wall in [START.0 - 86_400_000, START.0] {
        lab.clock.set(UnixMillis(wall));
        lab.advance(Duration::from_secs(30));
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(lab.deliveries("w").remove(0).id, first);
    }
    // Almost to its end, and no ping yet. In one step, because each is a chance to catch the loop
    // between its looks at the two clocks, which here move far apart in no time.
    lab.advance(Duration::from_secs(3_400));
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(lab.deliveries("w").remove(0).id, first);
    let newer = async {
        while lab
            .deliveries("w")
            .first()
            .is_none_or(|ping| ping.id == first)
        {
            lab.advance(Duration::from_secs(30));
            tokio::task::yield_now().await;
        }
    };
    within("the next ping", newer).await;
}
