//! What an export tells.

use serde_json::json;
use simrelay_tests::{Lab, Receiver, Reply};

#[tokio::test]
async fn an_export_tells_what_no_webhook_has_acknowledged() {
    let lab = Lab::start().await;
    let range = |repeat: bool| json!({"since": "2024-01-01T00:00:00Z", "until": "2030-01-01T00:00:00Z", "repeat": repeat});
    lab.receive("nobody listened").await;
    let mut receiver = Receiver::start().await;
    lab.register("one", &receiver.url(), "sms:received").await;
    lab.receive("heard").await;
    receiver.next().await;
    lab.deliveries_once("one", |all| all.iter().all(|it| it.state == "delivered"))
        .await;
    lab.client
        .post("/messages/inbox/export", &range(false))
        .await;
    let told = receiver.next().await.json();
    assert_eq!(told["payload"]["message"], "nobody listened");
    lab.deliveries_once("one", |all| {
        all.len() == 2 && all.iter().all(|it| it.state == "delivered")
    })
    .await;
    lab.client
        .post("/messages/inbox/export", &range(false))
        .await;
    assert_eq!(lab.deliveries("one").len(), 2);
    lab.client
        .post("/messages/inbox/export", &range(true))
        .await;
    assert_eq!(lab.deliveries("one").len(), 4);
}

#[tokio::test]
async fn each_form_of_an_export_has_its_own_acknowledgements() {
    let lab = Lab::start().await;
    let range = json!({"since": "2024-01-01T00:00:00Z", "until": "2030-01-01T00:00:00Z",
        "webhookDelivery": "Batch"});
    let mut receiver = Receiver::start().await;
    lab.register("one", &receiver.url(), "sms:received").await;
    lab.register("many", &receiver.url(), "sms:batch:received")
        .await;
    lab.receive("first").await;
    lab.receive("second").await;
    for _ in 0..2 {
        receiver.next().await;
    }
    // What was told one by one was not told in a batch yet.
    lab.client.post("/messages/inbox/export", &range).await;
    let batch = receiver.next().await.json();
    assert_eq!(batch["payload"]["messages"].as_array().unwrap().len(), 2);
    let is_delivered =
        |all: &[simrelay_core::DeliveryRecord]| all.len() == 1 && all[0].state == "delivered";
    lab.deliveries_once("many", is_delivered).await;
    lab.client.post("/messages/inbox/export", &range).await;
    assert_eq!(lab.deliveries("many").len(), 1);
    // A receiver that refused it has not got it.
    receiver.otherwise(Reply::Status(500));
    lab.receive("third").await;
    receiver.next().await;
    lab.client.post("/messages/inbox/export", &range).await;
    let batch = receiver.next().await.json();
    assert_eq!(batch["payload"]["messages"][0]["message"], "third");
    lab.client.post("/messages/inbox/export", &range).await;
    assert_eq!(lab.deliveries("many").len(), 3);
}
