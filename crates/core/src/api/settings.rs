//! `/settings`: what can be set, all in one document.

use std::sync::Arc;

use axum::extract::State;
use serde_json::Value;

use super::error::{ApiError, AuthErrors, BodyErrors, StoreErrors};
use super::json::{Json, JsonBody};
use crate::gateway::Gateway;
use crate::settings::{Mode, SettingsDocument};

/// All settings, defaults filled in; write-only values are never shown
#[utoipa::path(
    get, path = "/settings", tag = "settings",
    responses((status = 200, body = SettingsDocument, description = "All settings."), AuthErrors),
    security(("basic" = []), ("bearer" = ["settings:read"])),
)]
pub(super) async fn get(State(gateway): State<Arc<Gateway>>) -> Json<Value> {
    Json(gateway.settings().document())
}

/// Changes what is named; `null` means back to the default. All of it or nothing
#[utoipa::path(
    patch, path = "/settings", tag = "settings", request_body = SettingsDocument,
    responses(
        (status = 200, body = SettingsDocument, description = "All settings after the change."),
        AuthErrors, BodyErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["settings:write"])),
)]
pub(super) async fn patch(
    State(gateway): State<Arc<Gateway>>,
    JsonBody(body): JsonBody<Value>,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(
        gateway
            .change_settings(&body, Mode::Merge)
            .await?
            .document(),
    ))
}

/// Changes what is named and resets the rest, but for write-only values, `webhooks.allow_http`,
/// `webhooks.ca_certificates`, `webhooks.trust_smsgate_ca` and `messages.work_hours_*`
#[utoipa::path(
    put, path = "/settings", tag = "settings", request_body = SettingsDocument,
    responses(
        (status = 200, body = SettingsDocument, description = "All settings after the change."),
        AuthErrors, BodyErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["settings:write"])),
)]
pub(super) async fn put(
    State(gateway): State<Arc<Gateway>>,
    JsonBody(body): JsonBody<Value>,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(
        gateway
            .change_settings(&body, Mode::Replace)
            .await?
            .document(),
    ))
}
