//! One connection of the API, and how long a client may take to ask.
//!
//! A client that sends its head or its body a byte at a time would hold a connection for ever. It has
//! [`PATIENCE`] for each of both; so does a kept connection on which nothing is asked. An answer may
//! take as long as it takes: events are followed and attachments fetched over slow networks.
//!
//! Cost: a timer for each head, and one for a body that is not there at once.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use futures_util::{FutureExt, StreamExt, stream};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tower::ServiceExt;

use super::paths;
use crate::clock::{Clock, Sleep};

/// How long a head may take, and a body after it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Serves a connection to its end; after `stopped` to the end of the request under way.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    clock: Arc<dyn Clock>,
    mut stopped: watch::Receiver<bool>,
) {
    let timer = ClockTimer(Arc::clone(&clock));
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let mut request = paths::rewrite(request.map(|body| in_time(body, Arc::clone(&clock))));
        request.extensions_mut().insert(ConnectInfo(peer));
        app.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(timer)
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let stopping = async move {
        // An error means that the server itself is gone, which is a stop too.
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        () = stopping => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection of the API broke off");
    }
}

/// A body did not come to its end in time.
#[derive(Debug, thiserror::Error)]
#[error("the body took longer than {} s", PATIENCE.as_secs())]
pub(super) struct LateBody;

/// The body, which breaks off with [`LateBody`] if it takes too long.
fn in_time(body: Incoming, clock: Arc<dyn Clock>) -> Body {
    let mut pieces = Body::new(body).into_data_stream();
    let mut deadline: Option<Sleep> = None;
    Body::from_stream(stream::poll_fn(move |context| {
        if let Poll::Ready(piece) = pieces.poll_next_unpin(context) {
            return Poll::Ready(piece.map(|piece| piece.map_err(axum::BoxError::from)));
        }
        // Most bodies are there when they are asked for, and never need it.
        let deadline = deadline.get_or_insert_with(|| clock.sleep(PATIENCE));
        let late = || Some(Err(LateBody.into()));
        deadline.poll_unpin(context).map(|()| late())
    }))
}

/// Our clock, as hyper asks for it.
#[derive(Clone)]
struct ClockTimer(Arc<dyn Clock>);

impl fmt::Debug for ClockTimer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClockTimer")
    }
}

impl hyper::rt::Timer for ClockTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(ClockSleep(Mutex::new(self.0.sleep(duration))))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        self.sleep(deadline.saturating_duration_since(self.now()))
    }
}

/// A sleep that hyper may share between threads.
struct ClockSleep(Mutex<Sleep>);

impl hyper::rt::Sleep for ClockSleep {}

impl Future for ClockSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let sleep = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        sleep.as_mut().poll(context)
    }
}
