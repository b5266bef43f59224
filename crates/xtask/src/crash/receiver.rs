//! The receiver of the crash test: one path that is always well, one that fails now and then.

use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, anyhow};
use tiny_http::{Request, Response, Server};

/// How many requests are answered at the same time.
const THREADS: usize = 8;

/// A request that was answered 2xx.
#[derive(Clone)]
pub struct Arrival {
    /// `/steady` or `/flaky`.
    pub path: String,
    pub body: Vec<u8>,
}

#[derive(Default)]
struct Shared {
    arrivals: Mutex<Vec<Arrival>>,
    more: Condvar,
}

/// The receiver; its threads end with the process.
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Receiver {
    pub fn start() -> anyhow::Result<Self> {
        let server = Server::http("127.0.0.1:0").map_err(|error| anyhow!(error))?;
        let address = server.server_addr().to_ip().context("no address")?;
        let (server, shared) = (Arc::new(server), Arc::new(Shared::default()));
        for _ in 0..THREADS {
            let (server, shared) = (Arc::clone(&server), Arc::clone(&shared));
            thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    // A kill breaks connections, and the gateway tries again.
                    drop(answer(request, &shared));
                }
            });
        }
        Ok(Self { address, shared })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything that was answered 2xx so far.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.shared
            .arrivals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits until more than `seen` have arrived; false at the deadline.
    #[allow(
        clippy::disallowed_methods,
        reason = "a bound on waiting for another process"
    )]
    pub fn wait_for_more(&self, seen: usize, deadline: Instant) -> bool {
        let arrivals = self
            .shared
            .arrivals
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = self
            .shared
            .more
            .wait_timeout_while(arrivals, left, |arrivals| arrivals.len() <= seen);
        waited.is_ok_and(|(_, timeout)| !timeout.timed_out())
    }
}

fn answer(mut request: Request, shared: &Shared) -> anyhow::Result<()> {
    let length = request.body_length().context("a body without a length")?;
    let mut body = vec![0; length];
    request.as_reader().read_exact(&mut body)?;
    let path = request.url().to_owned();
    // About one body of fifty fails the first time it comes, so that retries take part.
    let fails = path == "/flaky" && body.iter().map(|byte| u32::from(*byte)).sum::<u32>() % 50 == 0;
    let failed = file(shared, &path, &body, fails);
    let status = if failed { 500 } else { 204 };
    Ok(request.respond(Response::empty(status))?)
}

/// Files the request; true if it is to fail.
fn file(shared: &Shared, path: &str, body: &[u8], fails: bool) -> bool {
    let failed = format!("failed {path}");
    let mut arrivals = shared
        .arrivals
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if fails
        && !arrivals
            .iter()
            .any(|arrival| arrival.path == failed && arrival.body == body)
    {
        arrivals.push(Arrival {
            path: failed,
            body: body.to_vec(),
        });
        return true;
    }
    arrivals.push(Arrival {
        path: path.to_owned(),
        body: body.to_vec(),
    });
    shared.more.notify_all();
    false
}
