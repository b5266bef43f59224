//! Parses one SMS-DELIVER (3GPP TS 23.040 9.2.2.1) with its SMSC address in front.

use jiff::Timestamp;

use super::error::PduError;
use super::header::Header;
use super::{address, alphabet, time};

/// More than any network sends: an SMSC address of up to 256 octets by its length octet, and a
/// TPDU.
const MAXIMUM: usize = 512;

const MESSAGE_TYPE: u8 = 0x03;
/// A reserved type must be treated as an SMS-DELIVER (3GPP TS 23.040 9.2.3.1).
const RESERVED_TYPE: u8 = 0x03;
const HAS_HEADER: u8 = 0x40;

/// The content of one PDU that matters for its message.
///
/// Equal parts are the same part delivered twice, so fields that a second delivery may change, such
/// as the SMSC address, are left out.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) sender: String,
    pub(super) sent_at: Option<Timestamp>,
    pub(super) coding: Coding,
    pub(super) header: Header,
    /// The user data after its header, in packed form.
    pub(super) octets: Vec<u8>,
    /// The user data after its header, unpacked; empty unless the coding is GSM 7-bit.
    pub(super) septets: Vec<u8>,
}

/// The coding of user data (3GPP TS 23.038 clause 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Gsm7,
    EightBit,
    Ucs2,
}

/// Parses one PDU; `pdu` is its position in the list, from 1, for the errors.
///
/// Networks send PDUs that break the rules. If such a PDU has a text, it is read: a length that
/// reaches past the end is limited to the end, and octets after the user data are ignored.
pub(super) fn parse(pdu: usize, octets: &[u8]) -> Result<Part, PduError> {
    if octets.len() > MAXIMUM {
        return Err(PduError::TooLong {
            pdu,
            octets: octets.len(),
            maximum: MAXIMUM,
        });
    }
    let mut reader = Reader { pdu, rest: octets };
    let smsc = reader.octet("SMSC address")?;
    reader.take(smsc.into(), "SMSC address")?;
    let flags = reader.octet("message type")?;
    if ![0, RESERVED_TYPE].contains(&(flags & MESSAGE_TYPE)) {
        return Err(PduError::NotDeliver {
            pdu,
            message_type: flags & MESSAGE_TYPE,
        });
    }
    let sender = sender(&mut reader)?;
    reader.octet("protocol identifier")?;
    let coding = coding(reader.octet("data coding scheme")?).ok_or(PduError::Compressed { pdu })?;
    let sent_at = time::timestamp(reader.array("time stamp")?);
    let length = usize::from(reader.octet("user data length")?);
    let user_data = user_data(reader.rest, coding, length);
    let split = (flags & HAS_HEADER != 0)
        .then(|| split_header(coding, user_data, length))
        .flatten();
    let (header, octets, septets) = split.unwrap_or_else(|| {
        let septets = unpack(coding, user_data, 0, length);
        (Header::default(), user_data, septets)
    });
    Ok(Part {
        sender,
        sent_at,
        coding,
        header,
        octets: octets.to_vec(),
        septets,
    })
}

fn sender(reader: &mut Reader<'_>) -> Result<String, PduError> {
    const FIELD: &str = "sender address";
    let digits = usize::from(reader.octet(FIELD)?);
    let type_of_address = reader.octet(FIELD)?;
    let value = reader.take(digits.div_ceil(2), FIELD)?;
    Ok(address::text(type_of_address, digits, value))
}

/// Returns the coding of a data coding scheme, or `None` for compressed text.
///
/// Reserved codings must be treated as GSM 7-bit (3GPP TS 23.038 clause 4).
fn coding(scheme: u8) -> Option<Coding> {
    const COMPRESSED: u8 = 0x20;
    match scheme >> 4 {
        0x0..=0x7 if scheme & COMPRESSED != 0 => None,
        0x0..=0x7 => Some(match scheme & 0x0C {
            0x04 => Coding::EightBit,
            0x08 => Coding::Ucs2,
            _ => Coding::Gsm7,
        }),
        0xE => Some(Coding::Ucs2),
        0xF if scheme & 0x04 != 0 => Some(Coding::EightBit),
        _ => Some(Coding::Gsm7),
    }
}

/// Returns the available octets of the user data; `length` is in the units of TP-UDL (3GPP TS
/// 23.040 9.2.3.16).
fn user_data(rest: &[u8], coding: Coding, length: usize) -> &[u8] {
    let octets = match coding {
        Coding::Gsm7 => alphabet::packed_octets(length),
        Coding::EightBit | Coding::Ucs2 => length,
    };
    rest.get(..octets).unwrap_or(rest)
}

/// Separates a header from the rest: returns the header, the octets after it, and the septets after
/// it. Returns `None` if the header is longer than the user data: then all of it is text.
///
/// Septets start at the first septet boundary after the header (3GPP TS 23.040 9.2.3.24).
fn split_header(
    coding: Coding,
    user_data: &[u8],
    length: usize,
) -> Option<(Header, &[u8], Vec<u8>)> {
    let (&octets, rest) = user_data.split_first()?;
    let (elements, after) = rest.split_at_checked(octets.into())?;
    let header_bits = (elements.len() + 1) * 8;
    let header_septets = header_bits.div_ceil(7);
    let fill_bits = header_septets * 7 - header_bits;
    let count = length.saturating_sub(header_septets);
    let septets = unpack(coding, after, fill_bits, count);
    Some((Header::parse(elements), after, septets))
}

fn unpack(coding: Coding, octets: &[u8], fill_bits: usize, count: usize) -> Vec<u8> {
    match coding {
        Coding::Gsm7 => alphabet::unpack(octets, fill_bits, count),
        Coding::EightBit | Coding::Ucs2 => Vec::new(),
    }
}

/// Reads a PDU from the front; every error names the field that is cut off.
struct Reader<'a> {
    pdu: usize,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], PduError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(PduError::Truncated {
                pdu: self.pdu,
                field,
            })?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], PduError> {
        self.take(N, field)?
            .try_into()
            .map_err(|_| PduError::Truncated {
                pdu: self.pdu,
                field,
            })
    }

    fn octet(&mut self, field: &'static str) -> Result<u8, PduError> {
        self.array(field).map(|[octet]| octet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coding_of_data_coding_schemes() {
        fn check(schemes: impl IntoIterator<Item = u8>, expected: Option<Coding>) {
            for scheme in schemes {
                assert_eq!(coding(scheme), expected, "{scheme:02X}");
            }
        }
        check(
            [0x00, 0x03, 0x0C, 0x10, 0x1F, 0x40, 0x4C, 0x51],
            Some(Coding::Gsm7),
        );
        check([0x04, 0x07, 0x14, 0x15, 0x44, 0x57], Some(Coding::EightBit));
        check([0x08, 0x0B, 0x18, 0x48, 0x59], Some(Coding::Ucs2));
        check([0x20, 0x24, 0x28, 0x3F, 0x60, 0x7F], None);
        check(0x80..=0xDF, Some(Coding::Gsm7));
        check(0xE0..=0xEF, Some(Coding::Ucs2));
        check([0xF0, 0xF3, 0xF8, 0xFB], Some(Coding::Gsm7));
        check([0xF4, 0xF7, 0xFC, 0xFF], Some(Coding::EightBit));
    }
}
