//! The simulator's routes (protocol.md 5): the phone's outside world, under the API's own
//! authentication. They exist on the host only.

mod inbox;
mod incoming;
pub mod modem;
mod outgoing;
mod world;

use std::sync::Arc;

use axum::extract::FromRef;
pub use inbox::SimulatedInbox;
use modem::SimulatedModem;

use simrelay_core::Gateway;
use simrelay_core::api::Extra;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the routes share.
#[derive(Clone)]
pub struct Simulator {
    pub gateway: Arc<Gateway>,
    pub modem: Arc<SimulatedModem>,
    pub inbox: Arc<SimulatedInbox>,
}

impl FromRef<Simulator> for Arc<Gateway> {
    fn from_ref(simulator: &Simulator) -> Self {
        Arc::clone(&simulator.gateway)
    }
}

/// All of them.
pub fn routes(simulator: Simulator) -> Extra {
    let stored = OpenApiRouter::<inbox::Store>::new()
        .routes(routes!(inbox::add))
        .with_state(inbox::Store {
            gateway: Arc::clone(&simulator.gateway),
            inbox: Arc::clone(&simulator.inbox),
        });
    let (routes, openapi) = OpenApiRouter::<Simulator>::new()
        .routes(routes!(incoming::one))
        .routes(routes!(incoming::batch))
        .routes(routes!(outgoing::list))
        .routes(routes!(world::network))
        .routes(routes!(world::battery))
        .with_state(simulator)
        .merge(stored)
        .split_for_parts();
    Extra {
        routes,
        description: serde_json::to_value(openapi).unwrap_or_default(),
    }
}
