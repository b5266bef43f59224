//! A client of the API: one connection a request.

use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};

use crate::wire::Message;

/// What the API said.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    headers: Message,
}

impl Answer {
    /// A header's value, `""` if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.header(name)
    }

    /// The body as it came.
    pub fn bytes(&self) -> &[u8] {
        &self.headers.body
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.headers.body).into_owned()
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.headers.body).unwrap_or(Value::Null)
    }

    /// The sentence of an error.
    pub fn sentence(&self) -> String {
        self.json()["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

/// An answer that goes on.
pub struct Followed {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Followed {
    /// Reads until a text came; what came so far.
    pub async fn until(&mut self, text: &str) -> String {
        loop {
            let all = String::from_utf8_lossy(&self.read).into_owned();
            if all.contains(text) {
                return all;
            }
            let mut more = [0; 1024];
            let count = self.stream.read(&mut more).await.expect("it goes on");
            assert!(count > 0, "it ended before {text:?} came: {all}");
            self.read.extend_from_slice(&more[..count]);
        }
    }

    /// Reads until it ends.
    pub async fn to_its_end(mut self) -> String {
        let end = self.stream.read_to_end(&mut self.read).await;
        end.expect("it ends in order");
        String::from_utf8_lossy(&self.read).into_owned()
    }
}

/// A client with credentials and an address of its own.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    from: SocketAddr,
    authorization: Option<String>,
    more: Vec<(String, String)>,
}

impl Client {
    /// Asks that API with Basic authentication.
    pub fn new(address: SocketAddr, user: &str, password: &str) -> Self {
        let authorization = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        Self {
            address,
            from: ([127, 0, 0, 1], 0).into(),
            authorization: Some(authorization),
            more: Vec::new(),
        }
    }

    /// Where it asks.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same with one more header.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.more.push((name.to_owned(), value.to_owned()));
        client
    }

    /// The same with this `Authorization` header, or none.
    pub fn authorized(&self, authorization: Option<&str>) -> Self {
        Self {
            authorization: authorization.map(str::to_owned),
            ..self.clone()
        }
    }

    /// The same from another address of the loopback network.
    pub fn from_peer(&self, last: u8) -> Self {
        Self {
            from: ([127, 0, 0, last], 0).into(),
            ..self.clone()
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", "").await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, "application/json", &body.to_string())
            .await
    }

    /// Any method with JSON.
    pub async fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, "application/json", &body.to_string())
            .await
    }

    /// Any request.
    pub async fn send(&self, method: &str, path: &str, content_type: &str, body: &str) -> Answer {
        self.send_bytes(method, path, content_type, body.as_bytes())
            .await
    }

    /// Any request with any body.
    pub async fn send_bytes(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> Answer {
        let mut stream = self.connect().await.expect("the API listens");
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n");
        if let Some(authorization) = &self.authorization {
            head += &format!("Authorization: {authorization}\r\n");
        }
        for (name, value) in &self.more {
            head += &format!("{name}: {value}\r\n");
        }
        if !content_type.is_empty() {
            head += &format!("Content-Type: {content_type}\r\n");
        }
        head += &format!("Content-Length: {}\r\n\r\n", body.len());
        // The API may refuse a body before it has read all of it.
        let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
        let message = Message::read(&mut BufReader::new(stream)).await;
        let headers = message.expect("an answer").expect("an answer");
        let status = headers
            .first_line
            .split(' ')
            .nth(1)
            .and_then(|word| word.parse().ok());
        Answer {
            status: status.expect("a status"),
            headers,
        }
    }

    /// Asks for something that goes on, and leaves it to be read.
    pub async fn follow(&self, path: &str) -> Followed {
        let mut stream = self.connect().await.expect("the API listens");
        let mut head = format!("GET {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n");
        for (name, value) in &self.more {
            head += &format!("{name}: {value}\r\n");
        }
        let sent = stream.write_all((head + "\r\n").as_bytes()).await;
        sent.expect("the API reads");
        Followed {
            stream,
            read: Vec::new(),
        }
    }

    /// From its own address; there is but one of IPv6.
    async fn connect(&self) -> std::io::Result<TcpStream> {
        if self.address.is_ipv6() {
            return TcpStream::connect(self.address).await;
        }
        let socket = TcpSocket::new_v4()?;
        socket.bind(self.from)?;
        socket.connect(self.address).await
    }
}
