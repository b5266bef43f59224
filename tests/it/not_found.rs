//! The page's answers to whoever is not where he should be: signed out, or nowhere at all.

use simrelay_tests::{Answer, Lab};

use simrelay_tests::visitor::{Browser, FORM, form, ours, stranger};

async fn sign_in(lab: &Lab, next: &str, password: &str) -> Answer {
    let body = form(&[("user", "sms"), ("password", password), ("next", next)]);
    ours(&stranger(lab))
        .send("POST", "/ui/sign-in", FORM, &body)
        .await
}

#[tokio::test]
async fn signing_in_leads_to_where_one_wanted_and_to_no_other_site() {
    let lab = Lab::start().await;
    let wanted = "/ui/webhook?id=a%26b&state=dead";
    let answer = stranger(&lab).get(wanted).await;
    let location = answer.header("location").to_owned();
    assert_eq!(answer.status, 303);
    assert_eq!(
        stranger(&lab).get("/").await.header("location"),
        "/ui/sign-in"
    );
    let asked = stranger(&lab).get(&location).await.text();
    let field = "name=\"next\" value=\"/ui/webhook?id=a%26b&amp;state=dead\"";
    assert!(asked.contains(field), "{asked}");
    // A wrong password loses neither the user nor the way.
    let refused = sign_in(&lab, wanted, "wrong").await.text();
    assert!(refused.contains(field) && refused.contains("value=\"sms\""));
    let answer = sign_in(&lab, wanted, "password").await;
    assert_eq!((answer.status, answer.header("location")), (303, wanted));
    let browser = Browser::sign_in(&lab).await;
    let already = browser.client.get(&location).await;
    assert_eq!(already.header("location"), wanted);
    for evil in [
        "//evil.example",
        "https://evil.example/ui/",
        "/\\evil.example",
        "/ui/\r\nX: y",
    ] {
        let answer = sign_in(&lab, evil, "password").await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"));
        let path = format!("/ui/sign-in?{}", form(&[("next", evil)]));
        let asked = stranger(&lab).get(&path).await.text();
        assert!(asked.contains("name=\"next\" value=\"/\""), "{asked}");
        let already = browser.client.get(&path).await;
        assert_eq!(already.header("location"), "/");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_too() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    for (method, path, status) in [
        ("GET", "/ui/nothing", 404),
        ("POST", "/ui/nothing/at/all", 404),
        ("GET", "/ui/%FF", 404),
        ("GET", "/ui/sign-in/%FF", 404),
        ("GET", "/ui/assets/%FF", 404),
        ("GET", "/ui/messages/1", 404),
        ("GET", "/ui/simulator", 404),
        ("DELETE", "/ui/webhooks", 405),
        ("POST", "/ui/messages", 405),
        ("PUT", "/ui/sign-out", 405),
    ] {
        for (client, menu) in [(&browser.client, true), (&stranger(&lab), false)] {
            let answer = client.send(method, path, FORM, "").await;
            assert_eq!(answer.status, status, "{method} {path}");
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("frame-ancestors 'none'"), "{path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            let page = answer.text();
            assert!(page.starts_with("<!DOCTYPE html>"), "{path}: {page}");
            assert_eq!(page.contains("<nav"), menu, "{path}: {page}");
        }
    }
    // An id that is gone leaves the menu too.
    let gone = browser.client.get("/ui/delivery?id=gone").await;
    assert!(gone.status == 404 && gone.text().contains("<nav"));
}

#[tokio::test]
async fn the_path_of_a_form_leads_to_its_screen() {
    let lab = Lab::start().await;
    for (path, screen) in [
        ("/ui/sign-out", "/"),
        ("/ui/webhook/delete", "/ui/webhooks"),
        ("/ui/webhook/test", "/ui/webhooks"),
        ("/ui/webhook/replay", "/ui/webhooks"),
        ("/ui/delivery/replay", "/ui/webhooks"),
        ("/ui/access/signing-key", "/ui/access"),
    ] {
        let answer = stranger(&lab).get(path).await;
        let (status, location) = (answer.status, answer.header("location"));
        assert_eq!((status, location), (303, screen), "{path}");
    }
}
