//! The page in a real Chromium, against the real program: what a person does, step by step, and axe
//! on every screen. `cargo xtask browser` runs it with the program and axe in the environment.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod rig;

use std::time::Duration;

use rig::{Rig, Theme};
use serde_json::json;
use simrelay_tests::{Receiver, Reply, within};
use thirtyfour::Key;

const SCREENS: [&str; 9] = [
    "/",
    "/ui/dead",
    "/ui/messages",
    "/ui/webhooks",
    "/ui/settings",
    "/ui/access",
    "/ui/logs",
    "/ui/simulator",
    "/ui/about",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sets_up_a_webhook_and_finds_out_why_it_fails() {
    let rig = Rig::start().await;
    let mut receiver = Receiver::start().await;
    let page = rig.browser(360, Theme::Light, true).await;
    page.go("/").await;
    page.sign_in().await;

    page.go("/ui/webhooks").await;
    page.fill("url", &receiver.url()).await;
    page.fill("id", "mine").await;
    page.press("/ui/webhooks").await;
    page.sees("Webhook added.").await;

    // Live: this window stays as it is, another one lets the SMS come in.
    page.go("/ui/webhook?id=mine").await;
    let other = rig.browser(1280, Theme::Dark, true).await;
    other.go("/").await;
    other.sign_in().await;
    other.go("/ui/simulator").await;
    other.fill("text", "Hello over the air").await;
    other.press("/ui/simulator/incoming").await;
    other.sees("Message received.").await;
    receiver.next().await;
    page.sees("attempt 1 of 15").await;

    receiver.otherwise(Reply::Status(404));
    page.press("/ui/webhook/test").await;
    page.sees("Test failed").await;
    page.sees("Check the path in the webhook's URL.").await;
    receiver.next().await;

    other.go("/ui/simulator").await;
    other.fill("text", "Second").await;
    other.press("/ui/simulator/incoming").await;
    receiver.next().await;
    page.go("/ui/webhook?id=mine&state=pending").await;
    page.sees("next attempt").await;

    // A lower retry count takes effect on what is queued.
    page.go("/ui/settings").await;
    let count = page.find("[name='webhooks.retry_count']").await;
    count.clear().await.unwrap();
    count.send_keys("1").await.unwrap();
    page.sees("1 retry, about 10 s after the first attempt")
        .await;
    for wrong in ["31", "1e1"] {
        count.clear().await.unwrap();
        count.send_keys(wrong).await.unwrap();
        page.sees("Retries: enter a whole number from 1 to 30 (retries).")
            .await;
    }
    // Left empty, it goes back to the default.
    count
        .send_keys(Key::Backspace + Key::Backspace + Key::Backspace)
        .await
        .unwrap();
    page.sees("14 retries, the last one about").await;
    count.send_keys("1").await.unwrap();
    page.sees("1 retry, about 10 s after the first attempt")
        .await;
    page.press("/ui/settings").await;
    page.sees("Saved.").await;
    page.go("/ui/webhook?id=mine&state=pending").await;
    page.find("#deliveries a.row").await.click().await.unwrap();
    page.press("/ui/delivery/replay").await;
    receiver.next().await;
    page.sees("failed for good").await;

    receiver.otherwise(Reply::Status(200));
    page.press("/ui/delivery/replay").await;
    receiver.next().await;
    page.sees("delivered").await;
    page.is_quiet().await;
    other.is_quiet().await;
    page.quit().await;
    other.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_in_and_go_out_before_ones_eyes() {
    let rig = Rig::start().await;
    let page = rig.browser(390, Theme::Light, true).await;
    page.go("/").await;
    page.sign_in().await;
    page.go("/ui/simulator").await;
    page.sees("Nothing has been sent yet.").await;
    // Each appears in the window that is open, without a reload.
    page.tells("window.same = true;").await;
    let body = json!({"id": "out", "textMessage": {"text": "On its way"}, "phoneNumbers": ["+12025550143"]});
    rig.post("/messages", &body).await;
    page.sees("On its way").await;
    page.sees("delivered").await;
    let body = json!({"from": "+12025550123", "text": "And back", "simNumber": 1});
    rig.post("/simulator/incoming", &body).await;
    page.sees("And back").await;
    assert_eq!(page.tells("return window.same;").await, true);

    page.go("/ui/messages").await;
    page.sees("On its way").await;
    page.sees("And back").await;
    page.go("/ui/messages?which=out&state=Failed").await;
    page.sees("No messages.").await;
    page.go("/ui/message?out=out").await;
    page.sees("+12025550143").await;
    page.sees("What happened").await;
    page.is_quiet().await;
    page.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_out_of_sight_hold_no_connection_and_catch_up() {
    let rig = Rig::start().await;
    let page = rig.browser(390, Theme::Light, true).await;
    page.go("/").await;
    page.sign_in().await;
    // A browser has six connections to a host, and each window that follows holds one.
    for number in 0..8 {
        page.tab().await;
        let opened = page.go("/ui/messages");
        within("the window opens", opened).await;
        if number < 7 {
            page.show(false).await;
        }
    }
    page.show(false).await;
    let body = json!({"from": "+12025550123", "text": "While nobody looked", "simNumber": 1});
    rig.post("/simulator/incoming", &body).await;
    page.show(true).await;
    page.sees("While nobody looked").await;
    // And it follows again.
    let body = json!({"from": "+12025550123", "text": "Before ones eyes", "simNumber": 1});
    rig.post("/simulator/incoming", &body).await;
    page.sees("Before ones eyes").await;
    page.is_quiet().await;
    page.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_is_in_the_middle_of_stays_and_is_caught_up_with() {
    let rig = Rig::start().await;
    let page = rig.browser(390, Theme::Light, true).await;
    page.go("/").await;
    page.sign_in().await;
    let receive = async |text: &str| {
        let body = json!({"from": "+12025550123", "text": text, "simNumber": 1});
        rig.post("/simulator/incoming", &body).await;
    };
    receive("First").await;
    // What was asked for has come back, whatever came of it.
    let asked = "return performance.getEntriesByType('resource').filter(
        one => one.initiatorType === 'fetch' && one.responseEnd > 0).length;";
    let behind = async |before: &serde_json::Value| {
        while page.tells(asked).await == *before {
            tokio::task::yield_now().await;
        }
    };

    page.go("/ui/messages").await;
    page.tells("document.querySelector('#messages a.row').focus();")
        .await;
    let before = page.tells(asked).await;
    receive("Second").await;
    within("it asked", behind(&before)).await;
    let shown = "return document.querySelector('#messages').textContent;";
    let still = page.tells(shown).await;
    assert!(!still.as_str().unwrap().contains("Second"), "{still}");
    page.tells("document.activeElement.blur();").await;
    page.sees("Second").await;

    page.go("/ui/logs").await;
    page.find("#logs summary").await.click().await.unwrap();
    let before = page.tells(asked).await;
    let settings = json!({"logs": {"lifetime_days": 31}});
    rig.set(&settings).await;
    within("it asked", behind(&before)).await;
    let open = "return document.querySelectorAll('#logs details[open]').length;";
    assert_eq!(page.tells(open).await, 1);
    page.find("#logs details[open] summary")
        .await
        .click()
        .await
        .unwrap();
    page.sees("Settings changed.").await;
    let focused = page.tells("return document.activeElement.tagName;").await;
    assert_eq!(focused, "SUMMARY");
    page.is_quiet().await;
    page.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_whose_session_ended_leads_to_signing_in_and_back() {
    let rig = Rig::start().await;
    let page = rig.browser(390, Theme::Light, true).await;
    page.go("/").await;
    page.sign_in().await;
    page.go("/ui/messages?which=in").await;
    // Another window of the same browser signs out.
    page.tells(
        "const token = document.querySelector('[name=token]').value;
        window.failed = 0;
        addEventListener('unhandledrejection', () => window.failed++);
        addEventListener('error', () => window.failed++);
        fetch('/ui/sign-out', { method: 'POST', body: new URLSearchParams({ token }) });",
    )
    .await;
    page.sees("Use the user and password of the API.").await;
    assert_eq!(page.tells("return window.failed || 0;").await, 0);
    page.enter().await;
    page.sees("No messages.").await;
    page.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_told_within_ten_seconds_and_no_longer_when_it_is_back() {
    let mut rig = Rig::start().await;
    let page = rig.browser(390, Theme::Light, true).await;
    page.go("/").await;
    page.sign_in().await;
    let lost = "return !document.querySelector('#away').hidden
        && document.documentElement.hasAttribute('data-away');";
    let is = async |expected: bool| {
        while page.tells(lost).await != expected {
            tokio::task::yield_now().await;
        }
    };
    let soon = Duration::from_secs(10);
    page.tells("window.same = true;").await;
    for hangs in [false, true] {
        // It follows, so nothing is told.
        let told = tokio::time::timeout(soon, is(true)).await;
        assert!(told.is_err(), "nothing was lost");
        if hangs {
            rig.hang(true);
        } else {
            rig.kill();
        }
        let told = tokio::time::timeout(soon, is(true)).await;
        assert!(told.is_ok(), "it tells within ten seconds, hangs: {hangs}");
        let bar = page.find("#away").await.text().await.unwrap();
        assert!(
            bar.starts_with("No connection to the gateway since "),
            "{bar}"
        );
        // A form leads nowhere, and what was shown stays.
        page.tells("document.querySelector('header form').requestSubmit();")
            .await;
        page.sees("Running").await;
        page.keep(
            if hangs { "/ui/hangs" } else { "/ui/away" },
            390,
            Theme::Light,
            "auto",
        )
        .await;
        if hangs {
            rig.hang(false);
        } else {
            rig.start_again();
        }
        within("it is back", is(false)).await;
        let body = json!({"from": "+12025550123", "text": "Back", "simNumber": 1});
        rig.post("/simulator/incoming", &body).await;
        page.sees("seconds ago").await;
        assert_eq!(page.tells("return window.same;").await, true);
    }
    page.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_keeps_what_was_typed_while_the_gateway_is_away() {
    let mut rig = Rig::start().await;
    let page = rig.browser(390, Theme::Dark, true).await;
    page.go("/").await;
    page.sign_in().await;
    page.go("/ui/webhooks").await;
    let hidden = async |expected: bool| {
        let hidden = "return document.querySelector('#away').hidden;";
        while page.tells(hidden).await != expected {
            tokio::task::yield_now().await;
        }
    };
    rig.kill();
    within("it is told", hidden(false)).await;
    let url = "https://example.com/typed-meanwhile";
    page.fill("url", url).await;
    page.press("/ui/webhooks").await;
    let typed = "return document.querySelector('#url').value;";
    assert_eq!(page.tells(typed).await, url);
    rig.start_again();
    within("it is back", hidden(true)).await;
    page.press("/ui/webhooks").await;
    page.sees("Webhook added.").await;
    page.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_dark_where_the_system_is() {
    let rig = Rig::start().await;
    let brightness = "const parts = getComputedStyle(document.body).backgroundColor.match(/\\d+/g);
        return parts.slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;";
    for (theme, is_dark) in [(Theme::Light, false), (Theme::Dark, true)] {
        let page = rig.browser(390, theme, true).await;
        page.go("/ui/sign-in").await;
        let asked = page
            .tells("return matchMedia('(prefers-color-scheme: dark)').matches;")
            .await;
        assert_eq!(asked, is_dark);
        let found = page.tells(brightness).await.as_f64().unwrap();
        assert_eq!(found < 64.0, is_dark, "{found}");
        assert_eq!(found > 192.0, !is_dark, "{found}");
        page.quit().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_and_saving_work_without_javascript() {
    let rig = Rig::start().await;
    let mut receiver = Receiver::start().await;
    let page = rig.browser(360, Theme::Light, false).await;
    page.go("/").await;
    page.sign_in().await;
    // No script ran: what only a script can do is not offered.
    let copy = page.find("[data-copy]").await;
    assert!(!copy.is_displayed().await.unwrap());

    page.go("/ui/settings").await;
    page.sees("14 retries, the last one about 45 h after the first attempt")
        .await;
    let count = page.find("[name='webhooks.retry_count']").await;
    count.clear().await.unwrap();
    count.send_keys("3").await.unwrap();
    page.press("/ui/settings").await;
    page.sees("Saved.").await;
    page.sees("3 retries, the last one about 70 s after the first attempt")
        .await;
    // What only the gateway can judge, because the browser sees each field alone.
    let shortest = page.find("[name='messages.send_interval_min']").await;
    shortest.clear().await.unwrap();
    shortest.send_keys("5").await.unwrap();
    page.fill("messages.send_interval_max", "2").await;
    page.press("/ui/settings").await;
    page.sees("The longest delay (2) must not be below the shortest (5).")
        .await;

    page.go("/ui/webhooks").await;
    page.fill("url", &receiver.url()).await;
    page.fill("id", "mine").await;
    page.press("/ui/webhooks").await;
    page.sees("Webhook added.").await;
    page.press("/ui/webhook/test").await;
    page.sees("Test delivered").await;
    receiver.next().await;

    page.go("/ui/simulator").await;
    page.fill("text", "Read without a script").await;
    page.press("/ui/simulator/incoming").await;
    page.sees("Message received.").await;
    let first = receiver.next().await;
    page.go("/ui/messages").await;
    page.find("#messages a.row").await.click().await.unwrap();
    page.sees("Read without a script").await;
    page.sees("What happened").await;
    page.go(&format!(
        "/ui/delivery?id={}",
        first.json()["id"].as_str().unwrap()
    ))
    .await;
    page.press("/ui/delivery/replay").await;
    assert_eq!(receiver.next().await.body(), first.body());
    page.go("/ui/logs").await;
    page.sees("Webhook delivered.").await;
    page.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_breaks_a_rule_of_accessibility_or_is_wider_than_the_window() {
    let rig = Rig::start().await;
    let receiver = Receiver::start().await;
    let pictures = std::env::var_os("SIMRELAY_SCREENSHOTS").is_some();
    // Before anything is there: the empty states.
    let page = rig.browser(360, Theme::Light, true).await;
    page.go("/").await;
    page.sign_in().await;
    for path in ["/ui/messages", "/ui/webhooks", "/ui/simulator"] {
        page.go(path).await;
        page.obeys_axe(path).await;
        page.fits(path).await;
        page.keep(path, 360, Theme::Light, "empty").await;
    }
    page.quit().await;

    rig.fill(&receiver).await;
    // Colours depend on the theme, widths on window and language.
    let mut rounds = vec![
        (360, Theme::Light, "auto"),
        (1280, Theme::Dark, "ar"),
        (390, Theme::Dark, "ru"),
        (390, Theme::Light, "zh"),
    ];
    if pictures {
        rounds.extend([
            (390, Theme::Light, "auto"),
            (390, Theme::Dark, "auto"),
            (1280, Theme::Light, "auto"),
            (1280, Theme::Dark, "auto"),
            (390, Theme::Light, "ar"),
        ]);
    }
    for (width, theme, language) in rounds {
        let axe = !["ru", "zh"].contains(&language);
        let page = rig.browser(width, theme, true).await;
        rig.set(&json!({"ui": {"language": "auto"}})).await;
        page.go("/ui/sign-in").await;
        page.obeys_axe("/ui/sign-in").await;
        page.keep("/ui/sign-in", width, theme, language).await;
        page.sign_in().await;
        rig.set(&json!({"ui": {"language": language}})).await;
        let mut screens: Vec<String> = SCREENS.iter().map(|path| (*path).to_owned()).collect();
        screens.extend(rig.details().await);
        for path in &screens {
            page.go(path).await;
            if language != "auto" {
                page.speaks_no_english(path).await;
            }
            if axe {
                page.obeys_axe(path).await;
            }
            page.fits(path).await;
            assert_eq!(
                page.tells("return window.evil;").await,
                json!(null),
                "{path}"
            );
            page.keep(path, width, theme, language).await;
        }
        // A test that failed, and a form that was refused, are screens of their own.
        page.go("/ui/webhook?id=orders").await;
        page.press("/ui/webhook/test").await;
        page.find("#test").await;
        if axe {
            page.obeys_axe("a test").await;
        }
        page.fits("a test").await;
        assert_eq!(page.tells("return window.evil;").await, json!(null));
        page.keep("/ui/test", width, theme, language).await;
        page.is_quiet().await;
        page.quit().await;
    }
}

/// Another site: every page of it is this one, at a free port of another address.
fn foreign_site(page: String) -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.2:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4_096]);
            let head =
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length";
            let _ = write!(stream, "{head}: {}\r\n\r\n{page}", page.len());
        }
    });
    format!("http://{address}/")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_page_changes_nothing_with_the_visitors_credentials() {
    let rig = Rig::start().await;
    let mut receiver = Receiver::start().await;
    let webhook = json!({"id": "w", "url": receiver.url(), "event": "sms:received"});
    rig.post("/webhooks", &webhook).await;
    rig.post(
        "/simulator/incoming",
        &json!({"from": "+12025550123", "text": "once"}),
    )
    .await;
    receiver.next().await;
    let delivery = rig.delivered("w").await;
    let page = rig.browser(1280, Theme::Light, true).await;
    // From here on the browser sends the credentials of the API by itself.
    page.go_with_basic("/webhooks").await;
    let attacked = [
        "/webhooks/w/test".to_owned(),
        "/webhooks/w/replay".into(),
        format!("/deliveries/{delivery}/replay"),
        "/simulator/incoming".into(),
        "/ui/webhook/test".into(),
    ];
    for path in &attacked {
        let target = format!("{}{path}", page.base());
        let form = foreign_site(format!(
            "<main><form method=post action='{target}' enctype='text/plain'><input name=a value=b></form></main>\
             <script>document.forms[0].submit()</script>"
        ));
        page.go_elsewhere(&form).await;
        page.shows("another site", "did not come from a page of this gateway")
            .await;
        let fetch = foreign_site(format!(
            "<main></main><script>fetch('{target}', {{ method: 'POST', mode: 'no-cors', credentials: 'include',\
             headers: {{ 'Content-Type': 'text/plain' }}, body: '{{}}' }})\
             .then(() => document.querySelector('main').textContent = 'sent',\
             error => document.querySelector('main').textContent = 'failed ' + error)</script>"
        ));
        page.go_elsewhere(&fetch).await;
        page.shows("sent", "failed").await;
    }
    assert_eq!(receiver.waiting(), 0);
    assert_eq!(rig.delivered("w").await, delivery);
    page.quit().await;
}
