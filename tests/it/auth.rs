//! Who may pass, and who is slowed down.

use std::time::Duration;

use simrelay_tests::{Client, Lab};

fn wrong(client: &Client) -> Client {
    client.authorized(Some("Basic c21zOndyb25n"))
}

#[tokio::test]
async fn only_the_right_password_passes() {
    let lab = Lab::start().await;
    for authorization in [
        None,
        Some("Basic"),
        Some("Basic !"),
        Some("Basic c21z"),
        Some("Bearer x"),
        Some("x"),
    ] {
        let answer = lab.client.authorized(authorization).get("/webhooks").await;
        assert_eq!(answer.status, 401, "{authorization:?}");
        assert_eq!(
            answer.header("www-authenticate"),
            "Basic realm=\"SimRelay\""
        );
        assert!(!answer.sentence().is_empty());
    }
    assert_eq!(lab.client.get("/webhooks").await.status, 200);
    for open in [
        "/health",
        "/health/live",
        "/health/ready",
        "/health/startup",
        "/docs",
        "/docs/openapi.json",
    ] {
        assert_eq!(
            lab.client.authorized(None).get(open).await.status,
            200,
            "{open}"
        );
    }
}

#[tokio::test]
async fn thirty_wrong_passwords_slow_down_that_peer_alone() {
    let lab = Lab::start().await;
    for _ in 0..40 {
        lab.client.authorized(None).get("/webhooks").await;
        lab.client
            .authorized(Some("Bearer expired"))
            .get("/webhooks")
            .await;
    }
    for _ in 0..30 {
        assert_eq!(wrong(&lab.client).get("/webhooks").await.status, 401);
    }
    let slowed = lab.client.get("/webhooks").await;
    assert_eq!((slowed.status, slowed.header("retry-after")), (429, "60"));
    assert_eq!(lab.client.from_peer(2).get("/webhooks").await.status, 200);
    assert_eq!(lab.client.get("/health").await.status, 200);
    lab.clock.advance(Duration::from_secs(60));
    assert_eq!(lab.client.get("/webhooks").await.status, 200);
}
