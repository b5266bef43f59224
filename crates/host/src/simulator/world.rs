//! The phone's network and battery.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use simrelay_core::Gateway;
use simrelay_core::api::{ApiError, AuthErrors, BodyErrors, JsonBody};
use utoipa::ToSchema;

use crate::phone;

/// Whether the phone has internet.
#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with online")]
pub struct NetworkRequest {
    online: bool,
}

/// The battery of the phone.
#[derive(Deserialize, ToSchema)]
#[serde(expecting = "an object with level and charging")]
pub struct BatteryRequest {
    /// Percent.
    #[schema(minimum = 0, maximum = 100)]
    level: i64,
    charging: bool,
}

/// Takes the phone offline or online
#[utoipa::path(
    put, path = "/simulator/network", tag = "simulator", request_body = NetworkRequest,
    responses((status = 204, description = "Done."), AuthErrors, BodyErrors),
    security(("basic" = []), ("bearer" = ["all:any"])),
)]
pub async fn network(
    State(gateway): State<Arc<Gateway>>,
    JsonBody(request): JsonBody<NetworkRequest>,
) -> StatusCode {
    gateway.network_changed(phone::network(request.online));
    StatusCode::NO_CONTENT
}

/// Sets the battery
#[utoipa::path(
    put, path = "/simulator/battery", tag = "simulator", request_body = BatteryRequest,
    responses((status = 204, description = "Done."), AuthErrors, BodyErrors),
    security(("basic" = []), ("bearer" = ["all:any"])),
)]
pub async fn battery(
    State(gateway): State<Arc<Gateway>>,
    JsonBody(request): JsonBody<BatteryRequest>,
) -> Result<StatusCode, ApiError> {
    let Some(level) = u8::try_from(request.level)
        .ok()
        .filter(|level| *level <= 100)
    else {
        return Err(ApiError::bad_request(
            "level must be a whole number from 0 to 100 (percent).",
        ));
    };
    gateway.battery_changed(phone::battery(level, request.charging));
    Ok(StatusCode::NO_CONTENT)
}
