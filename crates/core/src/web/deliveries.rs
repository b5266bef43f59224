//! What became of an event: a delivery with every attempt, and replay.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::foreign::{foreign, visible};
use super::frame::{self, back, badge, encode};
use super::guard::{Posted, Visit};
use super::problem::Problem;
use super::reasons;
use super::webhook::{self, Answered};
use super::words::Words;
use crate::api::deliveries::what_to_replay;
use crate::store::{AttemptRecord, DeliveryRecord, Replay};

pub(super) async fn one(visit: Visit) -> Response {
    let w = visit.words;
    let delivery = match visit.web.gateway.delivery(visit.asked("id")).await {
        Ok(Some(delivery)) => delivery,
        Ok(None) => return visit.refusal(StatusCode::NOT_FOUND, "not-found"),
        Err(error) => return visit.failure(&error),
    };
    let pending = delivery.state == "pending";
    let content = html! {
        section.card id="delivery" data-live {
            dl.facts {
                div { dt { (w.get("state")) } dd { (state_badge(w, &delivery.state)) } }
                div { dt { (w.get("webhook")) } dd { a href={ "/ui/webhook?id=" (encode(&delivery.webhook_id)) } { (foreign(&delivery.webhook_id)) } } }
                div { dt { (w.get("event")) } dd { code dir="ltr" { (delivery.event) } } }
                div { dt { (w.get("queued")) } dd { (visit.time(delivery.created_at)) } }
                @if pending { div { dt { (w.get("next-attempt")) } dd { (visit.time(delivery.due_at)) } } }
                @else { div { dt { (w.get("settled")) } dd { (visit.time(delivery.settled_at)) } } }
                div { dt { "id" } dd { code dir="ltr" { (delivery.id) } } }
            }
            h2 { (w.get("attempts")) }
            (history(&visit, &delivery))
            @if delivery.history.is_empty() { p.empty { (w.get("attempts-none")) } }
        }
        form method="post" action="/ui/delivery/replay" {
            (visit.token())
            input type="hidden" name="id" value=(delivery.id);
            button type="submit" { (w.get(if pending { "try-now" } else { "replay" })) }
        }
    };
    visit.page(&w.get("delivery"), content)
}

pub(super) async fn replay(posted: Posted) -> Response {
    let (id, visit) = (posted.field("id"), &posted.visit);
    match visit.web.gateway.replay_delivery(id).await {
        Ok(Replay::Queued) => back(&format!("/ui/delivery?id={}&done=replayed", encode(id))),
        Ok(Replay::Unknown) => visit.refusal(StatusCode::NOT_FOUND, "not-found"),
        Ok(Replay::NoWebhook) => visit.refusal(StatusCode::CONFLICT, "replay-nowhere"),
        Err(error) => visit.failure(&error),
    }
}

/// All dead ones of a webhook, or what was delivered since a time.
pub(super) async fn replay_all(posted: Posted) -> Response {
    let visit = &posted.visit;
    let id = posted.field("id");
    let filled = |name: &str| Some(posted.field(name)).filter(|text| !text.is_empty());
    let asked = what_to_replay(filled("state"), filled("since"), &visit.zone);
    let Ok((state, since)) = asked else {
        let problem = Problem::new("since", visit.words.get("replay-when"));
        let refused = Answered::replay(posted.field("state"), posted.field("since"), problem);
        return webhook::detail(visit, StatusCode::BAD_REQUEST, id, &refused).await;
    };
    match visit.web.gateway.replay_deliveries(id, state, since).await {
        Ok(Some(count)) => back(&format!(
            "/ui/webhook?id={}&done=replayed-all.{count}",
            encode(id)
        )),
        Ok(None) => visit.refusal(StatusCode::NOT_FOUND, "not-found"),
        Err(error) => visit.failure(&error),
    }
}

pub(super) fn state_badge(w: &Words, state: &str) -> Markup {
    let (kind, word) = match state {
        "delivered" => ("good", "state-delivered"),
        "dead" => ("bad", "state-dead"),
        "cancelled" => ("faint", "state-cancelled"),
        _ => ("warn", "state-pending"),
    };
    badge(w, kind, word)
}

/// Every attempt with its time, status, length, reason and answer.
fn history(visit: &Visit, delivery: &DeliveryRecord) -> Markup {
    html! {
        ol.attempts {
            @for attempt in &delivery.history {
                li value=(attempt.number) {
                    (outcome(visit, attempt))
                    @if !attempt.answer_head.is_empty() {
                        details { summary { (visit.words.get("answer")) } pre tabindex="0" dir="auto" { (visible(&attempt.answer_head)) } }
                    }
                }
            }
        }
    }
}

/// The latest attempt, and which one it is.
pub(super) fn latest(visit: &Visit, delivery: &DeliveryRecord) -> Markup {
    html! {
        @if let Some(attempt) = delivery.history.last() {
            ol.attempts { li value=(attempt.number) { (outcome(visit, attempt)) } }
        }
    }
}

/// When and how an attempt ended, and why.
fn outcome(visit: &Visit, attempt: &AttemptRecord) -> Markup {
    let w = visit.words;
    let good = attempt.class == "Success";
    html! {
        (visit.exact(attempt.started_at)) " "
        span class={ "badge " (if good { "good" } else { "bad" }) } {
            @if attempt.status > 0 { (attempt.status) } @else { (w.get(class_word(&attempt.class))) }
        }
        " " (frame::millis(w, u64::try_from(attempt.duration_ms).unwrap_or(0)))
        (reasons::of_attempt(w, attempt))
    }
}

fn class_word(class: &str) -> &'static str {
    match class {
        "Timeout" => "class-timeout",
        "Connect" => "class-connect",
        "Tls" => "class-tls",
        "Dns" => "class-dns",
        "Closed" => "class-closed",
        "NotAllowed" => "class-not-allowed",
        _ => "class-other",
    }
}
