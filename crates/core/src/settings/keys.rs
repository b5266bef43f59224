//! All settings (protocol.md 1.4). The API's validation, its OpenAPI schema and the settings page
//! all use this table. One more setting is accepted but not shown: `incoming.lifetime_days`.

use serde_json::Value;

use super::kind::Kind;

/// A setting: its name, valid values and behaviour.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The group that it belongs to.
    pub group: &'static str,
    /// Its name in the group.
    pub name: &'static str,
    /// Its type and range.
    pub kind: Kind,
    /// Its default as JSON text; empty if it has none.
    default: &'static str,
    /// Who may see it, and how a PUT treats it.
    pub visibility: Visibility,
    /// One sentence for people.
    pub help: &'static str,
}

/// Who may see a setting, and how a PUT that does not name it treats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Returned; reset by a PUT that does not name it.
    Plain,
    /// Returned; kept by a PUT that does not name it, because published clients cannot know it.
    Ours,
    /// Never returned; kept by a PUT that does not name it.
    WriteOnly,
}

impl Key {
    /// Returns `group.name`.
    pub fn path(&self) -> String {
        format!("{}.{}", self.group, self.name)
    }

    pub(super) fn is(&self, (group, name): (&str, &str)) -> bool {
        self.group == group && self.name == name
    }

    /// Returns the value that applies if none is stored.
    pub fn default_value(&self) -> Option<Value> {
        serde_json::from_str(self.default).ok()
    }
}

const SECONDS: Kind = Kind::Number {
    min: 0,
    max: 86_400,
    unit: "seconds",
};
const DAYS: Kind = Kind::Number {
    min: 0,
    max: 3_650,
    unit: "days",
};

/// Other gateways have a separate lifetime for incoming messages; here it is the lifetime of all
/// messages.
pub(super) const INCOMING_LIFETIME: Key =
    key("incoming", "lifetime_days", DAYS, "", Visibility::Plain, "");

const fn key(
    group: &'static str,
    name: &'static str,
    kind: Kind,
    default: &'static str,
    visibility: Visibility,
    help: &'static str,
) -> Key {
    Key {
        group,
        name,
        kind,
        default,
        visibility,
        help,
    }
}

/// All settings, by group in the order of the documentation.
pub const KEYS: &[Key] = &[
    key(
        "messages",
        "send_interval_min",
        SECONDS,
        "0",
        Visibility::Plain,
        "The shortest delay between two messages.",
    ),
    key(
        "messages",
        "send_interval_max",
        SECONDS,
        "",
        Visibility::Plain,
        "The longest delay between two messages; the actual one is random in between.",
    ),
    key(
        "messages",
        "limit_period",
        Kind::Choice(&["Disabled", "PerMinute", "Per30Minutes", "PerHour", "PerDay"]),
        "\"Disabled\"",
        Visibility::Plain,
        "The period to which the rate limit applies.",
    ),
    key(
        "messages",
        "limit_value",
        Kind::Number {
            min: 0,
            max: 1_000_000,
            unit: "messages",
        },
        "0",
        Visibility::Plain,
        "How many messages are sent at most per period; 0 means no limit.",
    ),
    key(
        "messages",
        "work_hours_enabled",
        Kind::Bool,
        "false",
        Visibility::Ours,
        "Send only during working hours; messages of priority 100 and above are sent at any time.",
    ),
    key(
        "messages",
        "work_hours_start",
        Kind::TimeOfDay,
        "\"09:00\"",
        Visibility::Ours,
        "When working hours start.",
    ),
    key(
        "messages",
        "work_hours_end",
        Kind::TimeOfDay,
        "\"19:00\"",
        Visibility::Ours,
        "When working hours end; if that is earlier than the start, they run overnight.",
    ),
    key(
        "messages",
        "sim_selection_mode",
        Kind::Choice(&["OSDefault", "RoundRobin", "Random"]),
        "\"OSDefault\"",
        Visibility::Plain,
        "The SIM for messages that do not choose one.",
    ),
    key(
        "messages",
        "log_lifetime_days",
        DAYS,
        "",
        Visibility::Plain,
        "How long messages are kept; forever if not set or 0.",
    ),
    key(
        "messages",
        "processing_order",
        Kind::Choice(&["LIFO", "FIFO"]),
        "\"FIFO\"",
        Visibility::Plain,
        "Which message of a priority is sent first: the newest (LIFO) or the oldest (FIFO).",
    ),
    key(
        "ping",
        "interval_seconds",
        Kind::Number {
            min: 0,
            max: 2_592_000,
            unit: "seconds",
        },
        "",
        Visibility::Plain,
        "The time between two system:ping events; none are sent if it is not set or 0.",
    ),
    key(
        "logs",
        "lifetime_days",
        DAYS,
        "30",
        Visibility::Plain,
        "How long log entries are kept; forever if 0.",
    ),
    key(
        "webhooks",
        "internet_required",
        Kind::Bool,
        "true",
        Visibility::Plain,
        "While the device is offline, hold deliveries without using up retries. Turn this off \
         for receivers in the local network.",
    ),
    key(
        "webhooks",
        "retry_count",
        Kind::Number {
            min: 1,
            max: 30,
            unit: "retries",
        },
        "14",
        Visibility::Plain,
        "How often a failed delivery is retried: after 10 s, 20 s, 40 s and so on.",
    ),
    key(
        "webhooks",
        "signing_key",
        Kind::Text { min: 1, max: 512 },
        "",
        Visibility::WriteOnly,
        "The key for X-Signature; null generates a new random one.",
    ),
    key(
        "webhooks",
        "allow_http",
        Kind::Choice(&["loopback", "private", "any"]),
        "\"loopback\"",
        Visibility::Ours,
        "Which receivers may get webhooks without TLS.",
    ),
    key(
        "webhooks",
        "ca_certificates",
        Kind::Certificates,
        "",
        Visibility::Ours,
        "Certificates to trust in addition to the system's, for receivers with their own authority or a \
         self-signed certificate.",
    ),
    key(
        "webhooks",
        "trust_smsgate_ca",
        Kind::Bool,
        "false",
        Visibility::Ours,
        "Trust SMSGate's own authority (ca.sms-gate.app), only for receivers whose URL names a \
         private address.",
    ),
    key(
        "encryption",
        "passphrase",
        Kind::Text { min: 1, max: 1_024 },
        "",
        Visibility::WriteOnly,
        "The passphrase for encrypted messages.",
    ),
    key(
        "gateway",
        "cloud_url",
        Kind::Url,
        "",
        Visibility::Plain,
        "The server for Cloud or Private mode; it has no effect yet.",
    ),
    key(
        "gateway",
        "private_token",
        Kind::Text { min: 1, max: 1_024 },
        "",
        Visibility::WriteOnly,
        "The token for a private server; it has no effect yet.",
    ),
    key(
        "gateway",
        "notification_channel",
        Kind::Choice(&["AUTO", "SSE_ONLY"]),
        "\"AUTO\"",
        Visibility::Plain,
        "How the server wakes this device; it has no effect yet.",
    ),
    key(
        "device",
        "id",
        Kind::DeviceId,
        "",
        Visibility::Ours,
        "The id of the phone that this one replaces; its own if not set.",
    ),
    key(
        "device",
        "other_ids",
        Kind::DeviceIds,
        "",
        Visibility::Ours,
        "More ids by which clients may address this device, separated by spaces.",
    ),
    key(
        "ui",
        "language",
        Kind::Choice(&["auto", "en", "ar", "ru", "zh"]),
        "\"auto\"",
        Visibility::Ours,
        "The language of the web page; auto follows the browser.",
    ),
];
