//! The thread that writes: what waits is made in one transaction and synced to the disk once.

use super::{
    super::{
        change::{Batch, Receipt},
        error::{Error, Refusal},
    },
    batch, readers,
};
use crate::metrics::Metrics;
use rusqlite::Connection;
use std::{
    fs::File,
    iter::once,
    sync::{Arc, mpsc},
    thread::{Builder, JoinHandle},
    time::Instant,
};
use tokio::sync::oneshot;

/// Batches of one commit. A sync costs as much for all as for one; those of more would wait for
/// each other's statements longer than for the disk.
const ROUND: usize = 256;

/// Pages in the log after which it is brought home: 4 MiB, which a start after a crash reads in
/// milliseconds.
const LOG: i64 = 1_000;

type Answer<T> = oneshot::Sender<Result<T, Error>>;

enum Job {
    Write(Batch, Answer<Receipt>),
    Probe(Answer<()>),
}

/// Hands batches to the thread.
pub struct Writer {
    // Without a bound: each job is one request's, and the server bounds those.
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<Result<(), Error>>,
}

impl Writer {
    /// Starts the thread. `lock`, which a file has, is let go when it has ended.
    pub fn start(
        connection: Connection,
        lock: Option<File>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, Refusal> {
        let (jobs, waiting) = mpsc::channel();
        let thread = Builder::new().name("store-write".to_owned()).spawn(move || {
            let mut rounds = Rounds { connection, metrics, failing: false };
            while let Ok(first) = waiting.recv() {
                rounds.one(once(first).chain(waiting.try_iter()).take(ROUND));
                rounds.bring_home();
            }
            let closed = rounds.close();
            drop(lock);
            closed
        });
        let thread = thread.map_err(|error| {
            Refusal::new(format!("no thread for the store: {error}"), readers::HELP)
        })?;
        Ok(Self { jobs, thread })
    }

    /// Makes the batch; answered after its commit.
    pub fn write(&self, batch: Batch) -> oneshot::Receiver<Result<Receipt, Error>> {
        let (answer, answered) = oneshot::channel();
        // A thread that is gone takes the job down with its answer, and that is told.
        let _ = self.jobs.send(Job::Write(batch, answer));
        answered
    }

    /// Whether a batch could be made now.
    pub fn probe(&self) -> oneshot::Receiver<Result<(), Error>> {
        let (answer, answered) = oneshot::channel();
        let _ = self.jobs.send(Job::Probe(answer));
        answered
    }

    /// Ends the thread after what was given. Blocks until then.
    pub fn end(self) -> Result<(), Error> {
        drop(self.jobs);
        self.thread.join().unwrap_or_else(|_| Err(super::stopped()))
    }
}

struct Rounds {
    connection: Connection,
    metrics: Arc<Metrics>,
    /// The last commit failed: only one that does not can say that the disk is there again.
    failing: bool,
}

impl Rounds {
    fn one(&mut self, waiting: impl Iterator<Item = Job>) {
        let began = Instant::now();
        // The lock of the file is taken at the first statement, so that two programs never wait for
        // each other half-way.
        if let Err(error) = self.say("BEGIN IMMEDIATE") {
            // All of them now: one after the other each would wait for the lock as long.
            return waiting.for_each(|job| job.refuse(&error));
        }
        let (mut made, mut probes) = (vec![], vec![]);
        for job in waiting {
            match job {
                Job::Probe(answer) => probes.push(answer),
                Job::Write(batch, answer) => {
                    let done = batch::in_savepoint(&self.connection, &batch);
                    made.push((done, answer));
                }
            }
            // SQLite itself undoes the whole transaction when the disk fails under it.
            if self.connection.is_autocommit() {
                break;
            }
        }
        let committed = self.commit(!probes.is_empty());
        self.metrics.store_commit(committed.is_ok(), began.elapsed());
        self.failing = committed.is_err();
        if let Err(error) = &committed {
            tracing::error!("store: nothing of a commit was kept: {error}");
        }
        for (done, answer) in made {
            let done = committed.clone().and(done);
            let rows = done.as_ref().map_or(0, |receipt| receipt.rows);
            self.metrics.store_batch(done.as_ref().map_or_else(word, |_| "ok"), rows);
            // Who has gone needs no answer.
            let _ = answer.send(done);
        }
        for answer in probes {
            let _ = answer.send(committed.clone());
        }
    }

    fn commit(&self, probed: bool) -> Result<(), Error> {
        let committed = self.lost().and_then(|()| {
            if probed && self.failing {
                batch::touch(&self.connection)?;
            }
            self.say("COMMIT")
        });
        if committed.is_err() && !self.connection.is_autocommit() {
            // Its own failure changes nothing: the next BEGIN will tell.
            let _ = self.say("ROLLBACK");
        }
        committed
    }

    fn lost(&self) -> Result<(), Error> {
        match self.connection.is_autocommit() {
            true => Err(Error::Unavailable("the disk failed in the middle of a write".to_owned())),
            false => Ok(()),
        }
    }

    fn say(&self, statement: &str) -> Result<(), Error> {
        self.connection.prepare_cached(statement)?.execute([])?;
        Ok(())
    }

    /// Brings the log home when it has grown, after the answers and not within a commit: SQLite's
    /// own way would have whoever comes last pay for all before. What fails here fails no write.
    fn bring_home(&self) {
        let grown = self.connection.prepare_cached("PRAGMA wal_checkpoint(NOOP)");
        let grown = grown.and_then(|mut log| {
            log.query_row([], |row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?))
        });
        let done = match grown {
            Ok(grown) if grown < LOG => return,
            Ok(_) => self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())),
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            tracing::warn!("store: the log was not brought home: {error}");
        }
    }

    /// Brings the log home, so that the file alone is the whole store.
    fn close(self) -> Result<(), Error> {
        let home = "PRAGMA wal_checkpoint(TRUNCATE)";
        // Busy while another program reads: SQLite then does it at the next start.
        self.connection.query_row(home, [], |_| Ok(()))?;
        self.connection.close().map_err(|(_, error)| error.into())
    }
}

impl Job {
    fn refuse(self, error: &Error) {
        // Who has gone needs no answer.
        match self {
            Self::Write(_, answer) => drop(answer.send(Err(error.clone()))),
            Self::Probe(answer) => drop(answer.send(Err(error.clone()))),
        }
    }
}

/// For the metrics.
fn word(error: &Error) -> &'static str {
    match error {
        Error::Conflict(_) => "conflict",
        Error::Missing => "missing",
        Error::Unavailable(_) => "unavailable",
        Error::Full => "full",
        Error::Corrupt(_) => "corrupt",
    }
}
