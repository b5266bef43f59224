//! Clients that take their time: they hold no connection for ever, and are not hurried either.

use std::time::Duration;

use serde_json::json;
use simrelay_tests::{Lab, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const AUTHORIZATION: &str = "Authorization: Basic c21zOnBhc3N3b3Jk";

/// A head that asks to post a message of so many bytes.
fn head(length: usize) -> String {
    format!(
        "POST /messages HTTP/1.1\r\nHost: gateway\r\n{AUTHORIZATION}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
}

fn body() -> String {
    json!({"id": "slow", "textMessage": {"text": "Hello"}, "phoneNumbers": ["+12025550143"]})
        .to_string()
}

async fn connect(lab: &Lab) -> TcpStream {
    let stream = TcpStream::connect(lab.client.address()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// What comes until the API closes the connection, while a second passes again and again.
async fn until_closed(lab: &Lab, stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let closed = async {
        let mut reading = std::pin::pin!(stream.read_to_end(&mut answer));
        loop {
            tokio::select! {
                biased;
                // A reset is an end as well.
                _ = &mut reading => return,
                () = tokio::task::yield_now() => lab.clock.advance(Duration::from_secs(1)),
            }
        }
    };
    within("the connection is closed", closed).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_head_that_never_ends_and_a_silent_connection_are_closed() {
    let lab = Lab::start().await;
    for start in ["", "GET /health HTTP/1.1\r\nHost: gate", "POST"] {
        let mut stream = connect(&lab).await;
        stream.write_all(start.as_bytes()).await.unwrap();
        assert_eq!(until_closed(&lab, &mut stream).await, "", "{start}");
    }
    let mut kept = connect(&lab).await;
    kept.write_all(b"GET /health/live HTTP/1.1\r\nHost: gateway\r\n\r\n")
        .await
        .unwrap();
    let answer = until_closed(&lab, &mut kept).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[tokio::test]
async fn a_body_that_never_ends_is_answered_408_and_nothing_is_queued() {
    let lab = Lab::start().await;
    let mut stream = connect(&lab).await;
    let request = head(1_000) + body().as_str();
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = until_closed(&lab, &mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"),
        "{answer}"
    );
    let sentence =
        r#"{"message":"The body took too long to arrive. Send it again, without pauses."}"#;
    assert!(answer.trim_end().ends_with(sentence), "{answer}");
    assert_eq!(lab.client.get("/messages/slow").await.status, 404);
}

#[tokio::test]
async fn a_form_that_never_ends_is_answered_408_in_words() {
    let lab = Lab::start().await;
    let mut stream = connect(&lab).await;
    let request = "POST /ui/sign-in HTTP/1.1\r\nHost: gateway\r\nOrigin: http://gateway\r\n\
                   Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nuser=";
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = until_closed(&lab, &mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"),
        "{answer}"
    );
    assert!(answer.contains("The form was incomplete."), "{answer}");
}

#[tokio::test]
async fn who_is_slow_but_in_time_is_served() {
    let lab = Lab::start().await;
    let mut stream = connect(&lab).await;
    let (head, body) = (head(body().len()), body());
    let pieces = [&head[..30], &head[30..], &body[..20], &body[20..]];
    for piece in pieces {
        stream.write_all(piece.as_bytes()).await.unwrap();
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        lab.clock.advance(Duration::from_secs(29));
    }
    let answer = until_closed(&lab, &mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 202 Accepted\r\n"), "{answer}");
}
