//! Signing in and out: by the API's user and password, or by a link that works once.

use std::collections::HashMap;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use maud::html;

use super::visit::{self, Posted};
use super::words::Words;
use super::{Web, layout, not_found, session};
use crate::http::request::peer_of;

/// The contents of the form.
#[derive(Default)]
struct Entered {
    user: String,
    /// The page to go to after signing in.
    next: String,
}

/// Shows the form; redirects a visitor who is signed in already.
pub(super) async fn form(
    State(web): State<Web>,
    Query(mut query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let next = query.remove("next").unwrap_or_default();
    if let Some(token) = session::session_of(&headers, &web)
        && matches!(web.gateway.sessions().is_live(&token).await, Ok(true))
    {
        return Redirect::to(visit::local(&next)).into_response();
    }
    let entered = Entered {
        next,
        ..Entered::default()
    };
    show(visit::words(&headers, &web), StatusCode::OK, None, &entered)
}

fn show(w: &Words, status: StatusCode, problem: Option<&str>, entered: &Entered) -> Response {
    let title = w.get("sign-in");
    let known = !entered.user.is_empty();
    let body = html! {
        main.narrow id="main" {
            h1 { "SimRelay" }
            form.stack method="post" action="/ui/sign-in" {
                @if let Some(word) = problem { p.problem role="alert" { (w.get(word)) } }
                input type="hidden" name="next" value=(visit::local(&entered.next));
                label { (w.get("user"))
                    input name="user" autocomplete="username" autocapitalize="none" required value=(entered.user) autofocus[!known];
                }
                label { (w.get("password"))
                    input name="password" type="password" autocomplete="current-password" required autofocus[known];
                }
                button type="submit" { (title) }
            }
            p.faint { (w.get("sign-in-hint")) }
        }
    };
    (
        status,
        Html(layout::document(w, &title, None, body).into_string()),
    )
        .into_response()
}

/// Checks user and password, with the same slowdown as the API, and starts a session with a new
/// token, whatever cookie was sent.
pub(super) async fn sign_in(State(web): State<Web>, request: Request) -> Response {
    let words = visit::words(request.headers(), &web);
    if !visit::is_from_us(request.headers()) {
        return layout::refusal(words, StatusCode::FORBIDDEN, "refused-origin");
    }
    let (parts, body) = request.into_parts();
    let peer = peer_of(&parts);
    let before = session::session_of(&parts.headers, &web);
    let request = Request::from_parts(parts, body);
    let fields = match visit::fields(request, words, visit::SIGN_IN_LIMIT).await {
        Ok(fields) => fields,
        Err(refused) => return refused,
    };
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let entered = Entered {
        user: field("user").to_owned(),
        next: field("next").to_owned(),
    };
    if let Some(wait) = web.throttle.wait(peer) {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let mut refused = show(words, status, Some("sign-in-throttled"), &entered);
        let seconds = wait.as_secs().max(1);
        refused
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
        return refused;
    }
    let credentials = web.gateway.credentials();
    if !credentials.fits(&entered.user, field("password")) {
        web.throttle.wrong_password(peer);
        let status = StatusCode::UNAUTHORIZED;
        return show(words, status, Some("sign-in-wrong"), &entered);
    }
    begin(&web, words, before, visit::local(&entered.next)).await
}

/// Signs in by a link, which cannot be used again.
pub(super) async fn by_link(
    State(web): State<Web>,
    secret: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let Ok(Path(secret)) = secret else {
        return not_found::missing(State(web), request).await;
    };
    let words = visit::words(request.headers(), &web);
    if !web.gateway.sessions().use_link(&secret) {
        let (status, problem) = (StatusCode::UNAUTHORIZED, Some("sign-in-link-used"));
        return show(words, status, problem, &Entered::default());
    }
    let before = session::session_of(request.headers(), &web);
    begin(&web, words, before, "/").await
}

async fn begin(web: &Web, words: &Words, before: Option<String>, next: &str) -> Response {
    if let Some(before) = before
        && let Err(error) = web.gateway.sessions().end(&before).await
    {
        return layout::failure(words, &error);
    }
    match web.gateway.sessions().begin().await {
        Ok(token) => {
            let cookie = [(header::SET_COOKIE, session::cookie(web, Some(&token)))];
            (cookie, Redirect::to(next)).into_response()
        }
        Err(error) => layout::failure(words, &error),
    }
}

/// Ends the session.
pub(super) async fn sign_out(posted: Posted) -> Response {
    let web = &posted.visit.web;
    if let Err(error) = web.gateway.sessions().end(&posted.visit.session).await {
        return posted.visit.failure(&error);
    }
    let cookie = [(header::SET_COOKIE, session::cookie(web, None))];
    (cookie, Redirect::to("/ui/sign-in")).into_response()
}
