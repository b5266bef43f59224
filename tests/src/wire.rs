//! The little of HTTP/1.1 that the client and the receiver need.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// A request or an answer.
pub(crate) struct Message {
    pub first_line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Message {
    /// Reads one; `None` where the connection ends before it begins.
    pub async fn read(reader: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Self>> {
        let mut first_line = String::new();
        if reader.read_line(&mut first_line).await? == 0 {
            return Ok(None);
        }
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).await?;
            match line.trim_end().split_once(':') {
                Some((name, value)) => {
                    headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
                }
                None => break,
            }
        }
        let mut message = Self {
            first_line: first_line.trim_end().to_owned(),
            headers,
            body: Vec::new(),
        };
        if message.header("transfer-encoding") == "chunked" {
            message.read_chunks(reader).await?;
        } else {
            message.body = vec![0; message.header("content-length").parse().unwrap_or(0)];
            reader.read_exact(&mut message.body).await?;
        }
        Ok(Some(message))
    }

    async fn read_chunks(&mut self, reader: &mut (impl AsyncBufRead + Unpin)) -> io::Result<()> {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).await?;
            let length = usize::from_str_radix(line.trim_end(), 16).map_err(io::Error::other)?;
            let mut chunk = vec![0; length + 2];
            reader.read_exact(&mut chunk).await?;
            self.body
                .extend_from_slice(chunk.get(..length).unwrap_or_default());
            if length == 0 {
                return Ok(());
            }
        }
    }

    /// A header's value, `""` if it is not there.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}
