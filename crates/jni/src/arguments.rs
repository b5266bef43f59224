//! Arguments as the virtual machine hands them over. "Unknown" is 0 or `""`.

use jni::Env;
use jni::objects::{JByteArray, JObjectArray, JString};
use jni::refs::Auto;
use jni::sys::{jint, jlong};
use rustls_pki_types::CertificateDer;
use simrelay_core::PhoneNumber;
use simrelay_core::clock::UnixMillis;
use simrelay_core::receiving::Origin;

use crate::boundary::Failure;

/// A string. Half a surrogate pair becomes U+FFFD.
pub(crate) fn text(env: &Env<'_>, text: &JString<'_>) -> Result<String, Failure> {
    Ok(text.try_to_string(env)?)
}

/// An array of byte arrays. One local reference is held at a time, however long it is.
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

/// Trust roots, DER. What is no certificate is left out later, by the verifier.
pub(crate) fn trust_roots(
    env: &mut Env<'_>,
    roots: &JObjectArray<'_, JByteArray<'_>>,
) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let roots = byte_arrays(env, roots)?;
    Ok(roots.into_iter().map(CertificateDer::from).collect())
}

/// A SIM's 1-based number.
pub(crate) fn sim_number(number: jint) -> Option<u32> {
    u32::try_from(number).ok().filter(|number| *number > 0)
}

/// The key of a broadcast.
pub(crate) fn delivery_key(env: &Env<'_>, key: &JString<'_>) -> Result<Option<String>, Failure> {
    Ok(Some(text(env, key)?).filter(|key| !key.is_empty()))
}

/// The service centre's time.
pub(crate) fn sent_at(millis: jlong) -> Option<UnixMillis> {
    (millis > 0).then_some(UnixMillis(millis))
}

/// Where a message came from.
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
