//! JSON answers.

use std::marker::PhantomData;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A JSON answer.
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(mut body) => {
                // A shell's prompt then begins on a new line.
                body.push(b'\n');
                ([(header::CONTENT_TYPE, JSON)], body).into_response()
            }
            Err(error) => {
                tracing::error!(%error, "a response cannot be written as JSON");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// A JSON answer that was encoded on the thread that read its rows.
pub(super) struct Encoded<T> {
    body: Vec<u8>,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize> Encoded<T> {
    pub fn new(value: &T) -> serde_json::Result<Self> {
        let mut body = serde_json::to_vec(value)?;
        body.push(b'\n');
        let of = PhantomData;
        Ok(Self { body, of })
    }
}

impl<T> IntoResponse for Encoded<T> {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, JSON)], self.body).into_response()
    }
}
