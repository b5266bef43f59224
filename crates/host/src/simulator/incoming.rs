//! A message comes in, by its fields or as the radio's PDUs.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use simrelay_core::Gateway;
use simrelay_core::api::{ApiError, AuthErrors, BodyErrors, Json, JsonBody, JsonList, StoreErrors};
use simrelay_core::receiving::{
    Attachment, Incoming, IncomingData, IncomingMmsContent, IncomingMmsNotification, IncomingPdus,
    is_mms_notification,
};
use simrelay_core::server::SimulatedInputError;
use simrelay_pdu as pdu;
use utoipa::ToSchema;

use super::input;

/// The most messages of one batch.
const BATCH: usize = 1_000;

/// An incoming message: `from` with `text`, `data` or `mmsDownloaded`, or `pdus`, or `mms`.
#[derive(Deserialize, ToSchema)]
#[serde(
    rename_all = "camelCase",
    expecting = "an object with from and text, from and data, from and mmsDownloaded, pdus, or mms"
)]
pub struct IncomingRequest {
    /// The sender.
    #[schema(min_length = 1, max_length = 64, example = "+12025550123")]
    from: Option<String>,
    /// The text of a text message.
    #[schema(max_length = 39015)]
    text: Option<String>,
    /// The bytes of a data message, base64.
    data: Option<String>,
    /// The port of a data message.
    #[schema(minimum = 0, maximum = 65535)]
    port: Option<i64>,
    /// The SMS-DELIVER PDUs of exactly one message, hex, as a phone's radio hands them over (with
    /// the service centre's address), in any order.
    pdus: Option<Vec<String>>,
    /// The notification of an MMS, hex: an M-Notification.ind, the body of the WAP push.
    mms: Option<String>,
    /// An MMS whose content the phone has downloaded.
    mms_downloaded: Option<DownloadedMms>,
    /// The receiving SIM, 1 or 2.
    #[schema(minimum = 1, maximum = 2)]
    sim_number: Option<i64>,
}

/// The content of an MMS.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DownloadedMms {
    subject: Option<String>,
    /// Its text parts, joined.
    body: Option<String>,
    /// Its other parts.
    #[serde(default)]
    attachments: Vec<MmsAttachment>,
}

/// A part of an MMS.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MmsAttachment {
    /// MIME type.
    #[schema(example = "image/png")]
    content_type: String,
    /// File name.
    name: Option<String>,
    /// Its bytes, base64.
    data: String,
}

/// The message is stored.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IncomingAnswer {
    message_id: String,
}

/// The messages are stored.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchAnswer {
    /// In the order of the request.
    message_ids: Vec<String>,
}

/// Simulates an incoming message; answers once it is stored
#[utoipa::path(
    post, path = "/simulator/incoming", tag = "simulator", request_body = IncomingRequest,
    responses(
        (status = 201, body = IncomingAnswer, description = "The message is stored."),
        AuthErrors, BodyErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["all:any"])),
)]
pub async fn one(
    State(gateway): State<Arc<Gateway>>,
    JsonBody(request): JsonBody<IncomingRequest>,
) -> Result<(StatusCode, Json<IncomingAnswer>), ApiError> {
    let incoming = request.read(&gateway).map_err(ApiError::bad_request)?;
    let ids = gateway.receive(incoming)?.done().await?;
    let message_id = ids.into_iter().map(|id| id.0).next().unwrap_or_default();
    Ok((StatusCode::CREATED, Json(IncomingAnswer { message_id })))
}

