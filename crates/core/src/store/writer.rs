//! The writer thread: all writes of the program, many to a commit.
//!
//! A write is a closure. The thread takes all that wait, runs each in a savepoint of one
//! transaction, commits once (that is one fsync) and then answers all of them. When idle, a write
//! is alone in its transaction and waits for nobody.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::error::StoreError;

/// The most writes that share a commit, so that the first of them need not wait long.
const BATCH: usize = 256;

/// Whether the answer to a write waits for fsync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Survives a power cut: facts, results, settings.
    Fsync,
    /// Survives a kill of the process but perhaps not a power cut: only for what a start after a
    /// crash makes good by itself, such as leases.
    Process,
}

/// The answer to a write, to be awaited or waited for.
pub struct Ticket<T>(oneshot::Receiver<Result<T, StoreError>>);

impl<T> Ticket<T> {
    /// Blocks until the write is committed. Must not be called inside an async runtime.
    pub fn wait(self) -> Result<T, StoreError> {
        self.0.blocking_recv().unwrap_or(Err(StoreError::Closed))
    }

    /// Waits until the write is committed.
    pub async fn done(self) -> Result<T, StoreError> {
        self.0.await.unwrap_or(Err(StoreError::Closed))
    }
}

pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<thread::JoinHandle<()>>,
    failing: Arc<AtomicBool>,
}

impl Writer {
    pub fn start(connection: Connection) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let failing = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&failing);
        let thread = thread::Builder::new()
            .name("simrelay-writer".into())
            .spawn(move || run(&connection, &queue, &told))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            failing,
        })
    }

    /// The last write did not reach the disk for want of room or access.
    pub fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    /// Queues a write. The closure may run more than once, but only one run is kept.
    pub fn write<T, F>(&self, durability: Durability, work: F) -> Ticket<T>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Write {
            durability,
            work,
            result: None,
            reply,
        });
        if let Some(jobs) = &self.jobs {
            // If the thread is gone the reply is dropped with the job, and the ticket says Closed.
            let _ = jobs.send(job);
        }
        Ticket(answer)
    }
}

impl Drop for Writer {
    /// Finishes what is queued, then closes the database.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

trait Job: Send {
    fn durability(&self) -> Durability;
    /// Runs the closure and keeps its result. False if it failed.
    fn run(&mut self, connection: &Connection) -> bool;
    /// The closure's own error was that the storage is full or cannot be written.
    fn lacked_storage(&self) -> bool;
    /// Answers with the kept result, or with the error of the commit.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Write<T, F> {
    durability: Durability,
    work: F,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Write<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, StoreError> + Send,
{
    fn durability(&self) -> Durability {
        self.durability
    }

    fn run(&mut self, connection: &Connection) -> bool {
        let work = &mut self.work;
        let result = catch_unwind(AssertUnwindSafe(|| work(connection)))
            .unwrap_or_else(|_| Err(StoreError::internal("a write panicked")));
        let succeeded = result.is_ok();
        self.result = Some(result);
        succeeded
    }

    fn lacked_storage(&self) -> bool {
        matches!(&self.result, Some(Err(error)) if error.is_storage())
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (self.result, committed) {
            (Some(Ok(_)) | None, Err(error)) => Err(error),
            (Some(result), _) => result,
            (None, Ok(())) => Err(StoreError::Closed),
        };
        // Whoever asked may have gone away; the write stands all the same.
        let _ = self.reply.send(result);
    }
}

fn run(connection: &Connection, queue: &mpsc::Receiver<Box<dyn Job>>, failing: &AtomicBool) {
    while let Ok(first) = queue.recv() {
        let mut batch = vec![first];
        batch.extend(queue.try_iter().take(BATCH - 1));
        match transact(connection, &mut batch) {
            Ok(()) if batch.iter().any(|job| job.lacked_storage()) && batch.len() == 1 => {
                batch
                    .into_iter()
                    .for_each(|job| alone(connection, job, failing));
            }
            Ok(()) => {
                failing.store(
                    batch.iter().any(|job| job.lacked_storage()),
                    Ordering::Relaxed,
                );
                batch.into_iter().for_each(|job| job.answer(Ok(())));
            }
            // Nobody was answered yet, so each may run again by itself and harm only itself.
            Err(_) => batch
                .into_iter()
                .for_each(|job| alone(connection, job, failing)),
        }
    }
}

fn alone(connection: &Connection, job: Box<dyn Job>, failing: &AtomicBool) {
    let mut batch = [job];
    let mut outcome = transact(connection, &mut batch).map_err(StoreError::from);
    let lacked = |outcome: &Result<(), StoreError>, batch: &[Box<dyn Job>; 1]| {
        outcome.as_ref().is_err_and(StoreError::is_storage) || batch[0].lacked_storage()
    };
    // What the write-ahead log holds may be just the room that is missing.
    if lacked(&outcome, &batch) && truncate_log(connection).is_ok() {
        outcome = transact(connection, &mut batch).map_err(StoreError::from);
    }
    failing.store(lacked(&outcome, &batch), Ordering::Relaxed);
    let [job] = batch;
    job.answer(outcome);
}

fn truncate_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// Runs the batch in one transaction. On `Err` nothing of it was kept.
fn transact(connection: &Connection, batch: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
    let fsync = batch
        .iter()
        .any(|job| job.durability() == Durability::Fsync);
    execute(
        connection,
        if fsync {
            "PRAGMA synchronous=FULL"
        } else {
            "PRAGMA synchronous=NORMAL"
        },
    )?;
    execute(connection, "BEGIN IMMEDIATE")?;
    let outcome = run_all(connection, batch).and_then(|()| execute(connection, "COMMIT"));
    if outcome.is_err() && !connection.is_autocommit() {
        // A rollback fails only where the transaction is gone already.
        let _ = execute(connection, "ROLLBACK");
    }
    outcome
}

fn run_all(connection: &Connection, batch: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
    for job in batch {
        execute(connection, "SAVEPOINT job")?;
        let succeeded = job.run(connection);
        if connection.is_autocommit() {
            // A full disk can take the whole transaction away, even inside a savepoint.
            return Err(transaction_lost());
        }
        if !succeeded {
            execute(connection, "ROLLBACK TO job")?;
        }
        execute(connection, "RELEASE job")?;
    }
    Ok(())
}

fn transaction_lost() -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
    rusqlite::Error::SqliteFailure(code, Some("the transaction was rolled back".into()))
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(sql)?
        .raw_query()
        .next()
        .map(|_| ())
}
