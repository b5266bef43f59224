//! Every setting by group, each with a sentence and its range; the retry count with the schedule that
//! it leads to. The fields are made from the table of settings, and saved by the API's own method.

use axum::http::StatusCode;
use axum::response::Response;
use fluent_bundle::FluentValue;
use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::frame::{self, back, length};
use super::guard::{Posted, Visit};
use super::reasons;
use super::words::{Language, Words};
use crate::gateway::ChangeSettingsError;
use crate::settings::{KEYS, Key, Kind, Mode, Scope};
use crate::webhooks::schedule;

/// Changed on the screen for access, after signing in once more.
const SIGNING_KEY: &str = "webhooks.signing_key";
const RETRY_COUNT: &str = "webhooks.retry_count";

pub(super) async fn show(visit: Visit) -> Response {
    screen(&visit, StatusCode::OK, None, None)
}

fn screen(
    visit: &Visit,
    status: StatusCode,
    posted: Option<&Posted>,
    problem: Option<&str>,
) -> Response {
    let w = visit.words;
    let mut groups: Vec<&str> = Vec::new();
    for key in keys() {
        if !groups.contains(&key.group) {
            groups.push(key.group);
        }
    }
    let content = html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        form method="post" action="/ui/settings" {
            (visit.token())
            @for group in groups {
                fieldset.card {
                    legend { (w.get(&format!("group-{group}"))) }
                    @for key in keys().filter(|key| key.group == group) {
                        (field(visit, key, posted))
                    }
                    @if group == "webhooks" { p { a href="/ui/access" { (w.get("signing-key-elsewhere")) } } }
                }
            }
            p.bar.low { button type="submit" { (w.get("save")) } }
        }
    };
    visit.page_with(status, &w.get("menu-settings"), content)
}

/// The settings that this screen shows and takes.
fn keys() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(|key| key.path() != SIGNING_KEY)
}

fn field(visit: &Visit, key: &Key, posted: Option<&Posted>) -> Markup {
    let w = visit.words;
    let path = key.path();
    let settings = visit.web.gateway.settings();
    let value = match posted.and_then(|posted| posted.fields.get(&path)) {
        Some(entered) => entered.clone(),
        None if key.scope == Scope::WriteOnly => String::new(),
        None => text(settings.value(key)),
    };
    let word = path.replace('.', "-");
    let help = format!("help-{word}");
    html! {
        div.field {
            @if key.kind == Kind::Bool {
                input type="hidden" name=(path) value="false";
                label.check {
                    input type="checkbox" name=(path) value="true" checked[value == "true"] aria-describedby=(help);
                    " " (w.get(&format!("set-{word}")))
                }
            } @else {
                label for=(word) { (w.get(&format!("set-{word}"))) }
                (input(visit, key, &word, &value))
            }
            small.faint id=(help) { (w.get(&help)) " " (range(w, key)) }
            @if path == RETRY_COUNT { (schedules(w, settings.retry_count())) }
            @if key.scope == Scope::WriteOnly && settings.is_stored(key) {
                label.check {
                    input type="checkbox" name={ "forget." (path) } value="true";
                    " " (w.get("forget"))
                }
            }
        }
    }
}

