//! Encrypted messages, opened when their turn comes (protocol.md 4). What a field may hold is judged
//! here, because at POST it cannot be seen.

use super::modem::Content;
use super::request::{self, Number};
use crate::device::Sim;
use crate::phone::PhoneNumber;
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
pub(crate) fn open(next: &NextRecipient, passphrase: Option<&str>, sims: &[Sim]) -> Opened {
    Opened {
        message_seq: next.message_seq,
        number: next.number,
        outcome: open_fields(next, passphrase, sims),
    }
}

fn open_fields(
    next: &NextRecipient,
    passphrase: Option<&str>,
    sims: &[Sim],
) -> Result<(PhoneNumber, Content), String> {
    let field = |text: &str| field(passphrase, text);
    let named = |name: &'static str| move |error| format!("{name}: {error}");
    let number = field(&next.phone_number).map_err(named("phoneNumbers"))?;
    let content =
        field(&next.content).map_err(named(if next.is_data { "data" } else { "text" }))?;
    let content = if next.is_data {
        let data = request::check_data(&content)?;
        let port = next.port;
        Content::Data { data, port }
    } else {
        request::check_text(&content)?;
        Content::Text(content)
    };
    let number = Number {
        text: &number,
        skips_validation: next.skips_validation,
        sim_number: next.sim_number,
    };
    Ok((PhoneNumber::new(number.dialled(sims)?), content))
}

/// The text of one encrypted field.
fn field(_passphrase: Option<&str>, _text: &str) -> Result<String, &'static str> {
    Err("this version cannot decrypt messages yet")
}
