//! Decodes received short messages in the form in which a phone's radio delivers them.
//!
//! A PDU is an SMS-DELIVER (3GPP TS 23.040 9.2.2.1) with the SMSC address in front, as in the
//! `pdus` of Android's SMS broadcasts.

use std::fmt;

use jiff::Timestamp;

use crate::error::PduError;
use crate::tpdu::{Coding, Part};
use crate::{alphabet, tpdu};

/// The part number of a concatenation element has eight bits.
const MAXIMUM_PARTS: usize = 255;

/// A received message.
#[derive(Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The originating address (3GPP TS 23.040 9.2.3.7): a number, with `+` if
    /// it is international, or an alphanumeric name. It may be empty.
    pub sender: String,
    /// When the SMSC received part 1 (3GPP TS 23.040 9.2.3.11); `None` if the time stamp is not
    /// valid.
    pub sent_at: Option<Timestamp>,
    /// The content of the message.
    pub content: Content,
}

/// The content of a message.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// Text for a person, possibly empty.
    Text(String),
    /// Octets for an application.
    Data {
        /// The destination port (3GPP TS 23.040 9.2.3.24.3 and 9.2.3.24.4); `None` if only the
        /// coding marks this as data.
        port: Option<u16>,
        /// The user data of all parts without their headers, in order.
        bytes: Vec<u8>,
    },
}

/// Decodes one message from all its parts, given in any order.
///
/// # Errors
///
/// Returns an error if a PDU is not an SMS-DELIVER with a readable text or data, or if the PDUs are
/// not exactly the parts of one message. A repeated PDU counts once.
pub fn decode(pdus: &[Vec<u8>]) -> Result<Decoded, PduError> {
    let parts = in_order(parse_all(pdus)?)?;
    let first = parts.first().ok_or(PduError::NoPdus)?;
    Ok(Decoded {
        sender: first.part.sender.clone(),
        sent_at: first.part.sent_at,
        content: content(first, &parts),
    })
}

/// A part with its position in the list of PDUs, from 1.
struct Numbered {
    pdu: usize,
    part: Part,
}

impl Numbered {
    /// Returns the part's number and the number of parts; a message without concatenation is part 1
    /// of 1.
    fn place(&self) -> (u8, u8) {
        let concatenation = self.part.header.concatenation;
        concatenation.map_or((1, 1), |concatenation| {
            (concatenation.part, concatenation.total)
        })
    }
}

fn parse_all(pdus: &[Vec<u8>]) -> Result<Vec<Numbered>, PduError> {
    if pdus.len() > MAXIMUM_PARTS {
        return Err(PduError::TooManyPdus { count: pdus.len() });
    }
    let mut parts: Vec<Numbered> = Vec::with_capacity(pdus.len());
    for (pdu, octets) in (1..).zip(pdus) {
        let part = tpdu::parse(pdu, octets)?;
        if parts.iter().all(|known| known.part != part) {
            parts.push(Numbered { pdu, part });
        }
    }
    Ok(parts)
}

/// Sorts the parts by number, after checking that they are exactly the parts of one message.
fn in_order(mut parts: Vec<Numbered>) -> Result<Vec<Numbered>, PduError> {
    let whole = parts
        .iter()
        .filter(|one| one.part.header.concatenation.is_none())
        .count();
    if whole > 0 && parts.len() > 1 {
        let concatenated = usize::from(whole < parts.len());
        return Err(PduError::SeveralMessages {
            count: whole + concatenated,
        });
    }
    if let Some((first, others)) = parts.split_first() {
        others
            .iter()
            .try_for_each(|other| check_agreement(first, other))?;
    }
    parts.sort_by_key(Numbered::place);
    for (first, second) in parts.iter().zip(parts.iter().skip(1)) {
        if first.place() == second.place() {
            return Err(PduError::DuplicatePart {
                pdu: second.pdu,
                first: first.pdu,
                part: first.place().0,
            });
        }
    }
    let total = parts.first().map_or(0, |first| first.place().1);
    let missing = (1..=total).find(|&number| parts.iter().all(|one| one.place().0 != number));
    missing.map_or(Ok(parts), |part| Err(PduError::MissingPart { part, total }))
}

fn check_agreement(first: &Numbered, other: &Numbered) -> Result<(), PduError> {
    let reference = |one: &Numbered| one.part.header.concatenation.map(|place| place.reference);
    let what = if first.part.sender != other.part.sender {
        "sender"
    } else if reference(first) != reference(other) {
        "reference number"
    } else if first.place().1 != other.place().1 {
        "number of parts"
    } else if first.part.header.port != other.part.header.port {
        "application port"
    } else {
        return Ok(());
    };
    Err(PduError::Contradiction {
        pdu: other.pdu,
        first: first.pdu,
        what,
    })
}

/// Joins the parts before decoding, because a character may be split between two of them.
fn content(first: &Numbered, parts: &[Numbered]) -> Content {
    let port = first.part.header.port;
    let only_octets = parts.iter().all(|one| one.part.coding == Coding::EightBit);
    if port.is_some() || only_octets {
        return Content::Data {
            port,
            bytes: joined_octets(parts),
        };
    }
    let alike = |one: &Numbered, next: &Numbered| {
        one.part.coding == next.part.coding
            && one.part.header.languages == next.part.header.languages
    };
    Content::Text(parts.chunk_by(alike).map(text).collect())
}

/// Decodes the text of parts with one alphabet.
fn text(parts: &[Numbered]) -> String {
    let Some(first) = parts.first() else {
        return String::new();
    };
    match first.part.coding {
        Coding::Gsm7 => {
            let septets = parts.iter().flat_map(|one| &one.part.septets);
            let septets: Vec<u8> = septets.copied().collect();
            alphabet::decode(&septets, first.part.header.languages)
        }
        Coding::Ucs2 => ucs2_text(parts),
        // 8-bit data has no alphabet; between texts, most of it is ASCII.
        Coding::EightBit => joined_octets(parts).into_iter().map(char::from).collect(),
    }
}

/// Decodes UCS-2 as UTF-16, which phones send in its place; half a surrogate pair becomes U+FFFD.
/// If the total number of octets is odd, each part with an odd number loses its last one.
fn ucs2_text(parts: &[Numbered]) -> String {
    let mut octets = joined_octets(parts);
    if !octets.len().is_multiple_of(2) {
        let whole = parts
            .iter()
            .flat_map(|one| one.part.octets.as_chunks::<2>().0);
        octets = whole.flatten().copied().collect();
    }
    let (pairs, _) = octets.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
    char::decode_utf16(units)
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn joined_octets(parts: &[Numbered]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|one| one.part.octets.iter().copied())
        .collect()
}

/// Hides the sender: phone numbers must not be logged.
impl fmt::Debug for Decoded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Decoded")
            .field("sent_at", &self.sent_at)
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}

/// Shows only lengths: message texts must not be logged.
impl fmt::Debug for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(formatter, "Text({} characters)", text.chars().count()),
            Self::Data { port, bytes } => {
                write!(formatter, "Data(port {port:?}, {} octets)", bytes.len())
            }
        }
    }
}
