//! Messages that come in.

use simrelay_core::receiving::{IncomingPdus, ReceiveError};
use simrelay_pdu as pdu;
use simrelay_tests::{Lab, Receiver, sms};

async fn receive_pdus(lab: &Lab, pdus: &[&str]) -> Result<(), ReceiveError> {
    let pdus = pdus.iter().map(|hex| pdu::from_hex(hex).unwrap()).collect();
    let incoming = IncomingPdus {
        pdus,
        sim_number: Some(2),
        delivery_key: None,
    };
    lab.gateway.receive(incoming)?.done().await?;
    Ok(())
}

#[tokio::test]
async fn the_same_fact_told_twice_is_one_message_and_two_equal_texts_are_two() {
    let lab = Lab::start().await;
    let mut fact = sms("equal");
    fact.origin.delivery_key = Some("broadcast-1".into());
    let tell = |fact| async {
        lab.gateway
            .receive(fact)
            .unwrap()
            .done()
            .await
            .unwrap()
            .remove(0)
    };
    let first = tell(fact.clone()).await;
    assert_eq!(tell(fact.clone()).await, first);
    fact.origin.delivery_key = Some("broadcast-2".into());
    assert_ne!(tell(fact).await, first);
    assert_ne!(tell(sms("equal")).await, tell(sms("equal")).await);
    assert_eq!(lab.client.get("/inbox").await.header("x-total-count"), "4");
}

#[tokio::test]
async fn the_parts_of_a_pdu_message_are_joined_before_they_are_decoded() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    // UCS-2 "Hi 😀" cut between the two units of the emoji, the parts in the wrong order.
    let head = "07911326040000F0440B911346610089F60008208062917314080";
    let first = format!(
        "{head}{}",
        "E0500034202010048006900 20D83D".replace(' ', "")
    );
    let second = format!("{head}{}", "8050003420202DE00");
    receive_pdus(&lab, &[&second, &first]).await.unwrap();
    let payload = &receiver.next().await.json()["payload"];
    assert_eq!(payload["message"], "Hi 😀");
    assert_eq!(payload["sender"], "+31641600986");
    assert_eq!(payload["recipient"], "+12025550101");
    assert_eq!(payload["simNumber"], 2);
}

#[tokio::test]
async fn what_cannot_be_decoded_is_refused_with_a_type_of_its_own() {
    let lab = Lab::start().await;
    let refused = receive_pdus(&lab, &["0791132604"]).await;
    assert!(matches!(refused, Err(ReceiveError::Undecodable(_))));
    assert_eq!(lab.client.get("/inbox").await.header("x-total-count"), "0");
}

#[tokio::test]
async fn a_message_from_a_sim_that_is_not_listed_is_kept_without_a_recipient() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    let mut unknown_sim = sms("x");
    unknown_sim.origin.sim_number = Some(3);
    lab.gateway
        .receive(unknown_sim)
        .unwrap()
        .done()
        .await
        .unwrap();
    let payload = &receiver.next().await.json()["payload"];
    assert_eq!(payload["simNumber"], 3);
    assert!(payload.get("recipient").is_none());
}

#[tokio::test]
async fn a_service_centre_from_the_future_is_not_believed() {
    let lab = Lab::start().await;
    let mut future = sms("future");
    let two_days = std::time::Duration::from_secs(2 * 86_400);
    future.origin.sent_at = Some(simrelay_tests::START.plus(two_days));
    lab.gateway.receive(future).unwrap().done().await.unwrap();
    let item = &lab.client.get("/inbox").await.json()[0];
    assert_eq!(item["createdAt"], "2024-06-22T15:46:11.000+07:00");
}

#[tokio::test]
async fn a_caller_that_waits_writes_itself_and_beside_others_nothing_is_lost() {
    const EACH: usize = 200;
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let gateway = std::sync::Arc::clone(&lab.gateway);
            tokio::task::spawn_blocking(move || {
                let mut fact = sms("waits");
                for number in 0..EACH {
                    fact.origin.delivery_key = Some(format!("{number}"));
                    gateway.receive_here(fact.clone()).unwrap();
                }
            })
        })
        .collect();
    for _ in 0..EACH {
        lab.receive("queued").await;
    }
    for task in waiting {
        task.await.unwrap();
    }
    // Four callers told the same facts: each is one message.
    let total = (2 * EACH).to_string();
    assert_eq!(
        lab.client.get("/inbox").await.header("x-total-count"),
        total
    );
    for _ in 0..2 * EACH {
        receiver.next().await;
    }
}
