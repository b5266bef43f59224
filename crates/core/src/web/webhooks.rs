//! Webhooks: who is told, how each does, and what became of what it was told.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::failure_text;
use super::layout::{back, badge, encode};
use super::problem::Problem;
use super::sending::being_sent;
use super::untrusted_text::foreign;
use super::visit::{Posted, Visit};
use super::webhook::{self, Answered};
use crate::events::EventName;
use crate::store::{Doing, Source};
use crate::webhooks::{Before, RegisterError, Registration, Unfit};

/// How each does is read, so that a page shows so many.
const SHOWN: usize = 100;

pub(super) async fn list(visit: Visit) -> Response {
    let empty = Registration::default();
    screen(&visit, StatusCode::OK, &empty, &Problem::default()).await
}

async fn screen(
    visit: &Visit,
    status: StatusCode,
    entered: &Registration,
    problem: &Problem,
) -> Response {
    let w = visit.words;
    let all = visit.web.gateway.registry().local();
    let skipped = visit.asked("skip").parse().unwrap_or(0).min(all.len());
    let end = all.len().min(skipped + SHOWN);
    let webhooks = &all[skipped..end];
    let ids: Vec<String> = webhooks.iter().map(|webhook| webhook.id.clone()).collect();
    let doings = visit.web.gateway.read(move |snapshot| {
        let of = |id: &String| snapshot.webhook_doing(Source::Local, id);
        ids.iter().map(of).collect::<Result<Vec<_>, _>>()
    });
    let doings = match doings.await {
        Ok(doings) => doings,
        Err(error) => return visit.failure(&error),
    };
    let content = html! {
        div id="webhooks" data-live {
            @if webhooks.is_empty() { p.empty { (w.get("webhooks-empty")) } }
            ul.list {
                @for (webhook, doing) in webhooks.iter().zip(doings) {
                    li {
                        a.row href={ "/ui/webhook?id=" (encode(&webhook.id)) } {
                            span.who { (foreign(&webhook.id)) }
                            span.when { (health_badge(visit, &webhook.id, doing)) }
                            span.what { code dir="ltr" { (webhook.event) } " " (foreign(&without_secrets(&webhook.url))) }
                        }
                    }
                }
            }
        }
        @if all.len() > SHOWN {
            nav.pages aria-label=(w.get("pages")) {
                @if skipped > 0 { a href={ "/ui/webhooks?skip=" (skipped.saturating_sub(SHOWN)) } rel="prev" { (w.get("webhooks-before")) } }
                @if end < all.len() { a href={ "/ui/webhooks?skip=" (end) } rel="next" { (w.get("webhooks-more")) } }
            }
        }
        section.card id="add" {
            h2 { (w.get("webhook-add")) }
            (form(visit, entered, problem, false))
        }
    };
    visit.page_with(status, &w.get("menu-webhooks"), content)
}

/// The form that adds a webhook, or changes one.
pub(super) fn form(visit: &Visit, entered: &Registration, problem: &Problem, edit: bool) -> Markup {
    let w = visit.words;
    // Where the answer is read on if it is a refusal.
    let action = if edit {
        "/ui/webhooks#edit"
    } else {
        "/ui/webhooks#add"
    };
    let id = entered.id.as_deref().unwrap_or_default();
    html! {
        form.stack method="post" action=(action) {
            (visit.token())
            (problem.line())
            label { "URL"
                input id="url" name="url" type="url" inputmode="url" dir="ltr" required maxlength="2048"
                    placeholder="https://example.com/webhook" value=(entered.url)
                    aria-invalid=[problem.invalid("url")] aria-describedby=[problem.described("url", "")];
                (problem.beside("url"))
            }
            label { (w.get("event"))
                select id="event" name="event" aria-invalid=[problem.invalid("event")] aria-describedby=[problem.described("event", "")] {
                    @for event in EventName::ALL {
                        option value=(event.as_str()) selected[event.as_str() == entered.event] { (event.as_str()) }
                    }
                }
                (problem.beside("event"))
            }
            @if edit {
                input type="hidden" name="id" value=(id);
                input type="hidden" name="edit" value="1";
            } @else {
                label { (w.get("webhook-id"))
                    input id="id" name="id" maxlength="64" dir="auto" value=(id) aria-invalid=[problem.invalid("id")] aria-describedby=[problem.described("id", "")];
                    (problem.beside("id"))
                    small.faint { (w.get("webhook-id-hint")) }
                }
            }
            button type="submit" { (w.get(if edit { "save" } else { "add" })) }
        }
    }
}

