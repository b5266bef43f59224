//! A modem that records what it is given and answers as told; the test tells of the parts.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use simrelay_core::sending::{Accepted, Content, Modem, PartRef, SendError, SendRequest, split};
use tokio::sync::watch;

use crate::lab::within;

/// What a modem does between taking a message and answering.
type Meanwhile = Box<dyn Fn(&SendRequest) + Send + Sync>;

/// The modem.
#[derive(Default)]
pub struct FakeModem {
    state: Mutex<State>,
    given: watch::Sender<usize>,
    meanwhile: OnceLock<Meanwhile>,
}

impl fmt::Debug for FakeModem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FakeModem")
    }
}

#[derive(Default)]
struct State {
    requests: Vec<SendRequest>,
    answers: VecDeque<Result<Accepted, SendError>>,
    parts_per_minute: Option<u32>,
    counted: Option<u16>,
}

impl State {
    fn parts(&self, text: &str) -> u16 {
        let cut = || u16::try_from(split(text).len()).unwrap_or(u16::MAX);
        self.counted.unwrap_or_else(cut)
    }
}

impl FakeModem {
    /// A modem of a platform that allows so many parts a minute.
    pub fn limited(parts_per_minute: u32) -> Self {
        let modem = Self::default();
        modem.state().parts_per_minute = Some(parts_per_minute);
        modem
    }

    /// What it does with each message before it answers.
    pub fn meanwhile(&self, work: impl Fn(&SendRequest) + Send + Sync + 'static) {
        let unset = self.meanwhile.set(Box::new(work));
        assert!(unset.is_ok(), "it is told once");
    }

    /// Makes so many parts of every text from now on.
    pub fn counts(&self, parts: u16) {
        self.state().counted = Some(parts);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How to answer the next requests; after them, every message is taken as it is cut here.
    pub fn answers(&self, answers: impl IntoIterator<Item = Result<Accepted, SendError>>) {
        self.state().answers.extend(answers);
    }

    /// All it was given, oldest first.
    pub fn requests(&self) -> Vec<SendRequest> {
        self.state().requests.clone()
    }

    /// The texts it was given, oldest first.
    pub fn texts(&self) -> Vec<String> {
        let text = |request: SendRequest| match request.content {
            Content::Text(text) => text,
            Content::Data { .. } => "data".into(),
        };
        self.requests().into_iter().map(text).collect()
    }

    /// All it was given, once it is that many.
    pub async fn given(&self, count: usize) -> Vec<SendRequest> {
        let mut given = self.given.subscribe();
        let enough = given.wait_for(|given| *given >= count);
        drop(within(&format!("{count} messages at the modem"), enough).await);
        self.requests()
    }
}

impl Modem for FakeModem {
    fn send(&self, request: &SendRequest) -> Result<Accepted, SendError> {
        let mut state = self.state();
        state.requests.push(request.clone());
        let parts = match &request.content {
            Content::Text(text) => state.parts(text),
            Content::Data { .. } => 1,
        };
        let taken = Ok(Accepted {
            parts,
            sim_number: None,
        });
        let answer = state.answers.pop_front().unwrap_or(taken);
        drop(state);
        if let Some(work) = self.meanwhile.get() {
            work(request);
        }
        self.given.send_modify(|given| *given += 1);
        answer
    }

    fn parts_per_minute(&self) -> Option<u32> {
        self.state().parts_per_minute
    }

    fn count_parts(&self, text: &str, _: Option<u32>) -> Option<u16> {
        Some(self.state().parts(text))
    }
}

/// A part of a request.
pub fn part(request: &SendRequest, part: u16, parts: u16) -> PartRef {
    PartRef {
        message_id: request.message_id.clone(),
        recipient: request.recipient,
        part,
        parts,
        sim_number: None,
    }
}
