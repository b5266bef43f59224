//! The program as people start it: what it prints, how it ends, what it refuses (protocol.md 5).

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

fn simrelay(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simrelay"));
    command
        .args(words)
        .env_remove("SIMRELAY_JSON")
        .stdin(Stdio::null());
    command
}

fn run(words: &[&str]) -> Output {
    simrelay(words).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("it prints UTF-8")
}

/// It ends with code 1 and one sentence that holds the words; nothing on stdout.
fn assert_refused(words: &[&str], expected: &[&str]) {
    let output = run(words);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(output.stdout.is_empty());
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("simrelay: "), "{said}");
    for word in expected {
        assert!(said.contains(word), "{said} lacks {word}");
    }
}

/// A running gateway; killed when dropped.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    fn start(dir: &Path, words: &[&str]) -> Self {
        let mut child = simrelay(&["--listen", "127.0.0.1:0", "--data-dir"])
            .arg(dir)
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, stdout }
    }

    fn lines(&mut self, count: usize) -> Vec<String> {
        let mut line = || {
            let mut line = String::new();
            self.stdout.read_line(&mut line).expect("it prints");
            line.trim_end_matches('\n').to_owned()
        };
        (0..count).map(|_| line()).collect()
    }

    fn ready(&mut self) -> Value {
        serde_json::from_str(&self.lines(1)[0]).expect("it prints JSON")
    }

    /// Ends it as a service manager does; its exit code, and what else it said on stdout and stderr.
    fn terminate(mut self) -> (Option<i32>, String, String) {
        let id = self.child.id().to_string();
        let killed = Command::new("kill").arg(id).status();
        assert!(killed.is_ok_and(|status| status.success()));
        let (mut out, mut err) = (String::new(), String::new());
        self.stdout
            .read_to_string(&mut out)
            .expect("it prints UTF-8");
        let mut stderr = self.child.stderr.take().expect("it is piped");
        stderr.read_to_string(&mut err).expect("it prints UTF-8");
        (self.child.wait().expect("it ends").code(), out, err)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_id_of_an_old_phone_is_taken_over_and_kept() {
    let dir = tempfile::tempdir().expect("a directory");
    let id = |words: &[&str]| {
        let words = [&["--json", "--password", "password"], words].concat();
        let mut running = Running::start(dir.path(), &words);
        let ready: Value = serde_json::from_str(&running.lines(1)[0]).expect("JSON");
        let url = format!("{}/devices", ready["listening"].as_str().expect("a URL"));
        let login = ["--user", "sms:password", &url];
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--noproxy", "*"]).args(login);
        let told: Value =
            serde_json::from_slice(&curl.output().expect("curl").stdout).expect("JSON");
        told[0]["id"].as_str().expect("an id").to_owned()
    };
    assert_eq!(id(&[]).len(), 32);
    assert_eq!(id(&["--device-id", "dXk3-Old_phone"]), "dXk3-Old_phone");
    assert_eq!(id(&[]), "dXk3-Old_phone");
    let refused = run(&["--device-id", "a/b"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("A-Z, a-z, 0-9"));
}

#[test]
fn help_and_version() {
    let version = run(&["--version"]);
    assert!(version.status.success());
    let expected = format!("simrelay {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(text(&version.stdout), expected);
    let help = text(&run(&["--help"]).stdout);
    for word in [
        "demo",
        "--listen",
        "--data-dir",
        "--user",
        "--password",
        "--log",
        "--json",
        "SIMRELAY_LISTEN",
    ] {
        assert!(help.contains(word), "{help} lacks {word}");
    }
    assert_eq!(run(&["--colour"]).status.code(), Some(2));
}

#[test]
fn ten_lines_and_three_commands_that_work_when_pasted() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = Running::start(dir.path(), &["--password", "it's secret"]);
    let lines = running.lines(10);
    assert!(lines.iter().all(|line| !line.contains('\x1b')), "{lines:?}");
    assert!(lines[4].contains(&dir.path().display().to_string()));
    let commands: Vec<_> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.starts_with("curl "))
        .collect();
    let answers: Vec<Value> = commands
        .iter()
        .map(|command| {
            let output = Command::new("sh")
                .args(["-c", command])
                .env("no_proxy", "*")
                .output()
                .unwrap();
            serde_json::from_slice(&output.stdout).unwrap()
        })
        .collect();
    assert_eq!(answers[0]["id"], "first");
    assert!(answers[1]["messageId"].is_string());
    assert_eq!(answers[2][0]["event"], "sms:received");
    assert_eq!(answers.len(), 3);
}

#[test]
fn json_for_programs_and_a_clean_end() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = Running::start(
        dir.path(),
        &["--json", "--user", "me", "--password", "password-1"],
    );
    let ready = running.ready();
    let url = ready["listening"].as_str().unwrap();
    assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with('/'));
    assert_eq!(
        (&ready["user"], &ready["password"]),
        (&"me".into(), &"password-1".into())
    );
    let (code, out, err) = running.terminate();
    assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
    assert!(
        !err.contains("password-1") && !err.contains('\x1b'),
        "{err}"
    );

    let mut again = Running::start(dir.path(), &["--json"]);
    let kept = again.ready();
    assert_eq!(
        (&kept["user"], &kept["password"]),
        (&"me".into(), &"password-1".into())
    );
}

