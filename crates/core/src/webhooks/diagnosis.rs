//! "Why did my webhook not come": walks what a delivery walks, one step at a time, and tells of each
//! how long it took, or what is wrong and what to do.
//!
//! The steps before the last only look; they use the same resolver, rules, trust and limits as
//! deliveries. The last one *is* an attempt, by the same client, with a signed test event.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::tz::TimeZone;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::address::{ResolveError, Resolver};
use super::http::{CONNECT_TIMEOUT, Http, HttpError, Report, Request, outcome_of_cause};
use super::outcome::{ConnectFault, Outcome, Phase};
use super::tls_fault::TlsFault;
use super::url_rules::{self, UrlError};
use super::{certificate, probe};
use crate::clock::{Clock, UnixMillis};
use crate::settings::Settings;
use crate::time_text;

/// Reason and fix where nothing is sent for want of internet.
pub(crate) const OFFLINE: (&str, &str) = (
    "The device has no internet, so nothing is sent.",
    "Connect the device, or turn webhooks.internet_required off for receivers in the local network.",
);

/// A step of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepName {
    /// The URL fits the rules.
    Url,
    /// The device has the network it needs.
    Network,
    /// The name has addresses.
    Name,
    /// One of them takes a connection.
    Connection,
    /// The receiver proves who it is.
    Tls,
    /// It takes the test event.
    Http,
}

impl StepName {
    /// As it stands in the API.
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

/// How a step went.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which one.
    pub name: StepName,
    /// How long it took.
    pub duration: Duration,
    /// What was found, such as addresses or the certificate's names; may be empty.
    pub detail: String,
    /// Why it failed, one sentence; `None` if it went well.
    pub reason: Option<String>,
    /// What to do about it; empty if nothing is known.
    pub fix: String,
    /// The reason as a word that never changes, for other languages; empty if it went well.
    pub cause: &'static str,
    /// What the cause is about: a host or an authority; may be empty.
    pub about: String,
}

/// What a test came to: every step up to the first that failed.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// In order.
    pub steps: Vec<Step>,
    /// The receiver's HTTP status; 0 if none came.
    pub status: u16,
    /// The beginning of the receiver's answer.
    pub answer_head: String,
    /// The receiver's host, for sentences.
    pub host: String,
}

impl Diagnosis {
    /// The test event arrived and was taken.
    pub fn ok(&self) -> bool {
        self.steps.iter().all(|step| step.reason.is_none())
    }
}

/// Nothing can be tested: HTTP or TLS could not be set up.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct DiagnosisError(#[from] HttpError);

/// What is tested.
pub struct Target {
    /// Where to post.
    pub url: String,
    /// What to post.
    pub body: Vec<u8>,
    /// The device has no internet, and without it nothing is sent.
    pub offline: bool,
}

