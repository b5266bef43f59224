//! The form of a webhook, and the display of its URL.

use maud::{Markup, html};

use super::problem::Problem;
use super::visit::Visit;
use crate::events::EventName;
use crate::webhooks::Registration;

/// Makes the form that adds or changes a webhook.
pub(super) fn form(visit: &Visit, entered: &Registration, problem: &Problem, edit: bool) -> Markup {
    let w = visit.words;
    // The address where the visitor reads the answer if it is a refusal.
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

/// Hides the query and the user part of a URL. They often hold keys, which a list must not show to
/// a person who looks over a shoulder.
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
