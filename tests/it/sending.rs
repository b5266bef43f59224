//! What is posted goes to the modem at the right time, and its states are true.

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
    lab.gateway
        .part_sent(&part(request, 0, 1))
        .done()
        .await
        .unwrap();
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

#[tokio::test]
async fn a_text_is_queued_handed_over_sent_and_delivered() {
    let lab = Lab::start().await;
    let body = json!({"id": "first-1", "textMessage": {"text": "Hello"}, "phoneNumbers": [NUMBER]});
    let answer = lab.client.post("/3rdparty/v1/message", &body).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (202, "/messages/first-1")
    );
    let queued = answer.json();
    assert_eq!(queued["state"], "Pending");
    assert_eq!(queued["isHashed"], false);
    assert_eq!(queued["textMessage"], json!({"text": "Hello"}));
    assert_eq!(
        queued["states"],
        json!({"Pending": "2024-06-22T15:46:11.000+07:00"})
    );
    assert!(queued.get("simNumber").is_none() && queued.get("partsCount").is_none());

    let request = lab.modem.given(1).await.remove(0);
    assert_eq!(request.phone_number.as_str(), NUMBER);
    assert!(request.content == Content::Text("Hello".into()) && request.with_delivery_report);
    let processed = state(&lab, "first-1", "Processed").await;
    assert_eq!(
        processed["recipients"],
        json!([{"phoneNumber": NUMBER, "state": "Processed"}])
    );
    lab.clock.advance(Duration::from_secs(1));
    sent(&lab, &request).await;
    lab.clock.advance(Duration::from_secs(1));
    reported(&lab, &request, 0x30).await;
    assert_eq!(message(&lab, "first-1").await["state"], "Sent");
    reported(&lab, &request, 0x00).await;
    let done = message(&lab, "first-1").await;
    assert_eq!(done["state"], "Delivered");
    assert_eq!(done["partsCount"], 1);
    assert_eq!(done["states"]["Sent"], "2024-06-22T15:46:12.000+07:00");
    assert_eq!(done["states"]["Delivered"], "2024-06-22T15:46:13.000+07:00");
}

#[tokio::test]
async fn results_that_come_late_twice_or_for_nobody_are_harmless() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    for event in ["sms:sent", "sms:delivered", "sms:failed"] {
        lab.register(event, &receiver.url(), event).await;
    }
    let id = text(&lab, "Hello").await;
    let request = lab.modem.given(1).await.remove(0);
    let mut unknown = request.clone();
    unknown.recipient = 7;
    sent(&lab, &unknown).await;
    unknown.message_id.0 = "nobody".into();
    sent(&lab, &unknown).await;
    reported(&lab, &request, 0x00).await;
    for _ in 0..2 {
        sent(&lab, &request).await;
        reported(&lab, &request, 0x00).await;
    }
    let failed = lab
        .gateway
        .part_failed(&part(&request, 0, 1), SendFailure::GENERIC);
    failed.done().await.unwrap();
    reported(&lab, &request, 0x46).await;
    assert_eq!(message(&lab, &id).await["state"], "Delivered");
    let mut events = [receiver.next().await, receiver.next().await]
        .map(|arrival| arrival.json()["event"].as_str().unwrap().to_owned());
    events.sort();
    assert_eq!(events, ["sms:delivered", "sms:sent"]);
    for event in ["sms:sent", "sms:delivered"] {
        assert_eq!(lab.deliveries(event).len(), 1);
    }
    assert_eq!(lab.deliveries("sms:failed").len(), 0);
}

