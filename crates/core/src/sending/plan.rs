//! The input and the result of a round of the sender.

use std::time::Duration;

use super::aside::{Aside, Place};
use super::decrypt::Decrypted;
use super::modem::{Accepted, SendRequest};
use super::pacing::{Budget, Rules};
use crate::model::clock::UnixMillis;
use crate::model::device::DeviceContext;
use crate::model::id::MessageId;
use crate::settings::{ProcessingOrder, SimSelection};
use crate::store::NextRecipient;

/// The input of a round.
#[derive(Clone)]
pub(super) struct Plan {
    pub context: DeviceContext,
    /// How far the clock was set since the last round, in milliseconds.
    pub jump: i64,
    /// How long the clock is not believed yet; until then nothing expires or comes due by it.
    pub doubts: Option<Duration>,
    pub rules: Rules,
    pub order: ProcessingOrder,
    pub selection: SimSelection,
    /// The pause after the last message.
    pub pause: Duration,
    /// 0.0 to 1.0, for the choice of a SIM; one for each recipient that may be handed over.
    pub chances: Vec<f64>,
    /// The SIM of the last message that named none; 0 if there was none.
    pub turn: u32,
    pub budget: Budget,
    pub monotonic: Duration,
    /// The most recipients that may be handed over at once.
    pub batch: usize,
    /// The items that are left out because they failed.
    pub aside: Aside,
    /// The modem's answers since the last round.
    pub answers: Vec<Answer>,
    /// The last recipient that was decrypted.
    pub opened: Option<Decrypted>,
    /// The last recipient whose parts were counted.
    pub counted: Option<Counted>,
}

/// A text whose parts the modem must count before it may go.
pub(super) struct Uncounted {
    pub message_seq: i64,
    pub number: u32,
    pub text: String,
    pub sim_number: Option<u32>,
}

/// The number of parts of a recipient's text.
#[derive(Clone, Copy)]
pub(super) struct Counted {
    pub message_seq: i64,
    pub number: u32,
    pub parts: u32,
}

/// The modem's answer to a request.
#[derive(Clone)]
pub(super) struct Answer {
    pub message_id: MessageId,
    pub recipient: u32,
    pub outcome: Result<Accepted, String>,
}

impl Answer {
    pub fn place(&self) -> Place {
        Place::Answer(self.message_id.0.clone(), self.recipient)
    }
}

/// The result of a round.
#[derive(Default)]
pub(super) struct Done {
    /// The requests for the modem, each with our count of its parts.
    pub handed: Vec<(SendRequest, u32)>,
    /// The SIM of the last of them that named none.
    pub turn: Option<u32>,
    /// The next recipient, if it must be decrypted first.
    pub sealed: Option<NextRecipient>,
    /// The next recipient, if its parts must be counted first.
    pub uncounted: Option<Uncounted>,
    /// When to run the next round.
    pub next: Option<UnixMillis>,
    /// Whether there is more to do at once.
    pub more: bool,
    /// Whether a state changed, so that deliveries may wait.
    pub moved: bool,
}
