//! Refresh, export and attachments of the inbox.

use std::sync::Arc;

use serde_json::{Value, json};
use simrelay_core::PhoneNumber;
use simrelay_core::phone_inbox::PhoneInboxError;
use simrelay_core::receiving::{Attachment, IncomingData, IncomingMms, IncomingMmsContent, Origin};
use simrelay_tests::{Lab, PhoneStore, row, sms};

use crate::database::{bodies, database};

/// Everything, with these fields more.
fn range(more: Value) -> Value {
    let mut body = json!({"since": "2000-01-01T00:00:00Z", "until": "2030-01-01T00:00:00Z"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn post(lab: &Lab, path: &str, body: &Value) {
    let answer = lab.client.post(path, body).await;
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (202, ""),
        "{path} {body}"
    );
}

/// A phone without internet, so that what is queued stays, with a webhook for texts and one for
/// batches of them.
async fn lab(phone: &Arc<PhoneStore>) -> Lab {
    let lab = Lab::start_with_phone(phone).await;
    lab.online(false);
    for (id, event) in [("one", "sms:received"), ("many", "sms:batch:received")] {
        lab.register(id, "https://example.com/", event).await;
    }
    lab
}

fn texts(lab: &Lab) -> Vec<String> {
    let text = |body: &Value| body["payload"]["message"].as_str().unwrap().to_owned();
    bodies(lab, "one").iter().map(text).collect()
}

async fn inbox(lab: &Lab) -> Vec<Value> {
    let list = lab.client.get("/inbox").await.json();
    list.as_array().unwrap().clone()
}

#[tokio::test]
async fn a_refresh_reads_the_phone_and_tells_nobody_unless_asked() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    phone.add(row("a year ago", -365 * 86_400));
    phone.add(row("new", 0));
    for _ in 0..2 {
        post(&lab, "/inbox/refresh", &range(json!({}))).await;
        let list = inbox(&lab).await;
        assert_eq!(list.len(), 2);
        assert_eq!(list[0]["contentPreview"], "new");
        assert_eq!(list[1]["createdAt"], "2023-06-23T15:46:11.000+07:00");
        assert_eq!(texts(&lab), Vec::<String>::new());
    }
    // Nobody was told of them yet, so asking for it does, once.
    for _ in 0..2 {
        let told = range(json!({"triggerWebhooks": true}));
        post(&lab, "/3rdparty/v1/inbox/refresh", &told).await;
        assert_eq!(texts(&lab), ["a year ago", "new"]);
    }
}

#[tokio::test]
async fn a_silent_refresh_does_not_hide_a_message_that_is_due_its_event() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    phone.add(row("missed", 10));
    phone.add(row("old", -3_600));
    let late = row("broadcast comes late", 20);
    phone.add(late.clone());
    post(&lab, "/inbox/refresh", &range(json!({}))).await;
    let mut told = sms(&late.text);
    told.origin.sent_at = late.sent_at;
    let receipt = lab.gateway.receive(told).unwrap();
    let id = receipt.done().await.unwrap().remove(0);
    assert_eq!(texts(&lab), ["broadcast comes late"]);
    assert_eq!(bodies(&lab, "one")[0]["payload"]["messageId"], id.0);
    lab.clock.advance(std::time::Duration::from_secs(600));
    lab.reconcile().await.unwrap();
    lab.reconcile().await.unwrap();
    assert_eq!(texts(&lab), ["broadcast comes late", "missed"]);
    assert_eq!(inbox(&lab).await.len(), 3);
}

