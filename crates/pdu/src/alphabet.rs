//! Packed septets and their characters (3GPP TS 23.038 6.1.2.1 and 6.2.1).

use super::header::Languages;
use super::tables::{locked, shifted};

const ESCAPE: u8 = 0x1B;

/// Unpacks up to `count` septets from `octets`, skipping the first `skipped_bits` bits.
///
/// The octets hold septets from the lowest bit up. A septet that is not completely there is left
/// out.
pub(super) fn unpack(octets: &[u8], skipped_bits: usize, count: usize) -> Vec<u8> {
    (0..count)
        .map_while(|index| septet_at(octets, skipped_bits + index * 7))
        .collect()
}

/// Returns how many octets `septets` packed septets need.
pub(super) fn packed_octets(septets: usize) -> usize {
    (septets * 7).div_ceil(8)
}

/// Converts septets to characters.
///
/// If the single shift table lacks the septet after an escape, the locking shift table's character
/// is used; a double escape becomes a space (3GPP TS 23.038 6.2.1.1). An escape at the very end is
/// dropped.
pub(super) fn decode(septets: &[u8], languages: Languages) -> String {
    let mut text = String::with_capacity(septets.len());
    let mut rest = septets.iter().copied();
    while let Some(septet) = rest.next() {
        if septet != ESCAPE {
            text.push(locked(languages.locking, septet));
            continue;
        }
        match rest.next() {
            None => {}
            Some(ESCAPE) => text.push(' '),
            Some(escaped) => text.push(
                shifted(languages.single, escaped)
                    .unwrap_or_else(|| locked(languages.locking, escaped)),
            ),
        }
    }
    text
}

fn septet_at(octets: &[u8], bit: usize) -> Option<u8> {
    let (index, offset) = (bit / 8, bit % 8);
    let low = u16::from(*octets.get(index)?) >> offset;
    let high = match octets.get(index + 1) {
        Some(&next) => u16::from(next) << (8 - offset),
        None if offset <= 1 => 0,
        None => return None,
    };
    u8::try_from((low | high) & 0x7F).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpack_begins_at_the_lowest_bit() {
        fn check(octets: &[u8], skipped_bits: usize, count: usize, expected: &[u8]) {
            assert_eq!(
                unpack(octets, skipped_bits, count),
                expected,
                "{octets:02X?}"
            );
        }
        check(&[], 0, 3, &[]);
        check(&[0xD4, 0xF2, 0x9C, 0x0E], 0, 4, b"Test");
        check(
            &[0x61, 0xF1, 0x98, 0x5C, 0x36, 0x9F, 0x01],
            0,
            8,
            b"abcdefg\0",
        );
        check(
            &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            0,
            99,
            &[0x7F; 8],
        );
        check(&[0x62, 0xB1], 1, 1, &[0x31]);
        check(&[0x62], 1, 2, &[0x31]);
        check(&[0x62], 2, 1, &[]);
    }

    #[test]
    fn decode_converts_septets_to_characters() {
        fn check(septets: &[u8], locking: u8, single: u8, expected: &str) {
            let languages = Languages { locking, single };
            assert_eq!(decode(septets, languages), expected, "{septets:02X?}");
        }
        check(b"", 0, 0, "");
        check(
            b"\x00\x02\x11\x24\x40\x60a\x7F\x0A\x0D ",
            0,
            0,
            "@$_¤¡¿aà\n\r ",
        );
        check(b"\x1Be\x1B(\x1B)\x1B\x14\x1B\x0A", 0, 0, "€{}^\u{c}");
        // An undefined septet after an escape, a double escape, a last escape.
        check(b"\x1BA\x1B\x00", 0, 0, "A@");
        check(b"\x1B\x1Be\x1B\x1B\x1Be", 0, 0, " e €");
        check(b"a\x1B", 0, 0, "a");
        check(b"\x1B\x1B", 0, 0, " ");
        // The fallback is the locking table's character, not the default one's.
        check(b"\x1B\x04\x04\x1B\x0B", 1, 1, "€€Ğ");
        check(
            b"\x1BG\x1BI\x1BS\x1Bc\x1Bg\x1Bi\x1Bs\x1Be",
            0,
            1,
            "ĞİŞçğış€",
        );
        check(b"\x1B\x09\x1BA\x1Bu", 0, 2, "çÁú");
        check(b"\x04\x1B\x05\x1B\x12\x1B\x7F\x1B\x06", 3, 3, "êêΦâú");
        check(b"\x06abc\x1BA\x1B\x1C", 6, 6, "ईabcA०");
        check(b"\x00\x1B\x3F", 13, 13, "ا۔");
        check(b"\x04\x1Be", 2, 14, "è€");
        check(b"\x04\x1Be", 200, 200, "è€");
    }
}
