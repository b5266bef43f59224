//! Shows every setting by group, and saves by the API's own method. The fields are made from the
//! table of settings ([`super::setting`]).

use std::collections::HashMap;

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use serde_json::{Map, Value, json};

use super::failure_text;
use super::layout::back;
use super::problem::Problem;
use super::setting::{field, id, mark, typed};
use super::visit::{Posted, Visit};
use crate::gateway::ChangeSettingsError;
use crate::settings::{KEYS, Key, Mode, SettingsError, Visibility};

/// Changed on the screen for access, after the visitor enters the password again.
const SIGNING_KEY: &str = "webhooks.signing_key";

pub(super) async fn show(visit: Visit) -> Response {
    let nothing = HashMap::new();
    screen(&visit, StatusCode::OK, &nothing, &Problem::default())
}

fn screen(
    visit: &Visit,
    status: StatusCode,
    entered: &HashMap<String, String>,
    problem: &Problem,
) -> Response {
    let w = visit.words;
    let mut groups: Vec<&str> = Vec::new();
    for key in keys() {
        if !groups.contains(&key.group) {
            groups.push(key.group);
        }
    }
    let content = html! {
        (problem.line())
        form method="post" action="/ui/settings" {
            (visit.token())
            @for group in groups {
                fieldset.card {
                    legend { (w.get(&format!("group-{group}"))) }
                    @for key in keys().filter(|key| key.group == group) {
                        (field(visit, key, entered, problem))
                    }
                    @if group == "webhooks" { p { a href="/ui/access" { (w.get("signing-key-elsewhere")) } } }
                }
            }
            p.bar.low { button type="submit" { (w.get("save")) } }
        }
    };
    visit.page_with(status, &w.get("menu-settings"), content)
}

/// Returns the settings that this screen shows and saves.
fn keys() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(|key| key.path() != SIGNING_KEY)
}

/// Saves the fields that were changed in the form. The stored values may have changed since the
/// form was shown, and a window that was left open must not undo that.
pub(super) async fn save(posted: Posted) -> Response {
    let visit = &posted.visit;
    let mut document = Map::new();
    for key in keys() {
        if let Some(value) = changed(key, &posted.fields) {
            let group = document.entry(key.group).or_insert_with(|| json!({}));
            group[key.name] = value;
        }
    }
    let gateway = &visit.web.gateway;
    match gateway.change_settings(&document.into(), Mode::Form).await {
        Ok(_) => back("/ui/settings?done=saved"),
        Err(ChangeSettingsError::Invalid(error)) => {
            let sentence = failure_text::of_settings(visit.words, &error);
            let problem = Problem::new(&refused(&error), sentence);
            screen(visit, StatusCode::BAD_REQUEST, &posted.fields, &problem)
        }
        Err(ChangeSettingsError::Store(error)) => visit.failure(&error),
    }
}

/// Returns the new value of a setting; `None` if its field was left unchanged.
fn changed(key: &Key, fields: &HashMap<String, String>) -> Option<Value> {
    let path = key.path();
    let entered = fields.get(&path)?.as_str();
    let shown = fields.get(&format!("was.{path}"));
    match key.visibility {
        Visibility::WriteOnly if fields.contains_key(&format!("forget.{path}")) => {
            Some(Value::Null)
        }
        Visibility::WriteOnly if entered.is_empty() => None,
        Visibility::WriteOnly => Some(Value::from(entered)),
        _ if shown.is_some_and(|shown| *shown == mark(key.kind, entered)) => None,
        _ => Some(typed(key.kind, entered)),
    }
}

/// Returns the field that an error belongs to.
fn refused(error: &SettingsError) -> String {
    match error {
        SettingsError::Value(key) | SettingsError::Secret(key) => id(key),
        SettingsError::Pauses { .. } => "messages-send_interval_max".into(),
        SettingsError::Shape | SettingsError::Group(_) => String::new(),
    }
}
