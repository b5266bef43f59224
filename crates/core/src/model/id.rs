//! Random identifiers and secrets.

use std::fmt;

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use super::clock::UnixMillis;

/// Letters and digits without those that look alike, for a password typed from a screen.
const PASSWORD_ALPHABET: [char; 54] = [
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'u', 'v',
    'w', 'x', 'y', 'z', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q',
    'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', '2', '3', '4', '5', '6', '7', '8',
];

/// Returns a new id for an event, a message or a webhook: 21 characters of nanoid's URL alphabet.
pub fn fresh() -> String {
    nanoid::nanoid!()
}

/// nanoid's URL alphabet in byte order, so that ids sort like the numbers in them.
const ORDERED: &[u8; 64] = b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
/// The number of characters of an ordered id that hold its time: 42 bits of milliseconds last until
/// 2109.
const TIME: usize = 7;

/// Returns a new id for a delivery: 21 characters of nanoid's URL alphabet. The first seven are the
/// time, so that an index of such ids grows at its end and needs no random page writes. The other
/// 14 are random, 84 bits.
pub fn ordered(now: UnixMillis) -> String {
    let mut id = first_of(now);
    id.push_str(&nanoid::nanoid!(14));
    id
}

/// Returns the smallest ordered id of a time: every id made then or later is greater.
pub fn first_of(time: UnixMillis) -> String {
    let millis = u64::try_from(time.0).unwrap_or(0);
    (0..TIME)
        .rev()
        .map(|place| {
            let digit = millis >> (6 * place) & 63;
            char::from(ORDERED[usize::try_from(digit).unwrap_or(0)])
        })
        .collect()
}

/// Returns a new password: 14 characters, about 80 bits.
pub fn password() -> String {
    nanoid::nanoid!(14, &PASSWORD_ALPHABET)
}

/// Returns a new secret for signing: 32 characters of nanoid's URL alphabet, 192 bits.
pub fn secret() -> String {
    nanoid::nanoid!(32)
}

/// Returns a new secret for signing tokens: 48 characters of nanoid's URL alphabet, 288 bits.
pub fn token_secret() -> String {
    nanoid::nanoid!(48)
}

/// Returns a new device id: 32 lower-case hex digits (protocol.md 1.4, Device).
pub fn device() -> String {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    nanoid::nanoid!(32, &HEX)
}

/// Returns whether a text is readable on a screen as it is: it is not only spaces, and has no
/// control, format or private-use characters, no separators except the space, and no characters
/// without a visible mark.
pub fn prints(text: &str) -> bool {
    let leaves_no_mark = |c: char| {
        matches!(c, '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{3164}'
            | '\u{FFA0}' | '\u{180B}'..='\u{180F}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{E0100}'..='\u{E01EF}')
    };
    // The standard library escapes unprintable characters, a combining mark without a base, and
    // these three, which are printable.
    let quoted = |c: char| matches!(c, '\\' | '"' | '\'');
    let text: String = text
        .chars()
        .map(|c| if quoted(c) { 'x' } else { c })
        .collect();
    !text.trim().is_empty()
        && text.escape_debug().eq(text.chars())
        && !text.contains(leaves_no_mark)
}

/// Returns a random number in `0.0..1.0`, for the jitter of retries.
pub fn random_fraction() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness there is no jitter, which delays nothing.
    if SystemRandom::new().fill(&mut bytes).is_err() {
        return 0.0;
    }
    f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}

/// The id of a message, unique on this device.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub String);

impl fmt::Display for MessageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_ids_sort_by_time() {
        let at = |millis| ordered(UnixMillis(millis));
        assert_eq!(at(1_719_045_971_000).len(), 21);
        for pair in [(0, 1), (63, 64), (1_719_045_971_000, 1_719_045_971_001)] {
            assert!(at(pair.0) < at(pair.1), "{pair:?}");
            assert!(first_of(UnixMillis(pair.1)) > at(pair.0), "{pair:?}");
            assert!(first_of(UnixMillis(pair.1)) <= at(pair.1), "{pair:?}");
        }
        assert_ne!(at(5), at(5));
    }

    #[test]
    fn prints_rejects_invisible_characters() {
        for text in [
            "a b",
            "<unique-id>",
            "\\\"'",
            "ключ",
            "鍵",
            "e\u{301}",
            "🙂",
            "نص",
        ] {
            assert!(prints(text), "{text}");
        }
        for text in [
            "",
            " ",
            "a\n",
            "\u{7f}",
            "a\u{85}",
            "a\u{a0}b",
            "\u{ad}",
            "\u{200b}",
            "\u{202e}x",
            "a\u{2028}",
            "\u{301}",
            "a\u{fe0f}",
            "\u{3164}",
            "\u{e000}",
            "\u{feff}",
            "\u{e0041}",
            "\u{378}",
            "\u{10ffff}",
        ] {
            assert!(!prints(text), "{}", text.escape_unicode());
        }
    }

    #[test]
    fn ids_have_their_documented_shapes() {
        assert_eq!(fresh().len(), 21);
        assert_eq!(password().len(), 14);
        let device = device();
        assert_eq!(device.len(), 32);
        assert!(
            device
                .chars()
                .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
        );
        assert!((0.0..1.0).contains(&random_fraction()));
        assert_ne!(fresh(), fresh());
    }
}
