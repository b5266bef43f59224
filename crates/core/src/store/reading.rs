//! Groups of read-only connections that never wait for each other, and a queue for reading lists.
//!
//! The deliverer has a connection of its own, and so have the other loops, so that none of them
//! ever waits for a client. Reads of single rows by the API and the page wait only for other reads
//! of that kind. Lists are read by [`LISTS`] connections; a limited number of further lists wait,
//! and the next is refused. A list is interrupted if it takes too long or its client disconnects.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, InterruptHandle};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::{JoinError, spawn_blocking};

use super::{Module, Notice, Snapshot, Store, StoreError};

/// The number of lists that are read at the same time. With the few processors of a small machine,
/// more would only slow down each other and the deliverer.
const LISTS: usize = 2;
const SHORT: usize = 2;
/// The number of all connections.
pub(super) const READERS: usize = 2 + SHORT + LISTS;

/// The limits for lists.
const BOUNDS: Bounds = Bounds {
    waiting: 256,
    patience: Duration::from_secs(10),
    longest: Duration::from_secs(10),
};
/// How long one failed read counts as a fault: later reads may succeed from memory while the
/// storage still fails.
const RECOVERED: Duration = Duration::from_secs(60);
/// The time between two attempts to interrupt a list: an interrupt between two statements has no
/// effect.
const INSISTENCE: Duration = Duration::from_millis(20);

/// The kind of reader.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reader {
    /// The deliverer.
    Deliverer,
    /// The other loops.
    Loops,
    /// A client that waits for single rows.
    Client,
}

/// How long a list waits for its turn.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience {
    /// Up to the limits.
    Bounded,
    /// Without limit, because the list continues an operation that has begun.
    Endless,
}

#[derive(Clone, Copy)]
struct Bounds {
    /// The most lists that wait for their turn.
    waiting: usize,
    /// The longest wait of a list.
    patience: Duration,
    /// The longest time for reading a list.
    longest: Duration,
}

/// The read-only connections of a store.
pub(super) struct Readers {
    deliverer: Pool,
    loops: Pool,
    short: Pool,
    lists: Pool,
    short_turns: Arc<Semaphore>,
    list_turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    bounds: Bounds,
    /// When a read last failed, in monotonic time.
    failed: Mutex<Option<Duration>>,
}

impl Readers {
    /// Divides [`READERS`] connections among the groups.
    pub fn new(mut connections: Vec<Connection>) -> Self {
        let mut pool = |size: usize| {
            let rest = connections.len().saturating_sub(size);
            Pool::new(connections.split_off(rest))
        };
        Self {
            deliverer: pool(1),
            loops: pool(1),
            short: pool(SHORT),
            lists: pool(LISTS),
            short_turns: Arc::new(Semaphore::new(SHORT)),
            list_turns: Arc::new(Semaphore::new(LISTS)),
            waiting: AtomicUsize::new(0),
            bounds: BOUNDS,
            failed: Mutex::default(),
        }
    }

    fn failed(&self) -> MutexGuard<'_, Option<Duration>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn turn(&self, patience: Patience) -> Result<OwnedSemaphorePermit, StoreError> {
        if let Ok(turn) = Arc::clone(&self.list_turns).try_acquire_owned() {
            return Ok(turn);
        }
        let turn = Arc::clone(&self.list_turns).acquire_owned();
        let Patience::Bounded = patience else {
            return turn.await.map_err(StoreError::internal);
        };
        let place = Place::take(&self.waiting);
        if place.before >= self.bounds.waiting {
            return Err(StoreError::Busy);
        }
        tokio::select! {
            biased;
            turn = turn => turn.map_err(StoreError::internal),
            () = sleep(self.bounds.patience) => Err(StoreError::Busy),
        }
    }
}

