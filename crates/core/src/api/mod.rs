//! The local HTTP API (protocol.md 1). One file per resource; every route is described for OpenAPI
//! where it is defined.

mod attachments;
mod auth;
mod devices;
mod docs;
mod error;
mod health;
mod inbox;
mod inbox_requests;
mod json;
mod lan;
mod logs;
mod paths;
mod query;
mod root;
mod server;
mod settings;
mod throttle;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::{HeaderName, Request};
use axum::middleware;
use tower_http::request_id::{
    MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use error::{ApiError, ErrorBody};
pub use error::{AuthErrors, BodyErrors, NotFoundErrors, QueryErrors, StoreErrors};
pub use json::{Json, JsonBody};
pub use lan::{LanServer, LanState};
pub use server::Server;

use crate::gateway::Gateway;
use crate::store::{Snapshot, StoreError};
use throttle::Throttle;

/// The largest body that is read.
const BODY_LIMIT: usize = 1024 * 1024;

/// What the handlers share.
#[derive(Clone)]
struct ApiState {
    gateway: Arc<Gateway>,
    throttle: Arc<Throttle>,
    docs: Arc<docs::Docs>,
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

/// The API as a router, without a socket. `extra` are routes of the shell, which get the same
/// authentication, errors and documentation.
pub fn router(gateway: Arc<Gateway>, extra: Option<OpenApiRouter>) -> Router {
    let documented = OpenApiRouter::<ApiState>::with_openapi(docs::base())
        .routes(routes!(root::root))
        .routes(routes!(health::health))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::startup))
        .routes(routes!(devices::list))
        .routes(routes!(inbox::list))
        .routes(routes!(attachments::get))
        .routes(routes!(inbox_requests::refresh))
        .routes(routes!(inbox_requests::export))
        .routes(routes!(webhooks::list, webhooks::register))
        .routes(routes!(webhooks::delete))
        .routes(routes!(settings::get, settings::patch, settings::put))
        .routes(routes!(logs::list))
        .routes(routes!(docs::openapi))
        .routes(routes!(docs::page));
    let (mut routes, mut openapi) = documented.split_for_parts();
    if let Some(extra) = extra {
        let (more, described) = extra.split_for_parts();
        openapi.merge(described);
        routes = routes.merge(more.with_state(()));
    }
    let state = ApiState {
        throttle: Arc::new(Throttle::new(Arc::clone(gateway.clock()))),
        docs: Arc::new(docs::Docs::new(&openapi)),
        gateway,
    };
    routes
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(middleware::from_fn_with_state(state.clone(), auth::require))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, FreshId))
        .with_state(state)
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone)]
struct FreshId;

impl MakeRequestId for FreshId {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        crate::id::fresh().parse().ok().map(RequestId::new)
    }
}

/// Reads from the store off the runtime's workers.
async fn read<T: Send + 'static>(
    gateway: &Arc<Gateway>,
    work: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let store = Arc::clone(gateway.store());
    let reading = tokio::task::spawn_blocking(move || store.read(work));
    reading
        .await
        .unwrap_or_else(|error| Err(StoreError::internal(error)))
}
