//! Receivers of every manner: what a tolerant client would call an answer is one.

use std::sync::Arc;

use simrelay_tests::{Lab, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Reads one request whole; `None` if the connection ends before.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    loop {
        let mut part = [0; 4096];
        let count = stream
            .read(&mut part)
            .await
            .ok()
            .filter(|count| *count > 0)?;
        read.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return Some(text);
        }
    }
}

/// Answers the first request of every connection with these bytes and closes. Tells of requests.
async fn closing(answer: impl Into<Vec<u8>>) -> (String, mpsc::UnboundedReceiver<String>) {
    serving(answer, 1, false).await
}

/// Answers so many requests of every connection; then closes it, at the next request if it is `late`.
async fn serving(
    answer: impl Into<Vec<u8>>,
    answers: usize,
    late: bool,
) -> (String, mpsc::UnboundedReceiver<String>) {
    let (told, requests) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer: Arc<[u8]> = answer.into().into();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, told) = (Arc::clone(&answer), told.clone());
            tokio::spawn(async move {
                for number in 0..answers + usize::from(late) {
                    let Some(request) = request(&mut stream).await else {
                        return;
                    };
                    let _ = told.send(request);
                    if number < answers {
                        let _ = stream.write_all(&answer).await;
                    }
                }
            });
        }
    });
    (format!("http://127.0.0.1:{port}/hook"), requests)
}

#[tokio::test]
async fn a_2xx_status_line_is_a_delivery_whatever_follows() {
    let lab = Lab::start().await;
    let cookies = "Set-Cookie: a=b; Path=/\r\n".repeat(101);
    let megabyte = format!("X: {}\r\n", "x".repeat(1 << 20));
    let heads = [
        "HTTP/1.1 200 OK\r\n",
        &*format!("HTTP/1.1 200 OK\r\n{cookies}\r\n"),
        &*format!("HTTP/1.1 200 OK\r\n{megabyte}\r\n"),
        "HTTP/1.1 200 OK\r\nX-Folded: one\r\n two\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nNul: \0\r\nN\u{e4}me: \u{e4}\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nok",
        "HTTP/1.1 200 OK\n\nok",
        "HTTP/1.1 200\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\nok",
        "HTTP/2 200 OK\r\n\r\nok",
        "http/1.1 200 OK\r\n\r\nok",
        "HTTP/1.1 200OK\r\n\r\nok",
        "\r\nHTTP/1.1 200 OK\r\n\r\nok",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok",
    ];
    for (number, head) in heads.iter().enumerate() {
        let (url, _requests) = closing(*head).await;
        lab.register(&format!("w{number}"), &url, "sms:received")
            .await;
    }
    lab.receive("hello").await;
    for (number, head) in heads.iter().enumerate() {
        let delivery = lab.after_attempts(&format!("w{number}"), 1).await;
        let attempt = &delivery.history[0];
        let seen = (attempt.class.as_str(), attempt.status);
        assert_eq!(
            seen,
            ("Success", 200),
            "{:?}",
            head.get(..80).unwrap_or(head)
        );
    }
}

#[tokio::test]
async fn what_is_no_http_is_shown_by_its_first_bytes() {
    let lab = Lab::start().await;
    let cases: [(&[u8], &str); 5] = [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH-2.0-OpenSSH_9.6"),
        (b"220 mail.example.com ESMTP\r\n", "220 mail.example.com"),
        (b"\x15\x03\x01\x00\x02\x02F", "speaks TLS at this port"),
        (b"\0\0\x12\x04\0\0\0\0\0", r"\x00\x00\x12\x04"),
        (b"<html>hello</html>", "<html>hello</html>"),
    ];
    for (number, (bytes, _)) in cases.iter().enumerate() {
        let (url, _requests) = closing(*bytes).await;
        lab.register(&format!("w{number}"), &url, "sms:received")
            .await;
    }
    lab.receive("hello").await;
    for (number, (_, shown)) in cases.iter().enumerate() {
        let delivery = lab.after_attempts(&format!("w{number}"), 1).await;
        let attempt = &delivery.history[0];
        assert_eq!(attempt.class, "NotHttp");
        assert!(attempt.reason.contains(shown), "{}", attempt.reason);
        assert!(!attempt.answer_head.is_empty());
    }
    let logs = lab.client.get("/logs").await.text();
    assert!(
        logs.contains("not HTTP") && !logs.contains("OpenSSH"),
        "{logs}"
    );
}

