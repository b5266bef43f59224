//! What clients of SMSGate do that its documents do not tell.

use serde_json::{Value, json};
use simrelay_tests::Lab;

fn message() -> Value {
    json!({"message": "Hello", "phoneNumbers": ["+12025550143"]})
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
