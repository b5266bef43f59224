//! `/messages`: the messages that go out.

use std::sync::Arc;

use super::error::{ApiError, AuthErrors, BodyErrors, QueryErrors, StoreErrors};
use super::in_path::InPath;
use super::json::Json;
use super::json_body::JsonBody;
use super::message_shapes::{Message, MessageRequest, message};
use super::query::{Query, check_device};
use super::{Encoded, ErrorBody, list as read_list, read};
use crate::gateway::Gateway;
use crate::model::recipient_state::State as MessageState;
use crate::sending::{Cancelled, SubmitError, Submitted};
use crate::store::OutgoingFilter;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters that an id must escape in a path; `..` alone would lead elsewhere.
const UNFIT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// Queues a message; answers once it is on the disk
#[utoipa::path(
    post, path = "/messages", tag = "messages", request_body = MessageRequest,
    params(("skipPhoneValidation" = Option<bool>, Query, description = "Accept numbers that are not valid, too.")),
    responses(
        (status = 202, body = Message, description = "Queued, or already queued earlier.",
            headers(("Location" = String, description = "`/messages/{id}`"))),
        (status = 409, body = ErrorBody, description = "Another message has this id."),
        AuthErrors, BodyErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["messages:send"])),
)]
pub(super) async fn send(
    State(gateway): State<Arc<Gateway>>,
    query: Query,
    JsonBody(request): JsonBody<MessageRequest>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<Message>), ApiError> {
    let ours = gateway.device().id();
    check_device(request.device_id.as_deref(), gateway.device())?;
    let skips_validation = query.flag("skipPhoneValidation", false)?;
    let zone = gateway.device().zone();
    let submission = request.submission(skips_validation, &zone)?;
    let (Submitted::Queued(record) | Submitted::Known(record)) = gateway.submit(submission).await?;
    let id = utf8_percent_encode(&record.asked.id, UNFIT);
    let location = format!("/messages/{id}");
    let message = message(record, &ours, &zone, true);
    let headers = [(header::LOCATION, location)];
    Ok((StatusCode::ACCEPTED, headers, Json(message)))
}

/// Messages to send or sent, newest first
#[utoipa::path(
    get, path = "/messages", tag = "messages",
    params(
        ("state" = Option<String>, Query, description = "`Pending`, `Cancelling`, `Cancelled`, `Processed`, `Sent`, `Delivered` or `Failed`."),
        ("includeContent" = Option<bool>, Query, description = "Include the content."),
        ("sort" = Option<String>, Query, description = "`created_at` for the oldest first, `-created_at` for the newest."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "Maximum number of items; 50 if absent."),
        ("offset" = Option<u64>, Query, description = "Number of items to skip."),
        ("from" = Option<String>, Query, format = DateTime, description = "Only messages created from this time on."),
        ("to" = Option<String>, Query, format = DateTime, description = "Only messages created up to this time."),
        ("deviceId" = Option<String>, Query, description = "This device's id, if any."),
    ),
    responses(
        (status = 200, body = Vec<Message>, description = "A page of messages.",
            headers(("X-Total-Count" = u64, description = "Number of items in all pages"))),
        AuthErrors, QueryErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["messages:list"]), ("bearer" = ["messages:read"])),
)]
pub(super) async fn list(
    State(gateway): State<Arc<Gateway>>,
    query: Query,
) -> Result<([(HeaderName, String); 1], Encoded<Vec<Message>>), ApiError> {
    query.check_device(gateway.device())?;
    let zone = gateway.device().zone();
    let (from, to) = query.range(&zone)?;
    let limit = query.number("limit", 1, 1_000)?.unwrap_or(50);
    let with_content = query.flag("includeContent", false)?;
    let filter = OutgoingFilter {
        state: state(&query)?,
        from,
        to,
        limit: u32::try_from(limit).unwrap_or(1_000),
        offset: query.offset()?,
        oldest_first: oldest_first(&query)?,
    };
    let ours = gateway.device().id();
    let (messages, total) = read_list(&gateway, move |snapshot| {
        let (records, total) = snapshot.outgoing_list(&filter)?;
        let messages = records.into_iter();
        let messages = messages.map(|record| message(record, &ours, &zone, with_content));
        Ok((messages.collect(), total))
    })
    .await?;
    let headers = [(HeaderName::from_static("x-total-count"), total.to_string())];
    Ok((headers, messages))
}

/// A message with its content
#[utoipa::path(
    get, path = "/messages/{id}", tag = "messages",
    params(("id" = String, Path, description = "The message's id.")),
    responses(
        (status = 200, body = Message, description = "The message."),
        (status = 404, body = ErrorBody, description = "There is no message with that id."),
        AuthErrors, QueryErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["messages:read"])),
)]
pub(super) async fn get(
    State(gateway): State<Arc<Gateway>>,
    InPath(id): InPath<String>,
) -> Result<Json<Message>, ApiError> {
    let found = read(&gateway, move |snapshot| snapshot.outgoing(&id)).await?;
    let record = found.ok_or_else(unknown_message)?;
    let zone = gateway.device().zone();
    Ok(Json(message(record, &gateway.device().id(), &zone, true)))
}

/// Cancels a message that is Pending
#[utoipa::path(
    delete, path = "/messages/{id}", tag = "messages",
    params(("id" = String, Path, description = "The message's id.")),
    responses(
        (status = 200, body = Message, description = "Cancelled, or already cancelled earlier."),
        (status = 404, body = ErrorBody, description = "There is no message with that id."),
        (status = 409, body = ErrorBody, description = "The message is no longer Pending."),
        AuthErrors, QueryErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["messages:cancel"])),
)]
pub(super) async fn cancel(
    State(gateway): State<Arc<Gateway>>,
    InPath(id): InPath<String>,
) -> Result<Json<Message>, ApiError> {
    match gateway.cancel(id).await? {
        Cancelled::Done(record) => {
            let zone = gateway.device().zone();
            Ok(Json(message(*record, &gateway.device().id(), &zone, true)))
        }
        Cancelled::Unknown => Err(unknown_message()),
        Cancelled::TooLate(state) => Err(ApiError::new(
            StatusCode::CONFLICT,
            format!(
                "This message is {}; only a Pending one can be cancelled.",
                state.as_str()
            ),
        )),
    }
}

impl From<SubmitError> for ApiError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Store(error) => error.into(),
            SubmitError::Invalid(sentence) => Self::bad_request(sentence),
            conflict @ SubmitError::Conflict(_) => {
                Self::new(StatusCode::CONFLICT, conflict.to_string())
            }
        }
    }
}

fn unknown_message() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "There is no message with this id. GET /messages lists them.",
    )
}

fn state(query: &Query) -> Result<Option<MessageState>, ApiError> {
    let Some(text) = query.text("state") else {
        return Ok(None);
    };
    let state = MessageState::ALL
        .into_iter()
        .find(|state| state.as_str().eq_ignore_ascii_case(text));
    let names = MessageState::ALL.map(MessageState::as_str).join(", ");
    let unknown = || ApiError::bad_request(format!("state must be one of {names}."));
    state.map(Some).ok_or_else(unknown)
}

fn oldest_first(query: &Query) -> Result<bool, ApiError> {
    match query.text("sort") {
        None | Some("-created_at") => Ok(false),
        Some("created_at") => Ok(true),
        Some(_) => Err(ApiError::bad_request(
            "sort must be created_at or -created_at.",
        )),
    }
}
