//! The writer thread: all writes of the program, many per commit.
//!
//! A write is a closure. The thread takes all queued writes, runs them in one transaction, commits
//! once (one fsync) and then answers all of them. If the queue is empty, a write is alone in its
//! transaction and waits for no other. A write that fails is taken out, and the others run again
//! without it: no caller has its answer yet, so this costs only time, and it is rare. Savepoints
//! would avoid the second run, but each write would then copy every page that it changes.
//!
//! A caller that waits for its write can make it on its own thread while nobody else writes
//! ([`Writer::write_here`]). That saves two thread switches, which take about as long as the fsync
//! of a fast disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, mpsc};
use std::task::{self, Poll};
use std::thread;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use super::Module;
use super::damage::Damage;
use super::error::StoreError;
use super::notices::{Notice, Notices};

/// The most writes that share a commit, so that the first of them does not wait long.
const BATCH: usize = 256;

/// The result of a write, to be awaited or waited for.
pub struct Ticket<T>(oneshot::Receiver<Result<T, StoreError>>);

impl<T> Ticket<T> {
    /// Blocks until the write is committed. Must not be called inside an async runtime.
    pub fn wait(self) -> Result<T, StoreError> {
        self.0.blocking_recv().unwrap_or(Err(StoreError::Closed))
    }
}

/// Ready once the write is committed.
impl<T> Future for Ticket<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.0).poll(context);
        answer.map(|answer| answer.unwrap_or(Err(StoreError::Closed)))
    }
}

pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<thread::JoinHandle<()>>,
    shared: Arc<Shared>,
}

/// The state that the writer thread shares with callers that write on their own threads.
struct Shared {
    /// Locked by the thread that writes.
    connection: Mutex<Connection>,
    /// The last write did not reach the disk, for want of space or access.
    failing: AtomicBool,
    damage: Damage,
    /// A counter that grows with every batch, for watchers.
    commits: watch::Sender<u64>,
    notices: Arc<Notices>,
}

impl Shared {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn tell_failing(&self, failure: Option<&StoreError>) {
        self.failing.store(failure.is_some(), Ordering::Relaxed);
        if let Some(error) = failure {
            let message = "The storage rejected a write.";
            // There would be no space for a log entry either.
            let _ = self
                .notices
                .tell(Notice::warn(Module::Gateway, message, error.cause()));
        }
    }
}

impl Writer {
    pub fn start(
        connection: Connection,
        damage: Damage,
        notices: Arc<Notices>,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let shared = Arc::new(Shared {
            connection: Mutex::new(connection),
            failing: AtomicBool::new(false),
            damage,
            commits: watch::Sender::new(0),
            notices,
        });
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("simrelay-writer".into())
            .spawn(move || run(&of_thread, &queue))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            shared,
        })
    }

    /// Returns a counter that grows with every batch of writes.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.shared.commits.subscribe()
    }

    /// Returns whether the last write did not reach the disk, for want of space or access.
    pub fn is_failing(&self) -> bool {
        self.shared.failing.load(Ordering::Relaxed)
    }

    /// Queues a write. The closure may run more than once, but only one run is kept.
    pub fn write<T, F>(&self, work: F) -> Ticket<T>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (job, ticket) = job(work);
        self.send(job);
        ticket
    }

    /// Writes on the calling thread if nobody else is writing, otherwise queues the write; blocks
    /// until it is committed. Must not be called inside an async runtime.
    pub fn write_here<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (job, ticket) = job(work);
        let idle = match self.shared.connection.try_lock() {
            Ok(connection) => Some(connection),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        };
        match idle {
            Some(connection) => write_batch(&connection, vec![job], &self.shared),
            None => self.send(job),
        }
        ticket.wait()
    }

    /// Rewrites the database without its free pages, and empties its log.
    pub fn scrub(&self) -> Result<(), StoreError> {
        let connection = self.shared.connection();
        connection.execute_batch("VACUUM")?;
        Ok(truncate_log(&connection)?)
    }

    fn send(&self, job: Box<dyn Job>) {
        if let Some(jobs) = &self.jobs {
            // If the thread is gone, the reply is dropped with the job, and the ticket returns
            // Closed.
            let _ = jobs.send(job);
        }
    }
}

fn job<T, F>(work: F) -> (Box<dyn Job>, Ticket<T>)
where
    T: Send + 'static,
    F: FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let write = Write {
        work,
        result: None,
        reply,
    };
    (Box::new(write), Ticket(answer))
}

impl Drop for Writer {
    /// Finishes the queued writes, then closes the database.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

trait Job: Send {
    /// Runs the closure and keeps its result. Returns false if it failed.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Returns the closure's error if the storage is full or cannot be written.
    fn lacked_storage(&self) -> Option<&StoreError>;
    /// Returns whether the closure failed because a page is damaged.
    fn met_damage(&self) -> bool;
    /// Answers with the kept result, or with the error of the commit.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Write<T, F> {
    work: F,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Write<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let work = &mut self.work;
        let result = catch_unwind(AssertUnwindSafe(|| work(connection)))
            .unwrap_or_else(|_| Err(StoreError::internal("a write panicked")));
        let succeeded = result.is_ok();
        self.result = Some(result);
        succeeded
    }

