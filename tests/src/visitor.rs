//! Somebody in front of the page: signs in, reads screens and sends forms, as a browser without
//! scripts does.

use crate::client::{Answer, Client};
use crate::lab::Lab;

/// The media type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// Somebody in front of the page.
pub struct Browser {
    /// Sends its cookie.
    pub client: Client,
    /// The token of its forms.
    pub token: String,
}

/// Nobody that is known: a browser without a cookie.
pub fn stranger(lab: &Lab) -> Client {
    lab.client.authorized(None).with("Accept", "text/html")
}

/// Sends what a page of ours would.
pub fn ours(client: &Client) -> Client {
    client.with("Origin", "http://gateway")
}

/// The cookie that was set, as it is sent back.
pub fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    assert!(
        set.contains("; HttpOnly") && set.contains("; SameSite=Strict"),
        "{set}"
    );
    set.split(';').next().expect("it has one").to_owned()
}

/// The token in the first form of a page.
pub fn form_token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"token\" value=\"").expect("a form");
    rest.split('"').next().expect("it has one").to_owned()
}

/// A form, encoded.
pub fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| {
        let bytes = text.bytes();
        bytes.map(|byte| format!("%{byte:02X}")).collect::<String>()
    };
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Sends the form for signing in.
pub async fn try_sign_in(client: &Client, password: &str) -> Answer {
    let body = form(&[("user", "sms"), ("password", password)]);
    ours(client).send("POST", "/ui/sign-in", FORM, &body).await
}

impl Browser {
    /// Signs in.
    pub async fn sign_in(lab: &Lab) -> Self {
        let answer = try_sign_in(&stranger(lab), "password").await;
        assert_eq!((answer.status, answer.header("location")), (303, "/"));
        Self::with(lab, &cookie(&answer)).await
    }

    /// With a session that is there.
    pub async fn with(lab: &Lab, cookie: &str) -> Self {
        let client = stranger(lab).with("Cookie", cookie);
        let home = client.get("/").await;
        assert_eq!(home.status, 200, "{}", home.text());
        Self {
            token: form_token(&home.text()),
            client,
        }
    }

    /// Sends a form of ours.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("token", self.token.as_str())];
        all.extend(fields);
        ours(&self.client)
            .send("POST", path, FORM, &form(&all))
            .await
    }

    /// Whether its session goes on.
    pub async fn is_in(&self) -> bool {
        self.client.get("/ui/messages").await.status == 200
    }

    /// A screen that must be there.
    pub async fn screen(&self, path: &str) -> String {
        let answer = self.client.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.text()
    }
}
