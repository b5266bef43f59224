//! Decrypts encrypted messages when their turn comes (protocol.md 4). Their fields are checked
//! here, because POST cannot see them.

use std::collections::HashMap;

use super::modem::Content;
use super::request::{self, Number};
use crate::model::device::Sim;
use crate::model::encryption::decrypt;
use crate::model::phone::{NumberRules, PhoneNumber};
use crate::store::NextRecipient;

/// A decrypted recipient, or why it cannot be sent.
#[derive(Clone)]
pub(crate) struct Decrypted {
    pub message_seq: i64,
    pub number: u32,
    pub outcome: Result<(PhoneNumber, Content), String>,
}

/// The decrypted fields of a message so far: its content, once for all of its recipients, and their
/// numbers, because two encrypted numbers may look different and be the same.
#[derive(Default)]
pub(crate) struct DecryptedMessage {
    message_seq: i64,
    content: Option<Content>,
    dialled: HashMap<String, u32>,
}

/// The inputs of a decryption.
pub(crate) struct Key<'a> {
    pub passphrase: Option<&'a str>,
    pub sims: &'a [Sim],
    pub rules: &'a NumberRules,
}

/// Decrypts the number of a recipient, and the content if `message` does not have it yet. Slow (27
/// ms a field at the usual 75,000 iterations), so it is called off the runtime's workers.
pub(crate) fn open(
    next: &NextRecipient,
    message: &mut DecryptedMessage,
    key: &Key<'_>,
) -> Decrypted {
    if message.message_seq != next.message_seq {
        *message = DecryptedMessage {
            message_seq: next.message_seq,
            ..DecryptedMessage::default()
        };
    }
    let mut open = || {
        let number = open_number(next, message, key)?;
        let content = match &message.content {
            Some(content) => content.clone(),
            None => message.content.insert(open_content(next, key)?).clone(),
        };
        Ok((number, content))
    };
    Decrypted {
        message_seq: next.message_seq,
        number: next.number,
        outcome: open(),
    }
}

fn open_number(
    next: &NextRecipient,
    message: &mut DecryptedMessage,
    key: &Key<'_>,
) -> Result<PhoneNumber, String> {
    let name = format!("phoneNumbers[{}]", next.number);
    let text = field(&name, &next.phone_number, key)?;
    let number = Number {
        text: &text,
        skips_validation: next.skips_validation,
        sim_number: next.sim_number,
    };
    let dialled = number.dialled(key.sims, key.rules);
    let dialled = dialled.map_err(|error| format!("{name} {error}"))?;
    let first = *message
        .dialled
        .entry(dialled.clone())
        .or_insert(next.number);
    if first != next.number {
        return Err(format!("{name} is a duplicate of phoneNumbers[{first}]"));
    }
    Ok(PhoneNumber::new(dialled))
}

fn open_content(next: &NextRecipient, key: &Key<'_>) -> Result<Content, String> {
    if next.is_data {
        let data = request::check_data(&field("dataMessage.data", &next.content, key)?)?;
        return Ok(Content::Data {
            data,
            port: next.port,
        });
    }
    let name = "textMessage.text";
    let text = field(name, &next.content, key)?;
    request::check_text(&text).map_err(|error| format!("{name}: {error}"))?;
    Ok(Content::Text(text))
}

fn field(name: &str, text: &str, key: &Key<'_>) -> Result<String, String> {
    decrypt(key.passphrase, text).map_err(|error| format!("{name}: {error}"))
}
