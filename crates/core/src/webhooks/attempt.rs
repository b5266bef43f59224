//! One attempt, from its start to the record that settles it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use serde_json::json;
use tokio::sync::watch;

use super::{retry, signing};
use crate::events::EventName;
use crate::model::clock::{Clock, UnixMillis};
use crate::model::device::{Device, Transport};
use crate::model::device_fault::DeviceFault;
use crate::model::id;
use crate::net::client::{AttemptEnd, Http, Request};
use crate::net::outcome::Outcome;
use crate::settings::Settings;
use crate::store::{AttemptRow, Claimed, LogEntry, Module, Priority, Settlement, Verdict};

/// The inputs of an attempt.
pub(super) struct Attempt {
    pub http: Arc<Http>,
    pub clock: Arc<dyn Clock>,
    pub device: Arc<Device>,
    /// Read when the attempt ends, so that a retry count that changed meanwhile applies.
    pub settings: watch::Receiver<Arc<Settings>>,
}

/// An attempt that ended, with everything to write about it.
pub(super) struct Ended {
    pub settlement: Settlement,
    pub webhook_key: i64,
    pub success: bool,
    /// What the device lacked for the attempt, if it lacked something.
    pub lacking: Option<DeviceFault>,
    pub log: LogEntry,
}

impl Ended {
    /// Makes the end of an attempt that panicked.
    pub fn of_panic(claimed: &Claimed, now: UnixMillis, settings: &Settings) -> Self {
        let report = AttemptEnd::of_panic();
        end_of(claimed, report, now, Duration::ZERO, now, settings)
    }

    /// Makes the same end without a request or reason, if even these cannot be made.
    pub fn without_words(claimed: &Claimed, now: UnixMillis, settings: &Settings) -> Self {
        let outcome = Outcome::Closed;
        let attempt = claimed
            .attempt
            .saturating_sub(claimed.attempts_before_replay);
        let verdict = retry::decide(&outcome, attempt, settings.webhooks.retry_count, now, 0.0);
        Self {
            webhook_key: claimed.webhook_key,
            success: false,
            lacking: None,
            log: LogEntry {
                at: now,
                priority: Priority::Error,
                module: Module::Webhooks,
                message: "An attempt crashed because of a bug in the program.".into(),
                context: json!({"webhookId": claimed.webhook_id, "eventId": claimed.id}),
            },
            settlement: Settlement {
                seq: claimed.seq,
                verdict,
                attempt: AttemptRow {
                    number: claimed.attempt,
                    started_at: now,
                    duration_ms: 0,
                    class: outcome.class(),
                    status: 0,
                    reason: String::new(),
                    cause: "",
                    about: String::new(),
                    answer_head: String::new(),
                },
                forget_dead: claimed.event == EventName::SystemPing.as_str(),
            },
        }
    }

    /// Returns whether the attempt does not count. The log then has no entry per attempt, but one
    /// per minute for each webhook or for the fault of the device.
    pub fn is_quiet(&self) -> bool {
        self.settlement.verdict == Verdict::NotCounted
    }
}

impl Attempt {
    pub async fn make(self, mut claimed: Claimed) -> Ended {
        let started = (self.clock.now(), self.clock.monotonic());
        let key = self.settings.borrow().signing_key();
        let request = Request {
            url: std::mem::take(&mut claimed.url),
            headers: signing::headers(key.as_deref(), &claimed.body, started.0),
            body: Bytes::from(std::mem::take(&mut claimed.body)),
        };
        let attempt = AssertUnwindSafe(self.http.attempt(request)).catch_unwind();
        let mut report = attempt.await.unwrap_or_else(|_| AttemptEnd::of_panic());
        let settings = self.settings.borrow().clone();
        let network = self.device.network();
        let went_offline = settings.webhooks.internet_required && !network.online;
        if lost_its_network(&report.outcome, network.transport, went_offline) {
            report.outcome = Outcome::NoNetwork;
        }
        let duration = self.clock.monotonic().saturating_sub(started.1);
        end_of(
            &claimed,
            report,
            started.0,
            duration,
            self.clock.now(),
            &settings,
        )
    }
}

/// Returns whether the attempt failed because the device was cut off; it then uses up no retry.
fn lost_its_network(outcome: &Outcome, transport: Transport, went_offline: bool) -> bool {
    match outcome {
        Outcome::NoNetwork => true,
        Outcome::Dns | Outcome::Connect(_) | Outcome::Timeout(_) | Outcome::Closed => {
            went_offline || transport == Transport::None
        }
        _ => false,
    }
}

fn end_of(
    claimed: &Claimed,
    report: AttemptEnd,
    started_at: UnixMillis,
    duration: Duration,
    now: UnixMillis,
    settings: &Settings,
) -> Ended {
    let outcome = &report.outcome;
    let retry_count = settings.webhooks.retry_count;
    let verdict = retry::decide(
        outcome,
        claimed
            .attempt
            .saturating_sub(claimed.attempts_before_replay),
        retry_count,
        now,
        id::random_fraction(),
    );
    let (reason, logged) = (
        outcome.sentence(&report.host),
        outcome.log_sentence(&report.host),
    );
    let (cause, about) = outcome.cause(&report.host);
    let (priority, message) = match verdict {
        Verdict::Delivered => (Priority::Info, "Webhook delivered.".to_owned()),
        Verdict::RetryAt(_) => (Priority::Warn, format!("Webhook not delivered. {logged}")),
        Verdict::NotCounted => (Priority::Warn, format!("Webhook delivery waits. {logged}")),
        Verdict::Dead => (
            Priority::Error,
            format!(
                "Webhook delivery failed for good after {} attempts. {logged}",
                claimed.attempt
            ),
        ),
    };
    let mut context = json!({
        "webhookId": claimed.webhook_id,
        "eventId": claimed.id,
        "event": claimed.event,
        "attempt": claimed.attempt,
        "class": outcome.class(),
    });
    if outcome.status() != 0 {
        context["status"] = outcome.status().into();
    }
    if let Verdict::RetryAt(at) = verdict {
        context["retryInSeconds"] = at.since(now).as_secs().into();
    }
    tracing::debug!(
        webhook = claimed.webhook_id,
        class = outcome.class(),
        "attempt ended"
    );
    let attempt = AttemptRow {
        number: claimed.attempt,
        started_at,
        duration_ms: i64::try_from(duration.as_millis()).unwrap_or(i64::MAX),
        class: outcome.class(),
        status: outcome.status(),
        reason,
        cause,
        about,
        answer_head: report.answer_head,
    };
    Ended {
        webhook_key: claimed.webhook_key,
        success: verdict == Verdict::Delivered,
        lacking: match outcome {
            Outcome::Device(fault) => Some(*fault),
            _ => None,
        },
        // The deliverer makes a notice of it if `Ended::is_quiet`.
        log: LogEntry {
            at: now,
            priority,
            module: Module::Webhooks,
            message,
            context,
        },
        settlement: Settlement {
            seq: claimed.seq,
            verdict,
            attempt,
            forget_dead: claimed.event == EventName::SystemPing.as_str(),
        },
    }
}
