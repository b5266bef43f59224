//! Tests a webhook, to answer "why did my webhook not come": takes the steps of a delivery one at a
//! time, and shows for each how long it took, or why it failed and how to fix it.
//!
//! The test *is* an attempt, made by the same code as a delivery, with a signed test event; the
//! steps come from its trace.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::tz::TimeZone;
use rustls::ProtocolVersion;
use rustls_pki_types::{CertificateDer, UnixTime};
use url::Url;

use super::signing;
use crate::net::client::{AttemptEnd, Http, HttpError, Request};
use crate::net::outcome::Outcome;
use crate::net::tls::certificate;
use crate::net::url_rules::UrlError;
use crate::net::{Session, Trace, url_rules};

use crate::model::clock::{Clock, UnixMillis};
use crate::model::time_text;
use crate::settings::Settings;

/// Reason and fix if nothing is sent because there is no internet.
pub(crate) const OFFLINE: (&str, &str) = (
    "The device has no internet, so nothing is sent.",
    "Connect the device, or turn webhooks.internet_required off for receivers in the local network.",
);

/// A step of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepName {
    /// The URL fits the rules.
    Url,
    /// The device has the network it needs.
    Network,
    /// The name has addresses.
    Name,
    /// One of the addresses accepts a connection.
    Connection,
    /// The receiver proves its identity.
    Tls,
    /// The receiver accepts the test event.
    Http,
}

impl StepName {
    /// Returns the name of the step in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Network => "network",
            Self::Name => "name",
            Self::Connection => "connection",
            Self::Tls => "tls",
            Self::Http => "http",
        }
    }
}

/// The result of a step.
#[derive(Clone, Debug)]
pub struct Step {
    /// The step.
    pub name: StepName,
    /// How long it took.
    pub duration: Duration,
    /// The findings, such as addresses or the certificate's names; may be empty.
    pub detail: String,
    /// Why it failed, one sentence; `None` if it went well.
    pub reason: Option<String>,
    /// What to do about it; empty if nothing is known.
    pub fix: String,
    /// The reason as a word that never changes, for translations; empty if it went well.
    pub cause: &'static str,
    /// What the cause is about: a host or an authority; may be empty.
    pub about: String,
}

/// The result of a test: every step up to the first that failed.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// The steps in order.
    pub steps: Vec<Step>,
    /// The receiver's HTTP status; 0 if none came.
    pub status: u16,
    /// The beginning of the receiver's answer.
    pub answer_head: String,
    /// The receiver's host, for sentences.
    pub host: String,
}

impl Diagnosis {
    /// Returns whether the receiver accepted the test event.
    pub fn ok(&self) -> bool {
        self.steps.iter().all(|step| step.reason.is_none())
    }
}

/// Nothing can be tested: HTTP or TLS could not be set up.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct DiagnosisError(#[from] HttpError);

/// The webhook to test.
pub struct Target {
    /// The URL to post to.
    pub url: String,
    /// The body to post.
    pub body: Vec<u8>,
    /// Whether the device has no internet and nothing is sent without it.
    pub offline: bool,
}

/// Tests webhooks under one state of trust and settings.
pub struct Tester {
    http: Http,
    signing_key: Option<String>,
    clock: Arc<dyn Clock>,
    zone: TimeZone,
}

/// The steps so far.
struct Walk<'a> {
    tester: &'a Tester,
    host: String,
    steps: Vec<Step>,
}

