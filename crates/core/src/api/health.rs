//! `/health*`: for monitors, without credentials.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::json::Json;
use crate::gateway::Gateway;
use crate::model::device::{Health, Status};

/// The health of the gateway
#[utoipa::path(
    get, path = "/health", tag = "health",
    responses(
        (status = 200, body = Health, description = "The gateway works (`pass`), or works with a warning (`warn`)."),
        (status = 503, body = Health, description = "The gateway does not work (`fail`)."),
    ),
)]
pub(super) async fn health(State(gateway): State<Arc<Gateway>>) -> Response {
    let health = gateway.health_soon().await;
    let status = match health.status {
        Status::Fail => StatusCode::SERVICE_UNAVAILABLE,
        Status::Pass | Status::Warn => StatusCode::OK,
    };
    (status, Json(health)).into_response()
}

/// Tells whether the process answers
#[utoipa::path(
    get, path = "/health/live", tag = "health",
    responses((status = 200, body = Health, description = "The process answers.")),
)]
pub(super) async fn live(State(gateway): State<Arc<Gateway>>) -> Json<Health> {
    Json(gateway.health_soon().await)
}

/// Tells whether requests can be accepted
#[utoipa::path(
    get, path = "/health/ready", tag = "health",
    responses((status = 200, body = Health, description = "The store is open.")),
)]
pub(super) async fn ready(State(gateway): State<Arc<Gateway>>) -> Json<Health> {
    Json(gateway.health_soon().await)
}

/// Tells whether the start is complete
#[utoipa::path(
    get, path = "/health/startup", tag = "health",
    responses((status = 200, body = Health, description = "The store is open.")),
)]
pub(super) async fn startup(State(gateway): State<Arc<Gateway>>) -> Json<Health> {
    Json(gateway.health_soon().await)
}
