//! The page's screens: that they show and save what they should.

use serde_json::{Value, json};
use simrelay_core::device::DeviceChange;
use simrelay_core::sending::{Advice, SendFailure};
use simrelay_tests::visitor::{Browser, stranger};
use simrelay_tests::{Lab, Receiver, Reply, part};

#[tokio::test]
async fn a_webhook_is_added_changed_tested_and_deleted_by_forms() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    let browser = Browser::sign_in(&lab).await;
    let bad = [("url", "ftp://x"), ("event", "sms:received"), ("id", "w")];
    let refused = browser.post("/ui/webhooks", &bad).await;
    assert_eq!(refused.status, 400);
    let page = refused.text();
    assert!(page.contains("The URL must begin with https://") && page.contains("ftp://x"));
    let good = [
        ("url", &*receiver.url()),
        ("event", "sms:received"),
        ("id", "w"),
    ];
    let added = browser.post("/ui/webhooks", &good).await;
    assert_eq!(added.header("location"), "/ui/webhook?id=w&done=added");
    let page = browser.screen(added.header("location")).await;
    assert!(page.contains("Webhook added."));
    let tested = browser.post("/ui/webhook/test", &[("id", "w")]).await;
    assert!(tested.text().contains("Test delivered"));
    assert_eq!(receiver.next().await.json()["event"], "system:test");
    lab.receive("hello").await;
    let delivery = lab
        .newest("w", |delivery| delivery.state == "delivered")
        .await;
    receiver.next().await;
    let replayed = browser
        .post("/ui/delivery/replay", &[("id", &delivery.id)])
        .await;
    assert_eq!(replayed.status, 303);
    assert_eq!(receiver.next().await.json()["id"], delivery.id);
    let none = browser
        .post(
            "/ui/webhook/replay",
            &[("id", "w"), ("state", "dead"), ("since", "")],
        )
        .await;
    assert_eq!(
        none.header("location"),
        "/ui/webhook?id=w&done=replayed-all.0"
    );
    assert_eq!(
        browser
            .post("/ui/webhook/delete", &[("id", "w")])
            .await
            .status,
        303
    );
    assert_eq!(lab.client.get("/webhooks").await.json(), json!([]));
}

#[tokio::test]
async fn settings_are_saved_by_a_form_and_the_schedule_is_told() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    let page = browser.client.get("/ui/settings").await.text();
    assert!(page.contains("14 retries, the last one about 45 h after the first attempt"));
    let fields = [
        ("webhooks.retry_count", "3"),
        ("webhooks.internet_required", "false"),
        ("messages.send_interval_max", ""),
        ("webhooks.ca_certificates", ""),
        ("encryption.passphrase", ""),
    ];
    assert_eq!(browser.post("/ui/settings", &fields).await.status, 303);
    let settings = lab.client.get("/settings").await.json();
    assert_eq!(settings["webhooks"]["retry_count"], 3);
    assert_eq!(settings["webhooks"]["internet_required"], false);
    let page = browser.screen("/ui/settings").await;
    let schedule = "3 retries, the last one about 70 s after the first attempt";
    let shown = page.split("id=\"schedule\"").nth(1).unwrap();
    assert!(shown.split("</p>").next().unwrap().contains(schedule));
    let refused = browser
        .post("/ui/settings", &[("webhooks.retry_count", "31")])
        .await;
    assert_eq!(refused.status, 400);
    assert!(
        refused
            .text()
            .contains("Retries: enter a whole number from 1 to 30 (retries).")
    );
    assert_eq!(
        browser
            .post("/ui/settings", &[("ui.language", "ru")])
            .await
            .status,
        303
    );
    let russian = browser.client.get("/ui/settings").await.text();
    assert!(russian.contains("lang=\"ru\""), "the setting wins");
}

#[tokio::test]
async fn the_signing_key_is_shown_and_replaced_for_the_password_only() {
    let lab = Lab::start().await;
    lab.set(json!({"webhooks": {"signing_key": "old-key"}}))
        .await;
    let browser = Browser::sign_in(&lab).await;
    for path in ["/ui/access", "/ui/settings"] {
        assert!(
            !browser.client.get(path).await.text().contains("old-key"),
            "{path}"
        );
    }
    let key = async |password: &str, action: &str, key: &str| {
        let fields = [("password", password), ("do", action), ("key", key)];
        browser.post("/ui/access/signing-key", &fields).await
    };
    assert_eq!(key("wrong", "show", "").await.status, 403);
    assert!(key("password", "show", "").await.text().contains("old-key"));
    assert!(
        key("password", "replace", "new-key")
            .await
            .text()
            .contains("new-key")
    );
    let random = key("password", "replace", "").await.text();
    assert!(!random.contains("new-key"));
}

