//! What sends: the radio of a phone, or a simulated one.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use simrelay_pdu::status_report::Report;

use super::failure::{SendError, SendFailure};
use crate::model::id::MessageId;
use crate::model::phone::PhoneNumber;

/// Hands messages to the radio. What becomes of them is reported to the gateway later, part by part:
/// by [`ModemEvents`], or by the shell with `Gateway::part_sent`, `part_failed`, `part_delivered`.
pub trait Modem: Send + Sync + fmt::Debug + 'static {
    /// Hands one message for one recipient over. `Err` means that it surely was not and will not be
    /// sent. `Ok` means that the radio took it, and will tell of each part; or that it may have, where
    /// nobody can know: then nothing is ever told, and that is the reason it fails with. Called at
    /// most once for a recipient, on a thread that may block, one call at a time.
    fn send(&self, request: &SendRequest) -> Result<Accepted, SendError>;

    /// Called once, before the first message: where results are reported. A modem whose shell reports
    /// them does not need it.
    fn attach(&self, events: Arc<dyn ModemEvents>) {
        drop(events);
    }

    /// How many parts the platform lets an app send in any 60 seconds before it asks its user
    /// (Android: 30). The gateway stays within it. `None` for no limit.
    fn parts_per_minute(&self) -> Option<u32> {
        None
    }

    /// How many parts it would make of that text by that SIM. Asked before the hand-over where
    /// [`Modem::parts_per_minute`] is a limit, on a thread that may block. `None` leaves it to the
    /// gateway's own count, which the platform may exceed.
    fn count_parts(&self, text: &str, sim_number: Option<u32>) -> Option<u16> {
        let _ = (text, sim_number);
        None
    }
}

/// Takes what a modem reports. It does not keep the gateway alive.
pub trait ModemEvents: Send + Sync + 'static {
    /// Keeps the result of a part; false if it could not be kept and must be reported again.
    fn report<'a>(&'a self, part: &'a PartRef, result: PartResult) -> BoxFuture<'a, bool>;
}

/// What became of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartResult {
    /// The network took it.
    Sent,
    /// The network did not take it.
    Failed(SendFailure),
    /// The other phone's network reported of it.
    Reported(Report),
}

/// One message for one recipient. `Debug` hides number and content.
#[derive(Clone, PartialEq, Eq)]
pub struct SendRequest {
    /// The message.
    pub message_id: MessageId,
    /// Which of its recipients, from 0.
    pub recipient: u32,
    /// Where to.
    pub phone_number: PhoneNumber,
    /// What.
    pub content: Content,
    /// The SIM, 1-based; `None` leaves it to the platform's choice for SMS.
    pub sim_number: Option<u32>,
    /// Whether the other phone's report is wanted.
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

/// What is sent.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// A text, to be divided by the modem.
    Text(String),
    /// Bytes to a port; always one part.
    Data {
        /// 1 to 133 octets.
        data: Vec<u8>,
        /// The port on the other phone.
        port: u16,
    },
}

/// The radio took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// How many parts it made of it; 0 where it cannot say.
    pub parts: u16,
    /// The SIM that sends it, where the modem knows.
    pub sim_number: Option<u32>,
}

/// Which part of what a result is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRef {
    /// As in the [`SendRequest`].
    pub message_id: MessageId,
    /// As in the [`SendRequest`].
    pub recipient: u32,
    /// From 0.
    pub part: u16,
    /// How many parts there are.
    pub parts: u16,
    /// The SIM it went by, where the shell knows: a result may come before the modem's own answer is
    /// kept.
    pub sim_number: Option<u32>,
}

/// The modem of a phone that cannot send: refuses everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoModem;

impl Modem for NoModem {
    fn send(&self, _: &SendRequest) -> Result<Accepted, SendError> {
        Err(SendError::NoSim)
    }
}
