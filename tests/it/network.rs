//! Offline, and receivers that hang beside ones that do not.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use simrelay_tests::{Lab, Receiver, Reply, within};
use tokio::sync::Notify;

#[tokio::test]
async fn offline_nothing_is_tried_and_back_online_all_goes_at_once() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.online(false);
    for number in 0..5 {
        lab.receive(&number.to_string()).await;
    }
    lab.advance(Duration::from_secs(86_400));
    let health = lab.client.get("/health").await;
    assert_eq!(
        (health.status, &health.json()["status"]),
        (200, &json!("warn"))
    );
    assert!(
        lab.deliveries("w")
            .iter()
            .all(|delivery| delivery.attempts == 0)
    );
    assert_eq!(receiver.waiting(), 0);
    lab.online(true);
    for _ in 0..5 {
        receiver.next().await;
    }
}

#[tokio::test]
async fn without_internet_required_a_lan_receiver_is_tried() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.online(false);
    lab.receive("waits").await;
    lab.set(json!({"webhooks": {"internet_required": false}}))
        .await;
    receiver.next().await;
    lab.newest("w", |delivery| delivery.state == "delivered")
        .await;
}

#[tokio::test]
async fn nineteen_hanging_webhooks_do_not_slow_the_twentieth() {
    let lab = Lab::start().await;
    let hanging = Receiver::start().await;
    hanging.otherwise(Reply::Hang);
    for number in 0..19 {
        lab.register(&format!("hangs-{number}"), &hanging.url(), "sms:received")
            .await;
    }
    let mut good = Receiver::start().await;
    lab.register("good", &good.url(), "sms:received").await;
    // The clock stands still, so none of the hanging attempts ever ends.
    for number in 0..50 {
        lab.receive(&number.to_string()).await;
    }
    for _ in 0..50 {
        good.next().await;
    }
    let healthy = |delivery: &simrelay_core::DeliveryRecord| delivery.state == "delivered";
    lab.newest("good", healthy).await;
}

#[tokio::test]
async fn a_burst_arrives_whole_and_in_order() {
    const COUNT: usize = 1_000;
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    let receipts: Vec<_> = (0..COUNT)
        .map(|number| {
            lab.gateway
                .receive(simrelay_tests::sms(&number.to_string()))
                .unwrap()
        })
        .collect();
    for receipt in receipts {
        receipt.done().await.unwrap();
    }
    let mut seen = HashSet::new();
    for position in 0..COUNT {
        let arrival = receiver.next().await;
        let number: usize = arrival.json()["payload"]["message"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        // Eight are in flight at a time, so an arrival may be early or late by that.
        assert!(
            number.abs_diff(position) <= 8,
            "{number} came as number {position}"
        );
        assert!(seen.insert(number), "{number} came twice");
    }
}

#[tokio::test]
async fn an_attempt_that_the_network_cut_off_uses_up_no_retry() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    let told = Arc::new(Notify::new());
    receiver.script([Reply::CloseWhen(Arc::clone(&told))]);
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("cut off").await;
    let first = receiver.next().await;
    lab.online(false);
    told.notify_one();
    let mut turns = lab.gateway.turns();
    let logged = async {
        while !lab
            .client
            .get("/logs")
            .await
            .text()
            .contains("Webhook delivery waits.")
        {
            turns.changed().await.unwrap();
        }
    };
    within("the log says why it waits", logged).await;
    assert_eq!(lab.deliveries("w")[0].attempts, 0);
    lab.online(true);
    assert_eq!(receiver.next().await.body(), first.body());
    let delivered = lab
        .newest("w", |delivery| delivery.state == "delivered")
        .await;
    assert_eq!((delivered.attempts, delivered.history.len()), (1, 1));
}
