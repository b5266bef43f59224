//! The rest of the API: errors, headers, inbox, logs, health, devices.

use std::time::Duration;

use serde_json::{Value, json};
use simrelay_core::receiving::IncomingData;
use simrelay_tests::{Lab, sms};

#[tokio::test]
async fn what_is_not_there_says_so() {
    let lab = Lab::start().await;
    for (method, path, status) in [
        ("GET", "/nothing", 404),
        ("PATCH", "/webhooks", 405),
        ("GET", "/webhooks/x", 405),
        ("POST", "/", 405),
    ] {
        let answer = lab.client.send(method, path, "", "").await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert!(answer.sentence().ends_with('.'), "{method} {path}");
        assert!(!answer.header("date").is_empty() && !answer.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn the_device_and_a_sign_of_life() {
    let lab = Lab::start().await;
    let devices = lab.client.get("/device").await.json();
    assert_eq!(devices[0]["name"], "SimRelay/Test");
    assert_eq!(devices[0]["createdAt"], "2024-06-22T15:46:11.000+07:00");
    assert_eq!(
        devices[0]["simCards"][1],
        json!({"slotIndex": 1, "simNumber": 2, "phoneNumber": "+12025550101"})
    );
    assert_eq!(
        lab.client.get("/").await.json(),
        json!({"status": "ok", "model": "SimRelay/Test"})
    );
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|item| item["contentPreview"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn the_inbox_is_filtered_and_counted() {
    let lab = Lab::start().await;
    for number in 0..3 {
        lab.gateway
            .receive(sms(&format!("text {number}")))
            .unwrap()
            .done()
            .await
            .unwrap();
        lab.clock.advance(Duration::from_secs(60));
    }
    let data = IncomingData {
        origin: sms("").origin,
        data: vec![0xAB; 100],
    };
    lab.gateway.receive(data).unwrap().done().await.unwrap();
    let data = "ab".repeat(64);
    for (query, expected, total) in [
        ("", vec![&*data, "text 2", "text 1", "text 0"], "4"),
        ("?limit=1&offset=1", vec!["text 2"], "4"),
        ("?type=DATA_SMS", vec![&*data], "1"),
        (
            "?from=2024-06-22T15:47:11%2B07:00&to=2024-06-22T08:48:11Z",
            vec!["text 2", "text 1"],
            "2",
        ),
        (
            "?from=2024-06-22T15:47:11+07:00&type=SMS",
            vec!["text 2", "text 1"],
            "2",
        ),
        ("?to=2024-06-22%2015:46:11.000", vec!["text 0"], "1"),
    ] {
        let answer = lab.client.get(&format!("/inbox{query}")).await;
        assert_eq!(ids(&answer.json()), expected, "{query}");
        assert_eq!(answer.header("x-total-count"), total, "{query}");
    }
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=x", "limit"),
        ("offset=-1", "offset"),
        ("from=yesterday", "from"),
        ("to=1719045971", "to"),
        ("type=FAX", "type"),
        ("includeAttachments=maybe", "includeAttachments"),
        ("deviceId=other", "deviceId"),
    ] {
        let answer = lab.client.get(&format!("/inbox?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(
            answer.sentence().starts_with(name),
            "{query}: {}",
            answer.sentence()
        );
    }
    let item = &lab.client.get("/inbox?limit=1&type=sms").await.json()[0];
    assert_eq!(item["sender"], "6505551212");
    assert_eq!(item["attachments"], json!([]));
    assert!(item.get("simNumber").is_none() && item.get("recipient").is_none());
}

#[tokio::test]
async fn a_long_log_is_streamed_whole_and_can_be_paged() {
    let lab = Lab::start().await;
    let receipts: Vec<_> = (0..1_300)
        .map(|number| lab.gateway.receive(sms(&format!("{number}"))).unwrap())
        .collect();
    for receipt in receipts {
        receipt.done().await.unwrap();
    }
    let all = lab.client.get("/logs").await.json();
    let numbers: Vec<i64> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["id"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers.len(), 1_301);
    assert!(numbers.is_sorted_by(|later, earlier| later > earlier));
    let page = lab.client.get("/logs?limit=2&offset=1").await.json();
    assert_eq!(page, json!([all[1], all[2]]));
    assert_eq!(
        lab.client.get("/logs?to=2024-06-22T08:46:10Z").await.json(),
        json!([])
    );
    assert_eq!(lab.client.get("/logs?limit=0").await.status, 400);
}

#[tokio::test]
async fn the_description_tells_every_route() {
    let lab = Lab::start().await;
    let description = lab.client.get("/docs/openapi.json").await.json();
    assert_eq!(description["openapi"], "3.1.0");
    let paths: Vec<_> = description["paths"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let page = lab.client.get("/docs").await.text();
    for path in [
        "/",
        "/devices",
        "/docs",
        "/docs/openapi.json",
        "/health",
        "/health/live",
        "/health/ready",
        "/health/startup",
        "/inbox",
        "/inbox/refresh",
        "/inbox/{id}/attachments/{partId}",
        "/messages/inbox/export",
        "/logs",
        "/messages",
        "/messages/{id}",
        "/settings",
        "/webhooks",
        "/webhooks/{id}",
    ] {
        assert!(
            paths.iter().any(|known| known == path),
            "{path} is not described"
        );
        assert!(page.contains(path), "{path} is not on the page");
    }
}
