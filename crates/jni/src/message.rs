//! A downloaded MMS, from its JSON and the bytes of its parts.

use serde::Deserialize;
use simrelay_core::PhoneNumber;
use simrelay_core::receiving::{Attachment, IncomingMmsContent, Origin};

use crate::arguments::{sent_at, sim_number};
use crate::boundary::Failure;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct MessageJson {
    sender: String,
    subject: Option<String>,
    body: Option<String>,
    #[serde(default)]
    sent_at_millis: i64,
    #[serde(default)]
    sim_number: i32,
    #[serde(default)]
    attachments: Vec<AttachmentJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttachmentJson {
    part_id: i64,
    content_type: String,
    name: Option<String>,
}

/// Makes a downloaded MMS. `data` has the bytes of the attachments in their order.
pub(crate) fn downloaded(
    json: &str,
    data: Vec<Vec<u8>>,
    delivery_key: Option<String>,
) -> Result<IncomingMmsContent, Failure> {
    // The error shows a place and a type, never a value.
    let told: MessageJson = serde_json::from_str(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Failure::Argument(format!("message: wrong at line {line}, column {column}."))
    })?;
    if told.attachments.len() != data.len() {
        return Err(Failure::Argument(
            "data must have as many elements as message has attachments.".into(),
        ));
    }
    let attachment = |(told, data): (AttachmentJson, Vec<u8>)| Attachment {
        part_id: told.part_id,
        content_type: told.content_type,
        name: told.name,
        data,
    };
    Ok(IncomingMmsContent {
        origin: Origin {
            sender: PhoneNumber::new(told.sender),
            sim_number: sim_number(told.sim_number),
            sent_at: sent_at(told.sent_at_millis),
            delivery_key,
        },
        body: told.body,
        subject: told.subject,
        attachments: told
            .attachments
            .into_iter()
            .zip(data)
            .map(attachment)
            .collect(),
    })
}
