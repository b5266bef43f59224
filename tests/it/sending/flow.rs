//! From POST to the last report.

use super::*;

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
        sent_part(&lab, &request, number, 3).await;
    }
    assert_eq!(message(&lab, &id).await["state"], "Processed");
    sent_part(&lab, &request, 1, 3).await;
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
