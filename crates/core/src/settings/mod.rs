//! The settings: which there are ([`keys`]), what a value may be ([`kind`]), and the snapshot that
//! the rest of the gateway reads.

mod certificates;
mod document;
mod keys;
mod kind;
mod sending;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::model::device::Ids;

pub(crate) use certificates::parse_certificates;
pub(crate) use document::{Mode, Read, read};
pub use document::{SettingsDocument, SettingsError};
pub use keys::{KEYS, Key, Scope};
pub use kind::Kind;
pub use kind::is_device_id;

/// To which receivers a webhook may go without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllowHttp {
    /// Only to this device itself.
    Loopback,
    /// To private networks too (RFC 1918, fc00::/7, link-local).
    Private,
    /// Anywhere.
    Any,
}

/// A stored setting that was not to be kept as it was.
pub(crate) struct Cleaned {
    pub key: &'static Key,
    /// What is left of it; `None` for its default.
    pub value: Option<Value>,
    /// What was taken out is a secret.
    pub secret: bool,
}

/// All settings at one moment. `Debug` hides the values, some of which are secret.
#[derive(Clone, Default, PartialEq)]
pub struct Settings {
    /// What differs from the default, by `group.name`.
    stored: BTreeMap<String, Value>,
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
        Self {
            stored: stored.into_iter().collect(),
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

    fn get(&self, group: &str, name: &str) -> Option<Value> {
        let key = KEYS
            .iter()
            .find(|key| key.group == group && key.name == name)?;
        self.value(key)
    }

    fn text(&self, group: &str, name: &str) -> Option<String> {
        self.get(group, name)?.as_str().map(str::to_owned)
    }

    fn number(&self, group: &str, name: &str) -> Option<u64> {
        self.get(group, name)?.as_u64()
    }

    /// Retries after a first failed attempt, 1 to 30.
    pub fn retry_count(&self) -> u32 {
        let count = self.number("webhooks", "retry_count").unwrap_or(14);
        u32::try_from(count).unwrap_or(30)
    }

    /// No attempt while the device has no internet.
    pub fn internet_required(&self) -> bool {
        self.get("webhooks", "internet_required")
            .and_then(|value| value.as_bool())
            .unwrap_or(true)
    }

    /// The key of `X-Signature`.
    pub fn signing_key(&self) -> Option<String> {
        self.text("webhooks", "signing_key")
    }

    /// To which receivers a webhook may go without TLS.
    pub fn allow_http(&self) -> AllowHttp {
        match self.text("webhooks", "allow_http").as_deref() {
            Some("private") => AllowHttp::Private,
            Some("any") => AllowHttp::Any,
            _ => AllowHttp::Loopback,
        }
    }

    /// Extra trust roots, PEM.
    pub fn ca_certificates(&self) -> Option<String> {
        self.text("webhooks", "ca_certificates")
    }

    /// Whether SMSGate's own authority may sign for private addresses.
    pub fn trust_smsgate_ca(&self) -> bool {
        self.get("webhooks", "trust_smsgate_ca")
            .and_then(|value| value.as_bool())
            .unwrap_or(false)
    }

    /// The passphrase of encrypted messages.
    pub fn passphrase(&self) -> Option<String> {
        self.text("encryption", "passphrase")
    }

    /// The language of the page: `auto`, `en`, `ar`, `ru` or `zh`.
    pub fn language(&self) -> String {
        self.text("ui", "language").unwrap_or_default()
    }

    /// The interval of `system:ping`; `None` for no pings.
    pub fn ping_interval(&self) -> Option<Duration> {
        self.number("ping", "interval_seconds")
            .filter(|seconds| *seconds > 0)
            .map(Duration::from_secs)
    }

    /// How long log entries are kept; `None` for ever.
    pub fn log_lifetime(&self) -> Option<Duration> {
        let count = self.number("logs", "lifetime_days").unwrap_or(30);
        Some(count).filter(|count| *count > 0).map(days)
    }

    /// How long messages are kept; `None` for ever.
    pub fn message_lifetime(&self) -> Option<Duration> {
        let count = self.number("messages", "log_lifetime_days");
        count.filter(|count| *count > 0).map(days)
    }

    /// The same with the id of a phone whose place this one takes, or its own if it is empty.
    pub(crate) fn with_device_id(&self, id: &str) -> Self {
        let id = Some(Value::from(id)).filter(|id| id != "");
        let key = KEYS.iter().find(|key| key.path() == "device.id");
        let change: Vec<_> = key.map(|key| (key, id)).into_iter().collect();
        self.with(&change)
    }

    /// The ids that the owner gave this device.
    pub(crate) fn device_ids(&self) -> Ids {
        let others = self.text("device", "other_ids").unwrap_or_default();
        Ids {
            taken_over: self.text("device", "id"),
            others: kind::device_ids(&others).map(str::to_owned).collect(),
        }
    }
}

fn days(count: u64) -> Duration {
    Duration::from_secs(count.saturating_mul(86_400))
}
