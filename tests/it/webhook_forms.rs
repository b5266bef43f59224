//! The page's forms about a webhook: what they refuse, and where they say so.

use simrelay_tests::visitor::Browser;
use simrelay_tests::{Answer, Lab, Receiver};

async fn save(browser: &Browser, id: &str, url: &str, edit: bool) -> Answer {
    let mut fields = vec![("id", id), ("url", url), ("event", "sms:received")];
    if edit {
        fields.push(("edit", "1"));
    }
    browser.post("/ui/webhooks", &fields).await
}

#[tokio::test]
async fn a_webhook_that_is_refused_stands_in_its_form_with_the_reason() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:sent").await;
    let browser = Browser::sign_in(&lab).await;
    for (edit, place, button, heading) in [
        (true, "edit", "Save", "<h1>w</h1>"),
        (false, "add", "Add", "<h1>Webhooks</h1>"),
    ] {
        let id = if edit { "w" } else { "new" };
        let refused = save(&browser, id, "ftp://typed.example/", edit).await;
        assert_eq!(refused.status, 400);
        let page = refused.text();
        assert!(page.contains(heading), "{page}");
        let (_, form) = page.split_once(&format!("id=\"{place}\"")).unwrap();
        let (form, _) = form.split_once("</form>").unwrap();
        for expected in [
            &*format!("action=\"/ui/webhooks#{place}\""),
            "value=\"ftp://typed.example/\"",
            "aria-describedby=\"problem-url\"",
            "id=\"problem-url\">The URL must begin with https:// and name a host.",
            &format!("name=\"id\" maxlength=\"64\" dir=\"auto\" value=\"{id}\""),
            "option value=\"sms:received\" selected",
            &format!("<button type=\"submit\">{button}</button>"),
        ] {
            let is_hidden = edit && expected.starts_with("name=\"id\"");
            assert!(form.contains(expected) || is_hidden, "{expected}: {form}");
        }
        // The window follows the webhook although its address is that of the form.
        assert_eq!(page.contains("data-at=\"/ui/webhook?id=w\""), edit);
    }
    let kept = lab.client.get("/webhooks").await.json();
    assert_eq!(kept[0]["url"], receiver.url());
    assert_eq!(kept.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_page_neither_replaces_a_webhook_nor_brings_one_back() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    let browser = Browser::sign_in(&lab).await;
    let other = receiver.url_on("127.0.0.1", "/other");
    let taken = save(&browser, "w", &other, false).await;
    assert_eq!(taken.status, 400);
    let page = taken.text();
    assert!(page.contains("<a href=\"#id\">A webhook with this id already exists."));
    assert_eq!(save(&browser, "w", &other, true).await.status, 303);
    assert_eq!(lab.client.get("/webhooks").await.json()[0]["url"], other);
    // A window that shows it was left open.
    let gone = [("id", "w")];
    assert_eq!(browser.post("/ui/webhook/delete", &gone).await.status, 303);
    let late = save(&browser, "w", &other, true).await;
    assert_eq!(late.status, 409);
    assert!(
        late.text()
            .contains("This webhook has been deleted in the meantime")
    );
    assert_eq!(
        lab.client.get("/webhooks").await.json(),
        serde_json::json!([])
    );
    assert_eq!(browser.post("/ui/webhook/test", &gone).await.status, 404);
}

#[tokio::test]
async fn a_replay_says_when_it_was_refused_or_found_nothing() {
    let lab = Lab::start().await;
    let receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    let browser = Browser::sign_in(&lab).await;
    for since in ["", "yesterday"] {
        let fields = [("id", "w"), ("state", "delivered"), ("since", since)];
        let refused = browser.post("/ui/webhook/replay", &fields).await;
        assert_eq!(refused.status, 400);
        let page = refused.text();
        for expected in [
            "<h1>w</h1>",
            "id=\"replay\"",
            "id=\"problem-since\">Choose a start time",
            "option value=\"delivered\" selected",
            &format!("type=\"datetime-local\" value=\"{since}\""),
        ] {
            assert!(page.contains(expected), "{expected}: {page}");
        }
    }
    let fields = [("id", "w"), ("state", "dead"), ("since", "")];
    let none = browser.post("/ui/webhook/replay", &fields).await;
    let page = browser.screen(none.header("location")).await;
    assert!(page.contains("There was nothing to redeliver."));
    let unknown = browser.screen("/ui/webhook?id=w&done=unknown").await;
    assert!(!unknown.contains("class=\"note\""), "{unknown}");
}
