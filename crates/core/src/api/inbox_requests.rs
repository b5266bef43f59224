//! `/inbox/refresh` and `/messages/inbox/export`: read the phone inbox into the inbox, and deliver
//! the inbox to webhooks again.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::{ApiError, AuthErrors, BodyErrors, StoreErrors};
use super::json_body::JsonBody;
use super::query::check_device;
use crate::gateway::Gateway;
use crate::model::clock::UnixMillis;
use crate::model::time_text;
use crate::store::{InboxKind, NewInboxJob, WebhookDelivery};

/// Which messages, and how webhooks get them.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct InboxRequest {
    /// Only messages received from this time on.
    #[schema(format = DateTime)]
    since: String,
    /// Only messages received up to this time.
    #[schema(format = DateTime)]
    until: String,
    /// `SMS` (text and data) and `MMS` (notifications and contents); both if absent. `DATA_SMS` and
    /// `MMS_DOWNLOADED` alone are understood too.
    message_types: Option<Vec<String>>,
    /// Whether webhooks get the messages; if absent, false for a refresh and true for an export.
    trigger_webhooks: Option<bool>,
    /// `Disabled`, `Individual` (an event each) or `Batch` (an event for up to 100); wins over
    /// `triggerWebhooks`.
    webhook_delivery: Option<String>,
    /// For an export: whether to deliver messages again that a webhook has acknowledged; false if absent.
    repeat: Option<bool>,
    /// This device's id, if any.
    device_id: Option<String>,
}

impl InboxRequest {
    fn read(self, route: Route, zone: &TimeZone, now: UnixMillis) -> Result<NewInboxJob, ApiError> {
        let time = |name: &str, text: &str| {
            time_text::parse(text, zone).ok_or_else(|| {
                ApiError::bad_request(format!(
                    "{name} must be a date and time such as 2024-06-22T15:46:11+07:00."
                ))
            })
        };
        let (since, until) = (time("since", &self.since)?, time("until", &self.until)?);
        if since > until {
            return Err(ApiError::bad_request("since must not be after until."));
        }
        let told = self.trigger_webhooks.unwrap_or(route == Route::Export);
        let delivery = match self.webhook_delivery {
            None if told => WebhookDelivery::Individual,
            None => WebhookDelivery::Disabled,
            Some(text) => WebhookDelivery::ALL
                .into_iter()
                .find(|known| known.as_str().eq_ignore_ascii_case(&text))
                .ok_or_else(|| {
                    ApiError::bad_request(
                        "webhookDelivery must be one of Disabled, Individual, Batch.",
                    )
                })?,
        };
        Ok(NewInboxJob {
            since,
            until,
            kinds: kinds(self.message_types)?,
            delivery,
            again: route == Route::Export,
            repeats: self.repeat.unwrap_or(false),
            now,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Route {
    Refresh,
    Export,
}

fn kinds(names: Option<Vec<String>>) -> Result<Vec<InboxKind>, ApiError> {
    let Some(names) = names else {
        return Ok(InboxKind::ALL.to_vec());
    };
    let mut kinds = Vec::new();
    for name in &names {
        let named: &[InboxKind] = match InboxKind::parse(name) {
            Some(InboxKind::Sms) => &[InboxKind::Sms, InboxKind::DataSms],
            Some(InboxKind::Mms) => &[InboxKind::Mms, InboxKind::MmsDownloaded],
            Some(InboxKind::DataSms) => &[InboxKind::DataSms],
            Some(InboxKind::MmsDownloaded) => &[InboxKind::MmsDownloaded],
            None => &[],
        };
        if named.is_empty() {
            kinds.clear();
            break;
        }
        kinds.extend(
            named
                .iter()
                .filter(|kind| !kinds.contains(*kind))
                .copied()
                .collect::<Vec<_>>(),
        );
    }
    if kinds.is_empty() {
        return Err(ApiError::bad_request(
            "messageTypes must name SMS, MMS or both; leave it out for both.",
        ));
    }
    Ok(kinds)
}

/// Reads the phone's own messages into the inbox
///
/// No message is read twice, however it came. With webhooks, messages without an event so far get
/// one; those that had one do not get it again, but appear in batches. What takes longer than two
/// seconds continues after the answer, and survives a restart. Scope of access tokens: `inbox:refresh`.
#[utoipa::path(
    post, path = "/inbox/refresh", tag = "inbox", request_body = InboxRequest,
    responses(
        (status = 202, description = "The request is stored, and done or in progress. No body."),
        AuthErrors, BodyErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["inbox:refresh"])),
)]
pub(super) async fn refresh(
    State(gateway): State<Arc<Gateway>>,
    JsonBody(request): JsonBody<InboxRequest>,
) -> Result<StatusCode, ApiError> {
    take(&gateway, request, Route::Refresh).await
}

/// Delivers messages of the inbox to webhooks that have not acknowledged them
///
/// The phone's own messages are read first, as by a refresh. Messages that no webhook of the event has
/// acknowledged yet are delivered, or with `repeat` all of the range, each with the `messageId` that it
/// has. Scope of access tokens: `messages:export`.
#[utoipa::path(
    post, path = "/messages/inbox/export", tag = "inbox", request_body = InboxRequest,
    responses(
        (status = 202, description = "The request is stored, and done or in progress. No body."),
        AuthErrors, BodyErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["messages:export"])),
)]
pub(super) async fn export(
    State(gateway): State<Arc<Gateway>>,
    JsonBody(request): JsonBody<InboxRequest>,
) -> Result<StatusCode, ApiError> {
    take(&gateway, request, Route::Export).await
}

async fn take(
    gateway: &Arc<Gateway>,
    request: InboxRequest,
    route: Route,
) -> Result<StatusCode, ApiError> {
    check_device(request.device_id.as_deref(), gateway.device())?;
    let job = request.read(route, &gateway.device().zone(), gateway.clock().now())?;
    gateway.phone_inbox().request(job).await?;
    Ok(StatusCode::ACCEPTED)
}