/// Simulates many incoming messages; all of them are stored, or none
#[utoipa::path(
    post, path = "/simulator/incoming/batch", tag = "simulator", request_body = Vec<IncomingRequest>,
    responses(
        (status = 201, body = BatchAnswer, description = "The messages are stored."),
        AuthErrors, BodyErrors, StoreErrors,
    ),
    security(("basic" = []), ("bearer" = ["all:any"])),
)]
pub async fn batch(
    State(gateway): State<Arc<Gateway>>,
    JsonList(requests): JsonList<IncomingRequest>,
) -> Result<(StatusCode, Json<BatchAnswer>), ApiError> {
    if requests.len() > BATCH {
        return Err(ApiError::bad_request(format!(
            "A batch may contain at most {BATCH} messages."
        )));
    }
    let mut incoming = Vec::with_capacity(requests.len());
    for (index, request) in requests.into_iter().enumerate() {
        let named = |error| ApiError::bad_request(format!("Message {}: {error}", index + 1));
        incoming.push(request.read(&gateway).map_err(named)?);
    }
    let ids = gateway.receive_all(incoming)?.done().await?;
    let message_ids = ids.into_iter().map(|id| id.0).collect();
    Ok((StatusCode::CREATED, Json(BatchAnswer { message_ids })))
}

impl IncomingRequest {
    fn read(self, gateway: &Gateway) -> Result<Incoming, String> {
        let Self {
            from,
            text,
            data,
            port,
            pdus,
            mms,
            mms_downloaded,
            sim_number,
        } = self;
        if port.is_some_and(|port| u16::try_from(port).is_err()) {
            return Err("port must be a whole number from 0 to 65535.".into());
        }
        let sim = |number| input::sim(gateway, number).map_err(sentence);
        let origin = |from: &str| input::origin(gateway, from, sim_number).map_err(sentence);
        match (from, text, data, pdus, mms, mms_downloaded) {
            (None, None, None, Some(pdus), None, None) => {
                let pdus = pdus
                    .iter()
                    .map(|hex| pdu::from_hex(hex))
                    .collect::<Result<_, _>>();
                let incoming = IncomingPdus {
                    pdus: pdus.map_err(|error| format!("pdus: {error}"))?,
                    sim_number: sim(sim_number)?,
                    delivery_key: None,
                };
                Ok(incoming.into())
            }
            (None, None, None, None, Some(mms), None) => {
                let incoming = IncomingMmsNotification {
                    pdu: notification(&mms)?,
                    sim_number: sim(sim_number)?,
                    delivery_key: None,
                };
                Ok(incoming.into())
            }
            (Some(from), Some(text), None, None, None, None) if port.is_none() => {
                let sms = input::sms(gateway, &from, text, sim_number);
                Ok(sms.map_err(sentence)?.into())
            }
            (Some(from), None, Some(data), None, None, None) => {
                let origin = origin(&from)?;
                let data = STANDARD
                    .decode(data)
                    .map_err(|_| "data must be base64.".to_owned())?;
                Ok(IncomingData { origin, data }.into())
            }
            (Some(from), None, None, None, None, Some(mms)) if port.is_none() => {
                let attachments = (0..).zip(mms.attachments).map(attachment);
                let incoming = IncomingMmsContent {
                    origin: origin(&from)?,
                    body: mms.body,
                    subject: mms.subject,
                    attachments: attachments.collect::<Result<_, _>>()?,
                };
                Ok(incoming.into())
            }
            _ => Err(
                "Send from and text, or from and data (port is optional), or from and \
                mmsDownloaded, or only pdus, or only mms; simNumber may be added to each."
                    .into(),
            ),
        }
    }
}

fn notification(hex: &str) -> Result<Vec<u8>, String> {
    let octets = pdu::from_hex(hex).map_err(|error| format!("mms: {error}"))?;
    if !is_mms_notification(&octets) {
        return Err("mms must be an M-Notification.ind in hex, which begins with 8C82.".into());
    }
    Ok(octets)
}

fn attachment((place, part): (usize, MmsAttachment)) -> Result<Attachment, String> {
    let named = |what| format!("mmsDownloaded.attachments[{place}].{what}");
    if part.content_type.is_empty() {
        return Err(named("contentType must not be empty."));
    }
    let data = STANDARD.decode(part.data);
    Ok(Attachment {
        // Numbers begin with 1, like those of a phone.
        part_id: i64::try_from(place).unwrap_or(i64::MAX).saturating_add(1),
        content_type: part.content_type,
        name: part.name,
        data: data.map_err(|_| named("data must be base64."))?,
    })
}

fn sentence(slip: SimulatedInputError) -> String {
    slip.to_string()
}
