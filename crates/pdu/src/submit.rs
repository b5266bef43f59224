//! Encodes texts that go out: SMS-SUBMIT (3GPP TS 23.040 9.2.2.2), one PDU a part.

use super::split::split;
use super::tables::{locked, shifted};

/// The most parts of one message: their number is one octet (3GPP TS 23.040 9.2.3.24.1).
const MAXIMUM_PARTS: usize = 255;
/// The most digits of an address (3GPP TS 23.040 9.1.2.5).
const MAXIMUM_DIGITS: usize = 20;

const SUBMIT: u8 = 0x01;
const STATUS_REPORT_REQUEST: u8 = 0x20;
const HAS_HEADER: u8 = 0x40;
const INTERNATIONAL_NUMBER: u8 = 0x91;
const UNKNOWN_NUMBER: u8 = 0x81;
const GSM_7_BIT: u8 = 0x00;
const UCS2: u8 = 0x08;
const ESCAPE: u8 = 0x1B;

/// A text for one recipient.
#[derive(Clone, Copy)]
pub struct Submit<'a> {
    /// Up to 20 digits, `*` and `#`, with `+` in front if the number is international.
    pub to: &'a str,
    /// The text; it is sent as GSM 7-bit if the default alphabet and its extension have every
    /// character, otherwise as UCS-2.
    pub text: &'a str,
    /// Tells the parts of this message from those of others to the same recipient.
    pub reference: u8,
    /// Whether the network is asked for a status report of each part.
    pub status_report: bool,
}

/// Why a text cannot be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// The recipient is not a number that an address can hold.
    #[error("the number must have 1 to 20 digits, * and #, with + in front if it is international")]
    Number,
    /// The text needs more parts than a message can have.
    #[error("the text needs {0} parts, and a message has at most {MAXIMUM_PARTS}")]
    TooManyParts(usize),
}

impl Submit<'_> {
    /// Returns the PDU of each part, in order. The service centre's address in front is empty, which
    /// leaves it to the SIM. The message reference is 0, because the modem sets it.
    pub fn encode(&self) -> Result<Vec<Vec<u8>>, SubmitError> {
        let address = address(self.to).ok_or(SubmitError::Number)?;
        let parts = split(self.text);
        let Ok(count) = u8::try_from(parts.len()) else {
            return Err(SubmitError::TooManyParts(parts.len()));
        };
        let septets: Option<Vec<Vec<u8>>> = parts.iter().map(|part| septets(part)).collect();
        let header = |number: u8| match count {
            1 => Vec::new(),
            _ => vec![5, 0, 3, self.reference, count, number],
        };
        let mut flags = SUBMIT;
        if self.status_report {
            flags |= STATUS_REPORT_REQUEST;
        }
        if count > 1 {
            flags |= HAS_HEADER;
        }
        let scheme = if septets.is_some() { GSM_7_BIT } else { UCS2 };
        let pdu = |(number, part): (u8, &&str)| {
            let header = header(number);
            let (length, user_data) = match &septets {
                Some(septets) => packed(header, &septets[usize::from(number) - 1]),
                None => {
                    let octets = part.encode_utf16().flat_map(u16::to_be_bytes);
                    let user_data: Vec<u8> = header.into_iter().chain(octets).collect();
                    (user_data.len(), user_data)
                }
            };
            let start = [0, flags, 0];
            let length = u8::try_from(length).unwrap_or(u8::MAX);
            [&start, &*address, &[0, scheme, length], &*user_data].concat()
        };
        Ok((1..=count).zip(&parts).map(pdu).collect())
    }
}

/// The address field: number of digits, type, and two digits an octet, the first in the low half.
fn address(number: &str) -> Option<Vec<u8>> {
    let (kind, digits) = match number.strip_prefix('+') {
        Some(digits) => (INTERNATIONAL_NUMBER, digits),
        None => (UNKNOWN_NUMBER, number),
    };
    let digit = |character: char| match character {
        '*' => Some(0xA),
        '#' => Some(0xB),
        _ => character
            .to_digit(10)
            .and_then(|digit| u8::try_from(digit).ok()),
    };
    let digits: Vec<u8> = digits.chars().map(digit).collect::<Option<_>>()?;
    let length = u8::try_from(digits.len()).ok()?;
    if !(1..=MAXIMUM_DIGITS).contains(&digits.len()) {
        return None;
    }
    let pairs = digits
        .chunks(2)
        .map(|pair| pair[0] | pair.get(1).unwrap_or(&0xF) << 4);
    Some([length, kind].into_iter().chain(pairs).collect())
}

