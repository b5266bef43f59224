//! The program, chromedriver and windows of Chromium.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use simrelay_tests::{Client, Receiver, Reply, within};
use thirtyfour::prelude::*;
use thirtyfour::{
    ChromiumLikeCapabilities, common::capabilities::desiredcapabilities::CapabilitiesHelper,
};

const PASSWORD: &str = "browser-password";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

/// The program and chromedriver; both end with the test.
pub struct Rig {
    host: Child,
    driver: Child,
    address: SocketAddr,
    driver_url: String,
    client: Client,
    _dir: tempfile::TempDir,
}

impl Drop for Rig {
    fn drop(&mut self) {
        for child in [&mut self.host, &mut self.driver] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn env(name: &str) -> PathBuf {
    let hint = "run the browser tests by `cargo xtask browser`";
    std::env::var_os(name).expect(hint).into()
}

/// The first line that holds a word.
fn line_with(child: &mut Child, word: &str) -> String {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let found = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains(word)));
    // The rest is read on, so that the program never waits for us.
    std::thread::spawn(move || lines.count());
    found.expect("it says so").unwrap()
}

impl Rig {
    pub async fn start() -> Self {
        // Somebody may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let mut host = Command::new(env("SIMRELAY_PROGRAM"))
            .args([
                "--json",
                "--listen",
                "127.0.0.1:0",
                "--log",
                "error",
                "--password",
                PASSWORD,
            ])
            .arg("--data-dir")
            .arg(dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let ready: Value = serde_json::from_str(&line_with(&mut host, "listening")).unwrap();
        let address = ready["listening"]
            .as_str()
            .unwrap()
            .trim_start_matches("http://")
            .parse()
            .unwrap();
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver is installed (Debian: chromium-driver)");
        let line = line_with(&mut driver, "successfully");
        let port = line.rsplit(' ').next().unwrap().trim_end_matches('.');
        Self {
            host,
            driver_url: format!("http://127.0.0.1:{port}"),
            driver,
            client: Client::new(address, "sms", PASSWORD),
            address,
            _dir: dir,
        }
    }

    pub async fn browser(&self, width: u32, theme: Theme, script: bool) -> Page {
        let mut wanted = DesiredCapabilities::chrome();
        let mut arguments: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--lang=en",
        ]
        .map(str::to_owned)
        .into();
        let profile = tempfile::tempdir().unwrap();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        if theme == Theme::Dark {
            arguments.push("--force-dark-mode".into());
        }
        for argument in arguments {
            wanted.add_arg(&argument).unwrap();
        }
        let metrics = json!({"deviceMetrics": {"width": width, "height": 900, "pixelRatio": 1.0, "mobile": false, "touch": false}});
        wanted
            .add_experimental_option("mobileEmulation", metrics)
            .unwrap();
        if !script {
            let preferences = json!({"profile.managed_default_content_settings.javascript": 2});
            wanted
                .add_experimental_option("prefs", preferences)
                .unwrap();
        }
        wanted
            .set("goog:loggingPrefs", json!({"browser": "ALL"}))
            .unwrap();
        let driver = WebDriver::new(&self.driver_url, wanted).await.unwrap();
        Page {
            driver,
            driver_url: self.driver_url.clone(),
            base: format!("http://{}", self.address),
            _profile: profile,
        }
    }

