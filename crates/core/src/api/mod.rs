//! The local HTTP API (protocol.md 1). One file per resource; every route is described for OpenAPI
//! where it is defined.

mod access;
mod attachments;
mod auth;
mod connection;
pub(crate) mod deliveries;
mod description;
mod devices;
mod docs;
mod error;
mod framing;
mod gate;
mod health;
mod inbox;
mod inbox_requests;
mod json;
mod lan;
mod lenient;
mod logs;
mod message_shapes;
mod messages;
mod origin;
mod parameters;
mod paths;
mod places;
mod query;
mod root;
mod routes;
mod server;
mod settings;
mod socket;
mod throttle;
mod tokens;
mod unread;
mod webhook_test;
mod webhooks;

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};

use axum::middleware;

use serde::Serialize;
use tower::ServiceBuilder;

pub use error::{ApiError, ErrorBody};
pub use error::{AuthErrors, BodyErrors, ConflictErrors, NotFoundErrors, QueryErrors, StoreErrors};
pub(crate) use framing::announced;
use json::Encoded;
pub(crate) use json::status_of;
pub use json::{Json, JsonBody, JsonList};
pub use lan::{LanServer, LanState};
pub(crate) use origin::{Site, site_of};
pub(crate) use places::note_known;
pub use server::Server;

use crate::gateway::Gateway;
use crate::store::{Patience, Snapshot, StoreError};
use crate::web::Web;
pub(crate) use throttle::Throttle;

/// The largest body that is read.
const BODY_LIMIT: usize = 1024 * 1024;
const TOO_LARGE: &str = "The body is larger than 1 MiB.";

/// What the handlers share.
#[derive(Clone)]
struct ApiState {
    gateway: Arc<Gateway>,
    throttle: Arc<Throttle>,
    docs: Arc<docs::Docs>,
    access: Arc<access::Access>,
    parameters: Arc<parameters::Parameters>,
    web: Web,
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

/// Routes of the shell, with their part of the description.
pub struct Extra {
    /// The routes.
    pub routes: Router,
    /// OpenAPI as JSON, of which `paths` and `components.schemas` are taken.
    pub description: Cow<'static, str>,
}

/// The API as a router, without a socket. `extra` gets the same authentication, errors and
/// documentation. Every route says in its description (`security`) which scopes open it, and that is
/// what holds.
pub fn router(gateway: Arc<Gateway>, extra: Option<Extra>) -> Router {
    let mut served = routes::served();
    let own = docs::own_description();
    let mut access = access::Access::new(&own);
    let mut parameters = parameters::Parameters::new(&own);
    let mut more = None;
    if let Some(Extra {
        routes,
        description,
    }) = extra
    {
        access.extend(&description);
        parameters.extend(&description);
        served = served.merge(routes.with_state(()));
        more = Some(description);
    }
    let throttle = Arc::new(Throttle::new(Arc::clone(gateway.clock())));
    // The page has a screen for the simulator where the shell has its routes.
    let simulator = access.describes("/simulator/incoming");
    let web = Web::new(Arc::clone(&gateway), Arc::clone(&throttle), simulator);
    let state = ApiState {
        access: Arc::new(access),
        parameters: Arc::new(parameters),
        web: web.clone(),
        throttle,
        docs: Arc::new(docs::Docs::new(more)),
        gateway,
    };
    served
        .merge(docs::other_names())
        .merge(crate::web::router(web))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(
            ServiceBuilder::new()
                .layer(DefaultBodyLimit::max(BODY_LIMIT))
                .layer(middleware::from_fn_with_state(
                    Arc::new(state.clone()),
                    gate::pass,
                )),
        )
        .with_state(state)
}

/// Whether a path belongs to the page, which has sessions and refusals of its own.
fn is_of_page(path: &str) -> bool {
    path == "/ui" || path.starts_with("/ui/")
}

/// Reads a few rows off the runtime's workers.
async fn read<T: Send + 'static>(
    gateway: &Arc<Gateway>,
    work: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    gateway.store().read_soon(work).await
}

/// Reads a list and makes the answer of it off the runtime's workers, in its turn.
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
