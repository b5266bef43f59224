//! Access tokens: what they open, how they are exchanged, and how they end.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use simrelay_core::AccessChange;
use simrelay_tests::{Answer, Client, Lab};

const DAY: Duration = Duration::from_secs(86_400);

/// A pair of tokens.
struct Pair(Value);

impl Pair {
    async fn issue(client: &Client, body: Value) -> Self {
        Self::of(client.post("/auth/token", &body).await, 201)
    }

    fn of(answer: Answer, status: u16) -> Self {
        assert_eq!(answer.status, status, "{}", answer.text());
        Self(answer.json())
    }

    fn id(&self) -> &str {
        self.0["id"].as_str().unwrap()
    }

    fn with(&self, client: &Client, name: &str) -> Client {
        let token = self.0[name].as_str().unwrap();
        client.authorized(Some(&format!("Bearer {token}")))
    }

    fn access(&self, client: &Client) -> Client {
        self.with(client, "access_token")
    }

    async fn refresh(&self, client: &Client) -> Answer {
        let client = self.with(client, "refreshToken");
        client.send("POST", "/auth/token/refresh", "", "").await
    }
}

/// The status of `GET path` with the access token.
async fn status(lab: &Lab, pair: &Pair, path: &str) -> u16 {
    pair.access(&lab.client).get(path).await.status
}

#[tokio::test]
async fn an_answer_has_every_name_in_both_spellings() {
    let lab = Lab::start().await;
    let body = json!({"scopes": ["webhooks:list"], "ttl": 60});
    let Pair(answer) = Pair::issue(&lab.client, body).await;
    for (snake, camel) in [
        ("token_type", "tokenType"),
        ("access_token", "accessToken"),
        ("expires_at", "expiresAt"),
        ("refresh_token", "refreshToken"),
    ] {
        assert_eq!(answer[snake], answer[camel]);
    }
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_at"], "2024-06-22T15:47:11.000+07:00");
    let claims = |name: &str| -> Value {
        let token = answer[name].as_str().unwrap();
        let middle = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle).unwrap()).unwrap()
    };
    let now = simrelay_tests::START.0 / 1_000;
    assert_eq!(
        claims("access_token"),
        json!({"iss": "simrelay", "jti": answer["id"], "iat": now, "exp": now + 60,
            "scopes": ["webhooks:list"], "token_use": "access"})
    );
    let refresh = claims("refresh_token");
    assert_eq!(refresh["scopes"], json!(["tokens:refresh"]));
    assert_eq!(refresh["original_scopes"], json!(["webhooks:list"]));
    assert_eq!(refresh["token_use"], "refresh");
}

#[tokio::test]
async fn a_scope_opens_its_routes_and_no_others() {
    let lab = Lab::start().await;
    let routes = [
        ("GET", "/devices", "devices:list"),
        ("GET", "/inbox", "inbox:list"),
        ("GET", "/webhooks", "webhooks:list"),
        ("POST", "/webhooks", "webhooks:write"),
        ("DELETE", "/webhooks/x", "webhooks:delete"),
        ("GET", "/settings", "settings:read"),
        ("PATCH", "/settings", "settings:write"),
        ("PUT", "/settings", "settings:write"),
        ("GET", "/logs", "logs:read"),
        ("DELETE", "/auth/token/x", "tokens:manage"),
    ];
    for (_, _, scope) in routes {
        let pair = Pair::issue(&lab.client, json!({"scopes": [scope]})).await;
        let client = pair.access(&lab.client);
        for (method, path, needed) in routes {
            let answer = client.send(method, path, "application/json", "{}").await;
            if scope == needed {
                assert!(
                    ![401, 403].contains(&answer.status),
                    "{scope}: {method} {path}"
                );
                continue;
            }
            assert_eq!(answer.status, 403, "{scope}: {method} {path}");
            let sentence = format!("This token lacks the required scope {needed}.");
            assert_eq!(answer.sentence(), sentence);
        }
        assert_eq!(client.get("/").await.status, 200);
        assert_eq!(client.get("/3rdparty/v1/nothing").await.status, 404);
    }
    let all = Pair::issue(&lab.client, json!({"scopes": ["all:any"]})).await;
    for (method, path, _) in routes {
        let client = all.access(&lab.client);
        let answer = client.send(method, path, "application/json", "{}").await;
        assert!(![401, 403].contains(&answer.status), "{method} {path}");
    }
}

