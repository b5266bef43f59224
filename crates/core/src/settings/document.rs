//! The settings document of the API: one object per group.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::keys::INCOMING_LIFETIME;
use super::{KEYS, Key, Kind, Settings, Visibility};
use crate::model::ignored::Ignored;

/// Why settings were refused, as a sentence that says what to change; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The document is not an object of groups.
    #[error("The body must be a JSON object of settings groups.")]
    Shape,
    /// A group is not an object.
    #[error("{0} must be an object.")]
    Group(&'static str),
    /// The value is not valid for the setting.
    #[error("{} {}.", .0.path(), .0.kind.requirement())]
    Value(&'static Key),
    /// The value holds a secret, but the setting is shown to anybody who may read settings.
    #[error("{} {}.", .0.path(), match .0.kind {
        Kind::Certificates => "contains a private key, but settings are visible. Send only the certificates, \
            and replace that key if others may have seen it",
        _ => "contains a user or a password, but settings are visible. Leave them out",
    })]
    Secret(&'static Key),
    /// The longest pause is shorter than the shortest.
    #[error(
        "messages.send_interval_max ({max}) must not be below messages.send_interval_min ({min})."
    )]
    Pauses {
        /// Seconds.
        min: u64,
        /// Seconds.
        max: u64,
    },
}

/// How settings that a request does not name are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// They stay unchanged (PATCH).
    Merge,
    /// They stay unchanged, and out-of-range values are refused: a person can correct them at once.
    Form,
    /// They return to their defaults, except those that published clients cannot know (PUT).
    Replace,
}

/// A change of one setting: the new value, or `None` for the default.
pub(crate) type Change = (&'static Key, Option<Value>);

/// The changes that a request asks for.
#[derive(Debug)]
pub(crate) struct Read {
    pub changes: Vec<Change>,
    /// Settings that were stored with a corrected value, as sentences without a full stop.
    pub adjusted: Vec<String>,
    /// Unknown names.
    pub ignored: Ignored,
}

/// Validates a request's body and returns its changes. The resulting settings are checked as a
/// whole, so all changes are accepted or none.
pub(crate) fn read(body: &Value, mode: Mode, current: &Settings) -> Result<Read, SettingsError> {
    let groups = body.as_object().ok_or(SettingsError::Shape)?;
    let mut read = Read {
        changes: Vec::new(),
        adjusted: Vec::new(),
        ignored: unknown(groups),
    };
    let incoming = read.value(groups, &INCOMING_LIFETIME, mode)?;
    for key in KEYS {
        let asked = match read.value(groups, key, mode)? {
            asked if key.is(MESSAGE_LIFETIME) => read.longer(asked, incoming.clone()),
            asked => asked,
        };
        match asked {
            Some(value) => read.changes.push((key, value)),
            None if mode == Mode::Replace && key.visibility == Visibility::Plain => {
                read.changes.push((key, None));
            }
            None => {}
        }
    }
    check_together(&current.with(&read.changes))?;
    Ok(read)
}

const MESSAGE_LIFETIME: (&str, &str) = ("messages", "log_lifetime_days");

impl Read {
    /// Returns a request's value for a setting: none, the default, or a value.
    fn value(
        &mut self,
        groups: &Map<String, Value>,
        key: &'static Key,
        mode: Mode,
    ) -> Result<Option<Option<Value>>, SettingsError> {
        let group = match groups.get(key.group) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::Object(group)) => group,
            Some(_) => return Err(SettingsError::Group(key.group)),
        };
        let asked = match group.get(key.name) {
            None => return Ok(None),
            Some(Value::Null) => return Ok(Some(None)),
            Some(asked) => asked,
        };
        if asked
            .as_str()
            .is_some_and(|text| key.kind.holds_secret(text))
        {
            return Err(SettingsError::Secret(key));
        }
        if let Some(value) = key.kind.read(asked) {
            return Ok(Some(Some(key.kind.kept(&value))));
        }
        let most = key.kind.at_most(asked).filter(|_| mode != Mode::Form);
        let most = most.ok_or(SettingsError::Value(key))?;
        let path = key.path();
        self.adjusted.push(format!(
            "{path} may be at most {most} and was set to {most}"
        ));
        Ok(Some(Some(most)))
    }

    /// Returns the lifetime of messages. If the request also names a lifetime of incoming messages,
    /// the longer one applies, so that nothing is removed before either ends.
    fn longer(
        &mut self,
        all: Option<Option<Value>>,
        incoming: Option<Option<Value>>,
    ) -> Option<Option<Value>> {
        let days = |value: &Value| value.as_u64().filter(|days| *days > 0).unwrap_or(u64::MAX);
        match (all, incoming) {
            (Some(Some(all)), Some(Some(incoming))) if days(&all) != days(&incoming) => {
                let longer = if days(&all) > days(&incoming) {
                    all
                } else {
                    incoming
                };
                self.adjusted.push(format!(
                    "messages.log_lifetime_days applies to incoming messages too and was set to \
                     {longer}, the longer of the two"
                ));
                Some(Some(longer))
            }
            (Some(Some(all)), _) => Some(Some(all)),
            (all, incoming) => incoming.or(all),
        }
    }
}

