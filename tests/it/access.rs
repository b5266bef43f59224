//! Who may use the API and where: changed while it runs.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use simrelay_core::server::{LanServer, LanState};
use simrelay_core::{AccessChange, AccessError, Deps, Gateway, OpenError, OpenOptions};
use simrelay_tests::{Client, Lab, device, within};
use tokio::runtime::Handle;

use crate::database;

async fn set(lab: &Lab, change: AccessChange) {
    lab.gateway.set_access(change).await.unwrap();
}

fn port(port: u16) -> AccessChange {
    AccessChange {
        port: Some(port.into()),
        ..AccessChange::default()
    }
}

#[tokio::test]
async fn a_new_password_counts_at_once_and_after_a_restart() {
    let lab = Lab::start().await;
    let change = AccessChange {
        user: Some("me".into()),
        password: Some("another-password".into()),
        port: Some(9_999),
        device_id: Some("old-phone".into()),
    };
    set(&lab, change).await;
    assert_eq!(lab.client.get("/webhooks").await.status, 401);
    let refused = AccessChange {
        password: Some("short".into()),
        user: Some("you".into()),
        device_id: Some("other".into()),
        ..AccessChange::default()
    };
    let error = lab.gateway.set_access(refused).await.unwrap_err();
    assert!(error.to_string().starts_with("password must have 8"));
    assert_eq!(lab.gateway.device_id(), "old-phone");
    let credentials = lab.gateway.credentials();
    assert_eq!(
        (credentials.user.as_str(), credentials.password.as_str()),
        ("me", "another-password")
    );
    assert_eq!(lab.gateway.port(), 9_999);

    let (dir, _clock) = lab.crash().await;
    let opened = tokio::task::spawn_blocking(move || {
        let gateway = Gateway::open(dir.path(), OpenOptions::default(), Deps::system(device()));
        let gateway = gateway.unwrap();
        (gateway.credentials(), gateway.port())
    });
    let (kept, port) = opened.await.unwrap();
    assert_eq!((kept.password.as_str(), port), ("another-password", 9_999));
}

/// Another program on a port, for IPv6 and IPv4 alike.
fn taken() -> (TcpListener, u16) {
    let listener = TcpListener::bind("[::]:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

async fn state(server: &LanServer, wanted: impl Fn(&LanState) -> bool) -> LanState {
    let mut state = server.state();
    let reached = within("the API gets there", state.wait_for(|state| wanted(state)));
    reached.await.unwrap().clone()
}

async fn answers(address: &str, port: u16) {
    let address: SocketAddr = format!("{address}:{port}").parse().unwrap();
    let client = Client::new(address, "sms", "password");
    assert_eq!(client.get("/webhooks").await.status, 200, "{address}");
}

#[tokio::test]
async fn a_taken_port_is_told_and_tried_again_while_messages_come_in() {
    let lab = Lab::start().await;
    let (other, first) = taken();
    set(&lab, port(first)).await;
    let server = LanServer::start(&lab.gateway, &Handle::current());
    let waiting = state(&server, |state| matches!(state, LanState::Waiting(_))).await;
    let LanState::Waiting(sentence) = waiting else {
        panic!("{waiting:?}")
    };
    assert!(
        sentence.contains(&first.to_string()) && sentence.contains("in use"),
        "{sentence}"
    );
    lab.receive("meanwhile").await;
    drop(other);
    let freed = async {
        while !matches!(*server.state().borrow(), LanState::Serving(_)) {
            lab.clock.advance(Duration::from_secs(60));
            tokio::task::yield_now().await;
        }
    };
    within("the port is tried again", freed).await;
    answers("127.0.0.1", first).await;
    answers("[::1]", first).await;

    let (other, second) = taken();
    drop(other);
    set(&lab, port(second)).await;
    let moved = |state: &LanState| matches!(state, LanState::Serving(at) if at.iter().any(|at| at.port() == second));
    state(&server, moved).await;
    answers("127.0.0.1", second).await;
    server.stop(Duration::ZERO).await;
    assert!(TcpListener::bind(("127.0.0.1", second)).is_ok());
}

#[tokio::test]
async fn a_kept_password_stays_valid_that_a_new_one_may_not_be() {
    let (dir, _) = Lab::start().await.crash().await;
    let file = dir.path().join("simrelay.db");
    let sql = "UPDATE meta SET value = 'pw' WHERE key = 'password'";
    assert_eq!(database::database(&file).execute(sql, []).unwrap(), 1);
    let opened = tokio::task::spawn_blocking(move || {
        ["pw", "other", "pw", "new-password"].map(|password| {
            let options = OpenOptions {
                password: Some(password.into()),
                ..OpenOptions::default()
            };
            let opened = Gateway::open(dir.path(), options, Deps::system(device()));
            opened.map(|gateway| gateway.credentials().password.clone())
        })
    });
    let [kept, other, again, new] = opened.await.unwrap();
    assert!(matches!(
        other,
        Err(OpenError::Access(AccessError::Password))
    ));
    for (opened, expected) in [(kept, "pw"), (again, "pw"), (new, "new-password")] {
        assert_eq!(opened.unwrap(), expected);
    }
}
