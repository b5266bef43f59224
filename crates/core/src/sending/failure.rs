//! Why a message was not sent: what the platform calls it, and what to do about it.

/// Why the radio did not send a part, as the platform's result code tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendFailure {
    /// A code of Android's `SmsManager`, such as 1 for `RESULT_ERROR_GENERIC_FAILURE`.
    pub code: i32,
    /// What the radio or the network said besides, such as a cause of 3GPP TS 24.011 Annex E; 0 for
    /// nothing.
    pub cause: i32,
}

impl SendFailure {
    /// `RESULT_ERROR_GENERIC_FAILURE`: the radio does not say why.
    pub const GENERIC: Self = Self::of(1);

    /// A code alone.
    pub const fn of(code: i32) -> Self {
        Self { code, cause: 0 }
    }

    /// The name of the code, with its cause, and with a sentence where somebody can do something
    /// about it.
    pub fn reason(self) -> String {
        let unknown = || format!("unknown result code {}", self.code);
        let mut reason = name(self.code).map_or_else(unknown, str::to_owned);
        if self.cause != 0 {
            reason.push_str(&format!(" (cause {})", self.cause));
        }
        if let Some(advice) = advice(self.code) {
            reason.push_str(": ");
            reason.push_str(advice);
        }
        reason
    }
}

/// Why a modem did not take a message. It was surely not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The platform forbids it (Android: `SecurityException`).
    #[error("the app may not send SMS; allow it in the phone's settings")]
    NotPermitted,
    /// There is no SIM at all.
    #[error("there is no SIM in the phone")]
    NoSim,
    /// The SIM that was asked for is not there (any more).
    #[error("there is no SIM {0} in the phone")]
    NoSuchSim(u32),
    /// Several SIMs, none of them chosen for SMS.
    #[error(
        "the phone has several SIMs and none is chosen for SMS; choose one in the phone's settings, \
         or set simNumber"
    )]
    NoDefaultSim,
    /// The app may not see the SIMs, so it cannot choose the one that was asked for.
    #[error(
        "the app may not see the phone's SIMs, so it cannot choose one; grant it the phone \
         permission in the phone's settings"
    )]
    SimsHidden,
    /// The radio is off.
    #[error("{}", SendFailure::of(2).reason())]
    RadioOff,
    /// The platform refuses the message itself (Android: `IllegalArgumentException`).
    #[error("the phone refused the message as invalid")]
    Invalid,
    /// It alone has more parts than [`Modem::parts_per_minute`](super::Modem::parts_per_minute).
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
    /// The platform could not even be asked; the name of its error.
    #[error("the phone's SMS service did not accept the message ({0})")]
    Platform(String),
    /// Any other code of the platform.
    #[error("{}", .0.reason())]
    Result(SendFailure),
}