/// Makes tests under one state of trust and settings.
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
    /// With these trust roots (DER), the settings' own certificates, rules and signing key.
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

    /// A body that receivers can tell from a real event: its event is `system:test`.
    pub fn body(
        &self,
        device_id: &str,
        webhook_id: &str,
        registered: &str,
    ) -> Result<Vec<u8>, serde_json::Error> {
        let now = self.clock.now();
        let id = crate::id::ordered(now);
        let sent_at = time_text::format(now, &self.zone);
        crate::event::Event::test_body(device_id, &id, webhook_id, registered, sent_at)
    }

    /// Walks until something fails. Takes at most the time of a connection, a handshake and an
    /// attempt: 50 seconds.
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
    async fn go(&mut self, target: Target) -> Option<Report> {
        let start = self.now();
        if let Ok(url) = Url::parse(&target.url) {
            self.host = url.host_str().unwrap_or_default().to_owned();
        }
        let allow_http = self.tester.http.allow_http();
        let url = match url_rules::check(&target.url, allow_http) {
            Ok(url) => url,
            // What an attempt would say too.
            Err(UrlError::NeedsTls) => {
                return self.failed(StepName::Url, start, Outcome::NotAllowed);
            }
            Err(error) => {
                let (told, cause) = (error.to_string(), error.cause());
                let (fix, about) = (String::new(), String::new());
                return self.ended(StepName::Url, start, (told, fix), (cause, about));
            }
        };
        let plain = url.scheme() == "http";
        self.passed(StepName::Url, start, url.scheme().to_owned());
        if target.offline {
            let told = (OFFLINE.0.to_owned(), OFFLINE.1.to_owned());
            let about = ("offline", String::new());
            return self.ended(StepName::Network, start, told, about);
        }
        let addresses = self.resolve(&url, plain.then_some(allow_http)).await?;
        let stream = self.connect(&addresses).await?;
        // Either way it is closed here: a receiver may take one connection at a time.
        if plain {
            drop(stream);
        } else {
            self.shake_hands(&url, stream).await?;
        }
        Some(self.attempt(target).await)
    }

    async fn resolve(
        &mut self,
        url: &Url,
        only: Option<crate::settings::AllowHttp>,
    ) -> Option<Vec<SocketAddr>> {
        let start = self.now();
        let port = url.port_or_known_default().unwrap_or(443);
        let found = match url.host()? {
            Host::Ipv4(address) => Ok(vec![SocketAddr::from((address, port))]),
            Host::Ipv6(address) => Ok(vec![SocketAddr::from((address, port))]),
            Host::Domain(name) => {
                let resolver = Resolver { only };
                let looked_up = resolver.lookup(name, port);
                self.limited(async { looked_up.await.map_err(outcome_of_name) })
                    .await
            }
        };
        match found {
            Ok(addresses) => {
                let shown: Vec<_> = addresses
                    .iter()
                    .take(8)
                    .map(|at| at.ip().to_string())
                    .collect();
                self.passed(StepName::Name, start, shown.join(", "));
                Some(addresses)
            }
            Err(outcome) => self.failed(StepName::Name, start, outcome),
        }
    }

    async fn connect(&mut self, addresses: &[SocketAddr]) -> Option<TcpStream> {
        let start = self.now();
        let any = async {
            let mut outcome = Outcome::Connect(ConnectFault::Other);
            for address in addresses {
                match TcpStream::connect(address).await {
                    Ok(stream) => return Ok((stream, *address)),
                    Err(error) => {
                        outcome = outcome_of_cause(&error)
                            .unwrap_or(Outcome::Connect(ConnectFault::Other));
                    }
                }
            }
            Err(outcome)
        };
        match self.limited(any).await {
            Ok((stream, address)) => {
                self.passed(StepName::Connection, start, address.to_string());
                Some(stream)
            }
            Err(outcome) => self.failed(StepName::Connection, start, outcome),
        }
    }

    async fn shake_hands(&mut self, url: &Url, stream: TcpStream) -> Option<()> {
        let start = self.now();
        let bare = url.host_str()?.trim_matches(['[', ']']).to_owned();
        let Ok(name) = ServerName::try_from(bare) else {
            return self.failed(StepName::Tls, start, Outcome::Tls(TlsFault::WrongName));
        };
        let connector = TlsConnector::from(Arc::new(self.tester.http.tls()));
        let shake = async {
            let done = connector.connect(name, stream).await;
            done.map_err(|error| {
                outcome_of_cause(&error).unwrap_or(Outcome::Tls(TlsFault::Handshake))
            })
        };
        match self.limited(shake).await {
            Ok(stream) => {
                let session = stream.get_ref().1;
                let version = match session.protocol_version() {
                    Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
                    _ => "TLS 1.2",
                };
                let leaf = session.peer_certificates().and_then(|chain| chain.first());
                let certificate = leaf.map(|leaf| self.describe(leaf)).unwrap_or_default();
                self.passed(StepName::Tls, start, format!("{version}{certificate}"));
                Some(())
            }
            Err(outcome) => {
                let fault = match outcome {
                    Outcome::Tls(fault) => fault,
                    Outcome::Closed => TlsFault::Closed,
                    Outcome::Timeout(_) => TlsFault::Silent,
                    other => return self.failed(StepName::Tls, start, other),
                };
                let port = url.port_or_known_default().unwrap_or(443);
                let fault = probe::explain(fault, &self.host, port, &*self.tester.clock).await;
                self.failed(StepName::Tls, start, Outcome::Tls(fault))
            }
        }
    }

    /// Names, authority and last day of a certificate that was trusted.
    fn describe(&self, leaf: &CertificateDer<'_>) -> String {
        let names = certificate::names(leaf).join(", ");
        let issuer = certificate::issuer(leaf);
        let until = certificate::validity(leaf).map(|(_, last)| self.day(last));
        let until = until.unwrap_or_default();
        format!("; {names}; {issuer}; ≤ {until}")
    }

    fn day(&self, time: UnixTime) -> String {
        let at = UnixMillis(0).plus(Duration::from_secs(time.as_secs()));
        let text = time_text::format(at, &self.tester.zone);
        text.get(..10).unwrap_or_default().to_owned()
    }

    async fn attempt(&mut self, target: Target) -> Report {
        let start = self.now();
        let request = Request {
            url: target.url,
            body: Bytes::from(target.body),
            signing_key: self.tester.signing_key.clone(),
        };
        let report = self.tester.http.attempt(request).await;
        match &report.outcome {
            Outcome::Success(status) => self.passed(StepName::Http, start, status.to_string()),
            outcome => {
                let _: Option<()> = self.failed(StepName::Http, start, outcome.clone());
            }
        }
        report
    }

    /// The outcome of `work`, or a timeout after as long as a connection may take.
    async fn limited<T>(
        &self,
        work: impl Future<Output = Result<T, Outcome>>,
    ) -> Result<T, Outcome> {
        tokio::select! {
            biased;
            outcome = work => outcome,
            () = self.tester.clock.sleep(CONNECT_TIMEOUT) => Err(Outcome::Timeout(Phase::Connecting)),
        }
    }

    fn now(&self) -> Duration {
        self.tester.clock.monotonic()
    }

    fn passed(&mut self, name: StepName, start: Duration, detail: String) {
        self.steps.push(Step {
            name,
            duration: self.now().saturating_sub(start),
            detail,
            reason: None,
            fix: String::new(),
            cause: "",
            about: String::new(),
        });
    }

    /// `None`, so that a step can end with it.
    fn failed<T>(&mut self, name: StepName, start: Duration, outcome: Outcome) -> Option<T> {
        let (told, about) = (
            outcome.reason_and_fix(&self.host),
            outcome.cause(&self.host),
        );
        self.ended(name, start, told, about)
    }

    fn ended<T>(
        &mut self,
        name: StepName,
        start: Duration,
        (reason, fix): (String, String),
        (cause, about): (&'static str, String),
    ) -> Option<T> {
        self.steps.push(Step {
            name,
            duration: self.now().saturating_sub(start),
            detail: String::new(),
            reason: Some(reason),
            fix,
            cause,
            about,
        });
        None
    }
}

fn outcome_of_name(error: ResolveError) -> Outcome {
    match error {
        ResolveError::NotFound(_) => Outcome::Dns,
        ResolveError::NotAllowed(_) => Outcome::NotAllowed,
    }
}
