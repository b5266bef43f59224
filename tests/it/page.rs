//! The page: signing in, what protects it, and that its screens show and save what they should.

use std::time::Duration;

use serde_json::json;
use simrelay_core::receiving::{IncomingSms, Origin};
use simrelay_core::{AccessChange, PhoneNumber};
use simrelay_tests::{Answer, Client, Lab, Receiver, Reply};

const FORM: &str = "application/x-www-form-urlencoded";
const SCREENS: [&str; 7] = [
    "/",
    "/ui/messages",
    "/ui/webhooks",
    "/ui/settings",
    "/ui/access",
    "/ui/logs",
    "/ui/about",
];

/// Somebody in front of the page.
struct Browser {
    client: Client,
    token: String,
}

fn stranger(lab: &Lab) -> Client {
    lab.client.authorized(None).with("Accept", "text/html")
}

fn ours(client: &Client) -> Client {
    client.with("Origin", "http://gateway")
}

fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    assert!(
        set.contains("; HttpOnly") && set.contains("; SameSite=Strict"),
        "{set}"
    );
    set.split(';').next().unwrap().to_owned()
}

fn form_token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"token\" value=\"").expect("a form");
    rest.split('"').next().unwrap().to_owned()
}

fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| {
        let bytes = text.bytes();
        bytes.map(|byte| format!("%{byte:02X}")).collect::<String>()
    };
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

async fn try_sign_in(client: &Client, password: &str) -> Answer {
    let body = form(&[("user", "sms"), ("password", password)]);
    ours(client).send("POST", "/ui/sign-in", FORM, &body).await
}

impl Browser {
    async fn sign_in(lab: &Lab) -> Self {
        let answer = try_sign_in(&stranger(lab), "password").await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"));
        Self::with(lab, &cookie(&answer)).await
    }

    async fn with(lab: &Lab, cookie: &str) -> Self {
        let client = stranger(lab).with("Cookie", cookie);
        let home = client.get("/").await;
        assert_eq!(home.status, 200, "{}", home.text());
        Self {
            token: form_token(&home.text()),
            client,
        }
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("token", self.token.as_str())];
        all.extend(fields);
        ours(&self.client)
            .send("POST", path, FORM, &form(&all))
            .await
    }

    async fn is_in(&self) -> bool {
        self.client.get("/ui/messages").await.status == 200
    }
}

#[tokio::test]
async fn only_who_signed_in_sees_a_screen() {
    let lab = Lab::start().await;
    for path in SCREENS {
        let answer = stranger(&lab).get(path).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/ui/sign-in"),
            "{path}"
        );
    }
    assert_eq!(stranger(&lab).get("/ui/events").await.status, 303);
    let wrong = try_sign_in(&stranger(&lab), "wrong").await;
    assert_eq!((wrong.status, wrong.header("set-cookie")), (401, ""));
    let browser = Browser::sign_in(&lab).await;
    for path in SCREENS {
        let answer = browser.client.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        for (name, value) in [
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        let page = answer.text();
        assert!(
            !page.contains(" style=") && !page.contains(" onclick="),
            "{path}"
        );
        assert!(page.len() < 40_000, "{path}: {}", page.len());
    }
    // The API does not know the cookie, and for clients `/` is what it was.
    assert_eq!(browser.client.get("/webhooks").await.status, 401);
    assert_eq!(lab.client.get("/").await.json()["status"], "ok");
}

#[tokio::test]
async fn a_session_has_a_new_token_every_time_and_ends() {
    let lab = Lab::start().await;
    // Somebody planted a cookie before the sign-in.
    let first = try_sign_in(&stranger(&lab), "password").await;
    let name = cookie(&first).split('=').next().unwrap().to_owned();
    let planted = format!("{name}=planted");
    let answer = try_sign_in(&stranger(&lab).with("Cookie", &planted), "password").await;
    assert_ne!(cookie(&answer), planted);
    assert_eq!(
        stranger(&lab)
            .with("Cookie", &planted)
            .get("/")
            .await
            .status,
        303
    );
    assert_ne!(cookie(&answer), cookie(&first));
    // Signing in again ends the session before.
    let second = try_sign_in(&stranger(&lab).with("Cookie", &cookie(&first)), "password").await;
    assert_eq!(
        stranger(&lab)
            .with("Cookie", &cookie(&first))
            .get("/")
            .await
            .status,
        303
    );

    let browser = Browser::with(&lab, &cookie(&second)).await;
    assert_eq!(browser.post("/ui/sign-out", &[]).await.status, 303);
    assert!(!browser.is_in().await);

    let browser = Browser::sign_in(&lab).await;
    lab.clock.advance(Duration::from_secs(30 * 86_400));
    assert!(!browser.is_in().await, "it expires");
    let stored = std::fs::read(lab.database()).unwrap();
    let token = cookie(&second).split_once('=').unwrap().1.to_owned();
    let found = stored
        .windows(token.len())
        .any(|bytes| bytes == token.as_bytes());
    assert!(!found, "the database has only hashes");
}

