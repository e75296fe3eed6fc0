//! The thread that writes: what waits is made in one transaction and synced to the disk once.

use super::{
    super::{
        change::{Batch, Receipt},
        error::{Error, Refusal},
    },
    batch, readers,
};
use crate::{crash, metrics::Metrics};
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
/// What came of a batch, and who is told.
type Made = (Result<Receipt, Error>, Answer<Receipt>);

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
    /// Starts the thread. `place` is for the log; `lock`, which a file has, is let go when it has ended.
    pub fn start(
        connection: Connection,
        place: String,
        lock: Option<File>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, Refusal> {
        let (jobs, waiting) = mpsc::channel();
        let thread = Builder::new().name("store-write".to_owned()).spawn(move || {
            let mut rounds = Rounds { connection, place, metrics, failing: false };
            while let Ok(first) = waiting.recv() {
                rounds.one(once(first).chain(waiting.try_iter()).take(ROUND));
                rounds.bring_home();
            }
            let closed = rounds.close();
            // Let go of, and not closed alone: a child that begins now has the same file until it runs its program.
            drop(lock.map(|lock| lock.unlock()));
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
    /// For the log.
    place: String,
    metrics: Arc<Metrics>,
    /// What was written last was refused: only a write that is not can say that the disk is there again.
    failing: bool,
}

impl Rounds {
    fn one(&mut self, waiting: impl Iterator<Item = Job>) {
        let began = Instant::now();
        crash::point("commit.begin");
        // The lock of the file is taken at the first statement, so that two programs never wait for
        // each other half-way.
        if let Err(error) = self.say("BEGIN IMMEDIATE") {
            self.ended(&Err(error.clone()), began);
            self.failing = true;
            // All of them now: one after the other each would wait for the lock as long.
            return waiting.for_each(|job| job.refuse(&error, &self.metrics));
        }
        let (mut made, mut probes): (Vec<Made>, _) = (vec![], vec![]);
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
        let touched = self.failing && !probes.is_empty();
        let committed = self.lost(&made).and_then(|()| self.commit(touched));
        self.ended(&committed, began);
        let refused = made.iter().find_map(|(done, _)| match done {
            Err(why @ (Error::Full | Error::Unavailable(_))) => Some(why),
            _ => None,
        });
        if let (Some(why), Ok(())) = (refused, &committed) {
            tracing::error!(store = self.place, "nothing of a batch was kept: {why}");
        }
        let wrote = |(done, _): &Made| matches!(done, Ok(receipt) if receipt.rows > 0);
        let written = touched || made.iter().any(wrote);
        self.failing = committed.is_err() || refused.is_some() || self.failing && !written;
        for (done, answer) in made {
            let done = committed.clone().and(done);
            let rows = done.as_ref().map_or(0, |receipt| receipt.rows);
            self.metrics.store_batch(done.as_ref().map_or_else(Error::word, |_| "ok"), rows);
            // Who has gone needs no answer.
            let _ = answer.send(done);
        }
        for answer in probes {
            let _ = answer.send(committed.clone());
        }
    }

    /// Counts a transaction; one that failed is told with its store and why.
    fn ended(&self, committed: &Result<(), Error>, began: Instant) {
        self.metrics.store_commit(committed.is_ok(), began.elapsed());
        if let Err(error) = committed {
            tracing::error!(store = self.place, "nothing of a commit was kept: {error}");
        }
    }

    fn commit(&self, touch: bool) -> Result<(), Error> {
        let touched = if touch { batch::touch(&self.connection) } else { Ok(()) };
        crash::point("commit.before");
        let committed = touched.and_then(|()| self.say("COMMIT"));
        crash::point("commit.after");
        if committed.is_err() && !self.connection.is_autocommit() {
            // Its own failure changes nothing: the next BEGIN will tell.
            let _ = self.say("ROLLBACK");
        }
        committed
    }

    /// When SQLite undid all batches: why, as the last of them was told.
    fn lost(&self, made: &[Made]) -> Result<(), Error> {
        if !self.connection.is_autocommit() {
            return Ok(());
        }
        match made.last() {
            Some((Err(why @ (Error::Full | Error::Unavailable(_))), _)) => Err(why.clone()),
            _ => Err(Error::Unavailable("the disk failed in the middle of a write".to_owned())),
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
            tracing::warn!(store = self.place, "the log was not brought home: {error}");
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
    fn refuse(self, error: &Error, metrics: &Metrics) {
        // Who has gone needs no answer.
        match self {
            Self::Write(_, answer) => {
                metrics.store_batch(error.word(), 0);
                drop(answer.send(Err(error.clone())));
            }
            Self::Probe(answer) => drop(answer.send(Err(error.clone()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        Change,
        sqlite::{migrate, open},
    };
    use std::path::Path;

    fn keep(id: &str, bytes: usize) -> Batch {
        let (id, path) = (id.to_owned(), "title".to_owned());
        Batch::new("t").with("User", Change::Keep { id, path, value: "x".repeat(bytes).into() })
    }

    fn write(rounds: &mut Rounds, batch: Batch) -> Result<Receipt, Error> {
        let (answer, mut answered) = oneshot::channel();
        rounds.one(once(Job::Write(batch, answer)));
        answered.try_recv().unwrap()
    }

    fn probe(rounds: &mut Rounds) -> Result<(), Error> {
        let (answer, mut answered) = oneshot::channel();
        rounds.one(once(Job::Probe(answer)));
        answered.try_recv().unwrap()
    }

    /// SQLite's own refusals: what a full disk and one that is read-only now come to.
    #[test]
    fn what_sqlite_refuses_is_told_counted_and_ends() {
        let refusals = [
            ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000", "is full", "full", 1),
            (
                "PRAGMA query_only = 1",
                "PRAGMA query_only = 0",
                "readonly database",
                "unavailable",
                2,
            ),
        ];
        for (sets, lifts, says, word, count) in refusals {
            let connection = open::in_memory(&format!("refusing-{word}")).unwrap();
            migrate::bring_up(&connection, Path::new("memory")).unwrap();
            let metrics = Arc::new(Metrics::default());
            let place = "memory".to_owned();
            let mut rounds =
                Rounds { connection, place, metrics: Arc::clone(&metrics), failing: false };
            let set = |rounds: &Rounds, pragma: &str| {
                rounds.connection.query_row(pragma, [], |_| Ok(())).or_else(|error| match error {
                    rusqlite::Error::QueryReturnedNoRows => Ok(()),
                    other => Err(other),
                })
            };
            write(&mut rounds, keep("a", 10)).unwrap();
            set(&rounds, sets).unwrap();
            let refused = write(&mut rounds, keep("b", 100_000)).unwrap_err();
            assert!(refused.to_string().contains(says), "{word}: {refused}");
            assert!(rounds.failing, "{word}");
            // What changes nothing proves nothing, whether it is let through or not.
            let same = write(&mut rounds, keep("a", 10));
            assert!(same.is_err() || same.is_ok_and(|receipt| receipt.rows == 0), "{word}");
            assert!(rounds.failing, "{word}");
            set(&rounds, lifts).unwrap();
            probe(&mut rounds).unwrap();
            assert!(!rounds.failing, "{word}");
            assert!(write(&mut rounds, keep("b", 100_000)).unwrap().rows > 0, "{word}");
            let shown = metrics.render();
            let counted = format!("scimshim_store_batches_total{{result=\"{word}\"}} {count}");
            assert!(shown.contains(&counted), "{counted} is missing in\n{shown}");
        }
    }

    #[test]
    fn a_lock_that_another_program_holds_is_counted_for_every_batch() {
        let (name, file) = ("scimshim-writer", std::env::temp_dir());
        let file = file.join(format!("{name}-{}.db", std::process::id()));
        std::fs::write(&file, "").unwrap();
        let connection = open::writing(&file).unwrap();
        migrate::bring_up(&connection, &file).unwrap();
        // It does not wait here for whoever forgot a transaction.
        connection.busy_timeout(std::time::Duration::ZERO).unwrap();
        let metrics = Arc::new(Metrics::default());
        let place = file.display().to_string();
        let mut rounds =
            Rounds { connection, place, metrics: Arc::clone(&metrics), failing: false };
        let other = Connection::open(&file).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let (answers, answered): (Vec<_>, Vec<_>) = (0..2).map(|_| oneshot::channel()).unzip();
        let jobs = answers.into_iter().map(|answer| Job::Write(keep("a", 10), answer));
        rounds.one(jobs);
        for mut answer in answered {
            let why = answer.try_recv().unwrap().unwrap_err().to_string();
            assert!(why.contains("another program holds the lock"), "{why}");
        }
        let shown = metrics.render();
        for line in [
            "scimshim_store_batches_total{result=\"unavailable\"} 2",
            "scimshim_store_commits_total{result=\"failed\"} 1",
        ] {
            assert!(shown.contains(line), "{line} is missing in\n{shown}");
        }
        other.execute_batch("COMMIT").unwrap();
        write(&mut rounds, keep("a", 10)).unwrap();
        drop((rounds, other));
        for more in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{more}", file.display()));
        }
    }
}
