//! A refused form: the sentence stands beside its field, and a line at the top links to it.

use maud::{Markup, html};

/// Why a form was refused. Without a sentence, nothing was refused.
#[derive(Default)]
pub(super) struct Problem {
    /// The id of the field; empty if no field is to blame.
    field: String,
    sentence: String,
}

impl Problem {
    pub fn new(field: &str, sentence: String) -> Self {
        Self {
            field: field.to_owned(),
            sentence,
        }
    }

    /// Shows the line at the top.
    pub fn line(&self) -> Markup {
        html! {
            @if self.sentence.is_empty() {}
            @else if self.field.is_empty() { p.problem role="alert" tabindex="-1" data-refused { (self.sentence) } }
            @else { p.problem role="alert" tabindex="-1" data-refused { a href={ "#" (self.field) } { (self.sentence) } } }
        }
    }

    /// Returns the `aria-invalid` of a field.
    pub fn invalid(&self, field: &str) -> Option<&'static str> {
        self.is_of(field).then_some("true")
    }

    /// Returns the `aria-describedby` of a field that `help` describes; `help` may be empty.
    pub fn described(&self, field: &str, help: &str) -> Option<String> {
        let ids = match (self.is_of(field), help) {
            (true, "") => beside(field),
            (true, help) => format!("{help} {}", beside(field)),
            (false, help) => help.to_owned(),
        };
        Some(ids).filter(|ids| !ids.is_empty())
    }

    /// Shows the sentence beside a field.
    pub fn beside(&self, field: &str) -> Markup {
        html! { @if self.is_of(field) { small.why id=(beside(field)) { (self.sentence) } } }
    }

    fn is_of(&self, field: &str) -> bool {
        !self.sentence.is_empty() && self.field == field
    }
}

fn beside(field: &str) -> String {
    format!("problem-{field}")
}
