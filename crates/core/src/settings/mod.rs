//! The settings: the list of them ([`keys`]), their valid values ([`kind`]), and the snapshot that
//! the rest of the gateway reads.

mod certificates;
mod document;
mod keys;
mod kind;
mod values;

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub(crate) use certificates::parse_certificates;
pub(crate) use document::{Mode, Read, read};
pub use document::{SettingsDocument, SettingsError};
pub use keys::{KEYS, Key, Visibility};
pub use kind::Kind;
pub use kind::is_device_id;
pub use values::{AllowHttp, LimitPeriod, Messages, ProcessingOrder, SimSelection, Values};

/// A stored setting whose value had to be changed.
pub(crate) struct Cleaned {
    pub key: &'static Key,
    /// The remaining value; `None` for the default.
    pub value: Option<Value>,
    /// Whether the removed part is a secret.
    pub secret: bool,
}

/// All settings at one moment; read as [`Values`]. `Debug` hides the values, some of which are
/// secret. Cloning only increments two reference counts.
#[derive(Clone, PartialEq)]
pub struct Settings {
    /// The values that differ from the defaults, by `group.name`.
    stored: Arc<BTreeMap<String, Value>>,
    values: Arc<Values>,
}

impl Deref for Settings {
    type Target = Values;

    fn deref(&self) -> &Values {
        &self.values
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::of(BTreeMap::new())
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Settings(..)")
    }
}

impl Settings {
    /// Applies a document, in the form of a PATCH, to the defaults.
    pub fn from_document(document: &Value) -> Result<Self, SettingsError> {
        let before = Self::default();
        Ok(before.with(&read(document, Mode::Merge, &before)?.changes))
    }

    /// Removes stored content that would be shown and should not be stored. Returns the changes.
    /// Versions before 0.2 stored pasted text unchanged.
    pub(crate) fn clean(&mut self) -> Vec<Cleaned> {
        let mut cleaned = Vec::new();
        for key in KEYS {
            let Some(stored) = self.stored.get(&key.path()) else {
                continue;
            };
            let secret = stored
                .as_str()
                .is_some_and(|text| key.kind.holds_secret(text));
            let value = match (secret, stored.as_str()) {
                (true, Some(text)) => key.kind.without_secret(text),
                _ => Some(key.kind.kept(stored)),
            };
            if value.as_ref() != Some(stored) {
                cleaned.push(Cleaned { key, value, secret });
            }
        }
        for one in &cleaned {
            *self = self.with(&[(one.key, one.value.clone())]);
        }
        cleaned
    }

    pub(crate) fn new(stored: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self::of(stored.into_iter().collect())
    }

    fn of(stored: BTreeMap<String, Value>) -> Self {
        Self {
            values: Arc::new(Values::of(&stored)),
            stored: Arc::new(stored),
        }
    }

    /// Returns whether the owner stored a value, for keys whose value is never shown.
    pub(crate) fn is_stored(&self, key: &Key) -> bool {
        self.stored.contains_key(&key.path())
    }

    /// Returns the value of a key, otherwise its default, or `None` if it has neither.
    pub(crate) fn value(&self, key: &Key) -> Option<Value> {
        self.stored
            .get(&key.path())
            .cloned()
            .or_else(|| key.default_value())
    }

    /// Returns the key of `X-Signature`.
    pub fn signing_key(&self) -> Option<String> {
        self.webhooks.signing_key.clone()
    }

    /// Returns the interval of `system:ping`, or `None` for no pings.
    pub fn ping_interval(&self) -> Option<Duration> {
        self.ping.interval()
    }

    /// Returns the settings with another device id: that of a phone that this one replaces, or its
    /// own if `id` is empty.
    pub(crate) fn with_device_id(&self, id: &str) -> Self {
        let id = Some(Value::from(id)).filter(|id| id != "");
        let key = KEYS.iter().find(|key| key.path() == "device.id");
        let change: Vec<_> = key.map(|key| (key, id)).into_iter().collect();
        self.with(&change)
    }
}