    fn lacked_storage(&self) -> Option<&StoreError> {
        let failure = self.result.as_ref()?.as_ref().err();
        failure.filter(|error| error.is_storage())
    }

    fn met_damage(&self) -> bool {
        matches!(&self.result, Some(Err(StoreError::Damaged)))
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (self.result, committed) {
            (Some(Ok(_)) | None, Err(error)) => Err(error),
            (Some(result), _) => result,
            (None, Ok(())) => Err(StoreError::Closed),
        };
        // The caller may be gone; the write is valid all the same.
        let _ = self.reply.send(result);
    }
}

/// Why a batch was not committed.
enum Broken {
    /// The job at this index failed.
    Job(usize),
    /// The transaction as a whole failed.
    Transaction(StoreError),
}

fn run(shared: &Shared, queue: &mpsc::Receiver<Box<dyn Job>>) {
    while let Ok(first) = queue.recv() {
        let connection = shared.connection();
        let mut batch = vec![first];
        batch.extend(queue.try_iter().take(BATCH - 1));
        write_batch(&connection, batch, shared);
    }
}

/// Commits the whole batch at once and answers; a job that fails is taken out and run by itself.
fn write_batch(connection: &Connection, mut batch: Vec<Box<dyn Job>>, shared: &Shared) {
    let mut single = Vec::new();
    while !batch.is_empty() {
        match transact(connection, &mut batch) {
            Ok(()) => {
                shared.tell_failing(None);
                batch.drain(..).for_each(|job| job.answer(Ok(())));
            }
            Err(Broken::Job(place)) => single.push(batch.remove(place)),
            Err(Broken::Transaction(_)) => single.append(&mut batch),
        }
    }
    for job in single {
        alone(connection, job, shared);
    }
    let count = |commits: &mut u64| *commits = commits.wrapping_add(1);
    shared.commits.send_modify(count);
}

/// Runs a job by itself, so that its failure affects no other job.
fn alone(connection: &Connection, job: Box<dyn Job>, shared: &Shared) {
    let mut batch = [job];
    let mut outcome = transact(connection, &mut batch);
    // Emptying the write-ahead log may free the missing space.
    if lacked_storage(&outcome, &batch).is_some() && truncate_log(connection).is_ok() {
        outcome = transact(connection, &mut batch);
    }
    shared.tell_failing(lacked_storage(&outcome, &batch));
    if met_damage(&outcome, &batch) {
        shared.damage.note(&StoreError::Damaged);
    }
    let [job] = batch;
    job.answer(match outcome {
        Err(Broken::Transaction(error)) => Err(error),
        // The job has its own result.
        Ok(()) | Err(Broken::Job(_)) => Ok(()),
    });
}

fn lacked_storage<'a>(
    outcome: &'a Result<(), Broken>,
    batch: &'a [Box<dyn Job>],
) -> Option<&'a StoreError> {
    match outcome {
        Ok(()) => None,
        Err(Broken::Job(place)) => batch.get(*place)?.lacked_storage(),
        Err(Broken::Transaction(error)) => Some(error).filter(|error| error.is_storage()),
    }
}

fn met_damage(outcome: &Result<(), Broken>, batch: &[Box<dyn Job>]) -> bool {
    match outcome {
        Ok(()) => false,
        Err(Broken::Job(place)) => batch.get(*place).is_some_and(|job| job.met_damage()),
        Err(Broken::Transaction(error)) => matches!(error, StoreError::Damaged),
    }
}

fn truncate_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// Runs the batch in one transaction. If it returns `Err`, nothing was kept.
fn transact(connection: &Connection, batch: &mut [Box<dyn Job>]) -> Result<(), Broken> {
    execute(connection, "BEGIN IMMEDIATE")?;
    let outcome = run_all(connection, batch).and_then(|()| execute(connection, "COMMIT"));
    if outcome.is_err() && !connection.is_autocommit() {
        // A rollback fails only if there is no transaction any more.
        let _ = execute(connection, "ROLLBACK");
    }
    outcome
}

fn run_all(connection: &Connection, batch: &mut [Box<dyn Job>]) -> Result<(), Broken> {
    for (place, job) in batch.iter_mut().enumerate() {
        if !job.run(connection) {
            return Err(Broken::Job(place));
        }
        if connection.is_autocommit() {
            // A full disk can end the whole transaction.
            return Err(Broken::Transaction(StoreError::Full));
        }
    }
    Ok(())
}

fn execute(connection: &Connection, sql: &str) -> Result<(), Broken> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.raw_query().next().map(|_| ()))
        .map_err(|error| Broken::Transaction(error.into()))
}