#[tokio::test]
async fn all_parts_make_the_state_and_the_phone_says_how_many_there_are() {
    let lab = Lab::start().await;
    lab.modem.answers([Ok(Accepted {
        parts: 3,
        sim_number: Some(2),
    })]);
    let id = text(&lab, "It thinks that this takes three.").await;
    let request = lab.modem.given(1).await.remove(0);
    state(&lab, &id, "Processed").await;
    for number in [2, 0] {
        lab.gateway
            .part_sent(&part(&request, number, 3))
            .done()
            .await
            .unwrap();
    }
    assert_eq!(message(&lab, &id).await["state"], "Processed");
    lab.gateway
        .part_sent(&part(&request, 1, 3))
        .done()
        .await
        .unwrap();
    let message = message(&lab, &id).await;
    assert_eq!(
        (&message["state"], &message["partsCount"]),
        (&json!("Sent"), &json!(3))
    );
}

#[tokio::test]
async fn without_a_report_it_ends_at_sent() {
    let lab = Lab::start().await;
    let message = post(&lab, json!({"withDeliveryReport": false})).await;
    let request = lab.modem.given(1).await.remove(0);
    assert!(!request.with_delivery_report);
    sent(&lab, &request).await;
    reported(&lab, &request, 0x00).await;
    let id = message["id"].as_str().unwrap();
    assert_eq!(self::message(&lab, id).await["state"], "Sent");
}

#[tokio::test]
async fn a_modem_that_refuses_fails_the_message_with_its_sentence() {
    for (error, reason) in [
        (
            SendError::NotPermitted,
            "the app may not send SMS; allow it in the phone's settings",
        ),
        (SendError::NoSim, "there is no SIM in the phone"),
        (
            SendError::RadioOff,
            "RESULT_ERROR_RADIO_OFF: the radio is off; turn off airplane mode",
        ),
        (
            SendError::Result(SendFailure::GENERIC),
            "RESULT_ERROR_GENERIC_FAILURE",
        ),
    ] {
        let lab = Lab::start().await;
        lab.modem.answers([Err(error)]);
        let id = text(&lab, "Hello").await;
        let message = state(&lab, &id, "Failed").await;
        assert_eq!(message["recipients"][0]["error"], reason);
        let health = lab.client.get("/health").await.json();
        assert_eq!(health["checks"]["messages:failed"]["observedValue"], 1);
        assert_eq!(health["checks"]["messages:failed"]["status"], "warn");
        lab.clock.advance(Duration::from_secs(3_600));
        let health = lab.client.get("/health").await.json();
        assert_eq!(health["checks"]["messages:failed"]["observedValue"], 0);
    }
}

/// As it is on a phone whose network is quick, or while the disk is slow.
#[tokio::test]
async fn a_result_before_the_modems_answer_keeps_its_reason_and_knows_its_sim() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:failed").await;
    lab.modem.answers([Ok(Accepted {
        parts: 1,
        sim_number: Some(2),
    })]);
    let gateway = Arc::downgrade(&lab.gateway);
    lab.modem.meanwhile(move |request| {
        let mut part = part(request, 0, 1);
        part.sim_number = Some(2);
        let gateway = gateway.upgrade().expect("it runs");
        let failed = gateway.part_failed(&part, SendFailure::GENERIC);
        failed.wait().expect("the store works");
    });
    let id = text(&lab, "Hello").await;
    lab.modem.given(1).await;
    settled(&lab).await;
    let failed = message(&lab, &id).await;
    assert_eq!(failed["state"], "Failed");
    assert_eq!(
        failed["recipients"][0]["error"],
        "RESULT_ERROR_GENERIC_FAILURE"
    );
    let payload = &receiver.next().await.json()["payload"];
    assert_eq!(payload["simNumber"], 2);
    assert_eq!(payload["sender"], "+12025550101");
}

