//! Explains failures in the visitor's language. The rest of the core gives a reason as an English
//! sentence and as a word or type that never changes; the page translates the latter.

use fluent_bundle::FluentValue;
use maud::{Markup, html};

use super::words::{Language, Words};
use crate::settings::{Kind, SettingsError};
use crate::store::{AttemptRecord, LastAttempt, StoreError};
use crate::webhooks::{InvalidRegistration, Step};

/// The known details of a failed attempt.
struct Told<'a> {
    cause: &'a str,
    about: &'a str,
    status: u16,
    /// In English; for attempts that were stored before there were causes.
    reason: &'a str,
}

/// Explains why an attempt failed and what to do; empty if it succeeded.
pub(super) fn of_attempt(w: &Words, attempt: &AttemptRecord) -> Markup {
    say(
        w,
        &Told {
            cause: &attempt.cause,
            about: &attempt.about,
            status: attempt.status,
            reason: &attempt.reason,
        },
    )
}

/// Explains the same for the latest attempt.
pub(super) fn of_last(w: &Words, last: &LastAttempt) -> Markup {
    say(
        w,
        &Told {
            cause: &last.cause,
            about: &last.about,
            status: last.status,
            reason: &last.reason,
        },
    )
}

/// Explains why a step of a test failed and what to do; empty if it went well.
pub(super) fn of_step(w: &Words, step: &Step, status: u16) -> Markup {
    say(
        w,
        &Told {
            cause: step.cause,
            about: &step.about,
            status,
            reason: step.reason.as_deref().unwrap_or_default(),
        },
    )
}

fn say(w: &Words, told: &Told<'_>) -> Markup {
    if told.cause.is_empty() {
        return html! {
            @if !told.reason.is_empty() { p lang="en" dir="ltr" { (told.reason) } }
        };
    }
    let (reason, fix) = sentences(w, told.cause, told.about, told.status);
    html! {
        p { (reason) }
        @if !fix.is_empty() { p.fix { (fix) } }
    }
}

/// Returns the reason and what to do about it; the latter may be empty.
pub(super) fn sentences(w: &Words, cause: &str, about: &str, status: u16) -> (String, String) {
    if cause.starts_with("url-") {
        return (of_url(w, cause), String::new());
    }
    // Host names run from left to right; the text around them may not.
    let about = match w.language {
        Language::Arabic => format!("\u{2066}{about}\u{2069}"),
        _ => about.to_owned(),
    };
    let given = [
        ("about", FluentValue::from(about)),
        // Passed as text, so that no language adds a thousands separator.
        ("status", FluentValue::from(status.to_string())),
    ];
    let reason = w.with(&format!("reason-{cause}"), &given);
    let fix = match cause {
        // There is no general advice for every status.
        "status" => String::new(),
        cause => w.with(&format!("fix-{cause}"), &given),
    };
    (reason, fix)
}

/// Explains why settings were refused.
pub(super) fn of_settings(w: &Words, error: &SettingsError) -> String {
    let key = match error {
        SettingsError::Value(key) => key,
        SettingsError::Secret(key) => {
            let word = match key.kind {
                Kind::Certificates => "problem-secret-key",
                _ => "problem-secret-login",
            };
            let name = w.get(&format!("set-{}", key.path().replace('.', "-")));
            return w.with(word, &[("name", FluentValue::from(name))]);
        }
        SettingsError::Pauses { min, max } => {
            let given = [
                ("min", FluentValue::from(*min)),
                ("max", FluentValue::from(*max)),
            ];
            return w.with("problem-pauses", &given);
        }
        // The page's own forms always have groups.
        SettingsError::Shape | SettingsError::Group(_) => return w.get("refused-form"),
    };
    let word = key.path().replace('.', "-");
    let mut given = vec![("name", FluentValue::from(w.get(&format!("set-{word}"))))];
    let problem = match key.kind {
        Kind::Number { min, max, unit } => {
            given.push(("min", FluentValue::from(min)));
            given.push(("max", FluentValue::from(max)));
            given.push(("what", FluentValue::from(w.get(&format!("unit-{unit}")))));
            "problem-number"
        }
        Kind::Text { min, max } => {
            given.push(("min", FluentValue::from(min)));
            given.push(("max", FluentValue::from(max)));
            "problem-text"
        }
        Kind::TimeOfDay => "problem-time",
        Kind::Url => "problem-url",
        Kind::Certificates => "problem-certificates",
        Kind::DeviceId | Kind::DeviceIds => "problem-device-id",
        Kind::Bool | Kind::Choice(_) => "problem-choice",
    };
    w.with(problem, &given)
}

/// Explains why a webhook was not registered.
pub(super) fn of_registration(w: &Words, unfit: InvalidRegistration) -> String {
    match unfit {
        InvalidRegistration::Id => w.get("problem-id"),
        InvalidRegistration::Event => w.get("problem-event"),
        InvalidRegistration::Url(error) => of_url(w, error.cause()),
    }
}

/// Explains why a URL cannot be used, by the word for its cause.
fn of_url(w: &Words, cause: &str) -> String {
    w.get(&format!("problem-{cause}"))
}

/// Explains an error of the store.
pub(super) fn of_store(w: &Words, error: &StoreError) -> String {
    w.get(match error {
        StoreError::Full => "store-full",
        StoreError::Unavailable(_) => "store-unavailable",
        StoreError::Unreadable(_) => "store-unreadable",
        StoreError::Busy => "store-busy",
        StoreError::TooLong => "store-too-long",
        StoreError::Damaged => "store-damaged",
        StoreError::Closed => "store-closed",
        StoreError::Internal(_) => "store-internal",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::outcome::Outcome;
    use crate::webhooks::OFFLINE;

    /// The page's English sentences equal the API's, and every language has words for every cause.
    #[test]
    fn sentences_exist_in_every_language_and_equal_the_api_in_english() {
        for outcome in Outcome::every() {
            let (cause, about) = outcome.cause("example.com");
            for language in Language::ALL {
                let w = Words::of(language);
                let (reason, fix) = sentences(w, cause, &about, outcome.status());
                if language == Language::English {
                    let expected = outcome.reason_and_fix("example.com");
                    assert_eq!((reason, fix), expected, "{outcome:?}");
                    continue;
                }
                assert!(!reason.contains("reason-"), "{language:?} {outcome:?}");
                assert!(!fix.contains("fix-"), "{language:?} {outcome:?}");
                assert!(reason.contains(&about), "{language:?}: {reason}");
            }
        }
        let said = sentences(Words::of(Language::English), "offline", "", 0);
        assert_eq!(said, (OFFLINE.0.into(), OFFLINE.1.into()));
    }

    #[test]
    fn url_faults_have_words_in_every_language() {
        for error in crate::webhooks::UrlError::EVERY {
            for language in Language::ALL {
                let w = Words::of(language);
                let (reason, _) = sentences(w, error.cause(), "", 0);
                assert!(!reason.starts_with("problem-"), "{language:?} {error:?}");
                assert_eq!(reason, of_registration(w, error.into()));
            }
        }
    }

    #[test]
    fn settings_errors_name_a_setting_as_the_form_does() {
        let w = Words::of(Language::English);
        for key in crate::settings::KEYS {
            let problem = of_settings(w, &SettingsError::Value(key));
            let name = w.get(&format!("set-{}", key.path().replace('.', "-")));
            assert!(problem.starts_with(&name), "{problem}");
            assert!(!name.starts_with("set-"), "{name}");
            assert!(!problem.contains("unit-"), "{problem}");
        }
    }
}
