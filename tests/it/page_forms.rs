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

/// The value that a hidden field of a page has.
fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let field = format!("type=\"hidden\" name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&field).expect("it has that field");
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn a_window_that_was_left_open_undoes_no_other_change() {
    let lab = Lab::start().await;
    let pem = rcgen::generate_simple_self_signed(["receiver.example".to_owned()]).unwrap();
    let pem = pem.cert.pem();
    lab.set(json!({"webhooks": {"ca_certificates": pem}})).await;
    let browser = Browser::sign_in(&lab).await;
    let left_open = browser.screen("/ui/settings").await;
    let other = json!({"messages": {"send_interval_min": 3}, "webhooks": {"retry_count": 5,
        "internet_required": false, "ca_certificates": null}, "ui": {"language": "ru"}});
    lab.set(other).await;
    let sent_by_browsers = pem.replace('\n', "\r\n");
    let mut fields = vec![("messages.limit_value", "7")];
    for (name, value) in [
        ("messages.send_interval_min", "0"),
        ("webhooks.retry_count", "14"),
        ("webhooks.internet_required", "true"),
        ("webhooks.ca_certificates", &*sent_by_browsers),
        ("ui.language", "auto"),
    ] {
        fields.push((name, value));
    }
    let was: Vec<_> = fields
        .iter()
        .map(|(name, _)| format!("was.{name}"))
        .collect();
    for name in &was {
        fields.push((name, hidden(&left_open, name)));
    }
    assert_eq!(browser.post("/ui/settings", &fields).await.status, 303);
    let settings = lab.client.get("/settings").await.json();
    for (group, name, expected) in [
        ("messages", "send_interval_min", json!(3)),
        ("messages", "limit_value", json!(7)),
        ("webhooks", "retry_count", json!(5)),
        ("webhooks", "internet_required", json!(false)),
        ("webhooks", "ca_certificates", json!(null)),
        ("ui", "language", json!("ru")),
    ] {
        assert_eq!(settings[group][name], expected, "{name}");
    }
}

#[tokio::test]
async fn settings_that_are_refused_stay_as_they_were_typed_but_for_secrets() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    let fields = [
        ("webhooks.retry_count", "31"),
        ("was.webhooks.retry_count", "14"),
        ("messages.limit_value", "7"),
        ("encryption.passphrase", "typed secret"),
    ];
    let refused = browser.post("/ui/settings", &fields).await;
    assert_eq!(refused.status, 400);
    let page = refused.text();
    let sentence = "Retries: enter a whole number from 1 to 30 (retries).";
    for expected in [
        "value=\"31\"",
        "name=\"was.webhooks.retry_count\" value=\"14\"",
        "value=\"7\"",
        &format!("<a href=\"#webhooks-retry_count\">{sentence}</a>"),
        &format!("id=\"problem-webhooks-retry_count\">{sentence}"),
        "aria-describedby=\"help-webhooks-retry_count problem-webhooks-retry_count\"",
        "Type it again.",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), 1);
    assert!(!page.contains("typed secret"), "{page}");
    let pauses = [
        ("messages.send_interval_min", "5"),
        ("messages.send_interval_max", "2"),
    ];
    let page = browser.post("/ui/settings", &pauses).await.text();
    assert!(page.contains("<a href=\"#messages-send_interval_max\">The longest delay"));
}

#[tokio::test]
async fn access_that_is_refused_stays_as_it_was_typed_but_for_secrets() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    for (name, value, field, status) in [
        ("port", "80", "port", 400),
        ("port", "1e4", "port", 400),
        ("new_user", "a:b", "user", 400),
        ("new_password", "short", "new-password", 400),
        ("password", "wrong", "password", 403),
    ] {
        let mut fields = vec![
            ("password", "password"),
            ("new_user", "me"),
            ("new_password", "another-password"),
            ("port", "8181"),
        ];
        fields.retain(|(one, _)| *one != name);
        fields.push((name, value));
        let refused = browser.post("/ui/access", &fields).await;
        assert_eq!(refused.status, status, "{name}");
        let page = refused.text();
        let user = if name == "new_user" { value } else { "me" };
        let port = if name == "port" { value } else { "8181" };
        for expected in [
            format!("value=\"{user}\""),
            format!("value=\"{port}\""),
            format!("<a href=\"#{field}\">"),
            format!("aria-describedby=\"problem-{field}\""),
            "Type it again.".to_owned(),
        ] {
            assert!(page.contains(&expected), "{name} {expected}: {page}");
        }
        assert!(!page.contains("another-password") && !page.contains("short"));
    }
    assert_eq!(lab.gateway.port(), 8080);
}

#[tokio::test]
async fn a_secret_of_spaces_is_refused_and_deletes_nothing() {
    let lab = Lab::start().await;
    lab.set(
        json!({"encryption": {"passphrase": "kept"}, "gateway": {"private_token": "kept"},
        "webhooks": {"signing_key": "kept-key"}}),
    )
    .await;
    let browser = Browser::sign_in(&lab).await;
    for name in ["encryption.passphrase", "gateway.private_token"] {
        let refused = browser.post("/ui/settings", &[(name, "   ")]).await;
        assert_eq!(refused.status, 400, "{name}");
        assert!(refused.text().contains("not only spaces"), "{name}");
        let page = browser.screen("/ui/settings").await;
        assert!(
            page.contains(&format!("forget.{name}")),
            "it is still there"
        );
        assert_eq!(
            browser.post("/ui/settings", &[(name, "")]).await.status,
            303
        );
    }
    let spaces = [("password", "password"), ("do", "replace"), ("key", "  ")];
    let refused = browser.post("/ui/access/signing-key", &spaces).await;
    assert_eq!(refused.status, 400);
    let sentence = "Signing key: enter a text of 1 to 512 characters, not only spaces.";
    assert!(
        refused
            .text()
            .contains(&format!("<a href=\"#key\">{sentence}"))
    );
    let shown = [("password", "password"), ("do", "show")];
    let page = browser.post("/ui/access/signing-key", &shown).await.text();
    assert!(page.contains("kept-key"));
}

#[tokio::test]
async fn a_retry_count_that_cannot_be_has_no_schedule() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    for count in ["0", "31", "-1", "1.5", "x"] {
        let fields = [("webhooks.retry_count", count)];
        let page = browser.post("/ui/settings", &fields).await.text();
        let (_, schedule) = page.split_once("id=\"schedule\"").unwrap();
        let (_, line) = schedule.split_once('>').unwrap();
        assert!(
            line.starts_with("Retries: enter a whole number"),
            "{count}: {line}"
        );
    }
}

#[tokio::test]
async fn a_new_port_is_answered_with_the_way_to_it() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    let same = [("password", "password"), ("port", "8080")];
    assert_eq!(browser.post("/ui/access", &same).await.status, 303);
    let fields = [("password", "password"), ("port", "8181")];
    let answer = browser.post("/ui/access", &fields).await;
    assert_eq!(answer.status, 200);
    let link = "href=\"http://gateway:8181/ui/access?done=saved\"";
    assert!(answer.text().contains(link), "{}", answer.text());
}
