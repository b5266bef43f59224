//! JSON in and out, with errors in our shape.

use std::error::Error;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::connection::LateBody;
use super::error::ApiError;

/// A JSON answer.
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        const JSON: HeaderValue = HeaderValue::from_static("application/json");
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(header::CONTENT_TYPE, JSON)], body).into_response(),
            Err(error) => {
                tracing::error!(%error, "an answer cannot be written as JSON");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// A JSON request body.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(is_json);
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| unread(&rejection))?;
        if !is_json {
            return Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Send the body as JSON, with the header Content-Type: application/json.",
            ));
        }
        parse(&body).map(Self)
    }
}

/// Why a body was not read to its end: 413 too large, 408 too late, else 400.
pub(crate) fn status_of(rejection: &BytesRejection) -> StatusCode {
    let mut causes = std::iter::successors(rejection.source(), |cause| Error::source(*cause));
    if causes.any(<dyn Error>::is::<LateBody>) {
        return StatusCode::REQUEST_TIMEOUT;
    }
    rejection.status()
}

fn unread(rejection: &BytesRejection) -> ApiError {
    let status = status_of(rejection);
    let problem = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "The body is larger than 1 MiB.",
        StatusCode::REQUEST_TIMEOUT => {
            "The body did not come to its end in time. Send it again, in one go."
        }
        _ => "The body could not be read to its end.",
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
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        ApiError::bad_request(format!(
            "The body is not valid JSON (line {}, column {}).",
            error.line(),
            error.column()
        ))
    })?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let problem = plain(&error.into_inner().to_string());
        let subject = if path == "." {
            "The body".to_owned()
        } else {
            path
        };
        ApiError::bad_request(format!("{subject}: {problem}."))
    })
}

/// serde names the types of Rust where it expects a number; a client knows numbers only.
fn plain(problem: &str) -> String {
    ["i64", "u64", "i32", "u32", "u16", "u8"]
        .iter()
        .find_map(|name| problem.strip_suffix(&format!("expected {name}")))
        .map_or_else(
            || problem.to_owned(),
            |start| format!("{start}expected a whole number"),
        )
}
