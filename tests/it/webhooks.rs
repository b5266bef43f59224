//! Registrations: shapes, rules, and what they do to what is queued.

use serde_json::{Value, json};
use simrelay_tests::{Lab, Receiver, Reply};

#[tokio::test]
async fn every_path_leads_to_the_same_webhooks() {
    let lab = Lab::start().await;
    let body = json!({"id": "<unique-id>", "url": "https://example.com/?a=b%20c", "event": "sms:received"});
    let mut shown = body.clone();
    shown["source"] = json!("Local");
    for prefix in ["", "/3rdparty/v1", "/api/3rdparty/v1"] {
        for name in ["webhooks", "webhook"] {
            let path = format!("{prefix}/{name}");
            let registered = lab.client.post(&path, &body).await;
            assert_eq!(
                (registered.status, registered.json()),
                (201, shown.clone()),
                "{path}"
            );
            assert_eq!(lab.client.get(&path).await.json(), json!([shown]));
            let deleted = lab
                .client
                .send("DELETE", &format!("{path}/%3Cunique-id%3E"), "", "")
                .await;
            assert_eq!((deleted.status, deleted.text()), (204, String::new()));
            assert_eq!(lab.client.get(&path).await.json(), json!([]));
        }
    }
    assert_eq!(
        lab.client
            .send("DELETE", "/webhooks/unknown", "", "")
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn a_bad_registration_gets_a_sentence_and_changes_nothing() {
    let lab = Lab::start().await;
    let good = json!({"url": "https://example.com/", "event": "sms:received"});
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (body, word) in [
        (json!([]), "The body"),
        (json!({}), "url"),
        (json!({"url": "https://example.com/"}), "event"),
        (with("url", json!(5)), "url"),
        (with("url", json!("")), "url"),
        (with("url", json!("https://")), "url"),
        (
            with("url", json!("http://192.168.0.1/")),
            "webhooks.allow_http",
        ),
        (with("url", json!("ftp://example.com")), "url"),
        (
            with("event", json!("sms:gone")),
            "sms:received, sms:data-received",
        ),
        (with("id", json!(" ")), "id"),
        (with("id", json!("x".repeat(65))), "id"),
        (with("id", json!("a\nb")), "id"),
        (with("deviceId", json!("other")), "deviceId"),
    ] {
        let answer = lab.client.post("/webhooks", &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(
            answer.sentence().contains(word),
            "{body}: {}",
            answer.sentence()
        );
    }
    let raw = |content_type: &'static str, body: String| {
        let client = lab.client.clone();
        async move {
            client
                .send("POST", "/webhooks", content_type, &body)
                .await
                .status
        }
    };
    assert_eq!(raw("application/json", "{".into()).await, 400);
    assert_eq!(raw("text/plain", good.to_string()).await, 415);
    assert_eq!(raw("", good.to_string()).await, 415);
    assert_eq!(
        raw(
            "application/json; charset=utf-8",
            "x".repeat(1024 * 1024 + 1)
        )
        .await,
        413
    );
    assert_eq!(lab.client.get("/webhooks").await.json(), json!([]));
    let lenient = json!({"url": "https://example.com/", "event": "sms:received", "id": null,
        "deviceId": null, "unknown": [1]});
    let answer = lab.client.post("/webhooks", &lenient).await;
    assert_eq!(answer.json()["id"].as_str().map(str::len), Some(21));
}

#[tokio::test]
async fn a_new_url_takes_over_what_is_queued_and_a_new_event_leaves_it() {
    let lab = Lab::start().await;
    let (old, mut new) = (Receiver::start().await, Receiver::start().await);
    lab.online(false);
    lab.register("w", &old.url(), "sms:received").await;
    lab.receive("queued").await;
    lab.register("w", &new.url(), "sms:sent").await;
    assert_eq!(
        lab.client
            .get("/webhooks")
            .await
            .json()
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    lab.receive("not for it").await;
    lab.online(true);
    assert_eq!(new.next().await.json()["payload"]["message"], "queued");
    lab.newest("w", |delivery| delivery.state == "delivered")
        .await;
    assert_eq!(
        (old.waiting(), new.waiting(), lab.deliveries("w").len()),
        (0, 0, 1)
    );
}

#[tokio::test]
async fn deleting_cancels_what_is_queued_and_what_is_in_flight() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    receiver.script([Reply::Hang]);
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("in flight").await;
    lab.receive("queued").await;
    receiver.next().await;
    assert_eq!(
        lab.client
            .send("DELETE", "/webhooks/w", "", "")
            .await
            .status,
        204
    );
    lab.advance(std::time::Duration::from_secs(86_400));
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("after").await;
    assert_eq!(receiver.next().await.json()["payload"]["message"], "after");
    let logs = lab.client.get("/logs").await.json();
    let cancelled = logs
        .as_array()
        .unwrap()
        .iter()
        .find_map(|entry| entry["context"].get("cancelled"));
    assert_eq!(cancelled, Some(&json!(2)));
}

#[tokio::test]
async fn cleartext_to_other_machines_needs_the_owners_word_at_every_attempt() {
    let lab = Lab::start().await;
    lab.set(json!({"webhooks": {"allow_http": "private"}}))
        .await;
    lab.register("w", "http://192.168.0.1/", "sms:received")
        .await;
    lab.set(json!({"webhooks": {"allow_http": null}})).await;
    lab.receive("stays").await;
    let delivery = lab.after_attempts("w", 1).await;
    assert_eq!(delivery.history[0].class, "NotAllowed");
    assert!(delivery.history[0].reason.contains("webhooks.allow_http"));
}
