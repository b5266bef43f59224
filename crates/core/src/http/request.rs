//! What both faces ask of a request.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};

/// The text of a header; `""` if it is absent or no text.
pub(crate) fn header_text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Whether the client wants a page and brings no credentials of the API.
pub(crate) fn is_browser(headers: &HeaderMap) -> bool {
    header_text(headers, header::ACCEPT).contains("text/html")
        && !headers.contains_key(header::AUTHORIZATION)
}

/// The address that a request comes from.
pub(crate) fn peer_of(parts: &Parts) -> IpAddr {
    let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())
}
