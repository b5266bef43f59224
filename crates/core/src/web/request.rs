//! The request of a delivery: its URL, headers, body, and a command that repeats it.

use maud::{Markup, html};
use url::Url;

use super::untrusted_text::{foreign, visible};
use super::visit::Visit;
use super::webhook_form::without_secrets;
use crate::model::clock::UnixMillis;
use crate::webhooks::sign;

/// Of a longer body only the beginning is shown, and a shell takes no longer argument.
const SHOWN: usize = 64 * 1024;

/// The headers of every request; a test compares them with those that arrive.
const HEADERS: [(&str, &str); 2] = [
    (
        "User-Agent",
        concat!("SimRelay/", env!("CARGO_PKG_VERSION")),
    ),
    ("Content-Type", "application/json"),
];

/// Shows the URL, the headers and the body. `url` is the webhook's present one, if it still exists.
pub(super) fn shown(visit: &Visit, id: &str, url: Option<&str>, body: &[u8]) -> Markup {
    let w = visit.words;
    let text = String::from_utf8_lossy(body);
    let signed = visit.web.gateway.settings().signing_key().is_some();
    let with_user = url
        .and_then(|url| Url::parse(url).ok())
        .is_some_and(|url| !url.username().is_empty() || url.password().is_some());
    html! {
        h2 { (w.get("request")) }
        p { code dir="ltr" { "POST" } " "
            @match url {
                Some(url) => { span.clamp { (foreign(&without_secrets(url))) } span.faint { (w.get("request-url")) } },
                None => (w.get("replay-nowhere")),
            }
        }
        pre tabindex="0" dir="ltr" {
            @for (name, value) in HEADERS { (name) ": " (value) "\n" }
            @if with_user { "Authorization: Basic …\n" }
            @if signed { "X-Timestamp: …\nX-Signature: …\n" }
        }
        @if signed { p.faint { (w.get("request-signed")) } }
        @if body.len() <= SHOWN {
            pre tabindex="0" dir="ltr" { (visible(&pretty(&text))) }
            p { button.quiet type="button" data-copy=(text) hidden { (w.get("copy-body")) } }
            @if let Some(url) = url {
                details {
                    summary { (w.get("copy-curl")) }
                    p.faint { (w.get("copy-curl-why")) }
                    @let command = curl(visit, url, &text);
                    pre tabindex="0" dir="ltr" { (visible(&command)) }
                    button.quiet type="button" data-copy=(command) aria-label={ (w.get("copy")) ": curl" } hidden { (w.get("copy")) }
                }
            }
        } @else {
            pre tabindex="0" dir="ltr" { (visible(&pretty(head(&text)))) }
            p { (w.count("body-cut", u64::try_from(body.len()).unwrap_or(u64::MAX))) " "
                code dir="ltr" { "GET /deliveries/" (id) "?include=body" } }
        }
    }
}

/// Shows the timestamp and the signature of an attempt, made with the present signing key.
pub(super) fn signature(visit: &Visit, body: &[u8], started_at: UnixMillis) -> Markup {
    let key = visit.web.gateway.settings().signing_key();
    html! {
        @if let Some(key) = key {
            @let timestamp = started_at.seconds().to_string();
            details {
                summary { (visit.words.get("attempt-signature")) }
                pre tabindex="0" dir="ltr" {
                    "X-Timestamp: " (timestamp) "\n"
                    "X-Signature: " (sign(&key, body, &timestamp)) "\n"
                }
            }
        }
    }
}

/// Returns a command for a POSIX shell that sends the same body with a new signature.
fn curl(visit: &Visit, url: &str, body: &str) -> String {
    let mut headers = HEADERS
        .map(|(name, value)| format!("{name}: {value}"))
        .to_vec();
    if let Some(key) = visit.web.gateway.settings().signing_key() {
        let timestamp = visit.now.seconds().to_string();
        let signature = sign(&key, body.as_bytes(), &timestamp);
        headers.push(format!("X-Timestamp: {timestamp}"));
        headers.push(format!("X-Signature: {signature}"));
    }
    // curl must not expand brackets and braces of a URL.
    let mut command = format!("curl --globoff {}", quoted(url));
    for header in headers {
        command += &format!(" \\\n  -H {}", quoted(&header));
    }
    command + &format!(" \\\n  --data-raw {}", quoted(body))
}

/// Quotes a text as one word for a POSIX shell (2.2.2: nothing is special between single quotes but
/// their end).
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(SHOWN)]
}

/// Breaks JSON into lines; its content and order stay unchanged.
fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut characters = json.chars().peekable();
    while let Some(c) = characters.next() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '{' | '[' if matches!(characters.peek(), Some('}' | ']')) => {
                out.push(c);
                out.extend(characters.next());
            }
            '{' | '[' => {
                depth += 1;
                out.push(c);
                new_line(&mut out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c => {
                in_string = c == '"';
                out.push(c);
            }
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_breaks_a_body_into_lines_and_changes_nothing_else() {
        for (json, expected) in [
            ("{}", "{}"),
            ("[]", "[]"),
            (r#"{"b":1,"a":[]}"#, "{\n  \"b\": 1,\n  \"a\": []\n}"),
            (
                r#"{"a":"{\"x\":[1,2]}\\"}"#,
                "{\n  \"a\": \"{\\\"x\\\":[1,2]}\\\\\"\n}",
            ),
            ("[1.50,true]", "[\n  1.50,\n  true\n]"),
            (r#"{"a":"cut"#, "{\n  \"a\": \"cut"),
            ("}}", "\n}\n}"),
        ] {
            assert_eq!(pretty(json), expected, "{json}");
        }
    }

    #[test]
    fn quoted_text_is_one_word_for_a_shell() {
        for (text, expected) in [
            ("plain", "'plain'"),
            ("", "''"),
            ("it's", r"'it'\''s'"),
            ("$HOME `id` \\", "'$HOME `id` \\'"),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }

    #[test]
    fn head_cuts_a_long_body_between_characters() {
        let text = "a".repeat(SHOWN - 1) + "é";
        assert_eq!(head(&text).len(), SHOWN - 1);
        assert_eq!(head("short"), "short");
    }
}