/// Posts an SMS of 3,000 characters; the status.
fn post_sms(url: &str) -> u16 {
    let sms = serde_json::json!({"from": "+12025550123", "text": "x".repeat(3_000)});
    let output = Command::new("curl")
        .args(["--silent", "--noproxy", "*", "--user", "sms:password"])
        .args(["--header", "Content-Type: application/json", "--data"])
        .arg(sms.to_string())
        .args(["--write-out", "\n%{http_code}"])
        .arg(format!("{url}/simulator/incoming"))
        .output()
        .expect("curl runs");
    let answer = text(&output.stdout);
    let (body, status) = answer.rsplit_once('\n').expect("curl writes the status");
    if status == "503" {
        assert!(body.contains("The storage "), "{body}");
    }
    status.parse().expect("a status")
}

#[test]
fn a_size_limit_refuses_and_what_was_taken_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = Running::start(dir.path(), &["--json", "--password", "password"]);
    let url = running.ready()["listening"].as_str().unwrap().to_owned();
    let pid = running.child.id().to_string();
    let limit = |bytes: &str| {
        let set = Command::new("prlimit")
            .args(["--pid", &pid, &format!("--fsize={bytes}:")])
            .status();
        assert!(set.expect("prlimit is installed").success());
    };
    limit("200000");
    let mut taken = 0;
    while post_sms(&url) == 201 {
        taken += 1;
        assert!(taken < 1_000, "the limit does not hold");
    }
    assert_eq!(post_sms(&url), 503);
    limit("unlimited");
    assert_eq!(post_sms(&url), 201);
    let list = Command::new("curl")
        .args(["--silent", "--include", "--noproxy", "*"])
        .args(["--user", "sms:password", &format!("{url}/inbox?limit=1")])
        .output();
    let list = text(&list.expect("curl runs").stdout);
    assert!(
        list.contains(&format!("x-total-count: {}\r\n", taken + 1)),
        "{list}"
    );
}

/// The JSON that the API answers.
fn ask(url: &str, body: Option<&Value>) -> Value {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--noproxy", "*", "--user", "sms:password"]);
    if let Some(body) = body {
        curl.args(["--header", "Content-Type: application/json", "--data"])
            .arg(body.to_string());
    }
    let output = curl.arg(url).output().expect("curl runs");
    serde_json::from_slice(&output.stdout).expect("it answers JSON")
}

