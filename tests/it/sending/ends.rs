//! How a message ends that is not simply sent: cancelled, expired, given up, removed.

use super::*;
use crate::database::bodies;

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
async fn a_deadline_survives_a_clock_that_comes_back() {
    let hour = 3_600_000;
    for away in [START.0 - 24 * hour, START.0 + 24 * hour] {
        let lab = Lab::start().await;
        let id = text(&lab, "silent").await;
        lab.modem.given(1).await;
        state(&lab, &id, "Processed").await;
        lab.clock.set(UnixMillis(away));
        lab.gateway.clock_changed();
        settled(&lab).await;
        advance(&lab, 30);
        settled(&lab).await;
        lab.clock.set(UnixMillis(START.0 + 30_000));
        lab.gateway.clock_changed();
        settled(&lab).await;
        advance(&lab, 3_569);
        settled(&lab).await;
        assert_eq!(message(&lab, &id).await["state"], "Processed");
        advance(&lab, 1);
        state(&lab, &id, "Failed").await;
    }
}

#[tokio::test]
async fn what_waits_neither_expires_nor_goes_by_a_clock_that_comes_back() {
    let lab = Lab::start().await;
    hold(&lab).await;
    let lives = post(&lab, json!({"ttl": 3_600})).await["id"].clone();
    let until = lab.gateway.time_text(UnixMillis(START.0 + 3_600_000));
    let valid = post(&lab, json!({"validUntil": until})).await["id"].clone();
    let planned = post(&lab, json!({"scheduleAt": until, "priority": 100})).await["id"].clone();
    for away in [START.0 + 86_400_000, START.0 - 86_400_000, START.0] {
        lab.clock.set(UnixMillis(away));
        lab.gateway.clock_changed();
        settled(&lab).await;
        for id in [&lives, &valid, &planned] {
            assert_eq!(
                message(&lab, id.as_str().unwrap()).await["state"],
                "Pending"
            );
        }
    }
    advance(&lab, 3_600);
    for id in [&lives, &valid] {
        state(&lab, id.as_str().unwrap(), "Failed").await;
    }
    lab.modem.given(1).await;
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

#[tokio::test]
async fn a_message_that_waited_longer_than_it_is_kept_is_kept_from_its_end_on() {
    let lab = Lab::start().await;
    lab.set(json!({"messages": {"log_lifetime_days": 1}})).await;
    hold(&lab).await;
    let waits = text(&lab, "waits").await;
    lab.clock.advance(Duration::from_secs(86_000));
    let over = post(&lab, json!({"priority": 100})).await["id"].clone();
    let over = over.as_str().unwrap().to_owned();
    sent(&lab, &lab.modem.given(1).await[0]).await;
    let left = lab.crash().await;
    left.1.advance(Duration::from_secs(84_000));
    let lab = Lab::again(left).await;
    release(&lab).await;
    let request = lab.modem.given(1).await.remove(0);
    sent(&lab, &request).await;
    assert_eq!(message(&lab, &over).await["state"], "Sent");
    // The next clean-up takes what ended more than a day ago.
    advance(&lab, 3_600);
    let removed = async {
        let path = format!("/messages/{over}");
        while lab.client.get(&path).await.status != 404 {
            tokio::task::yield_now().await;
        }
    };
    within("the other message goes", removed).await;
    reported(&lab, &request, 0x00).await;
    assert_eq!(message(&lab, &waits).await["state"], "Delivered");
}

#[tokio::test]
async fn a_message_that_never_went_out_names_the_sim_that_it_was_for() {
    let lab = Lab::start().await;
    hold(&lab).await;
    for event in ["sms:cancelled", "sms:failed"] {
        lab.register(event, "https://example.com/", event).await;
    }
    lab.online(false);
    let cancelled = post(&lab, json!({"simNumber": 2})).await;
    let path = format!("/messages/{}", cancelled["id"].as_str().unwrap());
    lab.client.send("DELETE", &path, "", "").await;
    let expired = post(&lab, json!({"simNumber": 2, "ttl": 1})).await;
    advance(&lab, 1);
    state(&lab, expired["id"].as_str().unwrap(), "Failed").await;
    for event in ["sms:cancelled", "sms:failed"] {
        let payload = &bodies(&lab, event)[0]["payload"];
        assert_eq!(payload["simNumber"], 2, "{event}");
        assert_eq!(payload["sender"], "+12025550101", "{event}");
    }
}
