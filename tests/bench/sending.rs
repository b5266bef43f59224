//! What sending costs: until a message is safe, and until it is delivered.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::params;
use simrelay_core::sending::{
    Accepted, Modem, PartRef, Report, SendError, SendRequest, Submission, SubmittedContent,
};
use simrelay_core::server::Server;
use simrelay_core::{Gateway, MessageId};
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc};

use crate::api::Connection;
use crate::baseline::{commit, connect};
use crate::rig::{PASSWORD, Rig, runtime};
use crate::watch::{Table, Watch, millis, percentile};

const ROUNDS: usize = 10;
const MESSAGES: usize = 10_000;

/// `POST /messages` over one kept connection, against a bare commit of the two rows of a message.
pub fn post_one_at_a_time(table: &mut Table) -> anyhow::Result<()> {
    const COUNT: usize = 200;
    let (ours, bare) = (Rig::open(&[])?, Rig::open(&[])?);
    let connection = connect(bare.dir())?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let server = Server::start(&ours.gateway, ours.runtime.handle(), vec![listener], None)?;
    let address = *server.addresses().first().context("the API listens")?;
    let authorization = format!("Basic {}", STANDARD.encode(format!("sms:{PASSWORD}")));
    let body = r#"{"textMessage":{"text":"Hello"},"phoneNumbers":["+12025550143"]}"#;
    let request = format!(
        "POST /messages HTTP/1.1\r\nHost: gateway\r\nAuthorization: {authorization}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut api = Connection::with_request(address, request)?;
    let (mut ours_took, mut bare_took) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for number in 0..COUNT {
            let id = format!("bare-{round}-{number}");
            let watch = Watch::start();
            commit(&connection, || insert_bare(&connection, &id))?;
            bare_took.push(watch.elapsed());
        }
        for _ in 0..COUNT {
            let watch = Watch::start();
            let (status, _) = api.ask()?;
            ours_took.push(watch.elapsed());
            anyhow::ensure!(status == 202, "answered {status}");
        }
    }
    let (ours, bare) = (percentile(&ours_took, 50), percentile(&bare_took, 50));
    table.at_most(
        "POST /messages, one at a time, against a bare commit of its rows",
        ours.as_secs_f64() / bare.as_secs_f64(),
        2.0,
        "×",
        &format!("median {:.3} ms, bare {:.3} ms", millis(ours), millis(bare)),
    );
    Ok(())
}

fn insert_bare(connection: &rusqlite::Connection, id: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO messages (id, kind, content, created_at, waits)
             VALUES (?, 'text', 'Hello', 1719045971000, 'ready')",
        )?
        .execute([id])?;
    connection
        .prepare_cached(
            "INSERT INTO recipients (message_seq, number, phone_number) VALUES (?, 0, '+12025550143')",
        )?
        .execute(params![connection.last_insert_rowid()])?;
    Ok(())
}

/// 10,000 queued messages to their last report, against the modem and its network alone.
pub fn through_the_modem(table: &mut Table) -> anyhow::Result<()> {
    let alone = modem_alone()?;
    let modem = Arc::new(InstantModem::default());
    let rig = Rig::open_with(&[], Arc::clone(&modem) as _)?;
    modem.attach(&rig.gateway, rig.runtime.handle());
    rig.runtime.block_on(async {
        for _ in 0..MESSAGES {
            rig.gateway.queue(hello()).await?;
        }
        anyhow::Ok(())
    })?;
    let watch = Watch::start();
    rig.start();
    rig.runtime.block_on(modem.reported(MESSAGES));
    let ours = watch.elapsed();
    let rate = |took: Duration| MESSAGES as f64 / took.as_secs_f64();
    table.at_least(
        "10,000 messages to their delivery report, against the modem alone",
        100.0 * rate(ours) / rate(alone),
        1.0,
        " %",
        &format!("{:.0}/s, modem alone {:.0}/s", rate(ours), rate(alone)),
    );
    Ok(())
}

fn modem_alone() -> anyhow::Result<Duration> {
    let runtime = runtime()?;
    let modem = Arc::new(InstantModem::default());
    modem
        .attached
        .get_or_init(|| (Weak::new(), network(&modem, runtime.handle())));
    let request = SendRequest {
        message_id: MessageId("x".into()),
        recipient: 0,
        phone_number: simrelay_core::PhoneNumber::new("+12025550143"),
        content: simrelay_core::sending::Content::Text("Hello".into()),
        sim_number: None,
        with_delivery_report: true,
    };
    let watch = Watch::start();
    for _ in 0..MESSAGES {
        modem.send(&request)?;
    }
    runtime.block_on(modem.reported(MESSAGES));
    Ok(watch.elapsed())
}

fn hello() -> Submission {
    Submission {
        contents: vec![SubmittedContent::Text("Hello".into())],
        phone_numbers: vec!["+12025550143".into()],
        with_delivery_report: true,
        ..Submission::default()
    }
}

/// The simulated modem without its waits: the network takes every message and reports it at once, and
/// up to 64 results are on their way to the disk at a time.
#[derive(Debug, Default)]
struct InstantModem {
    attached: OnceLock<(Weak<Gateway>, mpsc::UnboundedSender<PartRef>)>,
    reported: AtomicUsize,
    more: Notify,
}

impl InstantModem {
    fn attach(self: &Arc<Self>, gateway: &Arc<Gateway>, runtime: &Handle) {
        self.attached
            .get_or_init(|| (Arc::downgrade(gateway), network(self, runtime)));
    }

    async fn reported(&self, count: usize) {
        while self.reported.load(Ordering::Acquire) < count {
            self.more.notified().await;
        }
    }

    async fn tell(&self, part: &PartRef) {
        let gateway = self
            .attached
            .get()
            .and_then(|(gateway, _)| gateway.upgrade());
        if let Some(gateway) = gateway {
            let sent = gateway.part_sent(part);
            let report = gateway.part_delivered(part, &Report::Status(0));
            // A store that fails makes a bench that never ends, which is seen.
            if sent.done().await.is_err() {
                return;
            }
            if let Ok(Some(receipt)) = report
                && receipt.done().await.is_err()
            {
                return;
            }
        }
        self.reported.fetch_add(1, Ordering::AcqRel);
        self.more.notify_one();
    }
}

/// Carries what the modem sends.
fn network(modem: &Arc<InstantModem>, runtime: &Handle) -> mpsc::UnboundedSender<PartRef> {
    let (sender, mut parts) = mpsc::unbounded_channel::<PartRef>();
    let modem = Arc::downgrade(modem);
    let slots = Arc::new(tokio::sync::Semaphore::new(64));
    runtime.spawn(async move {
        while let Some(part) = parts.recv().await {
            let (Some(modem), Ok(slot)) =
                (modem.upgrade(), Arc::clone(&slots).acquire_owned().await)
            else {
                return;
            };
            tokio::spawn(async move {
                modem.tell(&part).await;
                drop(slot);
            });
        }
    });
    sender
}

impl Modem for InstantModem {
    fn send(&self, request: &SendRequest) -> Result<Accepted, SendError> {
        let part = PartRef {
            message_id: request.message_id.clone(),
            recipient: request.recipient,
            part: 0,
            parts: 1,
            sim_number: None,
        };
        if let Some((_, network)) = self.attached.get() {
            network.send(part).map_err(|_| SendError::RadioOff)?;
        }
        Ok(Accepted {
            parts: 1,
            sim_number: None,
        })
    }
}
