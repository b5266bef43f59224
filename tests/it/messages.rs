//! `/messages` as clients see it: what is refused, repeated, listed.

use std::time::Duration;

use serde_json::{Value, json};
use simrelay_core::sending::{Content, SendError};
use simrelay_tests::{FakeModem, Lab, Receiver, part};

fn hello() -> Value {
    json!({"textMessage": {"text": "Hello"}, "phoneNumbers": ["+12025550143"]})
}

/// The body of [`hello`] with these fields, `null` for without.
fn with(fields: &Value) -> Value {
    let mut body = hello();
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn what_can_be_known_at_once_is_refused_at_once_and_nothing_is_queued() {
    let lab = Lab::start().await;
    let many: Vec<String> = (0..1_001).map(|n| format!("+1202555{n:04}")).collect();
    let long = "я".repeat(67 * 255 + 1);
    let too_much = json!({"data": "A".repeat(180), "port": 1});
    for (fields, sentence) in [
        (
            json!({"textMessage": null}),
            "Send exactly one of textMessage, dataMessage and message.",
        ),
        (
            json!({"message": "x"}),
            "Send exactly one of textMessage, dataMessage and message.",
        ),
        (
            json!({"textMessage": {"text": ""}}),
            "The text must not be empty.",
        ),
        (
            json!({"textMessage": {"text": long}}),
            "The text needs 256 parts, and one message has at most 255. Shorten it.",
        ),
        (
            json!({"textMessage": null, "dataMessage": {"data": "?", "port": 1}}),
            "dataMessage.data must be base64.",
        ),
        (
            json!({"textMessage": null, "dataMessage": too_much}),
            "dataMessage.data must be 1 to 133 octets, not 135.",
        ),
        (
            json!({"textMessage": null, "dataMessage": {"data": "AA==", "port": 65_536}}),
            "dataMessage.port must be a whole number from 0 to 65535.",
        ),
        (
            json!({"phoneNumbers": []}),
            "phoneNumbers must contain 1 to 1000 numbers, not 0.",
        ),
        (
            json!({"phoneNumbers": many}),
            "phoneNumbers must contain 1 to 1000 numbers, not 1001.",
        ),
        (
            json!({"phoneNumbers": ["+12025550143", "+1 202 555 0143"]}),
            "phoneNumbers[1] is a duplicate of phoneNumbers[0].",
        ),
        (
            json!({"phoneNumbers": [""]}),
            "phoneNumbers[0] must not be empty.",
        ),
        (
            json!({"simNumber": 0}),
            "simNumber must be a whole number, at least 1.",
        ),
        (
            json!({"simNumber": 3}),
            "simNumber 3 does not exist; GET /devices lists this device's SIMs.",
        ),
        (
            json!({"priority": 128}),
            "priority must be a whole number from -128 to 127.",
        ),
        (
            json!({"ttl": -1}),
            "ttl must be a whole number of seconds, at least 1.",
        ),
        (
            json!({"ttl": 60, "validUntil": "2024-06-22T16:00:00+07:00"}),
            "Send either ttl or validUntil, not both.",
        ),
        (
            json!({"validUntil": "2024-06-22T15:46:11+07:00"}),
            "validUntil is in the past. Choose a later time, or leave it out.",
        ),
        (
            json!({"scheduleAt": "2024-06-22T15:46:11+07:00"}),
            "scheduleAt is in the past. Choose a later time, or leave it out.",
        ),
        (
            json!({"scheduleAt": "2024-06-22T16:00:00+07:00", "ttl": 60}),
            "scheduleAt must be before validUntil (or the end of ttl), or the message would expire \
             unsent.",
        ),
        (
            json!({"simNumber": 4_294_967_297i64}),
            "simNumber 4294967297 does not exist; GET /devices lists this device's SIMs.",
        ),
        (
            json!({"textMessage": ["Hello"]}),
            "textMessage must be an object.",
        ),
        (
            json!({"phoneNumbers": null}),
            "phoneNumbers must be a list.",
        ),
        (
            json!({"scheduleAt": "tomorrow"}),
            "scheduleAt must be a date and time such as 2024-06-22T15:46:11+07:00.",
        ),
        (
            json!({"id": "a\tb"}),
            "id must have 1 to 128 printable ASCII characters (letters, digits, signs, space).",
        ),
        (
            json!({"id": "x".repeat(129)}),
            "id must have 1 to 128 printable ASCII characters (letters, digits, signs, space).",
        ),
        (
            json!({"deviceId": "other"}),
            "deviceId is not this device's id. GET /devices shows it; it may be left out.",
        ),
    ] {
        let answer = lab.client.post("/messages", &with(&fields)).await;
        assert_eq!((answer.status, answer.sentence().as_str()), (400, sentence));
    }
    let wrong = with(&json!({"phoneNumbers": ["nobody"]}));
    let answer = lab.client.post("/messages", &wrong).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.sentence().starts_with("phoneNumbers[0] must "),
        "{}",
        answer.sentence()
    );
    assert_eq!(
        lab.client.get("/messages").await.header("x-total-count"),
        "0"
    );
    assert_eq!(lab.modem.requests().len(), 0);
    let answer = lab
        .client
        .post("/messages?skipPhoneValidation=true", &wrong)
        .await;
    assert_eq!(answer.status, 202);
    let answer = lab
        .client
        .post("/messages?skipPhoneValidation=perhaps", &wrong)
        .await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn every_form_of_content_is_taken_and_null_is_absent() {
    let lab = Lab::start().await;
    for fields in [
        json!({"textMessage": null, "message": "old form"}),
        json!({"textMessage": null, "dataMessage": {"data": "AA==", "port": 0}}),
        json!({"simNumber": null, "ttl": null, "priority": null, "withDeliveryReport": null, "unknown": 1}),
        json!({"priority": -128, "simNumber": 2, "scheduleAt": "2024-06-22 16:00", "validUntil": "2024-06-22T09:01Z"}),
    ] {
        let answer = lab.client.post("/messages", &with(&fields)).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        assert!(!answer.text().contains("null"), "{}", answer.text());
    }
}

#[tokio::test]
async fn the_same_message_again_is_a_safe_retry_and_another_is_a_conflict() {
    let lab = Lab::start().await;
    let body = with(&json!({"id": "mine", "ttl": 60, "scheduleAt": "2024-06-22T15:46:41+07:00"}));
    let first = lab.client.post("/messages", &body).await;
    assert_eq!(first.status, 202);
    // Its schedule and its validity pass, and still it is the same request.
    lab.advance(Duration::from_secs(90));
    let mut again = with(
        &json!({"id": "mine", "ttl": 60, "priority": 0, "isEncrypted": false,
        "scheduleAt": "2024-06-22T08:46:41.000Z", "withDeliveryReport": true, "simNumber": null}),
    );
    again["textMessage"] = Value::Null;
    again["message"] = "Hello".into();
    let answer = lab.client.post("/messages", &again).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.json()["createdAt"], first.json()["createdAt"]);
    assert_eq!(answer.header("location"), "/messages/mine");
    for (name, value) in [
        ("message", json!("Other")),
        ("phoneNumbers", json!(["+12025550144"])),
        ("ttl", json!(61)),
        ("ttl", json!(null)),
        ("priority", json!(1)),
        ("simNumber", json!(1)),
        ("withDeliveryReport", json!(false)),
        ("scheduleAt", json!(null)),
        ("isEncrypted", json!(true)),
    ] {
        let mut other = again.clone();
        other[name] = value;
        let answer = lab.client.post("/messages", &other).await;
        assert_eq!(answer.status, 409, "{name}: {}", answer.text());
    }
    assert_eq!(
        lab.client.get("/messages").await.header("x-total-count"),
        "1"
    );
}

