//! The headers that keep a browser from misusing a page: nothing inline, nothing from other sites,
//! no frames, no referrer.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

/// Sets the headers of everything under `/ui`, and of the page at `/`.
pub(super) fn harden(headers: &mut HeaderMap) {
    const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
        connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // The contents of a page are private.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

pub(super) async fn harden_all(mut response: Response) -> Response {
    harden(response.headers_mut());
    response
}
