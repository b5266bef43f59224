//! Connects to a receiver: name lookup, address rules, TCP over all addresses (RFC 8305), TLS.
//!
//! Deliveries and tests use the same code; a [`Trace`] records each step for a test.

use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rustls::ProtocolVersion;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::{Host, Url};

use super::lookup::{LookupError, lookup};
use crate::model::clock::Clock;
use crate::model::device_fault::DeviceFault;

/// If an address does not answer within this time, the next one is tried beside it (RFC 8305, 5).
const STAGGER: Duration = Duration::from_millis(250);
/// The last address of a name is tried within this time, however many there are.
const ALL_STARTED: Duration = Duration::from_secs(5);
/// The most addresses of a name that are tried.
const MOST_ADDRESSES: usize = 64;

/// The destination of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    host: Host<String>,
    port: u16,
    secure: bool,
}

impl Origin {
    /// Returns `None` if the URL has no host or no port.
    pub fn of(url: &Url) -> Option<Self> {
        Some(Self {
            host: url.host()?.to_owned(),
            port: url.port_or_known_default()?,
            secure: url.scheme() == "https",
        })
    }

    /// Returns whether connections use TLS.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    fn server_name(&self) -> Option<ServerName<'static>> {
        match &self.host {
            Host::Domain(name) => ServerName::try_from(name.clone()).ok(),
            Host::Ipv4(address) => Some(IpAddr::from(*address).into()),
            Host::Ipv6(address) => Some(IpAddr::from(*address).into()),
        }
    }
}

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum ConnectError {
    NameNotFound,
    /// The rules do not allow a connection to one of the addresses.
    AddressNotAllowed,
    Device(DeviceFault),
    Tcp(io::Error),
    /// The host's name cannot occur in a certificate.
    UnusableName,
    Tls(io::Error),
}

/// The successful steps, each with its duration.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub name: Option<(Duration, Vec<SocketAddr>)>,
    pub connection: Option<(Duration, SocketAddr)>,
    pub tls: Option<(Duration, Session)>,
}

impl Trace {
    /// Returns the total duration.
    pub fn total(&self) -> Duration {
        let name = self.name.as_ref().map(|step| step.0);
        let connection = self.connection.as_ref().map(|step| step.0);
        let tls = self.tls.as_ref().map(|step| step.0);
        [name, connection, tls].into_iter().flatten().sum()
    }
}

/// The parameters that a handshake agreed on.
#[derive(Debug)]
pub(crate) struct Session {
    pub version: Option<ProtocolVersion>,
    pub leaf: Option<CertificateDer<'static>>,
}

/// Makes connections under one state of trust and rules.
pub(crate) struct Connector {
    tls: TlsConnector,
    clock: Arc<dyn Clock>,
}

impl Connector {
    pub fn new(mut tls: rustls::ClientConfig, clock: Arc<dyn Clock>) -> Self {
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let tls = TlsConnector::from(Arc::new(tls));
        Self { tls, clock }
    }

    /// Connects, and records every finished step in the trace. Every address of the host must be
    /// allowed.
    pub async fn connect(
        &self,
        origin: &Origin,
        allowed: impl Fn(IpAddr) -> bool,
        trace: &mut Trace,
    ) -> Result<Stream, ConnectError> {
        let start = self.clock.monotonic();
        let addresses = addresses(origin).await?;
        if !addresses.iter().all(|address| allowed(address.ip())) {
            return Err(ConnectError::AddressNotAllowed);
        }
        trace.name = Some((self.since(start), addresses.clone()));
        let start = self.clock.monotonic();
        let (stream, address) = self.race(&addresses).await.map_err(ConnectError::Tcp)?;
        // A request is one write, so waiting for more data would only delay it.
        let _ = stream.set_nodelay(true);
        trace.connection = Some((self.since(start), address));
        if !origin.secure {
            return Ok(Stream::Plain(stream));
        }
        let start = self.clock.monotonic();
        let name = origin.server_name().ok_or(ConnectError::UnusableName)?;
        let stream = self.tls.connect(name, stream).await;
        let stream = stream.map_err(ConnectError::Tls)?;
        let (_, session) = stream.get_ref();
        let chain = session.peer_certificates().unwrap_or_default();
        let session = Session {
            version: session.protocol_version(),
            leaf: chain.first().map(|leaf| leaf.clone().into_owned()),
        };
        trace.tls = Some((self.since(start), session));
        Ok(Stream::Tls(Box::new(stream)))
    }

