//! Text from outside: isolated, so that its direction and length break nothing around it, and with
//! visible signs for characters that are invisible or reverse the direction.

use maud::{Markup, html};

/// Shows text in its own direction.
pub(super) fn foreign(text: &str) -> Markup {
    html! { bdi.foreign dir="auto" { (visible(text)) } }
}

/// Shows text that runs from left to right in every language, such as a phone number.
pub(super) fn ltr(text: &str) -> Markup {
    html! { bdi dir="ltr" { (visible(text)) } }
}

/// Shows the text with a sign for each hidden character.
pub(super) fn visible(text: &str) -> Markup {
    html! {
        @for piece in text.split_inclusive(hides) {
            @match piece.chars().next_back().filter(|last| hides(*last)) {
                Some(hidden) => {
                    (piece.trim_end_matches(hidden))
                    span.code { (format!("U+{:04X}", u32::from(hidden))) }
                }
                None => (piece),
            }
        }
    }
}

/// Returns whether a character is hidden: controls except those of a text, and characters that
/// override the direction of letters (UAX #9, 2.2).
fn hides(c: char) -> bool {
    let is_of_text = matches!(c, '\n' | '\r' | '\t');
    (c.is_control() && !is_of_text) || matches!(c, '\u{202d}' | '\u{202e}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_shows_a_sign_for_each_hidden_character() {
        let sign = |code: &str| format!("<span class=\"code\">{code}</span>");
        for (text, expected) in [
            ("plain\n\ttext", "plain\n\ttext".to_owned()),
            ("", String::new()),
            ("a\u{202e}b", format!("a{}b", sign("U+202E"))),
            ("\0\0", format!("{0}{0}", sign("U+0000"))),
            ("\u{1b}[31m<b>", format!("{}[31m&lt;b&gt;", sign("U+001B"))),
            ("\u{85}", sign("U+0085")),
            (
                "\u{2067}\u{5d0}\u{2069}",
                "\u{2067}\u{5d0}\u{2069}".to_owned(),
            ),
        ] {
            assert_eq!(visible(text).into_string(), expected, "{text:?}");
        }
    }
}
