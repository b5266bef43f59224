use proptest::prelude::*;

use super::*;

fn read(bytes: &[u8]) -> Answer {
    let mut answer = Answer::default();
    answer.take(bytes);
    answer
}

/// Accepts every status that `curl` accepts, and also leading white space and odd versions.
#[test]
fn status_is_read_from_the_status_line() {
    let check = |bytes: &str, expected: Option<u16>| {
        assert_eq!(read(bytes.as_bytes()).status(), expected, "{bytes:?}");
    };
    for line in [
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200\r\n",
        "HTTP/1.1 200 \r\n",
        "HTTP/1.1 200 OK\n",
        "HTTP/1.0 200 OK\r\n",
        "http/1.1 200 OK\r\n",
        "HTTP/1.2 200 OK\r\n",
        "HTTP/1 200 OK\r\n",
        "HTTP/2 200 OK\r\n",
        "HTTP/2.0 200 OK\r\n",
        "HTTP/1.1 200OK\r\n",
        "HTTP/1.1  200 OK\r\n",
        "HTTP/1.1\t200 OK\r\n",
        "\r\n\r\nHTTP/1.1 200 OK\r\n",
        " HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
        "HTTP/1.1 102 a\r\n\r\nHTTP/1.1 103 b\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n",
        "HTTP/1.1 100 a\n\nHTTP/1.1 200 OK\n",
    ] {
        check(line, Some(200));
    }
    check("HTTP/1.1 101 Switching Protocols\r\n", Some(101));
    check("HTTP/1.1 999 x\r\n", Some(999));
    for line in [
        "HTTP/1.1 200 O",
        "HTTP/1.1 2000 OK\r\n",
        "HTTP/1.1 20 OK\r\n",
        "HTTP/1.1 +20 OK\r\n",
        "HTTP/1.1 000 OK\r\n",
        "HTTP/x 200 OK\r\n",
        "ICY 200 OK\r\n",
        "Status: 200\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        check(line, None);
    }
    let long = format!("HTTP/1.1 200 {}", "x".repeat(LONGEST_LINE));
    check(&long, Some(200));
}

#[test]
fn answer_tolerates_any_bytes_after_the_status() {
    let cookies = "Set-Cookie: a=b\r\n".repeat(101);
    let huge = "x".repeat(1 << 20);
    for rest in [
        &*cookies,
        "X: a\r\n b\r\n",
        "no colon\r\n",
        "A: b\0c\r\n",
        "N\u{e4}me: \u{e4}\r\n",
        " : x\r\n",
        "Content-Length: 2\r\nContent-Length: 5\r\n",
        "Content-Length: abc\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc",
        "Transfer-Encoding: gzip\r\n",
        &*huge,
    ] {
        let answer = read(format!("HTTP/1.1 200 OK\r\n{rest}\r\nok").as_bytes());
        assert_eq!(answer.status(), Some(200));
    }
}

#[test]
fn answer_leaves_a_usable_connection_only_if_its_framing_is_clear() {
    let check = |rest: &str, usable: bool, body: &str| {
        let answer = read(format!("HTTP/1.1 {rest}").as_bytes());
        let seen = (answer.leaves_a_usable_connection(), answer.body_head());
        assert_eq!(seen, (usable, body.to_owned()), "{rest:?}");
    };
    check("200 OK\r\nContent-Length: 2\r\n\r\nok", true, "ok");
    check("200 OK\r\nContent-Length: 0\r\n\r\n", true, "");
    check("204 No\r\n\r\n", true, "");
    let chunked = "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    check(&format!("{chunked}2;x=y\r\nok\r\n0\r\n\r\n"), true, "ok");
    check(&format!("{chunked}0\r\nTrailer: x\r\n\r\n"), true, "");
    check(&format!("{chunked}2\r\nok\r\n0\r\n"), false, "ok");
    check(&format!("{chunked}2\r\nokay\r\n0\r\n\r\n"), false, "ok");
    check("200 OK\r\nContent-Length: 2\r\n\r\no", false, "o");
    check("200 OK\r\nContent-Length: 2\r\n\r\nokay", false, "ok");
    check("200 OK\r\n\r\nok", false, "ok");
    check(
        "200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n",
        false,
        "",
    );
    check(
        "200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        false,
        "ok",
    );
    check("200 OK\nContent-Length: 2\n\nok", false, "ok");
    check(
        "200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
        false,
        "ok",
    );
    check(
        "200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        false,
        "",
    );
    let old = |field: &str| {
        let text = format!("HTTP/1.0 200 OK\r\n{field}Content-Length: 0\r\n\r\n");
        read(text.as_bytes()).leaves_a_usable_connection()
    };
    assert!(!old("") && old("Connection: keep-alive\r\n"));
}

#[test]
fn answer_without_http_is_detected_by_its_first_bytes() {
    let check = |bytes: &[u8], no_http: bool, shown: &str| {
        let answer = read(bytes);
        assert_eq!(answer.is_no_http(), no_http, "{shown}");
        assert_eq!(answer.first_bytes(), shown);
    };
    check(b"SSH-2.0-OpenSSH_9.6\r\n", true, "SSH-2.0-OpenSSH_9.6");
    check(b"220 mail ESMTP\r\n", true, "220 mail ESMTP");
    check(
        b"\x15\x03\x01\x00\x02\x02F",
        true,
        r"\x15\x03\x01\x00\x02\x02F",
    );
    check(b"\0\0\x12\x04\0", true, r"\x00\x00\x12\x04\x00");
    check(b"<html>", true, "<html>");
    check(b"HTTPS", true, "HTTPS");
    check(b"HTT", false, "HTT");
    check(b"HTTP/1.1 2", false, "HTTP/1.1 2");
    check(b"", false, "");
    assert!(read(b"\x15\x03\x01\x00\x02\x02F").is_tls());
    assert_eq!(read(&[b'x'; 4096]).first_bytes().len(), SHOWN);
}

proptest! {
    #[test]
    fn answer_does_not_depend_on_how_the_bytes_are_cut(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        prefix in prop_oneof![
            Just(""),
            Just("HTTP/1.1 200 OK\r\n"),
            Just("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
        ],
        cut in 1..50usize,
    ) {
        let bytes = [prefix.as_bytes(), &bytes].concat();
        let mut cut_up = Answer::default();
        bytes.chunks(cut).for_each(|part| cut_up.take(part));
        let whole = read(&bytes);
        prop_assert_eq!(format!("{cut_up:?}"), format!("{whole:?}"));
    }
}