/// The names of Android's `SmsManager` result codes.
fn name(code: i32) -> Option<&'static str> {
    let below_100 = [
        "RESULT_ERROR_GENERIC_FAILURE",
        "RESULT_ERROR_RADIO_OFF",
        "RESULT_ERROR_NULL_PDU",
        "RESULT_ERROR_NO_SERVICE",
        "RESULT_ERROR_LIMIT_EXCEEDED",
        "RESULT_ERROR_FDN_CHECK_FAILURE",
        "RESULT_ERROR_SHORT_CODE_NOT_ALLOWED",
        "RESULT_ERROR_SHORT_CODE_NEVER_ALLOWED",
        "RESULT_RADIO_NOT_AVAILABLE",
        "RESULT_NETWORK_REJECT",
        "RESULT_INVALID_ARGUMENTS",
        "RESULT_INVALID_STATE",
        "RESULT_NO_MEMORY",
        "RESULT_INVALID_SMS_FORMAT",
        "RESULT_SYSTEM_ERROR",
        "RESULT_MODEM_ERROR",
        "RESULT_NETWORK_ERROR",
        "RESULT_ENCODING_ERROR",
        "RESULT_INVALID_SMSC_ADDRESS",
        "RESULT_OPERATION_NOT_ALLOWED",
        "RESULT_INTERNAL_ERROR",
        "RESULT_NO_RESOURCES",
        "RESULT_CANCELLED",
        "RESULT_REQUEST_NOT_SUPPORTED",
        "RESULT_NO_BLUETOOTH_SERVICE",
        "RESULT_INVALID_BLUETOOTH_ADDRESS",
        "RESULT_BLUETOOTH_DISCONNECTED",
        "RESULT_UNEXPECTED_EVENT_STOP_SENDING",
        "RESULT_SMS_BLOCKED_DURING_EMERGENCY",
        "RESULT_SMS_SEND_RETRY_FAILED",
        "RESULT_REMOTE_EXCEPTION",
        "RESULT_NO_DEFAULT_SMS_APP",
        "RESULT_USER_NOT_ALLOWED",
    ];
    let from_100 = [
        "RESULT_RIL_RADIO_NOT_AVAILABLE",
        "RESULT_RIL_SMS_SEND_FAIL_RETRY",
        "RESULT_RIL_NETWORK_REJECT",
        "RESULT_RIL_INVALID_STATE",
        "RESULT_RIL_INVALID_ARGUMENTS",
        "RESULT_RIL_NO_MEMORY",
        "RESULT_RIL_REQUEST_RATE_LIMITED",
        "RESULT_RIL_INVALID_SMS_FORMAT",
        "RESULT_RIL_SYSTEM_ERR",
        "RESULT_RIL_ENCODING_ERR",
        "RESULT_RIL_INVALID_SMSC_ADDRESS",
        "RESULT_RIL_MODEM_ERR",
        "RESULT_RIL_NETWORK_ERR",
        "RESULT_RIL_INTERNAL_ERR",
        "RESULT_RIL_REQUEST_NOT_SUPPORTED",
        "RESULT_RIL_INVALID_MODEM_STATE",
        "RESULT_RIL_NETWORK_NOT_READY",
        "RESULT_RIL_OPERATION_NOT_ALLOWED",
        "RESULT_RIL_NO_RESOURCES",
        "RESULT_RIL_CANCELLED",
        "RESULT_RIL_SIM_ABSENT",
        "RESULT_RIL_SIMULTANEOUS_SMS_AND_CALL_NOT_ALLOWED",
        "RESULT_RIL_ACCESS_BARRED",
        "RESULT_RIL_BLOCKED_DUE_TO_CALL",
        "RESULT_RIL_GENERIC_ERROR",
        "RESULT_RIL_INVALID_RESPONSE",
        "RESULT_RIL_SIM_PIN2",
        "RESULT_RIL_SIM_PUK2",
        "RESULT_RIL_SUBSCRIPTION_NOT_AVAILABLE",
        "RESULT_RIL_SIM_ERR",
        "RESULT_RIL_INVALID_SIM_STATE",
        "RESULT_RIL_NO_SMS_TO_ACK",
        "RESULT_RIL_SIM_BUSY",
        "RESULT_RIL_SIM_FULL",
        "RESULT_RIL_NO_SUBSCRIPTION",
        "RESULT_RIL_NO_NETWORK_FOUND",
        "RESULT_RIL_DEVICE_IN_USE",
        "RESULT_RIL_ABORTED",
    ];
    let at = |names: &[&'static str], first: i32| {
        let index = usize::try_from(code.checked_sub(first)?).ok()?;
        names.get(index).copied()
    };
    at(&below_100, 1).or_else(|| at(&from_100, 100))
}

/// What somebody can do about it.
fn advice(code: i32) -> Option<&'static str> {
    match code {
        2 => Some("the radio is off; turn off airplane mode"),
        4 => Some("the phone has no mobile service"),
        5 => Some("the phone's own limit for this app is reached, or its user refused"),
        6 => Some("the SIM allows fixed numbers only"),
        7 | 8 => Some("the phone does not allow this short code; it may cost extra"),
        32 => Some("the phone has no app for SMS"),
        33 => Some("this user of the phone may not send SMS"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_called_as_the_platform_calls_them() {
        let check = |code, expected: &str| assert_eq!(SendFailure::of(code).reason(), expected);
        check(1, "RESULT_ERROR_GENERIC_FAILURE");
        check(
            2,
            "RESULT_ERROR_RADIO_OFF: the radio is off; turn off airplane mode",
        );
        check(28, "RESULT_UNEXPECTED_EVENT_STOP_SENDING");
        check(30, "RESULT_SMS_SEND_RETRY_FAILED");
        check(100, "RESULT_RIL_RADIO_NOT_AVAILABLE");
        check(113, "RESULT_RIL_INTERNAL_ERR");
        check(120, "RESULT_RIL_SIM_ABSENT");
        check(137, "RESULT_RIL_ABORTED");
        for code in [i32::MIN, -1, 0, 34, 99, 138, i32::MAX] {
            check(code, &format!("unknown result code {code}"));
        }
    }

    #[test]
    fn a_cause_stands_beside_the_name() {
        let check = |code, cause, expected: &str| {
            assert_eq!(SendFailure { code, cause }.reason(), expected);
        };
        check(1, 38, "RESULT_ERROR_GENERIC_FAILURE (cause 38)");
        check(
            4,
            -1,
            "RESULT_ERROR_NO_SERVICE (cause -1): the phone has no mobile service",
        );
        check(99, 7, "unknown result code 99 (cause 7)");
    }

    #[test]
    fn every_refusal_has_its_own_sentence() {
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
            SendError::Result(SendFailure::of(5)),
        ];
        let sentences: std::collections::BTreeSet<String> =
            refusals.iter().map(ToString::to_string).collect();
        assert_eq!(sentences.len(), refusals.len());
    }
}
