//! The names of Android's failures to send: the result codes of `SmsManager`.

use simrelay_core::sending::{Advice, SendFailure};

/// Returns the failure for a code and the radio's further code (0 for none).
pub(crate) fn failure(code: i32, cause: i32) -> SendFailure {
    let unknown = || format!("unknown result code {code}").into();
    SendFailure {
        name: name(code).map_or_else(unknown, Into::into),
        cause,
        advice: advice(code),
    }
}

/// Returns the name of an `SmsManager` result code.
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

/// Returns the advice for a code.
fn advice(code: i32) -> Option<Advice> {
    match code {
        2 => Some(Advice::RadioOff),
        4 => Some(Advice::NoService),
        5 => Some(Advice::LimitReached),
        6 => Some(Advice::FixedNumbersOnly),
        7 | 8 => Some(Advice::ShortCode),
        32 => Some(Advice::NoSmsApp),
        33 => Some(Advice::UserNotAllowed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_the_platforms_own() {
        let check = |code, expected: &str| assert_eq!(failure(code, 0).to_string(), expected);
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
    fn failure_shows_a_cause_beside_the_name() {
        let check = |code, cause, expected: &str| {
            assert_eq!(failure(code, cause).to_string(), expected);
        };
        check(1, 38, "RESULT_ERROR_GENERIC_FAILURE (cause 38)");
        check(
            4,
            -1,
            "RESULT_ERROR_NO_SERVICE (cause -1): the phone has no mobile service",
        );
        check(99, 7, "unknown result code 99 (cause 7)");
    }
}
