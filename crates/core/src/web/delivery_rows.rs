//! A delivery in a list: its webhook and event, the result of the latest attempt, and the next one.

use maud::{Markup, html};
use serde::Deserialize;

use super::layout::encode;
use super::sending::progress;
use super::untrusted_text::{foreign, ltr};
use super::visit::Visit;
use super::{badges, times};
use crate::store::{AttemptRecord, DeliveryRow, PREVIEW_CHARS};

/// The fields of a body that a list shows.
#[derive(Default, Deserialize)]
struct AttemptView {
    #[serde(default)]
    payload: Payload,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Payload {
    phone_number: String,
    message: Option<String>,
    body: Option<String>,
    subject: Option<String>,
    reason: Option<String>,
    messages: Vec<serde::de::IgnoredAny>,
}

/// Shows the row, which links to the delivery; with the webhook's id if the list has several
/// webhooks.
pub(super) fn row(visit: &Visit, row: &DeliveryRow, of_several: bool) -> Markup {
    let w = visit.words;
    let delivery = &row.delivery;
    let told: AttemptView = serde_json::from_slice(&row.body).unwrap_or_default();
    let payload = &told.payload;
    let texts = [
        &payload.message,
        &payload.body,
        &payload.subject,
        &payload.reason,
    ];
    let text = texts.into_iter().flatten().find(|text| !text.is_empty());
    let most =
        visit.web.gateway.settings().webhooks.retry_count + 1 + delivery.attempts_before_replay;
    html! {
        a.row href={ "/ui/delivery?id=" (encode(&delivery.id)) } {
            span.who {
                (badges::of_delivery(w, &delivery.state)) " "
                @if of_several { (foreign(&delivery.webhook_id)) " · " }
                @if !payload.phone_number.is_empty() { (ltr(&payload.phone_number)) }
                @else if !payload.messages.is_empty() {
                    (w.count("messages-count", u64::try_from(payload.messages.len()).unwrap_or(0)))
                }
            }
            span.when { (visit.time(delivery.created_at)) }
            @if let Some(text) = text { span.what { (foreign(&beginning(text))) } }
            span.how {
                code dir="ltr" { (delivery.event) }
                @if let Some(latest) = &row.latest {
                    " · " (ending(visit, latest)) " · "
                    (w.with("attempt-of", &[
                        ("n", delivery.attempts.into()),
                        ("max", most.max(delivery.attempts).into()),
                    ]))
                }
                @if delivery.state == "pending" { " · " (progress(visit, delivery)) }
            }
        }
    }
}

/// Shows how an attempt ended, and how long it took.
pub(super) fn ending(visit: &Visit, attempt: &AttemptRecord) -> Markup {
    let w = visit.words;
    let kind = if attempt.class == "Success" {
        "good"
    } else {
        "bad"
    };
    html! {
        span class={ "badge " (kind) } {
            @if attempt.status > 0 { (attempt.status) } @else { (w.get(badges::class_word(&attempt.class))) }
        }
        " " (times::millis(w, u64::try_from(attempt.duration_ms).unwrap_or(0)))
    }
}

fn beginning(text: &str) -> String {
    text.chars().take(PREVIEW_CHARS).collect()
}
