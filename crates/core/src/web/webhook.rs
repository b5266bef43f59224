//! One webhook: its state, its test, its deliveries, replay, change and delete.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::delivery_rows::row;
use super::layout::{bounded, counted, encode, nothing_among};
use super::problem::Problem;
use super::untrusted_text::{foreign, visible};
use super::visit::{Posted, Visit};
use super::webhook_form::{form, without_secrets};
use super::{badges, failure_text, times};
use crate::gateway::TestError;
use crate::store::{
    DeliveryFilter, DeliveryRow, DeliveryState, Doing, Source, StoreError, Webhook, WebhookHealth,
};
use crate::webhooks::{Diagnosis, Registration};

const PAGE: usize = 25;

/// The answer to a form of the screen.
#[derive(Default)]
pub(super) struct Answered {
    diagnosis: Option<Diagnosis>,
    /// The refused change.
    edit: Option<Registration>,
    /// State and time of the refused replay.
    replay: Option<(String, String)>,
    problem: Problem,
}

impl Answered {
    /// Makes the answer to a refused change.
    pub fn edit(entered: Registration, problem: Problem) -> Self {
        Self {
            edit: Some(entered),
            problem,
            ..Self::default()
        }
    }

    /// Makes the answer to a refused replay.
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

/// Sends a test event and shows the result of every step.
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

/// Shows the screen of a webhook, also as the answer to one of its forms.
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
    let read = match read(visit, id, filter).await {
        Ok(Some(read)) => read,
        Ok(None) => return visit.refusal(StatusCode::NOT_FOUND, "not-found"),
        Err(error) => return visit.failure(&error),
    };
    let health = &read.health;
    let entered = answered.edit.clone().unwrap_or_else(|| Registration {
        id: Some(webhook.id.clone()),
        url: webhook.url.clone(),
        event: webhook.event.clone(),
    });
    let refused = answered.edit.is_some();
    let unasked = Problem::default();
    let problem = if refused { &answered.problem } else { &unasked };
    let at = format!("/ui/webhook?id={}", encode(id));
    // An answer to a form cannot be loaded again, so it names the address of its screen.
    let posted = refused || answered.diagnosis.is_some() || answered.replay.is_some();
    let content = html! {
        section.card.lead id="health" data-live data-at=[posted.then_some(at)] {
            (facts(visit, webhook, &read))
        }
        form method="post" action="/ui/webhook/test#test" {
            (visit.token())
            input type="hidden" name="id" value=(webhook.id);
            button type="submit" { (w.get("send-test")) }
        }
        @let passed = answered.diagnosis.as_ref().is_some_and(Diagnosis::ok);
        @if let Some(diagnosis) = &answered.diagnosis {
            (steps(visit, diagnosis, html! { @if passed { (try_all(visit, webhook, health.retrying)) } }))
        }
        div id="try-all" data-live { @if !passed { (try_all(visit, webhook, health.retrying)) } }
        section {
            h2 { (w.get("deliveries")) }
            (filters(visit, webhook, state))
            (deliveries(visit, webhook, state, &read, newest))
        }
        (replay(visit, webhook, answered))
        // Only give the section an anchor after a refused change; otherwise the page opens at the
        // top.
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

/// The stored data that the screen shows.
struct Kept {
    health: WebhookHealth,
    doing: Doing,
    rows: Vec<DeliveryRow>,
    next: Option<String>,
}

/// Reads the data of the screen; returns `None` if there is no such webhook any more.
async fn read(visit: &Visit, id: &str, filter: DeliveryFilter) -> Result<Option<Kept>, StoreError> {
    let id = id.to_owned();
    let read = visit.web.gateway.read(move |snapshot| {
        let health = snapshot.webhook_health(Source::Local, &id)?;
        let page = snapshot.delivery_page(Source::Local, &id, &filter)?;
        let (Some(health), Some(page)) = (health, page) else {
            return Ok(None);
        };
        Ok(Some(Kept {
            health,
            doing: snapshot.webhook_doing(Source::Local, &id)?,
            rows: snapshot.delivery_rows(page.deliveries)?,
            next: page.next,
        }))
    });
    read.await
}

/// Shows the number of deliveries that wait for a retry, and a button that tries them now.
fn try_all(visit: &Visit, webhook: &Webhook, retrying: u32) -> Markup {
    let w = visit.words;
    html! {
        @if retrying > 0 {
            form method="post" action="/ui/webhook/replay" {
                (visit.token())
                input type="hidden" name="id" value=(webhook.id);
                input type="hidden" name="state" value=(DeliveryState::Pending.as_str());
                p { (counted(w, "waiting-later", retrying)) }
                button type="submit" { (w.get("try-all")) }
            }
        }
    }
}

fn facts(visit: &Visit, webhook: &Webhook, kept: &Kept) -> Markup {
    let w = visit.words;
    let health = &kept.health;
    let failing = health.failing_since.is_some();
    html! {
        p { (badges::of_webhook(visit, &webhook.id, kept.doing))
            @if let Some(last) = &health.last {
                " " (w.get("last-attempt")) " " (visit.time(last.at))
            }
        }
        @if let Some(last) = health.last.as_ref().filter(|last| failing && !last.reason.is_empty()) {
            div.problem { (failure_text::of_last(w, last)) }
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

/// Shows the result of each step of a test, and what to do next.
fn steps(visit: &Visit, diagnosis: &Diagnosis, next: Markup) -> Markup {
    let w = visit.words;
    html! {
        section.card id="test" role="status" {
            h2 { (w.get(if diagnosis.ok() { "test-passed" } else { "test-failed" })) }
            ol.steps {
                @for step in &diagnosis.steps {
                    @let good = step.reason.is_none();
                    li class=(if good { "good" } else { "bad" }) {
                        strong { (w.get(&format!("step-{}", step.name.as_str()))) }
                        " " span.faint { (times::millis(w, u64::try_from(step.duration.as_millis()).unwrap_or(0))) }
                        @if !step.detail.is_empty() { " " bdi.foreign dir="ltr" { (step.detail) } }
                        (failure_text::of_step(w, step, diagnosis.status))
                    }
                }
            }
            @if !diagnosis.answer_head.is_empty() {
                h3 { (w.get("answer")) }
                pre tabindex="0" dir="auto" { (visible(&diagnosis.answer_head)) }
            }
            (next)
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
    kept: &Kept,
    newest: bool,
) -> Markup {
    let w = visit.words;
    let mut at = format!("/ui/webhook?id={}", encode(&webhook.id));
    if let Some(state) = state {
        at += &format!("&state={}", state.as_str());
    }
    let next = kept.next.as_ref();
    let next = next.map(|next| format!("{at}&before={}", encode(next)));
    // If this part of the list has no deliveries, the link to older ones stands beside that
    // sentence.
    let (further, older) = if kept.rows.is_empty() {
        (next, None)
    } else {
        (None, next)
    };
    html! {
        div id="deliveries" data-live=[newest.then_some("")] {
            @if kept.rows.is_empty() {
                @if let Some(next) = further { (nothing_among(w, &next)) }
                @else { p.empty { (w.get("deliveries-empty")) } }
            }
            ul.list { @for one in &kept.rows { li { (row(visit, one, false)) } } }
        }
        nav.pages aria-label=(w.get("pages")) {
            @if !newest { a href=(at) { (w.get("newest")) } }
            @if let Some(next) = older { a href=(next) rel="next" { (w.get("older")) } }
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
                        @for one in [DeliveryState::Dead, DeliveryState::Pending, DeliveryState::Delivered] {
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
