//! The settings: which there are ([`keys`]), what a value may be ([`kind`]), and the snapshot that
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

/// A stored setting that was not to be kept as it was.
pub(crate) struct Cleaned {
    pub key: &'static Key,
    /// What is left of it; `None` for its default.
    pub value: Option<Value>,
    /// What was taken out is a secret.
    pub secret: bool,
}

/// All settings at one moment; read as [`Values`]. `Debug` hides the values, some of which are secret.
/// A clone is two counters.
#[derive(Clone, PartialEq)]
pub struct Settings {
    /// What differs from the default, by `group.name`.
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
    /// The settings of a document as PATCH takes it, over the defaults.
    pub fn from_document(document: &Value) -> Result<Self, SettingsError> {
        let before = Self::default();
        Ok(before.with(&read(document, Mode::Merge, &before)?.changes))
    }

    /// Takes out of stored settings what is shown but was not to be kept; tells what changed. Versions
    /// before 0.2 kept whatever was pasted.
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

    /// Whether a value of the owner's is stored, for keys whose value is never shown.
    pub(crate) fn is_stored(&self, key: &Key) -> bool {
        self.stored.contains_key(&key.path())
    }

    /// The value of a key, its default where nothing is stored, `None` where there is none either.
    pub(crate) fn value(&self, key: &Key) -> Option<Value> {
        self.stored
            .get(&key.path())
            .cloned()
            .or_else(|| key.default_value())
    }

    /// The key of `X-Signature`.
    pub fn signing_key(&self) -> Option<String> {
        self.webhooks.signing_key.clone()
    }

    /// The interval of `system:ping`; `None` for no pings.
    pub fn ping_interval(&self) -> Option<Duration> {
        self.ping.interval()
    }

    /// The same with the id of a phone whose place this one takes, or its own if it is empty.
    pub(crate) fn with_device_id(&self, id: &str) -> Self {
        let id = Some(Value::from(id)).filter(|id| id != "");
        let key = KEYS.iter().find(|key| key.path() == "device.id");
        let change: Vec<_> = key.map(|key| (key, id)).into_iter().collect();
        self.with(&change)
    }
}
