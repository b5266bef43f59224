//! The errors in a message's PDUs.

use thiserror::Error;

/// Why PDUs could not be decoded.
///
/// Every text is a sentence for the user of the API. It names the PDU by its position in the
/// request, counted from 1, and holds neither phone numbers nor message text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PduError {
    /// The list of PDUs is empty.
    #[error("there is no PDU to decode")]
    NoPdus,
    /// A concatenated message has at most 255 parts (3GPP TS 23.040 9.2.3.24.1).
    #[error("there are {count} PDUs, but a message has at most 255")]
    TooManyPdus {
        /// The number of PDUs.
        count: usize,
    },
    /// A hexadecimal text has an odd number of digits.
    #[error("the hexadecimal text has an odd number of digits ({digits})")]
    OddHexDigits {
        /// The number of digits.
        digits: usize,
    },
    /// A hexadecimal text holds a character that is not a digit.
    #[error("character {position} of the hexadecimal text is not a hexadecimal digit")]
    NotHex {
        /// The character's position, counted from 1 after leading whitespace.
        position: usize,
    },
    /// A PDU is longer than an SMS-DELIVER with its SMSC address can be.
    #[error("PDU {pdu} has {octets} octets, but at most {maximum} are possible")]
    TooLong {
        /// The PDU's position in the list, from 1.
        pdu: usize,
        /// Its length in octets.
        octets: usize,
        /// The largest possible length.
        maximum: usize,
    },
    /// A PDU ends inside the named field.
    #[error("PDU {pdu} is cut off: it ends inside the {field}")]
    Truncated {
        /// The PDU's position in the list, from 1.
        pdu: usize,
        /// The field's name.
        field: &'static str,
    },
    /// The TP-Message-Type-Indicator is not that of an SMS-DELIVER.
    #[error(
        "PDU {pdu} is not a received message (SMS-DELIVER): its message type is {message_type}"
    )]
    NotDeliver {
        /// The PDU's position in the list, from 1.
        pdu: usize,
        /// The TP-MTI found: 1 or 2.
        message_type: u8,
    },
    /// The data coding scheme announces compression (3GPP TS 23.042).
    #[error("compressed text is not supported (PDU {pdu})")]
    Compressed {
        /// The PDU's position in the list, from 1.
        pdu: usize,
    },
    /// The PDUs belong to more than one message.
    #[error("these PDUs are {count} messages; send each on its own")]
    SeveralMessages {
        /// The number of messages.
        count: usize,
    },
    /// A part contradicts the first one.
    #[error("PDU {pdu} has another {what} than PDU {first}, so they are not parts of one message")]
    Contradiction {
        /// The contradicting PDU's position in the list, from 1.
        pdu: usize,
        /// The position of the PDU that it was compared with, from 1.
        first: usize,
        /// The field that differs.
        what: &'static str,
    },
    /// Two PDUs have the same part number but different contents.
    #[error("PDU {pdu} and PDU {first} are both part {part}, but differ")]
    DuplicatePart {
        /// The later PDU's position in the list, from 1.
        pdu: usize,
        /// The earlier PDU's position in the list, from 1.
        first: usize,
        /// The part number of both.
        part: u8,
    },
    /// A part is missing; if several are, this is the lowest.
    #[error("part {part} of {total} is missing")]
    MissingPart {
        /// The part number, from 1.
        part: u8,
        /// The number of the message's parts.
        total: u8,
    },
}
