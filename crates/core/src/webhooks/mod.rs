//! Webhooks: who is told ([`registry`]), how ([`signing`], [`http`], [`tls`]), and
//! when ([`retry`], [`slots`], [`deliverer`]); and why one did not come ([`diagnosis`]).

mod attempt;
mod certificate;
mod chain;
mod deliverer;
mod diagnosis;
mod handshake;
mod http;
mod in_flight;
mod keys;
mod outcome;
mod probe;
mod queue;
mod registry;
mod retry;
mod round;
mod signing;
mod slots;
mod smsgate;
mod tls;
mod tls_fault;
mod tls_words;
mod url_rules;

pub(crate) use certificate::certificate_alone;
pub(crate) use deliverer::{Deliverer, Signals};
#[cfg(test)]
pub(crate) use diagnosis::OFFLINE;
pub use diagnosis::{Diagnosis, DiagnosisError, Step, StepName, Target, Tester};
pub(crate) use in_flight::Sending;
#[cfg(test)]
pub(crate) use outcome::Outcome;
pub(crate) use registry::enqueue;
pub use registry::{Before, RegisterError, Registration, Registry, Unfit};
pub(crate) use retry::schedule;
pub(crate) use signing::hex;
pub use signing::sign;
#[cfg(test)]
pub(crate) use tls::client_config;
pub use url_rules::UrlError;