#[tokio::test]
async fn a_receiver_that_closes_without_saying_so_costs_no_attempt() {
    const COUNT: usize = 400;
    let lab = Lab::start().await;
    let (url, mut requests) = closing("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    lab.register("w", &url, "sms:received").await;
    for number in 0..COUNT {
        lab.receive(&number.to_string()).await;
    }
    // The clock stands still: a burnt attempt would never be made up for.
    for _ in 0..COUNT {
        within("a request arrives", requests.recv()).await.unwrap();
    }
    let all = |deliveries: &[simrelay_core::DeliveryRecord]| {
        deliveries
            .iter()
            .all(|delivery| delivery.state == "delivered")
    };
    let deliveries = lab.deliveries_once("w", all).await;
    assert!(deliveries.iter().all(|delivery| delivery.attempts == 1));
}

/// The end of a kept connection at the moment of reuse is seen only after the request went out.
#[tokio::test]
async fn a_kept_connection_that_ends_unanswered_is_replaced_within_the_attempt() {
    let lab = Lab::start().await;
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let (url, mut requests) = serving(answer, 1, true).await;
    lab.register("w", &url, "sms:received").await;
    for (text, expected) in [("first", 1), ("second", 2), ("third", 2)] {
        lab.receive(text).await;
        let delivered = |delivery: &simrelay_core::DeliveryRecord| delivery.state == "delivered";
        let delivery = lab.newest("w", delivered).await;
        assert_eq!(
            (delivery.attempts, delivery.history.len()),
            (1, 1),
            "{text}"
        );
        for _ in 0..expected {
            within("a request arrives", requests.recv()).await.unwrap();
        }
        assert!(requests.is_empty());
    }
}

#[tokio::test]
async fn a_fresh_connection_that_ends_unanswered_is_an_attempt() {
    let lab = Lab::start().await;
    let (url, mut requests) = serving("", 0, true).await;
    lab.register("w", &url, "sms:received").await;
    lab.receive("hello").await;
    assert_eq!(lab.after_attempts("w", 1).await.history[0].class, "Closed");
    within("a request arrives", requests.recv()).await.unwrap();
    assert!(requests.is_empty());
}

#[tokio::test]
async fn header_names_go_out_as_they_are_documented() {
    let lab = Lab::start().await;
    let (url, mut requests) = closing("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let url = url.replace("//", "//us%40er:p%3Aw@");
    lab.register("w", &url, "sms:received").await;
    lab.receive("hello").await;
    let request = within("a request arrives", requests.recv()).await.unwrap();
    let (head, _) = request.split_once("\r\n\r\n").unwrap();
    let names: Vec<_> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split(':').next())
        .collect();
    assert!(head.starts_with("POST /hook HTTP/1.1\r\n"), "{head}");
    let expected = [
        "Host",
        "User-Agent",
        "Accept",
        "Content-Type",
        "Content-Length",
        "Authorization",
        "X-Timestamp",
        "X-Signature",
    ];
    assert_eq!(names, expected);
    assert!(
        head.contains("Authorization: Basic dXNAZXI6cDp3\r\n"),
        "{head}"
    );
}

#[tokio::test]
async fn an_answer_before_the_request_was_read_counts() {
    let lab = Lab::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut some = [0; 16];
        stream.read_exact(&mut some).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
            .await
            .unwrap();
    });
    lab.register("w", &url, "sms:received").await;
    lab.receive(&"long ".repeat(2_000)).await;
    serving.await.unwrap();
    let attempt = lab.after_attempts("w", 1).await.history.remove(0);
    assert_eq!((attempt.class.as_str(), attempt.status), ("Status", 413));
}

/// A test and a delivery find the one address of a name where somebody listens.
#[tokio::test]
async fn a_test_goes_the_way_of_a_delivery() {
    let lab = Lab::start().await;
    let (url, _requests) = closing("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\nok").await;
    let url = url.replace("127.0.0.1", "localhost");
    lab.register("w", &url, "sms:received").await;
    let answer = lab
        .client
        .post("/webhooks/w/test", &serde_json::json!({}))
        .await;
    let body = answer.json();
    let names: Vec<_> = body["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["url", "name", "connection", "http"], "{body}");
    assert_eq!((&body["ok"], &body["status"]), (&true.into(), &200.into()));
    lab.receive("hello").await;
    assert_eq!(lab.after_attempts("w", 1).await.history[0].class, "Success");
}
