//! Unknown names in a request. A misspelt name has no effect, and the client should learn of it.

use axum::http::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// The header that lists them, separated by commas.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-ignored");

/// The most names that are listed, and below it the most characters of each.
const MOST: usize = 20;
const LONGEST: usize = 64;
/// Characters that cannot be printed or would look like the next name.
const UNFIT: AsciiSet = CONTROLS.add(b' ').add(b',').add(b'"').add(b'%');

/// The ignored names, each once, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ignored(Vec<String>);

impl Ignored {
    pub fn new(mut names: Vec<String>) -> Self {
        names.retain(|name| !name.is_empty());
        names.sort_unstable();
        names.dedup();
        Self(names)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the listed names and a count of the rest, or `None` if no name was ignored.
    pub fn header(&self) -> Option<HeaderValue> {
        let named = self.0.iter().take(MOST).map(|name| {
            let head: String = name.chars().take(LONGEST).collect();
            utf8_percent_encode(&head, &UNFIT).to_string()
        });
        let mut named: Vec<_> = named.collect();
        if named.is_empty() {
            return None;
        }
        if self.0.len() > MOST {
            named.push(format!("... and {} more", self.0.len() - MOST));
        }
        HeaderValue::from_str(&named.join(", ")).ok()
    }

    /// Returns those that look like names. Others may be a message or a phone number that a client
    /// put in place of a name, which must not be logged.
    pub fn for_log(&self) -> Vec<&str> {
        let is_name = |name: &&str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
            let digits = name.bytes().filter(u8::is_ascii_digit).count();
            name.len() <= LONGEST && name.bytes().all(fits) && digits < 4
        };
        let names = self.0.iter().map(String::as_str).filter(is_name);
        names.take(MOST).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(names: &[&str]) -> Ignored {
        Ignored::new(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn header_lists_all_ignored_names_in_printable_form() {
        for (names, expected) in [
            (&["b", "a", "b"][..], "a, b"),
            (&["a b,\n", "é"], "a%20b%2C%0A, %C3%A9"),
        ] {
            let header = ignored(names).header();
            assert_eq!(
                header.as_ref().and_then(|it| it.to_str().ok()),
                Some(expected)
            );
        }
        assert_eq!(ignored(&[""]).header(), None);
        let many: Vec<_> = (0..1_000).map(|number| "é".repeat(number)).collect();
        let header = Ignored::new(many).header().expect("a header");
        assert!(header.len() < 8 * 1024 && header.as_bytes().ends_with(b"and 979 more"));
    }

    #[test]
    fn for_log_returns_only_names() {
        let names = [
            "limt",
            "a.b-c_d",
            "+12025550143",
            "12025550143",
            "Hello Bob",
            "п",
        ];
        assert_eq!(ignored(&names).for_log(), ["a.b-c_d", "limt"]);
    }
}