#[tokio::test]
async fn a_new_password_signs_everybody_out_and_a_restart_nobody() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    let cookie = browser.client.clone();
    let lab = Lab::again(lab.crash().await).await;
    let again = lab.client.authorized(None).with("Accept", "text/html");
    drop((cookie, again));
    let browser = Browser::sign_in(&lab).await;
    let change = AccessChange {
        user: Some("me".into()),
        ..AccessChange::default()
    };
    lab.gateway.set_access(change).await.unwrap();
    assert!(browser.is_in().await, "the password is the same");
    let fields = [
        ("password", "password"),
        ("new_password", "another-password"),
    ];
    assert_eq!(browser.post("/ui/access", &fields).await.status, 303);
    assert!(!browser.is_in().await);
}

#[tokio::test]
async fn a_link_signs_in_once_and_not_for_long() {
    let lab = Lab::start().await;
    let path = lab.gateway.sign_in_path();
    let answer = stranger(&lab).get(&path).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    assert!(Browser::with(&lab, &cookie(&answer)).await.is_in().await);
    assert_eq!(stranger(&lab).get(&path).await.status, 401);
    let late = lab.gateway.sign_in_path();
    lab.clock.advance(Duration::from_secs(300));
    assert_eq!(stranger(&lab).get(&late).await.status, 401);
    assert_eq!(stranger(&lab).get("/ui/sign-in/guess").await.status, 401);
}

#[tokio::test]
async fn a_foreign_page_changes_nothing() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    let url = "http://127.0.0.1:9/";
    let fields = [
        ("token", browser.token.as_str()),
        ("url", url),
        ("event", "sms:received"),
    ];
    for origin in [
        None,
        Some("null"),
        Some("http://evil.example"),
        Some("http://gateway:81"),
        Some("http://gateway.evil.example"),
    ] {
        let client = origin.map_or_else(
            || browser.client.clone(),
            |origin| browser.client.with("Origin", origin),
        );
        let answer = client
            .send("POST", "/ui/webhooks", FORM, &form(&fields))
            .await;
        assert_eq!(answer.status, 403, "{origin:?}");
    }
    for token in ["", "x", &browser.token[1..]] {
        let fields = [("token", token), ("url", url), ("event", "sms:received")];
        let answer = ours(&browser.client)
            .send("POST", "/ui/webhooks", FORM, &form(&fields))
            .await;
        assert_eq!(answer.status, 403, "{token}");
    }
    let other = Browser::sign_in(&lab).await;
    let stolen = [
        ("token", other.token.as_str()),
        ("url", url),
        ("event", "sms:received"),
    ];
    let answer = ours(&browser.client)
        .send("POST", "/ui/webhooks", FORM, &form(&stolen))
        .await;
    assert_eq!(answer.status, 403, "another session's token");
    let json = json!({"token": browser.token, "url": url, "event": "sms:received"});
    let answer = ours(&browser.client).post("/ui/webhooks", &json).await;
    assert_eq!(answer.status, 415);
    assert_eq!(lab.client.get("/webhooks").await.text(), "[]");
    assert_eq!(
        stranger(&lab)
            .send("POST", "/ui/sign-in", FORM, "")
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn guessing_is_slowed_down_together_with_the_api() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    for _ in 0..15 {
        assert_eq!(try_sign_in(&stranger(&lab), "wrong").await.status, 401);
        let fields = [("password", "wrong"), ("do", "show")];
        assert_eq!(
            browser.post("/ui/access/signing-key", &fields).await.status,
            403
        );
    }
    let slowed = try_sign_in(&stranger(&lab), "password").await;
    assert_eq!((slowed.status, slowed.header("retry-after")), (429, "60"));
    assert_eq!(lab.client.get("/webhooks").await.status, 429);
    assert_eq!(
        try_sign_in(&stranger(&lab).from_peer(2), "password")
            .await
            .status,
        303
    );
    assert!(browser.is_in().await);
}