#[test]
fn an_mms_comes_in_as_a_notification_or_with_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = Running::start(dir.path(), &["--json", "--password", "password"]);
    let url = running.ready()["listening"].as_str().unwrap().to_owned();
    let incoming = |body: Value| ask(&format!("{url}/simulator/incoming"), Some(&body));
    // Transaction T1, from +123, subject ü.
    let notification = "8C82985431008D908906802B313233009604EAC3BC00";
    let told = incoming(serde_json::json!({"mms": notification, "simNumber": 2}));
    assert!(told["messageId"].is_string(), "{told}");
    let picture = serde_json::json!({"contentType": "image/png", "name": "a.png", "data": "AAEC"});
    let told = incoming(serde_json::json!({"from": "+12025550123", "mmsDownloaded":
        {"subject": "Holiday", "body": "Look", "attachments": [picture]}}));
    assert!(told["messageId"].is_string(), "{told}");
    let inbox = ask(&format!("{url}/inbox?includeAttachments=true"), None);
    assert_eq!(
        [&inbox[0]["type"], &inbox[1]["type"]],
        ["MMS_DOWNLOADED", "MMS"]
    );
    assert_eq!(inbox[0]["attachments"][0]["size"], 3);
    assert_eq!(
        (&inbox[1]["sender"], &inbox[1]["contentPreview"]),
        (&"+123".into(), &"ü".into())
    );
    for (body, sentence) in [
        (serde_json::json!({"mms": "8C8"}), "mms: the hexadecimal"),
        (
            serde_json::json!({"mms": "00"}),
            "mms must be an M-Notification",
        ),
        (
            serde_json::json!({"mms": notification, "from": "1"}),
            "Send from and",
        ),
        (serde_json::json!({"mmsDownloaded": {}}), "Send from and"),
        (
            serde_json::json!({"from": "1", "mmsDownloaded":
                {"attachments": [{"contentType": "a/b", "data": "!"}]}}),
            "mmsDownloaded.attachments[0].data must be base64.",
        ),
    ] {
        let told = incoming(body);
        let message = told["message"].as_str().unwrap_or_default();
        assert!(message.starts_with(sentence), "{told}");
    }
    assert_eq!(ask(&format!("{url}/inbox"), None), inbox_without(inbox));
}

/// The list as it is shown without attachments.
fn inbox_without(mut inbox: Value) -> Value {
    for item in inbox.as_array_mut().into_iter().flatten() {
        item["attachments"] = Value::Array(Vec::new());
    }
    inbox
}

#[test]
fn the_simulated_network_answers_by_the_last_four_digits() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = Running::start(dir.path(), &["--json", "--password", "password"]);
    let url = running.ready()["listening"].as_str().unwrap().to_owned();
    let numbers = ["0143", "0001", "0002", "0003", "0004"].map(|end| format!("+1202555{end}"));
    for (index, number) in numbers.iter().enumerate() {
        let body = serde_json::json!({"id": format!("m{index}"), "phoneNumbers": [number],
            "textMessage": {"text": "Hello"}});
        let url = format!("{url}/messages");
        assert_eq!(ask(&url, Some(&body))["state"], "Pending");
    }
    let expected = ["Delivered", "Failed", "Sent", "Failed", "Processed"];
    let messages = (0..2_000)
        .map(|_| ask(&format!("{url}/messages?sort=created_at"), None))
        .find(|messages| (0..5).all(|index| messages[index]["state"] == expected[index]))
        .expect("the network answers within two thousand looks");
    let error = |index: usize| messages[index]["recipients"][0]["error"].as_str();
    assert_eq!(error(1), Some("RESULT_ERROR_GENERIC_FAILURE"));
    assert_eq!(
        error(3),
        Some("delivery report 0x46: not delivered before its validity period expired")
    );
    let outgoing = ask(&format!("{url}/simulator/outgoing"), None);
    assert_eq!(outgoing.as_array().map(Vec::len), Some(5));
    assert_eq!(outgoing[0]["messageId"], "m0");
    assert_eq!(outgoing[0]["phoneNumber"], numbers[0].as_str());
    assert_eq!(
        (&outgoing[0]["text"], &outgoing[0]["simNumber"]),
        (&"Hello".into(), &1.into())
    );
}

