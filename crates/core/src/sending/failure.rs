//! Why a message was not sent, and what a person can do about it.

use std::borrow::Cow;
use std::fmt;

/// Why the radio did not send a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendFailure {
    /// The platform's name of the failure. SMSGate's clients know the names of Android's
    /// `SmsManager`.
    pub name: Cow<'static, str>,
    /// A further code of the radio or the network, such as a cause of 3GPP TS 24.011 Annex E; 0 if
    /// there is none.
    pub cause: i32,
    /// What a person can do about it.
    pub advice: Option<Advice>,
}

/// What a person can do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Advice {
    /// The radio is off.
    #[error("the radio is off; turn off airplane mode")]
    RadioOff,
    /// No network serves the phone.
    #[error("the phone has no mobile service")]
    NoService,
    /// The platform limits how many messages an app sends.
    #[error("the phone's own limit for this app is reached, or its user refused")]
    LimitReached,
    /// The SIM allows calls and messages to listed numbers only (fixed dialling).
    #[error("the SIM allows fixed numbers only")]
    FixedNumbersOnly,
    /// The platform guards against numbers that charge extra.
    #[error("the phone does not allow this short code; it may cost extra")]
    ShortCode,
    /// No app is chosen as the SMS app.
    #[error("the phone has no app for SMS")]
    NoSmsApp,
    /// The owner of the phone does not allow this user to send.
    #[error("this user of the phone may not send SMS")]
    UserNotAllowed,
}

impl SendFailure {
    /// The radio gives no reason.
    pub const GENERIC: Self = Self::named("RESULT_ERROR_GENERIC_FAILURE", None);
    const RADIO_OFF: Self = Self::named("RESULT_ERROR_RADIO_OFF", Some(Advice::RadioOff));

    /// A failure without a further code.
    pub const fn named(name: &'static str, advice: Option<Advice>) -> Self {
        Self {
            name: Cow::Borrowed(name),
            cause: 0,
            advice,
        }
    }
}

/// Writes the name with its code, and a sentence if a person can do something about it.
impl fmt::Display for SendFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        if self.cause != 0 {
            write!(formatter, " (cause {})", self.cause)?;
        }
        match self.advice {
            Some(advice) => write!(formatter, ": {advice}"),
            None => Ok(()),
        }
    }
}

/// Why a modem did not take a message. The message was certainly not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The platform forbids it (Android: `SecurityException`).
    #[error("the app may not send SMS; allow it in the phone's settings")]
    NotPermitted,
    /// There is no SIM at all.
    #[error("there is no SIM in the phone")]
    NoSim,
    /// The SIM that the client asked for is not in the phone (any more).
    #[error("there is no SIM {0} in the phone")]
    NoSuchSim(u32),
    /// There are several SIMs, and none of them is chosen for SMS.
    #[error(
        "the phone has several SIMs and none is chosen for SMS; choose one in the phone's settings, \
         or set simNumber"
    )]
    NoDefaultSim,
    /// The app may not see the SIMs, so it cannot choose the one that the client asked for.
    #[error(
        "the app may not see the phone's SIMs, so it cannot choose one; grant it the phone \
         permission in the phone's settings"
    )]
    SimsHidden,
    /// The radio is off.
    #[error("{}", SendFailure::RADIO_OFF)]
    RadioOff,
    /// The platform refuses the message itself (Android: `IllegalArgumentException`).
    #[error("the phone refused the message as invalid")]
    Invalid,
    /// This message alone has more parts than
    /// [`Modem::parts_per_minute`](super::Modem::parts_per_minute).
    #[error(
        "the message needs {parts} parts, and the phone lets an app send {most} in a minute before \
         it asks its user; shorten it"
    )]
    TooManyParts {
        /// The parts of the message.
        parts: u32,
        /// The platform's limit.
        most: u32,
    },
    /// The call of the platform failed; holds the name of its error.
    #[error("the phone's SMS service did not accept the message ({0})")]
    Platform(String),
    /// Any other code of the platform.
    #[error("{0}")]
    Result(SendFailure),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn send_error_has_its_own_sentence_for_every_refusal() {
        let refusals = [
            SendError::NotPermitted,
            SendError::NoSim,
            SendError::NoSuchSim(2),
            SendError::NoDefaultSim,
            SendError::SimsHidden,
            SendError::RadioOff,
            SendError::Invalid,
            SendError::TooManyParts {
                parts: 31,
                most: 30,
            },
            SendError::Platform("java.lang.OutOfMemoryError".into()),
            SendError::Result(SendFailure::GENERIC),
        ];
        let sentences: std::collections::BTreeSet<String> =
            refusals.iter().map(ToString::to_string).collect();
        assert_eq!(sentences.len(), refusals.len());
    }
}
