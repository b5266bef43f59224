//! The settings as the rest of the gateway reads them: one struct with a field for each key of
//! [`KEYS`], built once per change. The defaults are only in that table.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{KEYS, kind};
use crate::model::device::Ids;

/// The value of every setting, by group.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "the groups and their keys are described in KEYS"
)]
pub struct Values {
    pub messages: Messages,
    pub ping: Ping,
    pub logs: Logs,
    pub webhooks: Webhooks,
    pub encryption: Encryption,
    pub gateway: Server,
    pub device: Device,
    pub ui: Page,
}

/// Sending, and the lifetime of messages.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are described in KEYS")]
pub struct Messages {
    /// In seconds.
    pub send_interval_min: u64,
    /// In seconds.
    pub send_interval_max: Option<u64>,
    pub limit_period: LimitPeriod,
    pub limit_value: u32,
    pub work_hours_enabled: bool,
    pub work_hours_start: TimeOfDay,
    pub work_hours_end: TimeOfDay,
    pub sim_selection_mode: SimSelection,
    log_lifetime_days: Option<u64>,
    pub processing_order: ProcessingOrder,
}

/// Pings.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ping {
    interval_seconds: Option<u64>,
}

/// The log.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    lifetime_days: u64,
}

/// Deliveries.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are described in KEYS")]
pub struct Webhooks {
    pub internet_required: bool,
    /// The number of retries after the first attempt failed, 1 to 30.
    pub retry_count: u32,
    /// The key of `X-Signature`.
    pub signing_key: Option<String>,
    pub allow_http: AllowHttp,
    /// Additional trusted roots, PEM.
    pub ca_certificates: Option<String>,
    pub trust_smsgate_ca: bool,
}

/// Encrypted messages.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are described in KEYS")]
pub struct Encryption {
    pub passphrase: Option<String>,
}

/// The server of Cloud or Private mode.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the keys are described in KEYS")]
pub struct Server {
    pub cloud_url: Option<String>,
    pub private_token: Option<String>,
    pub notification_channel: String,
}

/// The ids of this device.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    id: Option<String>,
    other_ids: Option<String>,
}

/// The web page.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// `auto`, `en`, `ar`, `ru` or `zh`.
    pub language: String,
}

/// The receivers to which a webhook may go without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AllowHttp {
    /// Only to this device itself.
    Loopback,
    /// To private networks too (RFC 1918, fc00::/7, link-local).
    Private,
    /// To any address.
    Any,
}

/// The SIM for a message that requests none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum SimSelection {
    /// The SIM that the platform has chosen for SMS.
    #[serde(rename = "OSDefault")]
    OsDefault,
    /// Each SIM in turn.
    RoundRobin,
    /// A random SIM.
    Random,
}

/// The order of messages with equal priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ProcessingOrder {
    /// Oldest first.
    Fifo,
    /// Newest first.
    Lifo,
}

/// The period of the message limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[allow(missing_docs, reason = "the names say all")]
pub enum LimitPeriod {
    Disabled,
    PerMinute,
    Per30Minutes,
    PerHour,
    PerDay,
}

/// Minutes since midnight; as text `HH:mm`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TimeOfDay(pub u16);

impl TryFrom<String> for TimeOfDay {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let minutes = || {
            let (hour, minute) = text.split_once(':')?;
            Some(hour.parse::<u16>().ok()? * 60 + minute.parse::<u16>().ok()?)
        };
        minutes().map(Self).ok_or("a time of day is HH:mm")
    }
}

impl LimitPeriod {
    /// Returns the length of the period, or `None` for no limit.
    pub fn duration(self) -> Option<Duration> {
        let seconds = match self {
            Self::Disabled => return None,
            Self::PerMinute => 60,
            Self::Per30Minutes => 1_800,
            Self::PerHour => 3_600,
            Self::PerDay => 86_400,
        };
        Some(Duration::from_secs(seconds))
    }
}

impl Messages {
    /// Returns how long messages are kept, or `None` for ever.
    pub fn lifetime(&self) -> Option<Duration> {
        days(self.log_lifetime_days.unwrap_or(0))
    }
}

impl Ping {
    /// Returns the interval of `system:ping`, or `None` for no pings.
    pub fn interval(&self) -> Option<Duration> {
        let seconds = self.interval_seconds.filter(|seconds| *seconds > 0);
        seconds.map(Duration::from_secs)
    }
}

impl Logs {
    /// Returns how long log entries are kept, or `None` for ever.
    pub fn lifetime(&self) -> Option<Duration> {
        days(self.lifetime_days)
    }
}

impl Device {
    /// Returns the ids that the owner gave this device.
    pub(crate) fn ids(&self) -> Ids {
        let others = self.other_ids.as_deref().unwrap_or_default();
        Ids {
            taken_over: self.id.clone(),
            others: kind::device_ids(others).map(str::to_owned).collect(),
        }
    }
}

fn days(count: u64) -> Option<Duration> {
    (count > 0).then(|| Duration::from_secs(count.saturating_mul(86_400)))
}

impl Values {
    /// Returns the values of the stored settings, by `group.name`. A stored value that is not valid
    /// (it comes from another version) counts as not stored.
    pub(super) fn of(stored: &BTreeMap<String, Value>) -> Self {
        let mut groups = Map::new();
        for key in KEYS {
            let group = groups.entry(key.group).or_insert_with(|| json!({}));
            let kept = stored.get(&key.path()).and_then(|kept| key.kind.read(kept));
            if let Some(value) = kept.or_else(|| key.default_value()) {
                group[key.name] = value;
            }
        }
        serde_json::from_value(Value::Object(groups))
            .expect("the struct and the table agree: a test holds them")
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    /// Returns a valid value that is not the default.
    fn example(kind: Kind) -> Value {
        match kind {
            Kind::Bool => json!(true),
            Kind::Number { max, .. } => json!(max),
            Kind::Choice(words) => json!(words[words.len() - 1]),
            Kind::TimeOfDay => json!("23:59"),
            Kind::Text { .. } => json!("text"),
            Kind::Url => json!("https://example.com/"),
            Kind::Certificates => {
                let made = rcgen::generate_simple_self_signed(["a".to_owned()]);
                json!(made.expect("a certificate").cert.pem())
            }
            Kind::DeviceId | Kind::DeviceIds => json!("abc"),
        }
    }

    #[test]
    fn values_have_a_field_for_every_key_set_or_not() {
        let all = KEYS.iter().map(|key| (key.path(), example(key.kind)));
        let values = Values::of(&all.collect());
        assert_eq!(values.webhooks.retry_count, 30);
        assert_eq!(values.messages.work_hours_end, TimeOfDay(23 * 60 + 59));
        let defaults = Values::of(&BTreeMap::new());
        assert_eq!(defaults.webhooks.retry_count, 14);
        for key in KEYS {
            for word in match key.kind {
                Kind::Choice(words) => words,
                _ => &[],
            } {
                Values::of(&BTreeMap::from([(key.path(), json!(word))]));
            }
        }
    }

    #[test]
    fn values_of_another_version_count_as_not_stored() {
        let stored = [
            ("webhooks.retry_count", json!(0)),
            ("webhooks.allow_http", json!("all")),
        ];
        let stored = stored.map(|(key, value)| (key.to_owned(), value));
        assert!(Values::of(&stored.into()) == Values::of(&BTreeMap::new()));
    }
}
