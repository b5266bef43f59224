//! One request and its response over a connection. The response is read while the request is still
//! being sent, because a receiver may answer and hang up before it has read everything.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::buf::Chain;
use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Stream;
use super::answer::Answer;

/// The size of one read.
const READ: usize = 4 * 1024;

/// Why there is no status.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The connection ended or failed before the first byte of a response.
    Unanswered(io::Error),
    /// It ended or failed within a response, before the status.
    Within(io::Error),
    /// The response is not HTTP.
    NotHttp {
        /// Its first bytes, in printable form.
        first_bytes: String,
        tls: bool,
    },
}

/// A request in progress.
pub(crate) struct Exchange {
    stream: Stream,
    unsent: Chain<Bytes, Bytes>,
    sent: Result<Progress, io::Error>,
    buffer: Box<[u8]>,
    answer: Answer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Writing,
    Flushed,
}

impl Exchange {
    pub fn new(stream: Stream, head: Bytes, body: Bytes) -> Self {
        Self {
            stream,
            unsent: head.chain(body),
            sent: Ok(Progress::Writing),
            buffer: vec![0; READ].into_boxed_slice(),
            answer: Answer::default(),
        }
    }

    /// Sends the request and reads until the final status is known. `patience` ends the collection
    /// of bytes that are not HTTP but are to be shown.
    pub async fn status(&mut self, patience: impl Future<Output = ()>) -> Result<u16, Broken> {
        while !self.answer.is_no_http() {
            if let Some(status) = self.answer.status() {
                return Ok(status);
            }
            if let Err(error) = self.read().await {
                return Err(match self.answer.has_begun() {
                    false => Broken::Unanswered(error),
                    true => Broken::Within(error),
                });
            }
        }
        let gather = async { while !self.answer.is_garbled() && self.read().await.is_ok() {} };
        tokio::select! {
            biased;
            () = gather => {}
            () = patience => {}
        }
        Err(Broken::NotHttp {
            first_bytes: self.answer.first_bytes(),
            tls: self.answer.is_tls(),
        })
    }

    /// Reads on until the response is complete or enough of it has been read.
    pub async fn finish(&mut self) {
        while !self.is_over() && self.read().await.is_ok() {}
    }

    /// Returns the beginning of the response's body.
    pub fn body_head(&self) -> String {
        self.answer.body_head()
    }

    /// Returns the connection if it can be reused.
    pub fn into_usable(self) -> Option<Stream> {
        let whole = matches!(self.sent, Ok(Progress::Flushed));
        (whole && self.answer.leaves_a_usable_connection()).then_some(self.stream)
    }

    /// Returns whether the exchange is finished. A request that is still being sent is not, because
    /// the receiver may still want it.
    fn is_over(&self) -> bool {
        self.answer.is_enough() && !matches!(self.sent, Ok(Progress::Writing))
    }

    /// Reads some of the response. The end of the connection is an error.
    async fn read(&mut self) -> io::Result<()> {
        poll_fn(|context| self.poll_read(context)).await
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let was_writing = matches!(self.sent, Ok(Progress::Writing));
        self.poll_send(context);
        if self.answer.is_enough() {
            // Only the request is still in progress.
            return match (was_writing, &self.sent) {
                (true, Ok(Progress::Writing)) => Poll::Pending,
                _ => Poll::Ready(Ok(())),
            };
        }
        let mut buffer = ReadBuf::new(&mut self.buffer);
        let read = Pin::new(&mut self.stream).poll_read(context, &mut buffer);
        // A response takes precedence over a failure to send the rest of the request.
        if read.is_pending()
            && let Err(error) = &self.sent
        {
            return Poll::Ready(Err(copy_of(error)));
        }
        ready!(read)?;
        if buffer.filled().is_empty() {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        self.answer.take(buffer.filled());
        Poll::Ready(Ok(()))
    }

    fn poll_send(&mut self, context: &mut Context<'_>) {
        while let Ok(Progress::Writing) = self.sent {
            let stream = Pin::new(&mut self.stream);
            if !self.unsent.has_remaining() {
                match stream.poll_flush(context) {
                    Poll::Pending => return,
                    Poll::Ready(flushed) => self.sent = flushed.map(|()| Progress::Flushed),
                }
                continue;
            }
            let mut slices = [IoSlice::new(&[]); 2];
            let filled = self.unsent.chunks_vectored(&mut slices);
            let slices = slices.get(..filled).unwrap_or_default();
            match stream.poll_write_vectored(context, slices) {
                Poll::Pending => return,
                Poll::Ready(Ok(0)) => self.sent = Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(written)) => self.unsent.advance(written),
                Poll::Ready(Err(error)) => self.sent = Err(error),
            }
        }
    }
}

/// Copies an error of the system.
fn copy_of(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
    }
}
