//! `/messages`: what goes out.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::{ApiError, AuthErrors, BodyErrors, QueryErrors, StoreErrors};
use super::json::{Json, JsonBody};
use super::query::{Query, unknown_device};
use super::{ErrorBody, read};
use crate::clock::UnixMillis;
use crate::gateway::{Cancelled, Gateway};
use crate::sending::{State as MessageState, Submission, SubmitError, Submitted, SubmittedContent};
use crate::store::{OutgoingFilter, OutgoingRecord};
use crate::time_text;

/// A message that goes out.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    id: String,
    device_id: String,
    /// The first that fits: any recipient Pending, Cancelled, Processed; all Failed; all Delivered;
    /// else Sent.
    state: &'static str,
    /// Always false.
    is_hashed: bool,
    is_encrypted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    schedule_at: Option<String>,
    /// As it was sent here; encrypted if it was. In lists only with `includeContent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    text_message: Option<TextMessage>,
    /// As it was sent here; encrypted if it was. In lists only with `includeContent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    data_message: Option<DataMessage>,
    recipients: Vec<Recipient>,
    /// When it came to each state that it came to.
    states: BTreeMap<&'static str, String>,
    #[schema(format = DateTime)]
    created_at: String,
    /// The SIM that was asked for, 1-based.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sim_number: Option<u32>,
    priority: i8,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    valid_until: Option<String>,
    with_delivery_report: bool,
    /// Known once the modem has taken it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parts_count: Option<u16>,
}

/// A recipient of a message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Recipient {
    /// As it was sent here.
    phone_number: String,
    state: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<String>,
}

/// A text.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(expecting = "an object with text")]
pub(super) struct TextMessage {
    #[schema(min_length = 1)]
    text: String,
}

/// Bytes to a port.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(expecting = "an object with data and port")]
pub(super) struct DataMessage {
    /// Base64 of 1 to 133 octets.
    data: String,
    #[schema(minimum = 0, maximum = 65535)]
    port: i64,
}

/// A message to send: exactly one of `textMessage`, `dataMessage` and `message`.
#[derive(Deserialize, ToSchema)]
#[serde(
    rename_all = "camelCase",
    expecting = "an object with phoneNumbers and textMessage"
)]
pub(super) struct MessageRequest {
    /// 1 to 36 of `A-Z a-z 0-9 - _`; made if absent. The same message under the same id again is
    /// answered with the one that is there.
    #[schema(min_length = 1, max_length = 36, pattern = "^[A-Za-z0-9_-]+$")]
    id: Option<String>,
    text_message: Option<TextMessage>,
    data_message: Option<DataMessage>,
    /// A text, in the form of old clients.
    message: Option<String>,
    /// Valid numbers, none twice.
    #[schema(min_items = 1, max_items = 1000, example = json!(["+12025550143"]))]
    phone_numbers: Vec<String>,
    /// The SIM, 1-based; the owner's choice if absent.
    #[schema(minimum = 1)]
    sim_number: Option<i64>,
    /// Whether to ask for a delivery report; true if absent.
    #[schema(default = true)]
    with_delivery_report: Option<bool>,
    /// Content and phone numbers are encrypted; false if absent.
    #[schema(default = false)]
    is_encrypted: Option<bool>,
    /// Higher goes first; from 100 on limits, delays and working hours do not hold. 0 if absent.
    #[schema(minimum = -128, maximum = 127, default = 0)]
    priority: Option<i64>,
    /// Seconds in which it may be sent; not together with `validUntil`.
    #[schema(minimum = 1)]
    ttl: Option<i64>,
    /// Not to be sent later; not together with `ttl`.
    #[schema(format = DateTime)]
    valid_until: Option<String>,
    /// Not to be sent before; in the future, and before `validUntil`.
    #[schema(format = DateTime)]
    schedule_at: Option<String>,
    /// This device's id, if any.
    device_id: Option<String>,
}

