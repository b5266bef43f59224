//! Every event's body, against a golden file.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use simrelay_core::PhoneNumber;
use simrelay_core::clock::UnixMillis;
use simrelay_core::receiving::{
    Attachment, Incoming, IncomingData, IncomingMms, IncomingMmsContent, IncomingSms, Origin,
};
use simrelay_core::sending::{Report, SendFailure, SendRequest};
use simrelay_core::webhooks::sign;
use simrelay_tests::{Arrival, Lab, Receiver, START, part, sms};

fn origin() -> Origin {
    Origin {
        sender: PhoneNumber::new("6505551212"),
        sim_number: Some(1),
        sent_at: Some(UnixMillis(START.0 - 2_000)),
        delivery_key: None,
    }
}

/// The body with its random parts replaced, equal to the file of the event's name.
fn check(event: &str, arrival: &Arrival) {
    let mut body = arrival.json();
    assert_eq!(body["id"].as_str().map(str::len), Some(21), "{event}");
    assert_eq!(body["deviceId"].as_str().map(str::len), Some(32), "{event}");
    body["id"] = json!("<id>");
    body["deviceId"] = json!("<device id>");
    if body["payload"].get("messageId").is_some() {
        body["payload"]["messageId"] = json!("<message id>");
    }
    let together = body["payload"].get_mut("messages");
    for message in together.and_then(Value::as_array_mut).into_iter().flatten() {
        assert_eq!(message["messageId"].as_str().map(str::len), Some(21));
        message["messageId"] = json!("<message id>");
    }
    if let Some(health) = body["payload"].get_mut("health") {
        let version = concat!("1.75.0+simrelay.", env!("CARGO_PKG_VERSION"));
        assert_eq!(health["version"], version);
        health["version"] = json!("<version>");
        health["releaseId"] = json!(0);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/events")
        .join(format!("{}.json", event.replace(':', "-")));
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    let golden: Value = serde_json::from_str(&golden).unwrap_or_default();
    assert_eq!(body, golden, "{event}:\n{body:#}");
}

/// The event of a message, and the one that tells of it in a batch.
async fn check_message(event: &str, batch: &str, incoming: impl Into<Incoming>) {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("<unique-id>", &receiver.url(), event).await;
    lab.gateway.receive(incoming).unwrap().done().await.unwrap();
    let single = receiver.next().await;
    check(event, &single);
    lab.register("<unique-id>", &receiver.url(), batch).await;
    let all = json!({
        "since": "2024-06-22T00:00:00Z", "until": "2024-06-23T00:00:00Z", "webhookDelivery": "Batch",
    });
    let answer = lab.client.post("/messages/inbox/export", &all).await;
    assert_eq!((answer.status, answer.text().as_str()), (202, ""));
    let together = receiver.next().await;
    check(batch, &together);
    assert_eq!(
        together.json()["payload"]["messages"][0],
        single.json()["payload"]
    );
}

#[tokio::test]
async fn a_text_message() {
    check_message(
        "sms:received",
        "sms:batch:received",
        IncomingSms {
            origin: origin(),
            text: "Android is always a sweet treat!".into(),
        },
    )
    .await;
}

#[tokio::test]
async fn a_data_message() {
    check_message(
        "sms:data-received",
        "sms:batch:data-received",
        IncomingData {
            origin: origin(),
            data: vec![0, 1, 254, 255],
        },
    )
    .await;
}

#[tokio::test]
async fn the_notification_of_an_mms() {
    let mms = IncomingMms {
        origin: origin(),
        transaction_id: "T1".into(),
        subject: Some("Holiday".into()),
        size: 120_000,
        content_class: String::new(),
    };
    check_message("mms:received", "mms:batch:received", mms).await;
}

#[tokio::test]
async fn the_content_of_an_mms() {
    let attachment = Attachment {
        part_id: 7,
        content_type: "image/png".into(),
        name: Some("beach.png".into()),
        data: vec![1, 2, 3],
    };
    let mms = IncomingMmsContent {
        origin: origin(),
        body: Some("Look!".into()),
        subject: None,
        attachments: vec![attachment],
    };
    check_message("mms:downloaded", "mms:batch:downloaded", mms).await;
}

/// A message by SIM 1, which is handed to the modem and meets what the test does.
async fn check_sending(event: &str, results: impl AsyncFnOnce(&Lab, &SendRequest)) {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("<unique-id>", &receiver.url(), event).await;
    let body =
        json!({"textMessage": {"text": "Hello"}, "phoneNumbers": ["+12025550143"], "simNumber": 1});
    assert_eq!(lab.client.post("/messages", &body).await.status, 202);
    let request = lab.modem.given(1).await.remove(0);
    results(&lab, &request).await;
    check(event, &receiver.next().await);
}

#[tokio::test]
async fn a_message_that_is_sent_delivered_or_fails() {
    let sent = async |lab: &Lab, request: &SendRequest| {
        let receipt = lab.gateway.part_sent(&part(request, 0, 1));
        receipt.done().await.unwrap();
    };
    check_sending("sms:sent", sent).await;
    let delivered = async |lab: &Lab, request: &SendRequest| {
        let report = Report::Status(0);
        let told = lab.gateway.part_delivered(&part(request, 0, 1), &report);
        told.unwrap().unwrap().done().await.unwrap();
    };
    check_sending("sms:delivered", delivered).await;
    let failed = async |lab: &Lab, request: &SendRequest| {
        let part = part(request, 0, 1);
        let receipt = lab.gateway.part_failed(&part, SendFailure::GENERIC);
        receipt.done().await.unwrap();
    };
    check_sending("sms:failed", failed).await;
}

#[tokio::test]
async fn a_message_that_is_cancelled() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("<unique-id>", &receiver.url(), "sms:cancelled")
        .await;
    let body = json!({"id": "x", "textMessage": {"text": "Hello"}, "phoneNumbers": ["+12025550143"],
        "scheduleAt": "2024-06-23T00:00:00Z"});
    assert_eq!(lab.client.post("/messages", &body).await.status, 202);
    let answer = lab.client.send("DELETE", "/messages/x", "", "").await;
    assert_eq!(answer.status, 200);
    check("sms:cancelled", &receiver.next().await);
}