#[tokio::test]
async fn an_encrypted_message_is_taken_as_it_is_and_judged_when_it_is_sent() {
    let lab = Lab::start().await;
    let body = json!({"isEncrypted": true, "textMessage": {"text": "broken"}, "phoneNumbers": ["broken", "broken"]});
    let answer = lab.client.post("/messages", &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let path = format!("/messages/{}", answer.json()["id"].as_str().unwrap());
    let mut turns = lab.gateway.sending_turns();
    let failed = async {
        loop {
            turns.borrow_and_update();
            let message = lab.client.get(&path).await.json();
            if message["state"] == "Failed" {
                return message;
            }
            turns.changed().await.unwrap();
        }
    };
    let message = simrelay_tests::within("it fails", failed).await;
    assert_eq!(message["textMessage"]["text"], "broken");
    assert_eq!(message["recipients"][1]["phoneNumber"], "broken");
    let error = message["recipients"][0]["error"].as_str().unwrap();
    assert!(
        error.starts_with("phoneNumbers[0]: an encrypted field must "),
        "{error}"
    );
    assert_eq!(lab.modem.requests().len(), 0);
}

/// `Attack at dawn` under the passphrase `correct horse`, made by the recipe of protocol.md 4:
/// openssl enc -aes-256-cbc with a key of 75,000 rounds and the salt 00 to 0f.
const SEALED_TEXT: &str =
    "$aes-256-cbc/pbkdf2-sha1$i=75000$AAECAwQFBgcICQoLDA0ODw==$NXVce2hgruxU6a2F89VB/Q==";
/// The vector of protocol.md 4: +19162255887.
const SEALED_NUMBER: &str =
    "$aes-256-cbc/pbkdf2-sha1$i=75000$AAECAwQFBgcICQoLDA0ODw==$bplM0uCZ0n3HJaHxt1Zang==";

#[tokio::test]
async fn an_encrypted_message_is_opened_for_the_modem_alone() {
    // Where there is a limit, its parts are counted between opening and handing over.
    for modem in [FakeModem::default(), FakeModem::limited(30)] {
        opened_for_the_modem_alone(modem).await;
    }
}

async fn opened_for_the_modem_alone(modem: FakeModem) {
    let lab = Lab::start_with_modem(modem).await;
    let mut receiver = Receiver::start().await;
    for event in ["sms:sent", "sms:failed"] {
        lab.register(event, &receiver.url(), event).await;
    }
    lab.set(json!({"encryption": {"passphrase": "correct horse"}}))
        .await;
    let body = json!({"isEncrypted": true, "textMessage": {"text": SEALED_TEXT}, "phoneNumbers": [SEALED_NUMBER]});
    let answer = lab.client.post("/messages", &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let message = answer.json();
    assert_eq!(message["isEncrypted"], true);
    assert_eq!(message["textMessage"]["text"], SEALED_TEXT);
    assert_eq!(message["recipients"][0]["phoneNumber"], SEALED_NUMBER);
    let request = lab.modem.given(1).await.remove(0);
    assert_eq!(request.phone_number.as_str(), "+19162255887");
    assert!(request.content == Content::Text("Attack at dawn".into()));
    lab.gateway
        .part_sent(&part(&request, 0, 1))
        .done()
        .await
        .unwrap();
    let payload = &receiver.next().await.json()["payload"];
    assert_eq!(payload["recipient"], SEALED_NUMBER);
    assert_eq!(payload["phoneNumber"], SEALED_NUMBER);

    lab.set(json!({"encryption": {"passphrase": "wrong"}}))
        .await;
    lab.client.post("/messages", &body).await;
    let failed = receiver.next().await.json();
    assert_eq!(failed["event"], "sms:failed");
    let reason = failed["payload"]["reason"].as_str().unwrap();
    assert!(reason.contains("the passphrase does not match"), "{reason}");
    assert_eq!(lab.modem.requests().len(), 1);
}

#[tokio::test]
async fn an_encrypted_number_that_is_there_twice_is_sent_to_once() {
    let lab = Lab::start().await;
    lab.set(json!({"encryption": {"passphrase": "correct horse"}}))
        .await;
    let body = json!({"isEncrypted": true, "textMessage": {"text": SEALED_TEXT}, "phoneNumbers": [SEALED_NUMBER, SEALED_NUMBER]});
    let answer = lab.client.post("/messages", &body).await;
    let path = format!("/messages/{}", answer.json()["id"].as_str().unwrap());
    let mut turns = lab.gateway.sending_turns();
    let judged = async {
        loop {
            turns.borrow_and_update();
            let recipients = lab.client.get(&path).await.json()["recipients"].clone();
            if recipients[1]["state"] == "Failed" {
                return recipients;
            }
            turns.changed().await.unwrap();
        }
    };
    let recipients = simrelay_tests::within("the second is refused", judged).await;
    assert_eq!(
        recipients[1]["error"],
        "phoneNumbers[1] is a duplicate of phoneNumbers[0]"
    );
    assert_eq!(lab.modem.given(1).await.len(), 1);
}

#[tokio::test]
async fn what_is_empty_counts_as_absent() {
    let lab = Lab::start().await;
    let body = json!({"message": "x", "phoneNumbers": ["+12025550143"], "deviceId": ""});
    assert_eq!(lab.client.post("/messages", &body).await.status, 202);
    let query = "limit=&offset=&from=&to=&includeContent=&state=&sort=&deviceId=";
    let listed = lab.client.get(&format!("/messages?{query}")).await;
    assert_eq!(listed.status, 200, "{}", listed.text());
    assert_eq!(listed.header("x-total-count"), "1");
}

fn texts(list: &Value) -> Vec<&str> {
    let messages = list.as_array().unwrap().iter();
    messages
        .map(|message| message["textMessage"]["text"].as_str().unwrap_or("-"))
        .collect()
}

#[tokio::test]
async fn the_list_is_filtered_sorted_paged_and_counted() {
    let lab = Lab::start().await;
    lab.modem.answers([Err(SendError::NoSim)]);
    for text in ["one", "two"] {
        lab.client
            .post("/messages", &with(&json!({"textMessage": {"text": text}})))
            .await;
    }
    lab.clock.advance(Duration::from_secs(60));
    let scheduled = json!({"textMessage": {"text": "three"}, "scheduleAt": "2024-06-23T00:00:00Z"});
    lab.client.post("/messages", &with(&scheduled)).await;
    lab.modem.given(2).await;
    let mut turns = lab.gateway.sending_turns();
    let settled = async {
        while lab
            .client
            .get("/messages?state=Processed")
            .await
            .header("x-total-count")
            != "1"
        {
            turns.changed().await.unwrap();
        }
    };
    simrelay_tests::within("the modem's answers are kept", settled).await;
    for (query, expected, total) in [
        ("", vec!["three", "two", "one"], "3"),
        ("&sort=-created_at", vec!["three", "two", "one"], "3"),
        ("&sort=created_at", vec!["one", "two", "three"], "3"),
        ("&limit=1&offset=1", vec!["two"], "3"),
        ("&state=Pending", vec!["three"], "1"),
        ("&state=failed", vec!["one"], "1"),
        ("&state=Cancelling", vec![], "0"),
        ("&from=2024-06-22T15:47:11%2B07:00", vec!["three"], "1"),
        ("&to=2024-06-22T15:47:10+07:00", vec!["two", "one"], "2"),
    ] {
        let answer = lab
            .client
            .get(&format!("/messages?includeContent=true{query}"))
            .await;
        assert_eq!(texts(&answer.json()), expected, "{query}");
        assert_eq!(answer.header("x-total-count"), total, "{query}");
    }
    assert_eq!(
        texts(&lab.client.get("/messages").await.json()),
        ["-", "-", "-"]
    );
    for (query, name) in [
        ("state=Lost", "state"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("offset=x", "offset"),
        ("sort=state", "sort"),
        ("includeContent=perhaps", "includeContent"),
        ("from=yesterday", "from"),
        ("deviceId=other", "deviceId"),
    ] {
        let answer = lab.client.get(&format!("/messages?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(
            answer.sentence().starts_with(name),
            "{query}: {}",
            answer.sentence()
        );
    }
    assert_eq!(lab.client.get("/messages/nobody").await.status, 404);
}
