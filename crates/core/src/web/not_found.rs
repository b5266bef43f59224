//! Requests without a screen: answered by a page, like everything here.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use axum::routing::{MethodRouter, get};

use super::{Web, layout, visit};

/// Answers a path that does not exist.
pub(super) async fn missing(State(web): State<Web>, request: Request) -> Response {
    refuse(&web, request, StatusCode::NOT_FOUND, "refused-path").await
}

/// Answers a path that exists, but not for this method.
pub(super) async fn wrong_method(State(web): State<Web>, request: Request) -> Response {
    refuse(
        &web,
        request,
        StatusCode::METHOD_NOT_ALLOWED,
        "refused-method",
    )
    .await
}

/// Redirects the path of a form, which is answered where it is sent: a visitor who reloads the
/// answer, or comes to it after signing in, gets to its screen.
pub(super) fn led_to(screen: &'static str) -> MethodRouter<Web> {
    get(move || async move { Redirect::to(screen) })
}

async fn refuse(web: &Web, request: Request, status: StatusCode, word: &str) -> Response {
    let words = visit::words(request.headers(), web);
    match visit::visit_of(request, web).await {
        Ok(visit) => visit.refusal(status, word),
        Err(_) => layout::refusal(words, status, word),
    }
}
