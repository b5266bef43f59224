//! The API and the page as one router on its sockets: the limits of a connection ([`connection`],
//! [`socket`]), the path that is routed ([`paths`]), and the checks that every request passes
//! before its route ([`gate`]).

mod connection;
mod cross_site;
mod framing;
mod gate;
mod lan;
mod listener;
mod paths;
mod socket;

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use tower::ServiceBuilder;

use crate::api::{self, ApiState, BODY_LIMIT};
use crate::gateway::Gateway;
use crate::http::throttle::Throttle;
use crate::web::{self, Web};

pub use crate::web::{SimulatedInputError, SimulatedSend, SimulatedWorld};
pub use lan::{LanServer, LanState};
pub use listener::Server;

/// A shell's additions to the API and the page.
pub struct Extra {
    /// More routes, under the same authentication and errors.
    pub routes: Router,
    /// Their OpenAPI document as JSON; its `paths` and `components.schemas` are used.
    pub description: Cow<'static, str>,
    /// The world around a simulated phone, for the page.
    pub simulator: Option<Arc<dyn SimulatedWorld>>,
    /// Whether the port is the shell's own choice and cannot be set on the page.
    pub fixed_port: bool,
}

/// Makes the router of the API and the page, without a socket. `extra` gets the same
/// authentication, errors and documentation. The description of every route names the scopes that
/// open it (`security`), and the gateway enforces them.
pub fn router(gateway: &Arc<Gateway>, extra: Option<Extra>) -> Router {
    let throttle = Arc::new(Throttle::new(Arc::clone(gateway.clock())));
    let description = extra.as_ref().map(|extra| &extra.description);
    let state = ApiState::new(gateway, &throttle, description);
    let mut web = Web::new(Arc::clone(gateway), throttle);
    if let Some(extra) = &extra {
        web.simulator = extra.simulator.clone();
        web.fixed_port = extra.fixed_port;
    }
    let gate = gate::Gate {
        api: state.clone(),
        web: web.clone(),
    };
    let mut routes = api::routes();
    if let Some(extra) = extra {
        routes = routes.merge(extra.routes.with_state(()));
    }
    routes
        .merge(web::router(web))
        .layer(
            ServiceBuilder::new()
                .layer(DefaultBodyLimit::max(BODY_LIMIT))
                .layer(middleware::from_fn_with_state(Arc::new(gate), gate::pass)),
        )
        .with_state(state)
}

/// Returns whether a path belongs to the page, which has its own sessions and refusals.
fn is_of_page(path: &str) -> bool {
    path == "/ui" || path.starts_with("/ui/")
}
