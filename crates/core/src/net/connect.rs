//! The way to a receiver: name, address rules, TCP over every address (RFC 8305), TLS.
//!
//! Deliveries and tests go this same way; a [`Trace`] tells a test of each step.

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

/// After how long the next address is tried beside one that does not answer (RFC 8305, 5).
const STAGGER: Duration = Duration::from_millis(250);
/// Within this the last address of a name gets its turn, however many there are.
const ALL_STARTED: Duration = Duration::from_secs(5);
/// So many addresses of a name are tried.
const MOST_ADDRESSES: usize = 64;

/// Where a connection leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    host: Host<String>,
    port: u16,
    secure: bool,
}

impl Origin {
    /// `None` for a URL that names no host or no port.
    pub fn of(url: &Url) -> Option<Self> {
        Some(Self {
            host: url.host()?.to_owned(),
            port: url.port_or_known_default()?,
            secure: url.scheme() == "https",
        })
    }

    /// Whether it is spoken to over TLS.
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
    /// One of the addresses is none to which this connection may go.
    AddressNotAllowed,
    Device(DeviceFault),
    Tcp(io::Error),
    /// The host's name is none that a certificate could hold.
    UnusableName,
    Tls(io::Error),
}

/// The steps that went well, each with how long it took.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    pub name: Option<(Duration, Vec<SocketAddr>)>,
    pub connection: Option<(Duration, SocketAddr)>,
    pub tls: Option<(Duration, Session)>,
}

impl Trace {
    /// How long all of them took.
    pub fn total(&self) -> Duration {
        let name = self.name.as_ref().map(|step| step.0);
        let connection = self.connection.as_ref().map(|step| step.0);
        let tls = self.tls.as_ref().map(|step| step.0);
        [name, connection, tls].into_iter().flatten().sum()
    }
}

/// What a handshake agreed on.
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

    /// Connects, and writes every step into the trace as it is done. Every address of the host must
    /// be allowed.
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
        // A request is one write; waiting for more only delays it.
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

    /// The first connection that any of the addresses gives.
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

/// Both families in turn, beginning with the one that the system puts first (RFC 8305, 4).
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

/// The time between two addresses of so many.
fn stagger(addresses: usize) -> Duration {
    let count = u32::try_from(addresses.max(1)).unwrap_or(u32::MAX);
    STAGGER.min(ALL_STARTED / count)
}

/// Which of several failures is told. What the device lacked comes first, because the address that
/// it was lacking for may be the one where the receiver listens; a family without a route, or one
/// that is forbidden here, comes last.
fn weight(error: &io::Error, address: SocketAddr) -> u8 {
    match DeviceFault::of(error) {
        Some(DeviceFault::Permission) => return 2,
        // Without IPv6 there is no local address for it.
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

/// A connection, with TLS or without.
#[derive(Debug)]
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Whoever hangs up says so, where the way is free: over TLS an end without a word looks like an
/// attack.
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
