//! The stylesheet, the script and the icon: built into the program, with an ETag, compressed once.

use std::sync::OnceLock;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use ring::digest::{SHA256, digest};

use super::{Web, not_found};
use crate::http::encoding::{gzip, is_known, takes_gzip};

struct Asset {
    name: &'static str,
    media: &'static str,
    text: &'static str,
    made: OnceLock<Made>,
}

/// The encodings of an asset, made at its first request. Each encoding has its own tag.
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

/// Serves one of the assets; nothing else is ever looked up, in particular no file.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_are_small_together() {
        let size: usize = ASSETS.iter().map(|asset| asset.text.len()).sum();
        assert!(size < 30_000, "{size}");
    }
}
