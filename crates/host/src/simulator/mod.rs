//! The simulator's routes (protocol.md 5): the phone's outside world, under the API's own
//! authentication. They exist on the host only.

mod inbox;
mod incoming;
mod input;
pub mod modem;
mod outgoing;
mod world;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post, put};
pub use inbox::SimulatedInbox;
use modem::SimulatedModem;

use simrelay_core::Gateway;
use simrelay_core::receiving::IncomingSms;
use simrelay_core::server::{Extra, SimulatedInputError, SimulatedSend, SimulatedWorld};

/// The state that the routes share.
#[derive(Clone)]
pub struct Simulator {
    pub gateway: Arc<Gateway>,
    pub modem: Arc<SimulatedModem>,
    pub inbox: Arc<SimulatedInbox>,
}

impl SimulatedWorld for Simulator {
    fn incoming(
        &self,
        from: &str,
        text: String,
        sim_number: Option<i64>,
    ) -> Result<IncomingSms, SimulatedInputError> {
        input::sms(&self.gateway, from, text, sim_number)
    }

    fn sent(&self, most: usize) -> Vec<SimulatedSend> {
        self.modem.newest(most)
    }
}

impl FromRef<Simulator> for Arc<Gateway> {
    fn from_ref(simulator: &Simulator) -> Self {
        Arc::clone(&simulator.gateway)
    }
}

/// Returns all routes. Their description is a file, like that of the API, because making it at
/// every start took a megabyte: `cargo xtask openapi` writes it, and a test compares it with the
/// code.
pub fn routes(simulator: Simulator) -> Extra {
    let stored = Router::new()
        .route("/simulator/inbox", post(inbox::add))
        .with_state(inbox::Store {
            gateway: Arc::clone(&simulator.gateway),
            inbox: Arc::clone(&simulator.inbox),
        });
    let routes = Router::new()
        .route("/simulator/incoming", post(incoming::one))
        .route("/simulator/incoming/batch", post(incoming::batch))
        .route("/simulator/outgoing", get(outgoing::list))
        .route("/simulator/network", put(world::network))
        .route("/simulator/battery", put(world::battery))
        .with_state(simulator.clone())
        .merge(stored);
    Extra {
        routes,
        description: include_str!("openapi.json").into(),
        simulator: Some(Arc::new(simulator)),
        // The port is that of --listen.
        fixed_port: true,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use utoipa_axum::router::OpenApiRouter;
    use utoipa_axum::routes;

    use super::*;

    /// If `SIMRELAY_WRITE_OPENAPI` is set, this test writes the file, for `cargo xtask openapi`.
    #[test]
    fn the_description_is_that_of_the_code() {
        let stored = OpenApiRouter::<inbox::Store>::new().routes(routes!(inbox::add));
        let described = OpenApiRouter::<Simulator>::new()
            .routes(routes!(incoming::one))
            .routes(routes!(incoming::batch))
            .routes(routes!(outgoing::list))
            .routes(routes!(world::network))
            .routes(routes!(world::battery));
        let mut made = described.into_openapi();
        made.merge(stored.into_openapi());
        let made = made.to_pretty_json().unwrap() + "\n";
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/simulator/openapi.json");
        if std::env::var_os("SIMRELAY_WRITE_OPENAPI").is_some() {
            fs::write(file, &made).unwrap();
        }
        let kept = fs::read_to_string(file).unwrap();
        assert!(
            kept == made,
            "the routes changed; run `cargo xtask openapi`"
        );
    }
}
