//! One webhook: how it does, its test, what became of what it was told, replay, change and delete.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::deliveries::state_badge;
use super::frame::{self, bounded, encode, foreign};
use super::guard::{Posted, Visit};
use super::reasons;
use super::webhooks::{form, health_badge, without_secrets};
use crate::store::{DeliveryFilter, DeliveryPage, DeliveryState, Source, Webhook, WebhookHealth};
use crate::webhooks::{Diagnosis, Registration};

const PAGE: usize = 25;

pub(super) async fn one(visit: Visit) -> Response {
    let id = visit.asked("id").to_owned();
    detail(&visit, &id, None).await
}

/// Sends a test event and shows how every step went.
pub(super) async fn test(posted: Posted) -> Response {
    let id = posted.field("id").to_owned();
    let visit = &posted.visit;
    match visit.web.gateway.test_webhook(&id).await {
        Ok(diagnosis) => detail(visit, &id, Some(&diagnosis)).await,
        Err(_) => frame::refusal(visit.words, StatusCode::NOT_FOUND, "not-found"),
    }
}

async fn detail(visit: &Visit, id: &str, diagnosis: Option<&Diagnosis>) -> Response {
    let w = visit.words;
    let gateway = &visit.web.gateway;
    let webhooks = gateway.registry().local();
    let Some(webhook) = webhooks.iter().find(|webhook| webhook.id == id) else {
        return frame::refusal(w, StatusCode::NOT_FOUND, "not-found");
    };
    let before = Some(visit.asked("before").to_owned()).filter(|text| !text.is_empty());
    let newest = before.is_none();
    let state = DeliveryState::parse(visit.asked("state"));
    let filter = DeliveryFilter {
        state,
        before,
        limit: PAGE,
    };
    let page = match gateway.delivery_page(id, filter).await {
        Ok(Some(page)) => page,
        Ok(None) => return frame::refusal(w, StatusCode::NOT_FOUND, "not-found"),
        Err(error) => return frame::failure(w, &error),
    };
    let named = id.to_owned();
    let health = gateway
        .read(move |snapshot| snapshot.webhook_health(Source::Local, &named))
        .await;
    let health = match health {
        Ok(health) => health,
        Err(error) => return frame::failure(w, &error),
    };
    let entered = Registration {
        id: Some(webhook.id.clone()),
        url: webhook.url.clone(),
        event: webhook.event.clone(),
    };
    let content = html! {
        // What a form was answered with cannot be asked for again, so it says where it belongs.
        section.card.lead id="health" data-live data-at=[diagnosis.map(|_| format!("/ui/webhook?id={}", encode(id)))] {
            @if let Some(health) = &health { (facts(visit, webhook, health)) }
        }
        form method="post" action="/ui/webhook/test#test" {
            (visit.token())
            input type="hidden" name="id" value=(webhook.id);
            button type="submit" { (w.get("send-test")) }
        }
        @if let Some(diagnosis) = diagnosis { (steps(visit, diagnosis)) }
        section {
            h2 { (w.get("deliveries")) }
            (filters(visit, webhook, state))
            (deliveries(visit, webhook, state, &page, newest))
        }
        (replay(visit, webhook))
        section.card {
            h2 { (w.get("edit")) }
            (form(visit, &entered, None, true))
        }
        details.card.danger {
            summary { (w.get("delete")) }
            p { (w.get("webhook-delete-why")) }
            form method="post" action="/ui/webhook/delete" {
                (visit.token())
                input type="hidden" name="id" value=(webhook.id);
                button.danger type="submit" { (w.get("webhook-delete")) }
            }
        }
    };
    visit.page(&webhook.id, content)
}

fn facts(visit: &Visit, webhook: &Webhook, health: &WebhookHealth) -> Markup {
    let w = visit.words;
    html! {
        p { (health_badge(visit, health.last.as_ref()))
            @if let Some(last) = &health.last {
                " " (w.get("last-attempt")) " " (visit.time(last.at))
            }
        }
        @if let Some(last) = health.last.as_ref().filter(|last| !last.reason.is_empty()) {
            div.problem { (reasons::of_last(w, last)) }
        }
        dl.facts {
            div { dt { "URL" } dd { (foreign(&without_secrets(&webhook.url))) } }
            div { dt { (w.get("event")) } dd { code dir="ltr" { (webhook.event) } } }
            div { dt { (w.get("waiting")) } dd { (bounded(health.waiting)) } }
            div { dt { (w.get("retrying")) } dd { (bounded(health.retrying)) } }
            div { dt { (w.get("dead")) } dd { (bounded(health.dead)) } }
        }
    }
}

