//! The page: signing in, and what protects it.

use std::time::Duration;

use serde_json::json;
use simrelay_core::receiving::{IncomingSms, Origin};
use simrelay_core::webhooks::sign;
use simrelay_core::{AccessChange, PhoneNumber};
use simrelay_tests::visitor::{Browser, FORM, cookie, form, ours, stranger, try_sign_in};
use simrelay_tests::{Followed, Lab, Receiver, Reply, within};

const ASSETS: [&str; 3] = [
    "/ui/assets/page.css",
    "/ui/assets/page.js",
    "/ui/assets/icon.svg",
];
const SCREENS: [&str; 7] = [
    "/",
    "/ui/messages",
    "/ui/webhooks",
    "/ui/settings",
    "/ui/access",
    "/ui/logs",
    "/ui/about",
];

#[tokio::test]
async fn only_who_signed_in_sees_a_screen() {
    let lab = Lab::start().await;
    for path in SCREENS {
        let answer = stranger(&lab).get(path).await;
        let form = answer.header("location").starts_with("/ui/sign-in");
        assert!(answer.status == 303 && form, "{path}");
    }
    // No page could be shown there.
    assert_eq!(stranger(&lab).get("/ui/events").await.status, 401);
    let wrong = try_sign_in(&stranger(&lab), "wrong").await;
    assert_eq!((wrong.status, wrong.header("set-cookie")), (401, ""));
    let mut assets = 0;
    for path in ASSETS {
        assets += stranger(&lab).get(path).await.bytes().len();
    }
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
        assert!(assets + page.len() < 60_000, "{path}: {}", page.len());
        let packed = browser.client.with("Accept-Encoding", "gzip");
        let packed = packed.get(path).await;
        assert_eq!(packed.header("content-encoding"), "gzip", "{path}");
        assert!(packed.bytes().len() < page.len(), "{path}");
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
    let cookie = cookie(&try_sign_in(&stranger(&lab), "password").await);
    let lab = Lab::again(lab.crash().await).await;
    let browser = Browser::with(&lab, &cookie).await;
    assert!(
        browser.is_in().await,
        "a restart leaves sessions as they are"
    );
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
    let old = form(&[("user", "me"), ("password", "password")]);
    let refused = ours(&stranger(&lab))
        .send("POST", "/ui/sign-in", FORM, &old)
        .await;
    assert_eq!(refused.status, 401);
}

#[tokio::test]
async fn what_follows_ends_with_the_session_and_with_a_new_password() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    let mut following = browser.client.follow("/ui/events").await;
    following.until("retry: 3000").await;
    assert_eq!(browser.post("/ui/sign-out", &[]).await.status, 303);
    within("the stream ends", following.to_its_end()).await;

    let browser = Browser::sign_in(&lab).await;
    let mut following = browser.client.follow("/ui/events").await;
    following.until("retry: 3000").await;
    let change = AccessChange {
        password: Some("another-password".into()),
        ..AccessChange::default()
    };
    lab.gateway.set_access(change).await.unwrap();
    let all = within("the stream ends", following.to_its_end()).await;
    assert!(!all.contains("event: changed"), "{all}");
}

/// What was told once `text` came, while the gateway's clock, which stands still, is moved on.
async fn told(lab: &Lab, following: &mut Followed, text: &str) -> String {
    let told = following.until(text);
    let passes = async {
        loop {
            lab.clock.wait_for_sleeper(Duration::from_millis(1)).await;
            lab.clock.advance(Duration::from_millis(500));
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        all = within("it is told", told) => all,
        () = passes => unreachable!("it goes on for ever"),
    }
}

#[tokio::test]
async fn a_change_is_told_at_most_twice_a_second_and_holds_nothing_private() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    let mut following = browser.client.follow("/ui/events").await;
    following.until("retry: 3000").await;
    lab.receive("a private text").await;
    let all = told(&lab, &mut following, "event: changed").await;
    assert!(!all.contains("private"), "{all}");
}

