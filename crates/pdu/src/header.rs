//! The user data header (3GPP TS 23.040 9.2.3.24).

const CONCATENATION_8_BIT: u8 = 0x00;
const PORTS_8_BIT: u8 = 0x04;
const PORTS_16_BIT: u8 = 0x05;
const CONCATENATION_16_BIT: u8 = 0x08;
const SINGLE_SHIFT: u8 = 0x24;
const LOCKING_SHIFT: u8 = 0x25;

/// The parts of a user data header that matter for decoding.
///
/// If an element occurs twice, or in both its 8-bit and its 16-bit form, the last one counts (3GPP
/// TS 23.040 9.2.3.24).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) concatenation: Option<Concatenation>,
    /// The destination port; a receiver has no use for the originator's port.
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
/// A sender counts the two widths separately, so equal numbers of different widths are different
/// references.
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
    /// Parses the information elements; `elements` is the header without its length octet.
    ///
    /// If the last element is longer than the header, the whole header must be ignored (3GPP TS
    /// 23.040 9.2.3.24). Otherwise, only elements of an impossible length are ignored.
    pub(super) fn parse(elements: &[u8]) -> Self {
        let mut header = Self::default();
        let mut rest = elements;
        while let Some((&iei, after_iei)) = rest.split_first() {
            let element = after_iei
                .split_first()
                .and_then(|(&length, after_length)| after_length.split_at_checked(length.into()));
            let Some((data, after)) = element else {
                return Self::default();
            };
            header.apply(iei, data);
            rest = after;
        }
        header
    }

    fn apply(&mut self, iei: u8, data: &[u8]) {
        match (iei, data) {
            (CONCATENATION_8_BIT, &[reference, total, part]) => {
                self.concatenate(Reference::Short(reference), total, part);
            }
            (CONCATENATION_16_BIT, &[high, low, total, part]) => {
                let reference = u16::from_be_bytes([high, low]);
                self.concatenate(Reference::Long(reference), total, part);
            }
            (PORTS_8_BIT, &[destination, _originator]) => self.port = Some(destination.into()),
            (PORTS_16_BIT, &[high, low, _, _]) => {
                self.port = Some(u16::from_be_bytes([high, low]));
            }
            (SINGLE_SHIFT, &[language]) => self.languages.single = language,
            (LOCKING_SHIFT, &[language]) => self.languages.locking = language,
            _ => {}
        }
    }

    /// Ignores the whole element if its part number is impossible (3GPP TS 23.040 9.2.3.24.1).
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
    fn header_reads_known_elements() {
        fn check(elements: &[u8], expected: Header) {
            assert_eq!(Header::parse(elements), expected, "{elements:02X?}");
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
    fn header_skips_unknown_elements() {
        fn check(elements: &[u8], expected: Header) {
            assert_eq!(Header::parse(elements), expected, "{elements:02X?}");
        }
        check(&[1, 2, 0, 2], Header::default());
        check(&[0x70, 0, 0x24, 1, 5], in_languages(0, 5));
        check(&[0xFF, 3, 0, 3, 1, 0x25, 1, 6], in_languages(6, 0));
    }

    #[test]
    fn header_uses_the_last_element_of_a_kind() {
        fn check(elements: &[u8], expected: Header) {
            assert_eq!(Header::parse(elements), expected, "{elements:02X?}");
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
    fn header_ignores_an_element_with_an_impossible_part_number() {
        fn check(elements: &[u8], expected: Header) {
            assert_eq!(Header::parse(elements), expected, "{elements:02X?}");
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
    fn header_that_is_malformed_is_ignored() {
        fn check(elements: &[u8]) {
            assert_eq!(
                Header::parse(elements),
                Header::default(),
                "{elements:02X?}"
            );
        }
        check(&[0]);
        check(&[0x70, 1]);
        check(&[0, 3, 1, 2]);
        check(&[0x24, 1, 1, 5]);
        check(&[0, 3, 1, 2, 1, 0x70, 9]);
    }

    #[test]
    fn header_ignores_an_element_of_a_wrong_length() {
        fn check(elements: &[u8]) {
            let elements = [elements, &[0x24, 1, 7]].concat();
            assert_eq!(
                Header::parse(&elements),
                in_languages(0, 7),
                "{elements:02X?}"
            );
        }
        check(&[0, 4, 1, 2, 1, 0]);
        check(&[8, 3, 1, 2, 1]);
        check(&[4, 0]);
        check(&[5, 2, 1, 2]);
        check(&[0x25, 0]);
        check(&[0x25, 2, 1, 1]);
    }
}
