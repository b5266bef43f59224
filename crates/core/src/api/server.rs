//! The API on its sockets.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::{Listener, ListenerExt};
use axum::{Extension, Router};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tower::ServiceBuilder;

use super::{Extra, connection, router};
use crate::clock::Clock;
use crate::gateway::Gateway;
use crate::web::{Listening, Stopping};

/// The running API.
pub struct Server {
    addresses: Vec<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    clock: Arc<dyn Clock>,
}

impl Server {
    /// Serves the API on sockets that are already bound. `extra` as in [`router`].
    pub fn start(
        gateway: &Arc<Gateway>,
        runtime: &Handle,
        listeners: Vec<TcpListener>,
        extra: Option<Extra>,
    ) -> io::Result<Self> {
        let _entered = runtime.enter();
        let app = router(Arc::clone(gateway), extra);
        let (stop, stopped) = watch::channel(false);
        let bound = listeners.iter().map(TcpListener::local_addr);
        let addresses = bound.collect::<io::Result<Vec<_>>>()?;
        let app = app.layer(
            ServiceBuilder::new()
                // What follows changes must not keep a stop waiting.
                .layer(Extension(Stopping(stopped.clone())))
                // The page tells clients where to come.
                .layer(Extension(Listening(addresses.as_slice().into()))),
        );
        let mut tasks = Vec::new();
        for listener in listeners {
            listener.set_nonblocking(true)?;
            let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|connection| {
                // An answer is one write; waiting for more only delays it.
                let _ = connection.set_nodelay(true);
            });
            let (app, stopped) = (app.clone(), stopped.clone());
            let clock = Arc::clone(gateway.clock());
            tasks.push(runtime.spawn(accept(listener, app, clock, stopped)));
        }
        Ok(Self {
            addresses,
            stop,
            tasks,
            clock: Arc::clone(gateway.clock()),
        })
    }

    /// Where it listens, with real port numbers.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Takes no more requests and waits for those under way, for at most `timeout`.
    pub async fn stop(self, timeout: Duration) {
        let _ = self.stop.send(true);
        crate::clock::end_all(&*self.clock, self.tasks, timeout).await;
    }
}

/// Serves every connection on a task of its own; they end with this.
async fn accept(
    mut listener: impl Listener<Io = TcpStream, Addr = SocketAddr>,
    app: Router,
    clock: Arc<dyn Clock>,
    stopped: watch::Receiver<bool>,
) {
    let mut stopping = stopped.clone();
    let mut stop = pin!(async move {
        // An error means that the server itself is gone, which is a stop too.
        let _ = stopping.wait_for(|stop| *stop).await;
    });
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            (stream, peer) = listener.accept() => {
                let (app, clock) = (app.clone(), Arc::clone(&clock));
                connections.spawn(connection::serve(stream, peer, app, clock, stopped.clone()));
            }
            // One that panicked was told of by its request.
            Some(_) = connections.join_next() => {}
            () = &mut stop => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}