#[tokio::test]
async fn an_export_tells_all_of_the_range_again_with_the_same_message_ids() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    lab.receive("first").await;
    phone.add(row("only on the phone", 5));
    lab.clock.advance(std::time::Duration::from_secs(10));
    lab.receive("second").await;
    let before: Vec<_> = bodies(&lab, "one");
    post(&lab, "/inbox/export", &range(json!({}))).await;
    let after = bodies(&lab, "one");
    let text = |body: &Value| body["payload"]["message"].clone();
    let exported: Vec<_> = after[2..].iter().map(text).collect();
    assert_eq!(exported, ["first", "only on the phone", "second"]);
    assert_eq!(after[2]["payload"], before[0]["payload"]);
    assert_ne!(after[2]["id"], before[0]["id"]);
    // A range that ends before the last.
    let half = range(json!({"until": "2024-06-22T15:46:20"}));
    post(&lab, "/messages/inbox/export", &half).await;
    assert_eq!(texts(&lab)[5..], ["first", "only on the phone"]);
    for silent in [
        json!({"triggerWebhooks": false}),
        json!({"webhookDelivery": "Disabled", "triggerWebhooks": true}),
        json!({"messageTypes": ["MMS"]}),
    ] {
        post(&lab, "/messages/inbox/export", &range(silent)).await;
        assert_eq!(texts(&lab).len(), 7);
    }
    let wins = json!({"webhookDelivery": "Individual", "triggerWebhooks": false});
    post(&lab, "/messages/inbox/export", &range(wins)).await;
    assert_eq!(texts(&lab).len(), 10);
}

#[tokio::test]
async fn batches_hold_a_hundred_each_in_order_of_time() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    for number in (0..250).rev() {
        phone.add(row(&format!("{number}"), number - 1_000));
    }
    for (times, path) in [(1, "/inbox/refresh"), (2, "/messages/inbox/export")] {
        let batch = range(json!({"webhookDelivery": "Batch"}));
        post(&lab, path, &batch).await;
        let batches = bodies(&lab, "many");
        let texts: Vec<_> = batches
            .iter()
            .flat_map(|batch| batch["payload"]["messages"].as_array().unwrap())
            .map(|message| message["message"].as_str().unwrap().parse::<i64>().unwrap())
            .collect();
        let sizes = batches
            .iter()
            .map(|batch| batch["payload"]["messages"].as_array().unwrap().len());
        assert_eq!(sizes.collect::<Vec<_>>(), [100, 100, 50].repeat(times));
        assert_eq!(texts, (0..250).collect::<Vec<_>>().repeat(times));
        assert_eq!(bodies(&lab, "one").len(), 0);
    }
}

#[tokio::test]
async fn a_refresh_tells_nothing_twice_whatever_the_form() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    lab.receive("by broadcast").await;
    phone.add(row("only on the phone", -1_000));
    for form in ["Batch", "Batch", "Individual"] {
        let body = range(json!({"webhookDelivery": form}));
        post(&lab, "/inbox/refresh", &body).await;
    }
    lab.clock.advance(std::time::Duration::from_secs(3_600));
    lab.reconcile().await.unwrap();
    assert_eq!(texts(&lab), ["by broadcast"]);
    let batches = bodies(&lab, "many");
    assert_eq!(batches.len(), 1);
    let messages = batches[0]["payload"]["messages"].as_array().unwrap();
    let told: Vec<_> = messages.iter().map(|one| &one["message"]).collect();
    assert_eq!(told, ["only on the phone"]);
}

#[tokio::test]
async fn types_choose_what_is_exported() {
    let lab = lab(&PhoneStore::new()).await;
    for event in ["sms:data-received", "mms:received", "mms:downloaded"] {
        lab.register(event, "https://example.com/", event).await;
    }
    lab.receive("text").await;
    let origin = Origin::default;
    let data = IncomingData {
        origin: origin(),
        data: vec![1],
    };
    let notification = IncomingMms {
        origin: origin(),
        transaction_id: "T1".into(),
        subject: None,
        size: 7,
        content_class: "personal".into(),
    };
    let content = IncomingMmsContent {
        origin: origin(),
        body: None,
        subject: Some("Holiday".into()),
        attachments: Vec::new(),
    };
    lab.gateway.receive(data).unwrap().done().await.unwrap();
    lab.gateway
        .receive(notification)
        .unwrap()
        .done()
        .await
        .unwrap();
    lab.gateway.receive(content).unwrap().done().await.unwrap();
    let events = ["one", "sms:data-received", "mms:received", "mms:downloaded"];
    let mut expected = [1; 4];
    for (types, told) in [
        (json!(["SMS"]), [1, 1, 0, 0]),
        (json!(["mms"]), [0, 0, 1, 1]),
        (json!(["SMS", "MMS"]), [1, 1, 1, 1]),
        (json!(["MMS_DOWNLOADED", "MMS_DOWNLOADED"]), [0, 0, 0, 1]),
        (json!(null), [1, 1, 1, 1]),
    ] {
        let body = range(json!({"messageTypes": types}));
        post(&lab, "/messages/inbox/export", &body).await;
        for (count, more) in expected.iter_mut().zip(told) {
            *count += more;
        }
        let counts = events.map(|event| bodies(&lab, event).len());
        assert_eq!(counts, expected, "{types}");
    }
    for event in events {
        let all = bodies(&lab, event);
        assert!(all.iter().all(|body| body["payload"] == all[0]["payload"]));
    }
}

