//! Converts the status to JSON.

use serde::Serialize;
use simrelay_core::clock::UnixMillis;
use simrelay_core::device::Health;
use simrelay_core::server::LanState;

use crate::boundary::Failure;
use crate::slot::Open;

/// The answer of `status`. Before `open` every member is empty except the version.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusJson {
    opened: bool,
    started: bool,
    serving: bool,
    addresses: Vec<String>,
    port: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    port_problem: Option<String>,
    user: String,
    password: String,
    device_id: String,
    pending: u32,
    dead: u32,
    unsent: bool,
    writable: bool,
    /// Whether damage was met in the database and not repaired.
    damaged: bool,
    /// Whether the next opening recovers the database.
    needs_recovery: bool,
    /// Whether the database was recovered and the owner has not acknowledged it.
    recovered: bool,
    /// Unix milliseconds; 0 for never.
    last_received_at: i64,
    last_delivered_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<Health>,
    internet_required: bool,
    version: &'static str,
}

/// Returns the status of that gateway, or of none.
pub(crate) fn json(open: Option<&Open>) -> Result<String, Failure> {
    let status = match open {
        Some(open) => of(open)?,
        None => StatusJson {
            version: env!("CARGO_PKG_VERSION"),
            ..StatusJson::default()
        },
    };
    serde_json::to_string(&status).map_err(|error| Failure::State(error.to_string()))
}

fn of(open: &Open) -> Result<StatusJson, Failure> {
    let gateway = &open.gateway;
    let status = gateway.status()?;
    let credentials = gateway.credentials();
    let server = open
        .server()
        .as_ref()
        .map(|server| server.state().borrow().clone());
    let (addresses, port_problem) = match server {
        Some(LanState::Serving(addresses)) => (addresses, None),
        Some(LanState::Waiting(sentence)) => (Vec::new(), Some(sentence)),
        Some(LanState::Starting | LanState::Stopped) | None => (Vec::new(), None),
    };
    let millis = |at: Option<UnixMillis>| at.map_or(0, |at| at.0);
    Ok(StatusJson {
        opened: true,
        started: status.started,
        serving: !addresses.is_empty(),
        addresses: addresses.iter().map(ToString::to_string).collect(),
        port: gateway.port(),
        port_problem,
        user: credentials.user.clone(),
        password: credentials.password.clone(),
        device_id: gateway.device_id(),
        pending: status.pending,
        dead: status.dead,
        unsent: status.unsent,
        writable: status.writable,
        damaged: status.damaged,
        needs_recovery: gateway.needs_recovery(),
        recovered: status.recovered.is_some(),
        last_received_at: millis(status.last_received_at),
        last_delivered_at: millis(status.last_delivered_at),
        health: Some(gateway.health()),
        internet_required: gateway.settings().webhooks.internet_required,
        version: env!("CARGO_PKG_VERSION"),
    })
}
