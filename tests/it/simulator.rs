//! The page's screen for the world around a simulated phone.

use std::net::TcpListener;
use std::time::Duration;

use axum::Router;
use serde_json::json;
use simrelay_core::api::{Extra, Server};
use simrelay_tests::visitor::Browser;
use simrelay_tests::{Client, Lab};
use tokio::runtime::Handle;

/// A gateway whose shell plays the world, as far as the page can tell.
async fn start() -> (Lab, Server) {
    let mut lab = Lab::start().await;
    let extra = Some(Extra {
        routes: Router::new(),
        description: r#"{"paths": {"/simulator/incoming": {}}}"#.into(),
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
