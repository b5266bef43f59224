//! Webhooks: who is told, how each does, and what became of what it was told.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::frame::{self, back, badge, encode, foreign};
use super::guard::{Posted, Visit};
use super::reasons;
use crate::event::EventName;
use crate::store::{LastAttempt, Source};
use crate::webhooks::Registration;

pub(super) async fn list(visit: Visit) -> Response {
    let empty = Registration::default();
    screen(&visit, StatusCode::OK, &empty, None).await
}

async fn screen(
    visit: &Visit,
    status: StatusCode,
    entered: &Registration,
    problem: Option<&str>,
) -> Response {
    let w = visit.words;
    let webhooks = visit.web.gateway.registry().local();
    let ids: Vec<String> = webhooks.iter().map(|webhook| webhook.id.clone()).collect();
    let lasts = visit.web.gateway.read(move |snapshot| {
        let of = |id: &String| snapshot.webhook_last(Source::Local, id);
        ids.iter().map(of).collect::<Result<Vec<_>, _>>()
    });
    let lasts = match lasts.await {
        Ok(lasts) => lasts,
        Err(error) => return frame::failure(visit.words, &error),
    };
    let content = html! {
        div id="webhooks" data-live {
            @if webhooks.is_empty() { p.empty { (w.get("webhooks-empty")) } }
            ul.list {
                @for (webhook, last) in webhooks.iter().zip(&lasts) {
                    li {
                        a.row href={ "/ui/webhook?id=" (encode(&webhook.id)) } {
                            span.who { (foreign(&webhook.id)) }
                            span.when { (health_badge(visit, last.as_ref())) }
                            span.what { code dir="ltr" { (webhook.event) } " " (foreign(&without_secrets(&webhook.url))) }
                        }
                    }
                }
            }
        }
        section.card id="add" {
            h2 { (w.get("webhook-add")) }
            (form(visit, entered, problem, false))
        }
    };
    visit.page_with(status, &w.get("menu-webhooks"), content)
}

pub(super) fn form(
    visit: &Visit,
    entered: &Registration,
    problem: Option<&str>,
    edit: bool,
) -> Markup {
    let w = visit.words;
    html! {
        form.stack method="post" action="/ui/webhooks" {
            (visit.token())
            @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
            label { "URL"
                input name="url" type="url" inputmode="url" dir="ltr" required maxlength="2048"
                    placeholder="https://example.com/webhook" value=(entered.url);
            }
            label { (w.get("event"))
                select name="event" {
                    @for event in EventName::ALL {
                        option value=(event.as_str()) selected[event.as_str() == entered.event] { (event.as_str()) }
                    }
                }
            }
            @if edit {
                input type="hidden" name="id" value=(entered.id.as_deref().unwrap_or_default());
                input type="hidden" name="edit" value="1";
            } @else {
                label { (w.get("webhook-id"))
                    input name="id" maxlength="64" dir="auto" value=(entered.id.as_deref().unwrap_or_default());
                    small.faint { (w.get("webhook-id-hint")) }
                }
            }
            button type="submit" { (w.get(if edit { "save" } else { "add" })) }
        }
    }
}

/// Adds one, or replaces the one of that id.
pub(super) async fn save(posted: Posted) -> Response {
    let visit = &posted.visit;
    let registration = Registration {
        id: Some(posted.field("id").to_owned()).filter(|id| !id.is_empty()),
        url: posted.field("url").to_owned(),
        event: posted.field("event").to_owned(),
    };
    let gateway = &visit.web.gateway;
    let allow_http = gateway.settings().allow_http();
    let saved = gateway
        .registry()
        .register(Source::Local, registration.clone(), allow_http)
        .await;
    match saved {
        Ok(webhook) => {
            let what = if posted.field("edit").is_empty() {
                "added"
            } else {
                "saved"
            };
            back(&format!(
                "/ui/webhook?id={}&done={what}",
                encode(&webhook.id)
            ))
        }
        Err(error) => match reasons::unfit(error) {
            Ok(unfit) => {
                let problem = reasons::of_registration(visit.words, unfit);
                let status = StatusCode::BAD_REQUEST;
                screen(visit, status, &registration, Some(&problem)).await
            }
            Err(error) => frame::failure(visit.words, &error),
        },
    }
}

pub(super) async fn delete(posted: Posted) -> Response {
    let registry = posted.visit.web.gateway.registry();
    match registry.delete(Source::Local, posted.field("id")).await {
        Ok(()) => back("/ui/webhooks?done=deleted"),
        Err(error) => frame::failure(posted.visit.words, &error),
    }
}

/// How a webhook does, by its latest attempt.
pub(super) fn health_badge(visit: &Visit, last: Option<&LastAttempt>) -> Markup {
    let w = visit.words;
    match last {
        None => badge(w, "faint", "health-new"),
        Some(last) if last.class == "Success" => badge(w, "good", "health-good"),
        Some(_) => badge(w, "bad", "health-bad"),
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
