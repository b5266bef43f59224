//! Kills between any two lines.

use simrelay_tests::{Lab, Receiver, Reply};

#[tokio::test]
async fn an_attempt_cut_off_by_a_crash_is_made_again_and_uses_up_no_retry() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    receiver.script([Reply::Hang]);
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("cut off").await;
    let first = receiver.next().await;
    let lab = Lab::again(lab.crash().await).await;
    let again = receiver.next().await;
    assert_eq!(again.body(), first.body());
    let delivery = lab
        .newest("w", |delivery| delivery.state == "delivered")
        .await;
    assert_eq!(delivery.attempts, 1);
}

#[tokio::test]
async fn what_comes_in_while_stopped_goes_out_at_the_next_start() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.gateway.stop(std::time::Duration::ZERO).await;
    lab.receive("kept").await;
    assert_eq!(lab.deliveries("w")[0].state, "pending");
    let _lab = Lab::again(lab.crash().await).await;
    assert_eq!(receiver.next().await.json()["payload"]["message"], "kept");
}
