//! Connections that are kept for the next request to the same origin.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};

use super::{Origin, Stream};
use crate::model::clock::Clock;

/// How long an idle connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// The kept connections for one state of trust and network.
pub(crate) struct Pool {
    clock: Arc<dyn Clock>,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    /// By origin, the latest last.
    streams: HashMap<Origin, Vec<(Stream, Duration)>>,
    /// Whether a task is running that closes idle connections.
    swept: bool,
}

impl Pool {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let kept = Arc::default();
        Self { clock, kept }
    }

    /// Returns the most recently used connection that the receiver has not closed.
    pub fn take(&self, origin: &Origin) -> Option<Stream> {
        let mut kept = lock(&self.kept);
        let streams = kept.streams.get_mut(origin)?;
        let now = self.clock.monotonic();
        while let Some((mut stream, since)) = streams.pop() {
            if now.saturating_sub(since) < IDLE_TIMEOUT && is_silent(&mut stream) {
                return Some(stream);
            }
        }
        None
    }

    /// Keeps a connection whose last response was read completely.
    pub fn keep(&self, origin: Origin, stream: Stream) {
        let mut kept = lock(&self.kept);
        let entry = (stream, self.clock.monotonic());
        kept.streams.entry(origin).or_default().push(entry);
        if !kept.swept {
            kept.swept = true;
            let kept = Arc::downgrade(&self.kept);
            tokio::spawn(sweep(kept, Arc::clone(&self.clock)));
        }
    }
}

/// Closes idle connections until none is left.
async fn sweep(kept: Weak<Mutex<Kept>>, clock: Arc<dyn Clock>) {
    loop {
        clock.sleep(IDLE_TIMEOUT).await;
        let Some(kept) = kept.upgrade() else {
            return;
        };
        let now = clock.monotonic();
        let mut kept = lock(&kept);
        kept.streams.retain(|_, streams| {
            streams.retain(|(_, since)| now.saturating_sub(*since) < IDLE_TIMEOUT);
            !streams.is_empty()
        });
        if kept.streams.is_empty() {
            kept.swept = false;
            return;
        }
    }
}

/// Returns whether nothing unexpected came: neither the end of the connection nor bytes.
fn is_silent(stream: &mut Stream) -> bool {
    let mut byte = [0];
    let mut buffer = ReadBuf::new(&mut byte);
    let mut context = Context::from_waker(Waker::noop());
    let read = Pin::new(stream).poll_read(&mut context, &mut buffer);
    matches!(read, Poll::Pending)
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpStream};
    use url::Url;

    use super::*;
    use crate::model::clock::{ManualClock, UnixMillis};

    async fn connection() -> (Stream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (ours, theirs) = tokio::join!(TcpStream::connect(address), listener.accept());
        (Stream::Plain(ours.unwrap()), theirs.unwrap().0)
    }

    #[tokio::test]
    async fn pool_keeps_a_connection_for_its_origin_and_for_five_seconds() {
        let clock = Arc::new(ManualClock::new(UnixMillis(0)));
        let pool = Pool::new(Arc::clone(&clock) as _);
        let origin = |url| Origin::of(&Url::parse(url).unwrap()).unwrap();
        let (mine, other) = (origin("http://a/x"), origin("http://a:81/x"));
        let (stream, peer) = connection().await;
        pool.keep(mine.clone(), stream);
        assert!(pool.take(&other).is_none());
        let stream = pool.take(&origin("http://a/y?z")).unwrap();
        assert!(pool.take(&mine).is_none());
        pool.keep(mine.clone(), stream);
        // The first sleeper may have been registered earlier.
        tokio::task::yield_now().await;
        clock.advance(IDLE_TIMEOUT);
        let ended = loop {
            peer.readable().await.unwrap();
            match peer.try_read(&mut [0]) {
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                read => break read,
            }
        };
        assert_eq!(ended.unwrap(), 0);
        assert!(pool.take(&mine).is_none());
    }

    #[tokio::test]
    async fn pool_does_not_reuse_a_connection_that_ended_or_sent_bytes() {
        let clock = Arc::new(ManualClock::new(UnixMillis(0)));
        let pool = Pool::new(Arc::clone(&clock) as _);
        let origin = Origin::of(&Url::parse("http://a/").unwrap()).unwrap();
        for speaks in [false, true] {
            let (stream, peer) = connection().await;
            if speaks {
                peer.writable().await.unwrap();
                peer.try_write(b"HTTP/1.1 408 Request Timeout\r\n").unwrap();
            } else {
                drop(peer);
            }
            let Stream::Plain(ours) = &stream else {
                unreachable!("it is made without TLS");
            };
            ours.readable().await.unwrap();
            pool.keep(origin.clone(), stream);
            assert!(pool.take(&origin).is_none());
        }
    }
}
