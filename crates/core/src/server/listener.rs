//! Serves the API on its sockets.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceBuilder;

use super::connection::Serving;
use super::{Extra, connection, router};
use crate::gateway::Gateway;
use crate::http::permits::Permits;
use crate::model::clock::Clock;
use crate::web::{Listening, Stopping};

/// The pause after an accept that failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The running API.
pub struct Server {
    addresses: Vec<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    clock: Arc<dyn Clock>,
}

impl Server {
    /// Serves the API on sockets that are already bound. For `extra` see [`router`].
    pub fn start(
        gateway: &Arc<Gateway>,
        runtime: &Handle,
        listeners: Vec<TcpListener>,
        extra: Option<Extra>,
    ) -> io::Result<Self> {
        let _entered = runtime.enter();
        let app = router(gateway, extra);
        let (stop, stopped) = watch::channel(false);
        let bound = listeners.iter().map(TcpListener::local_addr);
        let addresses = bound.collect::<io::Result<Vec<_>>>()?;
        let app = app.layer(
            ServiceBuilder::new()
                // Streams that follow changes must not delay a stop.
                .layer(Extension(Stopping(stopped.clone())))
                // The page shows clients these addresses.
                .layer(Extension(Listening(addresses.as_slice().into()))),
        );
        let permits = Permits::new();
        let mut tasks = Vec::new();
        for listener in listeners {
            listener.set_nonblocking(true)?;
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let serving = Serving {
                app: app.clone(),
                clock: Arc::clone(gateway.clock()),
                stopped: stopped.clone(),
            };
            tasks.push(runtime.spawn(accept(listener, Arc::clone(&permits), serving)));
        }
        Ok(Self {
            addresses,
            stop,
            tasks,
            clock: Arc::clone(gateway.clock()),
        })
    }

    /// Returns the addresses where it listens, with real port numbers.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Accepts no more requests and waits for those under way, for at most `timeout`.
    pub async fn stop(self, timeout: Duration) {
        let _ = self.stop.send(true);
        crate::model::clock::end_all(&*self.clock, self.tasks, timeout).await;
    }
}

/// Serves every connection in a task of its own; the tasks end with this one.
async fn accept(listener: tokio::net::TcpListener, permits: Arc<Permits>, serving: Serving) {
    let mut stopping = serving.stopped.clone();
    let mut stop = pin!(async move {
        // An error means that the server itself is gone, which is a stop too.
        let _ = stopping.wait_for(|stop| *stop).await;
    });
    let next = || async {
        let (stream, peer) = next(&listener, &permits, &*serving.clock).await;
        let permit = permits.admit(peer.ip()).await;
        (stream, peer, permit)
    };
    // An accepted connection that waits for a place must not be lost when another one ends.
    let mut coming = pin!(next());
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            (stream, peer, permit) = &mut coming => {
                coming.set(next());
                // An answer is one write; waiting for more only delays it.
                let _ = stream.set_nodelay(true);
                connections.spawn(connection::serve(stream, peer, permit, serving.clone()));
            }
            // A panic was reported by its request already.
            Some(_) = connections.join_next() => {}
            () = &mut stop => break,
        }
    }
    // Connections in the queue are refused now, not after the last request has ended.
    coming.set(next());
    while connections.join_next().await.is_some() {}
}

/// Returns the next connection. If the system has no descriptor left for it, ends a waiting one.
async fn next(
    listener: &tokio::net::TcpListener,
    permits: &Permits,
    clock: &dyn Clock,
) -> (TcpStream, SocketAddr) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    let mut is_told = false;
    loop {
        let error = match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => error,
        };
        // The client left before it was accepted.
        if matches!(
            error.kind(),
            ConnectionAborted | ConnectionRefused | ConnectionReset
        ) {
            continue;
        }
        if !std::mem::replace(&mut is_told, true) {
            tracing::warn!(%error, "the API cannot accept connections now; retrying");
        }
        permits.end_one();
        clock.sleep(ACCEPT_PAUSE).await;
    }
}
