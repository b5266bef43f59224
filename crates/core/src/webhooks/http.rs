//! One attempt over the network: sign, POST, read a capped answer, name the [`Outcome`].
//!
//! Cost: one request over a kept-alive connection where there is one; the body is handed over
//! without a copy.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::{Client, Response, redirect};
use rustls_pki_types::CertificateDer;

use super::address::{AddressNotAllowed, NameNotFound, Resolver};
use super::outcome::{ConnectFault, Outcome, Phase};
use super::tls_fault::TlsFault;
use super::url_rules::host_may_go_without_tls;
use super::{handshake, probe, signing, tls, url_rules};
use crate::clock::Clock;
use crate::settings::{AllowHttp, Settings};

/// From the start of an attempt to its status (protocol.md 2.3).
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);
/// How much of an answer is read.
const ANSWER_LIMIT: usize = 16 * 1024;
/// How much of it is kept.
const ANSWER_HEAD: usize = 512;
/// The status has decided; the rest of the answer gets this long, so that the connection can be
/// used again.
const ANSWER_GRACE: Duration = Duration::from_secs(1);

/// What is posted.
pub(super) struct Request {
    pub url: String,
    pub body: Bytes,
    pub signing_key: Option<String>,
}

/// What came of it.
pub(super) struct Report {
    pub outcome: Outcome,
    /// The beginning of the answer, as text.
    pub answer_head: String,
    /// The receiver's host, for sentences.
    pub host: String,
}

impl Report {
    /// A panic of ours must not lose the delivery; it counts as a connection that broke.
    pub fn of_panic() -> Self {
        Self {
            outcome: Outcome::Closed,
            answer_head: String::new(),
            host: String::new(),
        }
    }
}

/// The clients of one state of trust and network; a new one is made when either changes, so that
/// no connection outlives it.
pub(super) struct Http {
    clock: Arc<dyn Clock>,
    allow_http: AllowHttp,
    https: Client,
    tls: rustls::ClientConfig,
    /// Checks every address that a name resolves to.
    plain: Client,
}

/// The HTTP clients could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    #[error("HTTP cannot be set up: {0}")]
    Client(#[from] reqwest::Error),
}

