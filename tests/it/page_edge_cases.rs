//! What the page's screens make of much, of little and of strange things.

use std::time::Duration;

use serde_json::json;
use simrelay_core::PhoneNumber;
use simrelay_core::receiving::{IncomingSms, Origin};
use simrelay_tests::visitor::Browser;
use simrelay_tests::{Lab, Receiver, Reply, part, sms};

#[tokio::test]
async fn home_says_what_fails_and_leads_there() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("good", &receiver.url(), "sms:received").await;
    let browser = Browser::sign_in(&lab).await;
    lab.receive("hello").await;
    lab.after_attempts("good", 1).await;
    let home = browser.screen("/").await;
    assert!(!home.contains("failing"), "{home}");
    receiver.otherwise(Reply::Status(404));
    lab.receive("hello").await;
    lab.newest("good", |delivery| {
        delivery.attempts == 1 && delivery.state == "pending"
    })
    .await;
    let home = browser.screen("/").await;
    let warning = "<a href=\"/ui/webhooks\">1 webhook is failing.</a>";
    let alone = "<dd><a href=\"/ui/webhook?id=good&amp;state=pending\">1</a></dd>";
    let none = "<dt>Failed for good</dt><dd>0</dd>";
    for expected in [warning, alone, none] {
        assert!(home.contains(expected), "{expected}: {home}");
    }
    lab.register("other", &receiver.url(), "sms:sent").await;
    let home = browser.screen("/").await;
    assert!(
        home.contains("<dd><a href=\"/ui/webhooks\">1</a></dd>"),
        "{home}"
    );
}

#[tokio::test]
async fn a_message_to_many_is_a_small_page() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:sent").await;
    let numbers: Vec<_> = (0..1_000).map(|n| format!("+1202555{n:04}")).collect();
    let body = json!({"id": "out", "textMessage": {"text": "Hello"}, "phoneNumbers": numbers});
    assert_eq!(lab.client.post("/messages", &body).await.status, 202);
    for request in lab.modem.given(60).await.iter().take(60) {
        let told = lab.gateway.part_sent(&part(request, 0, 1));
        told.done().await.unwrap();
    }
    let browser = Browser::sign_in(&lab).await;
    let page = browser.screen("/ui/message?out=out").await;
    assert!(page.len() < 60_000, "{}", page.len());
    assert_eq!(page.matches("+1202555").count(), 50);
    assert!(page.contains("and 950 more"), "{page}");
    assert_eq!(page.matches("/ui/delivery?id=").count(), 50);
    assert!(page.contains("more deliveries"), "{page}");
}

#[tokio::test]
async fn a_timeline_shows_the_latest_attempt_alone() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    receiver.otherwise(Reply::Status(500));
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("hello").await;
    lab.after_attempts("w", 1).await;
    lab.clock.wait_for_sleeper(Duration::from_secs(1)).await;
    lab.advance(Duration::from_secs(60));
    let delivery = lab.after_attempts("w", 2).await;
    let browser = Browser::sign_in(&lab).await;
    let list = browser.screen("/ui/messages").await;
    let (_, one) = list.split_once("/ui/message?").unwrap();
    let one = one.split('"').next().unwrap();
    let page = browser.screen(&format!("/ui/message?{one}")).await;
    assert!(page.contains("<li value=\"2\">") && !page.contains("<li value=\"1\">"));
    assert_eq!(page.matches("href=\"/ui/delivery?id=").count(), 1);
    let whole = format!("/ui/delivery?id={}", delivery.id);
    let page = browser.screen(&whole).await;
    assert!(page.contains("<li value=\"2\">") && page.contains("<li value=\"1\">"));
}

#[tokio::test]
async fn what_hides_in_a_text_is_seen() {
    let lab = Lab::start().await;
    let origin = Origin {
        sender: PhoneNumber::new("Bank\u{202e}knaB"),
        ..Origin::default()
    };
    let incoming = IncomingSms {
        origin,
        text: "pay\u{7}\u{202d} now".into(),
    };
    let kept = lab.gateway.receive(incoming).unwrap().done().await.unwrap();
    let browser = Browser::sign_in(&lab).await;
    for path in [
        "/ui/messages".to_owned(),
        format!("/ui/message?id={}", kept[0]),
    ] {
        let page = browser.screen(&path).await;
        for code in ["U+202E", "U+202D", "U+0007"] {
            assert!(page.contains(&format!(">{code}</span>")), "{path} {code}");
        }
        assert!(!page.contains(['\u{202e}', '\u{202d}', '\u{7}']), "{path}");
    }
}

#[tokio::test]
async fn data_looks_alike_in_both_directions() {
    let lab = Lab::start().await;
    let body = json!({"id": "out", "dataMessage": {"data": "SGVsbG8=", "port": 53739},
        "phoneNumbers": ["+12025550143"]});
    assert_eq!(lab.client.post("/messages", &body).await.status, 202);
    let browser = Browser::sign_in(&lab).await;
    for path in ["/ui/messages", "/ui/message?out=out"] {
        let page = browser.screen(path).await;
        assert!(page.contains(">48656c6c6f</code>"), "{path}: {page}");
    }
}

#[tokio::test]
async fn a_filter_that_finds_nothing_leads_back_to_all() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    for (path, sentence, all) in [
        ("/ui/messages?which=in", "No messages.", "/ui/messages"),
        (
            "/ui/messages?which=out&state=Failed",
            "No messages.",
            "/ui/messages",
        ),
        (
            "/ui/logs?priority=ERROR",
            "No entries of this kind.",
            "/ui/logs",
        ),
    ] {
        let page = browser.screen(path).await;
        let (_, rest) = page.split_once(sentence).expect(path);
        assert!(
            rest.starts_with(&format!(" <a href=\"{all}\">Show all")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_is_no_longer_kept_is_not_said_to_have_never_been() {
    let lab = Lab::start().await;
    let message = lab.gateway.receive(sms("old")).unwrap();
    let id = message.done().await.unwrap()[0].clone();
    let path = format!("/ui/message?id={id}");
    let browser = Browser::sign_in(&lab).await;
    let page = browser.screen(&path).await;
    assert!(
        page.contains("No webhook was registered for this event."),
        "{page}"
    );
    let home = browser.screen("/").await;
    assert!(home.contains("none in the last 7 days"), "{home}");
    lab.clock.advance(Duration::from_secs(8 * 86_400));
    let browser = Browser::sign_in(&lab).await;
    let page = browser.screen(&path).await;
    assert!(
        page.contains("Its deliveries are no longer stored."),
        "{page}"
    );
    lab.set(json!({"messages": {"log_lifetime_days": 90}}))
        .await;
    let home = browser.screen("/").await;
    let handed = "<dt>Last message sent</dt><dd>none in the last 90 days</dd>";
    assert!(home.contains(handed), "{home}");
}
