//! A receiver that remembers the requests, and fails once on demand.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::sync::mpsc;

/// A request that arrived, and the status of its answer.
pub struct Arrival {
    pub headers: HeaderMap,
    pub body: Bytes,
    pub answer: StatusCode,
}

impl Arrival {
    /// Returns the text of a header, `""` if it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// The receiver, which serves until it is dropped with its runtime.
pub struct Receiver {
    pub url: String,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
    fail_once: Arc<AtomicBool>,
}

#[derive(Clone)]
struct Inbox {
    arrivals: mpsc::UnboundedSender<Arrival>,
    fail_once: Arc<AtomicBool>,
}

impl Receiver {
    /// Serves on any free port of this machine. Must be called inside a runtime.
    pub fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port for the receiver")?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}/webhook", listener.local_addr()?);
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let (sender, arrivals) = mpsc::unbounded_channel();
        let fail_once = Arc::new(AtomicBool::new(false));
        let inbox = Inbox {
            arrivals: sender,
            fail_once: Arc::clone(&fail_once),
        };
        let app = Router::new()
            .route("/webhook", post(take))
            .with_state(inbox);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self {
            url,
            arrivals,
            fail_once,
        })
    }

    /// Answers the next request with 503.
    pub fn fail_once(&self) {
        self.fail_once.store(true, Ordering::SeqCst);
    }

    /// Waits for the next request.
    pub async fn next(&mut self) -> anyhow::Result<Arrival> {
        self.arrivals.recv().await.context("the receiver stopped")
    }
}

async fn take(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let fails = inbox.fail_once.swap(false, Ordering::SeqCst);
    let answer = if fails {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::NO_CONTENT
    };
    // The watcher may be gone; the answer is the same.
    let _ = inbox.arrivals.send(Arrival {
        headers,
        body,
        answer,
    });
    answer
}
