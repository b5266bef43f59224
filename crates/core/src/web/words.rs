//! The words of the page in four languages, by Fluent: its plural rules are CLDR's, which Russian
//! and Arabic need, and its files are plain text that translators know.
//!
//! A language is parsed at its first use and kept. If a language lacks a word, the English one is
//! used; a test compares all languages with English.

use std::borrow::Cow;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_langneg::{NegotiationStrategy, accepted_languages, negotiate_languages};
use unic_langid::LanguageIdentifier;

use crate::http::packed::packed;

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Arabic,
    Russian,
    Chinese,
}

impl Language {
    pub const ALL: [Self; 4] = [Self::English, Self::Arabic, Self::Russian, Self::Chinese];

    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Arabic => "ar",
            Self::Russian => "ru",
            Self::Chinese => "zh",
        }
    }

    /// Returns the name of the language in itself, for the list of choices.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Arabic => "العربية",
            Self::Russian => "Русский",
            Self::Chinese => "中文",
        }
    }

    pub fn direction(self) -> &'static str {
        if self == Self::Arabic { "rtl" } else { "ltr" }
    }

    fn text(self) -> String {
        match self {
            Self::English => packed!("en.ftl"),
            Self::Arabic => packed!("ar.ftl"),
            Self::Russian => packed!("ru.ftl"),
            Self::Chinese => packed!("zh.ftl"),
        }
    }
}

/// Returns the language of a visitor: the setting's, or with `auto` the one that `Accept-Language`
/// names.
pub(super) fn language_of(setting: &str, accepted: &str) -> Language {
    if let Some(language) = Language::ALL.into_iter().find(|one| one.code() == setting) {
        return language;
    }
    let wanted = accepted_languages::parse(accepted);
    let ours: Vec<LanguageIdentifier> = Language::ALL
        .iter()
        .filter_map(|language| language.code().parse().ok())
        .collect();
    let best = negotiate_languages(&wanted, &ours, None, NegotiationStrategy::Lookup);
    let code = best.first().map(|found| found.language.as_str().to_owned());
    Language::ALL
        .into_iter()
        .find(|language| Some(language.code()) == code.as_deref())
        .unwrap_or(Language::English)
}

/// The words of one language.
pub(super) struct Words {
    pub language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// Returns the words of a language.
    pub fn of(language: Language) -> &'static Self {
        static MADE: [OnceLock<Words>; 4] = [const { OnceLock::new() }; 4];
        MADE[language as usize].get_or_init(|| Self::new(language))
    }

    fn new(language: Language) -> Self {
        let locales = language.code().parse().into_iter().collect();
        let mut bundle = FluentBundle::new_concurrent(locales);
        // Foreign text has elements of its own, which isolate it.
        bundle.set_use_isolating(false);
        let resource = match FluentResource::try_new(language.text()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        // A word that is defined twice keeps its first meaning; a test finds it.
        let _ = bundle.add_resource(resource);
        Self { language, bundle }
    }

    /// Returns a word without arguments.
    pub fn get(&self, id: &str) -> String {
        self.with(id, &[])
    }

    /// Returns a word with arguments.
    pub fn with(&self, id: &str, given: &[(&str, FluentValue<'_>)]) -> String {
        let mut arguments = FluentArgs::with_capacity(given.len());
        for (name, value) in given {
            arguments.set(Cow::Owned((*name).to_owned()), value.clone());
        }
        let message = self.bundle.get_message(id);
        let Some(pattern) = message
            .as_ref()
            .and_then(fluent_bundle::FluentMessage::value)
        else {
            if self.language != Language::English {
                return Self::of(Language::English).with(id, given);
            }
            return id.to_owned();
        };
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, Some(&arguments), &mut errors);
        text.into_owned()
    }

    /// Returns a word whose one argument is the number `n`.
    pub fn count(&self, id: &str, n: u64) -> String {
        self.with(id, &[("n", FluentValue::from(n))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the ids of a file, in its order.
    fn ids(text: &str) -> Vec<String> {
        let starts = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
        let lines = text.lines().filter(starts);
        let id = |line: &str| line.split(" =").next().map(str::to_owned);
        lines.filter_map(id).collect()
    }

    #[test]
    fn words_exist_once_in_every_language_and_their_arguments_fit() {
        let english = ids(&Language::English.text());
        for language in Language::ALL {
            assert!(
                FluentResource::try_new(language.text()).is_ok(),
                "{language:?} has a syntax error"
            );
            assert_eq!(ids(&language.text()), english, "{language:?}");
            let words = Words::of(language);
            for id in &english {
                let message = words.bundle.get_message(id).expect("it is there");
                let mut arguments = FluentArgs::new();
                for name in [
                    "n",
                    "after",
                    "min",
                    "max",
                    "what",
                    "name",
                    "about",
                    "status",
                    "sent",
                    "delivered",
                ] {
                    arguments.set(name, FluentValue::from(3));
                }
                let mut errors = Vec::new();
                let pattern = message.value().expect("it has a value");
                words
                    .bundle
                    .format_pattern(pattern, Some(&arguments), &mut errors);
                assert!(errors.is_empty(), "{language:?} {id}: {errors:?}");
            }
        }
    }

    #[test]
    fn language_is_the_settings_and_otherwise_the_browsers() {
        for (setting, accepted, expected) in [
            ("auto", "", Language::English),
            ("auto", "ru-RU,ru;q=0.9,en;q=0.8", Language::Russian),
            ("auto", "zh-TW", Language::Chinese),
            ("auto", "de, ar;q=0.5", Language::Arabic),
            ("auto", "de", Language::English),
            ("auto", ";;;=,*", Language::English),
            ("zh", "ru", Language::Chinese),
        ] {
            assert_eq!(
                language_of(setting, accepted),
                expected,
                "{setting} {accepted}"
            );
        }
    }

    #[test]
    fn words_use_the_plurals_of_the_language() {
        let russian = Words::of(Language::Russian);
        let line = |n| russian.count("deliveries-replayed", n);
        assert_ne!(line(1).replace('1', ""), line(2).replace('2', ""));
        assert_ne!(line(2).replace('2', ""), line(5).replace('5', ""));
    }
}
