//! The bodies of `/messages`: requests and answers (protocol.md 1.4).

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ApiError;
use super::json_body::Object;
use crate::model::clock::UnixMillis;
use crate::model::recipient_state::State;
use crate::model::time_text;
use crate::sending::{Submission, SubmittedContent};
use crate::store::OutgoingRecord;

/// A message to send.
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
    /// As it was posted; encrypted if it was. In lists only with `includeContent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    text_message: Option<TextMessage>,
    /// As it was posted; encrypted if it was. In lists only with `includeContent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    data_message: Option<DataMessage>,
    recipients: Vec<Recipient>,
    /// When it reached each of its states.
    states: BTreeMap<&'static str, String>,
    #[schema(format = DateTime)]
    created_at: String,
    /// The requested SIM, 1-based.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sim_number: Option<u32>,
    priority: i8,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    valid_until: Option<String>,
    with_delivery_report: bool,
    /// Known once the modem has accepted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parts_count: Option<u16>,
}

/// A recipient of a message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Recipient {
    /// As it was posted.
    phone_number: String,
    state: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<String>,
}

/// A text.
#[derive(Serialize, Deserialize, ToSchema)]
pub(super) struct TextMessage {
    #[schema(min_length = 1)]
    text: String,
}

/// Bytes to a port.
#[derive(Serialize, Deserialize, ToSchema)]
pub(super) struct DataMessage {
    /// Base64 of 1 to 133 octets.
    data: String,
    #[schema(minimum = 0, maximum = 65535)]
    port: i64,
}

/// A message to send: exactly one of `textMessage`, `dataMessage` and `message`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MessageRequest {
    /// Up to 128 printable ASCII characters; generated if absent or empty. The same message with the
    /// same id again is answered with the existing one.
    #[schema(max_length = 128, pattern = "^[ -~]*$")]
    id: Option<String>,
    #[schema(value_type = Option<TextMessage>)]
    text_message: Option<Object<TextMessage>>,
    #[schema(value_type = Option<DataMessage>)]
    data_message: Option<Object<DataMessage>>,
    /// Only to say that it cannot be sent.
    #[schema(ignore)]
    mms_message: Option<IgnoredAny>,
    /// A text, in the form of old clients.
    message: Option<String>,
    /// Valid numbers, without duplicates.
    #[serde(default)]
    #[schema(required, min_items = 1, max_items = 1000, example = json!(["+12025550143"]))]
    phone_numbers: Vec<String>,
    /// The SIM, 1-based; the owner's choice if absent.
    #[schema(minimum = 1)]
    sim_number: Option<i64>,
    /// Whether to request a delivery report; true if absent.
    #[schema(default = true)]
    with_delivery_report: Option<bool>,
    /// Content and phone numbers are encrypted; false if absent.
    #[schema(default = false)]
    is_encrypted: Option<bool>,
    /// Higher goes first; 100 and above ignores limits, delays and working hours. 0 if absent.
    #[schema(minimum = -128, maximum = 127, default = 0)]
    priority: Option<i64>,
    /// Seconds within which it may be sent, 0 for no limit; not together with `validUntil`.
    #[schema(minimum = 0)]
    ttl: Option<i64>,
    /// Do not send it later; not together with `ttl`.
    #[schema(format = DateTime)]
    valid_until: Option<String>,
    /// Do not send it before; in the future, and before `validUntil`.
    #[schema(format = DateTime)]
    schedule_at: Option<String>,
    /// This device's id, if any.
    pub device_id: Option<String>,
}

impl MessageRequest {
    /// Converts the request to a submission for the gateway.
    pub fn submission(
        self,
        skips_validation: bool,
        zone: &TimeZone,
    ) -> Result<Submission, ApiError> {
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
        if self.mms_message.is_some() {
            return Err(ApiError::bad_request(
                "MMS cannot be sent yet. Send a textMessage or a dataMessage instead of mmsMessage.",
            ));
        }
        let text = self.text_message.map(|Object(message)| message.text);
        let contents = text
            .into_iter()
            .chain(self.message)
            .map(SubmittedContent::Text)
            .chain(
                self.data_message
                    .map(|Object(message)| SubmittedContent::Data(message.data, message.port)),
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

/// Makes the body of a message for answers.
pub(super) fn message(
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
    let pending = (State::Pending.as_str(), created_at.clone());
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
