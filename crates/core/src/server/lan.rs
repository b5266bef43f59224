//! Serves the API of a phone: on every interface, at the port that the owner set.
//!
//! A port in use keeps nothing else from working. [`LanState`] reports it, and the server tries
//! again, after a pause that grows up to a minute, and at once when the owner changes the port.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Server;
use crate::gateway::Gateway;
use crate::model::backoff::Backoff;
use crate::model::clock::sleep_for;

/// The pause after the port could not be bound.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
/// How long requests under way may take when the owner changes the port.
const MOVE_TIMEOUT: Duration = Duration::from_secs(5);
/// The most connections that wait to be accepted, as in the standard library.
const BACKLOG: i32 = 128;

/// Whether the API can be reached, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LanState {
    /// It is starting.
    Starting,
    /// It can be reached at these addresses: `[::]` stands for IPv6 and IPv4.
    Serving(Vec<SocketAddr>),
    /// It cannot be reached yet. The sentence is for the owner.
    Waiting(String),
    /// It was stopped.
    Stopped,
}

/// The API of a phone.
pub struct LanServer {
    state: watch::Receiver<LanState>,
    stop: watch::Sender<Option<Duration>>,
    task: JoinHandle<()>,
}

impl LanServer {
    /// Serves at the gateway's port, and follows it, until it is stopped.
    pub fn start(gateway: &Arc<Gateway>, runtime: &Handle) -> Self {
        let (state, told) = watch::channel(LanState::Starting);
        let (stop, stopped) = watch::channel(None);
        let serving = Serving {
            gateway: Arc::clone(gateway),
            runtime: runtime.clone(),
            state,
            stop: stopped,
        };
        Self {
            state: told,
            stop,
            task: runtime.spawn(serving.run()),
        }
    }

    /// Returns the present state, and every change of it.
    pub fn state(&self) -> watch::Receiver<LanState> {
        self.state.clone()
    }

    /// Accepts no more requests and waits for those under way, for at most `timeout`.
    pub async fn stop(self, timeout: Duration) {
        let _ = self.stop.send(Some(timeout));
        // A task that panicked serves no more, so it is stopped as well.
        let _ = self.task.await;
    }
}

struct Serving {
    gateway: Arc<Gateway>,
    runtime: Handle,
    state: watch::Sender<LanState>,
    stop: watch::Receiver<Option<Duration>>,
}

impl Serving {
    async fn run(mut self) {
        let mut port = self.gateway.port_changes();
        let mut failures = 0;
        loop {
            let wanted = *port.borrow_and_update();
            let server = match self.serve(wanted) {
                Ok(server) => {
                    failures = 0;
                    tracing::info!(port = wanted, "the API listens");
                    let addresses = server.addresses().to_vec();
                    self.state.send_replace(LanState::Serving(addresses));
                    Some(server)
                }
                Err(error) => {
                    tracing::warn!(port = wanted, %error, "the API cannot listen; retrying");
                    let sentence = problem(wanted, &error);
                    self.state.send_replace(LanState::Waiting(sentence));
                    None
                }
            };
            let clock = Arc::clone(self.gateway.clock());
            let pause = server.is_none().then(|| BACKOFF.after(failures + 1));
            let again = sleep_for(&*clock, pause);
            let stopped = tokio::select! {
                stopped = stopped(&mut self.stop) => Some(stopped),
                _ = port.changed() => { failures = 0; None }
                () = again => { failures += 1; None }
            };
            if let Some(server) = server {
                server.stop(stopped.unwrap_or(MOVE_TIMEOUT)).await;
            }
            if stopped.is_some() {
                self.state.send_replace(LanState::Stopped);
                return;
            }
        }
    }

    fn serve(&self, port: u16) -> io::Result<Server> {
        let listener = bind(port)?;
        Server::start(&self.gateway, &self.runtime, vec![listener], None)
    }
}

/// Waits for the stop. Returns how long it may take: a dropped server stops at once.
async fn stopped(stop: &mut watch::Receiver<Option<Duration>>) -> Duration {
    let told = stop.wait_for(Option::is_some).await;
    told.ok().and_then(|timeout| *timeout).unwrap_or_default()
}

/// Binds all interfaces: with one socket for IPv6 and IPv4, or with one for IPv4 only on a device
/// without IPv6.
fn bind(port: u16) -> io::Result<TcpListener> {
    match listen(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))) {
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
            listen(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)))
        }
        bound => bound,
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.is_ipv6() {
        // Some systems default to IPv6 only.
        socket.set_only_v6(false)?;
    }
    // The port can be bound again at once after a stop.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn problem(port: u16, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "Port {port} is in use by another app. Stop that app or choose another port; messages are still received."
        ),
        _ => format!(
            "The API cannot listen on port {port}. Choose another port; messages are still received."
        ),
    }
}
