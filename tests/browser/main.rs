//! The page in a real Chromium, against the real program: what a person does, step by step, and axe
//! on every screen. `cargo xtask browser` runs it with the program and axe in the environment.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod rig;

use rig::{Rig, Theme};
use serde_json::json;
use simrelay_tests::{Receiver, Reply};

const SCREENS: [&str; 8] = [
    "/",
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
    page.sees("Added.").await;

    // Live: this window stays as it is, another one lets the SMS come in.
    page.go("/ui/webhook?id=mine").await;
    let other = rig.browser(1280, Theme::Dark, true).await;
    other.go("/").await;
    other.sign_in().await;
    other.go("/ui/simulator").await;
    other.fill("text", "Hello over the air").await;
    other.press("/ui/simulator/incoming").await;
    other.sees("The message came in.").await;
    receiver.next().await;
    page.sees("1 attempt").await;

    receiver.otherwise(Reply::Status(404));
    page.press("/ui/webhook/test").await;
    page.sees("The test event did not arrive").await;
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
    page.sees("1 retry, about 10 s after the first try").await;
    page.press("/ui/settings").await;
    page.sees("Saved.").await;
    page.go("/ui/webhook?id=mine&state=pending").await;
    page.find("#deliveries a.row").await.click().await.unwrap();
    page.press("/ui/delivery/replay").await;
    receiver.next().await;
    page.sees("given up").await;

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
async fn reading_and_saving_work_without_javascript() {
    let rig = Rig::start().await;
    let page = rig.browser(360, Theme::Light, false).await;
    page.go("/").await;
    page.sign_in().await;
    page.go("/ui/settings").await;
    page.sees("14 retries, the last one about 45 h after the first try")
        .await;
    let count = page.find("[name='webhooks.retry_count']").await;
    count.clear().await.unwrap();
    count.send_keys("3").await.unwrap();
    page.press("/ui/settings").await;
    page.sees("Saved.").await;
    page.sees("3 retries, the last one about 70 s after the first try")
        .await;
    page.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_breaks_a_rule_of_accessibility_or_is_wider_than_the_window() {
    let rig = Rig::start().await;
    let receiver = Receiver::start().await;
    rig.fill(&receiver).await;
    for (width, theme) in [
        (360, Theme::Light),
        (390, Theme::Dark),
        (1280, Theme::Light),
        (1280, Theme::Dark),
    ] {
        let page = rig.browser(width, theme, true).await;
        page.go("/ui/sign-in").await;
        page.obeys_axe("/ui/sign-in").await;
        page.sign_in().await;
        let mut screens: Vec<String> = SCREENS.iter().map(|path| (*path).to_owned()).collect();
        screens.extend(rig.details().await);
        for language in ["auto", "ar"] {
            rig.set(&json!({"ui": {"language": language}})).await;
            for path in &screens {
                page.go(path).await;
                page.obeys_axe(path).await;
                page.fits(path).await;
                page.keep(path, width, theme, language).await;
            }
        }
        rig.set(&json!({"ui": {"language": "auto"}})).await;
        page.is_quiet().await;
        page.quit().await;
    }
}
