//! The simulator's routes (protocol.md 5): the phone's outside world, under the API's own
//! authentication. They exist on the host only.

mod inbox;
mod incoming;
mod world;

use std::sync::Arc;

pub use inbox::SimulatedInbox;

use simrelay_core::Gateway;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// All of them.
pub fn routes(gateway: Arc<Gateway>, phone: Arc<SimulatedInbox>) -> OpenApiRouter {
    let stored = OpenApiRouter::<inbox::Store>::new()
        .routes(routes!(inbox::add))
        .with_state(inbox::Store {
            gateway: Arc::clone(&gateway),
            inbox: phone,
        });
    OpenApiRouter::<Arc<Gateway>>::new()
        .routes(routes!(incoming::one))
        .routes(routes!(incoming::batch))
        .routes(routes!(world::network))
        .routes(routes!(world::battery))
        .with_state(gateway)
        .merge(stored)
}
