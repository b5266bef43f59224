//! The character tables of 3GPP TS 23.038, as data.

mod default;
mod locking;
mod single;

/// The characters of the septets 0x00 to 0x7F.
type Table = [char; 128];

/// The defined septets of a single shift table.
type Extension = &'static [(u8, char)];

/// Marks a table's escape cell, whose character is never used: the decoder handles the septet.
const ESCAPE: char = '\u{1b}';

/// Returns the character of a septet (0x00 to 0x7F) in a language's locking shift table.
///
/// A language without such a table, known or not, has the default alphabet (3GPP TS 23.038
/// 6.2.1.2.4). An octet that is not a septet becomes a space.
pub(super) fn locked(language: u8, septet: u8) -> char {
    let table: &'static Table = match language {
        1 => &locking::TURKISH,
        3 => &locking::PORTUGUESE,
        4 => &locking::BENGALI,
        5 => &locking::GUJARATI,
        6 => &locking::HINDI,
        7 => &locking::KANNADA,
        8 => &locking::MALAYALAM,
        9 => &locking::ORIYA,
        10 => &locking::PUNJABI,
        11 => &locking::TAMIL,
        12 => &locking::TELUGU,
        13 => &locking::URDU,
        _ => &default::ALPHABET,
    };
    table.get(usize::from(septet)).copied().unwrap_or(' ')
}

/// Returns the character of a septet after an escape, if the language's single shift table has one.
///
/// A language without such a table, known or not, has the default extension table.
pub(super) fn shifted(language: u8, septet: u8) -> Option<char> {
    let (own, shared): (Extension, Extension) = match language {
        1 => (single::TURKISH, &[]),
        2 => (single::SPANISH, &[]),
        3 => (single::PORTUGUESE, &[]),
        4 => (single::BENGALI, single::SHARED),
        5 => (single::GUJARATI, single::SHARED),
        6 => (single::HINDI, single::SHARED),
        7 => (single::KANNADA, single::SHARED),
        8 => (single::MALAYALAM, single::SHARED),
        9 => (single::ORIYA, single::SHARED),
        10 => (single::PUNJABI, single::SHARED),
        11 => (single::TAMIL, single::SHARED),
        12 => (single::TELUGU, single::SHARED),
        13 => (single::URDU, single::SHARED),
        _ => (default::EXTENSION, &[]),
    };
    own.iter()
        .chain(shared)
        .find(|(cell, _)| *cell == septet)
        .map(|(_, character)| *character)
}

/// Returns the characters of the default alphabet and those of its extension table.
#[cfg(test)]
pub(crate) fn default_characters() -> (Vec<char>, Vec<char>) {
    let plain = default::ALPHABET.into_iter().filter(|c| *c != ESCAPE);
    let extended = default::EXTENSION.iter().map(|(_, character)| *character);
    (plain.collect(), extended.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A character that only this language's table has at this septet.
    #[test]
    fn tables_differ_for_every_language() {
        fn check(language: u8, septet: u8, expected_locked: char, expected_shifted: Option<char>) {
            assert_eq!(locked(language, septet), expected_locked, "{language}");
            assert_eq!(shifted(language, septet), expected_shifted, "{language}");
        }
        check(0, 0x1C, 'Æ', None);
        check(1, 0x1C, 'Ş', None);
        check(2, 0x09, 'Ç', Some('ç'));
        check(3, 0x0C, 'ô', Some('ô'));
        check(4, 0x1C, 'ছ', Some('২'));
        check(5, 0x1C, 'છ', Some('૦'));
        check(6, 0x1C, 'छ', Some('०'));
        check(7, 0x1C, 'ಛ', Some('೦'));
        check(8, 0x1C, 'ഛ', Some('൦'));
        check(9, 0x1C, 'ଛ', Some('୦'));
        check(10, 0x1C, 'ਛ', Some('੦'));
        check(11, 0x1D, 'ஜ', Some('௧'));
        check(12, 0x1C, 'ఛ', Some('౦'));
        check(13, 0x1C, 'ڌ', Some('۰'));
        check(14, 0x1C, 'Æ', None);
        check(255, 0x65, 'e', Some('€'));
    }

    #[test]
    fn tables_list_single_shift_cells_once() {
        for language in 0..=13 {
            let count = (0..128).filter(|&septet| shifted(language, septet).is_some());
            assert!(count.count() >= 10, "{language}");
        }
        let shared_twice = [
            single::BENGALI,
            single::GUJARATI,
            single::HINDI,
            single::KANNADA,
            single::MALAYALAM,
            single::ORIYA,
            single::PUNJABI,
            single::TAMIL,
            single::TELUGU,
            single::URDU,
        ]
        .into_iter()
        .flatten()
        .any(|(cell, _)| single::SHARED.iter().any(|(shared, _)| shared == cell));
        assert!(!shared_twice);
    }
}
