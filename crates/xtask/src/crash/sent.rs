//! Messages that were posted, and what became of them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;

use super::http::{get, post};

/// How long the last start may take to bring to its end what it can.
const PATIENCE: Duration = Duration::from_secs(120);
const PAGE: usize = 1_000;

/// The ids of messages that were answered 202.
#[derive(Clone, Default)]
pub struct Posted {
    next: Arc<AtomicU64>,
    accepted: Arc<Mutex<Vec<String>>>,
}

/// The count of what became of them.
pub struct Sent {
    accepted: usize,
    /// State and error, and how many messages have them.
    ends: HashMap<(String, String), usize>,
    handed: usize,
    /// Handed to the modem more than once.
    twice: Vec<String>,
    /// Answered 202 and not there.
    lost: Vec<String>,
    /// Still Pending or Processed.
    stuck: Vec<String>,
    /// Said to be sent, but the modem never had it.
    invented: Vec<String>,
    /// Failed for another reason than a kill.
    broken: Vec<String>,
}

/// What a kill leaves of a message that was about to be handed over, or was.
const INTERRUPTED: &str = "unknown: interrupted while sending";

impl Posted {
    /// Posts one message under an id of its own.
    pub fn post(&self, address: &str) {
        let id = format!("m{}", self.next.fetch_add(1, Ordering::SeqCst));
        let message =
            json!({"id": id, "textMessage": {"text": "x"}, "phoneNumbers": ["+12025550143"]});
        // Without an answer nobody knows whether it was taken, and both are right.
        if let Ok((202, _)) = post(address, "/messages", &message) {
            let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
            accepted.push(id);
        }
    }

    /// Waits until nothing is Pending any more.
    #[allow(
        clippy::disallowed_methods,
        reason = "a bound on waiting for another process"
    )]
    pub fn wait_for_end(&self, address: &str, journal: &Path) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (_, pending) = get(address, "/messages?state=Pending&limit=1")?;
            if pending.as_array().is_some_and(Vec::is_empty) || Instant::now() > deadline {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
        ensure!(journal.exists(), "no message came to the modem");
        // The simulated network takes 0.3 s for the last of them.
        thread::sleep(Duration::from_secs(2));
        Ok(())
    }

    /// What became of all of them, once nothing moves any more.
    #[allow(
        clippy::disallowed_methods,
        reason = "a bound on waiting for another process"
    )]
    pub fn judge(&self, address: &str, journal: &Path) -> anyhow::Result<Sent> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let sent = self.look(address, journal)?;
            if sent.stuck.is_empty() || Instant::now() > deadline {
                return Ok(sent);
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn look(&self, address: &str, journal: &Path) -> anyhow::Result<Sent> {
        let mut handed: HashMap<String, usize> = HashMap::new();
        for line in std::fs::read_to_string(journal)?.lines() {
            let id = line.split(' ').next().unwrap_or_default();
            *handed.entry(id.to_owned()).or_default() += 1;
        }
        let states = all_states(address)?;
        let accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = accepted.iter().filter(|id| !states.contains_key(*id));
        let mut sent = Sent {
            accepted: accepted.len(),
            ends: HashMap::new(),
            handed: handed.len(),
            twice: handed
                .iter()
                .filter(|(_, times)| **times > 1)
                .map(|(id, _)| id.clone())
                .collect(),
            lost: lost.cloned().collect(),
            stuck: Vec::new(),
            invented: Vec::new(),
            broken: Vec::new(),
        };
        for (id, end) in states {
            match end.0.as_str() {
                "Pending" | "Processed" => sent.stuck.push(id),
                "Failed" if end.1 != INTERRUPTED => sent.broken.push(id),
                "Sent" | "Delivered" if !handed.contains_key(&id) => sent.invented.push(id),
                _ => {}
            }
            *sent.ends.entry(end).or_default() += 1;
        }
        Ok(sent)
    }
}

/// State and error of every message, by id.
fn all_states(address: &str) -> anyhow::Result<HashMap<String, (String, String)>> {
    let mut states = HashMap::new();
    loop {
        let path = format!(
            "/messages?sort=created_at&limit={PAGE}&offset={}",
            states.len()
        );
        let (status, page) = get(address, &path)?;
        ensure!(status == 200, "the messages were not listed ({status})");
        let page = page.as_array().context("no list")?;
        for message in page {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            let error = text(&message["recipients"][0]["error"]);
            states.insert(text(&message["id"]), (text(&message["state"]), error));
        }
        if page.len() < PAGE {
            return Ok(states);
        }
    }
}

impl Sent {
    pub fn table(&self) -> String {
        let row = |name: &str, count: usize| format!("{name:>36}  {count:>6}");
        let mut rows = vec![
            row("messages answered 202", self.accepted),
            row("handed to the modem", self.handed),
        ];
        let mut ends: Vec<_> = self.ends.iter().collect();
        ends.sort();
        rows.extend(ends.into_iter().map(|((state, error), count)| {
            let name = [state.as_str(), error].join(" ");
            row(name.trim_end(), *count)
        }));
        rows.push(row("handed to the modem twice", self.twice.len()));
        rows.push(row("answered 202 and lost", self.lost.len()));
        rows.push(row("Pending or Processed for ever", self.stuck.len()));
        rows.push(row("sent without the modem", self.invented.len()));
        rows.join("\n")
    }

    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.accepted > 0,
            "no message was accepted, so nothing was tested"
        );
        let delivered = self.ends.get(&("Delivered".into(), String::new()));
        ensure!(delivered.is_some(), "no message was delivered");
        ensure!(self.twice.is_empty(), "handed over twice: {:?}", self.twice);
        ensure!(self.lost.is_empty(), "lost: {:?}", self.lost);
        ensure!(self.stuck.is_empty(), "not at an end: {:?}", self.stuck);
        ensure!(
            self.invented.is_empty(),
            "never handed over: {:?}",
            self.invented
        );
        ensure!(self.broken.is_empty(), "failed: {:?}", self.broken);
        Ok(())
    }
}
