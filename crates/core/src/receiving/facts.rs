//! The facts about incoming messages, as the shell or the simulator reports them.

use crate::model::clock::UnixMillis;
use crate::model::phone::PhoneNumber;
use crate::store::StoreError;

use simrelay_pdu::PduError;

/// The origin of a message.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The sender; empty if unknown.
    pub sender: PhoneNumber,
    /// The receiving SIM, 1-based.
    pub sim_number: Option<u32>,
    /// The service centre's time, if there is one.
    pub sent_at: Option<UnixMillis>,
    /// The idempotency key: random, made once per broadcast and reused only if that call is
    /// repeated. The same fact reported twice is one message.
    pub delivery_key: Option<String>,
}

/// A text message, all parts joined.
#[derive(Clone)]
pub struct IncomingSms {
    /// The origin.
    pub origin: Origin,
    /// The text.
    pub text: String,
}

/// A data message.
#[derive(Clone)]
pub struct IncomingData {
    /// The origin.
    pub origin: Origin,
    /// The bytes.
    pub data: Vec<u8>,
}

/// The 3GPP SMS-DELIVER PDUs of exactly one message, as the radio passes them on.
#[derive(Clone)]
pub struct IncomingPdus {
    /// All parts, in any order.
    pub pdus: Vec<Vec<u8>>,
    /// The receiving SIM, 1-based.
    pub sim_number: Option<u32>,
    /// As in [`Origin`].
    pub delivery_key: Option<String>,
}

/// The notification that an MMS waits at the operator.
#[derive(Clone)]
pub struct IncomingMms {
    /// The origin.
    pub origin: Origin,
    /// The operator's id of the MMS.
    pub transaction_id: String,
    /// The subject.
    pub subject: Option<String>,
    /// The size in bytes.
    pub size: u64,
    /// The content class (`TEXT`, `IMAGE_BASIC`, …), `""` if unknown.
    pub content_class: String,
}

/// The notification of an MMS as the phone's WAP push receiver got it.
#[derive(Clone)]
pub struct IncomingMmsNotification {
    /// The body of the push, an M-Notification.ind. Fields that cannot be decoded stay unknown: the
    /// notification is stored all the same.
    pub pdu: Vec<u8>,
    /// The receiving SIM, 1-based.
    pub sim_number: Option<u32>,
    /// As in [`Origin`].
    pub delivery_key: Option<String>,
}

/// The content of an MMS, once it is stored on the phone.
#[derive(Clone)]
pub struct IncomingMmsContent {
    /// The origin.
    pub origin: Origin,
    /// The text parts, joined.
    pub body: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// The other parts.
    pub attachments: Vec<Attachment>,
}

/// A part of an MMS.
#[derive(Clone)]
pub struct Attachment {
    /// The number of the part, unique within the message.
    pub part_id: i64,
    /// The MIME type, `""` if unknown.
    pub content_type: String,
    /// The file name.
    pub name: Option<String>,
    /// The bytes.
    pub data: Vec<u8>,
}

/// Any message that comes in.
#[derive(Clone)]
pub enum Incoming {
    /// A text message.
    Sms(IncomingSms),
    /// A data message.
    Data(IncomingData),
    /// The PDUs of a text or data message.
    Pdus(IncomingPdus),
    /// The notification of an MMS.
    Mms(IncomingMms),
    /// The notification of an MMS, as the phone got it.
    MmsNotification(IncomingMmsNotification),
    /// The content of an MMS.
    MmsContent(IncomingMmsContent),
}

impl From<IncomingSms> for Incoming {
    fn from(sms: IncomingSms) -> Self {
        Self::Sms(sms)
    }
}

impl From<IncomingData> for Incoming {
    fn from(data: IncomingData) -> Self {
        Self::Data(data)
    }
}

impl From<IncomingPdus> for Incoming {
    fn from(pdus: IncomingPdus) -> Self {
        Self::Pdus(pdus)
    }
}

impl From<IncomingMms> for Incoming {
    fn from(mms: IncomingMms) -> Self {
        Self::Mms(mms)
    }
}

impl From<IncomingMmsNotification> for Incoming {
    fn from(notification: IncomingMmsNotification) -> Self {
        Self::MmsNotification(notification)
    }
}

impl From<IncomingMmsContent> for Incoming {
    fn from(mms: IncomingMmsContent) -> Self {
        Self::MmsContent(mms)
    }
}

/// Why a fact was not taken. Nothing of it was stored.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The PDUs cannot be decoded; the shell reports the message again with the framework's own
    /// text.
    #[error("{0}")]
    Undecodable(#[from] PduError),
    /// The store failed; report the fact again later.
    #[error(transparent)]
    Store(#[from] StoreError),
}
