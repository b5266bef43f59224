//! The program, chromedriver and windows of Chromium.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use simrelay_tests::{Client, Receiver, Reply, within};
use thirtyfour::prelude::*;
use thirtyfour::{
    ChromiumLikeCapabilities, common::capabilities::desiredcapabilities::CapabilitiesHelper,
};

const PASSWORD: &str = "browser-password";
/// A browser on a busy machine is slow, and one retry takes ten seconds by the clock.
const PATIENCE: Duration = Duration::from_secs(60);

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
    dir: tempfile::TempDir,
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

/// chromedriver and the line that tells its port. It chooses a free one of IPv4 and wants the same of
/// IPv6, where somebody may have it; then it ends.
fn start_driver() -> Option<(Child, String)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .spawn()
        .expect("chromedriver is installed (Debian: chromium-driver)");
    let line = find_line(&mut driver, "successfully");
    if line.is_none() {
        let _ = driver.wait();
    }
    Some((driver, line?))
}

/// The first line that holds a word.
fn line_with(child: &mut Child, word: &str) -> String {
    find_line(child, word).expect("it says so")
}

/// The same; `None` if the program ends before.
fn find_line(child: &mut Child, word: &str) -> Option<String> {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let found = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains(word)));
    // The rest is read on, so that the program never waits for us.
    std::thread::spawn(move || lines.count());
    found?.ok()
}