#[tokio::test]
async fn what_comes_from_outside_is_only_ever_text() {
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    receiver.otherwise(Reply::Raw(
        "HTTP/1.1 500 No\r\nContent-Length: 38\r\n\r\n<script>alert(1)</script><img src=x on>",
    ));
    let url = receiver.url_on("127.0.0.1", "/?q=<script>alert(1)</script>\"");
    lab.register(evil, &url, "sms:received").await;
    let origin = Origin {
        sender: PhoneNumber::new(evil),
        ..Origin::default()
    };
    let incoming = IncomingSms {
        origin,
        text: evil.into(),
    };
    let ids = lab.gateway.receive(incoming).unwrap().done().await.unwrap();
    let delivery = lab.after_attempts(evil, 1).await;
    assert!(delivery.history[0].answer_head.contains("<script>"));
    let browser = Browser::sign_in(&lab).await;
    let id = form(&[("id", evil)]);
    let mut paths: Vec<String> = SCREENS.iter().map(|path| (*path).to_owned()).collect();
    paths.push(format!("/ui/webhook?{id}"));
    paths.push(format!("/ui/message?id={}", ids[0]));
    paths.push(format!("/ui/delivery?id={}", delivery.id));
    paths.push(format!(
        "/ui/webhook?{}",
        form(&[("id", "<script>x</script>")])
    ));
    paths.push(format!("/ui/logs?{}", form(&[("priority", evil)])));
    paths.push(format!("/?{}", form(&[("done", evil)])));
    for path in paths {
        let page = browser.client.get(&path).await.text();
        assert!(
            !page.contains("<script>") && !page.contains("<img"),
            "{path}: {page}"
        );
    }
    let message = browser
        .client
        .get(&format!("/ui/message?id={}", ids[0]))
        .await
        .text();
    assert!(message.contains("&lt;script&gt;"), "it is shown as it is");
    assert!(message.contains("delivery?id="), "and what it led to");
    let test = browser.post("/ui/webhook/test", &[("id", evil)]).await;
    assert_eq!(test.status, 200);
    assert!(!test.text().contains("<script>"), "{}", test.text());
}

#[tokio::test]
async fn nothing_but_the_assets_is_served_and_they_are_cached() {
    let lab = Lab::start().await;
    let client = stranger(&lab);
    for path in [
        "/ui/assets/..%2f..%2fsimrelay.db",
        "/ui/assets/%2e%2e%2fsimrelay.db",
        "/ui/assets/../../simrelay.db",
        "/ui/assets/page.css%00",
        "/ui/assets/",
        "/ui/assets//etc/passwd",
    ] {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
    for path in [
        "/ui/assets/page.css",
        "/ui/assets/page.js",
        "/ui/assets/icon.svg",
    ] {
        let plain = client.get(path).await;
        assert_eq!(
            (plain.status, plain.header("content-encoding")),
            (200, ""),
            "{path}"
        );
        let packed = client.with("Accept-Encoding", "gzip, br").get(path).await;
        assert_eq!(packed.header("content-encoding"), "gzip", "{path}");
        let known = client.with("If-None-Match", plain.header("etag"));
        assert_eq!(known.get(path).await.status, 304, "{path}");
    }
}

#[tokio::test]
async fn an_oversized_form_is_refused() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    for length in [600_000, 2_000_000] {
        let large = "a".repeat(length);
        let body = format!("token={}&id={large}", browser.token);
        let answer = ours(&browser.client)
            .send("POST", "/ui/webhooks", FORM, &body)
            .await;
        assert_eq!(answer.status, 413, "{length}");
    }
}

