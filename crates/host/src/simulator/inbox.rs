//! The phone inbox: the messages that the phone's SMS app would have stored. It is in memory, so a
//! restart is a phone that lost its messages; those that the gateway has read stay.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use simrelay_core::api::{ApiError, AuthErrors, BodyErrors, JsonList};
use simrelay_core::clock::UnixMillis;
use simrelay_core::phone_inbox::{PhoneInbox, PhoneInboxError, PhoneRow, RowPage};
use simrelay_core::{Gateway, PhoneNumber};
use utoipa::ToSchema;

/// The simulated phone's messages, by the time of receipt and then by number.
#[derive(Debug, Default)]
pub struct SimulatedInbox(Mutex<Vec<PhoneRow>>);

impl SimulatedInbox {
    fn rows(&self) -> MutexGuard<'_, Vec<PhoneRow>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, mut added: Vec<PhoneRow>) {
        let mut rows = self.rows();
        let mut id = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        for row in &mut added {
            id += 1;
            row.id = id;
        }
        rows.append(&mut added);
        rows.sort_by_key(place);
    }
}

fn place(row: &PhoneRow) -> (UnixMillis, i64) {
    (row.received_at, row.id)
}

impl PhoneInbox for SimulatedInbox {
    fn rows(&self, page: &RowPage) -> Result<Vec<PhoneRow>, PhoneInboxError> {
        let rows = self.rows();
        let from = match page.after {
            Some(after) => rows.partition_point(|row| place(row) <= after),
            None => rows.partition_point(|row| row.received_at < page.since),
        };
        let wanted = rows.iter().skip(from);
        Ok(wanted
            .take_while(|row| row.received_at <= page.until)
            .take(page.limit)
            .cloned()
            .collect())
    }
}

/// A message in the phone's own store.
#[derive(Deserialize, ToSchema)]
#[serde(
    rename_all = "camelCase",
    expecting = "an object with from, text, sentAt and receivedAt"
)]
pub struct StoredRequest {
    /// The sender.
    #[schema(min_length = 1, max_length = 64, example = "+12025550123")]
    from: String,
    text: String,
    /// The service centre's time; left out for a phone that does not know it.
    #[schema(format = DateTime)]
    sent_at: Option<String>,
    /// When the phone received it.
    #[schema(format = DateTime)]
    received_at: String,
    /// The receiving SIM, 1 or 2.
    #[schema(minimum = 1, maximum = 2)]
    sim_number: Option<i64>,
}

impl StoredRequest {
    fn read(self, gateway: &Gateway) -> Result<PhoneRow, String> {
        let time = |name: &str, text: &str| {
            gateway.read_time(text).ok_or_else(|| {
                format!("{name} must be a date and time such as 2024-06-22T15:46:11+07:00.")
            })
        };
        if !(1..=64).contains(&self.from.chars().count()) {
            return Err("from must have 1 to 64 characters.".into());
        }
        let sim_number = match self.sim_number {
            None => None,
            Some(number @ (1 | 2)) => u32::try_from(number).ok(),
            Some(_) => return Err("simNumber must be 1 or 2.".into()),
        };
        Ok(PhoneRow {
            id: 0,
            sender: PhoneNumber::new(self.from),
            text: self.text,
            sent_at: match self.sent_at {
                Some(text) => Some(time("sentAt", &text)?),
                None => None,
            },
            received_at: time("receivedAt", &self.received_at)?,
            sim_number,
        })
    }
}

/// The dependencies of the route.
#[derive(Clone)]
pub struct Store {
    /// Gets a report when the phone inbox changed, as from a real phone.
    pub gateway: Arc<Gateway>,
    /// The phone inbox.
    pub inbox: Arc<SimulatedInbox>,
}

/// Puts messages into the phone's own store, without any broadcast
#[utoipa::path(
    post, path = "/simulator/inbox", tag = "simulator", request_body = Vec<StoredRequest>,
    responses(
        (status = 201, description = "The phone has them. The gateway finds them as a real one \
            would: those that are a minute old at once, the others then, or by a refresh. No body."),
        AuthErrors, BodyErrors,
    ),
    security(("basic" = []), ("bearer" = ["all:any"])),
)]
pub async fn add(
    State(store): State<Store>,
    JsonList(requests): JsonList<StoredRequest>,
) -> Result<StatusCode, ApiError> {
    let mut rows = Vec::with_capacity(requests.len());
    for (index, request) in requests.into_iter().enumerate() {
        let named = |error| ApiError::bad_request(format!("Message {}: {error}", index + 1));
        rows.push(request.read(&store.gateway).map_err(named)?);
    }
    store.inbox.add(rows);
    store.gateway.inbox_changed();
    Ok(StatusCode::CREATED)
}
