//! One webhook: how it does, its test, what became of what it was told, replay, change and delete.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::deliveries::state_badge;
use super::foreign::{foreign, visible};
use super::frame::{self, bounded, encode};
use super::guard::{Posted, Visit};
use super::problem::Problem;
use super::reasons;
use super::webhooks::{form, health_badge, without_secrets};
use crate::gateway::TestError;
use crate::store::{
    DeliveryFilter, DeliveryPage, DeliveryState, Source, StoreError, Webhook, WebhookHealth,
};
use crate::webhooks::{Diagnosis, Registration};

const PAGE: usize = 25;

/// What a form of the screen was answered with.
#[derive(Default)]
pub(super) struct Answered {
    diagnosis: Option<Diagnosis>,
    /// The change as it was refused.
    edit: Option<Registration>,
    /// State and time of the replay as it was refused.
    replay: Option<(String, String)>,
    problem: Problem,
}

impl Answered {
    /// A change that was refused.
    pub fn edit(entered: Registration, problem: Problem) -> Self {
        Self {
            edit: Some(entered),
            problem,
            ..Self::default()
        }
    }

    /// A replay that was refused.
    pub fn replay(state: &str, since: &str, problem: Problem) -> Self {
        Self {
            replay: Some((state.to_owned(), since.to_owned())),
            problem,
            ..Self::default()
        }
    }
}

pub(super) async fn one(visit: Visit) -> Response {
    let id = visit.asked("id").to_owned();
    detail(&visit, StatusCode::OK, &id, &Answered::default()).await
}

/// Sends a test event and shows how every step went.
pub(super) async fn test(posted: Posted) -> Response {
    let id = posted.field("id").to_owned();
    let visit = &posted.visit;
    match visit.web.gateway.test_webhook(&id).await {
        Ok(diagnosis) => {
            let answered = Answered {
                diagnosis: Some(diagnosis),
                ..Answered::default()
            };
            detail(visit, StatusCode::OK, &id, &answered).await
        }
        Err(TestError::Unknown) => visit.refusal(StatusCode::NOT_FOUND, "not-found"),
        Err(TestError::Store(error)) => visit.failure(&error),
        Err(TestError::Internal(cause)) => visit.failure(&StoreError::internal(cause)),
    }
}

/// The screen of a webhook, also where a form of it is answered.
pub(super) async fn detail(
    visit: &Visit,
    status: StatusCode,
    id: &str,
    answered: &Answered,
) -> Response {
    let w = visit.words;
    let gateway = &visit.web.gateway;
    let webhooks = gateway.registry().local();
    let Some(webhook) = webhooks.iter().find(|webhook| webhook.id == id) else {
        return visit.refusal(StatusCode::NOT_FOUND, "not-found");
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
        Ok(None) => return visit.refusal(StatusCode::NOT_FOUND, "not-found"),
        Err(error) => return visit.failure(&error),
    };
    let named = id.to_owned();
    let health = gateway
        .read(move |snapshot| snapshot.webhook_health(Source::Local, &named))
        .await;
    let health = match health {
        Ok(health) => health,
        Err(error) => return visit.failure(&error),
    };
    let entered = answered.edit.clone().unwrap_or_else(|| Registration {
        id: Some(webhook.id.clone()),
        url: webhook.url.clone(),
        event: webhook.event.clone(),
    });
    let refused = answered.edit.is_some();
    let unasked = Problem::default();
    let problem = if refused { &answered.problem } else { &unasked };
    let at = format!("/ui/webhook?id={}", encode(id));
    // What a form was answered with cannot be asked for again, so it says where it belongs.
    let posted = refused || answered.diagnosis.is_some() || answered.replay.is_some();
    let content = html! {
        section.card.lead id="health" data-live data-at=[posted.then_some(at)] {
            @if let Some(health) = &health { (facts(visit, webhook, health)) }
        }
        form method="post" action="/ui/webhook/test#test" {
            (visit.token())
            input type="hidden" name="id" value=(webhook.id);
            button type="submit" { (w.get("send-test")) }
        }
        @if let Some(diagnosis) = &answered.diagnosis { (steps(visit, diagnosis)) }
        section {
            h2 { (w.get("deliveries")) }
            (filters(visit, webhook, state))
            (deliveries(visit, webhook, state, &page, newest))
        }
        (replay(visit, webhook, answered))
        // The place is there when there is something to say, and else the top is what is seen.
        section.card id=[refused.then_some("edit")] {
            h2 { (w.get("edit")) }
            (form(visit, &entered, problem, true))
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
    visit.page_with(status, &webhook.id, content)
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
            div { dt { "URL" } dd { span.clamp { (foreign(&without_secrets(&webhook.url))) } } }
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
                pre tabindex="0" dir="auto" { (visible(&diagnosis.answer_head)) }
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

fn replay(visit: &Visit, webhook: &Webhook, answered: &Answered) -> Markup {
    let w = visit.words;
    let problem = &answered.problem;
    let refused = answered.replay.as_ref();
    let (state, since) = refused.map_or(("", ""), |(state, since)| (state, since));
    html! {
        section.card id=[refused.map(|_| "replay")] {
            h2 { (w.get("replay")) }
            form.stack method="post" action="/ui/webhook/replay#replay" {
                (visit.token())
                input type="hidden" name="id" value=(webhook.id);
                @if refused.is_some() { (problem.line()) }
                label { (w.get("replay-what"))
                    select name="state" {
                        @for one in [DeliveryState::Dead, DeliveryState::Delivered] {
                            option value=(one.as_str()) selected[one.as_str() == state] { (w.get(&format!("state-{}", one.as_str()))) }
                        }
                    }
                }
                label { (w.get("replay-since"))
                    input id="since" name="since" type="datetime-local" value=(since) aria-invalid=[problem.invalid("since")] aria-describedby=[problem.described("since", "")];
                    (problem.beside("since"))
                    small.faint { (w.get("replay-since-hint")) }
                }
                button type="submit" { (w.get("replay")) }
            }
        }
    }
}
