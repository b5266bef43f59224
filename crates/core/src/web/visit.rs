//! Decides who may see the page and who may change something on it.
//!
//! * A *session* is a cookie with a random token, HttpOnly and SameSite=Strict. The API never reads
//!   it: a foreign page cannot make a browser use the API in its owner's name.
//! * A change needs a session, an `Origin` that is ours, and the session's form token. The token is
//!   derived from the session's, so no other token is stored.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::tz::TimeZone;
use subtle::ConstantTimeEq;
use url::form_urlencoded;

use super::hardening::harden;
use super::session::{form_token, session_of};
use super::words::{Words, language_of};
use super::{Listening, Web, layout};
use crate::http::body::{announced, body_error_status};
use crate::http::encoding::takes_gzip;
use crate::http::permits::note_known;
use crate::http::request::{header_text, peer_of};
use crate::http::site::{Site, site_of};
use crate::model::clock::UnixMillis;

/// The size limit of a form; certificates are the largest field.
pub(super) const FORM_LIMIT: usize = 512 * 1024;
/// The size limit of the sign-in form, which anybody may send.
pub(super) const SIGN_IN_LIMIT: usize = 8 * 1024;
/// The length limit of the path to go to after signing in, so that it fits into [`SIGN_IN_LIMIT`]
/// with every character escaped.
const NEXT_LIMIT: usize = 2_000;

/// An authenticated request to the page, with the data that the screens need.
pub(super) struct Visit {
    pub web: Web,
    pub words: &'static Words,
    /// The token that every form contains.
    pub form_token: String,
    pub session: String,
    pub gzip: bool,
    /// The name by which the browser reaches the gateway.
    pub host: String,
    /// The addresses where the server listens; empty if unknown.
    pub listening: Arc<[SocketAddr]>,
    pub query: HashMap<String, String>,
    pub now: UnixMillis,
    /// The number of writes before the shown content was read.
    pub commits: u64,
    pub zone: TimeZone,
    pub path: String,
    pub peer: IpAddr,
}

/// A form that a signed-in visitor sent from our own page.
pub(super) struct Posted {
    pub visit: Visit,
    pub fields: HashMap<String, String>,
}

impl Posted {
    /// Returns a field, `""` if it is absent.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

impl Visit {
    pub async fn of(parts: &Parts, web: &Web) -> Result<Self, Response> {
        let signed_out = || Redirect::to(&sign_in_for(parts)).into_response();
        let session = session_of(&parts.headers, web).ok_or_else(signed_out)?;
        match web.gateway.sessions().is_live(&session).await {
            Ok(true) => note_known(&parts.extensions),
            Ok(false) => return Err(signed_out()),
            Err(error) => return Err(layout::failure(words(&parts.headers, web), &error)),
        }
        let query = parts.uri.query().unwrap_or_default();
        let listening = parts.extensions.get::<Listening>().cloned();
        Ok(Self {
            words: words(&parts.headers, web),
            form_token: form_token(&session),
            session,
            gzip: takes_gzip(&parts.headers),
            host: header_text(&parts.headers, header::HOST).to_owned(),
            listening: listening.map_or_else(|| Arc::from([]), |it| it.0),
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            now: web.gateway.clock().now(),
            commits: *web.gateway.commits().borrow(),
            zone: web.gateway.device().zone(),
            path: parts.uri.path().to_owned(),
            peer: peer_of(parts),
            web: web.clone(),
        })
    }

    /// Returns a parameter of the query, `""` if it is absent.
    pub fn asked(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

impl FromRequestParts<Web> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        Self::of(parts, web).await
    }
}

impl FromRequest<Web> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let words = words(&parts.headers, web);
        if !is_from_us(&parts.headers) {
            return Err(layout::refusal(
                words,
                StatusCode::FORBIDDEN,
                "refused-origin",
            ));
        }
        let visit = Visit::of(&parts, web).await?;
        let fields = fields(Request::from_parts(parts, body), words, FORM_LIMIT).await?;
        let token = fields.get("token").map_or("", String::as_str);
        if !bool::from(token.as_bytes().ct_eq(visit.form_token.as_bytes())) {
            return Err(visit.refusal(StatusCode::FORBIDDEN, "refused-token"));
        }
        Ok(Self { visit, fields })
    }
}