#[tokio::test]
async fn the_language_is_what_the_browser_asks_for() {
    let lab = Lab::start().await;
    for (accepted, code, direction) in [
        ("ar", "ar", "rtl"),
        ("ru-RU,ru;q=0.9", "ru", "ltr"),
        ("zh-CN", "zh", "ltr"),
        ("fr", "en", "ltr"),
    ] {
        let client = stranger(&lab).with("Accept-Language", accepted);
        let page = client.get("/ui/sign-in").await.text();
        let opening = format!("<html lang=\"{code}\" dir=\"{direction}\">");
        assert!(page.contains(&opening), "{accepted}");
    }
    lab.gateway.device_changed(DeviceChange {
        locale: Some("ru-RU".into()),
        ..DeviceChange::default()
    });
    let unasked = stranger(&lab).get("/ui/sign-in").await.text();
    assert!(
        unasked.contains("<html lang=\"ru\""),
        "the phone's language"
    );
}

/// The ids that a screen links to, in its order.
fn linked(page: &str) -> Vec<String> {
    let links = page.split("href=\"/ui/message?").skip(1);
    links
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

fn next(page: &str) -> Option<String> {
    let (before, _) = page.split_once("\" rel=\"next\"")?;
    let path = before.rsplit("href=\"").next()?;
    Some(path.replace("&amp;", "&"))
}

async fn send(lab: &Lab, id: &str, more: Value) {
    let mut body = json!({"id": id, "textMessage": {"text": format!("Text of {id}")},
        "phoneNumbers": ["+12025550143"]});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let answer = lab.client.post("/messages", &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
}

#[tokio::test]
async fn messages_of_both_directions_stand_in_pages_each_once() {
    let lab = Lab::start().await;
    lab.set(json!({"messages": {"work_hours_enabled": true, "work_hours_start": "03:00", "work_hours_end": "03:01"}}))
        .await;
    let mut expected = Vec::new();
    for number in 0..60 {
        // Two of each share a moment.
        lab.receive(&format!("in {number}")).await;
        send(&lab, &format!("out-{number}"), json!({})).await;
        expected.push(format!("out=out%2D{number}"));
        if number % 2 == 1 {
            lab.clock.advance(std::time::Duration::from_millis(1));
        }
    }
    expected.reverse();
    let browser = Browser::sign_in(&lab).await;
    let walk = async |path: &str| {
        let (mut found, mut pages) = (Vec::new(), 0);
        let mut at = Some(path.to_owned());
        while let Some(path) = at {
            let page = browser.screen(&path).await;
            assert!(linked(&page).len() <= 50);
            found.extend(linked(&page));
            pages += 1;
            at = next(&page);
        }
        (found, pages)
    };
    let (all, pages) = walk("/ui/messages").await;
    assert_eq!((all.len(), pages), (120, 3));
    let out: Vec<_> = all.iter().filter(|id| id.starts_with("out=")).collect();
    assert_eq!(out, expected.iter().collect::<Vec<_>>());
    let mut once = all.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), 120);
    let (found, _) = walk("/ui/messages?which=in").await;
    assert!(found.len() == 60 && found.iter().all(|id| id.starts_with("id=")));
    assert_eq!(walk("/ui/messages?which=out").await.0, expected);
    assert_eq!(
        walk("/ui/messages?which=out&state=Pending").await.0,
        expected
    );
    assert!(
        walk("/ui/messages?which=out&state=Failed")
            .await
            .0
            .is_empty()
    );
    let home = browser.screen("/").await;
    assert!(home.contains("<dt>Messages waiting to be sent</dt><dd>60</dd>"));
}