#[test]
fn what_cannot_be_started_says_why_in_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let in_use = ["--listen", &address, "--data-dir", path];
    assert_refused(&in_use, &[&address, "in use", "--listen"]);
    let nonsense = ["--listen", "here", "--data-dir", path];
    assert_refused(&nonsense, &["here", "127.0.0.1:8080"]);
    let refused = |dir: &str, expected: &[&str]| {
        assert_refused(&["--listen", "127.0.0.1:0", "--data-dir", dir], expected);
    };
    refused("/proc/simrelay", &["/proc/simrelay"]);
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    refused(file.to_str().unwrap(), &["file"]);

    let mut running = Running::start(dir.path(), &["--json"]);
    running.ready();
    refused(path, &[path, "another"]);
    drop(running);

    let database = dir.path().join("simrelay.db");
    let intact = std::fs::read(&database).unwrap();
    let mut newer = intact.clone();
    // user_version, offset 60 of SQLite's file format.
    newer[60..64].copy_from_slice(&999u32.to_be_bytes());
    let mut damaged = intact.clone();
    damaged[4096..8192].fill(0xAA);
    for (bytes, words) in [
        (newer, ["simrelay.db", "newer"]),
        (damaged, ["simrelay.db", "damaged"]),
        (
            b"not a database at all".repeat(10),
            ["simrelay.db", "damaged"],
        ),
    ] {
        for file in ["simrelay.db-wal", "simrelay.db-shm"] {
            let _ = std::fs::remove_file(dir.path().join(file));
        }
        std::fs::write(&database, &bytes).unwrap();
        refused(path, &words);
        assert_eq!(std::fs::read(&database).unwrap(), bytes);
    }
    // A format of SQLite that there is not yet, and a database of another program.
    let mut later = intact.clone();
    later[18] = 3;
    let mut foreign = intact;
    foreign[68..72].copy_from_slice(b"Mine");
    for (bytes, word) in [(later, "SQLite format"), (foreign, "another program")] {
        std::fs::write(&database, &bytes).unwrap();
        refused(path, &["simrelay.db", word, "left as it is"]);
    }
    std::fs::remove_file(&database).unwrap();
    refused(
        path,
        &["simrelay.db", "missing or empty", "simrelay recover"],
    );
}

#[test]
fn what_can_be_read_of_a_damaged_database_is_recovered() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    let mut running = Running::start(dir.path(), &["--json", "--password", "password"]);
    let url = running.ready()["listening"].as_str().unwrap().to_owned();
    assert_eq!(post_sms(&url), 201);
    let in_use = run(&["recover", "--data-dir", path]);
    assert_eq!(in_use.status.code(), Some(1));
    assert!(text(&in_use.stderr).contains("in use"), "{in_use:?}");
    running.terminate();
    let database = dir.path().join("simrelay.db");
    let mut damaged = std::fs::read(&database).unwrap();
    damaged[..4096].fill(0xAA);
    std::fs::write(&database, &damaged).unwrap();
    let recovered = run(&["recover", "--data-dir", path]);
    let said = text(&recovered.stdout);
    assert_eq!(recovered.status.code(), Some(0), "{recovered:?}");
    for words in [
        "inbox",
        "rows read",
        "rows lost",
        "The damaged file is kept as",
    ] {
        assert!(said.contains(words), "{said}");
    }
    let mut running = Running::start(dir.path(), &["--json"]);
    let url = running.ready()["listening"].as_str().unwrap().to_owned();
    assert_eq!(
        ask(&format!("{url}/inbox"), None).as_array().unwrap().len(),
        1
    );
    let nowhere = run(&["recover", "--data-dir", "/nowhere/at/all"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(
        text(&nowhere.stderr).contains("does not exist"),
        "{nowhere:?}"
    );
}

#[test]
fn credentials_that_let_everybody_or_nobody_in_are_refused() {
    for (words, variable) in [
        (["--user", "a:b"], "SIMRELAY_USER"),
        (["--user", ""], "SIMRELAY_USER"),
        (["--password", ""], "SIMRELAY_PASSWORD"),
    ] {
        let by_flag = simrelay(&words).output().unwrap();
        let by_variable = simrelay(&[]).env(variable, words[1]).output().unwrap();
        for refused in [by_flag, by_variable] {
            let said = text(&refused.stderr);
            assert_eq!(refused.status.code(), Some(2), "{said}");
            assert!(said.contains("at least one character"), "{said}");
        }
    }
}

#[test]
fn a_new_user_or_password_obeys_the_rule_of_the_page() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    let start = |words: &[&str]| {
        let free = ["--listen", "127.0.0.1:0", "--data-dir", path];
        simrelay(&[&free[..], words].concat())
    };
    let (long, user) = ("x".repeat(129), "u".repeat(65));
    let check = || {
        for (flag, value, variable, rule) in [
            (
                "--password",
                "1234567",
                "SIMRELAY_PASSWORD",
                "8 to 128 characters",
            ),
            (
                "--password",
                &long,
                "SIMRELAY_PASSWORD",
                "8 to 128 characters",
            ),
            (
                "--password",
                "12345678\n",
                "SIMRELAY_PASSWORD",
                "control characters",
            ),
            ("--user", &user, "SIMRELAY_USER", "1 to 64 characters"),
        ] {
            let by_flag = start(&[flag, value]).output().unwrap();
            let by_variable = start(&[]).env(variable, value).output().unwrap();
            for refused in [by_flag, by_variable] {
                let said = text(&refused.stderr);
                assert_eq!(refused.status.code(), Some(2), "{said}");
                assert!(said.contains(rule) && !said.contains(value), "{said}");
                assert_eq!(text(&refused.stdout), "");
            }
        }
    };
    check();
    let mut running = Running::start(dir.path(), &["--json", "--password", "12345678"]);
    assert_eq!(running.ready()["password"], "12345678");
    running.terminate();
    check();
    let mut running = Running::start(dir.path(), &["--json"]);
    assert_eq!(running.ready()["password"], "12345678");
    running.terminate();
}