impl Tester {
    /// Makes a tester with these trust roots (DER) and the settings' own certificates, rules and
    /// signing key.
    pub fn new(
        platform_roots: &[CertificateDer<'static>],
        settings: &Settings,
        clock: Arc<dyn Clock>,
        zone: TimeZone,
    ) -> Result<Self, DiagnosisError> {
        Ok(Self {
            http: Http::new(platform_roots, settings, Arc::clone(&clock))?,
            signing_key: settings.signing_key(),
            clock,
            zone,
        })
    }

    /// Makes a body that receivers can tell from a real event: its event is `system:test`.
    pub fn body(
        &self,
        device_id: &str,
        webhook_id: &str,
        registered: &str,
    ) -> Result<Vec<u8>, serde_json::Error> {
        let now = self.clock.now();
        let id = crate::model::id::ordered(now);
        let sent_at = time_text::format(now, &self.zone);
        crate::events::Event::test_body(device_id, &id, webhook_id, registered, sent_at)
    }

    /// Takes the steps until one fails. Takes as long as an attempt: at most 30 seconds, and one
    /// more for the rest of the answer.
    pub async fn test(&self, target: Target) -> Diagnosis {
        let mut walk = Walk {
            tester: self,
            host: String::new(),
            steps: Vec::new(),
        };
        let report = walk.go(target).await;
        let (status, answer_head) = match report {
            Some(report) => (report.outcome.status(), report.answer_head),
            None => (0, String::new()),
        };
        Diagnosis {
            steps: walk.steps,
            status,
            answer_head,
            host: walk.host,
        }
    }
}

impl Walk<'_> {
    async fn go(&mut self, target: Target) -> Option<AttemptEnd> {
        let start = self.now();
        if let Ok(url) = Url::parse(&target.url) {
            self.host = url.host_str().unwrap_or_default().to_owned();
        }
        let checked = url_rules::check(&target.url, self.tester.http.allow_http());
        let duration = self.now().saturating_sub(start);
        let url = match checked {
            Ok(url) => url,
            // An attempt would give the same reason.
            Err(UrlError::NeedsTls) => {
                self.failed(StepName::Url, duration, &Outcome::NotAllowed);
                return None;
            }
            Err(error) => {
                let (told, cause) = (error.to_string(), error.cause());
                let (fix, about) = (String::new(), String::new());
                self.ended(StepName::Url, duration, (told, fix), (cause, about));
                return None;
            }
        };
        self.took(StepName::Url, duration, url.scheme().to_owned());
        if target.offline {
            let told = (OFFLINE.0.to_owned(), OFFLINE.1.to_owned());
            let about = ("offline", String::new());
            self.ended(StepName::Network, Duration::ZERO, told, about);
            return None;
        }
        Some(self.attempt(target, url.scheme() == "https").await)
    }

    async fn attempt(&mut self, target: Target, secure: bool) -> AttemptEnd {
        let start = self.now();
        let key = self.tester.signing_key.as_deref();
        let request = Request {
            url: target.url,
            headers: signing::headers(key, &target.body, self.tester.clock.now()),
            body: Bytes::from(target.body),
        };
        let mut trace = Trace::default();
        let report = self.tester.http.traced(request, &mut trace).await;
        // The rest of the time is not in the trace.
        let rest = self.now().saturating_sub(start + trace.total());
        let missing = self.tell(trace, secure);
        match &report.outcome {
            Outcome::Success(status) => {
                self.took(StepName::Http, rest, status.to_string());
            }
            outcome => self.failed(missing, rest, outcome),
        }
        report
    }

    /// Records the steps that went well. Returns the step after them.
    fn tell(&mut self, trace: Trace, secure: bool) -> StepName {
        let Some((duration, addresses)) = trace.name else {
            return StepName::Name;
        };
        let shown = addresses.iter().take(8).map(|at| at.ip().to_string());
        self.took(
            StepName::Name,
            duration,
            shown.collect::<Vec<_>>().join(", "),
        );
        let Some((duration, address)) = trace.connection else {
            return StepName::Connection;
        };
        self.took(StepName::Connection, duration, address.to_string());
        match trace.tls {
            Some((duration, session)) => {
                let agreed = self.describe(&session);
                self.took(StepName::Tls, duration, agreed);
                StepName::Http
            }
            None if secure => StepName::Tls,
            None => StepName::Http,
        }
    }

    /// Returns the TLS version, and the names, authority and last day of the trusted certificate.
    fn describe(&self, session: &Session) -> String {
        let version = match session.version {
            Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
            _ => "TLS 1.2",
        };
        let Some(leaf) = &session.leaf else {
            return version.to_owned();
        };
        let names = certificate::names(leaf).join(", ");
        let issuer = certificate::issuer(leaf);
        let until = certificate::validity(leaf).map(|(_, last)| self.day(last));
        let until = until.unwrap_or_default();
        format!("{version}; {names}; {issuer}; ≤ {until}")
    }

    fn day(&self, time: UnixTime) -> String {
        let at = UnixMillis(0).plus(Duration::from_secs(time.as_secs()));
        let text = time_text::format(at, &self.tester.zone);
        text.get(..10).unwrap_or_default().to_owned()
    }

    fn now(&self) -> Duration {
        self.tester.clock.monotonic()
    }

    fn took(&mut self, name: StepName, duration: Duration, detail: String) {
        self.steps.push(Step {
            name,
            duration,
            detail,
            reason: None,
            fix: String::new(),
            cause: "",
            about: String::new(),
        });
    }

    fn failed(&mut self, name: StepName, duration: Duration, outcome: &Outcome) {
        let told = outcome.reason_and_fix(&self.host);
        let about = outcome.cause(&self.host);
        self.ended(name, duration, told, about);
    }

    fn ended(
        &mut self,
        name: StepName,
        duration: Duration,
        (reason, fix): (String, String),
        (cause, about): (&'static str, String),
    ) {
        self.steps.push(Step {
            name,
            duration,
            detail: String::new(),
            reason: Some(reason),
            fix,
            cause,
            about,
        });
    }
}