/// The program on a directory, and where it listens.
fn start_program(dir: &Path, listen: &str) -> (Child, SocketAddr) {
    let mut host = Command::new(env("SIMRELAY_PROGRAM"))
        .args(["--json", "--listen", listen, "--log", "error"])
        .args(["--password", PASSWORD, "--data-dir"])
        .arg(dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let ready: Value = serde_json::from_str(&line_with(&mut host, "listening")).unwrap();
    let address = ready["listening"].as_str().unwrap();
    let address = address.trim_start_matches("http://").parse().unwrap();
    (host, address)
}

impl Rig {
    /// Ends the program at once, as a power cut does.
    pub fn kill(&mut self) {
        self.host.kill().unwrap();
        self.host.wait().unwrap();
    }

    /// Starts it again where it was.
    pub fn start_again(&mut self) {
        self.host = start_program(self.dir.path(), &self.address.to_string()).0;
    }

    /// Lets the program hang, or go on: its connections stay.
    pub fn hang(&self, hangs: bool) {
        let signal = if hangs { "-STOP" } else { "-CONT" };
        let process = self.host.id().to_string();
        let sent = Command::new("kill").args([signal, &process]).status();
        assert!(sent.unwrap().success());
    }

    pub async fn start() -> Self {
        // Somebody may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let (host, address) = start_program(dir.path(), "127.0.0.1:0");
        let (driver, line) = (0..20)
            .find_map(|_| start_driver())
            .expect("chromedriver finds a port");
        let port = line.rsplit(' ').next().unwrap().trim_end_matches('.');
        Self {
            host,
            driver_url: format!("http://127.0.0.1:{port}"),
            driver,
            client: Client::new(address, "sms", PASSWORD),
            address,
            dir,
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
        let page = Page {
            driver,
            driver_url: self.driver_url.clone(),
            base: format!("http://{}", self.address),
            _profile: profile,
        };
        let scheme = match theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        page.devtools("Emulation.setEmulatedMedia", &features).await;
        page
    }

    pub async fn set(&self, settings: &Value) {
        let answer = self.client.json("PATCH", "/settings", settings).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.client.post(path, body).await;
        assert!(answer.status < 300, "{path}: {}", answer.text());
        answer.json()
    }

    /// Something on every screen: a webhook that fails, messages of both directions, and texts that
    /// are long, run from right to left, or are an attack.
    pub async fn fill(&self, receiver: &Receiver) {
        receiver.otherwise(Reply::Raw(
            "HTTP/1.1 500 Oops\r\nContent-Length: 45\r\n\r\n<img src=x onerror=\"window.evil='answer'\"> no.",
        ));
        for (id, event) in [("orders", "sms:received"), ("مراقبة", "system:ping")] {
            let body = json!({"id": id, "url": receiver.url(), "event": event});
            assert_eq!(self.client.post("/webhooks", &body).await.status, 201);
        }
        let url = format!("https://receiver.example/{}", "path".repeat(475));
        let body = json!({"id": "long", "url": url, "event": "mms:received"});
        assert_eq!(self.client.post("/webhooks", &body).await.status, 201);
        for (from, text) in [
            ("+12025550123", "Your code is 402 117."),
            ("INFO", "مرحبا، هذه رسالة من اليمين إلى اليسار 123."),
            ("+12025550124", &"LongWordWithoutAnySpace".repeat(20)),
            (
                "<img src=x onerror=\"window.evil='sender'\">",
                "</bdi><img src=x onerror=\"window.evil='text'\"><script>window.evil='script'</script>",
            ),
        ] {
            let body = json!({"from": from, "text": text, "simNumber": 1});
            self.post("/simulator/incoming", &body).await;
        }
        for (id, text, numbers) in [
            ("reminder", "See you at nine.", &["+12025550143"][..]),
            ("refused", "Nobody gets this.", &["+12025550001"]),
            (
                "everybody",
                &"A text of several parts. ".repeat(16),
                &["+12025550144", "+12025550145", "+12025550003"],
            ),
            (
                "evil",
                "<script>window.evil='out'</script>",
                &["+12025550146"],
            ),
        ] {
            let body = json!({"id": id, "textMessage": {"text": text}, "phoneNumbers": numbers});
            self.post("/messages", &body).await;
        }
        let later = json!({"id": "later", "textMessage": {"text": "Happy new year!"},
            "phoneNumbers": ["+12025550147"], "scheduleAt": "2099-12-31T23:59:00Z"});
        self.post("/messages", &later).await;
        let settled = async {
            while self.client.get("/messages/everybody").await.json()["state"] == "Pending"
                || self.client.get("/messages/refused").await.json()["state"] != "Failed"
            {
                tokio::task::yield_now().await;
            }
        };
        within("the messages go out", settled).await;
        self.orders_are("an attempt fails", |one| one["attemptsCount"] != 0)
            .await;
        // All that is there is given up, and one more waits.
        let retries = |count: u32| json!({"webhooks": {"retry_count": count}});
        self.set(&retries(1)).await;
        self.orders_are("they are given up", |one| one["state"] == "dead")
            .await;
        self.set(&retries(14)).await;
        let body = json!({"from": "+12025550125", "text": "Your parcel is here.", "simNumber": 1});
        self.post("/simulator/incoming", &body).await;
        self.orders_are("one waits", |one| one["attemptsCount"] != 0)
            .await;
    }

    /// Waits until it is so of all deliveries of `orders`.
    async fn orders_are(&self, what: &str, so: impl Fn(&Value) -> bool) {
        let waiting = async {
            loop {
                let deliveries = self.deliveries().await;
                if deliveries.as_array().unwrap().iter().all(&so) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        within(what, waiting).await;
    }

    /// The id of a webhook's only delivery, once it arrived.
    pub async fn delivered(&self, webhook: &str) -> String {
        let path = format!("/webhooks/{webhook}/deliveries");
        let arrived = async {
            loop {
                let all = self.client.get(&path).await.json();
                if all[0]["state"] == "delivered" && all[1].is_null() {
                    return all[0]["id"].as_str().unwrap().to_owned();
                }
                tokio::task::yield_now().await;
            }
        };
        within("there is one delivery, and it arrived", arrived).await
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
            "/ui/webhook?id=long".into(),
            format!("/ui/delivery?id={delivery}"),
            format!("/ui/message?id={}", inbox[0]["id"].as_str().unwrap()),
            "/ui/message?out=everybody".into(),
            "/ui/messages?which=out&state=Failed".into(),
            "/ui/message?id=nothing".into(),
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

    /// Where the gateway is.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Signs in to the API as browsers do, by its own window for passwords.
    pub async fn go_with_basic(&self, path: &str) {
        let with = format!("http://sms:{PASSWORD}@");
        let url = self.base.replacen("http://", &with, 1) + path;
        self.driver.goto(url).await.unwrap();
        let text = self.tells("return document.body.innerText;").await;
        assert!(text.as_str().unwrap().contains("sms:received"), "{text}");
    }

    /// A page of somebody else.
    pub async fn go_elsewhere(&self, url: &str) {
        self.driver.goto(url).await.unwrap();
    }

    /// Waits until one of two texts is shown, wherever it is.
    pub async fn shows(&self, one: &str, other: &str) {
        let shown = async {
            loop {
                let text = match self.driver.find(By::Css("body")).await {
                    Ok(body) => body.text().await.unwrap_or_default(),
                    Err(_) => String::new(),
                };
                if text.contains(one) || text.contains(other) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        let shown = tokio::time::timeout(PATIENCE, shown).await;
        assert!(shown.is_ok(), "waited in vain: {one:?} or {other:?}");
    }

    /// The element, once it is there: a form's answer may take its time.
    pub async fn find(&self, selector: &str) -> WebElement {
        let query = self.driver.query(By::Css(selector));
        let patient = query.wait(PATIENCE, Duration::from_millis(50));
        patient.first().await.unwrap()
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
        self.find(&format!("form[action^='{action}'] button"))
            .await
            .click()
            .await
            .unwrap();
    }

    pub async fn sign_in(&self) {
        self.enter().await;
        self.sees("API access").await;
    }

    /// Signs in to wherever that leads.
    pub async fn enter(&self) {
        self.fill("user", "sms").await;
        self.fill("password", PASSWORD).await;
        self.press("/ui/sign-in").await;
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
                #[allow(
                    clippy::disallowed_methods,
                    reason = "a browser tells nobody when its page changes, and asking takes its time"
                )]
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let seen = tokio::time::timeout(PATIENCE, seen).await;
        assert!(seen.is_ok(), "waited in vain: the page shows {text:?}");
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

    /// No English word stands where the page itself speaks, in what is seen or only heard. What comes
    /// from outside, names of the API and the log are marked as such and left out.
    pub async fn speaks_no_english(&self, path: &str) {
        let script = r#"
            const known = /^(SimRelay|OpenAPI|Apache|LIFO|FIFO|HTTP|HTTPS|http|https|POST|curl|SMSGate|English|system|ping|loopback|private|localhost|[Ww]ebhooks?|orders|CERTIFICATE|BEGIN|bytes)$/;
            const found = [];
            const look = text => {
                for (const word of text.match(/[A-Za-z]{3,}/g) || []) {
                    if (!known.test(word) && !/^(SIM|SMS|MMS|API|URL|TLS|DNS|PEM|SSE|USB|any)$/.test(word)) found.push(word + ' in: ' + text.trim());
                }
            };
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const node = walker.currentNode;
                const from_outside = node.parentElement.closest('[lang=en], code, bdi, pre, script, textarea, option[value*=":"], h1');
                if (!from_outside) look(node.data);
            }
            for (const element of document.querySelectorAll('[aria-label], [placeholder]:not([dir=ltr])')) {
                look(element.getAttribute('aria-label') || element.getAttribute('placeholder'));
            }
            return found;"#;
        assert_eq!(self.tells(script).await, json!([]), "{path}");
    }

    /// Nothing reaches beyond the window.
    pub async fn fits(&self, path: &str) {
        let script = "return document.documentElement.scrollWidth - innerWidth;";
        let over = self.tells(script).await;
        assert!(over.as_i64().unwrap() <= 0, "{path}: {over} too wide");
    }

    /// What a script in the page comes to.
    pub async fn tells(&self, script: &str) -> Value {
        let told = self.driver.execute(script, Vec::new()).await.unwrap();
        told.json().clone()
    }

    /// Goes on in a new tab of the same window.
    pub async fn tab(&self) {
        let tab = self.driver.new_tab().await.unwrap();
        self.driver.switch_to_window(tab).await.unwrap();
    }

    /// Tells the page that it is out of sight, or in it again. Without a screen every window is seen.
    pub async fn show(&self, shown: bool) {
        let script = format!(
            "Object.defineProperty(document, 'hidden', {{ value: {}, configurable: true }});
            document.dispatchEvent(new Event('visibilitychange'));",
            !shown
        );
        self.tells(&script).await;
    }

    /// The console has no error.
    pub async fn is_quiet(&self) {
        let log = self.command("se/log", &json!({"type": "browser"})).await;
        let entries = log.as_array().expect("a log");
        let errors: Vec<_> = entries
            .iter()
            .filter(|entry| entry["level"] == "SEVERE")
            // The status 404 of a screen that was asked for what is not there.
            .filter(|entry| !entry["message"].as_str().unwrap().contains("id=nothing"))
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
    }

    /// A command of the browser's own protocol.
    async fn devtools(&self, name: &str, parameters: &Value) -> Value {
        let command = json!({"cmd": name, "params": parameters});
        self.command("goog/cdp/execute", &command).await
    }

    /// A command of chromedriver that the WebDriver crate does not have.
    async fn command(&self, path: &str, body: &Value) -> Value {
        let session = self.driver.session_id();
        let url = format!("{}/session/{session}/{path}", self.driver_url);
        #[allow(
            clippy::disallowed_methods,
            reason = "asks chromedriver, not a receiver"
        )]
        let asked = reqwest::Client::new()
            .post(url)
            .header("content-type", "application/json");
        let answer = asked.body(body.to_string()).send().await.unwrap();
        let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].clone()
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
        let name = match (name.as_str(), path) {
            ("", _) => "home",
            ("message", path) if path.contains("out=") => "outgoing",
            ("message", path) if path.contains("id=nothing") => "nothing",
            ("messages", path) if path.contains("Failed") => "failed",
            (name, _) => name,
        };
        let theme = if theme == Theme::Dark {
            "dark"
        } else {
            "light"
        };
        let file = PathBuf::from(dir).join(format!("{name}-{width}-{theme}-{language}.png"));
        // All of it, not only what fits into the window.
        let size = self
            .tells("return [innerWidth, Math.max(innerHeight, document.body.scrollHeight)];")
            .await;
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1});
        let wanted = json!({"captureBeyondViewport": true, "clip": clip});
        let picture = self.devtools("Page.captureScreenshot", &wanted).await;
        let bytes = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    pub async fn quit(self) {
        let _ = tokio::time::timeout(Duration::from_secs(10), self.driver.quit()).await;
    }
}