#[tokio::test]
async fn every_recipient_is_sent_once_and_the_message_sums_them_up() {
    let lab = Lab::start().await;
    let numbers = ["+12025550140", "+12025550141", "+12025550142"];
    let message = post(&lab, json!({"phoneNumbers": numbers})).await;
    let id = message["id"].as_str().unwrap();
    let requests = lab.modem.given(3).await;
    let dialled: Vec<_> = requests
        .iter()
        .map(|request| request.phone_number.as_str())
        .collect();
    assert_eq!(dialled, numbers);
    state(&lab, id, "Processed").await;
    let failed = lab
        .gateway
        .part_failed(&part(&requests[0], 0, 1), SendFailure::GENERIC);
    failed.done().await.unwrap();
    sent(&lab, &requests[1]).await;
    assert_eq!(self::message(&lab, id).await["state"], "Processed");
    sent(&lab, &requests[2]).await;
    reported(&lab, &requests[2], 0x00).await;
    let message = self::message(&lab, id).await;
    assert_eq!(message["state"], "Sent");
    let states: Vec<_> = message["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["Failed", "Sent", "Delivered"]);
    assert_eq!(lab.modem.requests().len(), 3);
}

#[tokio::test]
async fn data_goes_to_its_port() {
    let lab = Lab::start().await;
    let body =
        json!({"dataMessage": {"data": "AAEC/w==", "port": 53_739}, "phoneNumbers": [NUMBER]});
    let answer = lab.client.post("/messages", &body).await;
    assert_eq!(answer.json()["dataMessage"], body["dataMessage"]);
    let request = lab.modem.given(1).await.remove(0);
    assert!(
        request.content
            == Content::Data {
                data: vec![0, 1, 2, 255],
                port: 53_739
            }
    );
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

#[tokio::test]
async fn priority_goes_first_then_the_oldest_or_the_newest() {
    for (order, expected) in [
        ("FIFO", ["high", "first", "second", "third", "low"]),
        ("LIFO", ["high", "third", "second", "first", "low"]),
    ] {
        let lab = Lab::start().await;
        hold(&lab).await;
        lab.set(json!({"messages": {"processing_order": order}}))
            .await;
        for (text, priority) in [
            ("low", -5),
            ("first", 0),
            ("second", 0),
            ("third", 0),
            ("high", 99),
        ] {
            post(
                &lab,
                json!({"textMessage": {"text": text}, "priority": priority}),
            )
            .await;
        }
        settled(&lab).await;
        assert_eq!(lab.modem.requests().len(), 0);
        release(&lab).await;
        lab.modem.given(5).await;
        assert_eq!(lab.modem.texts(), expected);
    }
}

#[tokio::test]
async fn working_hours_hold_all_below_priority_100() {
    let lab = Lab::start().await;
    hold(&lab).await;
    text(&lab, "waits").await;
    post(
        &lab,
        json!({"textMessage": {"text": "urgent"}, "priority": 100}),
    )
    .await;
    lab.modem.given(1).await;
    settled(&lab).await;
    assert_eq!(lab.modem.texts(), ["urgent"]);
    // It is 15:46:11; at 20:00 working hours begin.
    advance(&lab, 4 * 3_600 + 13 * 60 + 48);
    settled(&lab).await;
    assert_eq!(lab.modem.texts(), ["urgent"]);
    advance(&lab, 1);
    lab.modem.given(2).await;
}

#[tokio::test]
async fn a_limit_counts_what_was_really_sent() {
    let lab = Lab::start().await;
    lab.set(json!({"messages": {"limit_period": "PerMinute", "limit_value": 2}}))
        .await;
    lab.modem.answers([Err(SendError::NoSim)]);
    for number in 0..5 {
        text(&lab, &number.to_string()).await;
    }
    // The first was refused and does not count.
    let requests = lab.modem.given(3).await;
    settled(&lab).await;
    assert_eq!(lab.modem.requests().len(), 3);
    // One that fails on the air makes room.
    let failed = lab
        .gateway
        .part_failed(&part(&requests[1], 0, 1), SendFailure::GENERIC);
    failed.done().await.unwrap();
    lab.modem.given(4).await;
    settled(&lab).await;
    assert_eq!(lab.modem.requests().len(), 4);
    advance(&lab, 59);
    settled(&lab).await;
    assert_eq!(lab.modem.requests().len(), 4);
    advance(&lab, 1);
    lab.modem.given(5).await;
}

#[tokio::test]
async fn a_limit_survives_a_restart() {
    let lab = Lab::start().await;
    lab.set(json!({"messages": {"limit_period": "PerHour", "limit_value": 1}}))
        .await;
    text(&lab, "first").await;
    text(&lab, "second").await;
    lab.modem.given(1).await;
    let lab = Lab::again(lab.crash().await).await;
    settled(&lab).await;
    assert_eq!(lab.modem.requests().len(), 0);
    advance(&lab, 3_600);
    lab.modem.given(1).await;
    assert_eq!(lab.modem.texts(), ["second"]);
}

#[tokio::test]
async fn pauses_lie_between_messages() {
    let lab = Lab::start().await;
    lab.set(json!({"messages": {"send_interval_min": 10, "send_interval_max": 20}}))
        .await;
    text(&lab, "first").await;
    text(&lab, "second").await;
    lab.modem.given(1).await;
    advance(&lab, 9);
    settled(&lab).await;
    assert_eq!(lab.modem.requests().len(), 1);
    advance(&lab, 11);
    lab.modem.given(2).await;
}

#[tokio::test]
async fn a_platforms_own_limit_is_stayed_within() {
    let lab = Lab::start_with_modem(FakeModem::limited(30)).await;
    let ten_parts = "x".repeat(1_530);
    for _ in 0..4 {
        post(
            &lab,
            json!({"textMessage": {"text": ten_parts}, "priority": 100}),
        )
        .await;
    }
    lab.modem.given(3).await;
    settled(&lab).await;
    assert_eq!(lab.modem.requests().len(), 3);
    // The platform may have stamped them a moment later, so a minute is not enough.
    advance(&lab, 64);
    settled(&lab).await;
    assert_eq!(lab.modem.requests().len(), 3);
    advance(&lab, 1);
    lab.modem.given(4).await;
}

#[tokio::test]
async fn the_limit_counts_what_the_modem_makes_of_a_text_before_it_goes() {
    let lab = Lab::start_with_modem(FakeModem::limited(30)).await;
    lab.modem.counts(16);
    for text in ["first", "second"] {
        self::text(&lab, text).await;
    }
    lab.modem.given(1).await;
    settled(&lab).await;
    assert_eq!(lab.modem.texts(), ["first"]);
    advance(&lab, 65);
    lab.modem.given(2).await;
    // What waits is counted anew when something else goes first.
    self::text(&lab, "third").await;
    let data = json!({"dataMessage": {"data": "AAEC", "port": 1}, "phoneNumbers": [NUMBER], "priority": 1});
    assert_eq!(lab.client.post("/messages", &data).await.status, 202);
    lab.modem.given(3).await;
    settled(&lab).await;
    assert_eq!(lab.modem.texts(), ["first", "second", "data"]);
}

#[tokio::test]
async fn a_message_beyond_the_platforms_limit_is_refused_with_its_sentence() {
    let lab = Lab::start_with_modem(FakeModem::limited(30)).await;
    let long = text(&lab, &"x".repeat(30 * 153 + 1)).await;
    let message = state(&lab, &long, "Failed").await;
    assert_eq!(
        message["recipients"][0]["error"],
        "the message needs 31 parts, and the phone lets an app send 30 in a minute before it asks \
         its user; shorten it"
    );
    text(&lab, &"x".repeat(30 * 153)).await;
    lab.modem.given(1).await;
}

#[tokio::test]
async fn what_a_dying_process_left_at_the_modem_counts_for_the_platforms_limit() {
    let lab = Lab::start_with_modem(FakeModem::limited(30)).await;
    let nobody_knows = Accepted {
        parts: 0,
        sim_number: None,
    };
    lab.modem.answers([Ok(nobody_knows)]);
    text(&lab, "first").await;
    lab.modem.given(1).await;
    let lab = Lab::again_with_modem(lab.crash().await, FakeModem::limited(30)).await;
    text(&lab, "second").await;
    settled(&lab).await;
    assert_eq!(lab.modem.requests().len(), 0);
    advance(&lab, 65);
    lab.modem.given(1).await;
}

#[tokio::test]
async fn a_scheduled_message_waits_and_an_expired_one_is_never_sent() {
    let lab = Lab::start().await;
    let later = post(&lab, json!({"scheduleAt": "2024-06-22T16:00:00+07:00"})).await;
    assert_eq!(later["scheduleAt"], "2024-06-22T16:00:00.000+07:00");
    hold(&lab).await;
    let short = post(&lab, json!({"ttl": 60})).await;
    assert_eq!(short["validUntil"], "2024-06-22T15:47:11.000+07:00");
    advance(&lab, 59);
    settled(&lab).await;
    let id = short["id"].as_str().unwrap();
    assert_eq!(message(&lab, id).await["state"], "Pending");
    advance(&lab, 1);
    let expired = state(&lab, id, "Failed").await;
    assert_eq!(expired["recipients"][0]["error"], "TTL expired");
    assert_eq!(expired["states"]["Failed"], "2024-06-22T15:47:11.000+07:00");
    release(&lab).await;
    settled(&lab).await;
    assert_eq!(lab.modem.requests().len(), 0);
    advance(&lab, 13 * 60);
    lab.modem.given(1).await;
    assert_eq!(
        lab.modem.requests()[0].message_id.0,
        later["id"].as_str().unwrap()
    );
}

#[tokio::test]
async fn the_sim_is_the_one_asked_for_or_the_owners_choice() {
    let sims = |requests: Vec<SendRequest>| -> Vec<Option<u32>> {
        requests.iter().map(|request| request.sim_number).collect()
    };
    let lab = Lab::start().await;
    text(&lab, "default").await;
    let message = post(&lab, json!({"simNumber": 2})).await;
    assert_eq!(message["simNumber"], 2);
    assert_eq!(sims(lab.modem.given(2).await), [None, Some(2)]);

    let lab = Lab::start().await;
    lab.set(json!({"messages": {"sim_selection_mode": "RoundRobin"}}))
        .await;
    for number in 0..3 {
        text(&lab, &number.to_string()).await;
    }
    assert_eq!(sims(lab.modem.given(3).await), [Some(1), Some(2), Some(1)]);

    lab.set(json!({"messages": {"sim_selection_mode": "Random"}}))
        .await;
    for number in 0..20 {
        text(&lab, &number.to_string()).await;
    }
    let random = sims(lab.modem.given(23).await).split_off(3);
    assert!(
        random.iter().all(|sim| matches!(sim, Some(1 | 2))),
        "{random:?}"
    );
}

#[tokio::test]
async fn only_a_pending_message_can_be_cancelled_and_then_it_never_goes_out() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:cancelled").await;
    hold(&lab).await;
    let id = text(&lab, "cancelled").await;
    let path = format!("/messages/{id}");
    for _ in 0..2 {
        let answer = lab.client.send("DELETE", &path, "", "").await;
        assert_eq!(
            (answer.status, &answer.json()["state"]),
            (200, &json!("Cancelled"))
        );
    }
    assert_eq!(
        receiver.next().await.json()["payload"]["messageId"],
        id.as_str()
    );
    assert_eq!(lab.deliveries("w").len(), 1);
    release(&lab).await;
    let gone = text(&lab, "goes out").await;
    let request = lab.modem.given(1).await.remove(0);
    sent(&lab, &request).await;
    let answer = lab
        .client
        .send("DELETE", &format!("/messages/{gone}"), "", "")
        .await;
    assert_eq!(answer.status, 409);
    assert_eq!(
        answer.sentence(),
        "This message is Sent; only a Pending one can be cancelled."
    );
    assert_eq!(
        lab.client
            .send("DELETE", "/messages/nobody", "", "")
            .await
            .status,
        404
    );
    assert_eq!(lab.modem.texts(), ["goes out"]);
}

#[tokio::test]
async fn a_send_that_a_dying_process_left_is_never_repeated_and_its_results_still_come() {
    let lab = Lab::start().await;
    let (first, second) = (text(&lab, "heard of").await, text(&lab, "silent").await);
    let requests = lab.modem.given(2).await;
    let lab = Lab::again(lab.crash().await).await;
    settled(&lab).await;
    assert_eq!(lab.modem.requests().len(), 0);
    sent(&lab, &requests[0]).await;
    assert_eq!(message(&lab, &first).await["state"], "Sent");
    advance(&lab, 3_599);
    settled(&lab).await;
    assert_eq!(message(&lab, &second).await["state"], "Processed");
    advance(&lab, 1);
    let silent = state(&lab, &second, "Failed").await;
    assert_eq!(
        silent["recipients"][0]["error"],
        "unknown: no result from the modem"
    );
    sent(&lab, &requests[1]).await;
    assert_eq!(message(&lab, &second).await["state"], "Failed");
}

#[tokio::test]
async fn after_a_reboot_a_result_has_ten_minutes() {
    let lab = Lab::start().await;
    let (first, second) = (text(&lab, "heard of").await, text(&lab, "silent").await);
    let requests = lab.modem.given(2).await;
    let lab = Lab::after_reboot(lab.crash().await).await;
    advance(&lab, 300);
    // A second start of the same boot gives no more time.
    let left = lab.crash().await;
    let lab = Lab::after_reboot(left).await;
    advance(&lab, 299);
    settled(&lab).await;
    sent(&lab, &requests[0]).await;
    assert_eq!(message(&lab, &first).await["state"], "Sent");
    assert_eq!(message(&lab, &second).await["state"], "Processed");
    advance(&lab, 1);
    let silent = state(&lab, &second, "Failed").await;
    assert_eq!(
        silent["recipients"][0]["error"],
        "unknown: interrupted while sending"
    );
    assert_eq!(lab.modem.requests().len(), 0);
}

#[tokio::test]
async fn a_clock_that_was_set_back_gives_no_deadline_more_than_its_hour() {
    let lab = Lab::start().await;
    let id = text(&lab, "silent").await;
    lab.modem.given(1).await;
    state(&lab, &id, "Processed").await;
    lab.clock.set(UnixMillis(START.0 - 86_400_000));
    settled(&lab).await;
    advance(&lab, 3_600);
    state(&lab, &id, "Failed").await;
    assert_eq!(lab.clock.now().0, START.0 - 86_400_000 + 3_600_000);
}

#[tokio::test]
async fn messages_go_by_age_once_they_are_over() {
    let lab = Lab::start().await;
    lab.set(json!({"messages": {"log_lifetime_days": 1}})).await;
    hold(&lab).await;
    let over = post(&lab, json!({"priority": 100})).await["id"].clone();
    let request = lab.modem.given(1).await.remove(0);
    sent(&lab, &request).await;
    let waits = text(&lab, "waits").await;
    let left = lab.crash().await;
    left.1.advance(Duration::from_secs(86_401));
    let lab = Lab::again(left).await;
    let path = format!("/messages/{}", over.as_str().unwrap());
    let removed = async {
        while lab.client.get(&path).await.status != 404 {
            tokio::task::yield_now().await;
        }
    };
    within("the old message goes", removed).await;
    assert_eq!(message(&lab, &waits).await["id"], waits.as_str());
}

#[tokio::test]
async fn nothing_private_is_in_the_log() {
    let lab = Lab::start().await;
    lab.modem.answers([Err(SendError::NoSim)]);
    let id = text(&lab, "a secret text").await;
    state(&lab, &id, "Failed").await;
    let logs = lab.client.get("/logs").await;
    let entry = &logs.json()[0];
    assert_eq!(entry["message"], "Message failed.");
    assert_eq!(entry["context"]["messageId"], id.as_str());
    for private in ["a secret text", NUMBER, "2025550143"] {
        assert!(!logs.text().contains(private), "{private} is in the log");
    }
}
