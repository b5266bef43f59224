//! Web pages of other sites, whose visitor's browser has credentials for the gateway.

use serde_json::Value;
use simrelay_tests::visitor::{Browser, FORM, stranger};
use simrelay_tests::{Lab, Receiver};

/// What browsers send with the requests of other pages.
const ELSEWHERE: [(&str, &str); 4] = [
    ("Origin", "http://evil.example"),
    ("Origin", "null"),
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Site", "same-site"),
];

#[tokio::test]
async fn every_described_route_that_changes_something_refuses_another_site() {
    let lab = Lab::start().await;
    let mut receiver = Receiver::start().await;
    lab.register("w", &receiver.url(), "sms:received").await;
    lab.receive("once").await;
    receiver.next().await;
    let delivered = |one: &simrelay_core::DeliveryRecord| one.state == "delivered";
    let delivery = lab.newest("w", delivered).await.id;
    let description = lab.client.get("/docs/openapi.json").await.json();
    let mut tried = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        let id = if path.starts_with("/deliveries") {
            &delivery
        } else {
            "w"
        };
        let asked = path
            .replace("{id}", id)
            .replace("{jti}", "j")
            .replace("{partId}", "1");
        for method in methods.as_object().unwrap().keys() {
            let method = method.to_ascii_uppercase();
            if method == "GET" {
                continue;
            }
            for (name, value) in ELSEWHERE {
                let foreign = lab.client.with(name, value);
                for client in [&foreign, &foreign.authorized(None)] {
                    let answer = client.send(&method, &asked, "text/plain", "{}").await;
                    let told = format!("{method} {asked} {name}: {value}");
                    assert_eq!(answer.status, 403, "{told}");
                    assert!(answer.sentence().contains("another site"), "{told}");
                    assert_eq!(answer.header("access-control-allow-origin"), "", "{told}");
                }
            }
            tried += 1;
        }
    }
    assert!(tried >= 14, "{tried}");
    assert_eq!(receiver.waiting(), 0);
    assert_eq!(lab.deliveries("w").len(), 1);
}

#[tokio::test]
async fn prefixes_aliases_and_what_is_not_there_have_the_same_rule() {
    let lab = Lab::start().await;
    let foreign = lab.client.with("Origin", "https://evil.example");
    for path in [
        "/message",
        "/api/3rdparty/v1/webhooks/w/test",
        "/nothing",
        "/health",
        "/docs",
    ] {
        assert_eq!(
            foreign.send("POST", path, "", "").await.status,
            403,
            "{path}"
        );
    }
    let preflight = foreign.with("Access-Control-Request-Method", "POST");
    let answer = preflight.send("OPTIONS", "/messages", "", "").await;
    for name in ["origin", "methods", "headers", "credentials"] {
        let header = format!("access-control-allow-{name}");
        assert_eq!(answer.header(&header), "", "{header}");
    }
}

#[tokio::test]
async fn programs_and_the_gateways_own_pages_pass() {
    let lab = Lab::start().await;
    let none: &[(&str, &str)] = &[];
    for headers in [
        none,
        &[("Origin", "http://gateway")],
        &[
            ("Origin", "https://gateway"),
            ("Sec-Fetch-Site", "same-origin"),
        ],
        &[("Sec-Fetch-Site", "none")],
        &[("Sec-Fetch-Mode", "cors")],
    ] {
        let mut client = lab.client.clone();
        for (name, value) in headers {
            client = client.with(name, value);
        }
        let answer = client.post("/inbox/refresh", &Value::Null).await;
        assert_ne!(answer.status, 403, "{headers:?}");
    }
    let read = lab.client.with("Origin", "http://evil.example");
    assert_eq!(read.get("/webhooks").await.status, 200);
}

#[tokio::test]
async fn the_page_refuses_another_site_in_words() {
    let lab = Lab::start().await;
    let browser = Browser::sign_in(&lab).await;
    let body = format!("token={}", browser.token);
    for (name, value) in ELSEWHERE {
        for (client, path) in [
            (&stranger(&lab), "/ui/sign-in"),
            (&browser.client, "/ui/sign-out"),
            (&browser.client, "/ui/webhooks"),
            (&browser.client, "/ui/nothing"),
        ] {
            let foreign = client.with(name, value);
            let answer = foreign.send("POST", path, FORM, &body).await;
            assert_eq!(answer.status, 403, "{path} {name}: {value}");
            let page = answer.text();
            assert!(
                page.contains("did not come from a page of this gateway"),
                "{page}"
            );
            assert_eq!(answer.header("x-frame-options"), "DENY");
        }
    }
    assert!(browser.is_in().await);
}