#[tokio::test]
async fn a_start_and_a_ping() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("started", &receiver.url(), "app:started")
        .await;
    lab.register("ping", &receiver.url(), "system:ping").await;
    let lab = Lab::again(lab.crash().await).await;
    check("app:started", &receiver.next().await);
    lab.set(json!({"ping": {"interval_seconds": 60}})).await;
    check("system:ping", &receiver.next().await);
    // The clock may be moved before the loop sleeps again, so it is moved until the ping is there.
    let second = async {
        loop {
            lab.clock.wait_for_sleeper(Duration::from_secs(1)).await;
            lab.advance(Duration::from_secs(30));
            if receiver.waiting() > 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    simrelay_tests::within("the second ping", second).await;
    assert_eq!(receiver.next().await.json()["event"], "system:ping");
}

#[tokio::test]
async fn the_request_is_signed_and_says_who_it_is() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.set(json!({"webhooks": {"signing_key": "test-key"}}))
        .await;
    lab.gateway
        .receive(sms("signed"))
        .unwrap()
        .done()
        .await
        .unwrap();
    let arrival = receiver.next().await;
    assert_eq!(arrival.path(), "/hook?key=secret-in-query");
    assert_eq!(arrival.header("content-type"), "application/json");
    assert!(arrival.header("user-agent").starts_with("SimRelay/"));
    let timestamp = arrival.header("x-timestamp");
    assert_eq!(timestamp, (START.0 / 1000).to_string());
    assert_eq!(
        arrival.header("x-signature"),
        sign("test-key", arrival.body(), timestamp)
    );
}
