//! The API against a bare axum route.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;

use anyhow::Context;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use simrelay_core::server::Server;
use tokio::runtime::Runtime;

use crate::rig::{PASSWORD, Rig};
use crate::watch::{Table, Watch};

const CONNECTIONS: usize = 8;
const REQUESTS: usize = 5_000;
const ROUNDS: usize = 5;

/// `GET /webhooks` with authentication, against a route that answers the same bytes.
pub fn list_of_webhooks(table: &mut Table) -> anyhow::Result<()> {
    let rig = Rig::open(&vec!["https://receiver.invalid/".into(); 4])?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let server = Server::start(&rig.gateway, rig.runtime.handle(), vec![listener], None)?;
    let ours = *server.addresses().first().context("the API listens")?;
    let authorization = format!("Basic {}", STANDARD.encode(format!("sms:{PASSWORD}")));
    let (_, body) = Connection::open(ours, "/webhooks", &authorization)?.ask()?;
    let bare = bare_route(&rig.runtime, body)?;
    let (mut our_rate, mut bare_rate) = (0.0_f64, 0.0_f64);
    for _ in 0..ROUNDS {
        bare_rate = bare_rate.max(measure(bare, &authorization)?);
        our_rate = our_rate.max(measure(ours, &authorization)?);
    }
    table.at_least(
        "GET /webhooks, against a bare axum route with the same answer",
        100.0 * our_rate / bare_rate,
        70.0,
        " %",
        &format!("{our_rate:.0}/s, bare {bare_rate:.0}/s"),
    );
    Ok(())
}

fn bare_route(runtime: &Runtime, body: Vec<u8>) -> anyhow::Result<SocketAddr> {
    let answer = move || async move { ([(CONTENT_TYPE, "application/json")], body) };
    let routes = Router::new().route("/webhooks", get(answer));
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    runtime.spawn(async move { axum::serve(listener, routes).await });
    Ok(address)
}

/// Requests a second, by a load generator in a process of its own.
fn measure(address: SocketAddr, authorization: &str) -> anyhow::Result<f64> {
    let output = Command::new(std::env::current_exe()?)
        .args(["load", &address.to_string(), "/webhooks", authorization])
        .output()?;
    anyhow::ensure!(output.status.success(), "the load generator failed");
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// The child's main: prints how many requests a second were answered 200.
pub fn load(address: &str, path: &str, authorization: &str) -> anyhow::Result<()> {
    let address: SocketAddr = address.parse()?;
    let watch = Watch::start();
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (path, authorization) = (path.to_owned(), authorization.to_owned());
            thread::spawn(move || {
                let mut connection = Connection::open(address, &path, &authorization)?;
                for _ in 0..REQUESTS {
                    let (status, _) = connection.ask()?;
                    anyhow::ensure!(status == 200, "answered {status}");
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for worker in workers {
        worker.join().ok().context("a worker panicked")??;
    }
    println!(
        "{}",
        (CONNECTIONS * REQUESTS) as f64 / watch.elapsed().as_secs_f64()
    );
    Ok(())
}

pub struct Connection {
    reader: BufReader<TcpStream>,
    request: String,
}

impl Connection {
    fn open(address: SocketAddr, path: &str, authorization: &str) -> anyhow::Result<Self> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: {authorization}\r\n\r\n"
        );
        Self::with_request(address, request)
    }

    /// A connection for this request, as often as it is asked.
    pub fn with_request(address: SocketAddr, request: String) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            reader: BufReader::new(stream),
            request,
        })
    }

    /// The status and the body.
    pub fn ask(&mut self) -> anyhow::Result<(u16, Vec<u8>)> {
        self.reader.get_mut().write_all(self.request.as_bytes())?;
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let status = line.split(' ').nth(1).context("a status")?.parse()?;
        let mut length = 0;
        loop {
            line.clear();
            self.reader.read_line(&mut line)?;
            match line.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse()?;
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body)?;
        Ok((status, body))
    }
}