#[tokio::test]
async fn a_bad_request_gets_a_sentence_and_changes_nothing() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    phone.add(row("there", 0));
    for (more, start) in [
        (json!({"since": "yesterday"}), "since must be a date"),
        (json!({"until": ""}), "until must be a date"),
        (json!({"until": 5}), "until must be a string."),
        (json!({"since": null}), "since must be a string."),
        (
            json!({"since": "2031-01-01T00:00:00Z"}),
            "since must not be after until.",
        ),
        (json!({"messageTypes": ["FAX"]}), "messageTypes must"),
        (json!({"messageTypes": ["SMS", ""]}), "messageTypes must"),
        (json!({"messageTypes": []}), "messageTypes must"),
        (
            json!({"messageTypes": "SMS"}),
            "messageTypes must be a list.",
        ),
        (json!({"webhookDelivery": "Some"}), "webhookDelivery must"),
        (
            json!({"triggerWebhooks": "yes"}),
            "triggerWebhooks must be true or false.",
        ),
        (json!({"deviceId": "other"}), "deviceId is not"),
    ] {
        for path in ["/inbox/refresh", "/messages/inbox/export"] {
            let answer = lab.client.post(path, &range(more.clone())).await;
            assert_eq!(answer.status, 400, "{more}");
            let sentence = answer.sentence();
            assert!(
                sentence.starts_with(start) && sentence.ends_with('.'),
                "{more}: {sentence}"
            );
        }
    }
    let missing = lab
        .client
        .post("/inbox/refresh", &json!({"until": "2030-01-01"}))
        .await;
    assert_eq!(missing.status, 400);
    assert!(
        missing.sentence().contains("since"),
        "{}",
        missing.sentence()
    );
    let text = lab
        .client
        .send("POST", "/inbox/refresh", "text/plain", "{}")
        .await;
    assert_eq!(text.status, 415);
    assert_eq!(inbox(&lab).await, Vec::<Value>::new());
    let same = range(json!({"since": "2030-01-01T00:00:00Z", "deviceId": null}));
    post(&lab, "/inbox/refresh", &same).await;
}

#[tokio::test]
async fn a_phone_that_cannot_be_read_refuses_a_refresh_and_not_an_export() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    lab.receive("kept").await;
    phone.fail(Some(PhoneInboxError::NotAllowed));
    let answer = lab.client.post("/inbox/refresh", &range(json!({}))).await;
    assert_eq!(answer.status, 503);
    assert!(answer.sentence().contains("grant"), "{}", answer.sentence());
    post(&lab, "/messages/inbox/export", &range(json!({}))).await;
    assert_eq!(texts(&lab), ["kept", "kept"]);
    phone.fail(Some(PhoneInboxError::Failed(
        "secret of the provider".into(),
    )));
    for path in ["/inbox/refresh", "/messages/inbox/export"] {
        let answer = lab.client.post(path, &range(json!({}))).await;
        assert_eq!(answer.status, 503);
        assert!(!answer.text().contains("secret"));
    }
    assert_eq!(texts(&lab).len(), 2);
}