#[tokio::test]
async fn a_bad_request_is_told_what_to_change() {
    let lab = Lab::start().await;
    for (body, start) in [
        (json!({}), "scopes is missing."),
        (
            json!({"scopes": []}),
            "scopes must name at least one of all:any, ",
        ),
        (
            json!({"scopes": ["webhooks"]}),
            "scopes may contain only all:any, ",
        ),
        (
            json!({"scopes": ["tokens:refresh"]}),
            "scopes may contain only all:any, ",
        ),
        (
            json!({"scopes": ["logs:read"], "ttl": 31_536_001}),
            "ttl must be",
        ),
        (json!({"scopes": ["logs:read"], "ttl": -1}), "ttl must be"),
        (
            json!({"scopes": ["logs:read"], "ttl": "x"}),
            "ttl must be a whole number.",
        ),
    ] {
        let answer = lab.client.post("/auth/token", &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(
            answer.sentence().starts_with(start),
            "{body}: {}",
            answer.sentence()
        );
    }
    let longest = json!({"scopes": ["logs:read"], "ttl": 31_536_000});
    Pair::issue(&lab.client, longest).await;
}

#[tokio::test]
async fn a_token_gives_no_more_than_it_has() {
    let lab = Lab::start().await;
    let scopes = json!({"scopes": ["tokens:manage", "logs:read"]});
    let manager = Pair::issue(&lab.client, scopes).await.access(&lab.client);
    let less = Pair::issue(&manager, json!({"scopes": ["logs:read"]})).await;
    assert_eq!(status(&lab, &less, "/logs").await, 200);
    for beyond in ["all:any", "webhooks:list"] {
        let body = json!({"scopes": ["logs:read", beyond]});
        let refused = manager.post("/auth/token", &body).await;
        assert_eq!(refused.status, 403);
        assert!(
            refused.sentence().contains(beyond),
            "{}",
            refused.sentence()
        );
    }
    let without = less.access(&lab.client);
    let refused = without
        .post("/auth/token", &json!({"scopes": ["logs:read"]}))
        .await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_once_and_opens_nothing_else() {
    let lab = Lab::start().await;
    let first = Pair::issue(&lab.client, json!({"scopes": ["logs:read"], "ttl": 60})).await;
    let refresh = first.with(&lab.client, "refresh_token");
    assert_eq!(refresh.get("/logs").await.status, 401);
    assert_eq!(refresh.get("/").await.status, 401);
    let by_access = first.access(&lab.client);
    let by_access = by_access.send("POST", "/auth/token/refresh", "", "").await;
    assert_eq!(by_access.status, 401);
    let by_password = lab.client.send("POST", "/auth/token/refresh", "", "").await;
    assert_eq!(by_password.status, 401);

    let second = Pair::of(first.refresh(&lab.client).await, 200);
    assert_eq!(second.0["expiresAt"], "2024-06-23T15:46:11.000+07:00");
    for pair in [&first, &second] {
        assert_eq!(status(&lab, pair, "/logs").await, 200);
        assert_eq!(status(&lab, pair, "/webhooks").await, 403);
    }
    let third = Pair::of(second.refresh(&lab.client).await, 200);
    let other = Pair::issue(&lab.client, json!({"scopes": ["logs:read"]})).await;

    // Shown again: nobody of its line may exchange any more, whoever stole it.
    let replayed = first.refresh(&lab.client).await;
    assert_eq!(replayed.status, 401);
    assert!(replayed.sentence().contains("used before"));
    assert_eq!(third.refresh(&lab.client).await.status, 401);
    assert_eq!(status(&lab, &third, "/logs").await, 200);
    Pair::of(other.refresh(&lab.client).await, 200);
}

#[tokio::test]
async fn a_revoked_token_takes_its_refresh_token_along() {
    let lab = Lab::start().await;
    let body = json!({"scopes": ["logs:read"]});
    let (gone, stays) = (
        Pair::issue(&lab.client, body.clone()).await,
        Pair::issue(&lab.client, body).await,
    );
    let revoke = async |id: &str| {
        let answer = lab
            .client
            .send("DELETE", &format!("/auth/token/{id}"), "", "")
            .await;
        (answer.status, answer.text())
    };
    for id in [gone.id(), gone.id(), "unknown", "%20"] {
        assert_eq!(revoke(id).await, (204, String::new()));
    }
    assert_eq!(revoke("%FF").await.0, 400);
    let refused = gone.access(&lab.client).get("/logs").await;
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.header("www-authenticate"),
        "Basic realm=\"SimRelay\""
    );
    assert!(
        refused.sentence().contains("revoked"),
        "{}",
        refused.sentence()
    );
    assert_eq!(gone.refresh(&lab.client).await.status, 401);
    assert_eq!(status(&lab, &stays, "/logs").await, 200);
    Pair::of(stays.refresh(&lab.client).await, 200);
}

#[tokio::test]
async fn tokens_expire_and_survive_a_crash_until_then() {
    let lab = Lab::start().await;
    let pair = Pair::issue(&lab.client, json!({"scopes": ["logs:read"], "ttl": 60})).await;
    let lab = Lab::again(lab.crash().await).await;
    assert_eq!(status(&lab, &pair, "/logs").await, 200);
    lab.clock.advance(Duration::from_secs(60));
    let expired = pair.access(&lab.client).get("/logs").await;
    assert_eq!(expired.status, 401);
    assert!(expired.sentence().contains("expired"));
    Pair::of(pair.refresh(&lab.client).await, 200);
}

#[tokio::test]
async fn another_password_revokes_all_tokens() {
    let lab = Lab::start().await;
    let body = json!({"scopes": ["logs:read"]});
    let before = Pair::issue(&lab.client, body.clone()).await;
    let change = |user: &str, password: &str| AccessChange {
        user: Some(user.into()),
        password: Some(password.into()),
        ..AccessChange::default()
    };
    lab.gateway
        .set_access(change("other", "password"))
        .await
        .unwrap();
    assert_eq!(status(&lab, &before, "/logs").await, 200);
    lab.gateway
        .set_access(change("sms", "another password"))
        .await
        .unwrap();
    assert_eq!(status(&lab, &before, "/logs").await, 401);
    assert_eq!(before.refresh(&lab.client).await.status, 401);

    // The laboratory starts with its own password again, as a host does with --password.
    let address = lab.client.clone();
    let encoded = "Basic c21zOmFub3RoZXIgcGFzc3dvcmQ=";
    let between = Pair::issue(&address.authorized(Some(encoded)), body.clone()).await;
    assert_eq!(status(&lab, &between, "/logs").await, 200);
    let lab = Lab::again(lab.crash().await).await;
    assert_eq!(status(&lab, &between, "/logs").await, 401);
    let after = Pair::issue(&lab.client, body).await;
    let lab = Lab::again(lab.crash().await).await;
    assert_eq!(status(&lab, &after, "/logs").await, 200);
}

#[tokio::test]
async fn bad_tokens_slow_nobody_down() {
    let lab = Lab::start().await;
    let pair = Pair::issue(&lab.client, json!({"scopes": ["logs:read"], "ttl": 1})).await;
    lab.client
        .send("DELETE", &format!("/auth/token/{}", pair.id()), "", "")
        .await;
    for _ in 0..40 {
        assert_eq!(status(&lab, &pair, "/logs").await, 401);
        assert_eq!(pair.refresh(&lab.client).await.status, 401);
        let forged = lab.client.authorized(Some("Bearer a.b.c"));
        assert_eq!(forged.get("/logs").await.status, 401);
    }
    lab.clock.advance(Duration::from_secs(1));
    assert_eq!(status(&lab, &pair, "/logs").await, 401);
    assert_eq!(lab.client.get("/logs").await.status, 200);
}

#[tokio::test]
async fn no_token_stands_in_the_log_and_expired_ones_are_removed() {
    let lab = Lab::start().await;
    let pair = Pair::issue(&lab.client, json!({"scopes": ["logs:read"], "ttl": 60})).await;
    Pair::of(pair.refresh(&lab.client).await, 200);
    assert_eq!(pair.refresh(&lab.client).await.status, 401);
    let log = lab.client.get("/logs").await.text();
    assert!(log.contains("Token issued.") && log.contains(pair.id()));
    assert!(log.contains("used twice"));
    for name in ["access_token", "refresh_token"] {
        let signature = pair.0[name].as_str().unwrap().rsplit('.').next().unwrap();
        assert!(!log.contains(signature));
    }
    let file = lab.database();
    let left = lab.crash().await;
    left.1.advance(DAY * 8);
    let lab = Lab::again(left).await;
    let removed = async {
        while crate::store::rows(&file, "tokens") > 0 {
            tokio::task::yield_now().await;
        }
    };
    simrelay_tests::within("expired tokens go", removed).await;
    assert_eq!(lab.client.get("/logs").await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_that_was_revoked_was_not_stolen() {
    let lab = Lab::start().await;
    let body = json!({"scopes": ["webhooks:list"]});
    let [revoked, other] = [
        Pair::issue(&lab.client, body.clone()).await,
        Pair::issue(&lab.client, body).await,
    ];
    let path = format!("/auth/token/{}", revoked.id());
    assert_eq!(lab.client.send("DELETE", &path, "", "").await.status, 204);
    let refused = revoked.refresh(&lab.client).await;
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.sentence(),
        "This token was revoked. Get a new one with POST /auth/token."
    );
    let log = lab.client.get("/logs").await.text().to_owned();
    assert!(!log.contains("used twice"), "{log}");
    assert_eq!(other.refresh(&lab.client).await.status, 200);
}
