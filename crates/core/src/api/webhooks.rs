//! `/webhooks`: the registrations of the device's own API.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, AuthErrors, BodyErrors, QueryErrors, StoreErrors};
use super::in_path::InPath;
use super::json::Json;
use super::json_body::JsonBody;
use super::query::check_device;
use crate::gateway::Gateway;
use crate::store::{Source, Webhook};
use crate::webhooks::Registration;

/// A registered webhook.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct WebhookBody {
    id: String,
    /// Exactly as it was registered.
    url: String,
    /// The event it is for.
    event: String,
    /// Always `Local` here: webhooks of Cloud or Private mode are a separate set.
    source: &'static str,
}

/// A webhook to register.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebhookRequest {
    /// Up to 64 printable characters; generated if absent or empty. A webhook with that id is replaced.
    #[schema(max_length = 64)]
    id: Option<String>,
    /// This device's id, if any.
    device_id: Option<String>,
    /// `https://…`; `http://` only to this device, unless `webhooks.allow_http` allows more.
    #[schema(max_length = 2048, example = "https://example.com/webhook")]
    url: String,
    /// The event, such as `sms:received`.
    #[schema(example = "sms:received")]
    event: String,
}

impl From<&Webhook> for WebhookBody {
    fn from(webhook: &Webhook) -> Self {
        let Webhook { id, url, event } = webhook.clone();
        Self {
            id,
            url,
            event,
            source: "Local",
        }
    }
}

/// The registered webhooks
#[utoipa::path(
    get, path = "/webhooks", tag = "webhooks",
    responses((status = 200, body = Vec<WebhookBody>, description = "All, oldest first."), AuthErrors),
    security(("basic" = []), ("bearer" = ["webhooks:list"])),
)]
pub(super) async fn list(State(gateway): State<Arc<Gateway>>) -> Json<Vec<WebhookBody>> {
    Json(
        gateway
            .registry()
            .local()
            .iter()
            .map(WebhookBody::from)
            .collect(),
    )
}

/// Registers a webhook, or replaces the one with that id
#[utoipa::path(
    post, path = "/webhooks", tag = "webhooks", request_body = WebhookRequest,
    responses(
        (status = 201, body = WebhookBody, description = "The webhook."),
        AuthErrors, BodyErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["webhooks:write"])),
)]
pub(super) async fn register(
    State(gateway): State<Arc<Gateway>>,
    JsonBody(request): JsonBody<WebhookRequest>,
) -> Result<(StatusCode, Json<WebhookBody>), ApiError> {
    check_device(request.device_id.as_deref(), gateway.device())?;
    let registration = Registration {
        id: request.id,
        url: request.url,
        event: request.event,
    };
    let allow_http = gateway.settings().webhooks.allow_http;
    let webhook = gateway
        .registry()
        .register(Source::Local, registration, allow_http)
        .await?;
    Ok((StatusCode::CREATED, Json(WebhookBody::from(&webhook))))
}

/// Deletes a webhook and cancels its queued deliveries
#[utoipa::path(
    delete, path = "/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "The webhook's id, url-encoded.")),
    responses(
        (status = 204, description = "There is no webhook with that id (any more)."),
        AuthErrors, QueryErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["webhooks:delete"])),
)]
pub(super) async fn delete(
    State(gateway): State<Arc<Gateway>>,
    InPath(id): InPath<String>,
) -> Result<StatusCode, ApiError> {
    gateway.registry().delete(Source::Local, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