/// Returns the path of the sign-in form, which leads back to the requested screen.
fn sign_in_for(parts: &Parts) -> String {
    let wanted = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    match local(wanted) {
        "/" => "/ui/sign-in".into(),
        // The sent form is lost anyway, and its screen is one step from home.
        _ if parts.method != Method::GET => "/ui/sign-in".into(),
        wanted => format!("/ui/sign-in?next={}", layout::encode(wanted)),
    }
}

/// Returns the path to go to after signing in: a screen of ours, never another site.
pub(super) fn local(next: &str) -> &str {
    let ours = next.starts_with("/ui/") || next.starts_with("/?");
    // In a header or a browser's address, other characters have special meanings.
    let plain = next
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let fits = next.len() <= NEXT_LIMIT;
    if ours && plain && fits { next } else { "/" }
}

/// Returns the fields of a form. Of repeated ones the last counts, so a hidden field stands before
/// its checkbox. The route's own `DefaultBodyLimit` is the `limit`; a body that declares a larger
/// size is not read at all.
pub(super) async fn fields(
    request: Request,
    words: &'static Words,
    limit: usize,
) -> Result<HashMap<String, String>, Response> {
    let content_type = header_text(request.headers(), header::CONTENT_TYPE);
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(layout::refusal(words, status, "refused-form"));
    }
    if announced(request.headers()) > limit as u64 {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return Err(layout::refusal(words, status, "refused-large"));
    }
    let status = match Bytes::from_request(request, &()).await {
        Ok(body) => return Ok(form_urlencoded::parse(&body).into_owned().collect()),
        Err(rejection) => body_error_status(&rejection),
    };
    let problem = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "refused-large",
        _ => "refused-incomplete",
    };
    Err(layout::refusal(words, status, problem))
}

/// Returns the words for a visitor: by the owner's setting, otherwise the browser's language,
/// otherwise the phone's.
pub(super) fn words(headers: &HeaderMap, web: &Web) -> &'static Words {
    let setting = web.gateway.settings().ui.language.clone();
    let language = match header_text(headers, header::ACCEPT_LANGUAGE) {
        "" => language_of(&setting, &web.gateway.device().locale()),
        accepted => language_of(&setting, accepted),
    };
    Words::of(language)
}

/// Returns whether one of our pages sent a form. Browsers send the origin with every POST. The page
/// asks for `same-origin` referrers in its head, because under `no-referrer` the origin would be
/// `null`.
pub(super) fn is_from_us(headers: &HeaderMap) -> bool {
    site_of(headers) == Site::Ours
}

/// Returns the answer to a form of another site.
pub(crate) fn refuse_elsewhere(headers: &HeaderMap, web: &Web) -> Response {
    refuse(headers, web, StatusCode::FORBIDDEN, "refused-origin")
}

/// Returns the answer to a form that declares a size above every limit.
pub(crate) fn refuse_large(headers: &HeaderMap, web: &Web) -> Response {
    refuse(headers, web, StatusCode::PAYLOAD_TOO_LARGE, "refused-large")
}

/// Refuses a request before it comes to a screen.
fn refuse(headers: &HeaderMap, web: &Web, status: StatusCode, word: &str) -> Response {
    let mut response = layout::refusal(words(headers, web), status, word);
    harden(response.headers_mut());
    response
}

/// Returns the visitor of a request that is not under `/ui`.
pub(super) async fn visit_of(request: Request, web: &Web) -> Result<Visit, Response> {
    let (parts, _) = request.into_parts();
    Visit::of(&parts, web).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_leads_to_no_other_site() {
        for (next, expected) in [
            ("/ui/webhook?id=w&state=dead", "/ui/webhook?id=w&state=dead"),
            ("/ui/messages", "/ui/messages"),
            ("/?done=saved", "/?done=saved"),
            ("/", "/"),
            ("", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/ui/\\evil.example", "/"),
            ("/uievil", "/"),
            ("/settings", "/"),
            ("https://evil.example/ui/", "/"),
            ("/ui/\r\nSet-Cookie: a=b", "/"),
            ("/ui/\u{202e}", "/"),
            (&format!("/ui/{}", "x".repeat(2_000)), "/"),
            ("javascript:alert(1)", "/"),
        ] {
            assert_eq!(local(next), expected, "{next}");
        }
    }
}
