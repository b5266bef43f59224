//! The cookie of a session, and the token that its forms carry.

use axum::http::{HeaderMap, HeaderValue, header};
use ring::digest::{SHA256, digest};

use super::Web;
use crate::model::hex::hex;

/// Returns the name of the cookie. Cookies do not tell ports apart, so two gateways on one host
/// need two names.
fn cookie_name(web: &Web) -> String {
    let id = web.gateway.device().made_id();
    format!("simrelay_{}", id.get(..8).unwrap_or_default())
}

/// Returns the token in the session's cookie.
pub(super) fn session_of(headers: &HeaderMap, web: &Web) -> Option<String> {
    let name = cookie_name(web);
    let cookies = headers.get_all(header::COOKIE).iter();
    cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, token)| token.to_owned())
}

/// Makes the cookie of a session; without a token, the one that removes it.
pub(super) fn cookie(web: &Web, token: Option<&str>) -> HeaderValue {
    let age = token.map_or(0, |_| crate::gateway::SESSION_LIFETIME.as_secs());
    let text = format!(
        "{}={}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict",
        cookie_name(web),
        token.unwrap_or_default(),
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// Returns the token of a session's forms. It is derived from the session's, so no other token is
/// stored.
pub(super) fn form_token(session: &str) -> String {
    let text = format!("form:{session}");
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}
