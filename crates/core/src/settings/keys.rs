//! Every setting there is (protocol.md 1.4). The API's validation, its OpenAPI schema and the
//! settings page all read this one table. One more is taken and not shown:
//! `incoming.lifetime_days`.

use serde_json::Value;

use super::kind::Kind;

/// What a setting is, what it may be, and how it behaves.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The object it stands in.
    pub group: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// Its type and range.
    pub kind: Kind,
    /// Its default as JSON text; empty for none.
    default: &'static str,
    /// Who may see it and what PUT does to it.
    pub scope: Scope,
    /// One sentence for people.
    pub help: &'static str,
}

/// Who may see a setting and what a PUT that does not name it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Returned; reset by a PUT that does not name it.
    Plain,
    /// Returned; kept by a PUT that does not name it, because published clients cannot know it.
    Ours,
    /// Never returned; kept by a PUT that does not name it.
    WriteOnly,
}

impl Key {
    /// `group.name`.
    pub fn path(&self) -> String {
        format!("{}.{}", self.group, self.name)
    }

    pub(super) fn is(&self, (group, name): (&str, &str)) -> bool {
        self.group == group && self.name == name
    }

    /// The value that holds where none is stored.
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

/// Other gateways keep what came in for a time of its own; here it is that of all messages.
pub(super) const INCOMING_LIFETIME: Key =
    key("incoming", "lifetime_days", DAYS, "", Scope::Plain, "");

const fn key(
    group: &'static str,
    name: &'static str,
    kind: Kind,
    default: &'static str,
    scope: Scope,
    help: &'static str,
) -> Key {
    Key {
        group,
        name,
        kind,
        default,
        scope,
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
        Scope::Plain,
        "The shortest pause between two messages.",
    ),
    key(
        "messages",
        "send_interval_max",
        SECONDS,
        "",
        Scope::Plain,
        "The longest pause between two messages; the real one is random between both.",
    ),
    key(
        "messages",
        "limit_period",
        Kind::Choice(&["Disabled", "PerMinute", "Per30Minutes", "PerHour", "PerDay"]),
        "\"Disabled\"",
        Scope::Plain,
        "The period that the limit is for.",
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
        Scope::Plain,
        "The most messages sent in a period; 0 for no limit.",
    ),
    key(
        "messages",
        "work_hours_enabled",
        Kind::Bool,
        "false",
        Scope::Ours,
        "Send only in working hours; messages of priority 100 and above go at any time.",
    ),
    key(
        "messages",
        "work_hours_start",
        Kind::TimeOfDay,
        "\"09:00\"",
        Scope::Ours,
        "When working hours begin.",
    ),
    key(
        "messages",
        "work_hours_end",
        Kind::TimeOfDay,
        "\"19:00\"",
        Scope::Ours,
        "When working hours end; before the start, they run overnight.",
    ),
    key(
        "messages",
        "sim_selection_mode",
        Kind::Choice(&["OSDefault", "RoundRobin", "Random"]),
        "\"OSDefault\"",
        Scope::Plain,
        "Which SIM sends a message that names none.",
    ),
    key(
        "messages",
        "log_lifetime_days",
        DAYS,
        "",
        Scope::Plain,
        "How long messages are kept; for ever if not set or 0.",
    ),
    key(
        "messages",
        "processing_order",
        Kind::Choice(&["LIFO", "FIFO"]),
        "\"FIFO\"",
        Scope::Plain,
        "Whether the newest or the oldest message of a priority is sent first.",
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
        Scope::Plain,
        "The pause between two system:ping events; none if not set or 0.",
    ),
    key(
        "logs",
        "lifetime_days",
        DAYS,
        "30",
        Scope::Plain,
        "How long log entries are kept; for ever if 0.",
    ),
    key(
        "webhooks",
        "internet_required",
        Kind::Bool,
        "true",
        Scope::Plain,
        "Make no attempt, and use up none, while the device has no internet. Turn it off for \
         receivers in the local network.",
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
        Scope::Plain,
        "How often a failed delivery is tried again: after 10 s, 20 s, 40 s and so on.",
    ),
    key(
        "webhooks",
        "signing_key",
        Kind::Text { min: 1, max: 512 },
        "",
        Scope::WriteOnly,
        "The key of X-Signature; null makes a new random one.",
    ),
    key(
        "webhooks",
        "allow_http",
        Kind::Choice(&["loopback", "private", "any"]),
        "\"loopback\"",
        Scope::Ours,
        "To which receivers webhooks may go without TLS.",
    ),
    key(
        "webhooks",
        "ca_certificates",
        Kind::Certificates,
        "",
        Scope::Ours,
        "Certificates to trust besides the system's, for receivers with their own authority or a \
         self-signed certificate.",
    ),
    key(
        "webhooks",
        "trust_smsgate_ca",
        Kind::Bool,
        "false",
        Scope::Ours,
        "Trust SMSGate's own authority (ca.sms-gate.app), for receivers whose URL names a private \
         address alone.",
    ),
    key(
        "encryption",
        "passphrase",
        Kind::Text { min: 1, max: 1_024 },
        "",
        Scope::WriteOnly,
        "The passphrase of encrypted messages.",
    ),
    key(
        "gateway",
        "cloud_url",
        Kind::Url,
        "",
        Scope::Plain,
        "The server of Cloud or Private mode.",
    ),
    key(
        "gateway",
        "private_token",
        Kind::Text { min: 1, max: 1_024 },
        "",
        Scope::WriteOnly,
        "The token of a private server.",
    ),
    key(
        "gateway",
        "notification_channel",
        Kind::Choice(&["AUTO", "SSE_ONLY"]),
        "\"AUTO\"",
        Scope::Plain,
        "How the server wakes this device.",
    ),
    key(
        "device",
        "id",
        Kind::DeviceId,
        "",
        Scope::Ours,
        "The id of a phone whose place this one takes; its own if not set.",
    ),
    key(
        "device",
        "other_ids",
        Kind::DeviceIds,
        "",
        Scope::Ours,
        "Further ids by which clients may name this device.",
    ),
    key(
        "ui",
        "language",
        Kind::Choice(&["auto", "en", "ar", "ru", "zh"]),
        "\"auto\"",
        Scope::Ours,
        "The language of the web page; auto takes what the browser asks for.",
    ),
];