/// Returns the names in a request that are not settings.
fn unknown(groups: &Map<String, Value>) -> Ignored {
    let known = || KEYS.iter().chain([&INCOMING_LIFETIME]);
    let mut names = Vec::new();
    for (group, members) in groups {
        if !known().any(|key| key.group == group) {
            names.push(group.clone());
            continue;
        }
        let members = members.as_object().into_iter().flatten();
        let unknown = members.filter(|(name, _)| !known().any(|key| key.is((group, name))));
        names.extend(unknown.map(|(name, _)| format!("{group}.{name}")));
    }
    Ignored::new(names)
}

fn check_together(settings: &Settings) -> Result<(), SettingsError> {
    let (min, max) = (
        settings.messages.send_interval_min,
        settings.messages.send_interval_max,
    );
    match max {
        Some(max) if max < min => Err(SettingsError::Pauses { min, max }),
        _ => Ok(()),
    }
}

impl Settings {
    /// Returns the settings after a change.
    pub(crate) fn with(&self, changes: &[Change]) -> Self {
        let mut stored = BTreeMap::clone(&self.stored);
        for (key, value) in changes {
            match value {
                Some(value) => stored.insert(key.path(), value.clone()),
                None => stored.remove(&key.path()),
            };
        }
        Self::of(stored)
    }

    /// Returns the document of `GET /settings`: every group, with defaults and without write-only
    /// values.
    pub fn document(&self) -> Value {
        let mut groups = Map::new();
        for key in KEYS {
            let group = groups.entry(key.group).or_insert_with(|| json!({}));
            let value = self
                .value(key)
                .filter(|_| key.visibility != Visibility::WriteOnly);
            if let (Value::Object(group), Some(value)) = (group, value) {
                group.insert(key.name.into(), value);
            }
        }
        Value::Object(groups)
    }
}

/// The schema of the settings document, made from [`KEYS`]. Every value may be `null` in a request,
/// which means back to its default; an answer never holds `null` nor a write-only value.
pub struct SettingsDocument;

impl PartialSchema for SettingsDocument {
    fn schema() -> RefOr<Schema> {
        let group_or_null =
            || ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::Object, Type::Null]));
        let mut groups: BTreeMap<&str, ObjectBuilder> = BTreeMap::new();
        for key in KEYS {
            let schema = key
                .kind
                .schema()
                .description(Some(key.help))
                .default(key.default_value())
                .write_only(key.visibility == Visibility::WriteOnly);
            let group = groups.remove(key.group).unwrap_or_else(group_or_null);
            groups.insert(key.group, group.property(key.name, schema));
        }
        let add = |document: ObjectBuilder, (name, group)| document.property(name, group);
        groups.into_iter().fold(ObjectBuilder::new(), add).into()
    }
}

