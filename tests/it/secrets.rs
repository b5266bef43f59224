//! Secrets in settings that are shown.

use std::path::Path;

use serde_json::json;
use simrelay_tests::Lab;
use simrelay_tests::visitor::Browser;

use crate::database;

struct Pasted {
    certificate: String,
    key: String,
}

fn pasted() -> Pasted {
    let made = rcgen::generate_simple_self_signed(["receiver.example".to_owned()]).unwrap();
    Pasted {
        certificate: made.cert.pem().replace("\r\n", "\n"),
        key: made.signing_key.serialize_pem().replace("\r\n", "\n"),
    }
}

impl Pasted {
    fn both(&self) -> String {
        format!("nas.lan\n{}{}", self.key, self.certificate)
    }

    /// A line of the key that stands nowhere else.
    fn needle(&self) -> &str {
        self.key.lines().nth(1).unwrap()
    }
}

/// Whether any file of the directory holds these bytes.
fn found_in(dir: &Path, needle: &str) -> bool {
    std::fs::read_dir(dir).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        bytes
            .windows(needle.len())
            .any(|window| window == needle.as_bytes())
    })
}

#[tokio::test]
async fn a_pasted_private_key_is_refused_and_shown_nowhere() {
    let (lab, pasted) = (Lab::start().await, pasted());
    let body = json!({"webhooks": {"ca_certificates": pasted.both()}});
    for method in ["PATCH", "PUT"] {
        let refused = lab.client.json(method, "/settings", &body).await;
        assert_eq!(refused.status, 400);
        assert_eq!(
            refused.sentence(),
            "webhooks.ca_certificates contains a private key, but settings are visible. Send \
             only the certificates, and replace that key if others may have seen it."
        );
    }
    let browser = Browser::sign_in(&lab).await;
    let both = pasted.both();
    let fields = [("webhooks.ca_certificates", both.as_str())];
    let page = browser.post("/ui/settings", &fields).await;
    assert_eq!(page.status, 400);
    let page = page.text();
    assert!(page.contains("this contains a private key"), "{page}");
    assert!(!page.contains(pasted.needle()));
    assert!(!found_in(lab.dir(), pasted.needle()));
    let body = json!({"gateway": {"cloud_url": "https://me:hunter2@sms.example/api"}});
    let refused = lab.client.json("PATCH", "/settings", &body).await;
    assert_eq!(
        (refused.status, &*refused.sentence()),
        (
            400,
            "gateway.cloud_url contains a user or a password, but settings are visible. Leave them out."
        )
    );
}

#[tokio::test]
async fn certificates_alone_are_kept_of_what_is_pasted() {
    let (lab, pasted) = (Lab::start().await, pasted());
    let text = format!("subject=nas\r\n{}\r\n# end", pasted.certificate);
    lab.set(json!({"webhooks": {"ca_certificates": text}}))
        .await;
    let settings = lab.client.get("/settings").await.json();
    assert_eq!(
        settings["webhooks"]["ca_certificates"],
        json!(pasted.certificate)
    );
}

#[tokio::test]
async fn a_private_key_that_was_kept_is_removed_from_the_disk_too_and_told() {
    let (lab, pasted) = (Lab::start().await, pasted());
    let (dir, clock) = lab.crash().await;
    let url = "https://me:hunter2@sms.example/api/";
    {
        let disk = database::database(&dir.path().join("simrelay.db"));
        let put = |key: &str, value: &str| {
            let sql = "INSERT INTO settings (key, value) VALUES (?1, ?2)
                       ON CONFLICT (key) DO UPDATE SET value = ?2";
            disk.execute(sql, [key, &json!(value).to_string()]).unwrap();
        };
        // The larger value leaves pages free that hold the key as well.
        put("webhooks.ca_certificates", &pasted.both().repeat(20));
        put("webhooks.ca_certificates", &pasted.both());
        put("gateway.cloud_url", url);
    }
    assert!(found_in(dir.path(), pasted.needle()));
    let lab = Lab::again((dir, clock)).await;
    assert!(!found_in(lab.dir(), pasted.needle()));
    assert!(!found_in(lab.dir(), "hunter2"));
    let settings = lab.client.get("/settings").await.json();
    assert_eq!(
        settings["webhooks"]["ca_certificates"],
        json!(pasted.certificate)
    );
    assert_eq!(
        settings["gateway"]["cloud_url"],
        json!("https://sms.example/api/")
    );
    let told = removals(&lab).await;
    assert_eq!(told.len(), 2, "{told:?}");
    let key = "A private key was removed from webhooks.ca_certificates";
    assert!(told.iter().any(|message| message.starts_with(key)));
    let lab = Lab::again(lab.crash().await).await;
    assert_eq!(removals(&lab).await, told);
}

async fn removals(lab: &Lab) -> Vec<String> {
    let logs = lab.client.get("/logs").await.json();
    let logs = logs.as_array().unwrap().iter();
    logs.filter(|log| log["priority"] == "WARN" && log["module"] == "settings")
        .map(|log| log["message"].as_str().unwrap().to_owned())
        .collect()
}
