//! Messages that come in: the facts that the shell reports, and their rows and events.

mod event_of_message;
mod facts;
mod keep;

use simrelay_pdu::{self as pdu, mms};

pub(crate) use event_of_message::event_of;
pub use facts::{
    Attachment, Incoming, IncomingData, IncomingMms, IncomingMmsContent, IncomingMmsNotification,
    IncomingPdus, IncomingSms, Origin, ReceiveError,
};
pub(crate) use keep::keep_all;
pub use simrelay_pdu::mms::is_notification as is_mms_notification;

use crate::events::Event;
use crate::model::clock::UnixMillis;
use crate::model::device::DeviceContext;
use crate::model::phone::PhoneNumber;
use crate::model::phone_store::PhoneRow;
use crate::model::{id, inbox_identity};
use crate::store::{AttachmentRecord, InboxKind, NewMessage, StoreError};
use event_of_message::MmsDetails;

/// A time of the service centre that is farther ahead of a right clock than this is not believed.
const BELIEVABLE_LEAD: std::time::Duration = std::time::Duration::from_secs(600);
/// 2024-01-01, before this program was written: an earlier time comes from a phone whose clock was
/// not set yet, and the service centre knows better.
const RIGHT_FROM: UnixMillis = UnixMillis(1_704_067_200_000);

/// A message ready to be stored, and its event.
pub(crate) struct Received {
    pub message: NewMessage,
    /// The service centre's time as reported, believable or not.
    pub sent_at: Option<UnixMillis>,
    pub event: Event,
}

/// The content of a message, by kind.
pub(crate) enum ReceivedContent {
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

/// Converts a fact into its origin and content. Refuses PDUs that cannot be decoded, so that the
/// shell can report the message again with the framework's own text.
pub(crate) fn parse(incoming: Incoming) -> Result<(Origin, ReceivedContent), ReceiveError> {
    Ok(match incoming {
        Incoming::Sms(sms) => (sms.origin, ReceivedContent::Text(sms.text)),
        Incoming::Data(sms) => (sms.origin, ReceivedContent::Data(sms.data)),
        Incoming::Pdus(incoming) => {
            let decoded = pdu::decode(&incoming.pdus)?;
            let origin = Origin {
                sender: PhoneNumber::new(decoded.sender),
                sim_number: incoming.sim_number,
                sent_at: decoded.sent_at.map(|at| UnixMillis(at.as_millisecond())),
                delivery_key: incoming.delivery_key,
            };
            let content = match decoded.content {
                pdu::Content::Text(text) => ReceivedContent::Text(text),
                pdu::Content::Data { bytes, .. } => ReceivedContent::Data(bytes),
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
            ReceivedContent::Mms {
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
            let content = ReceivedContent::Mms {
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
            ReceivedContent::MmsDownloaded {
                body,
                subject,
                attachments,
            },
        ),
    })
}

/// Makes the row and the event of a fact.
pub(crate) fn receive(
    origin: Origin,
    content: ReceivedContent,
    context: &DeviceContext,
) -> Result<Received, StoreError> {
    let mut message = NewMessage {
        id: id::fresh(),
        kind: InboxKind::Sms,
        delivery_key: origin.delivery_key,
        sender: origin.sender.as_str().to_owned(),
        recipient: recipient(context, origin.sim_number),
        sim_number: origin.sim_number.unwrap_or(0),
        text: String::new(),
        data: Vec::new(),
        details: String::new(),
        received_at: believable(origin.sent_at, context.now).unwrap_or(context.now),
        created_at: context.now,
        content_hash: 0,
        attachments: Vec::new(),
    };
    match content {
        ReceivedContent::Text(text) => {
            message.content_hash = inbox_identity::content_hash(&message.sender, &text);
            message.text = text;
        }
        ReceivedContent::Data(bytes) => {
            message.kind = InboxKind::DataSms;
            message.data = bytes;
        }
        ReceivedContent::Mms {
            transaction_id,
            subject,
            size,
            content_class,
        } => {
            message.kind = InboxKind::Mms;
            message.text = subject.clone().unwrap_or_default();
            message.details = serde_json::to_string(&MmsDetails {
                transaction_id,
                subject,
                size,
                content_class,
                has_body: false,
            })?;
        }
        ReceivedContent::MmsDownloaded {
            body,
            subject,
            attachments,
        } => {
            message.kind = InboxKind::MmsDownloaded;
            message.details = serde_json::to_string(&MmsDetails {
                subject: subject.clone(),
                has_body: body.is_some(),
                ..MmsDetails::default()
            })?;
            message.text = body.or(subject).unwrap_or_default();
            message.attachments = attachments.into_iter().map(attachment_record).collect();
        }
    }
    let event = event_of(&message, &context.zone)?;
    Ok(Received {
        message,
        sent_at: origin.sent_at,
        event,
    })
}

/// Makes a message of a row of the phone inbox. Its time is the service centre's if there is one to
/// believe, otherwise the phone's, so that a message that is found late has its true time.
pub(crate) fn receive_row(row: &PhoneRow, context: &DeviceContext) -> NewMessage {
    NewMessage {
        id: id::fresh(),
        kind: InboxKind::Sms,
        delivery_key: None,
        sender: row.sender.as_str().to_owned(),
        recipient: recipient(context, row.sim_number),
        sim_number: row.sim_number.unwrap_or(0),
        text: row.text.clone(),
        data: Vec::new(),
        details: String::new(),
        received_at: believable(row.sent_at, context.now)
            .or(believable(Some(row.received_at), context.now))
            .unwrap_or(context.now),
        created_at: context.now,
        content_hash: inbox_identity::content_hash(row.sender.as_str(), &row.text),
        attachments: Vec::new(),
    }
}

/// Returns the receiving SIM's own number. A message is not lost because its SIM is not listed
/// (yet).
fn recipient(context: &DeviceContext, sim_number: Option<u32>) -> String {
    let number = context.sim_phone_number(sim_number);
    number.map_or_else(String::new, |number| number.as_str().to_owned())
}

/// Returns a time of another clock, unless ours is right and the time is too far ahead of it.
fn believable(at: Option<UnixMillis>, now: UnixMillis) -> Option<UnixMillis> {
    at.filter(|at| now < RIGHT_FROM || *at <= now.plus(BELIEVABLE_LEAD))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn believable_refuses_a_time_ahead_of_a_right_clock() {
        let check = |at: i64, now: i64, expected: bool| {
            let believed = believable(Some(UnixMillis(at)), UnixMillis(now));
            assert_eq!(believed.is_some(), expected, "{at} at {now}");
        };
        let now = 1_719_045_971_000;
        check(now + 600_000, now, true);
        check(now + 600_001, now, false);
        check(now - 400 * 86_400_000, now, true);
        // The clock was not set yet.
        check(now, 0, true);
        check(now, 1_700_000_000_000, true);
    }
}
