//! What is registered is what is requested.

use serde_json::json;
use simrelay_tests::visitor::Browser;
use simrelay_tests::{Lab, Receiver};

use crate::database;

const FRAGMENT: &str = "url must not contain #: nothing after it is ever sent. Leave it out, or \
    write %23 if it belongs to the path or the query.";

#[tokio::test]
async fn a_url_that_would_be_requested_otherwise_is_refused_with_the_reason() {
    let lab = Lab::start().await;
    for (url, sentence) in [
        ("https://webhook.example/#!/0123", FRAGMENT),
        (
            "https:///x",
            "url must begin with https:// and name a host.",
        ),
        (
            "https://me:p%ff@a.example/",
            "The user and password in url must be UTF-8 text once %XX is decoded, \
             without control characters, and the user without a colon.",
        ),
        (
            "https://a.example:0/",
            "The port in url must be a number from 1 to 65535.",
        ),
        (
            "https://a.example\\x",
            "url must not contain a backslash. Write / or %5C.",
        ),
    ] {
        let body = json!({"id": "w", "url": url, "event": "sms:received"});
        let refused = lab.client.post("/webhooks", &body).await;
        assert_eq!(
            (refused.status, &*refused.sentence()),
            (400, sentence),
            "{url}"
        );
    }
    assert_eq!(lab.client.get("/webhooks").await.json(), json!([]));
    let browser = Browser::sign_in(&lab).await;
    let fields = [
        ("id", "w"),
        ("url", "https://a.example/#/x"),
        ("event", "sms:received"),
    ];
    let page = browser.post("/ui/webhooks", &fields).await;
    assert_eq!(page.status, 400);
    assert!(
        page.text().contains("The URL must not contain #"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn what_is_registered_is_requested_byte_for_byte() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    for path in [
        "/a//b/?x=%23&y=a+b",
        "/.well-known/x;y=1,2/@me:3?u=https://b.example/../c",
        "/%2F%41?",
    ] {
        lab.register("w", &receiver.url_on("127.0.0.1", path), "sms:received")
            .await;
        lab.receive(path).await;
        assert_eq!(receiver.next().await.path(), path);
    }
}

/// A webhook as versions before took it.
async fn registered_before(url: &str) -> Lab {
    let lab = Lab::start().await;
    lab.register("w", "https://a.example/", "sms:received")
        .await;
    let (dir, clock) = lab.crash().await;
    let disk = database::database(&dir.path().join("simrelay.db"));
    disk.execute("UPDATE webhooks SET url = ?", [url]).unwrap();
    drop(disk);
    Lab::again((dir, clock)).await
}

#[tokio::test]
async fn what_was_registered_before_goes_on_or_fails_with_the_reason() {
    let mut receiver = Receiver::start().await;
    let labelled = receiver.url_on("127.0.0.1", "/x/../hook#phone");
    let lab = registered_before(&labelled).await;
    lab.receive("hello").await;
    assert_eq!(receiver.next().await.path(), "/hook");
    let astray = receiver.url_on("127.0.0.1", "/#!/0123");
    let lab = registered_before(&astray).await;
    lab.receive("hello").await;
    let delivery = lab.after_attempts("w", 1).await;
    let first = &delivery.history[0];
    assert_eq!((&*first.class, &*first.reason), ("NotAllowed", FRAGMENT));
    assert_eq!(receiver.waiting(), 0);
    // Once the URL is mended, what waited goes where it was meant.
    lab.register("w", &receiver.url_on("127.0.0.1", "/0123"), "sms:received")
        .await;
    lab.advance(std::time::Duration::from_secs(11));
    assert_eq!(receiver.next().await.path(), "/0123");
}
