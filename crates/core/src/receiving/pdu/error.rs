//! Everything that can be wrong with a message's PDUs.

use thiserror::Error;

/// Why PDUs could not be decoded.
///
/// Every text is a sentence for the user of the API. It names the PDU by its
/// place in the request, counted from 1, and holds neither phone numbers nor
/// message text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PduError {
    /// The list of PDUs is empty.
    #[error("there is no PDU to decode")]
    NoPdus,
    /// A concatenated message has at most 255 parts (3GPP TS 23.040 9.2.3.24.1).
    #[error("there are {count} PDUs, but a message has at most 255")]
    TooManyPdus {
        /// How many were given.
        count: usize,
    },
    /// A hexadecimal text has an odd number of digits.
    #[error("the hexadecimal text has an odd number of digits ({digits})")]
    OddHexDigits {
        /// How many digits there are.
        digits: usize,
    },
    /// A hexadecimal text holds something else than digits.
    #[error("character {position} of the hexadecimal text is not a hexadecimal digit")]
    NotHex {
        /// The character's place, counted from 1 after leading whitespace.
        position: usize,
    },
    /// A PDU is longer than any SMS-DELIVER with its SMSC address can be.
    #[error("PDU {pdu} has {octets} octets, but at most {maximum} are possible")]
    TooLong {
        /// The PDU's place in the list, from 1.
        pdu: usize,
        /// Its octets.
        octets: usize,
        /// The most it could have.
        maximum: usize,
    },
    /// A PDU ends inside the named field.
    #[error("PDU {pdu} is cut off: it ends inside the {field}")]
    Truncated {
        /// The PDU's place in the list, from 1.
        pdu: usize,
        /// The field's name.
        field: &'static str,
    },
    /// A PDU goes on after its user data.
    #[error("PDU {pdu} has {octets} octets left over after its user data")]
    LeftOver {
        /// The PDU's place in the list, from 1.
        pdu: usize,
        /// How many octets follow the user data.
        octets: usize,
    },
    /// The SMSC address is longer than 11 octets.
    #[error("the SMSC address of PDU {pdu} claims {octets} octets, but at most 11 are possible")]
    SmscTooLong {
        /// The PDU's place in the list, from 1.
        pdu: usize,
        /// The claimed octets.
        octets: usize,
    },
    /// The TP-Message-Type-Indicator is not that of an SMS-DELIVER.
    #[error(
        "PDU {pdu} is not a received message (SMS-DELIVER): its message type is {message_type}"
    )]
    NotDeliver {
        /// The PDU's place in the list, from 1.
        pdu: usize,
        /// The TP-MTI found: 1, 2 or 3.
        message_type: u8,
    },
    /// The sender's address is longer than 20 semi-octets.
    #[error("the sender address of PDU {pdu} claims {digits} digits, but at most 20 are possible")]
    AddressTooLong {
        /// The PDU's place in the list, from 1.
        pdu: usize,
        /// The claimed useful semi-octets.
        digits: usize,
    },
    /// The data coding scheme announces compression (3GPP TS 23.042).
    #[error("compressed text is not supported (PDU {pdu})")]
    Compressed {
        /// The PDU's place in the list, from 1.
        pdu: usize,
    },
    /// TP-UDL is over what a short message holds.
    #[error(
        "the user data of PDU {pdu} claims {length} {unit}, but at most {maximum} are possible"
    )]
    UserDataTooLong {
        /// The PDU's place in the list, from 1.
        pdu: usize,
        /// The claimed length.
        length: usize,
        /// What is counted: septets or octets.
        unit: &'static str,
        /// The most it could be.
        maximum: usize,
    },
    /// The user data header is not well formed.
    #[error("the user data header of PDU {pdu} is malformed: {reason}")]
    Header {
        /// The PDU's place in the list, from 1.
        pdu: usize,
        /// What is wrong with it.
        reason: HeaderFault,
    },
    /// A UCS-2 text does not consist of whole code units.
    #[error("the UCS-2 text of PDU {pdu} has an odd number of octets")]
    OddUcs2 {
        /// The PDU's place in the list, from 1.
        pdu: usize,
    },
    /// The PDUs belong to more than one message.
    #[error("these PDUs are {count} messages; send each on its own")]
    SeveralMessages {
        /// How many messages they are.
        count: usize,
    },
    /// A part contradicts the first one.
    #[error("PDU {pdu} has another {what} than PDU {first}, so they are not parts of one message")]
    Contradiction {
        /// The contradicting PDU's place in the list, from 1.
        pdu: usize,
        /// The place of the PDU it was compared with, from 1.
        first: usize,
        /// What differs.
        what: &'static str,
    },
    /// Two PDUs claim the same part number with different contents.
    #[error("PDU {pdu} and PDU {first} are both part {part}, but differ")]
    DuplicatePart {
        /// The later PDU's place in the list, from 1.
        pdu: usize,
        /// The earlier PDU's place in the list, from 1.
        first: usize,
        /// The part number both claim.
        part: u8,
    },
    /// A part is not there; where several are missing, the lowest is named.
    #[error("part {part} of {total} is missing")]
    MissingPart {
        /// The part number, from 1.
        part: u8,
        /// How many parts the message has.
        total: u8,
    },
}

/// What is wrong with a user data header (3GPP TS 23.040 9.2.3.24).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HeaderFault {
    /// The header's length octet reaches past the user data.
    #[error("it is longer than the user data")]
    BeyondUserData,
    /// An information element reaches past the header.
    #[error("information element 0x{iei:02X} is longer than the header")]
    BeyondHeader {
        /// The element's identifier.
        iei: u8,
    },
    /// A known information element has a length it cannot have.
    #[error("information element 0x{iei:02X} has {found} octets instead of {expected}")]
    WrongLength {
        /// The element's identifier.
        iei: u8,
        /// The octets it has.
        found: usize,
        /// The octets it must have.
        expected: usize,
    },
}
