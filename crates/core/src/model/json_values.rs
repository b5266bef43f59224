//! Numbers and booleans as clients write them in JSON and queries (protocol.md 1.1): PHP and forms
//! send text, and languages with a single number type send `1.0`. Ambiguous values are rejected.

use serde_json::Value;

/// Above this, neighbouring floats differ by more than 1, so a whole number cannot be distinguished
/// from the next.
const EXACT: f64 = 9_007_199_254_740_991.0;

/// Returns a whole number that is written as a number or as text.
pub(crate) fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => whole_number_of_text(text),
        _ => None,
    }
}

/// Returns a whole number in decimal digits, optionally with a sign, a fraction of zeros or an
/// exponent.
pub(crate) fn whole_number_of_text(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let ends_in_digits = |text: &str| {
        let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        digit(text.as_bytes().first()) && digit(text.as_bytes().last())
    };
    if !ends_in_digits(digits) {
        return None;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    whole(text.parse().ok()?)
}

/// Returns a boolean that is written as `true` or `false`, as 1 or 0, or as text in any letter
/// case.
pub(crate) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => truth_of_text(text),
        Value::Number(_) => match whole_number(value)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the boolean for `true`, `false`, `1` or `0`, in any letter case.
pub(crate) fn truth_of_text(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "whole and within what is exact"
)]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_number_accepts_only_unambiguous_values() {
        for (value, expected) in [
            (json!(5), Some(5)),
            (json!(-5.0), Some(-5)),
            (json!(1e2), Some(100)),
            (json!(-0.0), Some(0)),
            (json!(i64::MIN), Some(i64::MIN)),
            (json!(u64::MAX), None),
            (json!(1e300), None),
            (json!(9_007_199_254_740_993.0), None),
            (json!(0.5), None),
            (json!(" 60 "), Some(60)),
            (json!("+60.0"), Some(60)),
            (json!("-1e2"), Some(-100)),
            (json!("1.5"), None),
            (json!("1."), None),
            (json!(".5"), None),
            (json!(""), None),
            (json!("-"), None),
            (json!("0x10"), None),
            (json!("1_000"), None),
            (json!("1,000"), None),
            (json!("inf"), None),
            (json!("NaN"), None),
            (json!("١"), None),
            (json!("99999999999999999999"), None),
            (json!(true), None),
            (json!(null), None),
        ] {
            assert_eq!(whole_number(&value), expected, "{value}");
        }
    }

    #[test]
    fn truth_is_read_from_its_four_forms() {
        for (value, expected) in [
            (json!(true), Some(true)),
            (json!("False"), Some(false)),
            (json!("1"), Some(true)),
            (json!(0.0), Some(false)),
            (json!(2), None),
            (json!("yes"), None),
            (json!(""), None),
            (json!(null), None),
        ] {
            assert_eq!(truth(&value), expected, "{value}");
        }
    }
}