fn steps(visit: &Visit, diagnosis: &Diagnosis) -> Markup {
    let w = visit.words;
    html! {
        section.card id="test" role="status" {
            h2 { (w.get(if diagnosis.ok() { "test-passed" } else { "test-failed" })) }
            ol.steps {
                @for step in &diagnosis.steps {
                    @let good = step.reason.is_none();
                    li class=(if good { "good" } else { "bad" }) {
                        strong { (w.get(&format!("step-{}", step.name.as_str()))) }
                        " " span.faint { (frame::millis(w, u64::try_from(step.duration.as_millis()).unwrap_or(0))) }
                        @if !step.detail.is_empty() { " " bdi.foreign dir="ltr" { (step.detail) } }
                        (reasons::of_step(w, step, diagnosis.status))
                    }
                }
            }
            @if !diagnosis.answer_head.is_empty() {
                h3 { (w.get("answer")) }
                pre tabindex="0" dir="auto" { (diagnosis.answer_head) }
            }
        }
    }
}

fn filters(visit: &Visit, webhook: &Webhook, state: Option<DeliveryState>) -> Markup {
    let w = visit.words;
    let at = format!("/ui/webhook?id={}", encode(&webhook.id));
    html! {
        nav.filters aria-label=(w.get("state")) {
            a href=(at) aria-current=[state.is_none().then_some("true")] { (w.get("all")) }
            @for one in DeliveryState::ALL {
                a href={ (at) "&state=" (one.as_str()) } aria-current=[(state == Some(one)).then_some("true")] {
                    (w.get(&format!("state-{}", one.as_str())))
                }
            }
        }
    }
}

fn deliveries(
    visit: &Visit,
    webhook: &Webhook,
    state: Option<DeliveryState>,
    page: &DeliveryPage,
    newest: bool,
) -> Markup {
    let w = visit.words;
    let mut at = format!("/ui/webhook?id={}", encode(&webhook.id));
    if let Some(state) = state {
        at += &format!("&state={}", state.as_str());
    }
    html! {
        div id="deliveries" data-live=[newest.then_some("")] {
            @if page.deliveries.is_empty() { p.empty { (w.get("deliveries-empty")) } }
            ul.list {
                @for delivery in &page.deliveries {
                    li {
                        a.row href={ "/ui/delivery?id=" (encode(&delivery.id)) } {
                            span.who { (state_badge(w, &delivery.state)) }
                            span.when { (visit.time(delivery.created_at)) }
                            span.what {
                                code dir="ltr" { (delivery.event) } " "
                                (w.count("attempts-count", delivery.attempts.into()))
                                @if delivery.state == "pending" { " · " (w.get("next-attempt")) " " (visit.time(delivery.due_at)) }
                            }
                        }
                    }
                }
            }
        }
        nav.pages aria-label=(w.get("pages")) {
            @if !newest { a href=(at) { (w.get("newest")) } }
            @if let Some(next) = &page.next { a href={ (at) "&before=" (encode(next)) } rel="next" { (w.get("older")) } }
        }
    }
}

fn replay(visit: &Visit, webhook: &Webhook) -> Markup {
    let w = visit.words;
    html! {
        section.card {
            h2 { (w.get("replay")) }
            form.stack method="post" action="/ui/webhook/replay" {
                (visit.token())
                input type="hidden" name="id" value=(webhook.id);
                label { (w.get("replay-what"))
                    select name="state" {
                        option value="dead" { (w.get("state-dead")) }
                        option value="delivered" { (w.get("state-delivered")) }
                    }
                }
                label { (w.get("replay-since"))
                    input name="since" type="datetime-local";
                    small.faint { (w.get("replay-since-hint")) }
                }
                button type="submit" { (w.get("replay")) }
            }
        }
    }
}
