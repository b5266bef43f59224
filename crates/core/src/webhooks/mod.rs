//! Webhooks: the list of them ([`registry`]), how a delivery is posted ([`signing`], [`attempt`])
//! and when ([`retry`], [`slots`], [`deliverer`]), and why one did not arrive ([`diagnosis`]).

mod attempt;
mod deliverer;
mod deliveries;
mod diagnosis;
mod in_flight;
mod queue;
mod registry;
pub(crate) mod replay;
mod retry;
mod round;
mod signing;
mod slots;

pub(crate) use deliverer::{Deliverer, Signals};
pub(crate) use deliveries::Deliveries;
#[cfg(test)]
pub(crate) use diagnosis::OFFLINE;
pub use diagnosis::{Diagnosis, DiagnosisError, Step, StepName, Target, Tester};
pub(crate) use in_flight::Sending;
pub use registry::{IfExists, InvalidRegistration, RegisterError, Registration, Registry};
pub(crate) use retry::schedule;
pub use signing::sign;

pub use crate::net::url_rules::UrlError;

use serde_json::Value;

use crate::model::clock::UnixMillis;
use crate::store::{LogEntry, Module, Priority};

/// Makes the log entry of something that happened to webhooks or their deliveries.
fn entry(at: UnixMillis, message: &str, context: Value) -> LogEntry {
    LogEntry::new(at, Priority::Info, Module::Webhooks, message, context)
}
