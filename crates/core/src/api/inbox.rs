//! `/inbox`: the received messages.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderName;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{ApiError, AuthErrors, QueryErrors, StoreErrors};
use super::query::Query;
use super::{Encoded, list as read_list};
use crate::gateway::Gateway;
use crate::model::time_text;
use crate::store::{AttachmentRecord, InboxFilter, InboxKind, InboxRecord};

/// A received message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct InboxItem {
    id: String,
    /// `SMS`, `DATA_SMS`, `MMS` or `MMS_DOWNLOADED`.
    #[serde(rename = "type")]
    kind: String,
    sender: String,
    /// Our own number, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    recipient: Option<String>,
    /// The receiving SIM, 1-based.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    sim_number: Option<u32>,
    /// The whole text; for a data message, the first 64 bytes in hex.
    content_preview: String,
    #[schema(format = DateTime)]
    created_at: String,
    /// Empty unless requested by `includeAttachments`.
    attachments: Vec<InboxAttachment>,
}

/// An attachment of an MMS.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct InboxAttachment {
    part_id: i64,
    name: String,
    /// Bytes.
    size: i64,
    content_type: String,
}

/// Received messages, newest first
#[utoipa::path(
    get, path = "/inbox", tag = "inbox",
    params(
        ("type" = Option<String>, Query, description = "`SMS`, `DATA_SMS`, `MMS` or `MMS_DOWNLOADED`."),
        ("includeAttachments" = Option<bool>, Query, description = "Fill `attachments`."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 500, description = "Maximum number of items; 50 if absent."),
        ("offset" = Option<u64>, Query, description = "Number of items to skip."),
        ("from" = Option<String>, Query, format = DateTime, description = "Only items from this time on."),
        ("to" = Option<String>, Query, format = DateTime, description = "Only items up to this time."),
        ("deviceId" = Option<String>, Query, description = "This device's id, if any."),
    ),
    responses(
        (status = 200, body = Vec<InboxItem>, description = "A page of messages.",
            headers(("X-Total-Count" = u64, description = "Number of items in all pages"))),
        AuthErrors, QueryErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["inbox:list"])),
)]
pub(super) async fn list(
    State(gateway): State<Arc<Gateway>>,
    query: Query,
) -> Result<([(HeaderName, String); 1], Encoded<Vec<InboxItem>>), ApiError> {
    query.check_device(gateway.device())?;
    let zone = gateway.device().zone();
    let (from, to) = query.range(&zone)?;
    let limit = query.number("limit", 1, 500)?.unwrap_or(50);
    let filter = InboxFilter {
        kind: kind(&query)?,
        from,
        to,
        limit: u32::try_from(limit).unwrap_or(500),
        offset: query.offset()?,
        attachments: query.flag("includeAttachments", false)?,
    };
    let (items, total) = read_list(&gateway, move |snapshot| {
        let (messages, total) = snapshot.inbox(&filter)?;
        let items = messages.into_iter().map(|message| item(message, &zone));
        Ok((items.collect(), total))
    })
    .await?;
    let headers = [(HeaderName::from_static("x-total-count"), total.to_string())];
    Ok((headers, items))
}

fn kind(query: &Query) -> Result<Option<InboxKind>, ApiError> {
    let Some(text) = query.text("type") else {
        return Ok(None);
    };
    let kind = InboxKind::parse(text);
    let unknown =
        || ApiError::bad_request("type must be one of SMS, DATA_SMS, MMS, MMS_DOWNLOADED.");
    kind.map(Some).ok_or_else(unknown)
}

fn item(message: InboxRecord, zone: &jiff::tz::TimeZone) -> InboxItem {
    let content_preview = if message.kind == InboxKind::DataSms.as_str() {
        crate::model::hex::hex(&message.data_head)
    } else {
        message.text
    };
    InboxItem {
        id: message.id,
        kind: message.kind,
        sender: message.sender,
        recipient: Some(message.recipient).filter(|recipient| !recipient.is_empty()),
        sim_number: Some(message.sim_number).filter(|number| *number > 0),
        content_preview,
        created_at: time_text::format(message.received_at, zone),
        attachments: message.attachments.into_iter().map(attachment).collect(),
    }
}

fn attachment(record: AttachmentRecord) -> InboxAttachment {
    let AttachmentRecord {
        part_id,
        content_type,
        name,
        size,
        ..
    } = record;
    InboxAttachment {
        part_id,
        name,
        size,
        content_type,
    }
}
