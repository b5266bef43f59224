//! `/deliveries`: every delivery with its attempts, and replay.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::tz::TimeZone;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{Caller, needs_scope};
use super::error::{
    ApiError, AuthErrors, BodyErrors, ConflictErrors, NotFoundErrors, QueryErrors, StoreErrors,
};
use super::in_path::InPath;
use super::json::Json;
use super::json_body::JsonBody;
use super::query::Query;
use crate::gateway::Gateway;
use crate::model::time_text;
use crate::store::{AttemptRecord, DeliveryFilter, DeliveryRecord, DeliveryState, Replay, Source};
use crate::webhooks::replay;

/// One event for one webhook.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
pub(super) struct DeliveryBody {
    /// The `id` in the body that the receiver gets, the same for every attempt.
    id: String,
    webhook_id: String,
    event: String,
    /// `pending`, `delivered`, `dead` or `cancelled`.
    state: String,
    /// Number of attempts that count.
    attempts_count: u32,
    #[schema(format = DateTime)]
    created_at: String,
    /// When the next attempt is due; only while pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime)]
    due_at: Option<String>,
    /// When it was delivered, failed for good or was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime)]
    settled_at: Option<String>,
    /// The exact text that is posted; only with `include=body`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    body: Option<String>,
    /// Every attempt, oldest first; left out in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    attempts: Option<Vec<AttemptBody>>,
}

/// One attempt.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Attempt)]
pub(super) struct AttemptBody {
    /// From 1.
    number: u32,
    #[schema(format = DateTime)]
    started_at: String,
    /// Milliseconds.
    duration_ms: i64,
    /// `Success`, or what failed: `Status`, `Redirect`, `Timeout`, `Connect`, `Tls`, `Dns`, `Closed`,
    /// `NotHttp` or `NotAllowed`.
    class: String,
    /// The HTTP status, if one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    status: Option<u16>,
    /// One sentence that says what to do, unless it succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<String>,
    /// The beginning of the receiver's answer, if it had a body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    answer_head: Option<String>,
}

/// What to replay.
#[derive(Default, Deserialize, ToSchema)]
#[serde(expecting = "an object with state and since, each of them optional")]
pub(super) struct ReplayRequest {
    /// Only deliveries created then or later. Required for `delivered`.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// `dead` (if absent), `delivered`, or `pending`: those that wait for a later attempt are attempted now.
    #[schema(example = "dead")]
    state: Option<String>,
}

/// Number of deliveries that are due now.
#[derive(Serialize, ToSchema)]
pub(super) struct ReplayAnswer {
    replayed: usize,
}

/// The deliveries of a webhook, newest first, without their attempts
#[utoipa::path(
    get, path = "/webhooks/{id}/deliveries", tag = "deliveries",
    params(
        ("id" = String, Path, description = "The webhook's id, url-encoded."),
        ("state" = Option<String>, Query, description = "`pending`, `delivered`, `dead` or `cancelled`; all if absent."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 500, description = "Maximum number of items; 50 if absent."),
        ("before" = Option<String>, Query, description = "Only deliveries older than the one with this id, as in the `next` link."),
    ),
    responses(
        (status = 200, body = Vec<DeliveryBody>, description = "A page of deliveries.",
            headers(("Link" = String, description = "`<…>; rel=\"next\"` while there are more. A page of a rare state may have fewer than `limit` items and still have a next page."))),
        AuthErrors, QueryErrors, NotFoundErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["webhooks:list"])),
)]
pub(super) async fn list(
    State(gateway): State<Arc<Gateway>>,
    InPath(id): InPath<String>,
    query: Query,
) -> Result<(HeaderMap, Json<Vec<DeliveryBody>>), ApiError> {
    let limit = query.number("limit", 1, 500)?.unwrap_or(50);
    let state = query.text("state").map(state).transpose()?;
    let filter = DeliveryFilter {
        state,
        before: query.text("before").map(str::to_owned),
        limit: usize::try_from(limit).unwrap_or(500),
    };
    let page = gateway
        .webhook_deliveries()
        .delivery_page(&id, filter)
        .await?;
    let page = page.ok_or_else(no_webhook)?;
    if let Some(before) = query.text("before") {
        let known = gateway.webhook_deliveries().delivery(before).await?;
        if known.is_none_or(|known| known.webhook_id != id) {
            return Err(ApiError::bad_request(
                "before must be the id of a delivery of this webhook that is still kept. Leave it out to begin with the newest.",
            ));
        }
    }
    let mut headers = HeaderMap::new();
    if let Some(next) = page.next {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let mut link = format!(
            "</webhooks/{}/deliveries?limit={limit}&before={}",
            encode(&id),
            encode(&next)
        );
        if let Some(state) = state {
            link += &format!("&state={}", state.as_str());
        }
        if let Ok(value) = HeaderValue::from_str(&format!("{link}>; rel=\"next\"")) {
            headers.insert(header::LINK, value);
        }
    }
    let zone = gateway.device().zone();
    let deliveries = page.deliveries.into_iter();
    let bodies = deliveries.map(|delivery| body(delivery, &zone, false));
    Ok((headers, Json(bodies.collect())))
}

