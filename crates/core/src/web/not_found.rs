//! Requests that lead nowhere: answered by a page, as everything here.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use axum::routing::{MethodRouter, get};

use super::{Web, layout, visit};

/// There is no such path.
pub(super) async fn missing(State(web): State<Web>, request: Request) -> Response {
    refuse(&web, request, StatusCode::NOT_FOUND, "refused-path").await
}

/// The path is there, but not for this method.
pub(super) async fn wrong_method(State(web): State<Web>, request: Request) -> Response {
    refuse(
        &web,
        request,
        StatusCode::METHOD_NOT_ALLOWED,
        "refused-method",
    )
    .await
}

/// The path of a form that is answered where it is sent: whoever loads the answer anew, or comes to
/// it after signing in, is led to its screen.
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