    pub async fn set(&self, settings: &Value) {
        let answer = self.client.json("PATCH", "/settings", settings).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Something on every screen: a webhook that works, one that fails, long and right-to-left texts.
    pub async fn fill(&self, receiver: &Receiver) {
        receiver.otherwise(Reply::Status(500));
        for (id, event) in [("orders", "sms:received"), ("مراقبة", "system:ping")] {
            let body = json!({"id": id, "url": receiver.url(), "event": event});
            assert_eq!(self.client.post("/webhooks", &body).await.status, 201);
        }
        for (from, text) in [
            ("+12025550123", "Your code is 402 117."),
            ("INFO", "مرحبا، هذه رسالة من اليمين إلى اليسار 123."),
            ("+12025550124", &"LongWordWithoutAnySpace".repeat(20)),
        ] {
            let body = json!({"from": from, "text": text, "simNumber": 1});
            assert_eq!(
                self.client.post("/simulator/incoming", &body).await.status,
                201
            );
        }
        let failed = async {
            while self
                .deliveries()
                .await
                .as_array()
                .unwrap()
                .iter()
                .all(|one| one["attemptsCount"] == 0)
            {
                tokio::task::yield_now().await;
            }
        };
        within("an attempt fails", failed).await;
    }

    async fn deliveries(&self) -> Value {
        self.client.get("/webhooks/orders/deliveries").await.json()
    }

    /// The screens of one thing.
    pub async fn details(&self) -> Vec<String> {
        let delivery = self.deliveries().await[0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let inbox = self.client.get("/inbox").await.json();
        vec![
            "/ui/webhook?id=orders".into(),
            format!("/ui/delivery?id={delivery}"),
            format!("/ui/message?id={}", inbox[0]["id"].as_str().unwrap()),
        ]
    }
}

/// A window.
pub struct Page {
    driver: WebDriver,
    driver_url: String,
    base: String,
    _profile: tempfile::TempDir,
}

impl Page {
    pub async fn go(&self, path: &str) {
        self.driver
            .goto(format!("{}{path}", self.base))
            .await
            .unwrap();
    }

    pub async fn find(&self, selector: &str) -> WebElement {
        self.driver.find(By::Css(selector)).await.unwrap()
    }

    pub async fn fill(&self, name: &str, text: &str) {
        self.find(&format!("[name='{name}']"))
            .await
            .send_keys(text)
            .await
            .unwrap();
    }

    /// Presses the button of the form with this action.
    pub async fn press(&self, action: &str) {
        self.find(&format!("form[action='{action}'] button"))
            .await
            .click()
            .await
            .unwrap();
    }

    pub async fn sign_in(&self) {
        self.fill("user", "sms").await;
        self.fill("password", PASSWORD).await;
        self.press("/ui/sign-in").await;
        self.sees("How clients reach it").await;
    }

    /// Waits until a text is shown; without a reload by us.
    pub async fn sees(&self, text: &str) {
        let seen = async {
            loop {
                let shown = match self.driver.find(By::Css("main")).await {
                    Ok(main) => main.text().await.unwrap_or_default(),
                    Err(_) => String::new(),
                };
                if shown.contains(text) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        within(&format!("the page shows {text:?}"), seen).await;
    }

    /// No rule of axe is broken.
    pub async fn obeys_axe(&self, path: &str) {
        let axe = std::fs::read_to_string(env("SIMRELAY_AXE")).unwrap();
        self.driver.execute(&axe, Vec::new()).await.unwrap();
        let script = "const done = arguments[arguments.length - 1]; axe.run().then(
            r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | '))),
            e => done([String(e)]));";
        let broken = self.driver.execute_async(script, Vec::new()).await.unwrap();
        assert_eq!(broken.json(), &json!([]), "{path}");
    }

    /// Nothing reaches beyond the window.
    pub async fn fits(&self, path: &str) {
        let script = "return document.documentElement.scrollWidth - innerWidth;";
        let over = self.driver.execute(script, Vec::new()).await.unwrap();
        assert!(
            over.json().as_i64().unwrap() <= 0,
            "{path}: {}",
            over.json()
        );
    }

    /// The console has no error.
    pub async fn is_quiet(&self) {
        let url = format!(
            "{}/session/{}/se/log",
            self.driver_url,
            self.driver.session_id()
        );
        #[allow(
            clippy::disallowed_methods,
            reason = "asks chromedriver, not a receiver"
        )]
        let asked = reqwest::Client::new()
            .post(url)
            .header("content-type", "application/json");
        let answer = asked.body(r#"{"type":"browser"}"#).send().await.unwrap();
        let log: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let entries = log["value"].as_array().expect("a log");
        let errors: Vec<_> = entries
            .iter()
            .filter(|entry| entry["level"] == "SEVERE")
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
    }

    /// Keeps a picture of the screen where somebody asked for pictures.
    pub async fn keep(&self, path: &str, width: u32, theme: Theme, language: &str) {
        let Some(dir) = std::env::var_os("SIMRELAY_SCREENSHOTS") else {
            return;
        };
        let name = path
            .split('?')
            .next()
            .unwrap()
            .trim_start_matches("/ui")
            .replace('/', "");
        let name = if name.is_empty() { "home" } else { &name };
        let theme = if theme == Theme::Dark {
            "dark"
        } else {
            "light"
        };
        let file = PathBuf::from(dir).join(format!("{name}-{width}-{theme}-{language}.png"));
        self.driver.screenshot(&file).await.unwrap();
    }

    pub async fn quit(self) {
        let _ = tokio::time::timeout(Duration::from_secs(10), self.driver.quit()).await;
    }
}
