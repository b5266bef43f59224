//! The socket of a connection: gives up on clients that do not read, and lets an answer arrive at
//! clients that are still sending.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::http::permits::Permit;
use crate::model::clock::{Clock, Sleep};

/// How long an answer may wait without the client reading a byte of it.
const UNREAD: Duration = Duration::from_secs(30);
/// How long the server reads and discards what the client still sends after the last answer. A
/// connection that is closed with unread bytes is reset, and the answer may be lost with it (RFC
/// 9112 9.6).
const LINGER: Duration = Duration::from_secs(2);

pub(crate) struct Socket {
    stream: TcpStream,
    permit: Arc<Permit>,
    clock: Arc<dyn Clock>,
    /// Limits the wait for the client to read.
    unread: Option<Sleep>,
    linger: Option<Sleep>,
    has_written: bool,
}

impl Socket {
    pub fn new(stream: TcpStream, permit: Arc<Permit>, clock: Arc<dyn Clock>) -> Self {
        Self {
            stream,
            permit,
            clock,
            unread: None,
            linger: None,
            has_written: false,
        }
    }

    /// Returns the result of a write, or an error if the client has not read for [`UNREAD`].
    fn written(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.has_written = true;
            if self.unread.take().is_some() {
                self.permit.read_by_client(true);
            }
            return written;
        }
        let (permit, clock) = (&self.permit, &self.clock);
        let unread = self.unread.get_or_insert_with(|| {
            permit.read_by_client(false);
            clock.sleep(UNREAD)
        });
        ready!(unread.poll_unpin(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            self.permit.head_begins();
        }
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        if !self.has_written || !self.permit.is_amid_request() {
            return Poll::Ready(Ok(()));
        }
        let this = &mut *self;
        let linger = this.linger.get_or_insert_with(|| this.clock.sleep(LINGER));
        if linger.poll_unpin(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let mut waste = [0; 4096];
        loop {
            let mut buffer = ReadBuf::new(&mut waste);
            let read = ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
