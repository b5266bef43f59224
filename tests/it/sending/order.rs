//! What goes first, and what waits for its hour.

use super::*;

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