impl Http {
    pub fn new(
        platform_roots: &[CertificateDer<'static>],
        settings: &Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, HttpError> {
        let tls = tls::client_config(platform_roots, settings, Arc::clone(&clock))?;
        let allow_http = settings.allow_http();
        Ok(Self {
            https: client(tls.clone(), None)?,
            plain: client(tls.clone(), Some(allow_http))?,
            tls,
            allow_http,
            clock,
        })
    }

    /// The rules for receivers without TLS under which this was made.
    pub fn allow_http(&self) -> AllowHttp {
        self.allow_http
    }

    /// What connections are secured with.
    pub fn tls(&self) -> rustls::ClientConfig {
        self.tls.clone()
    }

    /// Makes one attempt.
    pub async fn attempt(&self, request: Request) -> Report {
        let report = |outcome, host: &str| Report {
            outcome,
            answer_head: String::new(),
            host: host.to_owned(),
        };
        let url = match url_rules::to_request(&request.url) {
            Ok(url) => url,
            Err(error) => return report(Outcome::Url(error), ""),
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        let port = url.port_or_known_default().unwrap_or(443);
        let client = match (url.scheme(), url.host()) {
            ("https", Some(_)) => &self.https,
            ("http", Some(host)) if host_may_go_without_tls(&host, self.allow_http) => &self.plain,
            _ => return report(Outcome::NotAllowed, &host),
        };
        let sent = client
            .post(url)
            .headers(self.headers(&request))
            .body(request.body)
            .send();
        let response = tokio::select! {
            biased;
            response = sent => response,
            () = self.clock.sleep(ATTEMPT_TIMEOUT) => {
                return report(Outcome::Timeout(Phase::Answering), &host);
            }
        };
        match response {
            Ok(response) => {
                let outcome = outcome_of_status(response.status().as_u16());
                Report {
                    outcome,
                    answer_head: self.answer_head(response).await,
                    host,
                }
            }
            Err(error) => match outcome_of_error(&error) {
                Outcome::Tls(fault) => {
                    let fault = probe::explain(fault, &host, port, &*self.clock).await;
                    report(Outcome::Tls(fault), &host)
                }
                outcome => report(outcome, &host),
            },
        }
    }

    fn headers(&self, request: &Request) -> HeaderMap {
        const AGENT: HeaderValue =
            HeaderValue::from_static(concat!("SimRelay/", env!("CARGO_PKG_VERSION")));
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(USER_AGENT, AGENT);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = &request.signing_key {
            let timestamp = self.clock.now().seconds();
            let signature = signing::sign(key, &request.body, &timestamp.to_string());
            headers.insert("x-timestamp", HeaderValue::from(timestamp));
            if let Ok(signature) = HeaderValue::from_str(&signature) {
                headers.insert("x-signature", signature);
            }
        }
        headers
    }

    /// Reads what fits and comes soon. Whatever happens here changes nothing about the outcome.
    async fn answer_head(&self, mut response: Response) -> String {
        let mut head = Vec::new();
        let read = async {
            let mut total = 0;
            while let Ok(Some(chunk)) = response.chunk().await {
                let room = ANSWER_HEAD - head.len();
                head.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                total += chunk.len();
                if total >= ANSWER_LIMIT {
                    break;
                }
            }
        };
        tokio::select! {
            biased;
            () = read => {}
            () = self.clock.sleep(ANSWER_GRACE) => {}
        }
        String::from_utf8_lossy(&head).into_owned()
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the place where HTTP clients are made"
)]
fn client(tls: rustls::ClientConfig, plain: Option<AllowHttp>) -> reqwest::Result<Client> {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::new(Resolver { only: plain }))
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build()
}

fn outcome_of_status(status: u16) -> Outcome {
    match status {
        200..300 => Outcome::Success(status),
        300..400 => Outcome::Redirect(status),
        _ => Outcome::Status(status),
    }
}

/// Finds the cause by its type, along the chain of sources.
fn outcome_of_error(error: &reqwest::Error) -> Outcome {
    let mut source: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(cause) = source {
        match outcome_of_cause(cause) {
            // A connection that is being made ends in this way only within the handshake.
            Some(Outcome::Closed) if error.is_connect() => return Outcome::Tls(TlsFault::Closed),
            Some(outcome) => return outcome,
            None => {}
        }
        source = cause.source();
    }
    if error.is_timeout() {
        Outcome::Timeout(if error.is_connect() {
            Phase::Connecting
        } else {
            Phase::Answering
        })
    } else if error.is_connect() {
        Outcome::Connect(ConnectFault::Other)
    } else {
        Outcome::Closed
    }
}

pub(super) fn outcome_of_cause(cause: &(dyn StdError + 'static)) -> Option<Outcome> {
    if cause.is::<NameNotFound>() {
        return Some(Outcome::Dns);
    }
    if cause.is::<AddressNotAllowed>() {
        return Some(Outcome::NotAllowed);
    }
    if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        return Some(Outcome::Tls(handshake::fault_in(error)));
    }
    let error = cause.downcast_ref::<io::Error>()?;
    if let Some(inner) = error.get_ref()
        && let Some(outcome) = outcome_of_cause(inner)
    {
        return Some(outcome);
    }
    match error.kind() {
        io::ErrorKind::NetworkUnreachable => Some(Outcome::NoNetwork),
        io::ErrorKind::ConnectionRefused => Some(Outcome::Connect(ConnectFault::Refused)),
        io::ErrorKind::HostUnreachable => Some(Outcome::Connect(ConnectFault::HostUnreachable)),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Some(Outcome::Closed),
        // What rustls says of a stream that is no TLS at all.
        io::ErrorKind::InvalidData => Some(Outcome::Tls(TlsFault::Handshake)),
        _ => None,
    }
}
