//! Looking back, replay, and the test of a webhook.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use simrelay_core::webhooks::sign;
use simrelay_tests::{Answer, Client, Lab, Receiver, Reply};

async fn post(client: &Client, path: &str) -> Answer {
    client.send("POST", path, "", "").await
}

fn ids(answer: &Answer) -> Vec<String> {
    let list = answer.json();
    let list = list.as_array().unwrap().iter();
    list.map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

/// The path of a `next` link.
fn next(answer: &Answer) -> Option<String> {
    let (path, rest) = answer.header("link").strip_prefix('<')?.split_once('>')?;
    assert_eq!(rest, "; rel=\"next\"");
    Some(path.to_owned())
}

#[tokio::test]
async fn pages_hold_every_delivery_once_newest_first() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    let id = "a/b <c>";
    lab.register(id, &receiver.url(), "sms:received").await;
    let mut sent = Vec::new();
    for number in 0..7 {
        lab.receive(&number.to_string()).await;
        sent.push(
            receiver.next().await.json()["id"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    lab.deliveries_once(id, |all| all.iter().all(|one| one.state == "delivered"))
        .await;
    sent.reverse();
    let mut found = Vec::new();
    let mut path = Some("/webhooks/a%2Fb%20%3Cc%3E/deliveries?limit=3&state=delivered".to_owned());
    while let Some(at) = path {
        let page = lab.client.get(&at).await;
        assert_eq!(page.status, 200, "{}", page.text());
        found.extend(ids(&page));
        path = next(&page);
    }
    assert_eq!(found, sent);
    let one = lab
        .client
        .get(&format!("/deliveries/{}", sent[0]))
        .await
        .json();
    assert_eq!(one["webhookId"], id);
    assert_eq!(
        (&one["state"], &one["attemptsCount"]),
        (&json!("delivered"), &json!(1))
    );
    assert_eq!(one["attempts"][0]["status"], 200);
    assert_eq!(one["attempts"][0]["answerHead"], "ok");
    assert!(one.get("dueAt").is_none() && one["settledAt"].is_string());
}

#[tokio::test]
async fn what_is_not_there_or_wrong_says_so() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    for (method, path, body, status) in [
        ("GET", "/webhooks/x/deliveries", Value::Null, 404),
        ("GET", "/webhooks/w/deliveries?state=lost", Value::Null, 400),
        ("GET", "/webhooks/w/deliveries?limit=0", Value::Null, 400),
        ("GET", "/deliveries/x", Value::Null, 404),
        ("POST", "/deliveries/x/replay", Value::Null, 404),
        ("POST", "/webhooks/x/replay", json!({}), 404),
        (
            "POST",
            "/webhooks/w/replay",
            json!({"state": "cancelled"}),
            400,
        ),
        (
            "POST",
            "/webhooks/w/replay",
            json!({"state": "delivered"}),
            400,
        ),
        (
            "POST",
            "/webhooks/w/replay",
            json!({"since": "yesterday"}),
            400,
        ),
        ("POST", "/webhooks/x/test", Value::Null, 404),
    ] {
        let answer = match &body {
            Value::Null => lab.client.send(method, path, "", "").await,
            body => lab.client.json(method, path, body).await,
        };
        assert_eq!(answer.status, status, "{method} {path} {body}");
        assert!(answer.sentence().ends_with('.'), "{method} {path} {body}");
    }
}

#[tokio::test]
async fn a_dead_delivery_is_replayed_with_its_body_and_all_its_retries() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.set(json!({"webhooks": {"retry_count": 1}})).await;
    lab.register("w", &receiver.url(), "sms:received").await;
    receiver.otherwise(Reply::Status(500));
    lab.receive("kept").await;
    let first = receiver.next().await;
    lab.after_attempts("w", 1).await;
    lab.advance(std::time::Duration::from_secs(11));
    let dead = lab.newest("w", |delivery| delivery.state == "dead").await;
    receiver.next().await;
    let path = format!("/deliveries/{}/replay", dead.id);
    let answer = post(&lab.client, &path).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let again = receiver.next().await;
    assert_eq!(again.body(), first.body());
    let waiting = lab.after_attempts("w", 3).await;
    assert_eq!(waiting.state, "pending", "a replay has its retries again");
    assert_eq!(
        waiting.history.iter().map(|a| a.number).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    receiver.otherwise(Reply::Status(200));
    assert_eq!(
        post(&lab.client, &path).await.status,
        202,
        "what waits is tried at once"
    );
    let done = lab
        .newest("w", |delivery| delivery.state == "delivered")
        .await;
    assert_eq!(done.attempts, 4);
}

#[tokio::test]
async fn all_dead_ones_are_replayed_and_what_was_delivered_since_a_time() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.register("other", &receiver.url(), "sms:sent").await;
    for text in ["1", "2", "3"] {
        lab.receive(text).await;
        receiver.next().await;
    }
    lab.deliveries_once("w", |all| all.iter().all(|one| one.state == "delivered"))
        .await;
    let replay = async |id: &str, body: Value| {
        let answer = lab
            .client
            .post(&format!("/webhooks/{id}/replay"), &body)
            .await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        answer.json()["replayed"].clone()
    };
    assert_eq!(replay("w", json!({})).await, 0, "nothing is dead");
    let since = |at: &str| json!({"state": "delivered", "since": at});
    assert_eq!(replay("w", since("2024-06-22T15:46:12+07:00")).await, 0);
    assert_eq!(replay("other", since("2024-06-22T15:46:11+07:00")).await, 0);
    assert_eq!(replay("w", since("2024-06-22T15:46:11+07:00")).await, 3);
    let mut texts = Vec::new();
    for _ in 0..3 {
        let message = receiver.next().await.json()["payload"]["message"].clone();
        texts.push(message.as_str().unwrap().to_owned());
    }
    texts.sort();
    assert_eq!(texts, ["1", "2", "3"]);
}

#[tokio::test]
async fn a_delivery_of_a_deleted_webhook_is_not_replayed() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("1").await;
    let id = receiver.next().await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    lab.newest("w", |delivery| delivery.state == "delivered")
        .await;
    lab.client.send("DELETE", "/webhooks/w", "", "").await;
    assert_eq!(
        lab.client.get(&format!("/deliveries/{id}")).await.status,
        200
    );
    let answer = post(&lab.client, &format!("/deliveries/{id}/replay")).await;
    assert_eq!(answer.status, 409);
    assert!(answer.sentence().contains("was deleted"));
}

