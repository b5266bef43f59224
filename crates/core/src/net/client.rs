//! Makes one attempt over the network: posts the body, reads a limited response, and determines the
//! [`Outcome`].
//!
//! Cost: one request, over a kept-alive connection if there is one; the body is sent without a
//! copy.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use rustls_pki_types::CertificateDer;
use url::Url;

use super::outcome::{ConnectFault, Outcome, Phase};
use super::tls::fault::TlsFault;
use super::tls::{handshake, probe};
use super::url_rules::{address_may_go_without_tls, host_may_go_without_tls};
use super::{
    Broken, ConnectError, Connector, Exchange, Origin, Pool, Stream, Trace, tls, url_rules,
};
use crate::model::clock::Clock;
use crate::model::device_fault::DeviceFault;
use crate::settings::{AllowHttp, Settings};

/// The limit from the start of an attempt to the status (protocol.md 2.3).
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// The limit from the start of a connection to the end of the TLS handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The status has decided the outcome. The rest of the response gets this long, so that the
/// connection can be reused.
const ANSWER_GRACE: Duration = Duration::from_secs(1);

/// A request to post.
pub(crate) struct Request {
    pub url: String,
    pub body: Bytes,
    /// Headers besides those of every request.
    pub headers: Vec<(&'static str, String)>,
}

/// The result of an attempt.
pub(crate) struct AttemptEnd {
    pub outcome: Outcome,
    /// The beginning of the response, as text.
    pub answer_head: String,
    /// The receiver's host, for error texts.
    pub host: String,
}

impl AttemptEnd {
    /// Returns the result for a panic of ours, which must not lose the delivery; it counts as a
    /// broken connection.
    pub fn of_panic() -> Self {
        Self::of(Outcome::Closed, "")
    }

    fn of(outcome: Outcome, host: &str) -> Self {
        Self {
            outcome,
            answer_head: String::new(),
            host: host.to_owned(),
        }
    }
}

/// The connections for one state of trust and network. When either changes, a new one replaces it,
/// so that no connection outlives that state.
pub(crate) struct Http {
    clock: Arc<dyn Clock>,
    allow_http: AllowHttp,
    connector: Connector,
    pool: Pool,
}

/// Why no connections can be made at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

impl Http {
    pub fn new(
        platform_roots: &[CertificateDer<'static>],
        settings: &Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, HttpError> {
        let tls = tls::client_config(platform_roots, settings, Arc::clone(&clock))?;
        Ok(Self {
            allow_http: settings.webhooks.allow_http,
            connector: Connector::new(tls, Arc::clone(&clock)),
            pool: Pool::new(Arc::clone(&clock)),
            clock,
        })
    }

    /// Returns the rules for receivers without TLS that this client was made with.
    pub fn allow_http(&self) -> AllowHttp {
        self.allow_http
    }

    /// Makes one attempt.
    pub async fn attempt(&self, request: Request) -> AttemptEnd {
        self.traced(request, &mut Trace::default()).await
    }

    /// Makes one attempt and records its steps in the trace.
    pub async fn traced(&self, request: Request, trace: &mut Trace) -> AttemptEnd {
        let url = match url_rules::to_request(&request.url) {
            Ok(url) => url,
            Err(error) => return AttemptEnd::of(Outcome::Url(error), ""),
        };
        let host = url.host_str().unwrap_or_default();
        let allowed = match (url.scheme(), url.host()) {
            ("https", Some(_)) => true,
            ("http", Some(host)) => host_may_go_without_tls(&host, self.allow_http),
            _ => false,
        };
        let Some(origin) = Origin::of(&url).filter(|_| allowed) else {
            return AttemptEnd::of(Outcome::NotAllowed, host);
        };
        let head = head(&url, &request);
        let answered = tokio::select! {
            biased;
            answered = self.answered(&origin, &head, &request.body, trace) => answered,
            () = self.clock.sleep(ATTEMPT_TIMEOUT) => Err(Outcome::Timeout(Phase::Answering).into()),
        };
        let failed = match answered {
            Ok((status, exchange)) => {
                return AttemptEnd {
                    outcome: outcome_of_status(status),
                    answer_head: self.finish(origin, exchange).await,
                    host: host.to_owned(),
                };
            }
            Err(failed) => failed,
        };
        let outcome = match failed.outcome {
            Outcome::Tls(fault) => {
                let port = url.port_or_known_default().unwrap_or(443);
                Outcome::Tls(probe::explain(fault, host, port, &*self.clock).await)
            }
            outcome => outcome,
        };
        AttemptEnd {
            answer_head: failed.answer_head,
            ..AttemptEnd::of(outcome, host)
        }
    }

    /// Returns the status of the response. Uses a kept connection first, if there is one. A
    /// receiver may close it at the moment of reuse; if not one byte of a response came, the
    /// request is sent again at once.
    async fn answered(
        &self,
        origin: &Origin,
        head: &Bytes,
        body: &Bytes,
        trace: &mut Trace,
    ) -> Result<(u16, Exchange), Failed> {
        if let Some(kept) = self.pool.take(origin) {
            let mut exchange = Exchange::new(kept, head.clone(), body.clone());
            match exchange.status(self.grace()).await {
                Ok(status) => return Ok((status, exchange)),
                Err(Broken::Unanswered(_)) => {}
                Err(broken) => return Err(broken.into()),
            }
        }
        let stream = self.connect(origin, trace).await?;
        let mut exchange = Exchange::new(stream, head.clone(), body.clone());
        let status = exchange.status(self.grace()).await?;
        Ok((status, exchange))
    }

    async fn connect(&self, origin: &Origin, trace: &mut Trace) -> Result<Stream, Outcome> {
        let allowed = |address: IpAddr| {
            origin.is_secure() || address_may_go_without_tls(address, self.allow_http)
        };
        tokio::select! {
            biased;
            connected = self.connector.connect(origin, allowed, trace) => {
                connected.map_err(outcome_of_connecting)
            }
            () = self.clock.sleep(CONNECT_TIMEOUT) => Err(match trace.connection {
                Some(_) if origin.is_secure() => Outcome::Tls(TlsFault::Silent),
                _ => Outcome::Timeout(Phase::Connecting),
            }),
        }
    }

    /// Reads the rest of the response within its limits of size and time. A failure here does not
    /// change the outcome.
    async fn finish(&self, origin: Origin, mut exchange: Exchange) -> String {
        tokio::select! {
            biased;
            () = exchange.finish() => {}
            () = self.grace() => {}
        }
        let body_head = exchange.body_head();
        if let Some(stream) = exchange.into_usable() {
            self.pool.keep(origin, stream);
        }
        body_head
    }

    async fn grace(&self) {
        self.clock.sleep(ANSWER_GRACE).await;
    }
}

const AGENT: &str = concat!("SimRelay/", env!("CARGO_PKG_VERSION"));

/// Returns the request line and fields. The case of their names is that of SMSGate, because some
/// receivers look them up case-sensitively.
fn head(url: &Url, request: &Request) -> Bytes {
    let mut head = format!("POST {}", url.path());
    if let Some(query) = url.query() {
        head.extend(["?", query]);
    }
    let mut field = |name: &str, value: &str| {
        let _ = write!(head, "{name}: {value}\r\n");
    };
    let port = url.port().map(|port| format!(":{port}"));
    let host = url.host_str().unwrap_or_default();
    let host = format!("{host}{}", port.unwrap_or_default());
    field(" HTTP/1.1\r\nHost", &host);
    field("User-Agent", AGENT);
    field("Accept", "*/*");
    field("Content-Type", "application/json");
    field("Content-Length", &request.body.len().to_string());
    if let Some(credentials) = basic(url) {
        field("Authorization", &credentials);
    }
    for (name, value) in &request.headers {
        field(name, value);
    }
    head.push_str("\r\n");
    Bytes::from(head)
}

/// Returns the Basic authentication for the user and password of a URL (RFC 7617).
fn basic(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut plain: Vec<u8> = percent_decode_str(url.username()).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(url.password().unwrap_or_default()));
    Some(format!("Basic {}", STANDARD.encode(plain)))
}

/// An attempt that got no status.
struct Failed {
    outcome: Outcome,
    answer_head: String,
}

impl From<Outcome> for Failed {
    fn from(outcome: Outcome) -> Self {
        let answer_head = String::new();
        Self {
            outcome,
            answer_head,
        }
    }
}

impl From<Broken> for Failed {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Unanswered(error) | Broken::Within(error) => {
                let known = outcome_of_cause(&error, Phase::Answering);
                known.unwrap_or(Outcome::Closed).into()
            }
            Broken::NotHttp { first_bytes, tls } => Self {
                outcome: Outcome::NotHttp {
                    first_bytes: first_bytes.clone(),
                    tls,
                },
                answer_head: first_bytes,
            },
        }
    }
}

