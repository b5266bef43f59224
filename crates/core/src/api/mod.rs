//! The local HTTP API (protocol.md 1). One file per resource; every route is described for OpenAPI
//! where it is defined.

mod access;
mod attachments;
pub(crate) mod auth;
mod deliveries;
mod description;
mod devices;
mod docs;
mod error;
mod health;
mod in_path;
mod inbox;
mod inbox_requests;
mod json;
mod json_body;
mod lenient;
mod logs;
mod message_shapes;
mod messages;
pub(crate) mod parameters;
mod query;
mod root;
mod routes;
mod settings;
mod tokens;
mod unread;
mod webhook_test;
mod webhooks;

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use serde::Serialize;

pub use error::{ApiError, ErrorBody};
pub use error::{AuthErrors, BodyErrors, ConflictErrors, NotFoundErrors, QueryErrors, StoreErrors};
use json::Encoded;
pub use json::Json;
pub use json_body::{JsonBody, JsonList};

use crate::gateway::Gateway;
use crate::http::throttle::Throttle;
use crate::store::{Patience, Snapshot, StoreError};

/// The size limit of a body.
pub(crate) const BODY_LIMIT: usize = 1024 * 1024;
pub(crate) const TOO_LARGE: &str = "The body is larger than 1 MiB.";

/// The state that the handlers share.
#[derive(Clone)]
pub(crate) struct ApiState {
    gateway: Arc<Gateway>,
    throttle: Arc<Throttle>,
    docs: Arc<docs::Docs>,
    access: Arc<access::Access>,
    parameters: Arc<parameters::Parameters>,
}

impl FromRef<ApiState> for Arc<Gateway> {
    fn from_ref(state: &ApiState) -> Self {
        Arc::clone(&state.gateway)
    }
}

impl FromRef<ApiState> for Arc<docs::Docs> {
    fn from_ref(state: &ApiState) -> Self {
        Arc::clone(&state.docs)
    }
}

impl ApiState {
    /// Makes the state; `more` describes the routes of the shell, as OpenAPI in JSON.
    pub fn new(
        gateway: &Arc<Gateway>,
        throttle: &Arc<Throttle>,
        more: Option<&Cow<'static, str>>,
    ) -> Self {
        let own = docs::own_description();
        let mut access = access::Access::new(&own);
        let mut parameters = parameters::Parameters::new(&own);
        if let Some(more) = more {
            access.extend(more);
            parameters.extend(more);
        }
        Self {
            access: Arc::new(access),
            parameters: Arc::new(parameters),
            throttle: Arc::clone(throttle),
            docs: Arc::new(docs::Docs::new(more.cloned())),
            gateway: Arc::clone(gateway),
        }
    }
}

/// Returns the routes, and the answers for paths and methods without a route.
pub(crate) fn routes() -> Router<ApiState> {
    routes::served()
        .merge(docs::other_names())
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
}

/// Reads a few rows off the runtime's workers.
async fn read<T: Send + 'static>(
    gateway: &Arc<Gateway>,
    work: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    gateway.store().read_soon(work).await
}

/// Reads a list and makes its answer off the runtime's workers; lists wait for their turn.
async fn list<T: Serialize + 'static, U: Send + 'static>(
    gateway: &Arc<Gateway>,
    work: impl FnOnce(&Snapshot<'_>) -> Result<(T, U), StoreError> + Send + 'static,
) -> Result<(Encoded<T>, U), StoreError> {
    let encoded = move |snapshot: &Snapshot<'_>| {
        let (list, more) = work(snapshot)?;
        Ok((Encoded::new(&list)?, more))
    };
    gateway.store().list(Patience::Bounded, encoded).await
}
