//! The threads that read, each with a connection of its own.

use super::super::error::{Error, Refusal};
use rusqlite::Connection;
use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{Builder, JoinHandle},
};
use tokio::sync::oneshot;

/// A look-up takes microseconds, so one thread serves thousands a second; the others read on while
/// it walks a long list or waits for the disk.
const THREADS: usize = 3;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// Hands reads to whichever thread is free.
pub struct Readers {
    // Without a bound: each job is one request's, and the server bounds those.
    jobs: mpsc::Sender<Job>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Opens the connections and starts the threads.
    pub fn start(open: impl Fn() -> Result<Connection, Refusal>) -> Result<Self, Refusal> {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        let start = |number| {
            let (connection, waiting) = (open()?, Arc::clone(&waiting));
            let thread = Builder::new().name(format!("store-read-{number}"));
            let thread = thread.spawn(move || {
                // The lock is for waiting: it is free again before the job begins.
                let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok(job) = next() {
                    job(&connection);
                }
            });
            thread.map_err(|error| Refusal::new(format!("no thread for the store: {error}"), HELP))
        };
        let threads = (1..=THREADS).map(start).collect::<Result<_, _>>()?;
        Ok(Self { jobs, threads })
    }

    /// What `work` gives, as soon as a thread has done it.
    pub fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, Error>> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Who has gone needs no answer.
            if !answer.is_closed() {
                let _ = answer.send(snapshot(connection, work));
            }
        });
        // Threads that are gone take the job down with its answer, and that is told.
        let _ = self.jobs.send(job);
        answered
    }

    /// Ends the threads after what was asked. Blocks until then.
    pub fn end(self) {
        drop(self.jobs);
        for thread in self.threads {
            // A panic stands in the log already.
            let _ = thread.join();
        }
    }
}

/// All statements of one read see one state.
fn snapshot<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Error>,
) -> Result<T, Error> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    let read = work(connection);
    connection.prepare_cached("ROLLBACK")?.execute([])?;
    read
}

/// What to do without threads.
pub const HELP: &str = "raise the limit of processes of the user or the container";
