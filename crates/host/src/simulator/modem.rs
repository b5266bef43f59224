//! The simulated modem and its network. The last four digits of the recipient decide the result
//! (protocol.md 5).

use std::collections::VecDeque;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use simrelay_core::clock::Clock;
use simrelay_core::sending::{
    Accepted, Content, Modem, ModemEvents, PartRef, PartResult, Report, SendError, SendFailure,
    SendRequest, split,
};
use simrelay_core::server::SimulatedSend;
use tokio::runtime::Handle;

/// The SIM of messages that name none.
const DEFAULT_SIM: u32 = 1;
const SENT_AFTER: Duration = Duration::from_millis(100);
const DELIVERED_AFTER: Duration = Duration::from_millis(300);
const SLOWLY_AFTER: Duration = Duration::from_secs(5);
/// The pause before a result that the store refused is reported again.
const REPORT_AGAIN: Duration = Duration::from_secs(1);
/// How many of the newest messages are remembered.
const REMEMBERED: usize = 10_000;

/// What the network does with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fate {
    /// When the result of a part comes, and whether it was sent; `None` for no result at all.
    sent: Option<(Duration, bool)>,
    /// When the status report comes, and with which status.
    report: Option<(Duration, u8)>,
}

impl Fate {
    fn of(phone_number: &str) -> Self {
        let (soon, fine) = (Some((SENT_AFTER, true)), 0x00);
        let end = phone_number.len().saturating_sub(4);
        match phone_number.get(end..).unwrap_or_default() {
            "0001" => Self {
                sent: Some((SENT_AFTER, false)),
                report: None,
            },
            "0002" => Self {
                sent: soon,
                report: None,
            },
            // 0x46: the validity period of the message expired.
            "0003" => Self {
                sent: soon,
                report: Some((DELIVERED_AFTER, 0x46)),
            },
            "0004" => Self {
                sent: None,
                report: None,
            },
            "0005" => Self {
                sent: Some((SLOWLY_AFTER, true)),
                report: Some((SLOWLY_AFTER, fine)),
            },
            _ => Self {
                sent: soon,
                report: Some((DELIVERED_AFTER, fine)),
            },
        }
    }
}

/// The simulated modem. Its results come by the clock, on its runtime.
pub struct SimulatedModem {
    clock: Arc<dyn Clock>,
    sims: u32,
    outgoing: Mutex<VecDeque<SimulatedSend>>,
    runtime: Handle,
    events: OnceLock<Arc<dyn ModemEvents>>,
    /// A file with a line for every message handed over, for a test that kills the process.
    journal: Option<Mutex<File>>,
}

impl fmt::Debug for SimulatedModem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SimulatedModem(..)")
    }
}

impl SimulatedModem {
    /// Makes a modem with so many SIMs.
    pub fn new(clock: Arc<dyn Clock>, sims: u32, runtime: &Handle) -> Self {
        Self {
            clock,
            sims,
            outgoing: Mutex::default(),
            runtime: runtime.clone(),
            events: OnceLock::new(),
            journal: None,
        }
    }

    /// Makes every message handed over a line of that file: its id and the recipient's number.
    pub fn with_journal(mut self, path: &Path) -> std::io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        self.journal = Some(Mutex::new(options.open(path)?));
        Ok(self)
    }

    /// Returns at most so many sent messages, newest first.
    pub fn newest(&self, most: usize) -> Vec<SimulatedSend> {
        let outgoing = lock(&self.outgoing);
        outgoing.iter().rev().take(most).cloned().collect()
    }

    /// Returns the messages that the modem was asked to send since this start, oldest first.
    pub fn outgoing(&self) -> Vec<SimulatedSend> {
        lock(&self.outgoing).iter().cloned().collect()
    }
}

impl Modem for SimulatedModem {
    fn attach(&self, events: Arc<dyn ModemEvents>) {
        // A second call changes nothing: there is one gateway in a process.
        let _ = self.events.set(events);
    }

    fn send(&self, request: &SendRequest) -> Result<Accepted, SendError> {
        let sim_number = request.sim_number.unwrap_or(DEFAULT_SIM);
        if !(1..=self.sims).contains(&sim_number) {
            return Err(SendError::NoSuchSim(sim_number));
        }
        if let Some(journal) = &self.journal {
            let line = format!("{} {}\n", request.message_id, request.recipient);
            // A test without its journal would prove nothing, so the message is refused.
            lock(journal)
                .write_all(line.as_bytes())
                .map_err(|_| SendError::Result(SendFailure::GENERIC))?;
        }
        let parts: Vec<String> = match &request.content {
            Content::Text(text) => split(text).into_iter().map(str::to_owned).collect(),
            Content::Data { .. } => Vec::new(),
        };
        let count = u16::try_from(parts.len().max(1)).unwrap_or(u16::MAX);
        let mut outgoing = lock(&self.outgoing);
        if outgoing.len() >= REMEMBERED {
            outgoing.pop_front();
        }
        outgoing.push_back(SimulatedSend {
            request: request.clone(),
            at: self.clock.now(),
            sim_number,
            parts,
        });
        drop(outgoing);
        if let Some(events) = self.events.get() {
            let network = Network {
                clock: Arc::clone(&self.clock),
                events: Arc::clone(events),
            };
            self.runtime.spawn(network.carry(request.clone(), count));
        }
        Ok(Accepted {
            parts: count,
            sim_number: Some(sim_number),
        })
    }
}

/// Delivers one message and reports its results.
struct Network {
    clock: Arc<dyn Clock>,
    events: Arc<dyn ModemEvents>,
}

impl Network {
    async fn carry(self, request: SendRequest, parts: u16) {
        let fate = Fate::of(request.phone_number.as_str());
        let Some((after, taken)) = fate.sent else {
            return;
        };
        self.clock.sleep(after).await;
        let result = if taken {
            PartResult::Sent
        } else {
            PartResult::Failed(SendFailure::GENERIC)
        };
        self.report_all(&request, parts, result).await;
        if let Some((total, status)) = fate.report
            && request.with_delivery_report
        {
            self.clock.sleep(total.saturating_sub(after)).await;
            let result = PartResult::Reported(Report::Status(status));
            self.report_all(&request, parts, result).await;
        }
    }

    async fn report_all(&self, request: &SendRequest, parts: u16, result: PartResult) {
        for part in 0..parts {
            let part = PartRef {
                message_id: request.message_id.clone(),
                recipient: request.recipient,
                part,
                parts,
                sim_number: Some(request.sim_number.unwrap_or(DEFAULT_SIM)),
            };
            while !self.events.report(&part, result.clone()).await {
                self.clock.sleep(REPORT_AGAIN).await;
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fate_depends_on_the_last_four_digits() {
        let millis = |millis| Duration::from_millis(millis);
        let check = |phone_number, sent, report| {
            assert_eq!(
                Fate::of(phone_number),
                Fate { sent, report },
                "{phone_number}"
            );
        };
        check(
            "+12025550143",
            Some((millis(100), true)),
            Some((millis(300), 0)),
        );
        check("+12025550001", Some((millis(100), false)), None);
        check("+12025550002", Some((millis(100), true)), None);
        check(
            "+12025550003",
            Some((millis(100), true)),
            Some((millis(300), 0x46)),
        );
        check("+12025550004", None, None);
        check(
            "+12025550005",
            Some((millis(5_000), true)),
            Some((millis(5_000), 0)),
        );
        check("0001", Some((millis(100), false)), None);
        check("1", Some((millis(100), true)), Some((millis(300), 0)));
        check(
            "+1202555€01",
            Some((millis(100), true)),
            Some((millis(300), 0)),
        );
    }
}
