//! The page's forms: what they take, what they refuse, and how they say so.

use serde_json::json;
use simrelay_tests::Lab;
use simrelay_tests::visitor::Browser;

#[tokio::test]
async fn the_form_of_the_settings_never_changes_the_signing_key() {
    let lab = Lab::start().await;
    lab.set(json!({"webhooks": {"signing_key": "old-key"}}))
        .await;
    let browser = Browser::sign_in(&lab).await;
    for (name, value) in [
        ("webhooks.signing_key", "evil-key"),
        ("webhooks.signing_key", ""),
        ("forget.webhooks.signing_key", "true"),
        ("was.webhooks.signing_key", "old-key"),
    ] {
        let fields = [(name, value), ("webhooks.retry_count", "3")];
        assert_eq!(browser.post("/ui/settings", &fields).await.status, 303);
        let shown = [("password", "password"), ("do", "show")];
        let page = browser.post("/ui/access/signing-key", &shown).await.text();
        assert!(page.contains("old-key"), "{name}={value}");
    }
}
