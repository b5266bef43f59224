//! The user data header (3GPP TS 23.040 9.2.3.24).

use super::error::HeaderFault;

const CONCATENATION_8_BIT: u8 = 0x00;
const PORTS_8_BIT: u8 = 0x04;
const PORTS_16_BIT: u8 = 0x05;
const CONCATENATION_16_BIT: u8 = 0x08;
const SINGLE_SHIFT: u8 = 0x24;
const LOCKING_SHIFT: u8 = 0x25;

/// What a user data header says that matters for decoding.
///
/// Where an element comes twice, also in its 8-bit and its 16-bit form, the
/// last one counts (3GPP TS 23.040 9.2.3.24).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) concatenation: Option<Concatenation>,
    /// The destination port; the originator's is of no use to a receiver.
    pub(super) port: Option<u16>,
    pub(super) languages: Languages,
}

/// The place of a part in its message (3GPP TS 23.040 9.2.3.24.1 and 9.2.3.24.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Concatenation {
    pub(super) reference: Reference,
    pub(super) total: u8,
    /// From 1 to `total`.
    pub(super) part: u8,
}

/// The number that the parts of one message share.
///
/// The two widths are counted apart by a sender, so equal numbers of
/// different widths are different references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    Short(u8),
    Long(u16),
}

/// National language identifiers (3GPP TS 23.038 6.2.1.2.4), 0 for the default alphabet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Languages {
    pub(super) locking: u8,
    pub(super) single: u8,
}

impl Header {
    /// Reads the information elements; `elements` is the header without its length octet.
    pub(super) fn parse(elements: &[u8]) -> Result<Self, HeaderFault> {
        let mut header = Self::default();
        let mut rest = elements;
        while let Some((&iei, after_iei)) = rest.split_first() {
            let (data, after) = after_iei
                .split_first()
                .and_then(|(&length, after_length)| after_length.split_at_checked(length.into()))
                .ok_or(HeaderFault::BeyondHeader { iei })?;
            header.apply(iei, data)?;
            rest = after;
        }
        Ok(header)
    }

    fn apply(&mut self, iei: u8, data: &[u8]) -> Result<(), HeaderFault> {
        match iei {
            CONCATENATION_8_BIT => {
                let [reference, total, part] = exactly(iei, data)?;
                self.concatenate(Reference::Short(reference), total, part);
            }
            CONCATENATION_16_BIT => {
                let [high, low, total, part] = exactly(iei, data)?;
                let reference = u16::from_be_bytes([high, low]);
                self.concatenate(Reference::Long(reference), total, part);
            }
            PORTS_8_BIT => {
                let [destination, _originator] = exactly(iei, data)?;
                self.port = Some(destination.into());
            }
            PORTS_16_BIT => {
                let [high, low, _, _] = exactly(iei, data)?;
                self.port = Some(u16::from_be_bytes([high, low]));
            }
            SINGLE_SHIFT => [self.languages.single] = exactly(iei, data)?,
            LOCKING_SHIFT => [self.languages.locking] = exactly(iei, data)?,
            _ => {}
        }
        Ok(())
    }

    /// An impossible part number makes the whole element void (3GPP TS 23.040 9.2.3.24.1).
    fn concatenate(&mut self, reference: Reference, total: u8, part: u8) {
        if (1..=total).contains(&part) {
            self.concatenation = Some(Concatenation {
                reference,
                total,
                part,
            });
        }
    }
}