async fn test(lab: &Lab) -> Value {
    let answer = post(&lab.client, "/webhooks/w/test").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// The steps that went well, and the one that failed.
fn steps(test: &Value) -> (Vec<&str>, Option<&Value>) {
    let steps = test["steps"].as_array().unwrap();
    let good = steps.iter().filter(|step| step["ok"] == true);
    let names = good.map(|step| step["name"].as_str().unwrap()).collect();
    (names, steps.iter().find(|step| step["ok"] == false))
}

#[tokio::test]
async fn a_test_sends_a_signed_event_that_receivers_can_recognise() {
    let lab = Lab::start().await;
    lab.set(json!({"webhooks": {"signing_key": "k"}})).await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    let passed = test(&lab).await;
    assert_eq!(passed["ok"], true, "{passed}");
    assert_eq!(steps(&passed).0, ["url", "name", "connection", "http"]);
    assert_eq!(
        (&passed["status"], &passed["answerHead"]),
        (&json!(200), &json!("ok"))
    );
    let arrival = receiver.next().await;
    let body = arrival.json();
    assert_eq!(body["event"], "system:test");
    assert_eq!(body["webhookId"], "w");
    assert_eq!(body["payload"]["registeredEvent"], "sms:received");
    let timestamp = arrival.header("x-timestamp");
    assert_eq!(
        arrival.header("x-signature"),
        sign("k", arrival.body(), timestamp)
    );
    assert_eq!(lab.deliveries("w").len(), 0, "nothing is queued");
    let refused = json!({"id": "x", "url": receiver.url(), "event": "system:test"});
    assert_eq!(lab.client.post("/webhooks", &refused).await.status, 400);
}

#[tokio::test]
async fn a_test_says_what_is_wrong_and_what_to_do() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    receiver.otherwise(Reply::Status(404));
    lab.set(json!({"webhooks": {"allow_http": "private"}}))
        .await;
    let closed = "http://127.0.0.1:9/".to_owned();
    let unknown = "http://no-such-host.invalid/".to_owned();
    let no_tls = receiver.url().replace("http://", "https://");
    for (url, step, reasons, fix) in [
        (
            closed,
            "connection",
            ["refused the connection"; 2],
            "receiver is running",
        ),
        (unknown, "name", ["was not found"; 2], "DNS"),
        // Which of both it is depends on who hangs up first.
        (
            no_tls,
            "tls",
            ["could not agree on TLS", "closed the connection"],
            "http",
        ),
        (receiver.url(), "http", ["answered 404"; 2], "path"),
    ] {
        lab.register("w", &url, "sms:received").await;
        let failed = test(&lab).await;
        let (_, wrong) = steps(&failed);
        let wrong = wrong.unwrap();
        let text = |name: &str| wrong[name].as_str().unwrap().to_lowercase();
        assert_eq!(
            (&failed["ok"], text("name").as_str()),
            (&json!(false), step),
            "{url}"
        );
        let told = reasons
            .iter()
            .any(|reason| text("reason").contains(&reason.to_lowercase()));
        assert!(told, "{wrong}");
        assert!(text("fix").contains(&fix.to_lowercase()), "{wrong}");
    }
    lab.online(false);
    assert_eq!(steps(&test(&lab).await).1.unwrap()["name"], "network");
    lab.online(true);
    // Registered while it was allowed.
    lab.register("w", "http://192.168.255.1/", "sms:received")
        .await;
    lab.set(json!({"webhooks": {"allow_http": "loopback"}}))
        .await;
    let failed = test(&lab).await;
    let wrong = steps(&failed).1.unwrap();
    assert_eq!(wrong["name"], "url");
    assert!(
        wrong["fix"]
            .as_str()
            .unwrap()
            .contains("webhooks.allow_http")
    );
}

