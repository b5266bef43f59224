//! Phone numbers and senders.

mod rules;
mod visible;

use std::fmt;

use serde::Serialize;

pub use rules::{NumberError, NumberRules, country};
pub(crate) use visible::visible;

/// The sender or recipient of a message, as the network gave it: `+12025550100`, `12345`, `INFO`.
/// `Debug` hides it, because numbers are never logged.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Default)]
#[serde(transparent)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Takes the text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PhoneNumber(..)")
    }
}
