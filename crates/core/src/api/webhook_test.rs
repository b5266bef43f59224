//! The test of a webhook, which shows why its deliveries do not arrive.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::deliveries::{filled, no_webhook};
use super::error::{ApiError, AuthErrors, NotFoundErrors, QueryErrors, StoreErrors};
use super::in_path::InPath;
use super::json::Json;
use crate::gateway::{Gateway, TestError};
use crate::webhooks::{Diagnosis, Step};

/// The result of a test.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookTest)]
pub(super) struct TestBody {
    /// The receiver accepted the test event.
    ok: bool,
    /// In order, up to the first that failed.
    steps: Vec<StepBody>,
    /// The receiver's HTTP status, if one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    status: Option<u16>,
    /// The beginning of the receiver's answer, if it had a body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    answer_head: Option<String>,
}

/// A step on the way to a receiver.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookTestStep)]
pub(super) struct StepBody {
    /// `url`, `network`, `name`, `connection`, `tls` or `http`.
    name: &'static str,
    ok: bool,
    /// Milliseconds.
    duration_ms: u64,
    /// What was found, such as addresses or the certificate's names, issuer and last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    fix: Option<String>,
}

/// Sends a test event and reports each step on the way to the receiver
///
/// The event is `system:test`, which nothing else sends. It is signed, and the rules, trust and limits
/// are those of deliveries. Nothing is queued or retried.
#[utoipa::path(
    post, path = "/webhooks/{id}/test", tag = "deliveries",
    params(("id" = String, Path, description = "The webhook's id, url-encoded.")),
    responses(
        (status = 200, body = TestBody, description = "The result, also if the test failed."),
        AuthErrors, QueryErrors, NotFoundErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["webhooks:write"])),
)]
pub(super) async fn test(
    State(gateway): State<Arc<Gateway>>,
    InPath(id): InPath<String>,
) -> Result<Json<TestBody>, ApiError> {
    let diagnosis = gateway.test_webhook(&id).await?;
    Ok(Json(TestBody::from(diagnosis)))
}

impl From<TestError> for ApiError {
    fn from(error: TestError) -> Self {
        match error {
            TestError::Unknown => no_webhook(),
            TestError::Store(error) => error.into(),
            TestError::Internal(ref cause) => {
                tracing::error!(%cause, "a webhook could not be tested");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
            }
        }
    }
}

impl From<Diagnosis> for TestBody {
    fn from(diagnosis: Diagnosis) -> Self {
        Self {
            ok: diagnosis.ok(),
            status: Some(diagnosis.status).filter(|status| *status > 0),
            answer_head: filled(diagnosis.answer_head),
            steps: diagnosis.steps.into_iter().map(StepBody::from).collect(),
        }
    }
}

impl From<Step> for StepBody {
    fn from(step: Step) -> Self {
        Self {
            name: step.name.as_str(),
            ok: step.reason.is_none(),
            duration_ms: u64::try_from(step.duration.as_millis()).unwrap_or(u64::MAX),
            detail: filled(step.detail),
            reason: step.reason,
            fix: filled(step.fix),
        }
    }
}
