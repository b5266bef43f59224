//! What the arrivals prove.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::receiver::Arrival;

/// The count of everything that may go wrong.
pub struct Verdict {
    injected: u64,
    accepted: usize,
    delivered: usize,
    failed_on_purpose: usize,
    repeated: usize,
    /// (number, path) that were accepted and have not arrived.
    lost: Vec<(u64, &'static str)>,
    /// Repetitions with another id or other bytes.
    changed: usize,
    /// Arrivals of a number that was never injected, or with another message id than was answered.
    strange: usize,
}

impl Verdict {
    pub fn judge(
        accepted: &HashMap<u64, String>,
        injected: u64,
        arrivals: &[Arrival],
    ) -> anyhow::Result<Self> {
        let mut bodies: HashMap<(u64, &str), &[u8]> = HashMap::new();
        let (mut repeated, mut changed, mut strange, mut failed_on_purpose) = (0, 0, 0, 0);
        for arrival in arrivals {
            if arrival.path.starts_with("failed") {
                failed_on_purpose += 1;
                continue;
            }
            let body: Value = serde_json::from_slice(&arrival.body).context("a body is no JSON")?;
            let payload = &body["payload"];
            let number = payload["message"]
                .as_str()
                .and_then(|text| text.parse().ok());
            let Some(number) = number.filter(|number| *number < injected) else {
                strange += 1;
                continue;
            };
            if accepted
                .get(&number)
                .is_some_and(|id| payload["messageId"] != id.as_str())
            {
                strange += 1;
            }
            match bodies.insert((number, &arrival.path), &arrival.body) {
                Some(before) if before == arrival.body => repeated += 1,
                Some(_) => changed += 1,
                None => {}
            }
        }
        let arrived: HashSet<_> = bodies.keys().copied().collect();
        let owed = accepted
            .keys()
            .flat_map(|number| [(*number, "/steady"), (*number, "/flaky")]);
        let lost = owed.filter(|pair| !arrived.contains(pair)).collect();
        Ok(Self {
            injected,
            accepted: accepted.len(),
            delivered: arrived.len(),
            failed_on_purpose,
            repeated,
            lost,
            changed,
            strange,
        })
    }

    pub fn is_complete(&self) -> bool {
        self.lost.is_empty()
    }

    pub fn table(&self, kills: u32) -> String {
        let rows = [
            ("kills", u64::from(kills)),
            ("SMS tried", self.injected),
            ("answered 201", self.accepted as u64),
            ("deliveries (two webhooks)", self.delivered as u64),
            (
                "failed by the receiver on purpose",
                self.failed_on_purpose as u64,
            ),
            ("repeated with the same id and body", self.repeated as u64),
            ("repeated with another id or body", self.changed as u64),
            ("never injected", self.strange as u64),
            ("answered 201 and lost", self.lost.len() as u64),
        ];
        rows.map(|(name, count)| format!("{name:>36}  {count:>6}"))
            .join("\n")
    }

    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.accepted > 0,
            "no SMS was accepted, so nothing was tested"
        );
        ensure!(
            self.failed_on_purpose > 0,
            "no delivery failed, so no retry was tested"
        );
        ensure!(
            self.lost.is_empty(),
            "lost (number, webhook): {:?}",
            self.lost
        );
        ensure!(self.changed == 0, "a repeated delivery was not the same");
        ensure!(self.strange == 0, "something arrived that was never sent");
        Ok(())
    }
}