#[test]
fn the_demo_shows_delivery_signature_and_retry() {
    let output = run(&["demo"]);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}{}", text(&output.stderr));
    for word in [
        "sms:received",
        "signature is right",
        "503",
        "10 s",
        "delivered.",
    ] {
        assert!(said.contains(word), "{said} lacks {word}");
    }
}

#[test]
fn a_webhook_is_tested_without_a_gateway() {
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", receiver.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (stream, _) = receiver.accept().unwrap();
        let mut reader = BufReader::new(&stream);
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let start = head.len();
            reader.read_line(&mut head).unwrap();
            let line = head[start..].to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
        (&stream).write_all(answer.as_bytes()).unwrap();
        (head, body)
    });
    let output = run(&["webhook", "test", &url, "--signing-key", "k"]);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{said}{}", text(&output.stderr));
    assert_eq!(said.matches("ok      ").count(), 4, "{said}");
    let (head, body) = answering.join().unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["event"], "system:test");
    assert!(head.contains("\r\nX-Signature: "));

    let output = run(&["webhook", "test", "http://192.168.0.1/"]);
    assert!(!output.status.success());
    let said = text(&output.stdout);
    assert!(
        said.contains("failed  url") && said.contains("allow_http"),
        "{said}"
    );
}

/// With so few descriptors that the last are gone somewhere on the way, neither the name nor the
/// receiver is blamed.
#[test]
fn a_device_without_descriptors_blames_no_receiver() {
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://localhost:{}/",
        receiver.local_addr().unwrap().port()
    );
    let answering = std::thread::spawn(move || {
        for mut stream in receiver.incoming().flatten() {
            let mut part = [0; 4096];
            match stream.read(&mut part) {
                Ok(4) => return,
                _ => drop(stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")),
            }
        }
    });
    let port = url
        .trim_end_matches('/')
        .rsplit(':')
        .next()
        .unwrap()
        .to_owned();
    let mut lacking = 0;
    for limit in 4..24 {
        let program = env!("CARGO_BIN_EXE_simrelay");
        let script = format!("ulimit -n {limit}; exec {program} webhook test {url}");
        let output = Command::new("sh").args(["-c", &script]).output();
        let said = text(&output.expect("sh runs").stdout);
        if said.contains("failed ") {
            assert!(said.contains("no file descriptors left"), "{limit}: {said}");
            lacking += 1;
        }
    }
    assert!(lacking > 0);
    let mut end = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    end.write_all(b"end\n").unwrap();
    answering.join().unwrap();
}

