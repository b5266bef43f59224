//! The errors of the API: a status and one sentence (protocol.md 1.1).

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use super::json::Json;
use crate::gateway::ChangeSettingsError;
use crate::model::phone_store::PhoneInboxError;
use crate::phone_inbox::InboxRequestError;
use crate::receiving::ReceiveError;
use crate::store::StoreError;
use crate::webhooks::RegisterError;

/// The body of every error.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    /// A sentence that says what to change.
    pub message: String,
}

/// An error answer.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    pub(super) message: String,
    header: Option<(HeaderName, HeaderValue)>,
}

impl ApiError {
    /// Makes an error with that status and sentence.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            header: None,
        }
    }

    /// Makes a 400, whose sentence says what to change.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (
            self.status,
            Json(ErrorBody {
                message: self.message,
            }),
        )
            .into_response();
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let status = match &error {
            // The store logged the cause.
            StoreError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        let answer = Self::new(status, error.to_string());
        if let StoreError::Busy = error {
            let (name, value) = retry_after(2);
            return answer.with_header(name, value);
        }
        answer
    }
}

impl From<RegisterError> for ApiError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Invalid(unfit) => Self::bad_request(unfit.to_string()),
            RegisterError::Taken | RegisterError::Gone => {
                Self::new(StatusCode::CONFLICT, error.to_string())
            }
            RegisterError::Store(error) => error.into(),
        }
    }
}

impl From<ChangeSettingsError> for ApiError {
    fn from(error: ChangeSettingsError) -> Self {
        match error {
            ChangeSettingsError::Invalid(error) => Self::bad_request(error.to_string()),
            ChangeSettingsError::Store(error) => error.into(),
        }
    }
}

impl From<InboxRequestError> for ApiError {
    fn from(error: InboxRequestError) -> Self {
        match error {
            InboxRequestError::Phone(problem) => {
                if let PhoneInboxError::Failed(cause) = &problem {
                    tracing::warn!(%cause, "the phone's store cannot be read");
                }
                Self::new(StatusCode::SERVICE_UNAVAILABLE, problem.to_string())
            }
            InboxRequestError::Store(error) => error.into(),
        }
    }
}

impl From<ReceiveError> for ApiError {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Store(error) => error.into(),
            other => Self::bad_request(other.to_string()),
        }
    }
}

pub(super) async fn not_found() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "There is no such route. GET /docs lists all routes.",
    )
}

pub(super) async fn method_not_allowed() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "This route does not support this method. GET /docs lists all routes.",
    )
}

/// Unauthorized answers, for the documentation of routes.
#[derive(IntoResponses)]
pub enum AuthErrors {
    /// Credentials are missing or wrong.
    #[response(status = 401, headers(("WWW-Authenticate" = String, description = "`Basic realm=\"SimRelay\"`")))]
    Unauthorized(#[to_schema] ErrorBody),
    /// The token lacks the required scope.
    #[response(status = 403)]
    Forbidden(#[to_schema] ErrorBody),
    /// Thirty wrong passwords in a minute from this address.
    #[response(status = 429, headers(("Retry-After" = u64, description = "Seconds to wait")))]
    Throttled(#[to_schema] ErrorBody),
    /// Internal error of the gateway.
    #[response(status = 500)]
    Internal(#[to_schema] ErrorBody),
    /// The token cannot be checked now.
    #[response(status = 503)]
    Unavailable(#[to_schema] ErrorBody),
}

/// Answers to a bad query or path, for the documentation of routes.
#[derive(IntoResponses)]
pub enum QueryErrors {
    /// A parameter is wrong; the sentence says what to change.
    #[response(status = 400)]
    BadRequest(#[to_schema] ErrorBody),
}

/// Answers to a path that names what is not there, for the documentation of routes.
#[derive(IntoResponses)]
pub enum NotFoundErrors {
    /// The path names something that does not exist.
    #[response(status = 404)]
    NotFound(#[to_schema] ErrorBody),
}

/// Answers to a bad body, for the documentation of routes.
#[derive(IntoResponses)]
pub enum BodyErrors {
    /// The JSON or a field is wrong; the sentence says what to change. Nothing was changed.
    #[response(status = 400)]
    BadRequest(#[to_schema] ErrorBody),
    /// The request body took longer than a minute.
    #[response(status = 408)]
    TooSlow(#[to_schema] ErrorBody),
    /// The body is over 1 MiB.
    #[response(status = 413)]
    TooLarge(#[to_schema] ErrorBody),
    /// The content type is not JSON.
    #[response(status = 415)]
    NotJson(#[to_schema] ErrorBody),
}

/// Answers to what cannot be done as things stand, for the documentation of routes.
#[derive(IntoResponses)]
pub enum ConflictErrors {
    /// Not possible in the current state; the sentence says why.
    #[response(status = 409)]
    Conflict(#[to_schema] ErrorBody),
}

/// Answers of a store that cannot, for the documentation of routes.
#[derive(IntoResponses)]
pub enum StoreErrors {
    /// Internal error of the gateway.
    #[response(status = 500)]
    Internal(#[to_schema] ErrorBody),
    /// Not possible now: starting, stopping, disk full or failing, or too many lists (with
    /// `Retry-After`).
    #[response(status = 503)]
    Unavailable(#[to_schema] ErrorBody),
}

pub(super) fn retry_after(seconds: u64) -> (HeaderName, HeaderValue) {
    (header::RETRY_AFTER, HeaderValue::from(seconds))
}
