//! The field of a setting: its name, a sentence, its range; for the retry count also the schedule
//! of the retries.

use std::collections::HashMap;

use fluent_bundle::FluentValue;
use maud::{Markup, html};
use serde_json::Value;

use super::failure_text;
use super::problem::Problem;
use super::times::length;
use super::visit::Visit;
use super::words::{Language, Words};
use crate::settings::{Key, Kind, SettingsError, Visibility};
use crate::webhooks::schedule;
use ring::digest::{SHA256, digest};

const RETRY_COUNT: &str = "webhooks.retry_count";

/// A field of the page.
struct Field<'a> {
    key: &'static Key,
    id: String,
    value: String,
    /// Whether a value is stored that is never shown.
    hidden: bool,
    problem: &'a Problem,
}

/// Returns the id of a setting's field, which also names its words.
pub(super) fn id(key: &Key) -> String {
    key.path().replace('.', "-")
}

/// Shows a field, with the entered value or otherwise the stored one.
pub(super) fn field(
    visit: &Visit,
    key: &'static Key,
    entered: &HashMap<String, String>,
    problem: &Problem,
) -> Markup {
    let (w, path) = (visit.words, key.path());
    let settings = visit.web.gateway.settings();
    let secret = key.visibility == Visibility::WriteOnly;
    let stored = match secret {
        true => String::new(),
        false => text(settings.value(key)),
    };
    let again = secret && entered.get(&path).is_some_and(|typed| !typed.is_empty());
    let shown = entered.get(&format!("was.{path}")).cloned();
    let shown = shown.unwrap_or_else(|| mark(key.kind, &stored));
    let field = Field {
        key,
        id: id(key),
        value: match entered.get(&path) {
            Some(typed) if !secret && !key.kind.holds_secret(typed) => typed.clone(),
            _ => stored,
        },
        hidden: secret && settings.is_stored(key),
        problem,
    };
    let help = field.help();
    html! {
        div.field {
            @if !secret { input type="hidden" name={ "was." (path) } value=(shown); }
            @if key.kind == Kind::Bool {
                input type="hidden" name=(path) value="false";
                label.check {
                    input type="checkbox" name=(path) value="true" checked[field.value == "true"] aria-describedby=(help);
                    " " (w.get(&format!("set-{}", field.id)))
                }
            } @else {
                label for=(field.id) { (w.get(&format!("set-{}", field.id))) }
                (field.input(w))
            }
            (problem.beside(&field.id))
            @if again { small.why { (w.get("type-again")) } }
            small.faint id=(help) { (w.get(&help)) " " (range(w, key)) }
            @if path == RETRY_COUNT { (schedules(w, key, &field.value)) }
            @if field.hidden {
                label.check {
                    input type="checkbox" name={ "forget." (path) } value="true";
                    " " (w.get("forget"))
                }
            }
        }
    }
}

impl Field<'_> {
    fn help(&self) -> String {
        format!("help-{}", self.id)
    }

    fn input(&self, w: &Words) -> Markup {
        let (id, key, value) = (&self.id, self.key, &self.value);
        let path = key.path();
        let invalid = self.problem.invalid(id);
        let about = self.problem.described(id, &self.help());
        html! {
            @match key.kind {
                Kind::Number { min, max, .. } => {
                    input id=(id) name=(path) type="number" min=(min) max=(max) step="1" value=(value) aria-invalid=[invalid] aria-describedby=[about]
                        data-schedule=[(path == RETRY_COUNT).then_some("schedules")];
                }
                Kind::Choice(options) => {
                    select id=(id) name=(path) aria-invalid=[invalid] aria-describedby=[about] {
                        @for option in options { option value=(option) selected[*option == value] { (choice(w, key, option)) } }
                    }
                }
                Kind::TimeOfDay => input id=(id) name=(path) type="time" value=(value) aria-invalid=[invalid] aria-describedby=[about];,
                Kind::Certificates => {
                    // Browsers drop a line feed at the beginning.
                    textarea id=(id) name=(path) rows="4" dir="ltr" spellcheck="false" aria-invalid=[invalid] aria-describedby=[about] { "\n" (value) }
                }
                Kind::DeviceId | Kind::DeviceIds => input id=(id) name=(path) type="text" dir="ltr" autocomplete="off" spellcheck="false" value=(value) aria-invalid=[invalid] aria-describedby=[about];,
                Kind::Url => input id=(id) name=(path) type="url" dir="ltr" value=(value) aria-invalid=[invalid] aria-describedby=[about];,
                _ if key.visibility == Visibility::WriteOnly => {
                    input id=(id) name=(path) type="password" autocomplete="new-password" value="" placeholder=[self.hidden.then(|| w.get("unchanged"))] aria-invalid=[invalid] aria-describedby=[about];
                }
                _ => input id=(id) name=(path) type="text" value=(value) aria-invalid=[invalid] aria-describedby=[about];,
            }
        }
    }
}

/// Returns the text of a choice: a language names itself; the others have words.
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

/// Shows the schedule for the count in the field, and makes those of all other counts, for the
/// script or to look at. An impossible count has a sentence instead.
fn schedules(w: &Words, key: &'static Key, entered: &str) -> Markup {
    let usual = key.default_value().and_then(|value| value.as_u64());
    let count = match typed(key.kind, entered) {
        Value::Null => usual,
        value => value.as_u64(),
    };
    let counts = 1..=30_u32;
    let count = count.and_then(|count| u32::try_from(count).ok());
    let no_count = failure_text::of_settings(w, &SettingsError::Value(key));
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
        p.schedule id="schedule" aria-live="polite" data-else=(no_count) {
            @match count.filter(|count| counts.contains(count)) { Some(count) => (line(count)), None => (no_count) }
        }
        details {
            summary { (w.get("schedule-others")) }
            ol id="schedules" data-usual=[usual] { @for count in counts.clone() { li { (line(count)) } } }
        }
    }
}

fn text(value: Option<Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    }
}

/// Returns a mark that identifies the value of a field: the value itself, or a digest for
/// certificates, which may be long.
pub(super) fn mark(kind: Kind, value: &str) -> String {
    let value = value.trim().replace("\r\n", "\n");
    if kind == Kind::Certificates {
        return crate::model::hex::hex(digest(&SHA256, value.as_bytes()).as_ref());
    }
    value
}

/// Converts the typed text to JSON; an empty text resets to the default.
pub(super) fn typed(kind: Kind, entered: &str) -> Value {
    match kind {
        _ if entered.trim().is_empty() => Value::Null,
        Kind::Bool => Value::from(entered == "true"),
        // The settings refuse text that is no number, with their own sentence.
        Kind::Number { .. } => entered
            .trim()
            .parse::<u64>()
            .map_or_else(|_| Value::from(entered), Value::from),
        Kind::Certificates => Value::from(entered.replace("\r\n", "\n")),
        _ => Value::from(entered),
    }
}