fn input(visit: &Visit, key: &Key, word: &str, value: &str) -> Markup {
    let path = key.path();
    let help = format!("help-{word}");
    let stored = visit.web.gateway.settings().is_stored(key);
    html! {
        @match key.kind {
            Kind::Number { min, max, .. } => {
                input id=(word) name=(path) type="number" min=(min) max=(max) step="1" value=(value) aria-describedby=(help)
                    data-schedule=[(path == RETRY_COUNT).then_some("schedules")];
            }
            Kind::Choice(options) => {
                select id=(word) name=(path) aria-describedby=(help) {
                    @for option in options { option value=(option) selected[*option == value] { (choice(visit.words, key, option)) } }
                }
            }
            Kind::TimeOfDay => input id=(word) name=(path) type="time" value=(value) aria-describedby=(help);,
            Kind::Certificates => textarea id=(word) name=(path) rows="4" dir="ltr" spellcheck="false" aria-describedby=(help) { (value) },
            Kind::Url => input id=(word) name=(path) type="url" dir="ltr" value=(value) aria-describedby=(help);,
            _ if key.scope == Scope::WriteOnly => {
                input id=(word) name=(path) type="password" autocomplete="new-password" value="" placeholder=[stored.then(|| visit.words.get("unchanged"))] aria-describedby=(help);
            }
            _ => input id=(word) name=(path) type="text" value=(value) aria-describedby=(help);,
        }
    }
}

/// A language names itself; the other choices have words.
fn choice(w: &Words, key: &Key, option: &str) -> String {
    if key.group != "ui" {
        return w.get(&format!("choice-{}", option.to_lowercase()));
    }
    let language = Language::ALL.into_iter().find(|one| one.code() == option);
    language.map_or_else(|| w.get("language-auto"), |one| one.own_name().to_owned())
}

fn range(w: &Words, key: &Key) -> String {
    match key.kind {
        Kind::Number { min, max, unit } => {
            let unit = w.get(&format!("unit-{unit}"));
            let given = [
                ("min", FluentValue::from(min)),
                ("max", FluentValue::from(max)),
                ("what", FluentValue::from(unit)),
            ];
            w.with("range", &given)
        }
        _ => String::new(),
    }
}

/// The schedule of the count in force, and of every other for the script, or to look at.
fn schedules(w: &Words, current: u32) -> Markup {
    let line = |count: u32| {
        let after = length(w, schedule(count).as_secs());
        w.with(
            "schedule",
            &[
                ("n", FluentValue::from(count)),
                ("after", FluentValue::from(after)),
            ],
        )
    };
    html! {
        p.schedule id="schedule" aria-live="polite" { (line(current)) }
        details {
            summary { (w.get("schedule-others")) }
            ol id="schedules" { @for count in 1..=30 { li { (line(count)) } } }
        }
    }
}

pub(super) async fn save(posted: Posted) -> Response {
    let visit = &posted.visit;
    let mut document = Map::new();
    for key in keys() {
        let path = key.path();
        let forgotten = posted.fields.contains_key(&format!("forget.{path}"));
        let entered = posted.fields.get(&path).map(String::as_str);
        let value = match entered {
            _ if forgotten => Value::Null,
            None => continue,
            Some("") if key.scope == Scope::WriteOnly => continue,
            Some(entered) => typed(key.kind, entered),
        };
        let group = document.entry(key.group).or_insert_with(|| json!({}));
        group[key.name] = value;
    }
    match visit
        .web
        .gateway
        .change_settings(&document.into(), Mode::Merge)
        .await
    {
        Ok(_) => back("/ui/settings?done=saved"),
        Err(ChangeSettingsError::Invalid(error)) => {
            let sentence = reasons::of_settings(visit.words, &error);
            screen(
                visit,
                StatusCode::BAD_REQUEST,
                Some(&posted),
                Some(&sentence),
            )
        }
        Err(ChangeSettingsError::Store(error)) => frame::failure(visit.words, &error),
    }
}

/// What was typed, as JSON; nothing means back to the default.
fn typed(kind: Kind, entered: &str) -> Value {
    match kind {
        _ if entered.trim().is_empty() => Value::Null,
        Kind::Bool => Value::from(entered == "true"),
        // What is no number is refused by the settings with their own sentence.
        Kind::Number { .. } => entered
            .trim()
            .parse::<u64>()
            .map_or_else(|_| Value::from(entered), Value::from),
        Kind::Certificates => Value::from(entered.replace("\r\n", "\n")),
        _ => Value::from(entered),
    }
}

fn text(value: Option<Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    }
}
