//! The messages that the modem was asked to send.

use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use simrelay_core::api::{AuthErrors, Json};
use simrelay_core::sending::Content;
use simrelay_core::server::SimulatedSend;
use utoipa::ToSchema;

use super::Simulator;

/// A message that the modem was asked to send.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutgoingMessage {
    message_id: String,
    /// As it was dialled.
    phone_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    text: Option<String>,
    /// Base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    port: Option<u16>,
    /// The SIM that sent it, 1-based.
    sim_number: u32,
    /// The text as it was split; data has one part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<String>,
    parts_count: usize,
    with_delivery_report: bool,
    #[schema(format = DateTime)]
    sent_at: String,
}

/// What the modem was asked to send since the start, oldest first
#[utoipa::path(
    get, path = "/simulator/outgoing", tag = "simulator",
    responses(
        (status = 200, body = Vec<OutgoingMessage>, description = "The newest 10,000."),
        AuthErrors,
    ),
    security(("basic" = []), ("bearer" = ["all:any"])),
)]
pub async fn list(State(simulator): State<Simulator>) -> Json<Vec<OutgoingMessage>> {
    let outgoing = simulator.modem.outgoing();
    let shape = |outgoing| shape(outgoing, &simulator);
    Json(outgoing.into_iter().map(shape).collect())
}

fn shape(outgoing: SimulatedSend, simulator: &Simulator) -> OutgoingMessage {
    let SimulatedSend {
        request,
        at,
        sim_number,
        parts,
    } = outgoing;
    let (text, data, port) = match request.content {
        Content::Text(text) => (Some(text), None, None),
        Content::Data { data, port } => (None, Some(STANDARD.encode(data)), Some(port)),
    };
    OutgoingMessage {
        message_id: request.message_id.0,
        phone_number: request.phone_number.as_str().to_owned(),
        text,
        data,
        port,
        sim_number,
        parts_count: parts.len().max(1),
        parts,
        with_delivery_report: request.with_delivery_report,
        sent_at: simulator.gateway.time_text(at),
    }
}
