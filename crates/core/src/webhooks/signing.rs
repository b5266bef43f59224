//! The signature of a request (protocol.md 2.1).

use ring::hmac;

use crate::model::clock::UnixMillis;
use crate::model::hex::hex;

/// Returns the lower-case hex of HMAC-SHA256 over the body followed by the digits of the timestamp.
pub fn sign(key: &str, body: &[u8], timestamp: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(body);
    context.update(timestamp.as_bytes());
    hex(context.sign().as_ref())
}

/// Returns the headers of a signed request; none without a key.
pub(super) fn headers(
    key: Option<&str>,
    body: impl AsRef<[u8]>,
    now: UnixMillis,
) -> Vec<(&'static str, String)> {
    let Some(key) = key else {
        return Vec::new();
    };
    let timestamp = now.seconds().to_string();
    let signature = sign(key, body.as_ref(), &timestamp);
    vec![("X-Timestamp", timestamp), ("X-Signature", signature)]
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn sign_matches_the_vector_of_the_protocol() {
        let signature = sign("test-key", br#"{"event":"sms:received"}"#, "1700000000");
        let expected = "b4ee1c6fba111dae5b747eae692108e3f80dbce661d1d827b7af9bc8a335ea38";
        assert_eq!(signature, expected);
    }
}
