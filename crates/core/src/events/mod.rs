//! Events and the exact bodies of their deliveries (protocol.md 2.1, 2.2).
//!
//! No other module makes webhook bodies.

mod publish;

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::model::clock::UnixMillis;
use crate::model::device::{Health, Sim};
use crate::model::id::MessageId;
use crate::model::phone::PhoneNumber;
use crate::model::time_text;

pub(crate) use publish::publish;

macro_rules! event_names {
    ($($variant:ident = $text:literal,)+) => {
        /// The events that a webhook can be registered for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventName { $(#[doc = concat!("`", $text, "`")] $variant,)+ }

        impl EventName {
            /// All events, in the order of the documentation.
            pub const ALL: &'static [EventName] = &[$(EventName::$variant,)+];

            /// Returns the name that bodies and registrations use.
            pub fn as_str(self) -> &'static str {
                match self { $(EventName::$variant => $text,)+ }
            }
        }
    };
}

event_names! {
    SmsReceived = "sms:received",
    SmsDataReceived = "sms:data-received",
    MmsReceived = "mms:received",
    MmsDownloaded = "mms:downloaded",
    SmsSent = "sms:sent",
    SmsDelivered = "sms:delivered",
    SmsFailed = "sms:failed",
    SmsCancelled = "sms:cancelled",
    SystemPing = "system:ping",
    AppStarted = "app:started",
    SmsBatchReceived = "sms:batch:received",
    SmsBatchDataReceived = "sms:batch:data-received",
    MmsBatchReceived = "mms:batch:received",
    MmsBatchDownloaded = "mms:batch:downloaded",
}

impl EventName {
    /// Returns the event that combines many of this one.
    pub(crate) fn batch(self) -> Option<Self> {
        match self {
            Self::SmsReceived => Some(Self::SmsBatchReceived),
            Self::SmsDataReceived => Some(Self::SmsBatchDataReceived),
            Self::MmsReceived => Some(Self::MmsBatchReceived),
            Self::MmsDownloaded => Some(Self::MmsBatchDownloaded),
            _ => None,
        }
    }

    /// Returns the event of that name, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|event| event.as_str() == text)
    }
}

/// The first fields of every payload about one message. `sender` and `phoneNumber` are always
/// present, because published clients fail without them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Parties {
    pub message_id: MessageId,
    pub phone_number: PhoneNumber,
    pub sender: PhoneNumber,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<PhoneNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sim_number: Option<u32>,
}

/// An attachment of a downloaded MMS, as receivers get it.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttachmentPayload {
    pub part_id: i64,
    pub content_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

/// The payloads, one variant per event, with times as text.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(crate) enum Payload {
    SmsReceived {
        #[serde(flatten)]
        parties: Parties,
        message: String,
        received_at: String,
    },
    SmsDataReceived {
        #[serde(flatten)]
        parties: Parties,
        /// Base64.
        data: String,
        received_at: String,
    },
    MmsReceived {
        #[serde(flatten)]
        parties: Parties,
        transaction_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
        size: u64,
        /// `""` if unknown.
        content_class: String,
        received_at: String,
    },
    MmsDownloaded {
        #[serde(flatten)]
        parties: Parties,
        #[serde(skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        subject: Option<String>,
        attachments: Vec<AttachmentPayload>,
        received_at: String,
    },
    SmsSent {
        #[serde(flatten)]
        parties: Parties,
        parts_count: u16,
        sent_at: String,
    },
    SmsDelivered {
        #[serde(flatten)]
        parties: Parties,
        delivered_at: String,
    },
    SmsFailed {
        #[serde(flatten)]
        parties: Parties,
        failed_at: String,
        reason: String,
    },
    SmsCancelled {
        #[serde(flatten)]
        parties: Parties,
        cancelled_at: String,
    },
    SystemPing {
        health: Health,
    },
    AppStarted {
        sim_cards: Vec<Sim>,
    },
}

/// The event of a test, which receivers can distinguish from every real one.
const TEST_EVENT: &str = "system:test";

/// The shape of every body.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    device_id: &'a str,
    event: &'a str,
    id: &'a str,
    payload: &'a RawValue,
    webhook_id: &'a str,
}

/// One event with its payload as frozen JSON; each webhook gets its own envelope around it.
pub(crate) struct Event {
    name: EventName,
    payload: Box<RawValue>,
}

impl Event {
    pub fn new(payload: &Payload) -> Result<Self, serde_json::Error> {
        let name = match payload {
            Payload::SmsReceived { .. } => EventName::SmsReceived,
            Payload::SmsDataReceived { .. } => EventName::SmsDataReceived,
            Payload::MmsReceived { .. } => EventName::MmsReceived,
            Payload::MmsDownloaded { .. } => EventName::MmsDownloaded,
            Payload::SmsSent { .. } => EventName::SmsSent,
            Payload::SmsDelivered { .. } => EventName::SmsDelivered,
            Payload::SmsFailed { .. } => EventName::SmsFailed,
            Payload::SmsCancelled { .. } => EventName::SmsCancelled,
            Payload::SystemPing { .. } => EventName::SystemPing,
            Payload::AppStarted { .. } => EventName::AppStarted,
        };
        Ok(Self {
            name,
            payload: serde_json::value::to_raw_value(payload)?,
        })
    }

    /// Combines these events: returns one event for each name that has a batch, in the order in
    /// which the names first occur, with the single payloads unchanged.
    pub fn batches(events: &[Self]) -> Result<Vec<Self>, serde_json::Error> {
        #[derive(Serialize)]
        struct Batch<'a> {
            messages: Vec<&'a RawValue>,
        }
        let mut batches: Vec<(EventName, Vec<&RawValue>)> = Vec::new();
        for event in events {
            let Some(name) = event.name.batch() else {
                continue;
            };
            match batches.iter_mut().find(|(known, _)| *known == name) {
                Some((_, messages)) => messages.push(&event.payload),
                None => batches.push((name, vec![&event.payload])),
            }
        }
        let shape = |(name, messages)| {
            let payload = serde_json::value::to_raw_value(&Batch { messages })?;
            Ok(Self { name, payload })
        };
        batches.into_iter().map(shape).collect()
    }

    pub fn name(&self) -> EventName {
        self.name
    }

    /// Returns the body of a test: it has the shape of every event, the name `system:test`, for
    /// which no webhook can be registered, and the name of the webhook's event.
    pub fn test_body(
        device_id: &str,
        id: &str,
        webhook_id: &str,
        registered: &str,
        sent_at: String,
    ) -> Result<Vec<u8>, serde_json::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Test<'a> {
            message: &'static str,
            registered_event: &'a str,
            sent_at: String,
        }
        let payload = serde_json::value::to_raw_value(&Test {
            message: "This is a test. No message was received.",
            registered_event: registered,
            sent_at,
        })?;
        serde_json::to_vec(&Envelope {
            device_id,
            event: TEST_EVENT,
            id,
            payload: &payload,
            webhook_id,
        })
    }

    /// Returns the body of one delivery. `id` is unique per event and webhook and stays the same
    /// for every retry.
    pub fn body(
        &self,
        device_id: &str,
        id: &str,
        webhook_id: &str,
    ) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Envelope {
            device_id,
            event: self.name.as_str(),
            id,
            payload: &self.payload,
            webhook_id,
        })
    }
}

/// Returns a payload's time in the device's zone.
pub(crate) fn time(at: UnixMillis, zone: &TimeZone) -> String {
    time_text::format(at, zone)
}
