//! The screen of a delivery, with its request and every attempt, and replay.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::delivery_rows::ending;
use super::layout::{back, encode};
use super::problem::Problem;
use super::sending::progress;
use super::untrusted_text::{foreign, visible};
use super::visit::{Posted, Visit};
use super::webhook::{self, Answered};
use super::{badges, failure_text, request};
use crate::store::{
    AttemptRecord, DeliveryRecord, DeliveryState, Replay, Snapshot, Source, StoreError,
};
use crate::webhooks::replay::selection as replay_selection;

pub(super) async fn one(visit: Visit) -> Response {
    let w = visit.words;
    let id = visit.asked("id").to_owned();
    let read = visit.web.gateway.read(move |snapshot| {
        let Some(delivery) = snapshot.delivery(Source::Local, &id)? else {
            return Ok(None);
        };
        let body = snapshot.delivery_body(&delivery)?;
        let message = message_of(&body, snapshot)?;
        Ok(Some((delivery, body, message)))
    });
    let (delivery, body, message) = match read.await {
        Ok(Some(read)) => read,
        Ok(None) => return visit.refusal(StatusCode::NOT_FOUND, "not-found"),
        Err(error) => return visit.failure(&error),
    };
    let pending = delivery.state == "pending";
    let webhooks = visit.web.gateway.registry().local();
    let webhook = webhooks.iter().find(|one| one.id == delivery.webhook_id);
    let content = html! {
        section.card id="delivery" data-live {
            dl.facts {
                div { dt { (w.get("state")) } dd data-said { (badges::of_delivery(w, &delivery.state)) } }
                div { dt { (w.get("webhook")) } dd { a href={ "/ui/webhook?id=" (encode(&delivery.webhook_id)) } { (foreign(&delivery.webhook_id)) } } }
                div { dt { (w.get("event")) } dd { code dir="ltr" { (delivery.event) } } }
                @if let Some(message) = message { div { dt { (w.get("message")) } dd { a href=(message) { (w.get("open-message")) } } } }
                div { dt { (w.get("queued")) } dd { (visit.time(delivery.created_at)) } }
                @if pending { div { dt { (w.get("goes-on")) } dd { (progress(&visit, &delivery)) } } }
                @else { div { dt { (w.get("settled")) } dd { (visit.time(delivery.settled_at)) } } }
                div { dt { "id" } dd { code dir="ltr" { (delivery.id) } } }
            }
            h2 { (w.get("attempts")) }
            (history(&visit, &delivery, &body))
            @if delivery.history.is_empty() { p.empty { (w.get("attempts-none")) } }
        }
        section.card id="request" {
            (request::shown(&visit, &delivery.id, webhook.map(|webhook| webhook.url.as_str()), &body))
        }
        form method="post" action="/ui/delivery/replay" {
            (visit.token())
            input type="hidden" name="id" value=(delivery.id);
            button type="submit" { (w.get(if pending { "try-now" } else { "replay" })) }
        }
    };
    visit.page(&w.get("delivery"), content)
}

/// Returns the path of the message that a body belongs to, if there is one and it is still kept.
fn message_of(body: &[u8], snapshot: &Snapshot<'_>) -> Result<Option<String>, StoreError> {
    #[derive(Deserialize)]
    struct AttemptView {
        payload: Payload,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Payload {
        message_id: String,
    }
    let Ok(AttemptView { payload }) = serde_json::from_slice(body) else {
        return Ok(None);
    };
    let id = payload.message_id;
    if snapshot.inbox_message(&id)?.is_some() {
        return Ok(Some(format!("/ui/message?id={}", encode(&id))));
    }
    let outgoing = snapshot.outgoing(&id)?;
    Ok(outgoing.map(|_| format!("/ui/message?out={}", encode(&id))))
}

pub(super) async fn replay(posted: Posted) -> Response {
    let (id, visit) = (posted.field("id"), &posted.visit);
    match visit
        .web
        .gateway
        .webhook_deliveries()
        .replay_delivery(id)
        .await
    {
        Ok(Replay::Queued) => back(&format!("/ui/delivery?id={}&done=replayed", encode(id))),
        Ok(Replay::Unknown) => visit.refusal(StatusCode::NOT_FOUND, "not-found"),
        Ok(Replay::NoWebhook) => visit.refusal(StatusCode::CONFLICT, "replay-nowhere"),
        Err(error) => visit.failure(&error),
    }
}

/// Replays all dead deliveries of a webhook, or those that were delivered since a time.
pub(super) async fn replay_all(posted: Posted) -> Response {
    let visit = &posted.visit;
    let id = posted.field("id");
    let filled = |name: &str| Some(posted.field(name)).filter(|text| !text.is_empty());
    let asked = replay_selection(filled("state"), filled("since"), &visit.zone);
    let Ok((state, since)) = asked else {
        let problem = Problem::new("since", visit.words.get("replay-when"));
        let refused = Answered::replay(posted.field("state"), posted.field("since"), problem);
        return webhook::detail(visit, StatusCode::BAD_REQUEST, id, &refused).await;
    };
    match visit
        .web
        .gateway
        .webhook_deliveries()
        .replay_deliveries(id, state, since)
        .await
    {
        Ok(Some(count)) => {
            let done = match state {
                DeliveryState::Pending => "tried-all",
                _ => "replayed-all",
            };
            back(&format!(
                "/ui/webhook?id={}&done={done}.{count}",
                encode(id)
            ))
        }
        Ok(None) => visit.refusal(StatusCode::NOT_FOUND, "not-found"),
        Err(error) => visit.failure(&error),
    }
}

/// Lists every attempt with its time, status, duration, reason and answer.
fn history(visit: &Visit, delivery: &DeliveryRecord, body: &[u8]) -> Markup {
    html! {
        ol.attempts {
            @for attempt in &delivery.history {
                li value=(attempt.number) {
                    (outcome(visit, attempt))
                    (request::signature(visit, body, attempt.started_at))
                    @if !attempt.answer_head.is_empty() {
                        details { summary { (visit.words.get("answer")) } pre tabindex="0" dir="auto" { (visible(&attempt.answer_head)) } }
                    }
                }
            }
        }
    }
}

/// Shows the latest attempt and its number.
pub(super) fn latest(visit: &Visit, delivery: &DeliveryRecord) -> Markup {
    html! {
        @if let Some(attempt) = delivery.history.last() {
            ol.attempts { li value=(attempt.number) { (outcome(visit, attempt)) } }
        }
    }
}

/// Shows when and how an attempt ended, and why.
fn outcome(visit: &Visit, attempt: &AttemptRecord) -> Markup {
    let w = visit.words;
    html! {
        (visit.exact(attempt.started_at)) " "
        (ending(visit, attempt))
        (failure_text::of_attempt(w, attempt))
    }
}