#[tokio::test]
async fn whoever_missed_a_change_is_told_when_he_follows() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    let shown = async || {
        let page = browser.screen("/ui/messages").await;
        let (_, rest) = page.split_once("data-commits=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let old = shown().await;
    lab.receive("meanwhile").await;
    for (since, expected) in [(old, "event: changed"), (shown().await, "event: beat")] {
        let path = format!("/ui/events?since={since}");
        let mut following = browser.client.follow(&path).await;
        following.until("retry: 3000").await;
        let all = told(&lab, &mut following, expected).await;
        let changed = all.contains("event: changed");
        assert_eq!(changed, expected == "event: changed", "{all}");
    }
}

#[tokio::test]
async fn sixteen_windows_follow_and_the_next_is_asked_to_come_back() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    let mut windows = Vec::new();
    for _ in 0..16 {
        let mut window = browser.client.follow("/ui/events").await;
        window.until("retry: 3000").await;
        windows.push(window);
    }
    assert_eq!(browser.client.get("/ui/events").await.status, 503);
    assert_eq!(browser.client.get("/ui/messages").await.status, 200);
    windows.pop();
    // Its place is free once the server has seen it go.
    let again = async {
        loop {
            let mut window = browser.client.follow("/ui/events").await;
            if window.until("\r\n\r\n").await.starts_with("HTTP/1.1 200") {
                return;
            }
        }
    };
    within("there is room again", again).await;
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

/// Every form of the page, with fields that would do something.
const FORMS: [(&str, &[(&str, &str)]); 9] = [
    (
        "/ui/webhooks",
        &[
            ("id", "new"),
            ("url", "http://127.0.0.1:9/"),
            ("event", "sms:received"),
        ],
    ),
    ("/ui/webhook/delete", &[("id", "kept")]),
    ("/ui/webhook/test", &[("id", "kept")]),
    ("/ui/webhook/replay", &[("id", "kept")]),
    ("/ui/delivery/replay", &[("id", "none")]),
    ("/ui/settings", &[("webhooks.retry_count", "3")]),
    (
        "/ui/access",
        &[("password", "password"), ("new_user", "evil")],
    ),
    (
        "/ui/access/signing-key",
        &[("password", "password"), ("do", "replace"), ("key", "evil")],
    ),
    ("/ui/sign-out", &[]),
];

#[tokio::test]
async fn a_foreign_page_changes_nothing() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.set(json!({"webhooks": {"signing_key": "old-key"}}))
        .await;
    lab.register("kept", &receiver.url(), "sms:received").await;
    let browser = Browser::sign_in(&lab).await;
    let other = Browser::sign_in(&lab).await;
    let token = browser.token.as_str();
    for (path, fields) in FORMS {
        let try_with = async |origin: Option<&str>, token: &str| {
            let client = match origin {
                Some(origin) => browser.client.with("Origin", origin),
                None => browser.client.clone(),
            };
            let mut all = vec![("token", token)];
            all.extend(fields);
            client.send("POST", path, FORM, &form(&all)).await.status
        };
        for origin in [
            None,
            Some("null"),
            Some("http://evil.example"),
            Some("http://gateway:81"),
            Some("http://gateway.evil.example"),
        ] {
            assert_eq!(try_with(origin, token).await, 403, "{path} {origin:?}");
        }
        for token in ["", "x", &token[1..], &other.token] {
            let status = try_with(Some("http://gateway"), token).await;
            assert_eq!(status, 403, "{path} {token}");
        }
        let mut json = json!({"token": token});
        for (name, value) in fields {
            json[*name] = (*value).into();
        }
        assert_eq!(ours(&browser.client).post(path, &json).await.status, 415);
        let answer = browser.client.get(path).await;
        assert!([200, 303].contains(&answer.status), "GET changes nothing");
    }
    // Nothing of it was done.
    assert!(browser.is_in().await);
    let webhooks = lab.client.get("/webhooks").await.json();
    assert_eq!(webhooks[0]["id"], "kept");
    assert_eq!(webhooks.as_array().unwrap().len(), 1);
    let settings = lab.client.get("/settings").await.json();
    assert_eq!(settings["webhooks"]["retry_count"], 14);
    lab.receive("genuine").await;
    let arrival = receiver.next().await;
    assert_eq!(arrival.json()["event"], "sms:received", "no test was sent");
    let timestamp = arrival.header("x-timestamp");
    let expected = sign("old-key", arrival.body(), timestamp);
    assert_eq!(arrival.header("x-signature"), expected);
    let unsigned = stranger(&lab).send("POST", "/ui/sign-in", FORM, "").await;
    assert_eq!(unsigned.status, 403);
    // The same forms do work where they belong.
    for (path, fields) in FORMS {
        let status = browser.post(path, fields).await.status;
        assert!([200, 303, 404].contains(&status), "{path}: {status}");
    }
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
    let out = json!({"id": "out", "textMessage": {"text": evil}, "phoneNumbers": [evil]});
    let sent = lab
        .client
        .post("/messages?skipPhoneValidation=true", &out)
        .await;
    assert_eq!(sent.status, 202, "{}", sent.text());
    let browser = Browser::sign_in(&lab).await;
    let id = form(&[("id", evil)]);
    let mut paths: Vec<String> = SCREENS.iter().map(|path| (*path).to_owned()).collect();
    paths.push(format!("/ui/webhook?{id}"));
    paths.push(format!("/ui/message?id={}", ids[0]));
    paths.push("/ui/message?out=out".into());
    paths.push("/ui/messages?which=out".into());
    paths.push(format!("/ui/message?{}", form(&[("out", evil)])));
    paths.push(format!(
        "/ui/messages?{}",
        form(&[("before", evil), ("state", evil)])
    ));
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
    for path in ASSETS {
        let plain = client.get(path).await;
        assert_eq!(
            (plain.status, plain.header("content-encoding")),
            (200, ""),
            "{path}"
        );
        let packed = client.with("Accept-Encoding", "gzip, br").get(path).await;
        assert_eq!(packed.header("content-encoding"), "gzip", "{path}");
        let tags = [plain.header("etag"), packed.header("etag")];
        assert_ne!(tags[0], tags[1], "{path}");
        let known = client.with("If-None-Match", &format!("\"x\", W/{}", tags[0]));
        assert_eq!(known.get(path).await.status, 304, "{path}");
        let other = client.with("If-None-Match", tags[1]);
        assert_eq!(other.get(path).await.status, 200, "{path}");
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
