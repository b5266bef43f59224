//! `/settings`: all settings in one document.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::error::{ApiError, AuthErrors, BodyErrors, StoreErrors};
use super::json::Json;
use super::json_body::JsonBody;
use crate::gateway::{ChangedSettings, Gateway};
use crate::model::ignored;
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

/// Changes the settings in the body; `null` resets one to its default. All or none are changed
#[utoipa::path(
    patch, path = "/settings", tag = "settings", request_body = SettingsDocument,
    responses(
        (status = 200, body = SettingsDocument, description = "All settings after the change.", headers(
            ("Warning" = String, description = "`299 SimRelay \"…\"`: a number above its range was set to the largest."),
            ("X-Ignored" = String, description = "Names in the body that are not settings."),
        )),
        AuthErrors, BodyErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["settings:write"])),
)]
pub(super) async fn patch(
    State(gateway): State<Arc<Gateway>>,
    JsonBody(body): JsonBody<Value>,
) -> Result<Response, ApiError> {
    Ok(answer(&gateway.change_settings(&body, Mode::Merge).await?))
}

/// Changes the settings in the body and resets all others except write-only values, `webhooks.allow_http`,
/// `webhooks.ca_certificates`, `webhooks.trust_smsgate_ca` and `messages.work_hours_*`
#[utoipa::path(
    put, path = "/settings", tag = "settings", request_body = SettingsDocument,
    responses(
        (status = 200, body = SettingsDocument, description = "All settings after the change.", headers(
            ("Warning" = String, description = "`299 SimRelay \"…\"`: a number above its range was set to the largest."),
            ("X-Ignored" = String, description = "Names in the body that are not settings."),
        )),
        AuthErrors, BodyErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["settings:write"])),
)]
pub(super) async fn put(
    State(gateway): State<Arc<Gateway>>,
    JsonBody(body): JsonBody<Value>,
) -> Result<Response, ApiError> {
    Ok(answer(
        &gateway.change_settings(&body, Mode::Replace).await?,
    ))
}

/// Makes the answer: all settings, and headers that name the values that were ignored or adjusted.
fn answer(changed: &ChangedSettings) -> Response {
    let mut response = Json(changed.settings.document()).into_response();
    let headers = response.headers_mut();
    for sentence in &changed.adjusted {
        // "Miscellaneous persistent warning" (RFC 7234, 5.5.7).
        if let Ok(warning) = HeaderValue::from_str(&format!("299 SimRelay \"{sentence}\"")) {
            headers.append(header::WARNING, warning);
        }
    }
    if let Some(names) = changed.ignored.header() {
        headers.insert(ignored::HEADER, names);
    }
    response
}
