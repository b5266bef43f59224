//! `GET /`: a sign of life for clients, the page for browsers.

use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::ApiState;
use super::error::AuthErrors;
use super::json::Json;

/// An answer that the gateway is alive.
#[derive(Serialize, ToSchema)]
pub(super) struct Alive {
    /// Always `ok`.
    status: &'static str,
    /// The device's name.
    model: String,
}

/// Answers that the gateway is alive; a browser gets the page
#[utoipa::path(
    get, path = "/", tag = "gateway",
    responses(
        (status = 200, body = Alive, description = "The gateway answers."),
        (status = 303, description = "For a browser that is not signed in: redirects to the sign-in form.",
            headers(("Location" = String, description = "The sign-in form"))),
        AuthErrors,
    ),
    security(("basic" = []), ("bearer" = [])),
)]
pub(super) async fn root(State(state): State<ApiState>, request: Request) -> Response {
    let accept = request.headers().get(header::ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return Redirect::to("/ui/sign-in").into_response();
    }
    Json(Alive {
        status: "ok",
        model: state.gateway.device().state().name,
    })
    .into_response()
}
