//! The little of HTTP that clients and receivers of the crash test need.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

use crate::host::{PASSWORD, USER};

/// Posts JSON to the gateway; the status and the answer.
pub fn post(address: &str, path: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
    ask(address, "POST", path, &body.to_string())
}

/// Gets JSON from the gateway; the status and the answer.
pub fn get(address: &str, path: &str) -> anyhow::Result<(u16, Value)> {
    ask(address, "GET", path, "")
}

fn ask(address: &str, method: &str, path: &str, body: &str) -> anyhow::Result<(u16, Value)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let authorization = base64(format!("{USER}:{PASSWORD}").as_bytes());
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Basic {authorization}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let (first, body) = read_message(&mut BufReader::new(stream))?.context("no answer")?;
    let status = first
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .context("no status")?;
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

/// The first line and the body of a request or an answer; `None` at the end of the connection.
pub fn read_message(reader: &mut impl BufRead) -> anyhow::Result<Option<(String, Vec<u8>)>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            anyhow::bail!("the connection ended within the headers");
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((first, body)))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let word = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
            let bits = word(0) << 16 | word(1) << 8 | word(2);
            (0..4).map(move |digit| {
                let index = (bits >> (18 - 6 * digit) & 63) as usize;
                if digit > chunk.len() {
                    '='
                } else {
                    char::from(DIGITS[index])
                }
            })
        })
        .collect()
}
