//! A receiver that does what its script says.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio_rustls::TlsAcceptor;

use crate::lab::within;
use crate::wire::Message;

/// What to do with a request once it was read.
#[derive(Clone)]
pub enum Reply {
    /// Answer with this status.
    Status(u16),
    /// Answer 200 once told.
    When(Arc<Notify>),
    /// Close without an answer once told.
    CloseWhen(Arc<Notify>),
    /// Never answer.
    Hang,
    /// Close without an answer.
    Close,
    /// Reset the connection.
    Reset,
    /// Write these bytes, then stay silent.
    Raw(&'static str),
    /// Answer 200 with a body that never ends.
    Endless,
}

/// A request that arrived.
pub struct Arrival {
    message: Message,
}

impl Arrival {
    /// A header's value, `""` if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.message.header(name)
    }

    /// The path with its query.
    pub fn path(&self) -> &str {
        self.message
            .first_line
            .split(' ')
            .nth(1)
            .unwrap_or_default()
    }

    /// The body's bytes.
    pub fn body(&self) -> &[u8] {
        &self.message.body
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.message.body).expect("bodies are JSON")
    }
}

#[derive(Clone)]
struct Script {
    next: Arc<Mutex<VecDeque<Reply>>>,
    otherwise: Arc<Mutex<Reply>>,
    arrivals: mpsc::UnboundedSender<Arrival>,
}

/// The receiver; ends with the test's runtime.
pub struct Receiver {
    address: SocketAddr,
    scheme: &'static str,
    script: Script,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
}

impl Receiver {
    /// Answers 200 unless told otherwise.
    pub async fn start() -> Self {
        Self::serve(None).await
    }

    /// The same over TLS.
    pub async fn start_tls(config: ServerConfig) -> Self {
        Self::serve(Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn serve(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, arrivals) = mpsc::unbounded_channel();
        let script = Script {
            next: Arc::default(),
            otherwise: Arc::new(Mutex::new(Reply::Status(200))),
            arrivals: sender,
        };
        let scheme = if tls.is_some() { "https" } else { "http" };
        let serving = script.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, tls) = (serving.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => script.serve_plain(stream).await,
                        Some(tls) => {
                            // A client that does not trust us hangs up.
                            if let Ok(stream) = tls.accept(stream).await {
                                script.serve(stream).await;
                            }
                        }
                    }
                });
            }
        });
        Self {
            address,
            scheme,
            script,
            arrivals,
        }
    }

    /// Its URL on that host with this path.
    pub fn url_on(&self, host: &str, path: &str) -> String {
        format!("{}://{host}:{}{path}", self.scheme, self.address.port())
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.url_on("127.0.0.1", "/hook?key=secret-in-query")
    }

    /// What to do with the next requests, in this order.
    pub fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        lock(&self.script.next).extend(replies);
    }

    /// What to do with requests that no script is for.
    pub fn otherwise(&self, reply: Reply) {
        *lock(&self.script.otherwise) = reply;
    }

    /// The next request.
    pub async fn next(&mut self) -> Arrival {
        within("a request arrives", self.arrivals.recv())
            .await
            .expect("the receiver runs")
    }

    /// How many requests arrived that nobody has looked at.
    pub fn waiting(&self) -> usize {
        self.arrivals.len()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Script {
    async fn serve_plain(&self, stream: TcpStream) {
        // Without lingering, a close is a reset.
        let resets = matches!(lock(&self.next).front(), Some(Reply::Reset));
        if resets {
            #[allow(deprecated, reason = "a linger of zero blocks nobody")]
            stream
                .set_linger(Some(std::time::Duration::ZERO))
                .expect("a socket option");
        }
        self.serve(stream).await;
    }

    async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let mut stream = BufReader::new(stream);
        while let Ok(Some(message)) = Message::read(&mut stream).await {
            let reply = lock(&self.next)
                .pop_front()
                .unwrap_or_else(|| lock(&self.otherwise).clone());
            // A test that ended no longer wants to know.
            let _ = self.arrivals.send(Arrival { message });
            if !reply.give(&mut stream).await {
                return;
            }
        }
    }
}

impl Reply {
    /// False if the connection ends with it.
    async fn give(self, stream: &mut (impl AsyncWrite + Unpin)) -> bool {
        let text = match self {
            Self::Status(status) => {
                format!("HTTP/1.1 {status} Status\r\nContent-Length: 2\r\nLocation: /x\r\n\r\nok")
            }
            Self::When(told) => {
                told.notified().await;
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".into()
            }
            Self::CloseWhen(told) => {
                told.notified().await;
                return false;
            }
            Self::Hang => return std::future::pending().await,
            Self::Close | Self::Reset => return false,
            Self::Raw(text) => {
                let written = async { stream.write_all(text.as_bytes()).await };
                let flushed = written.await.is_ok() && stream.flush().await.is_ok();
                return flushed && std::future::pending().await;
            }
            Self::Endless => {
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";
                let mut alive = stream.write_all(head.as_bytes()).await.is_ok();
                while alive {
                    alive = stream.write_all(&[b'x'; 65_536]).await.is_ok();
                }
                return false;
            }
        };
        stream.write_all(text.as_bytes()).await.is_ok() && stream.flush().await.is_ok()
    }
}