/// A place in the queue.
struct Place<'a> {
    waiting: &'a AtomicUsize,
    before: usize,
}

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Self {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        Self { waiting, before }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Store {
    /// Reads a few rows on the calling thread, all from one state of the database. Waits for other
    /// clients.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.read_as(Reader::Client, work)
    }

    /// Does the same for another kind of reader, which waits only for its own kind.
    pub fn read_as<T>(
        &self,
        reader: Reader,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let pool = match reader {
            Reader::Deliverer => &self.readers.deliverer,
            Reader::Loops => &self.readers.loops,
            Reader::Client => &self.readers.short,
        };
        self.read_by(&pool.take(), work)
    }

    /// Reads a few rows for a client, outside the runtime's workers.
    pub async fn read_soon<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = Arc::clone(&self.readers.short_turns).acquire_owned().await;
        let store = Arc::clone(self);
        let read = move || {
            let _turn = turn;
            store.read(work)
        };
        ended(spawn_blocking(read).await)
    }

    /// Reads a list for a client when its turn has come, outside the runtime's workers.
    pub async fn list<T: Send + 'static>(
        self: &Arc<Self>,
        patience: Patience,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = self.readers.turn(patience).await?;
        let (answer, answered) = oneshot::channel();
        // The list runs in a task of its own, which can still stop it after the client disconnects.
        tokio::spawn(Arc::clone(self).watch(turn, work, answer));
        answered.await.unwrap_or(Err(StoreError::Closed))
    }

    async fn watch<T: Send + 'static>(
        self: Arc<Self>,
        turn: OwnedSemaphorePermit,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError> + Send + 'static,
        mut answer: oneshot::Sender<Result<T, StoreError>>,
    ) {
        let longest = self.readers.bounds.longest;
        let handle = BreaksOff::default();
        let handed = Arc::clone(&handle.0);
        let mut reading = spawn_blocking(move || {
            let reader = self.readers.lists.take();
            // Declared after the reader, so that it is dropped before the reader serves the next
            // list.
            let _interruptible = Interruptible::new(&handed, reader.interrupt());
            self.read_by(&reader, work)
        });
        tokio::select! {
            biased;
            read = &mut reading => {
                // The client may have disconnected.
                let _ = answer.send(ended(read));
                return;
            }
            () = answer.closed() => {}
            () = sleep(longest) => {}
        }
        loop {
            handle.break_off();
            tokio::select! {
                read = &mut reading => {
                    let _ = answer.send(ended(read));
                    break;
                }
                () = sleep(INSISTENCE) => {}
            }
        }
        drop(handle);
        drop(turn);
    }

    fn read_by<T>(
        &self,
        reader: &Borrowed<'_>,
        work: impl FnOnce(&Snapshot<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let read = || {
            let transaction = reader.connection().unchecked_transaction()?;
            work(&Snapshot {
                connection: &transaction,
            })
        };
        read().map_err(StoreError::of_reading).inspect_err(|error| {
            self.damage.note(error);
            self.failed_to_read(error);
        })
    }

    /// Logs the failure, so that no caller needs to.
    fn failed_to_read(&self, error: &StoreError) {
        if !error.is_fault() {
            return;
        }
        if let StoreError::Internal(_) = error {
            self.tell(Notice::error(
                Module::Gateway,
                "Internal error.",
                error.cause(),
            ));
            return;
        }
        let now = self.notices.clock().monotonic();
        *self.readers.failed() = Some(now);
        let message = "The storage could not be read.";
        self.tell(Notice::error(Module::Gateway, message, error.cause()));
    }

    /// Returns whether no read failed in the last minute.
    pub fn is_readable(&self) -> bool {
        let now = self.notices.clock().monotonic();
        self.readers
            .failed()
            .is_none_or(|failed| now >= failed + RECOVERED)
    }
}

/// Interrupts a list, at the latest when nothing watches it any more.
#[derive(Default)]
struct BreaksOff(Arc<InterruptSlot>);

/// The handle of the connection while it reads a list.
type InterruptSlot = Mutex<Option<Arc<InterruptHandle>>>;

impl BreaksOff {
    fn break_off(&self) {
        // The lock is held meanwhile, so the connection cannot move on to another list.
        let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(interrupt) = &*slot {
            interrupt.interrupt();
        }
    }
}

/// While this value lives, the connection can be interrupted.
struct Interruptible<'a>(&'a InterruptSlot);

impl<'a> Interruptible<'a> {
    fn new(slot: &'a InterruptSlot, interrupt: &Arc<InterruptHandle>) -> Self {
        let mut handle = slot.lock().unwrap_or_else(PoisonError::into_inner);
        *handle = Some(Arc::clone(interrupt));
        Self(slot)
    }
}

impl Drop for Interruptible<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Drop for BreaksOff {
    fn drop(&mut self) {
        self.break_off();
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "this watches how busy the machine is, which the clock of a test does not move"
)]
async fn sleep(duration: Duration) {
    tokio::time::sleep(duration).await;
}

fn ended<T>(read: Result<Result<T, StoreError>, JoinError>) -> Result<T, StoreError> {
    read.unwrap_or_else(|error| Err(StoreError::internal(error)))
}

type Connected = (Connection, Arc<InterruptHandle>);

/// Interchangeable connections.
struct Pool {
    free: Mutex<Vec<Connected>>,
    returned: Condvar,
}

impl Pool {
    fn new(connections: Vec<Connection>) -> Self {
        let connected = |connection: Connection| {
            let interrupt = Arc::new(connection.get_interrupt_handle());
            (connection, interrupt)
        };
        Self {
            free: Mutex::new(connections.into_iter().map(connected).collect()),
            returned: Condvar::new(),
        }
    }

    fn take(&self) -> Borrowed<'_> {
        let mut free = self.free();
        loop {
            if let Some(connected) = free.pop() {
                return Borrowed {
                    pool: self,
                    connected: Some(connected),
                };
            }
            free = self
                .returned
                .wait(free)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn free(&self) -> MutexGuard<'_, Vec<Connected>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the connection to its pool even if the read panics.
struct Borrowed<'a> {
    pool: &'a Pool,
    connected: Option<Connected>,
}

impl Borrowed<'_> {
    fn connection(&self) -> &Connection {
        &self.connected().0
    }