/// Asks over a connection that is already there; the answer's status line, head and body.
fn ask_over(
    api: &mut BufReader<std::net::TcpStream>,
    method: &str,
    path: &str,
    body: &str,
) -> String {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic c21zOnBhc3N3b3Jk\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    api.get_mut()
        .write_all(request.as_bytes())
        .expect("it reads");
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let start = head.len();
        let read = api.read_line(&mut head).expect("it answers");
        assert!(read > 0, "the connection ended before the answer: {head}");
        if let Some(value) = head[start..]
            .to_ascii_lowercase()
            .strip_prefix("content-length:")
        {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    api.read_exact(&mut body).expect("a whole body");
    head + &text(&body)
}

#[test]
fn strangers_who_take_every_descriptor_burn_no_attempt() {
    const COUNT: usize = 14;
    let dir = tempfile::tempdir().unwrap();
    let mut running = Running::start(dir.path(), &["--json", "--password", "password"]);
    let url = running.ready()["listening"].as_str().unwrap().to_owned();
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let hook = format!("http://{}/", receiver.local_addr().unwrap());
    let (told, arrived) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in receiver.incoming().flatten() {
            let read = stream.read(&mut [0; 8192]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            let _ = told.send(read.is_ok());
        }
    });
    let webhook = serde_json::json!({"id": "w", "url": hook, "event": "sms:received"});
    ask(&format!("{url}/webhooks"), Some(&webhook));
    let address = url.trim_start_matches("http://").to_owned();
    let connect = || std::net::TcpStream::connect(&address).unwrap();
    let mut api = BufReader::new(connect());
    // Known by its credentials, it is not the one to go when descriptors run out.
    assert!(ask_over(&mut api, "GET", "/devices", "").starts_with("HTTP/1.1 200"));
    let limit = Command::new("prlimit")
        .args(["--pid", &running.child.id().to_string(), "--nofile=64:"])
        .status();
    assert!(limit.expect("prlimit is installed").success());
    let strangers: Vec<_> = (0..100).map(|_| connect()).collect();
    let mut warned = false;
    for number in 0..COUNT {
        let sms = serde_json::json!({"from": "+12025550123", "text": number.to_string()});
        let answer = ask_over(&mut api, "POST", "/simulator/incoming", &sms.to_string());
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        warned |= ask_over(&mut api, "GET", "/health", "").contains("deliveries:device");
    }
    drop(strangers);
    for _ in 0..COUNT {
        let arrived = arrived.recv_timeout(std::time::Duration::from_secs(60));
        assert!(arrived.expect("every SMS arrives"), "warned: {warned}");
    }
    let path = "/webhooks/w/deliveries?limit=100";
    let deliveries = (0..2_000)
        .map(|_| ask(&format!("{url}{path}"), None))
        .find(|all| {
            let all = all.as_array().map(Vec::as_slice).unwrap_or_default();
            all.len() == COUNT && all.iter().all(|delivery| delivery["state"] == "delivered")
        })
        .expect("all are delivered within two thousand looks");
    for delivery in deliveries.as_array().unwrap() {
        assert_eq!(delivery["attemptsCount"], 1, "{delivery}");
    }
    let health = ask(&format!("{url}/health"), None);
    assert!(health["checks"]["deliveries:device"].is_null(), "{health}");
}

#[test]
fn what_is_no_url_of_a_receiver_is_told_as_such() {
    for (url, sentence) in [
        ("nonsense", "url must be a full URL such as https://"),
        ("https://", "url must be a full URL such as https://"),
        ("ftp://x", "url must begin with https:// and name a host."),
        ("https://a b/", "url must not contain spaces"),
        ("https://webhook.site/#!/0123", "url must not contain #"),
        (
            "https:///x",
            "url must begin with https:// and name a host.",
        ),
        ("https://me:p%ff@x/", "must be UTF-8 text"),
    ] {
        let output = run(&["webhook", "test", url]);
        let said = text(&output.stdout);
        assert!(!output.status.success(), "{url}");
        let told = said.contains("failed  url") && said.contains(sentence);
        assert!(told && !said.contains("allow_http"), "{url}: {said}");
    }
}
