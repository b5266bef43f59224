//! The page: see it, set it, test it. The API serves it on its own socket; it is rendered here,
//! without a build step and without the network.
//!
//! [`visit`] decides what a visitor may do. The screens read from the gateway by the same methods
//! as the API. Reading and saving work without JavaScript; the one script keeps the screen up to
//! date.
//!
//! Cost of a screen: one check of the session, one or two reads by key, a few kilobytes of HTML.

mod about;
mod access;
mod addresses;
mod assets;
mod badges;
mod damage;
mod dead;
mod deliveries;
mod delivery_rows;
mod failure_text;
mod hardening;
pub(crate) mod home;
mod layout;
mod live_updates;
mod logs;
mod message_parts;
mod messages;
mod not_found;
mod outgoing;
mod problem;
mod request;
mod screen;
mod sending;
mod session;
mod setting;
mod settings;
mod sign_in;
mod simulator;
mod times;
mod troubles;
mod untrusted_text;
mod visit;
mod webhook;
mod webhook_form;
mod webhooks;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{any, get};

use not_found::led_to;

use crate::gateway::Gateway;
use crate::http::throttle::Throttle;

pub(crate) use addresses::Listening;
pub(crate) use live_updates::Stopping;
pub use simulator::{SimulatedInputError, SimulatedSend, SimulatedWorld};
pub(crate) use visit::{refuse_elsewhere, refuse_large};

/// The state that the screens share.
#[derive(Clone)]
pub(crate) struct Web {
    pub gateway: Arc<Gateway>,
    pub throttle: Arc<Throttle>,
    /// The world around a simulated phone, if the shell simulates one: then there is a screen for
    /// it.
    pub simulator: Option<Arc<dyn SimulatedWorld>>,
    /// Whether the port is the shell's own choice and cannot be set on the page.
    pub fixed_port: bool,
    /// Limits how many browsers may follow at the same time.
    pub followers: Arc<tokio::sync::Semaphore>,
}

impl Web {
    pub fn new(gateway: Arc<Gateway>, throttle: Arc<Throttle>) -> Self {
        Self {
            gateway,
            throttle,
            simulator: None,
            fixed_port: false,
            followers: Arc::new(tokio::sync::Semaphore::new(live_updates::FOLLOWERS)),
        }
    }
}

/// Returns the routes under `/ui`. `/` itself belongs to the API, which calls [`home::show`].
pub(crate) fn router<S: Clone + Send + Sync + 'static>(web: Web) -> Router<S> {
    let mut routes = Router::new()
        .route("/ui", get(home::redirect))
        .route(
            "/ui/sign-in",
            get(sign_in::form)
                .post(sign_in::sign_in)
                .layer(DefaultBodyLimit::max(visit::SIGN_IN_LIMIT)),
        )
        .route("/ui/sign-in/{secret}", get(sign_in::by_link))
        .route("/ui/sign-out", led_to("/").post(sign_in::sign_out))
        .route("/ui/messages", get(messages::list))
        .route("/ui/message", get(messages::one))
        .route("/ui/webhooks", get(webhooks::list).post(webhooks::save))
        .route("/ui/webhook", get(webhook::one))
        .route(
            "/ui/webhook/delete",
            led_to("/ui/webhooks").post(webhooks::delete),
        )
        .route(
            "/ui/webhook/test",
            led_to("/ui/webhooks").post(webhook::test),
        )
        .route(
            "/ui/webhook/replay",
            led_to("/ui/webhooks").post(deliveries::replay_all),
        )
        .route("/ui/dead", get(dead::list))
        .route("/ui/dead/replay", led_to("/ui/dead").post(dead::replay))
        .route("/ui/dead/discard", led_to("/ui/dead").post(dead::discard))
        .route("/ui/dead/noted", led_to("/").post(dead::noted))
        .route("/ui/delivery", get(deliveries::one))
        .route(
            "/ui/delivery/replay",
            led_to("/ui/webhooks").post(deliveries::replay),
        )
        .route("/ui/settings", get(settings::show).post(settings::save))
        .route("/ui/access", get(access::show).post(access::save))
        .route(
            "/ui/access/signing-key",
            led_to("/ui/access").post(access::signing_key),
        )
        .route("/ui/logs", get(logs::list))
        .route("/ui/recovered", led_to("/").post(damage::acknowledge))
        .route("/ui/about", get(about::show))
        .route("/ui/events", get(live_updates::events))
        .route("/ui/assets/{name}", get(assets::serve));
    if web.simulator.is_some() {
        routes = routes.route("/ui/simulator", get(simulator::show)).route(
            "/ui/simulator/incoming",
            led_to("/ui/simulator").post(simulator::incoming),
        );
    }
    routes
        .route("/ui/{*path}", any(not_found::missing))
        .method_not_allowed_fallback(not_found::wrong_method)
        .layer(middleware::map_response(hardening::harden_all))
        .layer(DefaultBodyLimit::max(visit::FORM_LIMIT))
        .with_state(web)
}
