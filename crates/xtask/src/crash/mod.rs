//! `cargo xtask crash`: the host is killed at random moments while clients inject numbered SMS; at
//! the end every SMS that was answered 201 must have been delivered, and a repeated delivery must
//! carry the same id and the same bytes.

mod http;
mod receiver;
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
    let mut host = Host::start(&program, dir.path())?;
    for id in ["steady", "flaky"] {
        let url = format!("http://{}/{id}", receiver.address());
        let webhook = json!({"id": id, "url": url, "event": "sms:received"});
        let (status, _) = post(host.address(), "/webhooks", &webhook)?;
        ensure!(status == 201, "the webhook was not registered ({status})");
    }
    for _ in 0..options.kills {
        inject_until_killed(host, &accepted, &numbers, random.below(700))?;
        host = start_again(&program, dir.path())?;
    }
    let verdict = settle(&receiver, &accepted, numbers.load(Ordering::SeqCst))?;
    drop(host);
    println!("{}", verdict.table(options.kills));
    verdict.check()
}

fn start_again(program: &Path, dir: &Path) -> anyhow::Result<Host> {
    Host::start(program, dir).context("the host did not start again on its own data")
}

/// Lets clients inject for that many milliseconds, then kills the host under them.
#[allow(
    clippy::disallowed_methods,
    reason = "the moment of a kill is the point of this test"
)]
fn inject_until_killed(
    host: Host,
    accepted: &Accepted,
    numbers: &Arc<AtomicU64>,
    millis: u64,
) -> anyhow::Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (stop, accepted, numbers) =
                (Arc::clone(&stop), Arc::clone(accepted), Arc::clone(numbers));
            let address = host.address().to_owned();
            thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    inject(&address, &accepted, &numbers);
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
