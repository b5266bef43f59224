//! Very many webhooks, and what comes to each of them.

use simrelay_tests::{Lab, Receiver, within};

use crate::database::database;

/// Registered behind the gateway's back, before it starts: over the API they take a commit each.
async fn lab_with(webhooks: usize, url: &str) -> Lab {
    let lab = Lab::start().await;
    let left = lab.crash().await;
    let rows = format!(
        "WITH RECURSIVE numbers (n) AS
             (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {webhooks})
         INSERT INTO webhooks (source, id, url, event, created_at, updated_at)
         SELECT 'local', 'w' || n, ?1, 'sms:received', 0, 0 FROM numbers"
    );
    let path = left.0.path().join("simrelay.db");
    database(&path).execute(&rows, [url]).unwrap();
    Lab::again(left).await
}

#[tokio::test]
async fn each_of_a_thousand_webhooks_gets_the_event_once() {
    const WEBHOOKS: usize = 1_000;
    let mut receiver = Receiver::start().await;
    let lab = lab_with(WEBHOOKS, &receiver.url()).await;
    lab.receive("to all").await;
    let mut told = std::collections::HashSet::new();
    for _ in 0..WEBHOOKS {
        let id = receiver.next().await.json()["webhookId"].clone();
        told.insert(id.as_str().unwrap().to_owned());
    }
    assert_eq!((told.len(), receiver.waiting()), (WEBHOOKS, 0));
    let mut turns = lab.gateway.turns();
    let all = async {
        while lab.gateway.status().unwrap().pending > 0 {
            turns.changed().await.unwrap();
        }
    };
    within("all are delivered", all).await;
    lab.receive("again").await;
    for _ in 0..WEBHOOKS {
        receiver.next().await;
    }
}