/// Queues a message; answers once it is on the disk
#[utoipa::path(
    post, path = "/messages", tag = "messages", request_body = MessageRequest,
    params(("skipPhoneValidation" = Option<bool>, Query, description = "Take numbers that look wrong, too.")),
    responses(
        (status = 202, body = Message, description = "It is queued, or was before.",
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
    if request.device_id.as_ref().is_some_and(|id| id != ours) {
        return Err(unknown_device());
    }
    let skips_validation = query.flag("skipPhoneValidation", false)?;
    let zone = gateway.device().zone();
    let submission = request.submission(skips_validation, &zone)?;
    let (Submitted::Queued(record) | Submitted::Known(record)) = gateway.submit(submission).await?;
    let location = format!("/messages/{}", record.asked.id);
    let message = message(record, ours, &zone, true);
    let headers = [(header::LOCATION, location)];
    Ok((StatusCode::ACCEPTED, headers, Json(message)))
}

impl MessageRequest {
    fn submission(self, skips_validation: bool, zone: &TimeZone) -> Result<Submission, ApiError> {
        let time = |name: &str, text: Option<String>| {
            let parse = |text: String| {
                time_text::parse(&text, zone).ok_or_else(|| {
                    ApiError::bad_request(format!(
                        "{name} must be a date and time such as 2024-06-22T15:46:11+07:00."
                    ))
                })
            };
            text.map(parse).transpose()
        };
        let text = self.text_message.map(|message| message.text);
        let contents = text
            .into_iter()
            .chain(self.message)
            .map(SubmittedContent::Text)
            .chain(
                self.data_message
                    .map(|message| SubmittedContent::Data(message.data, message.port)),
            );
        Ok(Submission {
            id: self.id,
            contents: contents.collect(),
            phone_numbers: self.phone_numbers,
            sim_number: self.sim_number,
            with_delivery_report: self.with_delivery_report.unwrap_or(true),
            is_encrypted: self.is_encrypted.unwrap_or(false),
            priority: self.priority.unwrap_or(0),
            ttl: self.ttl,
            valid_until: time("validUntil", self.valid_until)?,
            schedule_at: time("scheduleAt", self.schedule_at)?,
            skips_validation,
        })
    }
}

/// Messages that go or went out, newest first
#[utoipa::path(
    get, path = "/messages", tag = "messages",
    params(
        ("state" = Option<String>, Query, description = "`Pending`, `Cancelling`, `Cancelled`, `Processed`, `Sent`, `Delivered` or `Failed`."),
        ("includeContent" = Option<bool>, Query, description = "Tell the content, too."),
        ("sort" = Option<String>, Query, description = "`created_at` for the oldest first, `-created_at` for the newest."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "At most so many; 50 if absent."),
        ("offset" = Option<u64>, Query, description = "Skip so many."),
        ("from" = Option<String>, Query, format = DateTime, description = "Not created before."),
        ("to" = Option<String>, Query, format = DateTime, description = "Not created after."),
        ("deviceId" = Option<String>, Query, description = "This device's id, if any."),
    ),
    responses(
        (status = 200, body = Vec<Message>, description = "A page of messages.",
            headers(("X-Total-Count" = u64, description = "How many there are in all pages"))),
        AuthErrors, QueryErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["messages:list"]), ("bearer" = ["messages:read"])),
)]
pub(super) async fn list(
    State(gateway): State<Arc<Gateway>>,
    query: Query,
) -> Result<([(HeaderName, String); 1], Json<Vec<Message>>), ApiError> {
    query.check_device(gateway.device().id())?;
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
    let (records, total) = read(&gateway, move |snapshot| snapshot.outgoing_list(&filter)).await?;
    let ours = gateway.device().id();
    let messages = records
        .into_iter()
        .map(|record| message(record, ours, &zone, with_content))
        .collect();
    let headers = [(HeaderName::from_static("x-total-count"), total.to_string())];
    Ok((headers, Json(messages)))
}

/// A message with its content
#[utoipa::path(
    get, path = "/messages/{id}", tag = "messages",
    params(("id" = String, Path, description = "The message's id.")),
    responses(
        (status = 200, body = Message, description = "The message."),
        (status = 404, body = ErrorBody, description = "There is no message of that id."),
        AuthErrors, QueryErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["messages:read"])),
)]
pub(super) async fn get(
    State(gateway): State<Arc<Gateway>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Message>, ApiError> {
    let id = path_id(id)?;
    let found = read(&gateway, move |snapshot| snapshot.outgoing(&id)).await?;
    let record = found.ok_or_else(unknown_message)?;
    let zone = gateway.device().zone();
    Ok(Json(message(record, gateway.device().id(), &zone, true)))
}

/// Cancels a message that is Pending
#[utoipa::path(
    delete, path = "/messages/{id}", tag = "messages",
    params(("id" = String, Path, description = "The message's id.")),
    responses(
        (status = 200, body = Message, description = "It is cancelled, or was before."),
        (status = 404, body = ErrorBody, description = "There is no message of that id."),
        (status = 409, body = ErrorBody, description = "It is not Pending any more."),
        AuthErrors, QueryErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["messages:cancel"])),
)]
pub(super) async fn cancel(
    State(gateway): State<Arc<Gateway>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Message>, ApiError> {
    match gateway.cancel(path_id(id)?).await? {
        Cancelled::Done(record) => {
            let zone = gateway.device().zone();
            Ok(Json(message(*record, gateway.device().id(), &zone, true)))
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

fn path_id(id: Result<Path<String>, PathRejection>) -> Result<String, ApiError> {
    let sentence = "The id in the path must be url-encoded UTF-8.";
    id.map(|Path(id)| id)
        .map_err(|_| ApiError::bad_request(sentence))
}

fn unknown_message() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "There is no message of this id. GET /messages lists those that there are.",
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

fn message(
    record: OutgoingRecord,
    device_id: &str,
    zone: &TimeZone,
    with_content: bool,
) -> Message {
    let asked = record.asked;
    let time = |at: UnixMillis| (at.0 != 0).then(|| time_text::format(at, zone));
    let reached = record
        .reached
        .into_iter()
        .filter_map(|(state, at)| Some((state.as_str(), time(at)?)));
    let created_at = time_text::format(asked.created_at, zone);
    let pending = (MessageState::Pending.as_str(), created_at.clone());
    let (text_message, data_message) = match (with_content, asked.is_data) {
        (false, _) => (None, None),
        (true, false) => {
            let text = asked.content;
            (Some(TextMessage { text }), None)
        }
        (true, true) => {
            let (data, port) = (asked.content, asked.port.into());
            (None, Some(DataMessage { data, port }))
        }
    };
    let recipients = record.recipients.into_iter().map(|recipient| Recipient {
        phone_number: recipient.phone_number,
        state: recipient.state.as_str(),
        error: Some(recipient.error).filter(|error| !error.is_empty()),
    });
    Message {
        id: asked.id,
        device_id: device_id.to_owned(),
        state: record.state.as_str(),
        is_hashed: false,
        is_encrypted: asked.is_encrypted,
        schedule_at: time(asked.schedule_at),
        text_message,
        data_message,
        recipients: recipients.collect(),
        states: std::iter::once(pending).chain(reached).collect(),
        created_at,
        sim_number: Some(asked.sim_number).filter(|number| *number > 0),
        priority: asked.priority,
        valid_until: time(asked.valid_until),
        with_delivery_report: asked.with_delivery_report,
        parts_count: Some(record.parts_count).filter(|parts| *parts > 0),
    }
}
