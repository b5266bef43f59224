//! Splits a text into parts (3GPP TS 23.038, 23.040 9.2.3.24.1). Pure.
//!
//! A phone splits texts itself, by `divideMessage`, and may use a national alphabet, which this
//! code does not. Here the result shows at POST whether a text can be sent at all, and the
//! simulator sends these parts.

/// Septets of a text in one part, and of each part of several (the header takes six octets).
const SEPTETS: (usize, usize) = (160, 153);
/// UTF-16 units of a text in one part, and of each part of several.
const UNITS: (usize, usize) = (70, 67);

/// Returns the parts of a text, in order: at least one, and together they are the text. Uses GSM
/// 7-bit with its extension table if that holds every character, otherwise UCS-2. Cuts neither an
/// escape sequence nor a surrogate pair. Cost: one pass to choose the alphabet, and one to split.
pub fn split(text: &str) -> Vec<&str> {
    let plain: Option<usize> = text.chars().map(septets).sum();
    match plain {
        Some(length) => cut(text, length, SEPTETS, |character| {
            septets(character).unwrap_or(1)
        }),
        None => cut(text, text.encode_utf16().count(), UNITS, char::len_utf16),
    }
}

/// Returns the number of parts by these rules.
pub fn count_parts(text: &str) -> u32 {
    u32::try_from(split(text).len()).unwrap_or(u32::MAX)
}

fn cut(
    text: &str,
    length: usize,
    (alone, among): (usize, usize),
    cost: impl Fn(char) -> usize,
) -> Vec<&str> {
    if length <= alone {
        return vec![text];
    }
    let (mut parts, mut start, mut filled) = (Vec::new(), 0, 0);
    for (at, character) in text.char_indices() {
        let cost = cost(character);
        if filled + cost > among {
            parts.push(&text[start..at]);
            (start, filled) = (at, 0);
        }
        filled += cost;
    }
    parts.push(&text[start..]);
    parts
}

/// Returns the number of septets of a character in the default alphabet and its extension, or
/// `None` if it is in neither.
fn septets(character: char) -> Option<usize> {
    match character {
        '\u{c}' | '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => Some(2),
        '\n' | '\r' | ' '..='_' | 'a'..='z' => Some(1),
        '£' | '¥' | 'è' | 'é' | 'ù' | 'ì' | 'ò' | 'Ç' | 'Ø' | 'ø' | 'Å' | 'å' | 'Δ' | 'Φ' | 'Γ'
        | 'Λ' | 'Ω' | 'Π' | 'Ψ' | 'Σ' | 'Θ' | 'Ξ' | 'Æ' | 'æ' | 'ß' | 'É' | '¤' | '¡' | 'Ä'
        | 'Ö' | 'Ñ' | 'Ü' | '§' | '¿' | 'ä' | 'ö' | 'ñ' | 'ü' | 'à' => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tables::default_characters;

    fn check(text: &str, lengths: &[usize]) {
        let parts = split(text);
        let found: Vec<usize> = parts.iter().map(|part| part.chars().count()).collect();
        assert_eq!(found, lengths, "{}", text.chars().count());
        assert_eq!(parts.concat(), text);
    }

    #[test]
    fn split_uses_the_lengths_of_the_standard() {
        check("", &[0]);
        check(&"x".repeat(160), &[160]);
        check(&"x".repeat(161), &[153, 8]);
        check(&"x".repeat(306), &[153, 153]);
        check(&"€".repeat(80), &[80]);
        check(&"é".repeat(160), &[160]);
        check(&"я".repeat(70), &[70]);
        check(&"я".repeat(71), &[67, 4]);
        check(&"😀".repeat(35), &[35]);
        check(&format!("`{}", "x".repeat(70)), &[67, 4]);
        assert_eq!(split(&"x".repeat(153 * 255)).len(), 255);
        assert_eq!(split(&"x".repeat(153 * 255 + 1)).len(), 256);
        assert_eq!(split(&"я".repeat(67 * 255)).len(), 255);
    }

    #[test]
    fn split_cuts_no_escape_and_no_surrogate_pair() {
        check(
            &format!("{}{{{}", "x".repeat(152), "x".repeat(10)),
            &[152, 11],
        );
        check(&"€".repeat(81), &[76, 5]);
        check(
            &format!("{}😀{}", "я".repeat(66), "я".repeat(10)),
            &[66, 11],
        );
        check(&"😀".repeat(36), &[33, 3]);
    }

    #[test]
    fn split_uses_the_alphabet_of_incoming_messages() {
        let (plain, extended) = default_characters();
        for character in plain.iter().copied() {
            assert_eq!(septets(character), Some(1), "{character:?}");
        }
        for character in extended.iter().copied() {
            assert_eq!(septets(character), Some(2), "{character:?}");
        }
        let known = (0..=0xFFFFu32)
            .filter_map(char::from_u32)
            .filter(|c| septets(*c).is_some());
        assert_eq!(known.count(), plain.len() + extended.len());
    }

    proptest! {
        #[test]
        fn split_makes_parts_that_fit_and_are_not_empty(text in "[x€я😀\\n{a]{1,400}") {
            let parts = split(&text);
            prop_assert_eq!(parts.concat(), text.clone());
            let plain = text.chars().all(|c| septets(c).is_some());
            let most = match (plain, parts.len()) { (true, 1) => 160, (true, _) => 153, (false, 1) => 70, _ => 67 };
            for part in parts {
                let length: usize = part.chars()
                    .map(|c| if plain { septets(c).unwrap() } else { c.len_utf16() })
                    .sum();
                prop_assert!(length <= most && length > 0);
            }
        }
    }
}
