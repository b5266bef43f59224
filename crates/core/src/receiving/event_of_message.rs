//! Makes the event of a message from its stored row. The first event, a late one and an exported
//! one therefore have the same payload, except for the time zone of its times.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::events::{self, AttachmentPayload, Event, Parties, Payload};
use crate::model::id::MessageId;
use crate::model::phone::PhoneNumber;
use crate::store::{AttachmentRecord, InboxKind, NewMessage, StoreError};

/// The stored details that only an MMS has. Messages of older versions have none of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct MmsDetails {
    pub transaction_id: String,
    pub subject: Option<String>,
    /// The size in bytes, from a notification.
    pub size: u64,
    pub content_class: String,
    /// Whether the message's text is its body and not its subject.
    pub has_body: bool,
}

/// Returns the event of a message.
pub(crate) fn event_of(message: &NewMessage, zone: &TimeZone) -> Result<Event, StoreError> {
    let sender = PhoneNumber::new(&message.sender);
    let parties = Parties {
        message_id: MessageId(message.id.clone()),
        phone_number: sender.clone(),
        sender,
        recipient: Some(&message.recipient)
            .filter(|recipient| !recipient.is_empty())
            .map(PhoneNumber::new),
        sim_number: Some(message.sim_number).filter(|number| *number > 0),
    };
    let received_at = events::time(message.received_at, zone);
    let details = || serde_json::from_str::<MmsDetails>(&message.details).unwrap_or_default();
    let text = || message.text.clone();
    let payload = match message.kind {
        InboxKind::Sms => Payload::SmsReceived {
            parties,
            message: text(),
            received_at,
        },
        InboxKind::DataSms => Payload::SmsDataReceived {
            parties,
            data: STANDARD.encode(&message.data),
            received_at,
        },
        InboxKind::Mms => {
            let details = details();
            Payload::MmsReceived {
                parties,
                transaction_id: details.transaction_id,
                subject: details.subject,
                size: details.size,
                content_class: details.content_class,
                received_at,
            }
        }
        InboxKind::MmsDownloaded => {
            let details = details();
            Payload::MmsDownloaded {
                parties,
                body: details.has_body.then(text),
                subject: details.subject,
                attachments: message.attachments.iter().map(attachment).collect(),
                received_at,
            }
        }
    };
    Ok(Event::new(&payload)?)
}

fn attachment(record: &AttachmentRecord) -> AttachmentPayload {
    AttachmentPayload {
        part_id: record.part_id,
        content_type: record.content_type.clone(),
        name: Some(record.name.clone()).filter(|name| !name.is_empty()),
        size: Some(record.data.len() as u64),
        data: Some(STANDARD.encode(&record.data)),
    }
}
