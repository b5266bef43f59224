//! The states of a recipient and of a message (protocol.md 3). Pure.
//!
//! A recipient only moves forward: Pending → Processed → Sent → Delivered, or to Failed or Cancelled.
//! Results of its parts may come in any order, twice, or never. The first result of a part stands, a
//! report of the other phone proves that the part was sent, and what cannot be true is ignored.

use super::parts::{MOST_PARTS, PartSet};

/// The state of a recipient, and of a message by [`aggregate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It waits to be sent.
    Pending,
    /// It is being cancelled. Kept for clients that know it; here a cancel is done at once.
    Cancelling,
    /// It was cancelled before it was sent.
    Cancelled,
    /// It was handed to the modem.
    Processed,
    /// The network took it.
    Sent,
    /// The other phone has it.
    Delivered,
    /// It was not sent, or not delivered.
    Failed,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Cancelling,
        Self::Cancelled,
        Self::Processed,
        Self::Sent,
        Self::Delivered,
        Self::Failed,
    ];

    /// As it stands in the API.
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

    /// The state of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// The state of a message from those of its recipients: the first rule that fits (protocol.md 3).
/// A state that occurs may be named once or often.
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

/// What became known of a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// It is about to be handed to the modem.
    Handed,
    /// The modem took it, as so many parts.
    Accepted { parts: u16 },
    /// It will not be sent: refused, or expired.
    Failed(String),
    /// Whether it was sent nobody knows any more: interrupted, or without a result.
    NotHeardOf(String),
    /// Its message was cancelled.
    Cancelled,
    /// The network took a part.
    PartSent(Part),
    /// The network did not take a part.
    PartFailed(Part, String),
    /// The other phone has a part.
    PartDelivered(Part),
    /// The other phone will not get a part.
    PartLost(Part, String),
}

/// Which part, 0-based, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub number: u16,
    pub of: u16,
}

/// A move of a recipient. Each but the first is an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Processed,
    Sent,
    Delivered,
    Failed(String),
    Cancelled,
}

/// What is known of a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub state: State,
    /// 0 while it is not known.
    pub parts: u16,
    pub sent: PartSet,
    pub delivered: PartSet,
    /// Reports were asked for; without them Sent is the end.
    pub with_report: bool,
}

impl Progress {
    /// Takes up a fact and says which moves follow: none, one, or Sent and then another.
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

    /// The first who tells how many parts there are is believed.
    fn learn(&mut self, parts: u16) {
        if self.parts == 0 {
            self.parts = parts.min(MOST_PARTS);
        }
    }

    /// Whether there can be such a part.
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
