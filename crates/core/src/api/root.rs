//! `GET /`: a sign of life for clients, the page for browsers.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::AuthErrors;
use super::json::Json;
use crate::gateway::Gateway;

/// A sign of life.
#[derive(Serialize, ToSchema)]
pub(super) struct Alive {
    /// Always `ok`.
    status: &'static str,
    /// The device's name.
    model: String,
}

/// A sign of life; a browser is sent to the documentation
#[utoipa::path(
    get, path = "/", tag = "gateway",
    responses(
        (status = 200, body = Alive, description = "The gateway answers."),
        (status = 303, description = "For a browser: where to look.",
            headers(("Location" = String, description = "The page"))),
        AuthErrors,
    ),
    security(("basic" = []), ("bearer" = [])),
)]
pub(super) async fn root(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Response {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return Redirect::to("/docs").into_response();
    }
    Json(Alive {
        status: "ok",
        model: gateway.device().state().name,
    })
    .into_response()
}
