//! What clients of SMSGate do that its documents do not tell.

use serde_json::{Value, json};
use simrelay_tests::Lab;

fn message() -> Value {
    json!({"message": "Hello", "phoneNumbers": ["+12025550143"]})
}

/// A message with one more field, as it was answered.
async fn sent(lab: &Lab, name: &str, value: Value) -> (u16, Value) {
    let mut body = message();
    body[name] = value;
    let answer = lab.client.post("/messages", &body).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn health_tells_the_level_of_the_contract_before_our_version() {
    let lab = Lab::start().await;
    for path in [
        "/health",
        "/health/live",
        "/health/ready",
        "/health/startup",
    ] {
        let health = lab.client.get(path).await.json();
        let version = health["version"].as_str().unwrap();
        let ours = concat!("1.75.0+simrelay.", env!("CARGO_PKG_VERSION"));
        assert_eq!(version, ours, "{path}");
        let id = health["releaseId"].as_i64().unwrap();
        assert!((1_750_000_000..=i64::from(i32::MAX)).contains(&id), "{id}");
    }
    let description = lab.client.get("/docs/openapi.json").await.json();
    let version = description["info"]["version"].as_str().unwrap();
    assert!(version.starts_with("1.75.0+simrelay."), "{version}");
}

#[tokio::test]
async fn empty_segments_of_a_path_count_as_absent() {
    let lab = Lab::start().await;
    for (path, status) in [
        ("//message", 200),
        ("//", 200),
        ("/api/3rdparty/v1//messages", 200),
        ("//api//3rdparty///v1/messages//", 200),
        ("/messages//unknown", 404),
        ("//health//live", 200),
        ("//docs", 200),
        ("/nothing//here", 404),
    ] {
        assert_eq!(lab.client.get(path).await.status, status, "{path}");
    }
    let path = "//3rdparty/v1//message?skipPhoneValidation=true";
    assert_eq!(lab.client.post(path, &message()).await.status, 202);
    let stranger = lab.client.authorized(None);
    for path in ["//messages", "//ui//..//messages", "//settings/"] {
        let status = stranger.get(path).await.status;
        assert!(status == 401 || status == 404, "{path}: {status}");
    }
}

#[tokio::test]
async fn what_is_empty_or_zero_is_absent() {
    let lab = Lab::start().await;
    for (name, value) in [
        ("id", json!("")),
        ("id", json!(null)),
        ("ttl", json!(0)),
        ("ttl", json!("0")),
        ("ttl", json!(null)),
        ("deviceId", json!("")),
        ("priority", json!(null)),
        ("simNumber", json!(null)),
        ("textMessage", json!(null)),
        ("mmsMessage", json!(null)),
    ] {
        let (status, answer) = sent(&lab, name, value.clone()).await;
        assert_eq!(status, 202, "{name} {value}: {answer}");
        assert_eq!(answer["id"].as_str().unwrap().len(), 21);
        assert!(answer.get("validUntil").is_none());
    }
    let mut both = message();
    both["ttl"] = json!(0);
    both["validUntil"] = json!("2030-01-01T00:00:00Z");
    assert_eq!(lab.client.post("/messages", &both).await.status, 202);
    let hook =
        json!({"id": "", "deviceId": "", "url": "https://example.com/", "event": "sms:received"});
    let answer = lab.client.post("/webhooks", &hook).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json()["id"].as_str().unwrap().len(), 21);
    for ttl in [json!(0), json!(null), json!("3600"), json!(3600.0)] {
        let asked = json!({"ttl": ttl, "scopes": ["all:any"]});
        assert_eq!(
            lab.client.post("/auth/token", &asked).await.status,
            201,
            "{ttl}"
        );
    }
}

#[tokio::test]
async fn numbers_are_taken_where_nothing_is_ambiguous() {
    let lab = Lab::start().await;
    for (name, value, expected) in [
        ("simNumber", json!("1"), json!(1)),
        ("simNumber", json!(1.0), json!(1)),
        ("priority", json!("5"), json!(5)),
        ("priority", json!("-5"), json!(-5)),
        ("priority", json!(1e2), json!(100)),
        ("priority", json!(-0.0), json!(0)),
        ("priority", json!("1e2"), json!(100)),
        ("withDeliveryReport", json!("false"), json!(false)),
        ("withDeliveryReport", json!("True"), json!(true)),
        ("withDeliveryReport", json!(0), json!(false)),
    ] {
        let (status, answer) = sent(&lab, name, value.clone()).await;
        assert_eq!(status, 202, "{name} {value}: {answer}");
        assert_eq!(answer[name], expected, "{name} {value}");
    }
    let raw = r#"{"message": "x", "phoneNumbers": ["+12025550143"], "priority": -0}"#;
    let answer = lab
        .client
        .send("POST", "/messages", "application/json", raw)
        .await;
    assert_eq!(
        (answer.status, &answer.json()["priority"]),
        (202, &json!(0))
    );
    for (name, value) in [
        ("simNumber", json!("1.5")),
        ("simNumber", json!("")),
        ("simNumber", json!("0x1")),
        ("priority", json!("NaN")),
        ("priority", json!("1 2")),
        ("priority", json!(true)),
        ("ttl", json!(1e300)),
        ("ttl", json!("99999999999999999999999")),
        ("ttl", json!(0.5)),
        ("withDeliveryReport", json!("yes")),
        ("withDeliveryReport", json!(2)),
        ("phoneNumbers", json!([12025550123_i64])),
    ] {
        let (status, answer) = sent(&lab, name, value.clone()).await;
        assert_eq!(status, 400, "{name} {value}: {answer}");
        let sentence = answer["message"].as_str().unwrap();
        assert!(
            sentence.starts_with(name) && sentence.ends_with('.'),
            "{sentence}"
        );
    }
    let data =
        json!({"dataMessage": {"data": "AAAA", "port": "53739"}, "phoneNumbers": ["+12025550143"]});
    let answer = lab.client.post("/messages", &data).await;
    assert_eq!(answer.json()["dataMessage"]["port"], 53739);
    assert_eq!(
        lab.client.get("/messages?limit=10.0&offset=0").await.status,
        200
    );
}

