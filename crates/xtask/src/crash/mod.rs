//! `cargo xtask crash`: the host is killed at random moments while clients inject numbered SMS and
//! post numbered messages. At the end every SMS that was answered 201 must have been delivered, and a
//! repeated delivery must carry the same id and the same bytes; every message that was answered 202
//! must have come to its end, and none went to the modem twice.

mod http;
mod receiver;
mod sent;
mod verdict;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;

use crate::host::Host;
use http::post;
use receiver::Receiver;
use sent::Posted;
use verdict::Verdict;

const CLIENTS: usize = 4;
/// How long the gateway may take after the last kill to deliver what it owes: the first two retries
/// and some.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(clap::Args)]
pub struct Options {
    /// How often to kill
    #[arg(long, default_value_t = 20)]
    pub kills: u32,
    /// The seed of the random moments; a fresh one if absent
    #[arg(long)]
    pub seed: Option<u64>,
}

/// The numbers of SMS that were answered 201, with their message ids.
type Accepted = Arc<Mutex<HashMap<u64, String>>>;

/// Kills, restarts, and judges.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let seed = options
        .seed
        .unwrap_or_else(|| RandomState::new().hash_one("seed"));
    println!("{} kills, seed {seed}", options.kills);
    let program = Host::build()?;
    let dir = tempfile::tempdir()?;
    let receiver = Receiver::start()?;
    let accepted = Accepted::default();
    let numbers = Arc::new(AtomicU64::new(0));
    let mut random = Random(seed | 1);
    let journals = tempfile::tempdir()?;
    let journal = journals.path().join("modem");
    let start = |ahead| start(&program, dir.path(), &journal, ahead);
    let posted = Posted::default();
    let mut host = start(0)?;
    for id in ["steady", "flaky"] {
        let url = format!("http://{}/{id}", receiver.address());
        let webhook = json!({"id": id, "url": url, "event": "sms:received"});
        let (status, _) = post(host.address(), "/webhooks", &webhook)?;
        ensure!(status == 201, "the webhook was not registered ({status})");
    }
    for _ in 0..options.kills {
        inject_until_killed(host, &accepted, &posted, &numbers, random.below(700))?;
        host = start(0)?;
    }
    let verdict = settle(&receiver, &accepted, numbers.load(Ordering::SeqCst))?;
    posted.wait_for_end(host.address(), &journal)?;
    drop(host);
    // What the last kill left in the modem's hands has ten minutes to be heard of.
    let host = start(660)?;
    let sent = posted.judge(host.address(), &journal)?;
    drop(host);
    println!("{}\n{}", verdict.table(options.kills), sent.table());
    verdict.check()?;
    sent.check()
}

fn start(program: &Path, dir: &Path, journal: &Path, ahead: u32) -> anyhow::Result<Host> {
    let (journal, ahead) = (journal.to_string_lossy(), ahead.to_string());
    let more = ["--modem-journal", &*journal, "--clock-ahead", &*ahead];
    Host::start_with(program, dir, &more).context("the host did not start on its own data")
}

/// Lets clients inject for that many milliseconds, then kills the host under them.
#[allow(
    clippy::disallowed_methods,
    reason = "the moment of a kill is the point of this test"
)]
fn inject_until_killed(
    host: Host,
    accepted: &Accepted,
    posted: &Posted,
    numbers: &Arc<AtomicU64>,
    millis: u64,
) -> anyhow::Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (stop, accepted, numbers) =
                (Arc::clone(&stop), Arc::clone(accepted), Arc::clone(numbers));
            let (address, posted) = (host.address().to_owned(), posted.clone());
            thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    inject(&address, &accepted, &numbers);
                    posted.post(&address);
                }
            })
        })
        .collect();
    thread::sleep(Duration::from_millis(millis));
    host.kill()?;
    stop.store(true, Ordering::SeqCst);
    for client in clients {
        client.join().ok().context("a client panicked")?;
    }
    Ok(())
}

fn inject(address: &str, accepted: &Accepted, numbers: &AtomicU64) {
    let number = numbers.fetch_add(1, Ordering::SeqCst);
    let sms = json!({"from": "+12025550123", "text": number.to_string(), "simNumber": 1});
    // Without an answer nobody knows whether it was taken, and both are right.
    if let Ok((201, answer)) = post(address, "/simulator/incoming", &sms) {
        let id = answer["messageId"].as_str().unwrap_or_default().to_owned();
        accepted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(number, id);
    }
}

/// Waits until everything accepted has arrived, or patience ends.
#[allow(
    clippy::disallowed_methods,
    reason = "a bound on waiting for another process"
)]
fn settle(receiver: &Receiver, accepted: &Accepted, injected: u64) -> anyhow::Result<Verdict> {
    let deadline = Instant::now() + PATIENCE;
    let accepted = accepted
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    loop {
        let arrivals = receiver.arrivals();
        let verdict = Verdict::judge(&accepted, injected, &arrivals)?;
        if verdict.is_complete() || !receiver.wait_for_more(arrivals.len(), deadline) {
            return Ok(verdict);
        }
    }
}

/// xorshift64: moments need no better randomness, and a seed repeats them.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
