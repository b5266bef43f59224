//! Pauses and limits: the owner's, and the platform's.

use super::*;

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
    const SENTENCE: &str = "the message needs 31 parts, and the phone lets an app send 30 in a \
        minute before it asks its user; shorten it";
    let lab = Lab::start_with_modem(FakeModem::limited(30)).await;
    let long = "x".repeat(30 * 153 + 1);
    let body = json!({"textMessage": {"text": long}, "phoneNumbers": [NUMBER]});
    let refused = lab.client.post("/messages", &body).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.sentence(), format!("textMessage.text: {SENTENCE}."));
    text(&lab, &"x".repeat(30 * 153)).await;
    lab.modem.given(1).await;
    settled(&lab).await;
    advance(&lab, 65);
    // The phone knows a denser alphabet than we do.
    lab.modem.counts(30);
    text(&lab, &long).await;
    lab.modem.given(2).await;
    settled(&lab).await;
    advance(&lab, 65);
    // Or it makes more of a text than we thought when it was posted.
    lab.modem.counts(31);
    let short = text(&lab, "short").await;
    let message = state(&lab, &short, "Failed").await;
    assert_eq!(message["recipients"][0]["error"], SENTENCE);
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
async fn a_clock_that_was_set_back_does_not_end_the_pauses() {
    let lab = Lab::start().await;
    lab.set(json!({"messages": {"send_interval_min": 10, "send_interval_max": 10}}))
        .await;
    text(&lab, "first").await;
    lab.modem.given(1).await;
    lab.clock.set(UnixMillis(START.0 - 3_600_000));
    for number in 2..4 {
        text(&lab, &number.to_string()).await;
    }
    for number in 2..4 {
        settled(&lab).await;
        assert_eq!(lab.modem.requests().len(), number - 1);
        advance(&lab, 10);
        lab.modem.given(number).await;
    }
}

#[tokio::test]
async fn a_limit_holds_over_a_clock_that_was_set_back_and_forward_again() {
    let lab = Lab::start().await;
    lab.set(json!({"messages": {"limit_period": "PerHour", "limit_value": 2}}))
        .await;
    for number in 1..4 {
        text(&lab, &number.to_string()).await;
    }
    lab.modem.given(2).await;
    settled(&lab).await;
    for wall in [START.0 - 86_400_000, START.0] {
        lab.clock.set(UnixMillis(wall));
        lab.gateway.clock_changed();
        settled(&lab).await;
        assert_eq!(lab.modem.requests().len(), 2);
        advance(&lab, 60);
        settled(&lab).await;
    }
    advance(&lab, 3_420);
    settled(&lab).await;
    assert_eq!(lab.modem.requests().len(), 2);
    advance(&lab, 61);
    lab.modem.given(3).await;
}

#[tokio::test]
async fn what_may_have_gone_on_the_air_keeps_its_place_under_the_limit() {
    let lab = Lab::start().await;
    lab.set(json!({"messages": {"limit_period": "PerDay", "limit_value": 2}}))
        .await;
    let two = Accepted {
        parts: 2,
        sim_number: None,
    };
    lab.modem.answers([Ok(two)]);
    let half = text(&lab, "half of it was sent").await;
    let silent = text(&lab, "nobody knows").await;
    text(&lab, "waits").await;
    let requests = lab.modem.given(2).await;
    sent_part(&lab, &requests[0], 0, 2).await;
    let failed = lab
        .gateway
        .part_failed(&part(&requests[0], 1, 2), SendFailure::GENERIC);
    failed.done().await.unwrap();
    state(&lab, &half, "Failed").await;
    advance(&lab, 3_600);
    state(&lab, &silent, "Failed").await;
    settled(&lab).await;
    assert_eq!(lab.modem.requests().len(), 2);
    advance(&lab, 23 * 3_600);
    lab.modem.given(3).await;
}
