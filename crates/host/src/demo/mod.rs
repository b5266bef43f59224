//! `simrelay demo`: the main job in one command. Everything is real: the gateway, its API, the
//! receiver, the ten seconds until the retry.

mod receiver;

use std::future::Future;
use std::io::{IsTerminal, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use simrelay_core::clock::{Clock, SystemClock};
use simrelay_core::receiving::{IncomingSms, Origin};
use simrelay_core::webhooks::{self, Registration};
use simrelay_core::{Gateway, OpenOptions, PhoneNumber, Source};

use crate::cli::TestOptions;
use crate::console;
use crate::serve::Host;
use receiver::{Arrival, Receiver};

const WEBHOOK: &str = "demo";
/// The wait before the first retry, without its jitter.
const RETRY_WAIT: Duration = Duration::from_secs(10);
/// No step of the demo takes longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the demo; returns an error if any step failed.
pub fn run() -> anyhow::Result<()> {
    console::log_to_stderr("error")?;
    let dir = tempfile::tempdir().context("could not create a temporary directory")?;
    let listener = TcpListener::bind("127.0.0.1:0").context("no port for the gateway")?;
    let host = Host::start(
        dir.path(),
        listener,
        OpenOptions::default(),
        &TestOptions::default(),
    )?;
    let shown = host.runtime.block_on(show(&host.gateway, &host.address));
    host.stop();
    shown
}

async fn show(gateway: &Arc<Gateway>, address: &str) -> anyhow::Result<()> {
    let mut receiver = Receiver::start()?;
    step(
        1,
        &format!("A gateway with a simulated phone runs at {address}."),
    );
    note("A webhook receiver runs at", &receiver.url);

    let registration = Registration {
        id: Some(WEBHOOK.into()),
        url: receiver.url.clone(),
        event: "sms:received".into(),
    };
    let allow_http = gateway.settings().webhooks.allow_http;
    gateway
        .registry()
        .register(Source::Local, registration, allow_http)
        .await?;
    step(2, "The receiver is registered for sms:received.");

    step(
        3,
        "An SMS is received: \"Android is always a sweet treat!\" from +12025550123.",
    );
    sms(gateway, "Android is always a sweet treat!").await?;
    let first = within(receiver.next())
        .await
        .context("no webhook arrived")??;
    show_request(&first)?;
    check_signature(gateway, &first)?;
    done("The signature is right. The receiver answered 204: delivered.");

    step(
        4,
        "Now the receiver fails: it answers the next webhook with 503.",
    );
    receiver.fail_once();
    sms(gateway, "Nothing is lost.").await?;
    let failed = within(receiver.next())
        .await
        .context("no webhook arrived")??;
    ensure!(
        failed.answer.as_u16() == 503,
        "the receiver did not fail as expected"
    );
    note("The log says:", &failure(gateway).await?);

    step(
        5,
        "The gateway retries after 10 seconds, then 20, 40 and so on, for about two days.",
    );
    let retried = tokio::select! {
        arrival = receiver.next() => arrival?,
        () = count_down() => bail!("the retry did not come"),
    };
    ensure!(
        retried.body == failed.body,
        "the retry is not the same request"
    );
    check_signature(gateway, &retried)?;
    done("The same request with the same id arrived again: delivered.");
    println!(
        "\nThat is all it does, and it keeps doing it through crashes, reboots and dead networks."
    );
    println!("Now run it yourself: cargo run");
    Ok(())
}

async fn sms(gateway: &Arc<Gateway>, text: &str) -> anyhow::Result<()> {
    let origin = Origin {
        sender: PhoneNumber::new("+12025550123"),
        sim_number: Some(1),
        ..Origin::default()
    };
    gateway
        .receive(IncomingSms {
            origin,
            text: text.into(),
        })?
        .done()
        .await?;
    Ok(())
}

fn show_request(arrival: &Arrival) -> anyhow::Result<()> {
    note("The receiver got:", "POST /webhook");
    for name in ["content-type", "user-agent", "x-timestamp", "x-signature"] {
        println!("      {name}: {}", arrival.header(name));
    }
    let body: serde_json::Value =
        serde_json::from_slice(&arrival.body).context("the body is not JSON")?;
    for line in serde_json::to_string_pretty(&body)?.lines() {
        println!("      {line}");
    }
    Ok(())
}

fn check_signature(gateway: &Gateway, arrival: &Arrival) -> anyhow::Result<()> {
    let key = gateway
        .settings()
        .signing_key()
        .context("there is no signing key")?;
    let expected = webhooks::sign(&key, &arrival.body, arrival.header("x-timestamp"));
    ensure!(
        arrival.header("x-signature") == expected,
        "the signature is wrong"
    );
    Ok(())
}

/// Returns the reason of the failed attempt.
async fn failure(gateway: &Gateway) -> anyhow::Result<String> {
    let mut turns = gateway.turns();
    let filed = async {
        loop {
            turns.borrow_and_update();
            let deliveries = gateway.deliveries(Source::Local, WEBHOOK, 1)?;
            if let Some(attempt) = deliveries
                .first()
                .and_then(|delivery| delivery.history.first())
            {
                return Ok(attempt.reason.clone());
            }
            turns.changed().await?;
        }
    };
    within(filed)
        .await
        .context("the failed attempt was not filed")?
}

/// Counts down until well after the retry should have come.
async fn count_down() {
    let clock = SystemClock::default();
    let live = std::io::stdout().is_terminal();
    for left in (0..=RETRY_WAIT.as_secs()).rev() {
        if live {
            print!("\r      {left:2} s ");
            // A terminal that cannot be written to shows no countdown.
            let _ = std::io::stdout().flush();
        } else if left == RETRY_WAIT.as_secs() {
            println!("      {left} s");
        }
        clock.sleep(Duration::from_secs(1)).await;
    }
    clock.sleep(PATIENCE - RETRY_WAIT).await;
}

async fn within<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    tokio::select! {
        outcome = work => Ok(outcome),
        () = SystemClock::default().sleep(PATIENCE) => bail!("it took too long"),
    }
}

fn paint(code: &str, text: &str) -> String {
    if console::colours(&std::io::stdout()) {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.into()
    }
}

fn step(number: u32, text: &str) {
    println!("\n{}", paint("1", &format!("{number}. {text}")));
}

fn note(title: &str, text: &str) {
    println!("   {title} {text}");
}

fn done(text: &str) {
    println!("\r   {} {text}", paint("32", "✓"));
}
