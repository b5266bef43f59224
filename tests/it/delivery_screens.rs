//! What is shown of a delivery: the request as it is sent, its answer, its message, and when it goes.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use simrelay_core::DeliveryRecord;
use simrelay_core::webhooks::sign;
use simrelay_tests::visitor::Browser;
use simrelay_tests::{Lab, Receiver, Reply};
use tokio::sync::Notify;

use crate::database::database;

/// An attribute's value, as a browser reads it.
fn attribute(page: &str, start: &str) -> String {
    let (_, rest) = page.split_once(start).expect(start);
    let value = rest.split('"').next().unwrap();
    value
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[tokio::test]
async fn a_delivery_shows_its_request_and_a_command_that_repeats_it() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.set(json!({"webhooks": {"signing_key": "a-signing-key"}}))
        .await;
    let url = format!("{}?key=s3cret&a[]={{1}}", receiver.url());
    lab.register("w", &url, "sms:received").await;
    receiver.otherwise(Reply::Status(500));
    let text = "It's <b>\"5\"</b> $HOME `id` \\n\nnext\u{0} é@";
    lab.receive(text).await;
    let sent = receiver.next().await;
    let delivery = lab.after_attempts("w", 1).await;
    let browser = Browser::sign_in(&lab).await;
    let page = browser
        .screen(&format!("/ui/delivery?id={}", delivery.id))
        .await;
    let body = String::from_utf8(sent.body().to_vec()).unwrap();
    for expected in [
        "&quot;message&quot;: &quot;It's &lt;b&gt;",
        "Content-Type: application/json",
        &format!("User-Agent: {}", sent.header("user-agent")),
        sent.header("x-timestamp"),
        sent.header("x-signature"),
        "/ui/message?id=",
        "?…",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert_eq!(attribute(&page, "data-copy=\"{"), body[1..]);
    let command = attribute(&page, "data-copy=\"curl").replace("curl", "");
    let command = format!("curl -s -o /dev/null{command}");
    receiver.otherwise(Reply::Status(200));
    let run =
        tokio::task::spawn_blocking(move || Command::new("sh").arg("-c").arg(command).status());
    let again = receiver.next().await;
    assert!(run.await.unwrap().unwrap().success());
    assert_eq!((again.path(), again.body()), (sent.path(), sent.body()));
    for header in ["user-agent", "content-type"] {
        assert_eq!(again.header(header), sent.header(header), "{header}");
    }
    let signature = sign("a-signing-key", again.body(), again.header("x-timestamp"));
    assert_eq!(again.header("x-signature"), signature);
}

#[tokio::test]
async fn a_row_tells_the_message_the_answer_and_the_attempts() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    receiver.otherwise(Reply::Status(503));
    lab.receive("Your login code is 42").await;
    lab.after_attempts("w", 1).await;
    let browser = Browser::sign_in(&lab).await;
    let page = browser.screen("/ui/webhook?id=w").await;
    let (_, list) = page.split_once("id=\"deliveries\"").unwrap();
    for expected in [
        "6505551212",
        "Your login code is 42",
        "503",
        "attempt 1 of 15",
        "next attempt",
        "in 1",
    ] {
        assert!(list.contains(expected), "{expected}: {list}");
    }
}

#[tokio::test]
async fn what_is_sent_now_and_what_waits_for_its_turn_say_so() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    let browser = Browser::sign_in(&lab).await;
    let page = browser.screen("/ui/webhook?id=w").await;
    assert!(page.contains("No deliveries yet"), "{page}");
    let answer = Arc::new(Notify::new());
    receiver.otherwise(Reply::When(Arc::clone(&answer)));
    lab.receive("first").await;
    lab.receive("second").await;
    while receiver.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    lab.clock.advance(Duration::from_secs(12));
    let page = browser.screen("/ui/webhook?id=w").await;
    for expected in ["being sent now (12 s)", "due, waiting for its turn"] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert!(!page.contains("next attempt"), "{page}");
    let list = browser.screen("/ui/webhooks").await;
    assert!(list.contains("being sent now"), "{list}");
    let first = lab.deliveries("w").pop().unwrap();
    let one = browser
        .screen(&format!("/ui/delivery?id={}", first.id))
        .await;
    assert!(one.contains("being sent now (12 s)"), "{one}");
    answer.notify_waiters();
}

#[tokio::test]
async fn what_is_due_and_cannot_go_says_why() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.online(false);
    lab.receive("first").await;
    lab.queued("w", 1).await;
    let browser = Browser::sign_in(&lab).await;
    let page = browser.screen("/ui/webhook?id=w").await;
    assert!(page.contains("due, waiting for the internet"), "{page}");
}

#[tokio::test]
async fn all_that_waits_is_tried_at_once_oldest_first() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    receiver.otherwise(Reply::Status(500));
    for text in ["1", "2", "3"] {
        lab.receive(text).await;
        lab.after_attempts("w", 1).await;
        receiver.next().await;
    }
    receiver.otherwise(Reply::Status(200));
    let body = json!({"state": "pending"});
    let answer = lab.client.post("/webhooks/w/replay", &body).await;
    assert_eq!(
        (answer.status, answer.text()),
        (202, "{\"replayed\":3}\n".into())
    );
    let mut texts = Vec::new();
    for _ in 0..3 {
        texts.push(receiver.next().await.json()["payload"]["message"].clone());
    }
    assert_eq!(texts[0], "1");
    let all = |deliveries: &[DeliveryRecord]| {
        deliveries
            .iter()
            .all(|one| one.state == "delivered" && one.attempts == 2)
    };
    lab.deliveries_once("w", all).await;
    let again = lab.client.post("/webhooks/w/replay", &body).await;
    assert_eq!(again.json()["replayed"], 0);
}

