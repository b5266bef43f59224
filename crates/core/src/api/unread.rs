//! Explains why a body is not JSON, and where: the author of a client sees neither its bytes nor
//! our parser. A sentence names a place and at most one character of the grammar, never the
//! contents of the body.
//!
//! Cost: nothing for a valid body; one pass over an invalid one.

use std::iter::Peekable;
use std::str::CharIndices;

/// Returns the text of a body without its byte order mark, or a sentence that says why it is not
/// text.
pub(super) fn text(body: &[u8]) -> Result<&str, String> {
    if body.starts_with(&[0x1F, 0x8B]) {
        return Err("The body is compressed (gzip). Send it as plain JSON.".into());
    }
    let is_utf16 = |first: &[u8]| matches!(first, [0xFF, 0xFE] | [0xFE, 0xFF] | [0, b'{' | b'[']);
    if body.get(..2).is_some_and(is_utf16) || body.get(1) == Some(&0) {
        return Err("The body is UTF-16 or UTF-32. Send it as UTF-8.".into());
    }
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let error = match std::str::from_utf8(body) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    let at = error.valid_up_to();
    let is_surrogate = matches!(body.get(at..at + 2), Some([0xED, 0xA0..=0xBF]));
    let what = if is_surrogate {
        "there is half of a surrogate pair"
    } else if at + 4 > body.len() && error.error_len().is_none() {
        "it ends within a character"
    } else {
        "there is a byte that is not allowed"
    };
    Err(format!(
        "The body is not UTF-8: at byte {} {what}. Send all text as UTF-8.",
        at + 1
    ))
}

/// Explains why the parser rejected a text.
pub(super) fn why(text: &str, error: &serde_json::Error) -> String {
    if text.trim_ascii().is_empty() {
        return "The body is empty. Send a JSON object.".into();
    }
    let given_up = match error.is_eof() {
        true => text.len(),
        false => place_of(text, error.line(), error.column()),
    };
    let (at, problem) = fault_of_a_string(text)
        .filter(|(at, _)| *at <= given_up + 1)
        .unwrap_or_else(|| fault_of_the_grammar(text, given_up));
    let (line, column) = line_and_column(text, at);
    format!("The body is not valid JSON: {problem} (line {line}, column {column}).")
}

/// Returns the first fault within a string, and its place.
fn fault_of_a_string(text: &str) -> Option<(usize, String)> {
    let mut characters = text.char_indices().peekable();
    while let Some((start, character)) = characters.next() {
        if character != '"' {
            continue;
        }
        loop {
            let Some((at, character)) = characters.next() else {
                return Some((start, "it ends within the string that begins here".into()));
            };
            match character {
                '"' => break,
                '\\' => {
                    if let Some(problem) = fault_of_an_escape(&mut characters) {
                        return Some((at, problem.into()));
                    }
                }
                '\u{0}'..='\u{1F}' => return Some((at, of_control(character))),
                _ => {}
            }
        }
    }
    None
}

fn of_control(character: char) -> String {
    let (name, escape) = match character {
        '\n' => ("a line break", "\\n".into()),
        '\r' => ("a carriage return", "\\r".into()),
        '\t' => ("a tab", "\\t".into()),
        other => {
            let code = u32::from(other);
            let name = format!("the control character U+{code:04X}");
            return format!("a string contains {name}, which must be written as \\u{code:04x}");
        }
    };
    let escape: String = escape;
    format!("a string contains {name}, which must be written as {escape}")
}

/// Returns the fault of the characters after a backslash, if there is one.
fn fault_of_an_escape(characters: &mut Peekable<CharIndices<'_>>) -> Option<&'static str> {
    const ESCAPE: &str = "this is not an escape; write a backslash as \\\\";
    const HALF: &str = "this escape is half of a surrogate pair; both halves must be there";
    match characters.next()?.1 {
        '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => None,
        'u' => match four_digits(characters) {
            None => Some(ESCAPE),
            Some(0xDC00..=0xDFFF) => Some(HALF),
            Some(0xD800..=0xDBFF) => {
                let is_pair = characters.next_if(|(_, it)| *it == '\\').is_some()
                    && characters.next_if(|(_, it)| *it == 'u').is_some()
                    && matches!(four_digits(characters), Some(0xDC00..=0xDFFF));
                (!is_pair).then_some(HALF)
            }
            Some(_) => None,
        },
        _ => Some(ESCAPE),
    }
}

fn four_digits(characters: &mut Peekable<CharIndices<'_>>) -> Option<u32> {
    let mut code = 0;
    for _ in 0..4 {
        let (_, digit) = characters.next_if(|(_, it)| it.is_ascii_hexdigit())?;
        code = code * 16 + digit.to_digit(16)?;
    }
    Some(code)
}

/// Returns the fault outside strings, judged by the text where the parser stopped, and its place.
fn fault_of_the_grammar(text: &str, given_up: usize) -> (usize, String) {
    let before = text.get(..given_up).unwrap_or(text).trim_ascii_end();
    let rest = text.get(given_up..).unwrap_or_default();
    if rest.trim_ascii().is_empty() && !before.is_empty() {
        return (before.len(), "it ends before it is complete".into());
    }
    let word = word_around(text, given_up);
    let say = |sentence: &str| (given_up, sentence.to_owned());
    match word {
        Some((at, word @ ("NaN" | "Infinity" | "undefined" | "None" | "True" | "False"))) => {
            return (at, format!("{word} is not JSON; use true, false or null"));
        }
        // A member's name follows a brace or a comma.
        Some((at, _)) if text[..at].trim_ascii_end().ends_with(['{', ',']) => {
            return (at, "a name must be in double quotes".into());
        }
        _ => {}
    }
    match rest.chars().next() {
        Some('\'') => say("strings and names must be in double quotes"),
        Some('}' | ']') if before.ends_with(',') => say("there is a comma before the end"),
        Some('0'..='9' | '.' | '+' | '-') => say("this is not a number in JSON"),
        Some('/') => say("JSON has no comments"),
        _ if is_whole(before) => say("there is something after its end"),
        Some('"' | '{' | '[') => say("a comma or a colon is missing"),
        _ => say("this is not allowed here"),
    }
}

/// Returns the letters at a place, and the place where they begin.
fn word_around(text: &str, at: usize) -> Option<(usize, &str)> {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let head = text.get(..at)?;
    let start = head.trim_end_matches(is_letter).len();
    let word = &text[start..];
    let end = word.find(|c| !is_letter(c)).unwrap_or(word.len());
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        .then_some((start, &word[..end]))
}

fn is_whole(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Converts the parser's line and column to an offset in bytes; it counts bytes, and from 1.
fn place_of(text: &str, line: usize, column: usize) -> usize {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = before.map(str::len).sum();
    let mut at = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Returns line and column for people: both from 1, in characters.
fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}
