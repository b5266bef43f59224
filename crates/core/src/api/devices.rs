//! `/devices`: this device.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::AuthErrors;
use super::json::Json;
use crate::device::Sim;
use crate::gateway::Gateway;
use crate::time_text;

/// A phone that runs the gateway.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Device {
    /// 32 hex digits, made once and kept.
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
        id: device.id().to_owned(),
        created_at: time(device.created_at()),
        updated_at: time(device.updated_at()),
        last_seen: time(gateway.clock().now()),
        name: state.name,
        sim_cards: state.sims,
    }])
}
