//! Bodies of requests: their time limit, their announced length, and the status if one could not be
//! read.

use std::error::Error;
use std::time::Duration;

use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};

/// How long a body may take after its head.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// A body did not arrive completely in time.
#[derive(Debug, thiserror::Error)]
#[error("the body took longer than {} s", BODY_TIMEOUT.as_secs())]
pub(crate) struct LateBody;

/// Returns the body length that a request announces; 0 if it announces none.
pub(crate) fn announced(headers: &HeaderMap) -> u64 {
    let length = headers.get(header::CONTENT_LENGTH);
    let text = length.and_then(|value| value.to_str().ok());
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Returns the status for a body that was not read completely: 413 too large, 408 too late,
/// otherwise 400.
pub(crate) fn body_error_status(rejection: &BytesRejection) -> StatusCode {
    let mut causes = std::iter::successors(rejection.source(), |cause| Error::source(*cause));
    if causes.any(<dyn Error>::is::<LateBody>) {
        return StatusCode::REQUEST_TIMEOUT;
    }
    rejection.status()
}
