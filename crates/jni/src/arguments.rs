//! Converts arguments as the virtual machine passes them. "Unknown" is 0 or `""`.

use jni::Env;
use jni::objects::{JByteArray, JObjectArray, JString};
use jni::refs::Auto;
use jni::sys::{jint, jlong};
use rustls_pki_types::CertificateDer;
use simrelay_core::PhoneNumber;
use simrelay_core::clock::UnixMillis;
use simrelay_core::receiving::Origin;

use crate::boundary::Failure;

/// Converts a string. Half a surrogate pair becomes U+FFFD, and nothing else does.
pub(crate) fn text(env: &Env<'_>, text: &JString<'_>) -> Result<String, Failure> {
    Ok(decode(text.mutf8_chars(env)?.to_bytes()))
}

/// Decodes modified UTF-8: an octet 0 is two octets, and a character beyond the basic plane is
/// either two halves of three octets (HotSpot) or four octets as in UTF-8 (Android).
fn decode(octets: &[u8]) -> String {
    if let Ok(ascii) = std::str::from_utf8(octets)
        && ascii.is_ascii()
    {
        return ascii.to_owned();
    }
    let mut units: Vec<u16> = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((&first, more)) = rest.split_first() {
        let following = match first {
            0..0xC0 => 0,
            0xC0..0xE0 => 1,
            0xE0..0xF0 => 2,
            _ => 3,
        };
        let (tail, after) = more.split_at(following.min(more.len()));
        let head = u32::from(first) & (0xFF >> (following + usize::from(following > 0)));
        let point = tail
            .iter()
            .fold(head, |point, octet| point << 6 | u32::from(octet & 0x3F));
        match (u16::try_from(point), char::from_u32(point)) {
            (Ok(unit), _) => units.push(unit),
            (Err(_), Some(beyond)) => units.extend_from_slice(beyond.encode_utf16(&mut [0; 2])),
            (Err(_), None) => units.push(0xFFFD),
        }
        rest = after;
    }
    String::from_utf16_lossy(&units)
}

/// Converts an array of byte arrays. Holds one local reference at a time, however long the array
/// is.
pub(crate) fn byte_arrays(
    env: &mut Env<'_>,
    arrays: &JObjectArray<'_, JByteArray<'_>>,
) -> Result<Vec<Vec<u8>>, Failure> {
    let count = arrays.len(env)?;
    let mut copies = Vec::with_capacity(count);
    for index in 0..count {
        let array = Auto::new(arrays.get_element(env, index)?);
        copies.push(env.convert_byte_array(&*array)?);
    }
    Ok(copies)
}

/// Converts trust roots (DER). The verifier leaves out those that are no certificates.
pub(crate) fn trust_roots(
    env: &mut Env<'_>,
    roots: &JObjectArray<'_, JByteArray<'_>>,
) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let roots = byte_arrays(env, roots)?;
    Ok(roots.into_iter().map(CertificateDer::from).collect())
}

/// Converts a SIM's 1-based number.
pub(crate) fn sim_number(number: jint) -> Option<u32> {
    u32::try_from(number).ok().filter(|number| *number > 0)
}

/// Converts the idempotency key of a broadcast.
pub(crate) fn delivery_key(env: &Env<'_>, key: &JString<'_>) -> Result<Option<String>, Failure> {
    Ok(Some(text(env, key)?).filter(|key| !key.is_empty()))
}

/// Converts the service centre's time.
pub(crate) fn sent_at(millis: jlong) -> Option<UnixMillis> {
    (millis > 0).then_some(UnixMillis(millis))
}

/// Makes the origin of a message.
pub(crate) fn origin(
    env: &Env<'_>,
    sender: &JString<'_>,
    sent_at_millis: jlong,
    sim: jint,
    key: &JString<'_>,
) -> Result<Origin, Failure> {
    Ok(Origin {
        sender: PhoneNumber::new(text(env, sender)?),
        sim_number: sim_number(sim),
        sent_at: sent_at(sent_at_millis),
        delivery_key: delivery_key(env, key)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decode_reads_the_encodings_of_both_machines() {
        for (octets, expected) in [
            (&b""[..], ""),
            (b"plain", "plain"),
            ("Grüße, 你好".as_bytes(), "Grüße, 你好"),
            (b"\xED\xA0\xBD\xED\xB8\x80", "😀"),
            (b"\xF0\x9F\x98\x80", "😀"),
            (b"a\xC0\x80b", "a\0b"),
            (b"\xED\xA0\xBD \xF0\x9F\x98\x80\xC0\x80", "\u{FFFD} 😀\0"),
            (b"\xED\xA0\xBD\xED\xB8\x80 \xED\xA0\xBD", "😀 \u{FFFD}"),
        ] {
            assert_eq!(decode(octets), expected, "{octets:02X?}");
        }
    }
}
