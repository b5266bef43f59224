//! Results of parts in any order, lost and repeated, through a real store: what is told of each
//! recipient, once, and what their message makes of it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use simrelay_core::sending::{Accepted, Report, SendFailure, SendRequest};
use simrelay_tests::{Lab, Receiver, part};
use tokio::runtime::Builder;

const NUMBERS: [&str; 3] = ["+12025550141", "+12025550142", "+12025550143"];
const PARTS: u16 = 2;
const EVENTS: [&str; 3] = ["sms:sent", "sms:delivered", "sms:failed"];

/// What a phone may tell of a part.
#[derive(Clone, Copy, Debug)]
enum Told {
    Sent,
    NotSent,
    /// A status report.
    Report(u8),
}

/// Of which recipient, which part, and what.
type Result = (usize, u16, Told);

fn result() -> impl Strategy<Value = Result> {
    let told = prop_oneof![
        6 => Just(Told::Sent),
        1 => Just(Told::NotSent),
        6 => Just(Told::Report(0x00)),
        1 => Just(Told::Report(0x30)),
        1 => Just(Told::Report(0x46)),
    ];
    (0..NUMBERS.len(), 0..PARTS, told)
}

async fn tell(lab: &Lab, request: &SendRequest, number: u16, told: Told) {
    let part = part(request, number, PARTS);
    let receipt = match told {
        Told::Sent => Some(lab.gateway.part_sent(&part)),
        Told::NotSent => Some(lab.gateway.part_failed(&part, SendFailure::GENERIC)),
        Told::Report(status) => {
            let report = Report::Status(status);
            lab.gateway.part_delivered(&part, &report).unwrap()
        }
    };
    if let Some(receipt) = receipt {
        receipt.done().await.unwrap();
    }
}

/// How often each event came for each number.
async fn events(lab: &Lab, receiver: &mut Receiver) -> BTreeMap<(String, String), usize> {
    let count: usize = EVENTS.iter().map(|event| lab.deliveries(event).len()).sum();
    let mut told = BTreeMap::new();
    lab.online(true);
    for _ in 0..count {
        let body = receiver.next().await.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let key = (text(&body["payload"]["recipient"]), text(&body["event"]));
        *told.entry(key).or_default() += 1;
    }
    told
}

/// The rule of the contract, as it is written there.
fn aggregate(states: &[&str]) -> &'static str {
    let all = |wanted| states.iter().all(|state| *state == wanted);
    let first = ["Pending", "Cancelling", "Cancelled", "Processed"];
    match first.into_iter().find(|state| states.contains(state)) {
        Some(state) => state,
        None if all("Failed") => "Failed",
        None if all("Delivered") => "Delivered",
        None => "Sent",
    }
}

async fn check(results: Vec<Result>) {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    for event in EVENTS {
        lab.register(event, &receiver.url(), event).await;
    }
    lab.online(false);
    let accepted = Accepted {
        parts: PARTS,
        sim_number: None,
    };
    lab.modem.answers(NUMBERS.map(|_| Ok(accepted)));
    let message = json!({"id": "m", "textMessage": {"text": "Hello"}, "phoneNumbers": NUMBERS});
    assert_eq!(lab.client.post("/messages", &message).await.status, 202);
    let requests = lab.modem.given(NUMBERS.len()).await;
    for (recipient, number, told) in results {
        tell(&lab, &requests[recipient], number, told).await;
    }
    let message = lab.client.get("/messages/m").await.json();
    let recipients = message["recipients"].as_array().unwrap();
    let states: Vec<&str> = recipients
        .iter()
        .map(|recipient| recipient["state"].as_str().unwrap())
        .collect();
    assert_eq!(message["state"], aggregate(&states), "{states:?}");
    let told = events(&lab, &mut receiver).await;
    assert!(told.values().all(|times| *times == 1), "{told:?}");
    for (number, recipient) in NUMBERS.iter().zip(recipients) {
        let came = EVENTS.map(|event| told.contains_key(&((*number).into(), event.into())));
        let [sent, delivered, failed] = came;
        let fits = match recipient["state"].as_str().unwrap() {
            "Processed" => !sent && !delivered && !failed,
            "Sent" => sent && !delivered && !failed,
            "Delivered" => sent && delivered && !failed,
            "Failed" => !delivered && failed,
            _ => false,
        };
        assert!(fits, "{recipient} had the events {came:?}");
        assert_eq!(recipient.get("error").is_some(), failed, "{recipient}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        max_shrink_iters: 50,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn each_event_comes_once_for_a_recipient_and_the_message_sums_them_up(
        results in prop::collection::vec(result(), 0..30),
    ) {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(check(results));
    }
}