/// The septets of a text; `None` if the default alphabet and its extension lack a character.
fn septets(text: &str) -> Option<Vec<u8>> {
    let mut septets = Vec::with_capacity(text.len());
    for character in text.chars() {
        let plain = |septet: &u8| *septet != ESCAPE && locked(0, *septet) == character;
        match (0..128).find(plain) {
            Some(septet) => septets.push(septet),
            None => {
                let extended = (0..128).find(|septet| shifted(0, *septet) == Some(character))?;
                septets.extend([ESCAPE, extended]);
            }
        }
    }
    Some(septets)
}

/// The length in septets, and the user data: the septets begin at the first septet border after the
/// header (3GPP TS 23.040 9.2.3.24).
fn packed(header: Vec<u8>, septets: &[u8]) -> (usize, Vec<u8>) {
    let header_septets = (header.len() * 8).div_ceil(7);
    let length = header_septets + septets.len();
    let mut user_data = header;
    user_data.resize((length * 7).div_ceil(8), 0);
    for (position, septet) in (header_septets..).zip(septets) {
        let (octet, shift) = (position * 7 / 8, position * 7 % 8);
        let bits = u16::from(*septet) << shift;
        user_data[octet] |= bits.to_le_bytes()[0];
        if shift > 1 {
            user_data[octet + 1] |= bits.to_le_bytes()[1];
        }
    }
    (length, user_data)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Content, decode, from_hex};

    fn submit<'a>(to: &'a str, text: &'a str) -> Submit<'a> {
        Submit {
            to,
            text,
            reference: 7,
            status_report: false,
        }
    }

    /// The SMS-DELIVER that the network makes of a part.
    fn delivered(pdu: &[u8]) -> Vec<u8> {
        let digits = usize::from(pdu[3]);
        let scheme = 5 + digits.div_ceil(2) + 1;
        let time = [0x42, 0x20, 0x92, 0x21, 0x43, 0x65, 0x00];
        [
            &[0, pdu[1] & HAS_HEADER],
            &pdu[3..=scheme],
            &time,
            &pdu[scheme + 1..],
        ]
        .concat()
    }

    #[test]
    fn submit_encodes_a_published_message() {
        let pdus = submit("+46708251358", "hellohello").encode().unwrap();
        let expected = from_hex("0001000B916407281553F800000AE8329BFD4697D9EC37").unwrap();
        assert_eq!(pdus, [expected]);
        let asked = Submit {
            status_report: true,
            ..submit("46708251358#", "ü€")
        };
        let pdus = asked.encode().unwrap();
        let expected = from_hex("0021000C816407281553B8000003FECD0C").unwrap();
        assert_eq!(pdus[0][..13], expected[..13]);
    }

    #[test]
    fn submit_refuses_numbers_and_texts_that_do_not_fit() {
        for number in ["", "+", "12a", "123456789012345678901", "Bank", "١٢"] {
            let refused = submit(number, "x").encode();
            assert_eq!(refused, Err(SubmitError::Number), "{number}");
        }
        let long = "x".repeat(153 * 255 + 1);
        let refused = submit("1", &long).encode();
        assert_eq!(refused, Err(SubmitError::TooManyParts(256)));
    }

    proptest! {
        #[test]
        fn submit_arrives_as_the_same_text(text in "[a-z€\\[àé]{0,400}|.{0,200}") {
            let pdus = submit("+12025550143", &text).encode().unwrap();
            prop_assert!(pdus.iter().all(|pdu| pdu.len() <= 14 + 140));
            let pdus: Vec<_> = pdus.iter().map(|pdu| delivered(pdu)).collect();
            let decoded = decode(&pdus).unwrap();
            prop_assert_eq!(&decoded.sender, "+12025550143");
            let Content::Text(arrived) = decoded.content else {
                return Err(TestCaseError::fail("it arrived as data"));
            };
            prop_assert_eq!(arrived, text);
        }
    }
}
