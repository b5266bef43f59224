//! Encrypted messages, opened when their turn comes (protocol.md 4). What a field may hold is judged
//! here, because at POST it cannot be seen.

use super::modem::Content;
use super::request::{self, Number};
use crate::device::Sim;
use crate::encryption::decrypt;
use crate::phone::{NumberRules, PhoneNumber};
use crate::store::NextRecipient;

/// A recipient that was decrypted, or why it cannot be sent.
#[derive(Clone)]
pub(crate) struct Opened {
    pub message_seq: i64,
    pub number: u32,
    pub outcome: Result<(PhoneNumber, Content), String>,
}

/// Decrypts number and content of a recipient. Slow (27 ms a field at the usual 75,000 iterations),
/// so it is called off the runtime's workers.
pub(crate) fn open(
    next: &NextRecipient,
    passphrase: Option<&str>,
    sims: &[Sim],
    rules: &NumberRules,
) -> Opened {
    Opened {
        message_seq: next.message_seq,
        number: next.number,
        outcome: open_fields(next, passphrase, sims, rules),
    }
}

fn open_fields(
    next: &NextRecipient,
    passphrase: Option<&str>,
    sims: &[Sim],
    rules: &NumberRules,
) -> Result<(PhoneNumber, Content), String> {
    let field = |name: &str, text: &str| {
        decrypt(passphrase, text).map_err(|error| format!("{name}: {error}"))
    };
    let name = format!("phoneNumbers[{}]", next.number);
    let text = field(&name, &next.phone_number)?;
    let number = Number {
        text: &text,
        skips_validation: next.skips_validation,
        sim_number: next.sim_number,
    };
    let dialled = number.dialled(sims, rules);
    let dialled = dialled.map_err(|error| format!("{name} {error}"))?;
    let content = if next.is_data {
        let data = request::check_data(&field("dataMessage.data", &next.content)?)?;
        Content::Data {
            data,
            port: next.port,
        }
    } else {
        let text = field("textMessage.text", &next.content)?;
        request::check_text(&text)?;
        Content::Text(text)
    };
    Ok((PhoneNumber::new(dialled), content))
}
