//! Authenticates requests (protocol.md 1.2).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::ApiState;
use super::access::Rule;
use super::error::{ApiError, retry_after};
use crate::http::request::is_browser;
use crate::tokens::{Bearer, TokenError, TokenUse};

const NO_CREDENTIALS: &str =
    "Authentication required: send the user and password with HTTP Basic, or a token as Bearer.";

/// The caller, for the handlers that need it.
#[derive(Clone, Debug)]
pub(super) enum Caller {
    /// The caller has the password.
    Owner,
    /// The caller has a token.
    Token(Bearer),
}

impl Caller {
    /// Returns whether the caller has that scope.
    pub fn may(&self, scope: &str) -> bool {
        match self {
            Self::Owner => true,
            Self::Token(bearer) => bearer.scopes.hold(scope),
        }
    }
}

/// Admits a request if its path is open, or if its credentials are right and allow the route; it
/// then carries its [`Caller`].
pub(crate) async fn admit(state: &ApiState, request: &mut Request) -> Result<(), ApiError> {
    let of_browser = request.uri().path() == "/" && is_browser(request.headers());
    if of_browser || is_open(request.uri().path()) {
        return Ok(());
    }
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    let rule = state.access.of(request);
    let authorization = request.headers().get(header::AUTHORIZATION).cloned();
    let caller = check(state, rule, authorization, peer).await?;
    crate::http::permits::note_known(request.extensions());
    request.extensions_mut().insert(caller);
    Ok(())
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

async fn check(
    state: &ApiState,
    rule: &Rule,
    authorization: Option<HeaderValue>,
    peer: IpAddr,
) -> Result<Caller, ApiError> {
    if let Some(wait) = state.throttle.wait(peer) {
        let (name, value) = retry_after(wait.as_secs().max(1));
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many wrong passwords from this address. Wait as long as Retry-After says.",
        )
        .with_header(name, value));
    }
    let Some(given) = authorization else {
        return Err(unauthorized(NO_CREDENTIALS));
    };
    let text = given.to_str().unwrap_or_default();
    let (scheme, value) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        return by_token(state, rule, value.trim()).await;
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(unauthorized(NO_CREDENTIALS));
    }
    by_password(state, value.trim(), peer)?;
    if !rule.basic {
        return Err(unauthorized(
            "This route needs a refresh token as Bearer, not the password. Send the password to POST /auth/token.",
        ));
    }
    Ok(Caller::Owner)
}

fn by_password(state: &ApiState, encoded: &str, peer: IpAddr) -> Result<(), ApiError> {
    let decoded = STANDARD
        .decode(encoded)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((user, password)) = decoded.as_deref().and_then(|text| text.split_once(':')) else {
        return Err(unauthorized(NO_CREDENTIALS));
    };
    if state.gateway.credentials().fits(user, password) {
        return Ok(());
    }
    state.throttle.wrong_password(peer);
    Err(unauthorized("The user or the password is wrong."))
}

/// A wrong token is no guess at a password, so it is not counted against anybody.
async fn by_token(state: &ApiState, rule: &Rule, token: &str) -> Result<Caller, ApiError> {
    let bearer = state.gateway.tokens().read(token)?;
    if rule.is_refresh() {
        if bearer.token_use != TokenUse::Refresh {
            return Err(unauthorized(
                "This route needs the refresh token, not the access token.",
            ));
        }
        // The exchange itself checks whether the token was used or revoked before.
        return Ok(Caller::Token(bearer));
    }
    if bearer.token_use != TokenUse::Access {
        return Err(unauthorized(
            "This is a refresh token. Only POST /auth/token/refresh accepts it.",
        ));
    }
    if !state.gateway.tokens().is_live(&bearer).await? {
        return Err(TokenError::Revoked.into());
    }
    let opens = |set: &Vec<String>| set.iter().all(|scope| bearer.scopes.hold(scope));
    if rule.scopes.iter().any(opens) {
        return Ok(Caller::Token(bearer));
    }
    Err(needs_scope(&rule.wanted()))
}

/// Returns the error for a token that lacks a scope.
pub(super) fn needs_scope(wanted: &str) -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        format!("This token lacks the required scope {wanted}."),
    )
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        unauthorized(&error.to_string())
    }
}

pub(super) fn unauthorized(message: &str) -> ApiError {
    const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"SimRelay\"");
    ApiError::new(StatusCode::UNAUTHORIZED, message)
        .with_header(header::WWW_AUTHENTICATE, CHALLENGE)
}
