//! The stylesheet, the script and the icon: part of the program, with an ETag, compressed once.

use std::io::Write;
use std::sync::OnceLock;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};

use super::{Web, not_found};

struct Asset {
    name: &'static str,
    media: &'static str,
    text: &'static str,
    made: OnceLock<Made>,
}

/// What is made of an asset when it is first asked for. Each encoding has a tag of its own.
struct Made {
    tag: HeaderValue,
    packed_tag: HeaderValue,
    packed: Bytes,
}

static ASSETS: [Asset; 3] = [
    asset(
        "page.css",
        "text/css; charset=utf-8",
        include_str!("assets/page.css"),
    ),
    asset(
        "page.js",
        "text/javascript; charset=utf-8",
        include_str!("assets/page.js"),
    ),
    asset("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

const fn asset(name: &'static str, media: &'static str, text: &'static str) -> Asset {
    Asset {
        name,
        media,
        text,
        made: OnceLock::new(),
    }
}

/// One of them; nothing else is ever looked up, in particular no file.
pub(super) async fn serve(State(web): State<Web>, request: Request) -> Response {
    let name = request.uri().path().strip_prefix("/ui/assets/");
    let Some(asset) = ASSETS.iter().find(|asset| name == Some(asset.name)) else {
        return not_found::missing(State(web), request).await;
    };
    let headers = request.headers();
    let made = asset.made.get_or_init(|| Made::of(asset.text));
    let packing = takes_gzip(headers);
    let tag = if packing { &made.packed_tag } else { &made.tag };
    let kept = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::VARY, HeaderValue::from_static("Accept-Encoding")),
    ];
    if is_known(headers, tag) {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    let media = [(header::CONTENT_TYPE, asset.media)];
    if packing {
        let packing = [(header::CONTENT_ENCODING, "gzip")];
        return (kept, media, packing, made.packed.clone()).into_response();
    }
    (kept, media, asset.text).into_response()
}

impl Made {
    fn of(text: &str) -> Self {
        let hash = crate::model::hex::hex(digest(&SHA256, text.as_bytes()).as_ref());
        let hash = hash.get(..20).unwrap_or_default();
        let tag = |text: String| HeaderValue::try_from(text);
        let unknown = HeaderValue::from_static("\"0\"");
        Self {
            tag: tag(format!("\"{hash}\"")).unwrap_or_else(|_| unknown.clone()),
            packed_tag: tag(format!("\"{hash}-gzip\"")).unwrap_or(unknown),
            packed: gzip(text.as_bytes()),
        }
    }
}

/// Whether the client has what is tagged so (RFC 9110, 13.1.2).
fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    listed(headers, &header::IF_NONE_MATCH)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known).as_bytes() == tag)
}

/// Whether the client takes gzip (RFC 9110, 12.5.3).
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
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

/// The members of a header that is a list. None of ours holds a comma.
fn listed<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

/// Writing into memory does not fail; if it did, nothing would be sent instead of half.
pub(super) fn gzip(bytes: &[u8]) -> Bytes {
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
    fn gzip_goes_to_whoever_takes_it() {
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
    fn what_is_known_is_known_by_its_tag_alone() {
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

    #[test]
    fn all_together_are_small() {
        let size: usize = ASSETS.iter().map(|asset| asset.text.len()).sum();
        assert!(size < 30_000, "{size}");
    }
}
