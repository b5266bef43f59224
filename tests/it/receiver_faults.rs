//! What receivers do wrong, and what that is called.

use std::sync::Arc;
use std::time::Duration;

use simrelay_tests::{Lab, Receiver, Reply};
use tokio::sync::Notify;

async fn attempt(reply: Reply) -> (String, u16) {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    receiver.script([reply]);
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("hello").await;
    receiver.next().await;
    let delivery = lab.after_attempts("w", 1).await;
    let attempt = &delivery.history[0];
    assert_eq!(attempt.reason.is_empty(), attempt.class == "Success");
    (attempt.class.clone(), attempt.status)
}

async fn check(reply: Reply, class: &str, status: u16) {
    assert_eq!(attempt(reply).await, (class.to_owned(), status));
}

#[tokio::test]
async fn every_status_has_its_class() {
    for status in [200, 201, 202, 204, 299] {
        check(Reply::Status(status), "Success", status).await;
    }
    for status in [300, 301, 302, 307, 308, 399] {
        check(Reply::Status(status), "Redirect", status).await;
    }
    for status in [400, 401, 404, 410, 429, 500, 503, 599] {
        check(Reply::Status(status), "Status", status).await;
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_closed() {
    check(Reply::Close, "Closed", 0).await;
    check(Reply::Reset, "Closed", 0).await;
}

#[tokio::test]
async fn nobody_listens() {
    let lab = Lab::start().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    lab.register("w", &url, "sms:received").await;
    lab.receive("hello").await;
    let delivery = lab.after_attempts("w", 1).await;
    assert_eq!(delivery.history[0].class, "Connect");
    assert!(
        delivery.history[0]
            .reason
            .contains("refused the connection")
    );
}

#[tokio::test]
async fn an_unknown_name() {
    let lab = Lab::start().await;
    lab.register("w", "https://no-such-host.invalid/", "sms:received")
        .await;
    lab.receive("hello").await;
    let delivery = lab.after_attempts("w", 1).await;
    assert_eq!(delivery.history[0].class, "Dns");
}

#[tokio::test]
async fn thinking_for_25_seconds_is_fine_and_30_are_too_long() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    let told = Arc::new(Notify::new());
    receiver.script([Reply::When(Arc::clone(&told)), Reply::Hang]);
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("slow").await;
    receiver.next().await;
    lab.clock.advance(Duration::from_secs(25));
    told.notify_one();
    let delivery = lab
        .newest("w", |delivery| delivery.state == "delivered")
        .await;
    assert_eq!(delivery.history[0].duration_ms, 25_000);
    lab.receive("too slow").await;
    receiver.next().await;
    lab.clock.advance(Duration::from_secs(30));
    let delivery = lab.after_attempts("w", 1).await;
    assert_eq!(delivery.history[0].class, "Timeout");
}

#[tokio::test]
async fn an_answer_that_drips_its_head_is_a_timeout() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    receiver.script([Reply::Raw("HTTP/1.1 200 O")]);
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("hello").await;
    receiver.next().await;
    lab.clock.advance(Duration::from_secs(30));
    assert_eq!(lab.after_attempts("w", 1).await.history[0].class, "Timeout");
}

#[tokio::test]
async fn after_a_200_the_body_does_not_matter() {
    check(Reply::Endless, "Success", 200).await;
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    receiver.script([Reply::Raw(
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf of it",
    )]);
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("hello").await;
    receiver.next().await;
    let settled = async {
        while lab.deliveries("w")[0].history.is_empty() {
            lab.clock.advance(Duration::from_millis(100));
            tokio::task::yield_now().await;
        }
    };
    simrelay_tests::within("the stalled answer is settled", settled).await;
    let delivery = lab.deliveries("w").remove(0);
    assert_eq!(
        (delivery.state.as_str(), delivery.attempts),
        ("delivered", 1)
    );
    assert_eq!(delivery.history[0].answer_head, "half of it");
}
