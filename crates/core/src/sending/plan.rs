//! What a round of the sender works with, and what comes of it.

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

/// What a round works with.
#[derive(Clone)]
pub(super) struct Plan {
    pub context: DeviceContext,
    /// By how many milliseconds the clock was set since the last round.
    pub jump: i64,
    /// How long the clock is not believed yet: nothing expires or comes due by it.
    pub doubts: Option<Duration>,
    pub rules: Rules,
    pub order: ProcessingOrder,
    pub selection: SimSelection,
    /// The pause after the last message.
    pub pause: Duration,
    /// 0.0 to 1.0, for the choice of a SIM; one for each that may be handed over.
    pub chances: Vec<f64>,
    /// The SIM of the last message that named none; 0 when there was none.
    pub turn: u32,
    pub budget: Budget,
    pub monotonic: Duration,
    /// How many may be handed over at once.
    pub batch: usize,
    /// What is left out, because it failed.
    pub aside: Aside,
    /// What the modem answered since the last round.
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

/// How many parts the text of a recipient has.
#[derive(Clone, Copy)]
pub(super) struct Counted {
    pub message_seq: i64,
    pub number: u32,
    pub parts: u32,
}

/// What the modem answered to a request.
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

/// What came of a round.
#[derive(Default)]
pub(super) struct Done {
    /// To be handed to the modem now; each with the parts it is thought to have.
    pub handed: Vec<(SendRequest, u32)>,
    /// The SIM of the last of them that named none.
    pub turn: Option<u32>,
    /// The next one, to be decrypted first.
    pub sealed: Option<NextRecipient>,
    /// The next one, whose parts must be counted first.
    pub uncounted: Option<Uncounted>,
    /// When to look again.
    pub next: Option<UnixMillis>,
    /// There is more to do at once.
    pub more: bool,
    /// Something moved, so webhooks may wait.
    pub moved: bool,
}
