//! The stylesheet, the script and the icon: part of the program, with an ETag, compressed once.

use std::io::Write;
use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};

struct Asset {
    name: &'static str,
    media: &'static str,
    text: &'static str,
    made: OnceLock<(HeaderValue, Bytes)>,
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
pub(super) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (tag, packed) = asset.made.get_or_init(|| {
        let hash = crate::webhooks::hex(digest(&SHA256, asset.text.as_bytes()).as_ref());
        let tag = format!("\"{}\"", hash.get(..20).unwrap_or_default());
        let tag = HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"0\""));
        (tag, gzip(asset.text.as_bytes()))
    });
    let kept = [
        (header::ETAG, tag.clone()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::VARY, HeaderValue::from_static("Accept-Encoding")),
    ];
    if headers.get(header::IF_NONE_MATCH) == Some(tag) {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    let media = [(header::CONTENT_TYPE, asset.media)];
    if takes_gzip(&headers) {
        let packing = [(header::CONTENT_ENCODING, "gzip")];
        return (kept, media, packing, packed.clone()).into_response();
    }
    (kept, media, asset.text).into_response()
}

/// Whether the client takes gzip.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("gzip"))
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

    #[test]
    fn all_together_are_small() {
        let size: usize = ASSETS.iter().map(|asset| asset.text.len()).sum();
        assert!(size < 30_000, "{size}");
    }
}
