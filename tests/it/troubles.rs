//! What went wrong is told by health and by the first screen, and there is a way out of it.

use std::time::Duration;

use serde_json::{Value, json};
use simrelay_tests::visitor::Browser;
use simrelay_tests::{Lab, Receiver, Reply, within};

const PATIENCE: Duration = Duration::from_secs(11);

/// The state and the number of a check of `/health`, and the state of all of it.
async fn check(lab: &Lab, name: &str) -> (Value, Value, Value) {
    let answer = lab.client.get("/health").await;
    assert_eq!(answer.status, 200, "a warning is no failure");
    let health = answer.json();
    let check = &health["checks"][name];
    (
        check["status"].clone(),
        check["observedValue"].clone(),
        health["status"].clone(),
    )
}

fn told(status: &str, count: i64, all: &str) -> (Value, Value, Value) {
    (json!(status), json!(count), json!(all))
}

/// A delivery for each of these webhooks that was given up.
async fn give_up(lab: &Lab, receiver: &Receiver, webhooks: &[&str]) {
    lab.set(json!({"webhooks": {"retry_count": 1}})).await;
    receiver.otherwise(Reply::Status(500));
    for id in webhooks {
        lab.register(id, &receiver.url(), "sms:received").await;
    }
    lab.receive("Your code is 123456").await;
    for id in webhooks {
        lab.after_attempts(id, 1).await;
    }
    lab.advance(PATIENCE);
    for id in webhooks {
        lab.newest(id, |delivery| delivery.state == "dead").await;
    }
}

#[tokio::test]
async fn what_was_given_up_is_told_until_it_is_delivered() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    assert_eq!(
        check(&lab, "deliveries:dead").await,
        told("pass", 0, "pass")
    );
    assert_eq!(
        check(&lab, "webhooks:failing").await,
        told("pass", 0, "pass")
    );
    give_up(&lab, &receiver, &["one", "two"]).await;
    assert_eq!(
        check(&lab, "deliveries:dead").await,
        told("warn", 2, "warn")
    );
    assert_eq!(
        check(&lab, "webhooks:failing").await,
        told("warn", 2, "warn")
    );
    let browser = Browser::sign_in(&lab).await;
    let home = browser.screen("/").await;
    for expected in [
        "Running, with problems",
        "2 deliveries failed for good.",
        "<a href=\"/ui/dead\">View</a>",
        "action=\"/ui/dead/replay\"",
        "2 webhooks are failing.",
    ] {
        assert!(home.contains(expected), "{expected}: {home}");
    }
    let list = browser.screen("/ui/dead").await;
    for expected in ["Your code is 123456", "one", "two", "500"] {
        assert!(list.contains(expected), "{expected}: {list}");
    }
    while receiver.waiting() > 0 {
        receiver.next().await;
    }
    receiver.otherwise(Reply::Status(200));
    let answer = browser.post("/ui/dead/replay", &[]).await;
    assert_eq!(answer.header("location"), "/ui/dead?done=replayed-all.2");
    for id in ["one", "two"] {
        lab.newest(id, |delivery| delivery.state == "delivered")
            .await;
    }
    assert_eq!(
        check(&lab, "deliveries:dead").await,
        told("pass", 0, "pass")
    );
    assert_eq!(
        check(&lab, "webhooks:failing").await,
        told("pass", 0, "pass")
    );
    let home = browser.screen("/").await;
    assert!(home.contains(">Running<"), "{home}");
}

#[tokio::test]
async fn what_was_given_up_is_discarded_for_its_owner() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    give_up(&lab, &receiver, &["one", "two"]).await;
    let browser = Browser::sign_in(&lab).await;
    let answer = browser.post("/ui/dead/discard", &[]).await;
    assert_eq!(answer.header("location"), "/ui/dead?done=discarded.2");
    let page = browser.screen(answer.header("location")).await;
    assert!(page.contains("2 deliveries were discarded."), "{page}");
    for id in ["one", "two"] {
        assert_eq!(lab.deliveries(id)[0].state, "cancelled");
    }
    let (status, count, _) = check(&lab, "deliveries:dead").await;
    assert_eq!((status, count), (json!("pass"), json!(0)));
}

#[tokio::test]
async fn a_deleted_webhook_leaves_no_trouble_behind() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    give_up(&lab, &receiver, &["one"]).await;
    lab.client.send("DELETE", "/webhooks/one", "", "").await;
    assert_eq!(
        check(&lab, "deliveries:dead").await,
        told("pass", 0, "pass")
    );
    assert_eq!(
        check(&lab, "webhooks:failing").await,
        told("pass", 0, "pass")
    );
}

#[tokio::test]
async fn a_webhook_fails_until_an_attempt_or_a_test_arrives() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    receiver.otherwise(Reply::Status(500));
    lab.receive("1").await;
    lab.after_attempts("w", 1).await;
    assert_eq!(
        check(&lab, "webhooks:failing").await,
        told("warn", 1, "warn")
    );
    let test = async || {
        lab.client
            .send("POST", "/webhooks/w/test", "", "")
            .await
            .json()
    };
    assert_eq!(test().await["ok"], false);
    receiver.otherwise(Reply::Status(200));
    assert_eq!(test().await["ok"], true);
    assert_eq!(
        check(&lab, "webhooks:failing").await,
        told("pass", 0, "pass")
    );
    // A restart forgets neither.
    receiver.otherwise(Reply::Status(500));
    lab.receive("2").await;
    lab.after_attempts("w", 1).await;
    let lab = Lab::again(lab.crash().await).await;
    let (status, count, _) = check(&lab, "webhooks:failing").await;
    assert_eq!((status, count), (json!("warn"), json!(1)));
}

#[tokio::test]
async fn a_device_cut_off_is_no_failing_webhook() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.online(false);
    lab.receive("1").await;
    lab.queued("w", 1).await;
    let (status, count, _) = check(&lab, "webhooks:failing").await;
    assert_eq!((status, count), (json!("pass"), json!(0)));
}

#[tokio::test]
async fn what_was_removed_for_its_age_is_told_until_its_owner_has_seen_it() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    give_up(&lab, &receiver, &["one"]).await;
    let browser = Browser::sign_in(&lab).await;
    // The hourly cleaning finds it too old.
    let removed = async {
        lab.clock.wait_for_sleeper(Duration::from_secs(1_800)).await;
        lab.advance(Duration::from_secs(31 * 86_400));
        while check(&lab, "deliveries:removed").await.0 != "warn" {}
    };
    within("it is removed", removed).await;
    let browser = match browser.is_in().await {
        true => browser,
        false => Browser::sign_in(&lab).await,
    };
    let home = browser.screen("/").await;
    assert!(home.contains("Running, with problems"), "{home}");
    assert!(home.contains("action=\"/ui/dead/noted\""), "{home}");
    let answer = browser.post("/ui/dead/noted", &[]).await;
    assert_eq!(answer.header("location"), "/");
    let (status, count, _) = check(&lab, "deliveries:removed").await;
    assert_eq!((status, count), (json!("pass"), json!(1)));
}
