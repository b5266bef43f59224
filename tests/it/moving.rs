//! What moves from an old gateway: its settings, its device id.

use serde_json::{Value, json};
use simrelay_tests::{Lab, Receiver};

fn message() -> Value {
    json!({"message": "Hello", "phoneNumbers": ["+12025550143"]})
}

#[tokio::test]
async fn the_settings_of_an_old_gateway_move_whole() {
    let lab = Lab::start().await;
    let old = json!({
        "encryption": {"passphrase": null},
        "gateway": {"cloud_url": "https://api.sms-gate.app/mobile/v1", "notification_channel": "sse_only"},
        "messages": {"send_interval_min": "1", "send_interval_max": 5.0, "limit_period": "PER_MINUTE",
            "limit_value": "20", "sim_selection_mode": "OS_DEFAULT", "log_lifetime_days": "60",
            "processing_order": "lifo", "work_hours_enabled": "true"},
        "ping": {"interval_seconds": 0},
        "logs": {"lifetime_days": 0},
        "incoming": {"lifetime_days": 60.0},
        "webhooks": {"internet_required": "false", "retry_count": 100},
        "media": {"ttl": 1},
    });
    for method in ["PUT", "PATCH"] {
        let answer = lab.client.json(method, "/settings", &old).await;
        let after = answer.json();
        assert_eq!(answer.status, 200, "{after}");
        assert_eq!(
            after["webhooks"],
            json!({"internet_required": false, "retry_count": 30,
            "allow_http": "loopback", "trust_smsgate_ca": false})
        );
        assert_eq!(after["messages"]["limit_period"], "PerMinute");
        assert_eq!(after["messages"]["sim_selection_mode"], "OSDefault");
        assert_eq!(after["messages"]["processing_order"], "LIFO");
        assert_eq!(after["messages"]["limit_value"], 20);
        assert_eq!(after["messages"]["send_interval_max"], 5);
        assert_eq!(after["messages"]["work_hours_enabled"], true);
        assert_eq!(after["messages"]["log_lifetime_days"], 60);
        assert_eq!(after["gateway"]["notification_channel"], "SSE_ONLY");
        assert_eq!(after["ping"], json!({"interval_seconds": 0}));
        assert_eq!(after["logs"], json!({"lifetime_days": 0}));
        assert_eq!(
            answer.header("warning"),
            "299 SimRelay \"webhooks.retry_count may be at most 30 and was set to 30\""
        );
        assert_eq!(answer.header("x-ignored"), "media");
    }
    let logs = lab.client.get("/logs").await.text();
    assert!(
        logs.contains("webhooks.retry_count") && logs.contains("\"media\""),
        "{logs}"
    );
    assert_eq!(lab.gateway.settings().ping_interval(), None);
    let whole = lab.client.get("/settings").await.json();
    assert_eq!(
        lab.client.json("PUT", "/settings", &whole).await.json(),
        whole
    );
    let none = json!({"incoming": {"lifetime_days": 0}});
    let after = lab.client.json("PATCH", "/settings", &none).await.json();
    assert!(after["messages"]["log_lifetime_days"] == 0, "{after}");
    for wrong in [json!(0), json!("many"), json!(1.5), json!(-1), json!(true)] {
        let body = json!({"webhooks": {"retry_count": wrong}});
        assert_eq!(
            lab.client.json("PATCH", "/settings", &body).await.status,
            400,
            "{wrong}"
        );
    }
}

/// The log once a write has been answered: the store writes in order, so all entries that requests
/// before it left behind are there.
async fn logs_after_a_write(lab: &Lab) -> String {
    lab.register("later", "https://example.com/", "sms:sent")
        .await;
    lab.client.get("/logs").await.text()
}