#[tokio::test]
async fn a_message_that_goes_out_is_shown_with_recipients_parts_and_what_it_led_to() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    for event in ["sms:sent", "sms:failed"] {
        lab.register(event, &receiver.url(), event).await;
    }
    let long = "A long text. ".repeat(20);
    let numbers =
        json!({"textMessage": {"text": long}, "phoneNumbers": ["+12025550143", "+12025550144"]});
    send(&lab, "out", numbers).await;
    let given = lab.modem.given(2).await;
    let browser = Browser::sign_in(&lab).await;
    let screen = async || browser.screen("/ui/message?out=out").await;
    assert!(screen().await.contains(">sending<"));
    for number in 0..2 {
        let told = lab.gateway.part_sent(&part(&given[0], number, 2));
        told.done().await.unwrap();
    }
    receiver.next().await;
    // Later than the first, and only in between the message's own moments.
    lab.clock.advance(std::time::Duration::from_millis(40));
    let failure = SendFailure::named("RESULT_ERROR_NO_SERVICE", Some(Advice::NoService));
    let failed = lab.gateway.part_failed(&part(&given[1], 0, 2), failure);
    failed.done().await.unwrap();
    receiver.next().await;
    let page = screen().await;
    for expected in [
        "+12025550143",
        "+12025550144",
        "parts: 2, sent: 2, delivered: 0",
        "RESULT_ERROR_NO_SERVICE",
        "request accepted",
        "sms:sent",
        "sms:failed",
        &long.trim_end()[..40],
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert_eq!(page.matches("/ui/delivery?id=").count(), 2);
    let missing = browser.client.get("/ui/message?out=other").await;
    assert_eq!(missing.status, 404);
    send(&lab, "sealed", json!({"isEncrypted": true, "textMessage": {"text": "$aes-secret"}, "phoneNumbers": ["$aes-number"]}))
        .await;
    for path in ["/ui/messages", "/ui/message?out=sealed"] {
        let page = browser.screen(path).await;
        assert!(
            page.contains("encrypted")
                && !page.contains("$aes-secret")
                && !page.contains("$aes-number"),
            "{path}: {page}"
        );
    }
}

#[tokio::test]
async fn what_failed_is_told_in_the_language_of_the_visitor() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    receiver.otherwise(Reply::Status(404));
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("hello").await;
    let delivery = lab.after_attempts("w", 1).await;
    let browser = Browser::sign_in(&lab).await;
    for (language, reason, fix, setting) in [
        (
            "en",
            "answered 404. Only 2xx counts as delivered.",
            "Check the path",
            "Retries: enter a whole number",
        ),
        (
            "ru",
            "ответил статусом 404",
            "Проверьте путь",
            "Повторы: нужно целое число",
        ),
        (
            "zh",
            "以状态 404 应答",
            "Webhook 网址中的路径",
            "必须是 1 到 30 的整数",
        ),
        (
            "ar",
            "بالحالة \u{2066}404",
            "تحقق من المسار",
            "يجب أن يكون عددًا صحيحًا",
        ),
    ] {
        lab.set(json!({"ui": {"language": language}})).await;
        let mut shown = vec![
            browser
                .screen(&format!("/ui/delivery?id={}", delivery.id))
                .await,
            browser.screen("/ui/webhook?id=w").await,
        ];
        let tested = browser.post("/ui/webhook/test", &[("id", "w")]).await;
        shown.push(tested.text());
        for page in shown {
            let page = page.replace("\u{2066}404\u{2069}", "404");
            let reason = reason.replace('\u{2066}', "");
            assert!(
                page.contains(&reason) && page.contains(fix),
                "{language}: {page}"
            );
        }
        let refused = browser
            .post("/ui/settings", &[("webhooks.retry_count", "31")])
            .await;
        assert!(refused.text().contains(setting), "{language}");
    }
}

#[tokio::test]
async fn the_port_is_changed_where_the_shell_follows_it() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    assert!(browser.screen("/ui/access").await.contains("name=\"port\""));
    let wrong = [("password", "password"), ("port", "80")];
    assert_eq!(browser.post("/ui/access", &wrong).await.status, 400);
    let right = [("password", "password"), ("port", "8181")];
    assert_eq!(browser.post("/ui/access", &right).await.status, 200);
    assert_eq!(lab.gateway.port(), 8181);
    let nobody = [("password", "wrong"), ("port", "8282")];
    assert_eq!(browser.post("/ui/access", &nobody).await.status, 403);
    assert_eq!(lab.gateway.port(), 8181);
}

#[tokio::test]
async fn a_list_of_long_texts_is_a_small_page() {
    let lab = Lab::start().await;
    let long = "A long text. ".repeat(2_770);
    for _ in 0..50 {
        lab.receive(&long).await;
    }
    let browser = Browser::sign_in(&lab).await;
    let page = browser.screen("/ui/messages").await;
    assert!(page.len() < 60_000, "{}", page.len());
    let one = linked(&page).remove(0);
    let message = browser.screen(&format!("/ui/message?{one}")).await;
    assert!(message.contains(&*long), "one of them is shown whole");
}