#[tokio::test]
async fn a_test_tells_about_the_certificate() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let receiver = Receiver::start_tls(config).await;
    let lab = Lab::start().await;
    lab.register("w", &receiver.url_on("localhost", "/"), "sms:received")
        .await;
    let failed = test(&lab).await;
    let (good, wrong) = steps(&failed);
    assert_eq!(good, ["url", "name", "connection"]);
    assert!(
        wrong.unwrap()["reason"]
            .as_str()
            .unwrap()
            .contains("self-signed")
    );
    assert!(
        wrong.unwrap()["fix"]
            .as_str()
            .unwrap()
            .contains("webhooks.ca_certificates")
    );
    lab.set(json!({"webhooks": {"ca_certificates": made.cert.pem()}}))
        .await;
    let passed = test(&lab).await;
    assert_eq!(
        steps(&passed).0,
        ["url", "name", "connection", "tls", "http"]
    );
    let detail = passed["steps"][3]["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("TLS 1.3") && detail.contains("localhost"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_replay_of_all_that_was_given_up_needs_no_body() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    let empty = post(&lab.client, "/webhooks/w/replay").await;
    assert_eq!((empty.status, empty.json()), (202, json!({"replayed": 0})));
    // What is there is read, and must say what it is.
    let path = "/webhooks/w/replay";
    let unnamed = lab.client.send("POST", path, "", "{}").await;
    assert_eq!(unnamed.status, 415);
    let broken = lab.client.send("POST", path, "application/json", "{").await;
    assert_eq!(broken.status, 400);
}

#[tokio::test]
async fn a_page_before_nothing_that_is_known_is_refused() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    for id in ["w", "other"] {
        lab.register(id, &receiver.url(), "sms:received").await;
    }
    lab.receive("hello").await;
    let of = async |id: &str| {
        let all = lab.client.get(&format!("/webhooks/{id}/deliveries")).await;
        ids(&all).remove(0)
    };
    let page = async |before: &str| {
        let path = format!("/webhooks/w/deliveries?before={before}");
        lab.client.get(&path).await
    };
    assert_eq!(page(&of("w").await).await.json(), json!([]));
    for before in ["gone", &of("other").await] {
        let refused = page(before).await;
        assert_eq!(refused.status, 400, "{before}");
        let sentence = "before must be the id of a delivery of this webhook";
        assert!(refused.sentence().starts_with(sentence), "{before}");
    }
    // Whose webhook is not there is told that first.
    let path = "/webhooks/none/deliveries?before=gone";
    assert_eq!(lab.client.get(path).await.status, 404);
}
