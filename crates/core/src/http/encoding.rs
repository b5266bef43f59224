//! The encodings that a client accepts and the versions that it has (RFC 9110, 12.5.3 and 13.1.2).

use std::io::Write;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Returns whether the client already has the version with this tag (RFC 9110, 13.1.2).
pub(crate) fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    listed(headers, &header::IF_NONE_MATCH)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known).as_bytes() == tag)
}

/// Returns whether the client accepts gzip (RFC 9110, 12.5.3).
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    let mut others = false;
    for taken in listed(headers, &header::ACCEPT_ENCODING) {
        let (coding, weight) = taken.split_once(';').unwrap_or((taken, ""));
        let weight = weight.trim().to_ascii_lowercase();
        let weight = weight.strip_prefix("q=").map(str::parse::<f32>);
        let refused = matches!(weight, Some(Ok(weight)) if weight <= 0.0);
        match coding.trim() {
            "*" => others = !refused,
            coding if coding.eq_ignore_ascii_case("gzip") => return !refused,
            _ => {}
        }
    }
    others
}

/// Returns the members of a list header. No member that we compare contains a comma.
fn listed<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

/// Compresses bytes. Writing into memory does not fail; if it did, the result would be empty, not
/// cut.
pub(crate) fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes);
    written
        .and_then(|()| encoder.finish())
        .unwrap_or_default()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn takes_gzip_only_if_the_client_accepts_it() {
        for (accepted, expected) in [
            ("gzip", true),
            ("br, GZIP;q=0.1", true),
            ("gzip ; q=1.000", true),
            ("*", true),
            ("gzip;q=0", false),
            ("*, gzip;q=0.0", false),
            ("gzip; Q=0.000, *;q=1", false),
            ("*;q=0", false),
            ("identity", false),
            ("notgzip", false),
            ("", false),
        ] {
            let taken = takes_gzip(&headers(header::ACCEPT_ENCODING, accepted));
            assert_eq!(taken, expected, "{accepted}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn is_known_compares_only_the_tag() {
        let tag = HeaderValue::from_static("\"a\"");
        for (known, expected) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", W/\"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
            ("\"a-gzip\"", false),
            ("", false),
        ] {
            let found = is_known(&headers(header::IF_NONE_MATCH, known), &tag);
            assert_eq!(found, expected, "{known}");
        }
    }
}
