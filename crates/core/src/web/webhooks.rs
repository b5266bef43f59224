//! The list of webhooks, each with its state and its latest deliveries.

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use super::layout::{back, encode};
use super::problem::Problem;
use super::untrusted_text::foreign;
use super::visit::{Posted, Visit};
use super::webhook::{self, Answered};
use super::webhook_form::{form, without_secrets};
use super::{badges, failure_text};
use crate::store::Source;
use crate::webhooks::{IfExists, InvalidRegistration, RegisterError, Registration};

/// The state of each webhook takes a read, so a page shows this many at most.
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
                            span.when { (badges::of_webhook(visit, &webhook.id, doing)) }
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

/// Adds a webhook, or changes the one with that id. Adding never replaces an existing webhook.
pub(super) async fn save(posted: Posted) -> Response {
    let visit = &posted.visit;
    let entered = Registration {
        id: Some(posted.field("id").to_owned()).filter(|id| !id.is_empty()),
        url: posted.field("url").to_owned(),
        event: posted.field("event").to_owned(),
    };
    let edit = !posted.field("edit").is_empty();
    let (before, done) = match edit {
        true => (IfExists::Webhook, "saved"),
        false => (IfExists::Nothing, "added"),
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
                InvalidRegistration::Id => "id",
                InvalidRegistration::Event => "event",
                InvalidRegistration::Url(_) => "url",
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
