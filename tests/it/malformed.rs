//! Bodies that are no JSON.

use serde_json::{Value, json};
use simrelay_tests::Lab;

fn message() -> Value {
    json!({"message": "Hello", "phoneNumbers": ["+12025550143"]})
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told_why_and_where() {
    let lab = Lab::start().await;
    let post = async |content_type: &str, body: &[u8]| {
        let answer = lab
            .client
            .send_bytes("POST", "/messages", content_type, body)
            .await;
        (answer.status, answer.sentence())
    };
    let json = "application/json";
    let with_mark = [b"\xEF\xBB\xBF".as_slice(), message().to_string().as_bytes()].concat();
    assert_eq!(post(json, &with_mark).await.0, 202);
    let twice = [b"\xEF\xBB\xBF".as_slice(), &with_mark].concat();
    assert_eq!(post(json, &twice).await.0, 400);
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (body, parts) in [
        (b"".as_slice(), ["empty", ""]),
        (b" \n", ["empty", ""]),
        (b"{\"message\": \"caf\xE9\"}", ["UTF-8", "byte 17"]),
        (b"{\"message\": \"\xED\xA0\xBD\"}", ["surrogate", "byte 14"]),
        (&utf16, ["UTF-16", "UTF-8"]),
        (b"\xFF\xFE{\0", ["UTF-16", "UTF-8"]),
        (
            b"{\n\"message\": \"a\nb\"}",
            ["line break", "line 2, column 14"],
        ),
        (b"{\"message\": \"a\tb\"}", ["tab", "line 1, column 15"]),
        (b"{\"message\": \"a\0b\"}", ["U+0000", "line 1, column 15"]),
        (
            br#"{"message": "a\ud83db"}"#,
            ["surrogate", "line 1, column 15"],
        ),
        (
            br#"{"message": "\udc00"}"#,
            ["surrogate", "line 1, column 14"],
        ),
        (br#"{"message": "\x"}"#, ["escape", "line 1, column 14"]),
        (br#"{"message": "a"#, ["ends", ""]),
        (br#"{"message": "a""#, ["ends", ""]),
        (br#"{"message": "a",}"#, ["comma", "line 1, column 17"]),
        (b"{'message': 'a'}", ["double quotes", "line 1, column 2"]),
        (b"{message: 1}", ["double quotes", "line 1, column 2"]),
        (br#"{"priority": NaN}"#, ["NaN", "line 1, column 14"]),
        (br#"{"priority": 01}"#, ["number", "line 1, column"]),
        (br#"{"isEncrypted": True}"#, ["True", "line 1, column 17"]),
        (br#"{} {}"#, ["after", "line 1, column 4"]),
        (b"message=hi&to=1", ["valid JSON", "line 1, column 1"]),
        (b"\x1f\x8b\x08\x00", ["compressed", "gzip"]),
    ] {
        let (status, sentence) = post(json, body).await;
        assert_eq!(status, 400, "{sentence}");
        for part in parts {
            assert!(
                sentence.contains(part),
                "{:?}: {sentence}",
                String::from_utf8_lossy(body)
            );
        }
        assert!(
            sentence.ends_with('.') && !sentence.contains("caf"),
            "{sentence}"
        );
    }
    for (kind, part) in [
        (
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded",
        ),
        ("text/plain; charset=utf-8", "text/plain"),
        ("", "Content-Type: application/json"),
    ] {
        let (status, sentence) = post(kind, b"message=hi").await;
        assert_eq!(status, 415);
        assert!(sentence.contains(part), "{sentence}");
    }
    for (coding, status) in [
        ("gzip", 415),
        ("br", 415),
        ("identity", 202),
        ("secret word", 415),
    ] {
        let client = lab.client.with("Content-Encoding", coding);
        let answer = client.post("/messages", &message()).await;
        assert_eq!(answer.status, status, "{coding}");
        let named = answer
            .sentence()
            .contains(&format!("Content-Encoding: {coding}"));
        assert_eq!(
            named,
            matches!(coding, "gzip" | "br"),
            "{}",
            answer.sentence()
        );
    }
}