impl ToSchema for SettingsDocument {
    fn name() -> std::borrow::Cow<'static, str> {
        "Settings".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: Value, expected: Result<Value, &str>) {
        let before = Settings::new([("messages.send_interval_min".to_owned(), json!(5))]);
        let outcome =
            read(&body, Mode::Merge, &before).map(|read| before.with(&read.changes).document());
        match (outcome, expected) {
            (Ok(after), Ok(part)) => assert_eq!(after["messages"], part, "{body}"),
            (Err(error), Err(sentence)) => assert_eq!(error.to_string(), sentence, "{body}"),
            (outcome, expected) => panic!("{body}: {outcome:?} is not {expected:?}"),
        }
    }

    #[test]
    fn patch_merges_or_is_refused_with_a_sentence() {
        let defaults = json!({"send_interval_min": 5, "limit_period": "Disabled", "limit_value": 0,
            "work_hours_enabled": false, "work_hours_start": "09:00", "work_hours_end": "19:00",
            "sim_selection_mode": "OSDefault", "processing_order": "FIFO"});
        let with = |name: &str, value: Value| {
            let mut document = defaults.clone();
            document[name] = value;
            Ok(document)
        };
        check(json!({}), Ok(defaults.clone()));
        check(
            json!({"unknown": 1, "messages": {"unknown": 2}}),
            Ok(defaults.clone()),
        );
        check(
            json!({"messages": {"send_interval_min": null}}),
            with("send_interval_min", json!(0)),
        );
        check(
            json!({"messages": {"send_interval_max": 5}}),
            with("send_interval_max", json!(5)),
        );
        check(
            json!([]),
            Err("The body must be a JSON object of settings groups."),
        );
        check(json!({"messages": 5}), Err("messages must be an object."));
        check(
            json!({"messages": {"send_interval_max": 4}}),
            Err("messages.send_interval_max (4) must not be below messages.send_interval_min (5)."),
        );
        check(
            json!({"webhooks": {"retry_count": 0}}),
            Err("webhooks.retry_count must be a whole number from 1 to 30 (retries)."),
        );
        check(
            json!({"webhooks": {"retry_count": "14.5"}}),
            Err("webhooks.retry_count must be a whole number from 1 to 30 (retries)."),
        );
        check(
            json!({"encryption": {"passphrase": " \t"}}),
            Err("encryption.passphrase must be a text of 1 to 1024 characters, not only spaces."),
        );
        check(
            json!({"messages": {"work_hours_start": "24:00"}}),
            Err("messages.work_hours_start must be a time of day as HH:mm, from 00:00 to 23:59."),
        );
    }

    #[test]
    fn lifetime_is_the_longer_of_both() {
        for (all, incoming, expected) in [
            (json!(7), json!(60), json!(60)),
            (json!(60), json!(7), json!(60)),
            (json!(0), json!(7), json!(0)),
            (json!(7), json!(null), json!(7)),
            (json!(null), json!(7), json!(7)),
        ] {
            let body = json!({"messages": {"log_lifetime_days": all},
                "incoming": {"lifetime_days": incoming}});
            let before = Settings::default();
            let read = read(&body, Mode::Merge, &before).expect("days");
            let after = before.with(&read.changes).document();
            assert_eq!(after["messages"]["log_lifetime_days"], expected, "{body}");
        }
    }

    #[test]
    fn form_is_refused_where_a_client_is_corrected() {
        let body = json!({"webhooks": {"retry_count": 31}});
        let before = Settings::default();
        assert!(read(&body, Mode::Form, &before).is_err());
        let read = read(&body, Mode::Merge, &before).expect("it is corrected");
        assert_eq!(before.with(&read.changes).webhooks.retry_count, 30);
        assert_eq!(read.adjusted.len(), 1);
    }

    #[test]
    fn put_resets_only_the_settings_that_clients_know() {
        let before = Settings::new([
            ("webhooks.retry_count".to_owned(), json!(3)),
            ("webhooks.signing_key".to_owned(), json!("k")),
            ("webhooks.allow_http".to_owned(), json!("any")),
            ("messages.work_hours_enabled".to_owned(), json!(true)),
        ]);
        let read = read(&json!({}), Mode::Replace, &before).expect("an empty PUT is valid");
        let after = before.with(&read.changes);
        assert_eq!(after.webhooks.retry_count, 14);
        assert_eq!(after.signing_key().as_deref(), Some("k"));
        assert_eq!(after.webhooks.allow_http, super::super::AllowHttp::Any);
        assert_eq!(after.document()["messages"]["work_hours_enabled"], true);
    }

    #[test]
    fn document_has_every_group_and_no_write_only_setting() {
        let stored = KEYS
            .iter()
            .filter(|key| key.visibility == Visibility::WriteOnly);
        let document = Settings::new(stored.map(|key| (key.path(), json!("secret")))).document();
        assert_eq!(document["encryption"], json!({}));
        assert_eq!(document["ping"], json!({}));
        assert!(!document.to_string().contains("secret"));
    }

    #[test]
    fn schema_marks_write_only_settings_and_allows_null() {
        let schema = serde_json::to_value(SettingsDocument::schema()).expect("a JSON schema");
        for key in KEYS {
            let property = &schema["properties"][key.group]["properties"][key.name];
            let write_only = property["writeOnly"] == true;
            assert_eq!(
                write_only,
                key.visibility == Visibility::WriteOnly,
                "{}",
                key.path()
            );
            assert_eq!(property["type"][1], "null", "{}", key.path());
            if let Some(words) = property["enum"].as_array() {
                assert!(words.contains(&Value::Null), "{}", key.path());
            }
        }
    }

    #[test]
    fn defaults_are_valid_values() {
        for key in KEYS {
            if let Some(value) = key.default_value() {
                assert!(key.kind.takes(&value), "{}", key.path());
            }
        }
    }
}
