//! Who may pass (protocol.md 1.2).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::ApiState;
use super::error::{ApiError, retry_after};

/// Lets a request pass if its path is open or its credentials are right.
pub(super) async fn require(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let of_browser = request.uri().path() == "/" && crate::web::is_browser(request.headers());
    if of_browser || is_open(request.uri().path()) {
        return next.run(request).await;
    }
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    match check(&state, &request, peer) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn is_open(path: &str) -> bool {
    let first = path
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or_default();
    // The page has sessions of its own.
    matches!(first, "health" | "docs" | "ui")
}

fn check(state: &ApiState, request: &Request, peer: IpAddr) -> Result<(), ApiError> {
    if let Some(wait) = state.throttle.wait(peer) {
        let (name, value) = retry_after(wait.as_secs().max(1));
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many wrong passwords from this address. Wait as long as Retry-After says.",
        )
        .with_header(name, value));
    }
    let Some(given) = request.headers().get(header::AUTHORIZATION) else {
        return Err(unauthorized(
            "Send the user and password with HTTP Basic authentication.",
        ));
    };
    let text = given.to_str().unwrap_or_default();
    let (scheme, value) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        return Err(unauthorized(
            "This token is not valid here. Use the user and password.",
        ));
    }
    let decoded = scheme
        .eq_ignore_ascii_case("basic")
        .then(|| STANDARD.decode(value.trim()).ok())
        .flatten()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((user, password)) = decoded.as_deref().and_then(|text| text.split_once(':')) else {
        return Err(unauthorized(
            "Send the user and password with HTTP Basic authentication.",
        ));
    };
    if state.gateway.credentials().fits(user, password) {
        return Ok(());
    }
    state.throttle.wrong_password(peer);
    Err(unauthorized("The user or the password is wrong."))
}

fn unauthorized(message: &str) -> ApiError {
    const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"SimRelay\"");
    ApiError::new(StatusCode::UNAUTHORIZED, message)
        .with_header(header::WWW_AUTHENTICATE, CHALLENGE)
}