    fn interrupt(&self) -> &Arc<InterruptHandle> {
        &self.connected().1
    }

    fn connected(&self) -> &Connected {
        self.connected.as_ref().expect("it is taken only on drop")
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        self.pool.free().extend(self.connected.take());
        self.pool.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::clock::{ManualClock, UnixMillis};

    const ENDLESS: &str =
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)
        SELECT count(*) FROM numbers";

    fn store(bounds: Bounds) -> (tempfile::TempDir, Arc<Store>) {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path(), true, crate::model::clock::system()).unwrap();
        store.readers.bounds = bounds;
        (dir, Arc::new(store))
    }

    fn endless(snapshot: &Snapshot<'_>) -> Result<i64, StoreError> {
        Ok(snapshot
            .connection
            .query_row(ENDLESS, [], |row| row.get(0))?)
    }

    #[test]
    fn read_failures_are_logged_once_a_minute_and_are_no_fault_of_the_program() {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(UnixMillis(0)));
        let store = Store::open(dir.path(), true, Arc::clone(&clock) as _).unwrap();
        let fail = || {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_READ);
            let failed = rusqlite::Error::SqliteFailure(code, None);
            let error = store
                .read(|_| Err::<(), StoreError>(failed.into()))
                .unwrap_err();
            assert!(matches!(error, StoreError::Unreadable(_)), "{error:?}");
            assert_eq!(
                error.to_string(),
                "The storage cannot be read now. Try again later."
            );
        };
        let told = || {
            store.write(|_| Ok(())).wait().unwrap();
            let range = (UnixMillis(i64::MIN), UnixMillis(i64::MAX));
            let logs = store
                .read(|snapshot| snapshot.logs(range, None, 10, 0))
                .unwrap();
            logs.into_iter()
                .map(|entry| entry.context)
                .collect::<Vec<_>>()
        };
        assert!(store.is_readable());
        (0..2_200).for_each(|_| fail());
        assert!(!store.is_readable());
        assert_eq!(told(), [None]);
        clock.advance(RECOVERED);
        assert!(store.is_readable());
        fail();
        assert!(!store.is_readable());
        assert_eq!(told(), [Some(serde_json::json!({"repeated": 2_200})), None]);
    }

    #[tokio::test]
    async fn list_that_takes_too_long_is_interrupted() {
        let (_dir, store) = store(Bounds {
            longest: Duration::from_millis(30),
            ..BOUNDS
        });
        let read = store.list(Patience::Bounded, endless).await;
        assert!(matches!(read, Err(StoreError::TooLong)), "{read:?}");
        let next = store.list(Patience::Bounded, |_| Ok(7)).await;
        assert!(matches!(next, Ok(7)), "{next:?}");
    }

    #[tokio::test]
    async fn list_without_a_waiting_client_is_interrupted() {
        let (_dir, store) = store(BOUNDS);
        for _ in 0..LISTS {
            let list = store.list(Patience::Bounded, endless);
            let gone = tokio::time::timeout(Duration::from_millis(30), list).await;
            assert!(gone.is_err());
        }
        let next = store.list(Patience::Bounded, |_| Ok(7)).await;
        assert!(matches!(next, Ok(7)), "{next:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn list_that_ended_interrupts_no_other() {
        let (_dir, store) = store(BOUNDS);
        let some = |snapshot: &Snapshot<'_>| {
            let sql = "WITH RECURSIVE numbers (n) AS
                (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 3000)
                SELECT count(*) FROM numbers";
            Ok(snapshot
                .connection
                .query_row(sql, [], |row| row.get::<_, i64>(0))?)
        };
        let lists: Vec<_> = (0..64)
            .map(|_| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    for _ in 0..20 {
                        let read = store.list(Patience::Bounded, some).await;
                        assert!(matches!(read, Ok(3_000)), "{read:?}");
                    }
                })
            })
            .collect();
        for list in lists {
            list.await.unwrap();
        }
    }

    /// Lists that never end occupy all of their connections, and other reads still succeed.
    #[tokio::test]
    async fn lists_keep_nobody_else_waiting_and_those_too_many_are_refused() {
        let (_dir, store) = store(Bounds {
            waiting: 1,
            ..BOUNDS
        });
        let begin = || {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.list(Patience::Bounded, endless).await })
        };
        let mut lists: Vec<_> = (0..LISTS).map(|_| begin()).collect();
        while store.readers.list_turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        lists.push(begin());
        while store.readers.waiting.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        let refused = store.list(Patience::Bounded, |_| Ok(())).await;
        assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
        for reader in [Reader::Deliverer, Reader::Loops, Reader::Client] {
            store.read_as(reader, |_| Ok(())).unwrap();
        }
        store.read_soon(|_| Ok(())).await.unwrap();
        lists.iter().for_each(tokio::task::JoinHandle::abort);
    }
}
