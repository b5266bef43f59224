//! What clients of SMSGate do that its documents do not tell.

use simrelay_tests::Lab;

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
