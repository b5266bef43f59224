//! Webhooks: who is told ([`registry`]), how ([`signing`], [`http`], [`tls`], [`address`]), and
//! when ([`retry`], [`slots`], [`deliverer`]); and why one did not come ([`diagnosis`]).

mod address;
mod attempt;
mod certificate;
mod deliverer;
mod diagnosis;
mod http;
mod in_flight;
mod outcome;
mod registry;
mod retry;
mod round;
mod signing;
mod slots;
mod tls;
mod url_rules;

pub(crate) use certificate::is_certificate;
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
pub use url_rules::UrlError;