/// Adds one, or changes the one of that id. Nobody replaces a webhook by adding another.
pub(super) async fn save(posted: Posted) -> Response {
    let visit = &posted.visit;
    let entered = Registration {
        id: Some(posted.field("id").to_owned()).filter(|id| !id.is_empty()),
        url: posted.field("url").to_owned(),
        event: posted.field("event").to_owned(),
    };
    let edit = !posted.field("edit").is_empty();
    let (before, done) = match edit {
        true => (Before::Webhook, "saved"),
        false => (Before::Nothing, "added"),
    };
    let gateway = &visit.web.gateway;
    let allow_http = gateway.settings().webhooks.allow_http;
    let saved = gateway
        .registry()
        .put(Source::Local, entered.clone(), allow_http, before)
        .await;
    let problem = match saved {
        Ok(webhook) => {
            let id = encode(&webhook.id);
            return back(&format!("/ui/webhook?id={id}&done={done}"));
        }
        Err(RegisterError::Store(error)) => return visit.failure(&error),
        Err(RegisterError::Gone) => return visit.refusal(StatusCode::CONFLICT, "webhook-gone"),
        Err(RegisterError::Taken) => Problem::new("id", visit.words.get("problem-id-taken")),
        Err(RegisterError::Invalid(unfit)) => {
            let field = match unfit {
                Unfit::Id => "id",
                Unfit::Event => "event",
                Unfit::Url(_) => "url",
            };
            Problem::new(field, failure_text::of_registration(visit.words, unfit))
        }
    };
    let status = StatusCode::BAD_REQUEST;
    match entered.id.clone() {
        Some(id) if edit => {
            let refused = Answered::edit(entered, problem);
            webhook::detail(visit, status, &id, &refused).await
        }
        _ => screen(visit, status, &entered, &problem).await,
    }
}

pub(super) async fn delete(posted: Posted) -> Response {
    let registry = posted.visit.web.gateway.registry();
    match registry.delete(Source::Local, posted.field("id")).await {
        Ok(()) => back("/ui/webhooks?done=deleted"),
        Err(error) => posted.visit.failure(&error),
    }
}

/// How a webhook does.
pub(super) fn health_badge(visit: &Visit, id: &str, doing: Doing) -> Markup {
    let w = visit.words;
    match doing {
        Doing::Failing => badge(w, "bad", "health-bad"),
        Doing::Working => badge(w, "good", "health-good"),
        Doing::Waiting => {
            let all = visit.web.gateway.in_flight();
            let ours = all.values().filter(|sending| sending.webhook_id == id);
            match ours.map(|sending| sending.since).min() {
                Some(since) => html! { span.badge.faint { (being_sent(visit, since)) } },
                None => badge(w, "warn", "health-waiting"),
            }
        }
        Doing::Unused => badge(w, "faint", "health-new"),
    }
}

/// Keys often stand in a URL's query or user part; a list need not show them to who looks over a
/// shoulder.
pub(super) fn without_secrets(text: &str) -> String {
    let Ok(url) = url::Url::parse(text) else {
        return text.to_owned();
    };
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let more = if url.query().is_some() { "?…" } else { "" };
    let host = url.host_str().unwrap_or_default();
    format!("{}://{host}{port}{}{more}", url.scheme(), url.path())
}
