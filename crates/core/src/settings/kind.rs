//! The valid values of a setting, and the sentence for an invalid one.

use serde_json::Value;
use url::Url;
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, SchemaType, Type};

use super::certificates::{self, parse_certificates};
use crate::model::json_values::{truth, whole_number};

/// The most ids that a device may have besides its generated one.
const MOST_IDS: usize = 16;

/// The type and range of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number in a unit, both ends included.
    Number {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
        /// The unit.
        unit: &'static str,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `HH:mm`, 00:00 to 23:59.
    TimeOfDay,
    /// Text of that many characters, both ends included, and not only spaces: those are a mistake.
    Text {
        /// The fewest.
        min: usize,
        /// The most.
        max: usize,
    },
    /// An `http` or `https` URL.
    Url,
    /// One or more PEM certificates.
    Certificates,
    /// An id that a device can have.
    DeviceId,
    /// Several device ids, separated by spaces or commas.
    DeviceIds,
}

impl Kind {
    /// Converts a client's value to the stored form: numbers and booleans may be text, and words
    /// may have any case and any separators (`PER_MINUTE`). Returns `None` if the value is not
    /// valid.
    pub(super) fn read(self, value: &Value) -> Option<Value> {
        let read = match self {
            Self::Bool => truth(value)?.into(),
            Self::Number { .. } => whole_number(value)?.into(),
            Self::Choice(words) => {
                let asked = letters(value.as_str()?);
                let word = words.iter().find(|word| letters(word) == asked)?;
                Value::from(*word)
            }
            Self::DeviceIds => device_ids(value.as_str()?)
                .collect::<Vec<_>>()
                .join(" ")
                .into(),
            _ => value.clone(),
        };
        self.takes(&read).then_some(read)
    }

    /// Returns the largest valid value if a number is above it, because other gateways allow more.
    pub(super) fn at_most(self, value: &Value) -> Option<Value> {
        let Self::Number { max, .. } = self else {
            return None;
        };
        let number = u64::try_from(whole_number(value)?).ok()?;
        (number > max).then(|| max.into())
    }

    /// Returns whether a setting may have that value.
    pub(super) fn takes(self, value: &Value) -> bool {
        match self {
            Self::Bool => value.is_boolean(),
            Self::Number { min, max, .. } => value
                .as_u64()
                .is_some_and(|number| (min..=max).contains(&number)),
            Self::Choice(words) => value.as_str().is_some_and(|text| words.contains(&text)),
            Self::TimeOfDay => value.as_str().is_some_and(is_time_of_day),
            Self::Text { min, max } => value.as_str().is_some_and(|text| {
                (min..=max).contains(&text.chars().count()) && !text.trim().is_empty()
            }),
            Self::Url => value.as_str().is_some_and(is_http_url),
            Self::Certificates => value.as_str().is_some_and(|text| {
                text.len() <= certificates::MAX_LENGTH && parse_certificates(text).is_some()
            }),
            Self::DeviceId => value.as_str().is_some_and(is_device_id),
            Self::DeviceIds => value.as_str().is_some_and(|text| {
                let count = device_ids(text).count();
                (1..=MOST_IDS).contains(&count) && device_ids(text).all(is_device_id)
            }),
        }
    }

    /// Returns whether a value holds a secret, although the setting is shown.
    pub(crate) fn holds_secret(self, value: &str) -> bool {
        match self {
            Self::Certificates => certificates::holds_secret(value),
            Self::Url => without_login(value).is_some(),
            _ => false,
        }
    }

    /// Returns the form of a valid value that is stored.
    pub(super) fn kept(self, value: &Value) -> Value {
        match (self, value.as_str()) {
            (Self::Certificates, Some(text)) => {
                certificates::alone(text).map_or_else(|| value.clone(), Value::from)
            }
            _ => value.clone(),
        }
    }

    /// Returns a stored value without its secrets, or `None` if nothing is left.
    pub(super) fn without_secret(self, value: &str) -> Option<Value> {
        match self {
            Self::Certificates => certificates::alone(value).map(Value::from),
            _ => without_login(value).map(Value::from),
        }
    }

    /// Returns the requirement for a value, as the rest of a sentence.
    pub fn requirement(self) -> String {
        match self {
            Self::Bool => "must be true or false".into(),
            Self::Number { min, max, unit } => {
                format!("must be a whole number from {min} to {max} ({unit})")
            }
            Self::Choice(words) => format!("must be one of {}", words.join(", ")),
            Self::TimeOfDay => "must be a time of day as HH:mm, from 00:00 to 23:59".into(),
            Self::Text { min, max } => {
                format!("must be a text of {min} to {max} characters, not only spaces")
            }
            Self::Url => "must be an http:// or https:// URL of at most 2048 characters".into(),
            Self::Certificates => "must be one or more certificates in PEM form \
                (-----BEGIN CERTIFICATE----- …), at most 262144 characters"
                .into(),
            Self::DeviceId => "must have 1 to 64 characters of A-Z, a-z, 0-9 and -_.:~@+".into(),
            Self::DeviceIds => format!(
                "must be up to {MOST_IDS} ids separated by spaces, each of 1 to 64 characters of \
                 A-Z, a-z, 0-9 and -_.:~@+"
            ),
        }
    }

    /// Returns the JSON Schema of a value, or of the `null` that restores the default.
    pub(super) fn schema(self) -> ObjectBuilder {
        let a = |json| ObjectBuilder::new().schema_type(SchemaType::from_iter([json, Type::Null]));
        match self {
            Self::Bool => a(Type::Boolean),
            Self::Number { min, max, .. } => a(Type::Integer).minimum(Some(min)).maximum(Some(max)),
            Self::Choice(words) => {
                let words = words.iter().map(|word| Value::from(*word));
                a(Type::String).enum_values(Some(words.chain([Value::Null])))
            }
            Self::TimeOfDay => a(Type::String).pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$")),
            Self::Text { min, max } => a(Type::String).min_length(Some(min)).max_length(Some(max)),
            Self::Url => a(Type::String)
                .format(Some(SchemaFormat::Custom("uri".into())))
                .max_length(Some(2048)),
            Self::Certificates => a(Type::String)
                .min_length(Some(100))
                .max_length(Some(262_144)),
            Self::DeviceId => a(Type::String).min_length(Some(1)).max_length(Some(64)),
            Self::DeviceIds => a(Type::String).min_length(Some(1)),
        }
    }
}

/// Returns whether an id can be used in a URL and in a list without escaping.
pub fn is_device_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:~@+".contains(&byte);
    (1..=64).contains(&id.len()) && id.bytes().all(fits)
}

pub(super) fn device_ids(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', ',', ';', '\n', '\r', '\t'])
        .filter(|id| !id.is_empty())
}

/// Returns a word in one case and without separators, for comparison.
fn letters(word: &str) -> String {
    let letters = word.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

fn is_time_of_day(text: &str) -> bool {
    let Some((hour, minute)) = text.split_once(':') else {
        return false;
    };
    let below = |part: &str, limit: u8| {
        part.len() == 2
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse::<u8>().is_ok_and(|number| number < limit)
    };
    below(hour, 24) && below(minute, 60)
}

fn is_http_url(text: &str) -> bool {
    text.len() <= 2048
        && Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Returns a URL without the user and password that it holds.
fn without_login(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok()?;
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    Some(url.into())
}
