//! Query parameters, with a sentence for each wrong one. Unknown ones are ignored; of repeated ones
//! the last counts.

use std::collections::HashMap;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::tz::TimeZone;
use url::form_urlencoded;

use super::error::ApiError;
use crate::model::clock::UnixMillis;
use crate::model::device::Device;
use crate::model::json_values::{truth_of_text, whole_number_of_text};
use crate::model::time_text;

/// The parameters of a request.
pub(super) struct Query(HashMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        ))
    }
}

impl Query {
    /// Returns a parameter; an empty one counts as absent.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// Returns a whole number within the range.
    pub fn number(&self, name: &str, min: u64, max: u64) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let number = whole_number_of_text(text).and_then(|number| u64::try_from(number).ok());
        match number {
            Some(number) if (min..=max).contains(&number) => Ok(Some(number)),
            _ => Err(ApiError::bad_request(format!(
                "{name} must be a whole number from {min} to {max}."
            ))),
        }
    }

    /// Returns how many rows to skip; any number that fits.
    pub fn offset(&self) -> Result<u64, ApiError> {
        Ok(self.number("offset", 0, i64::MAX as u64)?.unwrap_or(0))
    }

    /// Returns `true`, `false`, `1` or `0`, in any case, as a boolean.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool, ApiError> {
        let Some(text) = self.text(name) else {
            return Ok(default);
        };
        let wrong = || ApiError::bad_request(format!("{name} must be true or false."));
        truth_of_text(text).ok_or_else(wrong)
    }

    /// Returns `from` and `to`; an absent end is open.
    pub fn range(&self, zone: &TimeZone) -> Result<(UnixMillis, UnixMillis), ApiError> {
        let time = |name: &str, open: i64| match self.text(name) {
            None => Ok(UnixMillis(open)),
            Some(text) => time_text::parse(text, zone).ok_or_else(|| {
                ApiError::bad_request(format!(
                    "{name} must be a date and time such as 2024-06-22T15:46:11+07:00."
                ))
            }),
        };
        Ok((time("from", i64::MIN)?, time("to", i64::MAX)?))
    }

    /// Refuses a `deviceId` of another device.
    pub fn check_device(&self, device: &Device) -> Result<(), ApiError> {
        check_device(self.text("deviceId"), device)
    }
}

/// Refuses the id of another device; an empty one counts as absent.
pub(super) fn check_device(id: Option<&str>, device: &Device) -> Result<(), ApiError> {
    match id {
        Some(id) if !id.is_empty() && !device.has_id(id) => Err(ApiError::bad_request(
            "deviceId is not this device's id. GET /devices shows it; it may be left out.",
        )),
        _ => Ok(()),
    }
}
