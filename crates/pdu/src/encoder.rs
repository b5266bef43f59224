//! Builds SMS-DELIVERs for the tests.

use super::tables::{locked, shifted};

const ESCAPE: u8 = 0x1B;

/// A PDU under construction; every field has a usable default.
#[derive(Debug, Clone)]
pub(super) struct Deliver {
    pub(super) smsc: Vec<u8>,
    pub(super) flags: u8,
    pub(super) sender: Vec<u8>,
    pub(super) scheme: u8,
    pub(super) time: [u8; 7],
    /// The information elements; if there are none, there is no header.
    pub(super) elements: Vec<u8>,
    pub(super) body: Body,
}

#[derive(Debug, Clone)]
pub(super) enum Body {
    Septets(Vec<u8>),
    Octets(Vec<u8>),
}

impl Deliver {
    pub(super) fn new(scheme: u8, body: Body) -> Self {
        Self {
            smsc: vec![0x91, 0x21, 0x43],
            flags: 0x04,
            sender: vec![4, 0x91, 0x21, 0x43],
            scheme,
            time: [0x42, 0x20, 0x92, 0x21, 0x43, 0x65, 0x00],
            elements: Vec::new(),
            body,
        }
    }

    pub(super) fn with(mut self, elements: &[u8]) -> Self {
        self.elements.extend_from_slice(elements);
        self
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut user_data = Vec::new();
        if !self.elements.is_empty() {
            user_data.push(u8::try_from(self.elements.len()).unwrap());
            user_data.extend_from_slice(&self.elements);
        }
        let length = match &self.body {
            Body::Octets(octets) => {
                user_data.extend_from_slice(octets);
                user_data.len()
            }
            Body::Septets(septets) => {
                let header_septets = (user_data.len() * 8).div_ceil(7);
                let length = header_septets + septets.len();
                pack(&mut user_data, header_septets * 7, septets);
                user_data.resize((length * 7).div_ceil(8), 0);
                length
            }
        };
        let header_flag = if self.elements.is_empty() { 0 } else { 0x40 };
        let mut pdu = vec![u8::try_from(self.smsc.len()).unwrap()];
        pdu.extend_from_slice(&self.smsc);
        pdu.push(self.flags | header_flag);
        pdu.extend_from_slice(&self.sender);
        pdu.extend_from_slice(&[0, self.scheme]);
        pdu.extend_from_slice(&self.time);
        pdu.push(u8::try_from(length).unwrap());
        pdu.extend_from_slice(&user_data);
        pdu
    }
}

/// Puts septets into `octets` from bit `start` on, bit by bit to share no code with the decoder.
fn pack(octets: &mut Vec<u8>, start: usize, septets: &[u8]) {
    for (index, septet) in septets.iter().enumerate() {
        for bit in 0..7 {
            let place = start + index * 7 + bit;
            octets.resize(octets.len().max(place / 8 + 1), 0);
            octets[place / 8] |= (septet >> bit & 1) << (place % 8);
        }
    }
}

/// Returns the septets of each character: one, or an escape and one, or none if it is not in the
/// tables.
pub(super) fn septets(character: char, locking: u8, single: u8) -> Option<Vec<u8>> {
    let plain = (0..128).find(|&septet| septet != ESCAPE && locked(locking, septet) == character);
    let escaped = || (0..128).find(|&septet| shifted(single, septet) == Some(character));
    plain
        .map(|septet| vec![septet])
        .or_else(|| escaped().map(|septet| vec![ESCAPE, septet]))
}

/// Returns all characters in the tables of these languages.
pub(super) fn characters(locking: u8, single: u8) -> Vec<char> {
    (0..128)
        .filter(|&septet| septet != ESCAPE)
        .flat_map(|septet| [Some(locked(locking, septet)), shifted(single, septet)])
        .flatten()
        .collect()
}

pub(super) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}
