//! One connection of the API, and how long a client may take to send a request.
//!
//! A client that sends its head or its body a byte at a time would hold a connection for ever. It
//! has [`HEAD`] and [`BODY_TIMEOUT`] for them; a kept connection without a request has [`HEAD`]
//! too. An answer may take any time as long as the client reads it ([`super::socket`]), because
//! clients follow events and fetch attachments over slow networks. A waiting client may lose its
//! place ([`crate::http::permits`]).
//!
//! Cost: almost nothing until the first byte comes; then a read buffer of 8 KiB, or 16 for a long
//! head. A timer for each head, and one for a body that does not come at once.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tower::ServiceExt;

use super::paths;
use super::socket::Socket;
use crate::http::body::{BODY_TIMEOUT, LateBody};
use crate::http::permits::Permit;
use crate::model::clock::{Clock, Sleep};

/// How long a head may take, and how long a silent connection is kept.
const HEAD: Duration = Duration::from_secs(30);
/// The size limit of a head, and the most that is read ahead of a body.
const READ_AHEAD: usize = 16 * 1024;

/// The dependencies of every connection of a server.
#[derive(Clone)]
pub(crate) struct Serving {
    pub app: Router,
    pub clock: Arc<dyn Clock>,
    pub stopped: watch::Receiver<bool>,
}

/// Serves a connection until it ends or its place is taken; after a stop, until the request under
/// way ends.
pub(crate) async fn serve(stream: TcpStream, peer: SocketAddr, permit: Permit, serving: Serving) {
    let permit = Arc::new(permit);
    tokio::select! {
        () = begin(stream, peer, Arc::clone(&permit), serving) => {}
        () = permit.taken() => tracing::debug!("an API connection was closed to make room for another"),
    }
}

/// Waits for the first byte before it allocates anything for the connection.
async fn begin(stream: TcpStream, peer: SocketAddr, permit: Arc<Permit>, serving: Serving) {
    let mut stopped = serving.stopped.clone();
    let mut first = [0; 1];
    tokio::select! {
        // A new socket counts as readable until somebody has tried to read.
        _ = stream.peek(&mut first) => {}
        () = serving.clock.sleep(HEAD) => return,
        // An error means that the server itself is gone, which is a stop too.
        _ = stopped.wait_for(|stop| *stop) => return,
    }
    boxed(stream, peer, permit, serving).await;
}

/// A function of its own, because a future that is made within another takes its space there, boxed
/// or not, and this one has some 10 KiB.
fn boxed(
    stream: TcpStream,
    peer: SocketAddr,
    permit: Arc<Permit>,
    serving: Serving,
) -> BoxFuture<'static, ()> {
    Box::pin(requests(stream, peer, permit, serving))
}

async fn requests(stream: TcpStream, peer: SocketAddr, permit: Arc<Permit>, serving: Serving) {
    let Serving {
        app,
        clock,
        mut stopped,
    } = serving;
    let timer = ClockTimer(Arc::clone(&clock));
    let socket = Socket::new(stream, Arc::clone(&permit), Arc::clone(&clock));
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let has_body = !request.body().is_end_stream();
        permit.asked(has_body);
        let body = |body| match has_body {
            true => in_time(body, Arc::clone(&clock), Arc::clone(&permit)),
            false => Body::empty(),
        };
        let mut request = paths::rewrite(request.map(body));
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(Arc::clone(&permit));
        let answer = app.clone().oneshot(request);
        let permit = Arc::clone(&permit);
        answer.map(|answer| answer.map(|answer| answer.map(|body| Answer { body, permit })))
    });
    let mut http = http1::Builder::new();
    http.timer(timer)
        .header_read_timeout(HEAD)
        .max_buf_size(READ_AHEAD);
    let mut connection = pin!(http.serve_connection(TokioIo::new(socket), service));
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
        tracing::debug!(%error, "an API connection failed");
    }
}

/// The body of an answer, which reports to the permit of its connection when it is written.
struct Answer {
    body: Body,
    permit: Arc<Permit>,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.permit.answered();
    }
}

/// Returns the body, which fails with [`LateBody`] if it takes too long.
fn in_time(body: Incoming, clock: Arc<dyn Clock>, permit: Arc<Permit>) -> Body {
    let mut pieces = Body::new(body).into_data_stream();
    let mut deadline: Option<Sleep> = None;
    Body::from_stream(stream::poll_fn(move |context| {
        if let Poll::Ready(piece) = pieces.poll_next_unpin(context) {
            if piece.is_none() {
                permit.body_read();
            }
            return Poll::Ready(piece.map(|piece| piece.map_err(axum::BoxError::from)));
        }
        // Most bodies are complete when they are read, and never need the timer.
        let deadline = deadline.get_or_insert_with(|| {
            permit.body_awaited();
            clock.sleep(BODY_TIMEOUT)
        });
        let late = || Some(Err(LateBody.into()));
        deadline.poll_unpin(context).map(|()| late())
    }))
}

/// Our clock, in the form that hyper needs.
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

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::http::permits::Permits;
    use crate::model::clock::SystemClock;

    #[tokio::test]
    async fn connection_without_a_request_takes_little_memory() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = listener.local_addr().unwrap();
        let stream = TcpStream::connect(peer).await.unwrap();
        let permit = Permits::new().admit(peer.ip()).await;
        let serving = Serving {
            app: Router::new(),
            clock: Arc::new(SystemClock::default()),
            stopped: watch::channel(false).1,
        };
        let silent = serve(stream, peer, permit, serving);
        assert!(size_of_val(&silent) < 1_024, "{}", size_of_val(&silent));
    }
}
