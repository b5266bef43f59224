//! Messages that come in: the facts as the shell tells them, and what is kept and told of them.

mod facts;
mod mms;
pub mod pdu;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::tz::TimeZone;

pub use facts::{
    Attachment, Incoming, IncomingData, IncomingMms, IncomingMmsContent, IncomingMmsNotification,
    IncomingPdus, IncomingSms, Origin, ReceiveError,
};

use crate::clock::UnixMillis;
use crate::event::{self, AttachmentPayload, Event, Parties, Payload};
use crate::id::{self, MessageId};
use crate::phone::PhoneNumber;
use crate::store::{AttachmentRecord, InboxKind, NewMessage, StoreError};

/// A service centre's clock that is farther ahead of ours than this is not believed.
const BELIEVABLE_LEAD: std::time::Duration = std::time::Duration::from_secs(86_400);

/// What the gateway knows at the moment of receiving.
pub(crate) struct Context {
    pub now: UnixMillis,
    pub zone: TimeZone,
    /// The receiving SIM's own number.
    pub recipient: Option<PhoneNumber>,
}

/// A message ready to be kept, and the event that tells of it.
pub(crate) struct Received {
    pub message: NewMessage,
    pub event: Event,
}

/// The content of a message, by kind.
pub(crate) enum Content {
    Text(String),
    Data(Vec<u8>),
    Mms {
        transaction_id: String,
        subject: Option<String>,
        size: u64,
        content_class: String,
    },
    MmsDownloaded {
        body: Option<String>,
        subject: Option<String>,
        attachments: Vec<Attachment>,
    },
}

/// Takes a fact apart. What cannot be decoded is refused, so that the shell can tell the message
/// again with the framework's own text.
pub(crate) fn parse(incoming: Incoming) -> Result<(Origin, Content), ReceiveError> {
    Ok(match incoming {
        Incoming::Sms(sms) => (sms.origin, Content::Text(sms.text)),
        Incoming::Data(sms) => (sms.origin, Content::Data(sms.data)),
        Incoming::Pdus(incoming) => {
            let decoded = pdu::decode(&incoming.pdus)?;
            let origin = Origin {
                sender: PhoneNumber::new(decoded.sender),
                sim_number: incoming.sim_number,
                sent_at: decoded.sent_at.map(|at| UnixMillis(at.as_millisecond())),
                delivery_key: incoming.delivery_key,
            };
            let content = match decoded.content {
                pdu::Content::Text(text) => Content::Text(text),
                pdu::Content::Data { bytes, .. } => Content::Data(bytes),
            };
            (origin, content)
        }
        Incoming::Mms(IncomingMms {
            origin,
            transaction_id,
            subject,
            size,
            content_class,
        }) => (
            origin,
            Content::Mms {
                transaction_id,
                subject,
                size,
                content_class,
            },
        ),
        Incoming::MmsNotification(notification) => {
            let (read, error) = mms::read(&notification.pdu);
            if let Some(error) = error {
                tracing::warn!(%error, "an MMS notification is kept as far as it can be read");
            }
            let sent_at = read.date.and_then(|seconds| i64::try_from(seconds).ok());
            let origin = Origin {
                sender: PhoneNumber::new(read.from),
                sim_number: notification.sim_number,
                sent_at: sent_at.map(|seconds| UnixMillis(seconds.saturating_mul(1_000))),
                delivery_key: notification.delivery_key,
            };
            let content = Content::Mms {
                transaction_id: read.transaction_id,
                subject: read.subject,
                size: read.size,
                content_class: read.content_class.into(),
            };
            (origin, content)
        }
        Incoming::MmsContent(IncomingMmsContent {
            origin,
            body,
            subject,
            attachments,
        }) => (
            origin,
            Content::MmsDownloaded {
                body,
                subject,
                attachments,
            },
        ),
    })
}

/// Shapes a fact into its row and its event.
pub(crate) fn receive(
    origin: Origin,
    content: Content,
    context: &Context,
) -> Result<Received, StoreError> {
    let message_id = MessageId(id::fresh());
    let received_at = match origin.sent_at {
        Some(sent_at) if sent_at <= context.now.plus(BELIEVABLE_LEAD) => sent_at,
        _ => context.now,
    };
    let parties = Parties {
        message_id: message_id.clone(),
        phone_number: origin.sender.clone(),
        sender: origin.sender.clone(),
        recipient: context.recipient.clone(),
        sim_number: origin.sim_number,
    };
    let mut message = NewMessage {
        id: message_id.0,
        kind: InboxKind::Sms,
        delivery_key: origin.delivery_key,
        sender: origin.sender.as_str().to_owned(),
        recipient: context
            .recipient
            .as_ref()
            .map(|number| number.as_str().to_owned())
            .unwrap_or_default(),
        sim_number: origin.sim_number.unwrap_or(0),
        text: String::new(),
        data: Vec::new(),
        received_at,
        created_at: context.now,
        attachments: Vec::new(),
    };
    let received_at = event::time(received_at, &context.zone);
    let payload = match content {
        Content::Text(text) => {
            message.text.clone_from(&text);
            Payload::SmsReceived {
                parties,
                message: text,
                received_at,
            }
        }
        Content::Data(bytes) => {
            message.kind = InboxKind::DataSms;
            let data = STANDARD.encode(&bytes);
            message.data = bytes;
            Payload::SmsDataReceived {
                parties,
                data,
                received_at,
            }
        }
        Content::Mms {
            transaction_id,
            subject,
            size,
            content_class,
        } => {
            message.kind = InboxKind::Mms;
            message.text = subject.clone().unwrap_or_default();
            Payload::MmsReceived {
                parties,
                transaction_id,
                subject,
                size,
                content_class,
                received_at,
            }
        }
        Content::MmsDownloaded {
            body,
            subject,
            attachments,
        } => {
            message.kind = InboxKind::MmsDownloaded;
            message.text = body.clone().or_else(|| subject.clone()).unwrap_or_default();
            let payloads = attachments.iter().map(attachment_payload).collect();
            message.attachments = attachments.into_iter().map(attachment_record).collect();
            Payload::MmsDownloaded {
                parties,
                body,
                subject,
                attachments: payloads,
                received_at,
            }
        }
    };
    Ok(Received {
        message,
        event: Event::new(&payload)?,
    })
}

fn attachment_payload(attachment: &Attachment) -> AttachmentPayload {
    AttachmentPayload {
        part_id: attachment.part_id,
        content_type: attachment.content_type.clone(),
        name: attachment.name.clone(),
        size: Some(attachment.data.len() as u64),
        data: Some(STANDARD.encode(&attachment.data)),
    }
}

fn attachment_record(attachment: Attachment) -> AttachmentRecord {
    AttachmentRecord {
        part_id: attachment.part_id,
        content_type: attachment.content_type,
        name: attachment.name.unwrap_or_default(),
        size: i64::try_from(attachment.data.len()).unwrap_or(i64::MAX),
        data: attachment.data,
    }
}
