//! The resident memory of the host program.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use serde_json::{Value, json};
use simrelay_tests::Client;
use tokio::net::TcpStream;

use crate::rig::{PASSWORD, runtime};
use crate::sink::Sink;
use crate::watch::{Table, resident};

const WARM: usize = 10_000;
const EVENTS: usize = 100_000;
const BATCH: usize = 500;
/// Messages sent after them; the simulated modem remembers all of these for its list.
const SENT: usize = 10_000;

/// Strangers at a time, and what each begins and never ends.
const STRANGERS: usize = 500;
const UNFINISHED: [&str; 4] = [
    "",
    "GET / HTTP/1.1\r\nHost: gateway\r\nX-Long: ",
    "POST /ui/sign-in HTTP/1.1\r\nHost: gateway\r\nOrigin: http://gateway\r\n\
     Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8000\r\n\r\nuser=",
    "POST /ui/sign-in HTTP/1.1\r\nHost: gateway\r\nOrigin: http://gateway\r\n\
     Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n1000000\r\nuser=",
];
/// Requests that give the program the time to be done with them.
const BREATHS: usize = 200;

/// Idle after the start, and again after strangers; then how much it grew between the 10,000th and
/// the 100,000th event.
pub fn host_program(table: &mut Table) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let mut child = start(&build()?, dir.path())?;
    let figures = measure(&mut child);
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
    let [idle, strangers, warm, full, sent] = figures?.map(|kib| kib as f64 / 1024.0);
    table.at_most(
        "resident memory, idle",
        idle,
        10.0,
        " MiB",
        "host, release build",
    );
    table.at_most(
        "resident memory after 500 unfinished requests of each kind, above idle",
        strangers - idle,
        3.0,
        " MiB",
        &format!("{strangers:.1} MiB, {idle:.1} MiB"),
    );
    table.at_most(
        "resident memory after 100,000 events, against after 10,000",
        full / warm,
        1.05,
        "×",
        &format!("{full:.1} MiB, {warm:.1} MiB"),
    );
    table.at_most(
        "resident memory after 10,000 more messages sent, against before",
        sent / full,
        1.7,
        "×",
        &format!("{sent:.1} MiB, of it 4.6 MB for phone numbers"),
    );
    Ok(())
}

fn measure(child: &mut Child) -> anyhow::Result<[u64; 5]> {
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
    let ready: Value = serde_json::from_str(&line).context("the host did not start")?;
    let url = ready["listening"].as_str().context("no address")?;
    let address: SocketAddr = url.trim_start_matches("http://").parse()?;
    let client = Client::new(address, "sms", PASSWORD);
    let sink = Sink::start()?;
    runtime()?.block_on(async {
        let idle = resident(child.id())?;
        for start in UNFINISHED {
            unfinished(&client, start).await?;
        }
        let strangers = resident(child.id())?;
        let webhook = json!({"url": sink.url("now"), "event": "sms:received"});
        anyhow::ensure!(client.post("/webhooks", &webhook).await.status == 201);
        let mut warm = 0;
        for start in (0..EVENTS).step_by(BATCH) {
            if start == WARM {
                warm = resident(child.id())?;
            }
            let messages: Vec<Value> = (start..start + BATCH)
                .map(|number| json!({"from": "6505551212", "text": number.to_string()}))
                .collect();
            let answer = client
                .post("/simulator/incoming/batch", &messages.into())
                .await;
            anyhow::ensure!(answer.status == 201, "{}", answer.text());
            sink.take(BATCH).await?;
        }
        let full = resident(child.id())?;
        for _ in 0..SENT {
            let message = json!({"textMessage": {"text": "x"}, "phoneNumbers": ["+12025550143"]});
            let answer = client.post("/messages", &message).await;
            anyhow::ensure!(answer.status == 202, "{}", answer.text());
        }
        Ok([idle, strangers, warm, full, resident(child.id())?])
    })
}

/// A crowd that begins requests, sends what may be taken of them, and goes away.
async fn unfinished(client: &Client, start: &str) -> anyhow::Result<()> {
    let mut crowd = Vec::new();
    for _ in 0..STRANGERS {
        let stream = TcpStream::connect(client.address()).await?;
        // Its place may be taken by now, which is as it should be.
        let _ = stream.try_write(start.as_bytes());
        crowd.push(stream);
    }
    for _ in 0..BREATHS {
        for stream in crowd.iter().filter(|_| !start.is_empty()) {
            let _ = stream.try_write(&[b'a'; 40]);
        }
        anyhow::ensure!(client.get("/webhooks").await.status == 200);
    }
    drop(crowd);
    for _ in 0..BREATHS {
        anyhow::ensure!(client.get("/webhooks").await.status == 200);
    }
    Ok(())
}

/// The host as it is shipped.
fn build() -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--release", "-p", "simrelay"])
        .status()?;
    anyhow::ensure!(status.success(), "the host program could not be built");
    // This program lies in target/release/deps.
    let this = std::env::current_exe()?;
    let release = this.ancestors().nth(2).context("a build directory")?;
    Ok(release.join("simrelay"))
}

fn start(program: &Path, dir: &Path) -> anyhow::Result<Child> {
    Ok(Command::new(program)
        .args(["--json", "--listen", "127.0.0.1:0", "--log", "error"])
        .args(["--password", PASSWORD, "--data-dir"])
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?)
}
