//! The task that writes: what waits is made in one transaction, whose commit all of it shares.

use super::{
    super::{
        change::{Batch, Receipt},
        error::Error,
    },
    batch, fault, locks,
};
use crate::{crash, metrics::Metrics};
use deadpool_postgres::{Client, Pool, Transaction};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

/// Batches of one commit: a sync of the server's costs as much for all as for one; those of more would wait for each
/// other's statements longer than for the disk.
const ROUND: usize = 64;
/// So often a round is made that gave way to another replica's.
const TIMES: usize = 5;

struct Job {
    batch: Batch,
    answer: oneshot::Sender<Result<Receipt, Error>>,
}

/// Hands batches to the task. One writes, so that a batch sees all that were given before it.
pub struct Writer {
    // Without a bound: each job is one request's, and the server bounds those.
    jobs: mpsc::UnboundedSender<Job>,
    task: JoinHandle<()>,
    failing: Arc<AtomicBool>,
}

impl Writer {
    /// Starts the task of this replica. `place` is for the log.
    pub fn start(pool: Pool, place: String, replica: String, metrics: Arc<Metrics>) -> Self {
        let (jobs, mut waiting) = mpsc::unbounded_channel();
        let failing = Arc::new(AtomicBool::new(false));
        let rounds = Rounds { pool, place, replica, metrics, failing: Arc::clone(&failing) };
        let task = tokio::spawn(async move {
            let mut round = Vec::with_capacity(ROUND);
            while waiting.recv_many(&mut round, ROUND).await > 0 {
                rounds.one(std::mem::take(&mut round)).await;
            }
        });
        Self { jobs, task, failing }
    }

    /// Makes the batch; answered after its commit.
    pub fn write(&self, batch: Batch) -> oneshot::Receiver<Result<Receipt, Error>> {
        let (answer, answered) = oneshot::channel();
        // A task that is gone takes the job down with its answer, and that is told.
        let _ = self.jobs.send(Job { batch, answer });
        answered
    }

    /// Whether what was written last was refused: only a write that is not can say that it is there again.
    pub fn failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    /// Ends the task after what was given.
    pub async fn end(self) {
        drop(self.jobs);
        // A panic stands in the log already.
        let _ = self.task.await;
    }
}

struct Rounds {
    pool: Pool,
    place: String,
    replica: String,
    metrics: Arc<Metrics>,
    failing: Arc<AtomicBool>,
}

impl Rounds {
    async fn one(&self, jobs: Vec<Job>) {
        let began = Instant::now();
        let (batches, answers): (Vec<_>, Vec<_>) =
            jobs.into_iter().map(|job| (job.batch, job.answer)).unzip();
        let committed = self.made(&batches).await;
        self.metrics.store_commit(committed.is_ok(), began.elapsed());
        self.failing.store(committed.is_err(), Ordering::Relaxed);
        let made = match committed {
            Ok(made) => made,
            Err(error) => {
                tracing::error!(store = self.place, "nothing of a commit was kept: {error}");
                batches.iter().map(|_| Err(error.clone())).collect()
            }
        };
        for (done, answer) in made.into_iter().zip(answers) {
            let rows = done.as_ref().map_or(0, |receipt| receipt.rows);
            self.metrics.store_batch(done.as_ref().map_or_else(Error::word, |_| "ok"), rows);
            // Who has gone needs no answer.
            let _ = answer.send(done);
        }
    }

    /// What came of each batch; an error when none of them was kept.
    async fn made(&self, batches: &[Batch]) -> Result<Vec<Result<Receipt, Error>>, Error> {
        let mut made = Err(Error::Unavailable(fault::GAVE_WAY.to_owned()));
        for _ in 0..TIMES {
            let mut client = self.pool.get().await?;
            made = committed(&mut client, &self.replica, batches).await;
            if !matches!(&made, Err(Error::Unavailable(why)) if why == fault::GAVE_WAY) {
                break;
            }
        }
        made
    }
}

async fn committed(
    client: &mut Client,
    replica: &str,
    batches: &[Batch],
) -> Result<Vec<Result<Receipt, Error>>, Error> {
    crash::point("commit.begin");
    let mut transaction = client.transaction().await?;
    locks::take(&transaction, batches.iter()).await?;
    let made = match batches {
        // Alone it needs no way back to before it but that of the transaction.
        [only] => match batch::make(&transaction, replica, only).await {
            Err(refused) if refused.is_of_a_batch() => return Ok(vec![Err(refused)]),
            made => vec![Ok(made?)],
        },
        several => {
            let mut made = Vec::with_capacity(several.len());
            for one in several {
                made.push(apart(&mut transaction, replica, one).await?);
            }
            made
        }
    };
    crash::point("commit.before");
    transaction.commit().await?;
    crash::point("commit.after");
    Ok(made)
}

/// A batch whose refusal leaves the others as they are.
async fn apart(
    transaction: &mut Transaction<'_>,
    replica: &str,
    one: &Batch,
) -> Result<Result<Receipt, Error>, Error> {
    let savepoint = transaction.savepoint("batch").await?;
    match batch::make(&savepoint, replica, one).await {
        Ok(receipt) => {
            savepoint.commit().await?;
            Ok(Ok(receipt))
        }
        Err(refused) if refused.is_of_a_batch() => {
            savepoint.rollback().await?;
            Ok(Err(refused))
        }
        Err(error) => Err(error),
    }
}