#[tokio::test]
async fn what_is_misspelt_is_named() {
    let lab = Lab::start().await;
    let body = json!({"webhooks": {"retrycount": 3, "a b,é": 1}, "Ping": {"interval_seconds": 60}});
    let answer = lab.client.json("PATCH", "/settings", &body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("x-ignored"),
        "Ping, webhooks.a%20b%2C%C3%A9, webhooks.retrycount"
    );
    for (path, ignored) in [
        ("/messages?lmit=5&state=Sent&Offset=1", "Offset, lmit"),
        ("/messages?limit=5", ""),
        ("/inbox?includeContent=true", "includeContent"),
        ("/devices?a=1&a=2", "a"),
        ("/health?x=1", "x"),
        ("/webhooks/none/deliveries?befor=1", "befor"),
    ] {
        let answer = lab.client.get(path).await;
        assert_eq!(answer.header("x-ignored"), ignored, "{path}");
    }
    let post = lab
        .client
        .post("/messages?skipPhoneValidaton=true", &message())
        .await;
    assert_eq!(
        (post.status, post.header("x-ignored")),
        (202, "skipPhoneValidaton")
    );
    let many: Vec<String> = (0..100).map(|number| format!("p{number}=")).collect();
    let answer = lab
        .client
        .get(&format!("/messages?{}", many.join("&")))
        .await;
    assert!(answer.header("x-ignored").len() < 1_500);
    lab.client.get("/inbox?%2B12025550143=x&Hello%20Bob").await;
    let logs = logs_after_a_write(&lab).await;
    assert!(logs.contains("skipPhoneValidaton"), "{logs}");
    assert!(
        !logs.contains("2025550143") && !logs.contains("Bob"),
        "{logs}"
    );
    for _ in 0..20 {
        lab.client.get("/messages?lmit=5&state=Sent&Offset=1").await;
    }
    let logs = logs_after_a_write(&lab).await;
    assert_eq!(logs.matches("lmit").count(), 1, "{logs}");
}

#[tokio::test]
async fn the_id_of_the_old_phone_is_taken_over() {
    let lab = Lab::start().await;
    let first = lab.gateway.device_id().to_string();
    let mut receiver = Receiver::start().await;
    lab.register("one", &receiver.url(), "sms:received").await;
    let ids = json!({"device": {"id": "dXk3-Old_phone", "other_ids": "second, third"}});
    let answer = lab.client.json("PATCH", "/settings", &ids).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    lab.receive("hello").await;
    assert_eq!(receiver.next().await.json()["deviceId"], "dXk3-Old_phone");
    assert_eq!(
        lab.client.get("/devices").await.json()[0]["id"],
        "dXk3-Old_phone"
    );
    for (id, status) in [
        ("dXk3-Old_phone", 200),
        ("second", 200),
        ("third", 200),
        (&*first, 200),
        ("other", 400),
    ] {
        for path in ["/messages", "/inbox"] {
            let answer = lab.client.get(&format!("{path}?deviceId={id}")).await;
            assert_eq!(answer.status, status, "{path} {id}");
        }
        let mut body = message();
        body["deviceId"] = json!(id);
        let answer = lab.client.post("/messages", &body).await;
        assert_eq!(answer.status, if status == 200 { 202 } else { 400 }, "{id}");
        if status == 200 {
            assert_eq!(answer.json()["deviceId"], "dXk3-Old_phone");
        }
    }
    for wrong in ["", "a b", "a/b", "é", &"x".repeat(65)] {
        let body = json!({"device": {"id": wrong}});
        assert_eq!(
            lab.client.json("PATCH", "/settings", &body).await.status,
            400,
            "{wrong:?}"
        );
    }
    // Published clients cannot know it, so a PUT of theirs does not take it away.
    lab.client.json("PUT", "/settings", &json!({})).await;
    let lab = Lab::again(lab.crash().await).await;
    assert_eq!(lab.gateway.device_id().to_string(), "dXk3-Old_phone");
    lab.set(json!({"device": {"id": null, "other_ids": null}}))
        .await;
    assert_eq!(lab.gateway.device_id().to_string(), first);
}
