//! Request helpers that the API and the page share.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};

/// Returns the text of a header, or `""` if it is absent or not text.
pub(crate) fn header_text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Returns whether the client wants a page and brings no API credentials.
pub(crate) fn is_browser(headers: &HeaderMap) -> bool {
    header_text(headers, header::ACCEPT).contains("text/html")
        && !headers.contains_key(header::AUTHORIZATION)
}

/// Returns the address that a request comes from.
pub(crate) fn peer_of(parts: &Parts) -> IpAddr {
    let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())
}
