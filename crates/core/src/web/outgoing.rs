//! The screen of one message that goes out: its content, the state of each recipient, and its
//! deliveries.

use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fluent_bundle::FluentValue;
use maud::{Markup, html};

use super::badges;
use super::message_parts::{SHOWN, bytes, timeline};
use super::untrusted_text::{foreign, ltr};
use super::visit::Visit;
use super::words::Words;
use crate::model::clock::UnixMillis;
use crate::model::recipient_state::State;
use crate::store::{DeliveryRecord, OutgoingRecord, RecipientRecord};

pub(super) async fn one(visit: Visit) -> Response {
    let id = visit.asked("out").to_owned();
    let found = visit.web.gateway.read(move |snapshot| {
        let Some(message) = snapshot.outgoing(&id)? else {
            return Ok(None);
        };
        let moments: Vec<UnixMillis> = reached(&message).map(|(_, at)| at).collect();
        // Recipients change state one by one, so a message to several has events between those
        // moments too.
        let within = (message.recipients.len() > 1).then(|| {
            let last = moments.iter().max().copied();
            (
                message.asked.created_at,
                last.unwrap_or(message.asked.created_at),
            )
        });
        let led_to = snapshot.deliveries_for_message(&id, &moments, within)?;
        Ok(Some((message, led_to)))
    });
    match found.await {
        Ok(Some((message, led_to))) => screen(&visit, &message, &led_to),
        Ok(None) => visit.refusal(StatusCode::NOT_FOUND, "not-found"),
        Err(error) => visit.failure(&error),
    }
}

/// Returns the states that the message reached, with their times.
fn reached(message: &OutgoingRecord) -> impl Iterator<Item = (State, UnixMillis)> + '_ {
    let reached = message.reached.iter().copied();
    reached.filter(|(_, at)| at.0 > 0)
}

fn screen(visit: &Visit, message: &OutgoingRecord, led_to: &[DeliveryRecord]) -> Response {
    let w = visit.words;
    let asked = &message.asked;
    let mut steps = vec![(asked.created_at, html! { (w.get("timeline-asked")) })];
    steps.extend(reached(message).map(|(state, at)| (at, badges::of_message(w, state))));
    let more = message.recipients.len().saturating_sub(SHOWN);
    let page = html! {
        section.card id="outgoing" data-live {
            p.text { (content(w, &asked.content, asked.is_data, asked.is_encrypted)) }
            dl.facts {
                div { dt { (w.get("state")) } dd data-said { (badges::of_message(w, message.state)) } }
                @if message.parts_count > 0 { div { dt { (w.get("parts")) } dd { (message.parts_count) } } }
                @if asked.is_data { div { dt { (w.get("port")) } dd { (asked.port) } } }
                @if asked.sim_number > 0 { div { dt { "SIM" } dd { (asked.sim_number) } } }
                @if asked.priority != 0 { div { dt { (w.get("priority")) } dd { bdi dir="ltr" { (asked.priority) } } } }
                @if asked.schedule_at.0 > 0 { div { dt { (w.get("not-before")) } dd { (visit.time(asked.schedule_at)) } } }
                @if asked.valid_until.0 > 0 { div { dt { (w.get("not-after")) } dd { (visit.time(asked.valid_until)) } } }
                div { dt { (w.get("report")) } dd { (w.get(if asked.with_delivery_report { "wanted" } else { "not-wanted" })) } }
                div { dt { "id" } dd { code dir="ltr" { (asked.id) } } }
            }
            h2 { (w.get("recipients")) }
            ul.recipients {
                @for recipient in message.recipients.iter().take(SHOWN) { li { (one_recipient(w, recipient, asked.is_encrypted)) } }
                @if more > 0 { li { (w.count("more-recipients", u64::try_from(more).unwrap_or(0))) } }
            }
        }
        (timeline(visit, steps, led_to))
    };
    visit.page(&w.get("message"), page)
}

fn one_recipient(w: &Words, recipient: &RecipientRecord, is_encrypted: bool) -> Markup {
    html! {
        @if is_encrypted { (w.get("encrypted-number")) }
        @else { (ltr(&recipient.phone_number)) }
        " " (badges::of_message(w, recipient.state))
        small.faint {
            @if recipient.sim_number > 0 { "SIM " (recipient.sim_number) }
            @if recipient.parts > 1 {
                " · " (w.with("parts-done", &[
                    ("n", FluentValue::from(recipient.parts)),
                    ("sent", FluentValue::from(recipient.sent_parts)),
                    ("delivered", FluentValue::from(recipient.delivered_parts)),
                ]))
            }
        }
        // As in the API: mostly a name of the platform.
        @if !recipient.error.is_empty() { p.why lang="en" dir="ltr" { (recipient.error) } }
    }
}

/// Shows the content, as far as it may be shown. Data is stored as base64.
pub(super) fn content(w: &Words, content: &str, is_data: bool, is_encrypted: bool) -> Markup {
    html! {
        @if is_encrypted { span.faint { (w.get("encrypted")) } }
        @else if is_data { (bytes(&STANDARD.decode(content).unwrap_or_default())) }
        @else { (foreign(content)) }
    }
}
