//! Takes the shell's reports about the parts of sent messages.

use jni::Env;
use jni::objects::{JByteArray, JString};
use jni::sys::jint;
use simrelay_core::MessageId;
use simrelay_core::sending::{PartRef, Report};

use crate::arguments::{sim_number, text};
use crate::boundary::Failure;
use crate::{result_codes, slot};

/// `Activity.RESULT_OK`. Every other code of a sent intent is a failure.
const RESULT_OK: jint = -1;

/// The part that a native reports about: id, recipient, part, parts, SIM.
pub(crate) type PartAddress<'native, 'local> = (&'native JString<'local>, jint, jint, jint, jint);

fn part(
    env: &Env<'_>,
    (id, recipient, part, parts, sim): PartAddress<'_, '_>,
) -> Result<PartRef, Failure> {
    let wrong = |_| Failure::Argument("recipient, part or parts is out of range.".into());
    Ok(PartRef {
        message_id: MessageId(text(env, id)?),
        recipient: u32::try_from(recipient).map_err(wrong)?,
        part: u16::try_from(part).map_err(wrong)?,
        parts: u16::try_from(parts).map_err(wrong)?,
        sim_number: sim_number(sim),
    })
}

/// Reports the sent intent of a part. Returns once the result is on the disk.
pub(crate) fn sent(
    env: &Env<'_>,
    told: PartAddress<'_, '_>,
    code: jint,
    cause: jint,
) -> Result<(), Failure> {
    let part = part(env, told)?;
    let gateway = &slot::opened()?.gateway;
    let receipt = if code == RESULT_OK {
        gateway.part_sent(&part)
    } else {
        gateway.part_failed(&part, result_codes::failure(code, cause))
    };
    Ok(receipt.wait()?)
}

/// Reports a status report. Returns once it is on the disk.
pub(crate) fn reported(
    env: &Env<'_>,
    told: PartAddress<'_, '_>,
    pdu: &JByteArray<'_>,
) -> Result<(), Failure> {
    let pdu = env.convert_byte_array(pdu)?;
    keep(env, told, &Report::Pdu(pdu))
}

/// Reports a status report of a 3GPP2 network, which the framework decodes.
pub(crate) fn reported_3gpp2(
    env: &Env<'_>,
    told: PartAddress<'_, '_>,
    status: jint,
) -> Result<(), Failure> {
    keep(env, told, &Report::Status3gpp2(status))
}

fn keep(env: &Env<'_>, told: PartAddress<'_, '_>, report: &Report) -> Result<(), Failure> {
    let part = part(env, told)?;
    let kept = slot::opened()?.gateway.part_delivered(&part, report);
    match kept.map_err(|error| Failure::Argument(error.to_string()))? {
        Some(receipt) => Ok(receipt.wait()?),
        // The network still tries; there is nothing to store.
        None => Ok(()),
    }
}
