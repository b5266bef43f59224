//! The page's screen for the world around a simulated phone.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde_json::json;
use simrelay_core::PhoneNumber;
use simrelay_core::receiving::{IncomingSms, Origin};
use simrelay_core::server::{Extra, Server, SimulatedInputError, SimulatedSend, SimulatedWorld};
use simrelay_tests::visitor::Browser;
use simrelay_tests::{Client, Lab};
use tokio::runtime::Handle;

/// A world that has one SIM.
struct World;

impl SimulatedWorld for World {
    fn incoming(
        &self,
        from: &str,
        text: String,
        sim_number: Option<i64>,
    ) -> Result<IncomingSms, SimulatedInputError> {
        match (from.len(), text.len(), sim_number) {
            (0 | 65.., _, _) => Err(SimulatedInputError::From),
            (_, 39_016.., _) => Err(SimulatedInputError::Text { most: 39_015 }),
            (_, _, Some(..=0)) => Err(SimulatedInputError::SimNumber),
            (_, _, Some(2..)) => Err(SimulatedInputError::NoSuchSim(7)),
            _ => {
                let sender = PhoneNumber::new(from);
                let origin = Origin {
                    sender,
                    ..Origin::default()
                };
                Ok(IncomingSms { origin, text })
            }
        }
    }

    fn sent(&self, _: usize) -> Vec<SimulatedSend> {
        Vec::new()
    }
}

/// A gateway whose shell plays the world, as far as the page can tell.
async fn start() -> (Lab, Server) {
    let mut lab = Lab::start().await;
    let extra = Some(Extra {
        routes: Router::new(),
        description: "{}".into(),
        simulator: Some(Arc::new(World)),
        fixed_port: true,
    });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = Server::start(&lab.gateway, &Handle::current(), vec![listener], extra).unwrap();
    lab.client = Client::new(server.addresses()[0], "sms", "password");
    (lab, server)
}

#[tokio::test]
async fn what_comes_in_is_checked_and_a_slip_stands_beside_its_field() {
    let (lab, server) = start().await;
    let browser = Browser::sign_in(&lab).await;
    let long = "1".repeat(65);
    let longer = "x".repeat(39_016);
    for (from, sim, text, field, sentence) in [
        ("", "1", "Hello", "from", "The sender must have 1 to 64"),
        (&*long, "1", "Hello", "from", "The sender must have 1 to 64"),
        (
            "1",
            "7",
            "Hello",
            "sim",
            "Choose one of the SIMs in the list.",
        ),
        (
            "1",
            "-1",
            "Hello",
            "sim",
            "Choose one of the SIMs in the list.",
        ),
        (
            "1",
            "one",
            "Hello",
            "sim",
            "Choose one of the SIMs in the list.",
        ),
        (
            "1",
            "1",
            &*longer,
            "text",
            "The text must have at most 39015",
        ),
    ] {
        let fields = [("from", from), ("sim", sim), ("text", text)];
        let refused = browser.post("/ui/simulator/incoming", &fields).await;
        assert_eq!(refused.status, 400, "{field} {sim}");
        let page = refused.text();
        let (_, form) = page.split_once("id=\"form\"").unwrap();
        let beside = format!("id=\"problem-{field}\">{sentence}");
        assert!(form.contains(&beside), "{beside}: {form}");
        assert!(form.contains(text) && form.contains(&format!("value=\"{from}\"")));
    }
    assert_eq!(lab.client.get("/inbox").await.json(), json!([]));
    let fields = [("from", "+1"), ("sim", "1"), ("text", "Hello\r\nyou")];
    let kept = browser.post("/ui/simulator/incoming", &fields).await;
    assert_eq!(kept.header("location"), "/ui/simulator?done=received");
    let led = browser.client.get("/ui/simulator/incoming").await;
    assert_eq!((led.status, led.header("location")), (303, "/ui/simulator"));
    for _ in 0..12 {
        lab.receive(&"A long text. ".repeat(3_000)).await;
    }
    let page = browser.screen("/ui/simulator").await;
    assert!(page.len() < 20_000, "{}", page.len());
    server.stop(Duration::ZERO).await;
}