#[tokio::test]
async fn the_page_offers_to_try_all_that_waits() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    let browser = Browser::sign_in(&lab).await;
    let offered = "Try all waiting now";
    let page = browser.screen("/ui/webhook?id=w").await;
    assert!(!page.contains(offered), "{page}");
    receiver.otherwise(Reply::Status(500));
    lab.receive("1").await;
    lab.after_attempts("w", 1).await;
    for path in ["/ui/webhook?id=w", "/ui/webhook?id=w&done=saved"] {
        let page = browser.screen(path).await;
        assert!(page.contains(offered), "{path}: {page}");
    }
    receiver.otherwise(Reply::Status(200));
    let tested = browser
        .post("/ui/webhook/test", &[("id", "w")])
        .await
        .text();
    let (_, steps) = tested.split_once("id=\"test\"").unwrap();
    assert!(
        steps.contains("1 delivery waits for its next attempt."),
        "{steps}"
    );
    let fields = [("id", "w"), ("state", "pending")];
    let answer = browser.post("/ui/webhook/replay", &fields).await;
    assert_eq!(
        answer.header("location"),
        "/ui/webhook?id=w&done=tried-all.1"
    );
    lab.newest("w", |delivery| delivery.state == "delivered")
        .await;
}

#[tokio::test]
async fn the_body_is_told_to_who_may_read_messages() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("private").await;
    let sent = receiver.next().await;
    let id = sent.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/deliveries/{id}?include=body");
    let body = String::from_utf8(sent.body().to_vec()).unwrap();
    assert_eq!(lab.client.get(&path).await.json()["body"], body);
    let without = lab.client.get(&format!("/deliveries/{id}")).await;
    assert!(without.json().get("body").is_none());
    let other = lab
        .client
        .get(&format!("/deliveries/{id}?include=all"))
        .await;
    assert_eq!(
        (other.status, other.sentence()),
        (400, "include must be body.".into())
    );
    let with = async |scopes: &[&str]| {
        let asked = json!({"scopes": scopes, "ttl": 60});
        let pair = lab.client.post("/auth/token", &asked).await.json();
        let bearer = format!("Bearer {}", pair["access_token"].as_str().unwrap());
        lab.client.authorized(Some(&bearer)).get(&path).await
    };
    let refused = with(&["webhooks:list"]).await;
    assert_eq!(refused.status, 403);
    let sentence = "This token lacks the required scope webhooks:list and inbox:read.";
    assert_eq!(refused.sentence(), sentence);
    assert_eq!(with(&["inbox:read"]).await.status, 403);
    let both = with(&["webhooks:list", "inbox:read"]).await;
    assert_eq!(both.json()["body"], body);
}

/// Rows as they would have come one by one.
fn fill(lab: &Lab, sql: &str) {
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5100) ";
    database(&lab.database())
        .execute_batch(&format!("{many}{sql}"))
        .unwrap();
}

#[tokio::test]
async fn a_filter_of_the_log_finds_what_is_far_back() {
    let lab = Lab::start().await;
    fill(&lab, "INSERT INTO logs (created_at, priority, module, message)
        SELECT 1719045971000, CASE i WHEN 1 THEN 'ERROR' WHEN 2 THEN 'WARN' ELSE 'INFO' END, 'webhooks', 'entry ' || i FROM n");
    let browser = Browser::sign_in(&lab).await;
    let page = browser.screen("/ui/logs?priority=ERROR").await;
    assert!(
        page.contains("entry 1 ") && !page.contains("entry 2 "),
        "{page}"
    );
    assert!(!page.contains("rel=\"next\""), "{page}");
    let page = browser.screen("/ui/logs?priority=WARN").await;
    let (second, first) = (page.find("entry 2 "), page.find("entry 1 "));
    assert!(second.is_some() && second < first, "{page}");
}

#[tokio::test]
async fn a_list_that_looked_at_a_part_says_so() {
    let lab = Lab::start().await;
    lab.register("w", "https://127.0.0.1:9/", "sms:sent").await;
    fill(&lab, "INSERT INTO deliveries (id, webhook_key, webhook_source, webhook_id, event, body, state, due_at, created_at, settled_at)
        SELECT printf('x%06d', i), (SELECT key FROM webhooks), 'local', 'w', 'sms:sent', x'7b7d',
            CASE i WHEN 1 THEN 'cancelled' ELSE 'delivered' END, 1, 1719045971000, 1719045971000 FROM n");
    fill(&lab, "INSERT INTO messages (id, kind, content, created_at, waits, state)
        SELECT printf('m%06d', i), 'text', 'text ' || i, i, 'no', CASE i WHEN 1 THEN 'Failed' ELSE 'Sent' END FROM n");
    let browser = Browser::sign_in(&lab).await;
    for (path, found) in [
        ("/ui/webhook?id=w&state=cancelled", "x000001"),
        ("/ui/messages?which=out&state=Failed", "text 1<"),
    ] {
        let page = browser.screen(path).await;
        assert!(
            page.contains("None among the newest 5000."),
            "{path}: {page}"
        );
        let (_, rest) = page.split_once("None among").unwrap();
        let further = attribute(rest, "<a href=\"");
        let page = browser.screen(&further).await;
        assert!(page.contains(found), "{further}: {page}");
    }
}
