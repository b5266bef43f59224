//! `/devices`: this device.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{ApiError, AuthErrors, ConflictErrors, NotFoundErrors, QueryErrors};
use super::in_path::InPath;
use super::json::Json;
use crate::gateway::Gateway;
use crate::model::device::Sim;
use crate::model::time_text;

/// A phone that runs the gateway.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Device {
    /// 32 hex digits, generated once and kept, or the id that was taken over.
    #[schema(example = "ffffffffceb0b1db0000018e937c815b")]
    id: String,
    /// `MANUFACTURER/PRODUCT`.
    name: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    #[schema(format = DateTime)]
    last_seen: String,
    sim_cards: Vec<Sim>,
}

/// The device, in an array of one
#[utoipa::path(
    get, path = "/devices", tag = "devices",
    responses((status = 200, body = Vec<Device>, description = "This device."), AuthErrors),
    security(("basic" = []), ("bearer" = ["devices:list"])),
)]
pub(super) async fn list(State(gateway): State<Arc<Gateway>>) -> Json<Vec<Device>> {
    let device = gateway.device();
    let state = device.state();
    let time = |at| time_text::format(at, &state.zone);
    Json(vec![Device {
        id: device.id(),
        created_at: time(device.created_at()),
        updated_at: time(device.updated_at()),
        last_seen: time(gateway.clock().now()),
        name: state.name,
        sim_cards: state.sims,
    }])
}

/// Refuses to remove the device, because the device itself serves this API
#[utoipa::path(
    delete, path = "/devices/{id}", tag = "devices",
    params(("id" = String, Path, description = "A device's id, url-encoded.")),
    responses(AuthErrors, QueryErrors, NotFoundErrors, ConflictErrors),
    security(("basic" = []), ("bearer" = ["devices:delete"])),
)]
pub(super) async fn delete(
    State(gateway): State<Arc<Gateway>>,
    InPath(id): InPath<String>,
) -> Result<StatusCode, ApiError> {
    if !gateway.device().has_id(&id) {
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "There is no device with this id. GET /devices lists the one that exists.",
        ));
    }
    Err(ApiError::new(
        StatusCode::CONFLICT,
        "This device serves the API itself, so it cannot be removed. To stop using it, stop the \
         gateway on it.",
    ))
}
