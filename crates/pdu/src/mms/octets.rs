//! The values of header fields in WSP's binary form (WAP-230-WSP 8.4.2).

use super::{Fault, character_set};

/// The octets that are still to be read.
pub(super) struct Octets<'a>(pub &'a [u8]);

impl<'a> Octets<'a> {
    pub fn octet(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// Advances to the next octet that can be the name of a field, by the assigned numbers.
    pub fn skip_to_a_field(&mut self) {
        let next = self.0.iter().position(|octet| matches!(octet, 0x81..=0xBF));
        self.0 = next.and_then(|next| self.0.get(next..)).unwrap_or_default();
    }

    /// Skips a value of any kind, including its length (WAP-230-WSP 8.4.1.2).
    pub fn value(&mut self) -> Option<()> {
        match *self.0.first()? {
            0..=31 => {
                let after_length_octet = self.0.get(1..)?;
                let length = self.length();
                if length.and_then(|length| self.take(length)).is_none() {
                    self.0 = after_length_octet;
                    return None;
                }
            }
            32..=127 => {
                self.text()?;
            }
            128..=255 => {
                self.octet()?;
            }
        }
        Some(())
    }

    /// Reads a value's length: one octet up to 30, or 31 and a variable-length number.
    fn length(&mut self) -> Option<usize> {
        match self.octet()? {
            length @ 0..=30 => Some(length.into()),
            31 => self.variable(),
            _ => None,
        }
    }

    /// Reads a number with seven bits per octet, the highest first (WAP-230-WSP 8.1.2).
    fn variable(&mut self) -> Option<usize> {
        let mut number: usize = 0;
        for _ in 0..5 {
            let octet = self.octet()?;
            number = number << 7 | usize::from(octet & 0x7F);
            if octet & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// Reads the octets of a text up to its terminating zero.
    pub fn text(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|octet| *octet == 0)?;
        let text = self.take(end)?;
        self.octet()?;
        Some(text)
    }

    /// Reads an integer of up to eight octets after its length.
    pub fn long_integer(&mut self) -> Option<u64> {
        let length = usize::from(self.octet()?);
        if !(1..=8).contains(&length) {
            return None;
        }
        let octets = self.take(length)?;
        Some(
            octets
                .iter()
                .fold(0, |number, octet| number << 8 | u64::from(*octet)),
        )
    }

    /// Reads a text; or its length, a character set and a text (OMA-TS-MMS_ENC-V1_3 7.3.11 and
    /// 7.3.61). A text without a character set extends to its zero, whatever octets it holds.
    pub fn encoded(&mut self) -> Result<String, Fault> {
        if *self.0.first().ok_or(Fault::Value)? > 31 || self.0.starts_with(&[0]) {
            let text = self.text().ok_or(Fault::Value)?;
            return Ok(character_set::unmarked(text));
        }
        let length = self.length().ok_or(Fault::Value)?;
        let before = self.0.len();
        if length == 0 || self.0.starts_with(&[0]) && length == 1 {
            self.take(length);
            return Ok(String::new());
        }
        let set = self.character_set().ok_or(Fault::Value)?;
        let used = before - self.0.len();
        let told = length.checked_sub(used);
        let text = self.delimited(told, character_set::ends_at_zero(set));
        Ok(character_set::decode(set, text.ok_or(Fault::Value)?)?)
    }

    /// Reads a text of a given length. If the text ends at a zero, that end counts if it
    /// contradicts the length: a wrong length must not swallow the next field.
    fn delimited(&mut self, told: Option<usize>, ends_at_zero: bool) -> Option<&'a [u8]> {
        let zero = self.0.iter().position(|octet| *octet == 0);
        match (told, zero) {
            (Some(told), Some(zero)) if ends_at_zero && zero + 1 != told => {
                // Some networks leave out the zero; then only the length counts.
                let ends = self.0.get(told).is_none_or(|next| *next >= 0x80);
                self.take(if told <= zero && ends { told } else { zero + 1 })
            }
            (Some(told), _) if told <= self.0.len() => self.take(told),
            (_, Some(zero)) => self.take(zero + 1),
            _ => None,
        }
    }

    /// Reads the IANA MIBenum of a character set: a short integer, or a long one.
    fn character_set(&mut self) -> Option<u64> {
        match *self.0.first()? {
            short @ 128.. => {
                self.octet()?;
                Some(u64::from(short & 0x7F))
            }
            _ => self.long_integer(),
        }
    }

    /// Reads From: an address, or the token by which the network is to insert it. Cuts off the type
    /// of the address.
    pub fn address(&mut self) -> Result<String, Fault> {
        const ADDRESS_PRESENT: u8 = 0x80;
        let length = self.length().ok_or(Fault::Value)?;
        if self.octet().ok_or(Fault::Value)? != ADDRESS_PRESENT {
            self.take(length.saturating_sub(1)).ok_or(Fault::Value)?;
            return Ok(String::new());
        }
        let address = if self.0.first().is_some_and(|octet| *octet > 31) {
            let text = self.delimited(length.checked_sub(1), true);
            character_set::unmarked(text.ok_or(Fault::Value)?)
        } else {
            self.encoded()?
        };
        let bare = address.split("/TYPE=").next().unwrap_or_default();
        Ok(bare.to_owned())
    }
}