#[tokio::test]
async fn what_was_answered_goes_on_after_a_kill_where_it_was() {
    let phone = PhoneStore::new();
    let lab = lab(&phone).await;
    for number in 0..250 {
        phone.add(row(&format!("{number}"), number - 1_000));
    }
    post(&lab, "/inbox/refresh", &range(json!({}))).await;
    let file = lab.database();
    let left = lab.crash().await;
    // An export as a kill leaves it: the phone is read, the first hundred are told.
    let connection = database(&file);
    connection
        .execute_batch(
            "INSERT INTO inbox_jobs (since, until, kinds, delivery, again, last_seq, told,
                 told_until, told_seq, created_at)
             SELECT 0, 4102444800000, 'SMS', 'Individual', 1, 1000, 100, received_at, seq, 0
             FROM inbox ORDER BY received_at, seq LIMIT 1 OFFSET 99;
             INSERT INTO inbox_jobs (since, until, kinds, delivery, again, created_at)
             VALUES (0, 4102444800000, 'SMS', 'Batch', 1, 0);",
        )
        .unwrap();
    let lab = Lab::again_with_phone(left, &phone).await;
    lab.queued("many", 3).await;
    let expected: Vec<_> = (100..250).map(|number| number.to_string()).collect();
    assert_eq!(texts(&lab), expected);
    let jobs: i64 = connection
        .query_row("SELECT count(*) FROM inbox_jobs", [], |row| row.get(0))
        .unwrap();
    assert_eq!(jobs, 0);
}

#[tokio::test]
async fn an_attachment_is_served_as_bytes_that_no_browser_shows() {
    let lab = lab(&PhoneStore::new()).await;
    let part = |part_id, content_type: &str, name: Option<&str>| Attachment {
        part_id,
        content_type: content_type.into(),
        name: name.map(str::to_owned),
        data: vec![0, 255, part_id as u8],
    };
    let content = IncomingMmsContent {
        origin: Origin {
            sender: PhoneNumber::new("6505551212"),
            ..Origin::default()
        },
        body: None,
        subject: None,
        attachments: vec![
            part(7, "image/png", Some("be\"ach\r\nX: y.png")),
            part(-1, "nonsense", None),
        ],
    };
    let receipt = lab.gateway.receive(content).unwrap();
    let id = receipt.done().await.unwrap().remove(0).0;
    let get = |path: String| {
        let client = lab.client.clone();
        async move { client.get(&path).await }
    };
    let image = get(format!("/inbox/{id}/attachments/7")).await;
    assert_eq!(image.status, 200);
    assert_eq!(image.bytes(), [0, 255, 7]);
    assert_eq!(image.header("content-type"), "image/png");
    assert_eq!(image.header("x-content-type-options"), "nosniff");
    assert_eq!(
        image.header("content-disposition"),
        "attachment; filename=\"be_achX: y.png\"; filename*=UTF-8''be%22achX%3A%20y.png"
    );
    let other = get(format!("/api/3rdparty/v1/inbox/{id}/attachments/-1")).await;
    assert_eq!(other.header("content-type"), "application/octet-stream");
    assert_eq!(other.header("content-disposition"), "attachment");
    for (path, status, start) in [
        (
            format!("/inbox/{id}/attachments/8"),
            404,
            "This message has no",
        ),
        (
            "/inbox/none/attachments/7".into(),
            404,
            "There is no message",
        ),
        (format!("/inbox/{id}/attachments/x"), 400, "partId must"),
        (
            format!("/inbox/{id}/attachments/99999999999999999999"),
            400,
            "partId must",
        ),
        (
            "/inbox/%FF/attachments/7".into(),
            400,
            "The ids in the path",
        ),
    ] {
        let answer = get(path.clone()).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.sentence().starts_with(start), "{path}");
    }
    let stranger = lab.client.authorized(None);
    let refused = stranger.get(&format!("/inbox/{id}/attachments/7")).await;
    assert_eq!(refused.status, 401);
}
