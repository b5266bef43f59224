//! `/logs`: the log of the gateway, for its owner.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::error::{ApiError, AuthErrors, QueryErrors, StoreErrors};
use super::list as read_list;
use super::query::Query;
use crate::gateway::Gateway;
use crate::model::clock::UnixMillis;
use crate::model::time_text;
use crate::store::{LogRecord, Patience, StoreError};

/// How many entries are read and sent at a time.
const PAGE: u32 = 500;

/// A log entry.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogEntry {
    id: i64,
    /// `DEBUG`, `INFO`, `WARN` or `ERROR`.
    priority: String,
    /// The component that logged it.
    module: String,
    /// One sentence.
    message: String,
    /// Details, such as `webhookId`, `messageId`, `class` and `status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    context: Option<Value>,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Log entries, newest first; without `limit` the whole range
#[utoipa::path(
    get, path = "/logs", tag = "logs",
    params(
        ("from" = Option<String>, Query, format = DateTime, description = "Only items from this time on."),
        ("to" = Option<String>, Query, format = DateTime, description = "Only items up to this time."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 1000, description = "Maximum number of entries; all if absent."),
        ("offset" = Option<u64>, Query, description = "Number of items to skip."),
    ),
    responses(
        (status = 200, body = Vec<LogEntry>, description = "The entries."),
        AuthErrors, QueryErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["logs:read"])),
)]
pub(super) async fn list(
    State(gateway): State<Arc<Gateway>>,
    query: Query,
) -> Result<Response, ApiError> {
    let zone = gateway.device().zone();
    let range = query.range(&zone)?;
    let limit = query.number("limit", 1, 1000)?;
    let offset = query.offset()?;
    if let Some(limit) = limit {
        let limit = u32::try_from(limit).unwrap_or(1000);
        let (entries, ()) = read_list(&gateway, move |snapshot| {
            let records = snapshot.logs(range, None, limit, offset)?.into_iter();
            let entries = records.map(|record| entry(record, &zone));
            Ok((entries.collect::<Vec<_>>(), ()))
        })
        .await?;
        return Ok(entries.into_response());
    }
    let first = gateway.store().list(Patience::Bounded, move |snapshot| {
        snapshot.logs(range, None, PAGE, offset)
    });
    let first = first.await?;
    let body = stream_all(gateway, range, zone, first);
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// The entries that are still to be sent.
enum Rest {
    Page(Vec<LogRecord>, bool),
    Before(i64),
    Done,
}

/// Streams one array, a page of entries at a time, so that a long range needs little memory, and no
/// read of the store is open while a slow client reads.
fn stream_all(
    gateway: Arc<Gateway>,
    range: (UnixMillis, UnixMillis),
    zone: TimeZone,
    first: Vec<LogRecord>,
) -> Body {
    let step = move |rest: Rest| {
        let (gateway, zone) = (Arc::clone(&gateway), zone.clone());
        async move {
            let (records, is_first) = match rest {
                Rest::Page(records, is_first) => (records, is_first),
                Rest::Before(seq) => {
                    let next = move |snapshot: &crate::store::Snapshot<'_>| {
                        snapshot.logs(range, Some(seq), PAGE, 0)
                    };
                    let next = gateway.store().list(Patience::Endless, next);
                    (next.await?, false)
                }
                Rest::Done => return Ok::<_, StoreError>(None),
            };
            let mut text = if is_first { vec![b'['] } else { Vec::new() };
            let last = records.last().map(|record| record.seq);
            let full = records.len() >= PAGE as usize;
            for (index, record) in records.into_iter().enumerate() {
                if index > 0 || !is_first {
                    text.push(b',');
                }
                serde_json::to_writer(&mut text, &entry(record, &zone))?;
            }
            let rest = match last {
                Some(seq) if full => Rest::Before(seq),
                _ => {
                    text.extend(b"]\n");
                    Rest::Done
                }
            };
            Ok(Some((Bytes::from(text), rest)))
        }
    };
    Body::from_stream(stream::try_unfold(Rest::Page(first, true), step))
}

fn entry(record: LogRecord, zone: &TimeZone) -> LogEntry {
    LogEntry {
        id: record.seq,
        priority: record.priority,
        module: record.module,
        message: record.message,
        context: record.context,
        created_at: time_text::format(record.created_at, zone),
    }
}
