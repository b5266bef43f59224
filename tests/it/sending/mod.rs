//! What is posted goes to the modem at the right time, and its states are true.

mod ends;
mod flow;
mod limits;
mod order;
mod sims;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use simrelay_core::clock::{Clock, UnixMillis};
use simrelay_core::sending::{Accepted, Content, Report, SendError, SendFailure, SendRequest};
use simrelay_tests::{FakeModem, Lab, Receiver, START, part, within};

const NUMBER: &str = "+12025550143";

/// Posts a text and returns the answer, which must be 202.
async fn post(lab: &Lab, fields: Value) -> Value {
    let mut body = json!({"textMessage": {"text": "Hello"}, "phoneNumbers": [NUMBER]});
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    let answer = lab.client.post("/messages", &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.json()
}

async fn text(lab: &Lab, text: &str) -> String {
    let message = post(lab, json!({"textMessage": {"text": text}})).await;
    message["id"].as_str().unwrap().to_owned()
}

async fn message(lab: &Lab, id: &str) -> Value {
    let answer = lab.client.get(&format!("/messages/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// The message once it is in that state.
async fn state(lab: &Lab, id: &str, state: &str) -> Value {
    let mut turns = lab.gateway.sending_turns();
    let reached = async {
        loop {
            turns.borrow_and_update();
            let message = message(lab, id).await;
            if message["state"] == state {
                return message;
            }
            turns.changed().await.expect("the sender runs");
        }
    };
    within(&format!("{id} is {state}"), reached).await
}

async fn sent(lab: &Lab, request: &SendRequest) {
    sent_part(lab, request, 0, 1).await;
}

async fn sent_part(lab: &Lab, request: &SendRequest, number: u16, of: u16) {
    let told = lab.gateway.part_sent(&part(request, number, of));
    told.done().await.unwrap();
}

async fn reported(lab: &Lab, request: &SendRequest, status: u8) {
    let report = Report::Status(status);
    let told = lab.gateway.part_delivered(&part(request, 0, 1), &report);
    if let Some(receipt) = told.unwrap() {
        receipt.done().await.unwrap();
    }
}

/// Lets the sender see the time.
fn advance(lab: &Lab, seconds: u64) {
    lab.advance(Duration::from_secs(seconds));
}

/// Waits until the sender has looked at everything, so that what it did not send it will not.
async fn settled(lab: &Lab) {
    let mut turns = lab.gateway.sending_turns();
    turns.borrow_and_update();
    lab.gateway.clock_changed();
    within("the sender looks", turns.changed()).await.unwrap();
}

/// Makes the sender wait, so that what is posted stays Pending.
async fn hold(lab: &Lab) {
    let hours = json!({"messages": {"work_hours_enabled": true, "work_hours_start": "20:00", "work_hours_end": "21:00"}});
    lab.set(hours).await;
}

async fn release(lab: &Lab) {
    lab.set(json!({"messages": {"work_hours_enabled": false}}))
        .await;
}
