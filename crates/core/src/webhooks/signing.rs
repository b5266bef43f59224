//! The signature of a request (protocol.md 2.1).

use ring::hmac;

/// Lower-case hex of HMAC-SHA256 over the body followed by the timestamp's digits.
pub fn sign(key: &str, body: &[u8], timestamp: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(body);
    context.update(timestamp.as_bytes());
    hex(context.sign().as_ref())
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|byte| {
            [
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 15)],
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn the_protocols_vector() {
        let signature = sign("test-key", br#"{"event":"sms:received"}"#, "1700000000");
        let expected = "b4ee1c6fba111dae5b747eae692108e3f80dbce661d1d827b7af9bc8a335ea38";
        assert_eq!(signature, expected);
    }
}
