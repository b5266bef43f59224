//! The log, newest first, filtered and followed.

use axum::response::Response;
use maud::html;

use super::foreign::foreign;
use super::frame::{badge, encode};
use super::guard::Visit;
use crate::clock::UnixMillis;
use crate::store::LogRecord;

const SHOWN: usize = 100;
/// The most entries that are looked at for those of a priority.
const LOOKED_AT: u32 = 2_000;

pub(super) async fn list(visit: Visit) -> Response {
    let w = visit.words;
    let before = visit.asked("before").parse::<i64>().ok();
    let wanted: &'static [&'static str] = match visit.asked("priority") {
        "WARN" => &["WARN", "ERROR"],
        "ERROR" => &["ERROR"],
        _ => &[],
    };
    let range = (UnixMillis(i64::MIN), UnixMillis(i64::MAX));
    let read = visit.web.gateway.read(move |snapshot| {
        let look_at = if wanted.is_empty() { 101 } else { LOOKED_AT };
        snapshot.logs(range, before, look_at, 0)
    });
    let looked_at = match read.await {
        Ok(entries) => entries,
        Err(error) => return visit.failure(&error),
    };
    let full = looked_at.len() >= LOOKED_AT as usize;
    let last = looked_at.last().map(|entry| entry.seq);
    let fits = |entry: &LogRecord| wanted.is_empty() || wanted.contains(&entry.priority.as_str());
    let mut entries: Vec<_> = looked_at.into_iter().filter(fits).collect();
    let more = entries.len() > SHOWN;
    entries.truncate(SHOWN);
    let next = if more {
        entries.last().map(|entry| entry.seq)
    } else {
        last.filter(|_| full)
    };
    let priority = visit.asked("priority");
    let content = html! {
        nav.filters aria-label=(w.get("priority")) {
            @for (value, word) in [("", "all"), ("WARN", "log-warn"), ("ERROR", "log-error")] {
                a href={ "/ui/logs?priority=" (value) } aria-current=[(priority == value).then_some("true")] { (w.get(word)) }
            }
        }
        div id="logs" data-live=[before.is_none().then_some("")] {
            @if entries.is_empty() {
                @if wanted.is_empty() && before.is_none() { p.empty { (w.get("logs-empty")) } }
                @else { p.empty { (w.get("logs-none")) " " a href="/ui/logs" { (w.get("logs-all")) } } }
            }
            ul.list {
                @for entry in &entries {
                    li.entry {
                        span.who { (priority_badge(&visit, &entry.priority)) }
                        span.when { (visit.time(entry.created_at)) }
                        span.what lang="en" dir="ltr" {
                            (entry.message) " " span.faint { (entry.module) }
                            @if let Some(context) = &entry.context {
                                details { summary { (w.get("details")) } (foreign(&context.to_string())) }
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
