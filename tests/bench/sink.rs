//! The receiver: a process of its own that answers at once, after 100 ms, or never, and remembers
//! when each numbered message came.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::watch::wall_micros;

const DELAY: Duration = Duration::from_millis(100);
const ANSWER: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

/// The child process; ends with its standard input, so never outlives its parent.
pub struct Sink {
    child: Child,
    address: String,
}

impl Sink {
    pub fn start() -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("sink")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut address)?;
        let address = address.trim().to_owned();
        Ok(Self { child, address })
    }

    /// Where to post: `now`, `slow`, or `hang`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// Waits until so many came to `now` and `slow`; returns (number in the message, microseconds
    /// of its arrival) of each, and forgets them.
    pub async fn take(&self, count: usize) -> anyhow::Result<Vec<(u64, u64)>> {
        self.ask("", count).await
    }

    /// The same of what came to `hang`.
    pub async fn take_hanging(&self, count: usize) -> anyhow::Result<Vec<(u64, u64)>> {
        self.ask("hanging/", count).await
    }

    async fn ask(&self, of: &str, count: usize) -> anyhow::Result<Vec<(u64, u64)>> {
        let mut stream = TcpStream::connect(&self.address).await?;
        let request = format!("GET /{of}{count} HTTP/1.1\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut lines = String::new();
        stream.read_to_string(&mut lines).await?;
        let pair = |line: &str| -> anyhow::Result<(u64, u64)> {
            let (number, micros) = line.split_once(' ').context("a pair")?;
            Ok((number.parse()?, micros.parse()?))
        };
        lines.lines().map(pair).collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Default)]
struct Arrivals {
    list: Mutex<Vec<(u64, u64)>>,
    count: watch::Sender<usize>,
}

impl Arrivals {
    fn file(&self, number: u64) {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.push((number, wall_micros()));
        self.count.send_replace(list.len());
    }
}

/// The child's main.
pub fn serve() -> anyhow::Result<()> {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let arrivals = Arc::<Arrivals>::default();
        let hanging = Arc::<Arrivals>::default();
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let (arrivals, hanging) = (Arc::clone(&arrivals), Arc::clone(&hanging));
            // A connection that breaks is the client's affair.
            tokio::spawn(async move { drop(converse(stream, &arrivals, &hanging).await) });
        }
    })
}

async fn converse(
    mut stream: TcpStream,
    arrivals: &Arrivals,
    hanging: &Arrivals,
) -> anyhow::Result<()> {
    let mut buffer = Vec::with_capacity(4096);
    loop {
        let Some(head) = find(&buffer, b"\r\n\r\n") else {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let lower = buffer[..head].to_ascii_lowercase();
        let length = number_after(&lower, b"content-length: ").unwrap_or(0) as usize;
        let end = head + 4 + length;
        while buffer.len() < end {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
        }
        if buffer.starts_with(b"GET /hanging/") {
            let wanted = number_after(&buffer, b"GET /hanging/").unwrap_or(0) as usize;
            return report(stream, hanging, wanted).await;
        }
        if buffer.starts_with(b"GET") {
            let wanted = number_after(&buffer, b"GET /").unwrap_or(0) as usize;
            return report(stream, arrivals, wanted).await;
        }
        if buffer.starts_with(b"POST /hang") {
            hanging.file(0);
            return std::future::pending().await;
        }
        let number = number_after(&buffer, br#""message":""#).unwrap_or(0);
        if buffer.starts_with(b"POST /slow") {
            #[allow(clippy::disallowed_methods, reason = "a receiver that thinks")]
            tokio::time::sleep(DELAY).await;
        }
        arrivals.file(number);
        buffer.drain(..end);
        stream.write_all(ANSWER).await?;
    }
}

async fn report(mut stream: TcpStream, arrivals: &Arrivals, wanted: usize) -> anyhow::Result<()> {
    arrivals
        .count
        .subscribe()
        .wait_for(|count| *count >= wanted)
        .await?;
    let list = std::mem::take(&mut *arrivals.list.lock().unwrap_or_else(PoisonError::into_inner));
    let lines: String = list
        .iter()
        .map(|(number, micros)| format!("{number} {micros}\n"))
        .collect();
    stream.write_all(lines.as_bytes()).await?;
    Ok(())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn number_after(haystack: &[u8], needle: &[u8]) -> Option<u64> {
    let rest = haystack.get(find(haystack, needle)? + needle.len()..)?;
    let digits: Vec<u8> = rest
        .iter()
        .copied()
        .take_while(u8::is_ascii_digit)
        .collect();
    String::from_utf8(digits).ok()?.parse().ok()
}