#[tokio::test]
async fn the_same_message_written_otherwise_is_the_same() {
    let lab = Lab::start().await;
    let mut first = message();
    first["id"] = json!("same");
    assert_eq!(lab.client.post("/messages", &first).await.status, 202);
    first["ttl"] = json!(0);
    first["priority"] = json!("0");
    first["withDeliveryReport"] = json!("true");
    assert_eq!(lab.client.post("/messages", &first).await.status, 202);
    first["priority"] = json!(1);
    assert_eq!(lab.client.post("/messages", &first).await.status, 409);
}

#[tokio::test]
async fn message_ids_are_printable_ascii() {
    let lab = Lab::start().await;
    let odd = "order #42/a b?%+\"\\ ~";
    for id in [odd.to_owned(), "x".repeat(128)] {
        let mut body = message();
        body["id"] = json!(id);
        let answer = lab.client.post("/messages", &body).await;
        assert_eq!((answer.status, &answer.json()["id"]), (202, &json!(id)));
        let location = answer.header("location").to_owned();
        let found = lab.client.get(&location).await;
        assert_eq!(
            (found.status, &found.json()["id"]),
            (200, &json!(id)),
            "{location}"
        );
    }
    for id in ["é", "a\nb", "\u{7f}", &"x".repeat(129)] {
        let (status, answer) = sent(&lab, "id", json!(id)).await;
        assert_eq!(status, 400, "{answer}");
    }
}

#[tokio::test]
async fn webhook_ids_hold_only_what_prints() {
    let lab = Lab::start().await;
    let hook = |id: &str| json!({"id": id, "url": "https://example.com/", "event": "sms:received"});
    for id in ["<unique-id>", "ключ 1", "鍵", &"é".repeat(64)] {
        assert_eq!(
            lab.client.post("/webhooks", &hook(id)).await.status,
            201,
            "{id}"
        );
    }
    for id in [
        "a\tb",
        "a\u{200b}b",
        "\u{202e}x",
        "\u{feff}",
        "a\u{2028}b",
        "\u{e000}",
        "\u{fe0f}",
        "\u{ad}x",
        " ",
        "\u{3164}",
    ] {
        let answer = lab.client.post("/webhooks", &hook(id)).await;
        assert_eq!(answer.status, 400, "{}", id.escape_unicode());
        assert!(answer.sentence().starts_with("id "));
    }
}

#[tokio::test]
async fn what_cannot_be_done_yet_says_so() {
    let lab = Lab::start().await;
    let mms = json!({"mmsMessage": {"text": "x"}, "phoneNumbers": ["+12025550143"]});
    let answer = lab.client.post("/messages", &mms).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.sentence().contains("MMS cannot be sent yet"),
        "{}",
        answer.sentence()
    );
    let id = lab.gateway.device_id();
    for (id, status) in [(&*id, 409), ("other", 404)] {
        let answer = lab
            .client
            .send("DELETE", &format!("/device/{id}"), "", "")
            .await;
        assert_eq!(answer.status, status);
        assert!(
            answer.sentence().contains("device"),
            "{}",
            answer.sentence()
        );
    }
}

#[tokio::test]
async fn answers_of_json_end_with_a_newline() {
    let lab = Lab::start().await;
    for path in [
        "/",
        "/health",
        "/devices",
        "/messages",
        "/inbox",
        "/webhooks",
        "/settings",
        "/logs",
        "/logs?limit=1",
        "/docs/openapi.json",
        "/nothing",
        "/messages/unknown",
    ] {
        let answer = lab.client.get(path).await;
        assert!(answer.text().ends_with(['}', ']', '\n']), "{path}");
        assert!(
            answer.text().ends_with('\n') && !answer.text().ends_with("\n\n"),
            "{path}"
        );
    }
    assert!(
        lab.client
            .authorized(None)
            .get("/messages")
            .await
            .text()
            .ends_with("}\n")
    );
    assert!(
        lab.client
            .post("/messages", &message())
            .await
            .text()
            .ends_with("}\n")
    );
    let gone = lab.client.send("DELETE", "/webhooks/x", "", "").await;
    assert_eq!((gone.status, gone.text().as_str()), (204, ""));
    let range = json!({"since": "2024-01-01T00:00:00Z", "until": "2024-01-02T00:00:00Z"});
    assert_eq!(lab.client.post("/inbox/refresh", &range).await.text(), "");
}

#[tokio::test]
async fn other_names_of_the_documentation_lead_there() {
    let lab = Lab::start().await;
    let stranger = lab.client.authorized(None);
    for (path, target) in [
        ("/docs/index.html", "/docs"),
        ("/docs/swagger.json", "/docs/openapi.json"),
        ("/docs/doc.json", "/docs/openapi.json"),
    ] {
        let answer = stranger.get(path).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (308, target),
            "{path}"
        );
    }
}
