//! The receiver of the crash test: one path that is always well, one that fails now and then.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use super::http::read_message;

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
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&accepting);
                // A connection that breaks is what this test is about.
                thread::spawn(move || drop(serve(&stream, &shared)));
            }
        });
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

fn serve(stream: &TcpStream, shared: &Shared) -> anyhow::Result<()> {
    let mut reader = BufReader::new(stream);
    while let Some((first, body)) = read_message(&mut reader)? {
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        // About one body of fifty fails the first time it comes, so that retries take part.
        let fails =
            path == "/flaky" && body.iter().map(|byte| u32::from(*byte)).sum::<u32>() % 50 == 0;
        let failed = file(shared, &path, &body, fails);
        let status = if failed {
            "500 Internal Server Error"
        } else {
            "204 No Content"
        };
        let mut answer = stream;
        answer.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes())?;
    }
    Ok(())
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
