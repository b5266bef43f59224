//! Settings over the API.

use serde_json::json;
use simrelay_tests::{Lab, within};

#[tokio::test]
async fn a_change_is_all_or_nothing_and_survives_a_restart() {
    let lab = Lab::start().await;
    let before = lab.client.get("/settings").await.json();
    let half = json!({"webhooks": {"retry_count": 5}, "ping": {"interval_seconds": -1}});
    let refused = lab.client.json("PATCH", "/settings", &half).await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.sentence(),
        "ping.interval_seconds must be a whole number from 0 to 2592000 (seconds)."
    );
    assert_eq!(lab.client.get("/settings").await.json(), before);
    let change = json!({"webhooks": {"retry_count": 5, "signing_key": "k"}, "encryption": {"passphrase": "p"}});
    let mut after = before.clone();
    after["webhooks"]["retry_count"] = json!(5);
    assert_eq!(
        lab.client.json("PATCH", "/settings", &change).await.json(),
        after
    );
    let lab = Lab::again(lab.crash().await).await;
    assert_eq!(lab.client.get("/settings").await.json(), after);
    assert_eq!(lab.gateway.settings().signing_key().as_deref(), Some("k"));
    assert_eq!(
        lab.client.json("PUT", "/settings", &json!({})).await.json(),
        before
    );
    assert_eq!(lab.gateway.settings().signing_key().as_deref(), Some("k"));
    lab.set(json!({"webhooks": {"signing_key": null}})).await;
    let fresh = lab.gateway.settings().signing_key().unwrap();
    assert!(fresh.len() == 32 && fresh != "k");
}

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let lab = Lab::start().await;
    for body in [json!([]), json!("x"), json!(null), json!({"webhooks": []})] {
        assert_eq!(
            lab.client.json("PATCH", "/settings", &body).await.status,
            400,
            "{body}"
        );
    }
}

/// The change is committed and then takes effect: what is kept and what holds never differ.
#[tokio::test]
#[allow(
    clippy::disallowed_methods,
    reason = "holds the disk from behind the gateway's back"
)]
async fn a_change_takes_effect_although_the_client_went_away() {
    let lab = Lab::start().await;
    let disk = rusqlite::Connection::open(lab.database()).unwrap();
    disk.execute_batch("BEGIN IMMEDIATE").unwrap();
    let change = json!({"webhooks": {"retry_count": 3}});
    let asking = async {
        lab.client.json("PATCH", "/settings", &change).await;
        panic!("answered before it was kept");
    };
    let others = async {
        for _ in 0..5 {
            lab.client.get("/webhooks").await;
        }
    };
    tokio::select! {
        () = asking => {}
        () = others => {}
    }
    // The client is gone; the API gets time to see it while nothing can be written.
    for _ in 0..5 {
        lab.client.get("/webhooks").await;
    }
    disk.execute_batch("ROLLBACK").unwrap();
    let effective =
        async { while lab.client.get("/settings").await.json()["webhooks"]["retry_count"] != 3 {} };
    within("the change takes effect", effective).await;
}
