//! Requests that cannot be right, as bytes on a connection.

use simrelay_tests::{Lab, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const AUTHORIZATION: &str = "Authorization: Basic c21zOnBhc3N3b3Jk";

/// All that is answered to these bytes until the API closes the connection.
async fn answered(lab: &Lab, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(lab.client.address()).await.unwrap();
    // What is refused need not be read to its end.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    within("the connection is closed", read).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn http_1_1_names_its_host_once() {
    let lab = Lab::start().await;
    for (hosts, version, expected) in [
        ("", "1.1", "Send a Host header"),
        ("Host: a\r\nHost: a\r\n", "1.1", "Send one Host header"),
        ("Host: a\r\nHost: b\r\n", "1.0", "Send one Host header"),
        ("Host:\r\n", "1.1", "Host must be the name"),
        ("Host: a, b\r\n", "1.1", "Host must be the name"),
        ("Host: user@a\r\n", "1.1", "Host must be the name"),
    ] {
        for path in [
            "/webhooks",
            "/health/live",
            "/ui/sign-in",
            "http://a/webhooks",
        ] {
            let request = format!("GET {path} HTTP/{version}\r\n{hosts}{AUTHORIZATION}\r\n\r\n");
            let answer = answered(&lab, request.as_bytes()).await;
            let told = format!("{path} {hosts}: {answer}");
            assert!(
                answer.starts_with(&format!("HTTP/{version} 400 ")),
                "{told}"
            );
            assert!(answer.contains(expected), "{told}");
            assert!(answer.contains("\r\nx-request-id: "), "{told}");
        }
    }
    for (target, hosts, version) in [
        ("/webhooks", "", "1.0"),
        (
            "/webhooks",
            "Host: [::1]:8080\r\nConnection: close\r\n",
            "1.1",
        ),
        (
            "http://a/webhooks",
            "Host: a\r\nConnection: close\r\n",
            "1.1",
        ),
    ] {
        let request = format!("GET {target} HTTP/{version}\r\n{hosts}{AUTHORIZATION}\r\n\r\n");
        let answer = answered(&lab, request.as_bytes()).await;
        assert!(answer.contains(" 200 OK\r\n"), "{hosts}: {answer}");
    }
}

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_refused_before_it_comes() {
    let lab = Lab::start().await;
    for (head, length) in [
        (
            format!("POST /messages HTTP/1.1\r\n{AUTHORIZATION}\r\n"),
            1_048_577,
        ),
        (
            "POST /messages HTTP/1.1\r\n".into(),
            9_999_999_999_999_999_999_u64,
        ),
        ("POST /webhooks/w/test HTTP/1.1\r\n".into(), 5_000_000_000),
        ("GET /health HTTP/1.1\r\n".into(), 5_000_000_000),
        ("POST /ui/webhooks HTTP/1.1\r\n".into(), 1_048_577),
        (
            "POST /ui/sign-in HTTP/1.1\r\nOrigin: http://a\r\n".into(),
            8_193,
        ),
    ] {
        for expect in ["", "Expect: 100-continue\r\n"] {
            let request = format!(
                "{head}Host: a\r\nContent-Type: application/x-www-form-urlencoded\r\n{expect}Content-Length: {length}\r\n\r\n"
            );
            let mut stream = TcpStream::connect(lab.client.address()).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            let read = stream.read_to_string(&mut answer);
            within("the connection is closed", read).await.unwrap();
            assert!(
                answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"),
                "{head}{answer}"
            );
            assert!(answer.contains("connection: close\r\n"), "{head}{answer}");
        }
    }
}

#[tokio::test]
async fn whoever_sends_too_much_all_the_same_reads_why() {
    let lab = Lab::start().await;
    let body = "x".repeat(3 << 20);
    let json = format!("Content-Type: application/json\r\nHost: a\r\n{AUTHORIZATION}");
    let long = format!(
        "POST /messages HTTP/1.1\r\n{json}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let chunks = format!(
        "POST /messages HTTP/1.1\r\n{json}\r\nTransfer-Encoding: chunked\r\n\r\n300000\r\n{body}\r\n0\r\n\r\n"
    );
    let form = format!(
        "POST /ui/sign-in HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n300000\r\n{body}\r\n0\r\n\r\n"
    );
    for (request, expected) in [
        (long, "larger than 1 MiB"),
        (chunks, "larger than 1 MiB"),
        (form, "This is too long."),
    ] {
        let answer = answered(&lab, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains(expected), "{answer}");
    }
    let at_the_limit = format!(
        "POST /messages HTTP/1.1\r\n{json}\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n{}",
        "x".repeat(1 << 20)
    );
    let answer = answered(&lab, at_the_limit.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}
