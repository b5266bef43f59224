//! Shows the log, newest first, filtered and followed.

use axum::response::Response;
use maud::html;

use super::layout::{badge, encode};
use super::untrusted_text::foreign;
use super::visit::Visit;
use crate::model::clock::UnixMillis;
use crate::store::Priority;

const SHOWN: u32 = 100;
const EVER: (UnixMillis, UnixMillis) = (UnixMillis(i64::MIN), UnixMillis(i64::MAX));

pub(super) async fn list(visit: Visit) -> Response {
    let w = visit.words;
    let before = visit.asked("before").parse::<i64>().ok();
    let least = match visit.asked("priority") {
        "WARN" => Some(Priority::Warn),
        "ERROR" => Some(Priority::Error),
        _ => None,
    };
    let read = visit.web.gateway.read(move |snapshot| match least {
        Some(least) => snapshot.logs_of_note(least, before, SHOWN + 1),
        None => snapshot.logs(EVER, before, SHOWN + 1, 0),
    });
    let mut entries = match read.await {
        Ok(entries) => entries,
        Err(error) => return visit.failure(&error),
    };
    let more = entries.len() > SHOWN as usize;
    entries.truncate(SHOWN as usize);
    let next = entries.last().filter(|_| more).map(|entry| entry.seq);
    let priority = visit.asked("priority");
    let content = html! {
        nav.filters aria-label=(w.get("priority")) {
            @for (value, word) in [("", "all"), ("WARN", "log-warn"), ("ERROR", "log-error")] {
                a href={ "/ui/logs?priority=" (value) } aria-current=[(priority == value).then_some("true")] { (w.get(word)) }
            }
        }
        div id="logs" data-live=[before.is_none().then_some("")] {
            @if entries.is_empty() {
                @if least.is_none() && before.is_none() { p.empty { (w.get("logs-empty")) } }
                @else { p.empty { (w.get("logs-none")) " " a href="/ui/logs" { (w.get("logs-all")) } } }
            }
            ul.list {
                @for entry in &entries {
                    li.entry {
                        span.who { (priority_badge(&visit, &entry.priority)) }
                        span.when { (visit.time(entry.created_at)) }
                        span.what lang="en" dir="ltr" {
                            span id={ "entry-" (entry.seq) } { (entry.message) " " } span.faint { (entry.module) }
                            @if let Some(context) = &entry.context {
                                // By ids, because the message is in another language than the word.
                                @let name = format!("details-{}", entry.seq);
                                details {
                                    summary id=(name) lang=(w.language.code()) aria-labelledby={ (name) " entry-" (entry.seq) } { (w.get("details")) }
                                    (foreign(&context.to_string()))
                                }
                            }
                        }
                    }
                }
            }
        }
        nav.pages aria-label=(w.get("pages")) {
            @if before.is_some() { a href={ "/ui/logs?priority=" (encode(priority)) } { (w.get("newest")) } }
            @if let Some(next) = next { a href={ "/ui/logs?priority=" (encode(priority)) "&before=" (next) } rel="next" { (w.get("older")) } }
        }
    };
    visit.page(&w.get("menu-logs"), content)
}

fn priority_badge(visit: &Visit, priority: &str) -> maud::Markup {
    let (kind, word) = match priority {
        "ERROR" => ("bad", "log-error"),
        "WARN" => ("warn", "log-warn"),
        _ => ("faint", "log-info"),
    };
    badge(visit.words, kind, word)
}
