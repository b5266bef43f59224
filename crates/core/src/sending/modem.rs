//! The modem: the radio of a phone, or a simulated one.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use simrelay_pdu::status_report::Report;

use super::failure::{SendError, SendFailure};
use crate::model::id::MessageId;
use crate::model::phone::PhoneNumber;

/// Hands messages to the radio. Their results are reported to the gateway later, part by part: by
/// [`ModemEvents`], or by the shell with `Gateway::part_sent`, `part_failed`, `part_delivered`.
pub trait Modem: Send + Sync + fmt::Debug + 'static {
    /// Hands over one message for one recipient. `Err` means that it certainly was not and will not
    /// be sent. `Ok` means that the radio took it and will report a result for each part. It is
    /// `Ok` too if nobody can know whether the radio took it; then no result ever comes, and the
    /// message fails with that reason. Called at most once for a recipient, on a thread that may
    /// block, one call at a time.
    fn send(&self, request: &SendRequest) -> Result<Accepted, SendError>;

    /// Receives the place to report results to, once, before the first message. A modem whose shell
    /// reports them does not need it.
    fn attach(&self, events: Arc<dyn ModemEvents>) {
        drop(events);
    }

    /// Returns how many parts the platform lets an app send in any 60 seconds before it asks its
    /// user (Android: 30). The gateway stays within it. `None` for no limit.
    fn parts_per_minute(&self) -> Option<u32> {
        None
    }

    /// Returns how many parts the modem would make of this text by this SIM. Called before the
    /// hand-over if [`Modem::parts_per_minute`] is a limit, on a thread that may block. `None`
    /// leaves it to the gateway's own count, which the platform may exceed.
    fn count_parts(&self, text: &str, sim_number: Option<u32>) -> Option<u16> {
        let _ = (text, sim_number);
        None
    }
}

/// Takes the modem's reports. It does not keep the gateway alive.
pub trait ModemEvents: Send + Sync + 'static {
    /// Stores the result of a part. Returns false if it could not be stored and must be reported
    /// again.
    fn report<'a>(&'a self, part: &'a PartRef, result: PartResult) -> BoxFuture<'a, bool>;
}

/// The result of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartResult {
    /// The network took the part.
    Sent,
    /// The network did not take the part.
    Failed(SendFailure),
    /// The recipient's network sent a status report.
    Reported(Report),
}

/// One message for one recipient. `Debug` hides number and content.
#[derive(Clone, PartialEq, Eq)]
pub struct SendRequest {
    /// The message.
    pub message_id: MessageId,
    /// The index of the recipient, from 0.
    pub recipient: u32,
    /// The number to send to.
    pub phone_number: PhoneNumber,
    /// The content.
    pub content: Content,
    /// The SIM, 1-based; `None` leaves it to the platform's choice for SMS.
    pub sim_number: Option<u32>,
    /// Whether a status report is wanted.
    pub with_delivery_report: bool,
}

impl fmt::Debug for SendRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SendRequest")
            .field("message_id", &self.message_id)
            .field("recipient", &self.recipient)
            .finish_non_exhaustive()
    }
}

/// The content of a message.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// A text, which the modem divides.
    Text(String),
    /// Bytes to a port; always one part.
    Data {
        /// 1 to 133 octets.
        data: Vec<u8>,
        /// The port on the other phone.
        port: u16,
    },
}

/// The radio took a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The number of parts that it made; 0 if it cannot say.
    pub parts: u16,
    /// The SIM that sends it, if the modem knows.
    pub sim_number: Option<u32>,
}

/// Names the part that a result belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRef {
    /// As in the [`SendRequest`].
    pub message_id: MessageId,
    /// As in the [`SendRequest`].
    pub recipient: u32,
    /// From 0.
    pub part: u16,
    /// The number of parts.
    pub parts: u16,
    /// The SIM that sent it, if the shell knows: a result may come before the modem's own answer is
    /// stored.
    pub sim_number: Option<u32>,
}

/// The modem of a phone that cannot send. Refuses every message.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoModem;

impl Modem for NoModem {
    fn send(&self, _: &SendRequest) -> Result<Accepted, SendError> {
        Err(SendError::NoSim)
    }
}