    /// Returns the first connection that any of the addresses accepts.
    async fn race(&self, addresses: &[SocketAddr]) -> io::Result<(TcpStream, SocketAddr)> {
        let mut waiting = alternating(addresses).into_iter();
        let stagger = stagger(waiting.len());
        let mut under_way = FuturesUnordered::new();
        let mut told: Option<(u8, io::Error)> = None;
        loop {
            if let Some(address) = waiting.next() {
                let dial = async move { (address, TcpStream::connect(address).await) };
                under_way.push(dial);
            }
            tokio::select! {
                biased;
                Some((address, done)) = under_way.next() => match done {
                    Ok(stream) => return Ok((stream, address)),
                    Err(error) => {
                        let weight = weight(&error, address);
                        if told.as_ref().is_none_or(|(known, _)| weight > *known) {
                            told = Some((weight, error));
                        }
                    }
                },
                () = self.clock.sleep(stagger), if waiting.len() > 0 => {}
                else => break,
            }
        }
        Err(told.map_or_else(|| io::ErrorKind::AddrNotAvailable.into(), |told| told.1))
    }

    fn since(&self, start: Duration) -> Duration {
        self.clock.monotonic().saturating_sub(start)
    }
}

async fn addresses(origin: &Origin) -> Result<Vec<SocketAddr>, ConnectError> {
    match &origin.host {
        Host::Ipv4(address) => Ok(vec![(*address, origin.port).into()]),
        Host::Ipv6(address) => Ok(vec![(*address, origin.port).into()]),
        Host::Domain(name) => match lookup(name, origin.port).await {
            Ok(addresses) => Ok(addresses),
            Err(LookupError::NotFound) => Err(ConnectError::NameNotFound),
            Err(LookupError::Device(fault)) => Err(ConnectError::Device(fault)),
        },
    }
}

/// Alternates between the address families, beginning with the one that the system lists first (RFC
/// 8305, 4).
fn alternating(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<SocketAddr>, Vec<SocketAddr>) = addresses
        .iter()
        .copied()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut ordered = Vec::with_capacity(addresses.len());
    while ordered.len() < addresses.len().min(MOST_ADDRESSES) {
        ordered.extend(first.next());
        ordered.extend(second.next());
    }
    ordered
}

/// Returns the delay between two of so many addresses.
fn stagger(addresses: usize) -> Duration {
    let count = u32::try_from(addresses.max(1)).unwrap_or(u32::MAX);
    STAGGER.min(ALL_STARTED / count)
}

/// Ranks several failures; the highest is returned. A fault of the device ranks highest, because
/// the receiver may listen at the address that it prevented. A family without a route, or one that
/// is forbidden here, ranks low.
fn weight(error: &io::Error, address: SocketAddr) -> u8 {
    match DeviceFault::of(error) {
        Some(DeviceFault::Permission) => return 2,
        // Without IPv6 there is no local IPv6 address.
        Some(DeviceFault::Ports) if address.is_ipv6() => return 1,
        Some(_) => return 6,
        None => {}
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => 5,
        io::ErrorKind::HostUnreachable => 4,
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => 0,
        _ => 3,
    }
}

/// A connection with or without TLS.
#[derive(Debug)]
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Sends the TLS close alert if the stream can be written at once: over TLS, a connection that ends
/// without it looks like an attack.
impl Drop for Stream {
    fn drop(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        let _ = Pin::new(self).poll_shutdown(&mut context);
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(context, slices),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests;
