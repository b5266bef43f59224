//! Removes invisible characters from numbers. Numbers are copied from web pages, address books and
//! chats, which add such characters.

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, WhiteSpace};
use icu_properties::{CodePointMapData, CodePointSetData};

/// The Braille pattern without dots, which Unicode classifies as a symbol.
const BLANK: char = '\u{2800}';

/// Returns the number without white space and invisible characters: those that Unicode calls
/// White_Space, Default_Ignorable_Code_Point (zero-width characters, fillers, variation selectors,
/// the soft hyphen) or Format (direction marks).
pub(crate) fn visible(number: &str) -> String {
    let spaces = CodePointSetData::new::<WhiteSpace>();
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let categories = CodePointMapData::<GeneralCategory>::new();
    let is_seen = |c: char| {
        !spaces.contains(c)
            && !ignorable.contains(c)
            && c != BLANK
            && categories.get(c) != GeneralCategory::Format
    };
    number.chars().filter(|c| is_seen(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_removes_white_space_and_invisible_characters() {
        for unseen in [
            ' ',
            '\t',
            '\n',
            '\r',
            '\u{B}',
            '\u{85}',
            '\u{A0}',
            '\u{1680}',
            '\u{2007}',
            '\u{2028}',
            '\u{202F}',
            '\u{205F}',
            '\u{2800}',
            '\u{3000}',
            '\u{AD}',
            '\u{34F}',
            '\u{61C}',
            '\u{115F}',
            '\u{1160}',
            '\u{17B4}',
            '\u{180B}',
            '\u{180E}',
            '\u{200B}',
            '\u{200D}',
            '\u{200E}',
            '\u{202A}',
            '\u{202C}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{206F}',
            '\u{3164}',
            '\u{FE00}',
            '\u{FE0F}',
            '\u{FEFF}',
            '\u{FFA0}',
            '\u{FFF9}',
            '\u{1D173}',
            '\u{E0001}',
            '\u{E0061}',
            '\u{E0100}',
        ] {
            let number = format!("{unseen}+1202{unseen}{unseen}5550123{unseen}");
            assert_eq!(visible(&number), "+12025550123", "{unseen:?}");
        }
        let seen = "+(0)12-3/4.5*#INFO\u{664}\u{FF11}\0";
        assert_eq!(visible(seen), seen);
    }
}
