//! A disk that is full.

use std::sync::Arc;

use serde_json::json;
use simrelay_core::StoreError;
use simrelay_tests::{Lab, Receiver, part, sms};

use crate::small_disk::{SmallDisk, may_mount};

#[tokio::test]
async fn a_full_disk_refuses_with_a_sentence_keeps_nothing_half_and_recovers() {
    if !may_mount("disk::a_full_disk_refuses_with_a_sentence_keeps_nothing_half_and_recovers") {
        return;
    }
    let dir = Arc::new(tempfile::tempdir().unwrap());
    let disk = SmallDisk::mount(dir.path());
    let lab = Lab::start_on(dir).await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.online(false);
    let filler = disk.fill();
    let long = "x".repeat(3_000);
    let mut taken = 0;
    let refused = loop {
        match lab.gateway.receive(sms(&long)).unwrap().done().await {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Full), "{refused:?}");
    let health = lab.client.get("/health").await;
    assert_eq!(
        (health.status, health.json()["status"].clone()),
        (503, json!("fail"))
    );
    // What is small may still fit, so more of it comes until it does not.
    let url = format!("https://example.com/{}", "x".repeat(1_900));
    let webhook = json!({"url": url, "event": "mms:received"});
    let answer = loop {
        let answer = lab.client.post("/webhooks", &webhook).await;
        if answer.status != 201 {
            break answer;
        }
    };
    assert_eq!(answer.status, 503);
    assert!(
        answer.sentence().starts_with("The storage is full,"),
        "{}",
        answer.sentence()
    );
    assert_eq!(lab.deliveries("w").len(), taken);
    assert_eq!(
        lab.client.get("/inbox").await.header("x-total-count"),
        taken.to_string()
    );

    std::fs::remove_file(filler).unwrap();
    lab.receive("after").await;
    assert_eq!(lab.client.get("/health").await.status, 200);
    lab.online(true);
    for _ in 0..=taken {
        receiver.next().await;
    }
    lab.newest("w", |delivery| delivery.state == "delivered")
        .await;
}

#[tokio::test]
async fn a_result_that_finds_no_room_is_refused_and_told_again() {
    if !may_mount("disk::a_result_that_finds_no_room_is_refused_and_told_again") {
        return;
    }
    const MESSAGES: usize = 200;
    let dir = Arc::new(tempfile::tempdir().unwrap());
    let disk = SmallDisk::mount(dir.path());
    let lab = Lab::start_on(dir).await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:sent").await;
    lab.online(false);
    for _ in 0..MESSAGES {
        let message = json!({"textMessage": {"text": "x"}, "phoneNumbers": ["+12025550143"]});
        assert_eq!(lab.client.post("/messages", &message).await.status, 202);
    }
    let requests = lab.modem.given(MESSAGES).await;
    let mut turns = lab.gateway.sending_turns();
    let processed = "/messages?state=Processed";
    while lab.client.get(processed).await.header("x-total-count") != MESSAGES.to_string() {
        turns.changed().await.unwrap();
    }
    let filler = disk.fill();
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for request in &requests {
        let told = lab.gateway.part_sent(&part(request, 0, 1)).done().await;
        match told {
            Ok(()) => kept.push(request),
            Err(error) => {
                assert!(matches!(error, StoreError::Full), "{error:?}");
                refused.push(request);
            }
        }
    }
    assert!(refused.len() > 2, "the disk was not full");
    let sent = "/messages?state=Sent";
    let count = lab
        .client
        .get(sent)
        .await
        .header("x-total-count")
        .to_owned();
    assert_eq!(count, kept.len().to_string());
    assert_eq!(lab.deliveries("w").len(), kept.len());

    std::fs::remove_file(filler).unwrap();
    // What was kept is told once more as well, as a shell does that does not know.
    for request in &requests {
        let told = lab.gateway.part_sent(&part(request, 0, 1)).done().await;
        told.unwrap();
    }
    let count = lab
        .client
        .get(sent)
        .await
        .header("x-total-count")
        .to_owned();
    assert_eq!(count, MESSAGES.to_string());
    assert_eq!(lab.deliveries("w").len(), MESSAGES);
    lab.online(true);
    let mut told: Vec<String> = Vec::new();
    for _ in 0..MESSAGES {
        let arrival = receiver.next().await.json();
        told.push(arrival["payload"]["messageId"].as_str().unwrap().to_owned());
    }
    told.sort();
    told.dedup();
    assert_eq!(told.len(), MESSAGES);
    assert_eq!(lab.modem.requests().len(), MESSAGES);
}

#[tokio::test]
async fn a_start_on_a_full_disk_serves_refuses_and_recovers() {
    if !may_mount("disk::a_start_on_a_full_disk_serves_refuses_and_recovers") {
        return;
    }
    for log_is_gone in [false, true] {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let disk = SmallDisk::mount(dir.path());
        let lab = Lab::start_on(dir).await;
        let mut receiver = Receiver::start().await;
        lab.register("w", &receiver.url(), "sms:received").await;
        lab.online(false);
        for number in 0..20 {
            lab.receive(&format!("message {number} {}", "x".repeat(2_000)))
                .await;
        }
        let left = lab.crash().await;
        if log_is_gone {
            let file = left.0.path().join("simrelay.db");
            crate::database::database(&file)
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
                .unwrap();
            for tail in ["-wal", "-shm"] {
                drop(std::fs::remove_file(
                    left.0.path().join(format!("simrelay.db{tail}")),
                ));
            }
        }
        let filler = disk.fill();
        // After a reboot there is something to be written, too.
        let lab = Lab::after_reboot(left).await;
        lab.online(false);
        let inbox = lab.client.get("/inbox").await;
        assert_eq!(inbox.header("x-total-count"), "20");
        // What opening needed no longer is there for others.
        let mut full = false;
        for _ in 0..200 {
            let told = lab.gateway.receive(sms(&"x".repeat(3_000))).unwrap();
            full |= matches!(told.done().await, Err(StoreError::Full));
        }
        assert!(full, "the disk was not full");
        assert_eq!(lab.client.get("/health").await.status, 503);
        std::fs::remove_file(filler).unwrap();
        lab.receive("after").await;
        assert_eq!(lab.client.get("/health").await.status, 200);
        lab.online(true);
        for _ in 0..21 {
            receiver.next().await;
        }
    }
}
