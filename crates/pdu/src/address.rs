//! Addresses (3GPP TS 23.040 9.1.2.5).

use super::alphabet;
use super::header::Languages;

const TYPE_OF_NUMBER: u8 = 0x70;
const INTERNATIONAL: u8 = 0x10;
const ALPHANUMERIC: u8 = 0x50;

/// Decodes an address whose length octet says `digits` useful semi-octets.
///
/// International numbers start with `+`. For an alphanumeric name, `digits` only determines how
/// many septets are complete.
pub(super) fn text(type_of_address: u8, digits: usize, value: &[u8]) -> String {
    match type_of_address & TYPE_OF_NUMBER {
        ALPHANUMERIC => {
            let septets = alphabet::unpack(value, 0, digits * 4 / 7);
            alphabet::decode(&septets, Languages::default())
        }
        INTERNATIONAL => {
            let number = number(digits, value);
            if number.is_empty() {
                number
            } else {
                format!("+{number}")
            }
        }
        _ => number(digits, value),
    }
}

/// Returns the digits up to the first filler, which some networks also put where none is due.
fn number(digits: usize, value: &[u8]) -> String {
    value
        .iter()
        .flat_map(|octet| [octet & 0x0F, octet >> 4])
        .take(digits)
        .map_while(|digit| match digit {
            0..=9 => Some(char::from(b'0' + digit)),
            0xA => Some('*'),
            0xB => Some('#'),
            0xC => Some('a'),
            0xD => Some('b'),
            0xE => Some('c'),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_text_is_decoded() {
        fn check(type_of_address: u8, digits: usize, value: &[u8], expected: &str) {
            assert_eq!(
                text(type_of_address, digits, value),
                expected,
                "{value:02X?}"
            );
        }
        check(
            0x91,
            11,
            &[0x13, 0x46, 0x61, 0x00, 0x89, 0xF6],
            "+31641600986",
        );
        check(0x91, 4, &[0x21, 0x43], "+1234");
        check(0xA1, 3, &[0x05, 0xF3], "503");
        check(0x81, 5, &[0x21, 0x43, 0xF5], "12345");
        // Only the useful digits count, whatever replaces the filler.
        check(0x80, 1, &[0x05], "5");
        check(0x81, 6, &[0x21, 0x43, 0xF5], "12345");
        check(0x81, 6, &[0xBA, 0xDC, 0x1E], "*#abc1");
        check(0x91, 0, &[], "");
        check(0x91, 1, &[0xFF], "");
        // From Android's GsmSmsTest.testCPHSVoiceMail: all zero bits are a letter too.
        check(0xD0, 4, &[0x11, 0x00], "_@");
        check(0xD0, 4, &[0x10, 0x00], "Δ@");
        check(0xD0, 7, &[0xD4, 0xF2, 0x9C, 0x0E], "Test");
        check(
            0xD0,
            13,
            &[0x61, 0xF1, 0x98, 0x5C, 0x36, 0x9F, 0x01],
            "abcdefg",
        );
        check(
            0xD0,
            14,
            &[0x61, 0xF1, 0x98, 0x5C, 0x36, 0x9F, 0xD1],
            "abcdefgh",
        );
        check(0xD0, 4, &[0x9B, 0x32], "€");
        check(0xD0, 0, &[], "");
    }
}