fn exactly<const N: usize>(iei: u8, data: &[u8]) -> Result<[u8; N], HeaderFault> {
    data.try_into().map_err(|_| HeaderFault::WrongLength {
        iei,
        found: data.len(),
        expected: N,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concatenated(reference: Reference, total: u8, part: u8) -> Header {
        Header {
            concatenation: Some(Concatenation {
                reference,
                total,
                part,
            }),
            ..Header::default()
        }
    }

    fn to_port(port: u16) -> Header {
        Header {
            port: Some(port),
            ..Header::default()
        }
    }

    fn in_languages(locking: u8, single: u8) -> Header {
        Header {
            languages: Languages { locking, single },
            ..Header::default()
        }
    }

    #[test]
    fn known_elements_are_read() {
        fn check(elements: &[u8], expected: Header) {
            assert_eq!(Header::parse(elements), Ok(expected), "{elements:02X?}");
        }
        check(&[], Header::default());
        check(
            &[0, 3, 0x2A, 2, 1],
            concatenated(Reference::Short(0x2A), 2, 1),
        );
        check(
            &[8, 4, 0x12, 0x34, 255, 255],
            concatenated(Reference::Long(0x1234), 255, 255),
        );
        check(&[4, 2, 0xF0, 0xF1], to_port(0xF0));
        check(&[5, 4, 0x0B, 0x84, 0x23, 0xF0], to_port(2948));
        check(&[0x24, 1, 1], in_languages(0, 1));
        check(&[0x25, 1, 3, 0x24, 1, 2], in_languages(3, 2));
    }

    #[test]
    fn unknown_elements_are_skipped() {
        fn check(elements: &[u8], expected: Header) {
            assert_eq!(Header::parse(elements), Ok(expected), "{elements:02X?}");
        }
        check(&[1, 2, 0, 2], Header::default());
        check(&[0x70, 0, 0x24, 1, 5], in_languages(0, 5));
        check(&[0xFF, 3, 0, 3, 1, 0x25, 1, 6], in_languages(6, 0));
    }

    #[test]
    fn the_last_of_a_kind_counts() {
        fn check(elements: &[u8], expected: Header) {
            assert_eq!(Header::parse(elements), Ok(expected), "{elements:02X?}");
        }
        check(
            &[0, 3, 1, 2, 1, 8, 4, 0, 9, 3, 2],
            concatenated(Reference::Long(9), 3, 2),
        );
        check(
            &[8, 4, 0, 9, 3, 2, 0, 3, 1, 2, 1],
            concatenated(Reference::Short(1), 2, 1),
        );
        check(&[4, 2, 1, 2, 5, 4, 0, 3, 0, 4], to_port(3));
        check(&[0x24, 1, 1, 0x24, 1, 7], in_languages(0, 7));
    }

    #[test]
    fn an_impossible_part_number_voids_the_element() {
        fn check(elements: &[u8], expected: Header) {
            assert_eq!(Header::parse(elements), Ok(expected), "{elements:02X?}");
        }
        check(&[0, 3, 1, 0, 0], Header::default());
        check(&[0, 3, 1, 0, 1], Header::default());
        check(&[0, 3, 1, 2, 0], Header::default());
        check(&[0, 3, 1, 2, 3], Header::default());
        check(&[8, 4, 0, 1, 2, 3], Header::default());
        check(
            &[0, 3, 1, 2, 1, 0, 3, 7, 0, 0],
            concatenated(Reference::Short(1), 2, 1),
        );
    }

    #[test]
    fn malformed_headers_are_refused() {
        fn check(elements: &[u8], expected: HeaderFault) {
            assert_eq!(Header::parse(elements), Err(expected), "{elements:02X?}");
        }
        fn wrong(iei: u8, found: usize, expected: usize) -> HeaderFault {
            HeaderFault::WrongLength {
                iei,
                found,
                expected,
            }
        }
        check(&[0], HeaderFault::BeyondHeader { iei: 0 });
        check(&[0x70, 1], HeaderFault::BeyondHeader { iei: 0x70 });
        check(&[0, 3, 1, 2], HeaderFault::BeyondHeader { iei: 0 });
        check(&[0x70, 0, 5], HeaderFault::BeyondHeader { iei: 5 });
        check(&[0, 4, 1, 2, 1, 0], wrong(0, 4, 3));
        check(&[8, 3, 1, 2, 1], wrong(8, 3, 4));
        check(&[4, 0], wrong(4, 0, 2));
        check(&[5, 2, 1, 2], wrong(5, 2, 4));
        check(&[0x24, 2, 1, 1], wrong(0x24, 2, 1));
        check(&[0x25, 0], wrong(0x25, 0, 1));
    }
}