fn outcome_of_status(status: u16) -> Outcome {
    match status {
        200..300 => Outcome::Success(status),
        300..400 => Outcome::Redirect(status),
        _ => Outcome::Status(status),
    }
}

fn outcome_of_connecting(error: ConnectError) -> Outcome {
    match error {
        ConnectError::NameNotFound => Outcome::Dns,
        ConnectError::AddressNotAllowed => Outcome::NotAllowed,
        ConnectError::Device(fault) => Outcome::Device(fault),
        ConnectError::Tcp(error) => {
            let known = outcome_of_cause(&error, Phase::Connecting);
            known.unwrap_or(Outcome::Connect(ConnectFault::Other))
        }
        ConnectError::UnusableName => Outcome::Tls(TlsFault::WrongName),
        ConnectError::Tls(error) => match outcome_of_cause(&error, Phase::Connecting) {
            Some(Outcome::Closed) => Outcome::Tls(TlsFault::Closed),
            Some(outcome) => outcome,
            None => Outcome::Tls(TlsFault::Handshake),
        },
    }
}

/// Determines the outcome from the type of the cause. `phase` is the step that failed.
fn outcome_of_cause(cause: &(dyn StdError + 'static), phase: Phase) -> Option<Outcome> {
    if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        return Some(Outcome::Tls(handshake::fault_in(error)));
    }
    let error = cause.downcast_ref::<io::Error>()?;
    if let Some(inner) = error.get_ref()
        && let Some(outcome) = outcome_of_cause(inner, phase)
    {
        return Some(outcome);
    }
    if let Some(fault) = DeviceFault::of(error) {
        return Some(Outcome::Device(fault));
    }
    match error.kind() {
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => Some(Outcome::NoNetwork),
        io::ErrorKind::TimedOut => Some(Outcome::Timeout(phase)),
        io::ErrorKind::ConnectionRefused => Some(Outcome::Connect(ConnectFault::Refused)),
        io::ErrorKind::HostUnreachable => Some(Outcome::Connect(ConnectFault::HostUnreachable)),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::WriteZero
        | io::ErrorKind::UnexpectedEof => Some(Outcome::Closed),
        // rustls reports this for a stream that is not TLS at all.
        io::ErrorKind::InvalidData => Some(Outcome::Tls(TlsFault::Handshake)),
        _ => None,
    }
}