/// A delivery with every attempt
///
/// With `include=body` a token also needs the scope `inbox:read`, because the body contains the message.
#[utoipa::path(
    get, path = "/deliveries/{id}", tag = "deliveries",
    params(
        ("id" = String, Path, description = "The `id` in the body that the receiver was sent."),
        ("include" = Option<String>, Query, description = "`body` also returns the exact text that is posted, over which receivers check the signature."),
    ),
    responses(
        (status = 200, body = DeliveryBody, description = "The delivery."),
        AuthErrors, QueryErrors, NotFoundErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["webhooks:list"])),
)]
pub(super) async fn one(
    State(gateway): State<Arc<Gateway>>,
    InPath(id): InPath<String>,
    query: Query,
    caller: Option<Extension<Caller>>,
) -> Result<Json<DeliveryBody>, ApiError> {
    let with_body = match query.text("include") {
        None => false,
        Some("body") => true,
        Some(_) => return Err(ApiError::bad_request("include must be body.")),
    };
    if with_body && !caller.is_some_and(|Extension(caller)| caller.may("inbox:read")) {
        return Err(needs_scope("webhooks:list and inbox:read"));
    }
    let read = gateway.read(move |snapshot| {
        let Some(delivery) = snapshot.delivery(Source::Local, &id)? else {
            return Ok(None);
        };
        let text = match with_body {
            true => Some(snapshot.delivery_body(&delivery)?),
            false => None,
        };
        Ok(Some((delivery, text)))
    });
    let (delivery, text) = read.await?.ok_or_else(no_delivery)?;
    let mut answer = body(delivery, &gateway.device().zone(), true);
    answer.body = text.map(|text| String::from_utf8_lossy(&text).into_owned());
    Ok(Json(answer))
}

/// Redelivers it with the same id and body and all retries; one that waits for a retry is attempted
/// at once
#[utoipa::path(
    post, path = "/deliveries/{id}/replay", tag = "deliveries",
    params(("id" = String, Path, description = "The `id` in the body that the receiver was sent.")),
    responses(
        (status = 202, body = DeliveryBody, description = "It is due now."),
        AuthErrors, QueryErrors, NotFoundErrors, ConflictErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["webhooks:write"])),
)]
pub(super) async fn replay(
    State(gateway): State<Arc<Gateway>>,
    InPath(id): InPath<String>,
) -> Result<(StatusCode, Json<DeliveryBody>), ApiError> {
    match gateway.webhook_deliveries().replay_delivery(&id).await? {
        Replay::Queued => {}
        Replay::Unknown => return Err(no_delivery()),
        Replay::NoWebhook => {
            return Err(ApiError::new(
                StatusCode::CONFLICT,
                "The webhook of this delivery was deleted, so there is nowhere to deliver it.",
            ));
        }
    }
    let delivery = gateway
        .webhook_deliveries()
        .delivery(&id)
        .await?
        .ok_or_else(no_delivery)?;
    let body = body(delivery, &gateway.device().zone(), true);
    Ok((StatusCode::ACCEPTED, Json(body)))
}

/// Redelivers what failed for good or what was delivered since a time, or retries what waits now
///
/// Without a body, it redelivers everything that failed for good. What is `pending` becomes due, oldest
/// first, and keeps its remaining retries.
#[utoipa::path(
    post, path = "/webhooks/{id}/replay", tag = "deliveries", request_body = ReplayRequest,
    params(("id" = String, Path, description = "The webhook's id, url-encoded.")),
    responses(
        (status = 202, body = ReplayAnswer, description = "They are due now."),
        AuthErrors, BodyErrors, NotFoundErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["webhooks:write"])),
)]
pub(super) async fn replay_all(
    State(gateway): State<Arc<Gateway>>,
    InPath(id): InPath<String>,
    request: Request,
) -> Result<(StatusCode, Json<ReplayAnswer>), ApiError> {
    let request = if has_no_body(request.headers()) {
        ReplayRequest::default()
    } else {
        JsonBody::from_request(request, &()).await?.0
    };
    let (state, since) = replay::selection(
        request.state.as_deref(),
        request.since.as_deref(),
        &gateway.device().zone(),
    )
    .map_err(|error| ApiError::bad_request(error.to_string()))?;
    let replayed = gateway
        .webhook_deliveries()
        .replay_deliveries(&id, state, since)
        .await?;
    let replayed = replayed.ok_or_else(no_webhook)?;
    Ok((StatusCode::ACCEPTED, Json(ReplayAnswer { replayed })))
}

/// Returns whether a request comes without a body (RFC 9112, 6.3), which is allowed if every member
/// is optional.
fn has_no_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    length.is_none_or(|length| length == "0") && !headers.contains_key(header::TRANSFER_ENCODING)
}

fn state(text: &str) -> Result<DeliveryState, ApiError> {
    DeliveryState::parse(text).ok_or_else(|| {
        ApiError::bad_request("state must be one of pending, delivered, dead, cancelled.")
    })
}

pub(super) fn no_webhook() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "There is no webhook with this id. GET /webhooks lists them.",
    )
}

fn no_delivery() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "There is no delivery with this id (any more). GET /webhooks/{id}/deliveries lists them.",
    )
}

fn body(delivery: DeliveryRecord, zone: &TimeZone, attempts: bool) -> DeliveryBody {
    let pending = delivery.state == DeliveryState::Pending.as_str();
    let time = |at| time_text::format(at, zone);
    let history = delivery.history.into_iter();
    DeliveryBody {
        id: delivery.id,
        webhook_id: delivery.webhook_id,
        event: delivery.event,
        state: delivery.state,
        attempts_count: delivery.attempts,
        created_at: time(delivery.created_at),
        due_at: pending.then(|| time(delivery.due_at)),
        settled_at: (!pending).then(|| time(delivery.settled_at)),
        body: None,
        attempts: attempts.then(|| history.map(|record| attempt(record, zone)).collect()),
    }
}

fn attempt(record: AttemptRecord, zone: &TimeZone) -> AttemptBody {
    AttemptBody {
        number: record.number,
        started_at: time_text::format(record.started_at, zone),
        duration_ms: record.duration_ms,
        class: record.class,
        status: Some(record.status).filter(|status| *status > 0),
        reason: filled(record.reason),
        answer_head: filled(record.answer_head),
    }
}

pub(super) fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
