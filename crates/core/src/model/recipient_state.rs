//! The states of a recipient and of a message (protocol.md 3). Pure.
//!
//! A recipient only moves forward: Pending → Processed → Sent → Delivered, or to Failed or
//! Cancelled. Results of its parts may come in any order, twice, or never. The first result of a
//! part stands, a status report proves that the part was sent, and impossible facts are ignored.

use super::parts::{MOST_PARTS, PartSet};

/// The state of a recipient, and of a message by [`aggregate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It waits to be sent.
    Pending,
    /// It is being cancelled. Only for clients that know this state; this gateway cancels at once.
    Cancelling,
    /// It was cancelled before it was sent.
    Cancelled,
    /// It was handed to the modem.
    Processed,
    /// The network accepted it.
    Sent,
    /// The recipient's phone received it.
    Delivered,
    /// It was not sent, or not delivered.
    Failed,
}

impl State {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Cancelling,
        Self::Cancelled,
        Self::Processed,
        Self::Sent,
        Self::Delivered,
        Self::Failed,
    ];

    /// Returns the name that the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Cancelling => "Cancelling",
            Self::Cancelled => "Cancelled",
            Self::Processed => "Processed",
            Self::Sent => "Sent",
            Self::Delivered => "Delivered",
            Self::Failed => "Failed",
        }
    }

    /// Returns the state of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Returns the state of a message from those of its recipients, by the first rule that fits
/// (protocol.md 3). It does not matter how often a state occurs in `states`.
pub fn aggregate(states: &[State]) -> State {
    let any = |state| states.contains(&state);
    let all = |state| states.iter().all(|other| *other == state);
    let first = [
        State::Pending,
        State::Cancelling,
        State::Cancelled,
        State::Processed,
    ];
    match first.into_iter().find(|state| any(*state)) {
        Some(state) => state,
        None if all(State::Failed) => State::Failed,
        None if all(State::Delivered) => State::Delivered,
        None => State::Sent,
    }
}

/// A fact about a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// It is about to be handed to the modem.
    Handed,
    /// The modem accepted it, as so many parts.
    Accepted { parts: u16 },
    /// It will not be sent: it was refused or has expired.
    Failed(String),
    /// It is unknown whether it was sent: sending was interrupted, or no result came.
    NotHeardOf(String),
    /// Its message was cancelled.
    Cancelled,
    /// The network accepted a part.
    PartSent(Part),
    /// The network did not accept a part.
    PartFailed(Part, String),
    /// The recipient's phone received a part.
    PartDelivered(Part),
    /// The recipient's phone will not get a part.
    PartLost(Part, String),
}

/// A part, 0-based, and the number of all parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub number: u16,
    pub of: u16,
}

/// A change of a recipient's state. Each one except the first emits an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Processed,
    Sent,
    Delivered,
    Failed(String),
    Cancelled,
}

/// The known progress of a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub state: State,
    /// The number of parts; 0 while unknown.
    pub parts: u16,
    pub sent: PartSet,
    pub delivered: PartSet,
    /// Status reports were requested; without them Sent is the last state.
    pub with_report: bool,
}

impl Progress {
    /// Applies a fact. Returns the resulting changes: none, one, or Sent and then another.
    pub fn apply(&mut self, fact: &Fact) -> Vec<Step> {
        match (fact, self.state) {
            (Fact::Handed, State::Pending) => self.go(State::Processed, Step::Processed),
            (Fact::Cancelled, State::Pending) => self.go(State::Cancelled, Step::Cancelled),
            (Fact::Failed(reason), State::Pending | State::Processed)
            | (Fact::NotHeardOf(reason), State::Processed) => self.fail(reason),
            (Fact::Accepted { parts }, State::Processed | State::Sent) => {
                self.learn(*parts);
                Vec::new()
            }
            (Fact::PartSent(part), State::Processed) if self.knows(*part) => {
                self.sent.insert(part.number);
                self.all_sent()
            }
            (Fact::PartFailed(part, reason), State::Processed)
                if self.knows(*part) && !self.sent.contains(part.number) =>
            {
                self.fail(reason)
            }
            (Fact::PartDelivered(part), State::Processed | State::Sent)
                if self.with_report && self.knows(*part) =>
            {
                self.sent.insert(part.number);
                self.delivered.insert(part.number);
                let mut steps = self.all_sent();
                if self.state == State::Sent && self.delivered.len() == u32::from(self.parts) {
                    steps.extend(self.go(State::Delivered, Step::Delivered));
                }
                steps
            }
            (Fact::PartLost(part, reason), State::Processed | State::Sent)
                if self.with_report
                    && self.knows(*part)
                    && !self.delivered.contains(part.number) =>
            {
                self.sent.insert(part.number);
                let mut steps = self.all_sent();
                steps.extend(self.fail(reason));
                steps
            }
            _ => Vec::new(),
        }
    }

    fn go(&mut self, state: State, step: Step) -> Vec<Step> {
        self.state = state;
        vec![step]
    }

    fn fail(&mut self, reason: &str) -> Vec<Step> {
        self.go(State::Failed, Step::Failed(reason.to_owned()))
    }

    fn all_sent(&mut self) -> Vec<Step> {
        if self.state == State::Processed && self.sent.len() == u32::from(self.parts) {
            return self.go(State::Sent, Step::Sent);
        }
        Vec::new()
    }

    /// Stores the number of parts; only the first report of it counts.
    fn learn(&mut self, parts: u16) {
        if self.parts == 0 {
            self.parts = parts.min(MOST_PARTS);
        }
    }

    /// Returns whether there can be such a part.
    fn knows(&mut self, part: Part) -> bool {
        if part.number >= part.of || part.of > MOST_PARTS {
            return false;
        }
        self.learn(part.of);
        self.parts == part.of
    }
}

#[cfg(test)]
mod tests;
