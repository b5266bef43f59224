//! The JSON body of a request, or the error that says why it cannot be read.

use std::fmt;
use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::error::ApiError;
use super::lenient::Lenient;
use super::{TOO_LARGE, unread};
use crate::http::body::body_error_status;

/// A request body that is a JSON object.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let Object(body) = read(request, state).await?;
        Ok(Self(body))
    }
}

/// A request body that is a JSON array of objects.
pub struct JsonList<T>(pub Vec<T>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonList<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let items: Vec<Object<T>> = read(request, state).await?;
        Ok(Self(items.into_iter().map(|Object(item)| item).collect()))
    }
}

/// A JSON object as `T`. For a struct, serde alone would also take an array with its fields in
/// order.
pub(super) struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

async fn read<T: DeserializeOwned>(
    request: Request,
    state: &(impl Send + Sync),
) -> Result<T, ApiError> {
    let unfit = unfit(request.headers());
    let body = Bytes::from_request(request, state)
        .await
        .map_err(|rejection| unread_to_its_end(&rejection))?;
    match unfit {
        Some(error) => Err(error),
        None => parse(&body),
    }
}

/// Returns why a body with these headers is not read, if so.
fn unfit(headers: &HeaderMap) -> Option<ApiError> {
    let refuse = |sentence| ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, sentence);
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let coding = text(header::CONTENT_ENCODING).unwrap_or_default().trim();
    if !coding.is_empty() && !coding.eq_ignore_ascii_case("identity") {
        let named = named(coding, ": ");
        let identity = HeaderValue::from_static("identity");
        return Some(
            refuse(format!(
                "The body is compressed (Content-Encoding{named}), which is not supported. Send it \
                 as plain JSON, without that header."
            ))
            .with_header(header::ACCEPT_ENCODING, identity),
        );
    }
    let kind = headers.get(header::CONTENT_TYPE);
    if kind.is_some_and(is_json) {
        return None;
    }
    let essence = text(header::CONTENT_TYPE).unwrap_or_default();
    let named = named(
        essence.split(';').next().unwrap_or_default().trim(),
        ", not ",
    );
    Some(refuse(format!(
        "Send the body as JSON, with the header Content-Type: application/json{named}."
    )))
}

/// Returns a word of a header behind a separator, if it is a word of HTTP.
fn named(word: &str, separator: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "/.+-".contains(c);
    if word.is_empty() || word.len() > 64 || !word.chars().all(is_word) {
        return String::new();
    }
    format!("{separator}{word}")
}

fn unread_to_its_end(rejection: &BytesRejection) -> ApiError {
    let status = body_error_status(rejection);
    let problem = match status {
        StatusCode::PAYLOAD_TOO_LARGE => TOO_LARGE,
        StatusCode::REQUEST_TIMEOUT => {
            "The body took too long to arrive. Send it again, without pauses."
        }
        _ => "The body could not be read completely.",
    };
    ApiError::new(status, problem)
}

fn is_json(content_type: &HeaderValue) -> bool {
    let text = content_type.to_str().unwrap_or_default();
    let essence = text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let text = unread::text(body).map_err(ApiError::bad_request)?;
    let value: Value = serde_json::from_str(text)
        .map_err(|error| ApiError::bad_request(unread::why(text, &error)))?;
    serde_path_to_error::deserialize(Lenient(value)).map_err(|error| {
        let path = error.path().to_string();
        ApiError::bad_request(sentence(&path, &error.into_inner().to_string()))
    })
}

/// Returns a sentence for serde's error at `path` (`.` for the whole body), in words of JSON and
/// without the value.
fn sentence(path: &str, problem: &str) -> String {
    let subject = if path == "." { "The body" } else { path };
    let missing = problem
        .strip_prefix("missing field `")
        .and_then(|rest| rest.strip_suffix('`'));
    if let Some(field) = missing {
        return match path {
            "." => format!("{field} is missing."),
            _ => format!("{path}.{field} is missing."),
        };
    }
    let Some((found, wanted)) = problem.rsplit_once(", expected ") else {
        return format!("{subject}: {problem}.");
    };
    let wanted = match wanted {
        "i64" | "u64" | "i32" | "u32" | "u16" | "u8" if found.starts_with("invalid value") => {
            return format!("{subject} is out of range.");
        }
        "i64" | "u64" | "i32" | "u32" | "u16" | "u8" => "a whole number",
        "a sequence" => "a list",
        "a map" => "an object",
        "a boolean" => "true or false",
        other => other,
    };
    format!("{subject} must be {wanted}.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Outer {
        inner: Object<Inner>,
        many: Option<Vec<u8>>,
        sure: Option<bool>,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Inner {
        name: String,
    }

    #[test]
    fn sentence_says_what_to_change_in_words_of_json() {
        let inner = || json!({"name": "x"});
        for (body, expected) in [
            (json!([inner(), null, null]), "The body must be an object."),
            (json!("x"), "The body must be an object."),
            (json!({}), "inner is missing."),
            (json!({"inner": {}}), "inner.name is missing."),
            (json!({"inner": ["x"]}), "inner must be an object."),
            (
                json!({"inner": {"name": 5}}),
                "inner.name must be a string.",
            ),
            (json!({"inner": inner(), "many": 5}), "many must be a list."),
            (
                json!({"inner": inner(), "many": [1.5]}),
                "many[0] must be a whole number.",
            ),
            (
                json!({"inner": inner(), "many": [256]}),
                "many[0] is out of range.",
            ),
            (
                json!({"inner": inner(), "sure": "yes"}),
                "sure must be true or false.",
            ),
        ] {
            let parsed = parse::<Object<Outer>>(body.to_string().as_bytes());
            let refused = parsed.map(drop).unwrap_err();
            assert_eq!(refused.message, expected, "{body}");
        }
    }
}