#[tokio::test]
async fn a_webhook_is_added_changed_tested_and_deleted_by_forms() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    let browser = Browser::sign_in(&lab).await;
    let bad = [("url", "ftp://x"), ("event", "sms:received"), ("id", "w")];
    let refused = browser.post("/ui/webhooks", &bad).await;
    assert_eq!(refused.status, 400);
    let page = refused.text();
    assert!(page.contains("url must begin with https://") && page.contains("ftp://x"));
    let good = [
        ("url", &*receiver.url()),
        ("event", "sms:received"),
        ("id", "w"),
    ];
    let added = browser.post("/ui/webhooks", &good).await;
    assert_eq!(added.header("location"), "/ui/webhook?id=w&done=added");
    let page = browser.client.get(added.header("location")).await.text();
    assert!(page.contains("Added.") && !page.contains("secret-in-query</bdi>"));
    let tested = browser.post("/ui/webhook/test", &[("id", "w")]).await;
    assert!(tested.text().contains("The test event arrived"));
    assert_eq!(receiver.next().await.json()["event"], "system:test");
    lab.receive("hello").await;
    let delivery = lab
        .newest("w", |delivery| delivery.state == "delivered")
        .await;
    receiver.next().await;
    let replayed = browser
        .post("/ui/delivery/replay", &[("id", &delivery.id)])
        .await;
    assert_eq!(replayed.status, 303);
    assert_eq!(receiver.next().await.json()["id"], delivery.id);
    let none = browser
        .post(
            "/ui/webhook/replay",
            &[("id", "w"), ("state", "dead"), ("since", "")],
        )
        .await;
    assert_eq!(
        none.header("location"),
        "/ui/webhook?id=w&done=replayed-all.0"
    );
    assert_eq!(
        browser
            .post("/ui/webhook/delete", &[("id", "w")])
            .await
            .status,
        303
    );
    assert_eq!(lab.client.get("/webhooks").await.text(), "[]");
}

#[tokio::test]
async fn settings_are_saved_by_a_form_and_the_schedule_is_told() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    let page = browser.client.get("/ui/settings").await.text();
    assert!(page.contains("14 retries, the last one about 45 h after the first try"));
    let fields = [
        ("webhooks.retry_count", "3"),
        ("webhooks.internet_required", "false"),
        ("messages.send_interval_max", ""),
        ("webhooks.ca_certificates", ""),
        ("encryption.passphrase", ""),
    ];
    assert_eq!(browser.post("/ui/settings", &fields).await.status, 303);
    let settings = lab.client.get("/settings").await.json();
    assert_eq!(settings["webhooks"]["retry_count"], 3);
    assert_eq!(settings["webhooks"]["internet_required"], false);
    let refused = browser
        .post("/ui/settings", &[("webhooks.retry_count", "31")])
        .await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("from 1 to 30"));
    assert_eq!(
        browser
            .post("/ui/settings", &[("ui.language", "ru")])
            .await
            .status,
        303
    );
    let russian = browser.client.get("/ui/settings").await.text();
    assert!(russian.contains("lang=\"ru\""), "the setting wins");
}

#[tokio::test]
async fn the_signing_key_is_shown_and_replaced_for_the_password_only() {
    let lab = Lab::start().await;
    lab.set(json!({"webhooks": {"signing_key": "old-key"}}))
        .await;
    let browser = Browser::sign_in(&lab).await;
    for path in ["/ui/access", "/ui/settings"] {
        assert!(
            !browser.client.get(path).await.text().contains("old-key"),
            "{path}"
        );
    }
    let key = async |password: &str, action: &str, key: &str| {
        let fields = [("password", password), ("do", action), ("key", key)];
        browser.post("/ui/access/signing-key", &fields).await
    };
    assert_eq!(key("wrong", "show", "").await.status, 403);
    assert!(key("password", "show", "").await.text().contains("old-key"));
    assert!(
        key("password", "replace", "new-key")
            .await
            .text()
            .contains("new-key")
    );
    let random = key("password", "replace", "").await.text();
    assert!(!random.contains("new-key"));
}

#[tokio::test]
async fn the_language_is_what_the_browser_asks_for() {
    let lab = Lab::start().await;
    for (accepted, code, direction) in [
        ("ar", "ar", "rtl"),
        ("ru-RU,ru;q=0.9", "ru", "ltr"),
        ("zh-CN", "zh", "ltr"),
        ("fr", "en", "ltr"),
    ] {
        let client = stranger(&lab).with("Accept-Language", accepted);
        let page = client.get("/ui/sign-in").await.text();
        let opening = format!("<html lang=\"{code}\" dir=\"{direction}\">");
        assert!(page.contains(&opening), "{accepted}");
    }
}
