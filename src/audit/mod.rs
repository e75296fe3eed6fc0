//! The audit log: one line for each write, in a file that only grows and that shows whatever was done to it.
//!
//! Each line is sealed with a key over the line before it, so who does not know the key can change, move, insert and
//! remove none without being found out; what was cut off at the end shows against the head that the metrics tell.
//! It is a file and no table of the store: it works without one, and goes where an operator's logs go.
//!
//! [`settings`] is the section of the configuration, [`mod@line`] what a line says, [`chain`] what seals it, [`mod@file`]
//! where it stands, [`writer`] the thread that writes, [`works`] whether it can, [`verify`] who reads it all again.

pub mod chain;
pub mod file;
pub mod line;
pub mod refusal;
pub mod settings;
pub mod verify;
pub mod works;
pub mod writer;

use crate::metrics::Metrics;
use chain::Head;
use file::{Found, Log};
use jiff::Timestamp;
use line::{Event, Unbelievable};
use refusal::Refusal;
use settings::Settings;
use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::{Arc, mpsc},
    thread::Builder,
};
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, timeout_at},
};
use works::Works;
use writer::{Answer, Held, Job, Strand, Unwritten, Writer};

/// The audit log of a process. Every process start is a strand of it.
#[derive(Debug)]
pub struct Audit {
    jobs: mpsc::Sender<Job>,
    works: Arc<Works>,
    /// Bytes that a crash left of a line.
    torn: u64,
}

impl Audit {
    /// Opens it and takes its lock. No line is written, and what a crash left of one stays, until [`Audit::begin`].
    pub fn open(settings: &Settings, metrics: Arc<Metrics>) -> Result<Self, Refusal> {
        let key = settings.key()?;
        let Found { log, last, torn } = Log::open(&settings.path)?;
        let read = last.map(|last| line::read(&last, &key)).transpose();
        let read = read.map_err(|why| match why {
            Unbelievable::Shape => file::foreign(log.path()),
            Unbelievable::Hash => another(&log),
        })?;
        let head = read.map_or_else(Head::none, |line| line.hash);
        let strand = Strand { id: name(), n: 0, head };
        let works = Arc::new(Works::new(log.path().display().to_string(), metrics.clone()));
        let (jobs, asked) = mpsc::channel();
        let writer =
            Writer { log, key, strand, held: Vec::new(), works: Arc::clone(&works), metrics };
        let thread = Builder::new().name("audit".to_owned());
        thread.spawn(move || writer.run(&asked)).map_err(|error| {
            let help = "the process may have as many threads as it needs: see its limits";
            Refusal::of_file(format!("no thread for the audit log: {error}"), help)
        })?;
        Ok(Self { jobs, works, torn })
    }

    /// Writes the first line of the strand.
    pub async fn begin(&self, now: Timestamp) -> Result<(), Unwritten> {
        let Self { torn, .. } = *self;
        if torn > 0 {
            tracing::warn!(torn, "bytes of a line that a crash cut off are taken away");
        }
        let event = Event::Begin { version: env!("CARGO_PKG_VERSION"), torn };
        self.line(|answer| Job::Write(Held::new(now, event, Some(answer)))).await
    }

    /// Whether lines can be written. While they cannot, nothing should be done that would need one.
    pub fn works(&self) -> bool {
        self.works.now()
    }

    /// The same whenever it changes.
    pub fn watched(&self) -> watch::Receiver<bool> {
        self.works.watched()
    }

    /// Writes the line of what came at `time`; it is on the disk when this ends well. After an error it is
    /// kept, and written when the disk takes it: one that says nothing until then has failed as well.
    pub async fn write(
        &self,
        time: Timestamp,
        event: Event,
        until: Instant,
    ) -> Result<(), Unwritten> {
        let line = self.line(|answer| Job::Write(Held::new(time, event, Some(answer))));
        match timeout_at(until, line).await {
            Ok(written) => written,
            Err(_) => {
                const WHY: &str = "the disk did not answer in time";
                self.works.ill(WHY);
                Err(Unwritten(WHY.to_owned()))
            }
        }
    }

    /// The same for who cannot wait.
    pub fn post(&self, time: Timestamp, event: Event) {
        let held = Held::new(time, event, None);
        // A thread that is gone has told so.
        let _ = self.jobs.send(Job::Write(held));
    }

    /// Goes on in a new file where the old one was moved away.
    pub fn follow(&self, now: Timestamp) {
        let _ = self.jobs.send(Job::Follow(now));
    }

    /// Writes the last line of the strand and lets go of the file. Later lines are refused.
    pub async fn close(&self, now: Timestamp) -> Result<(), Unwritten> {
        self.line(|answer| Job::Close(now, answer)).await
    }

    async fn line(&self, job: impl FnOnce(Answer) -> Job) -> Result<(), Unwritten> {
        let (answer, answered) = oneshot::channel();
        // A thread that is gone takes the job down with its answer, and that is told.
        let _ = self.jobs.send(job(answer));
        let gone = |_| Err(Unwritten("the audit log is closed".to_owned()));
        answered.await.unwrap_or_else(gone)
    }
}

/// A chain goes on with the key that it was begun with, or nobody could verify it.
fn another(log: &Log) -> Refusal {
    let message = format!(
        "the last line of the audit log `{}` was not written with this key",
        log.path().display()
    );
    let help = "give the key that it was written with, or move the file away to begin another; `scimshim audit verify` says whether it was changed";
    Refusal::of_key(message, help)
}

/// A strand's name. It tells one start from another and guards nothing, so the keys that hash tables are given do.
fn name() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_disk_that_says_nothing_is_one_that_refuses() {
        let works = Arc::new(Works::new("audit.log".to_owned(), Arc::default()));
        // Nobody takes what waits.
        let (jobs, waiting) = mpsc::channel();
        let audit = Audit { jobs, works, torn: 0 };
        assert!(audit.works());
        let until = Instant::now() + Duration::from_secs(2);
        let Unwritten(why) =
            audit.write(Timestamp::UNIX_EPOCH, Event::End, until).await.unwrap_err();
        assert!(why.contains("did not answer in time"), "{why}");
        assert!(!audit.works(), "whoever comes next is refused before anything is done");
        assert!(waiting.try_recv().is_ok(), "the line waits all the same");
    }

    #[tokio::test]
    async fn without_its_thread_nothing_is_written_and_nothing_is_done() {
        let works = Arc::new(Works::new("audit.log".to_owned(), Arc::default()));
        let (jobs, waiting) = mpsc::channel();
        drop(waiting);
        let audit = Audit { jobs, works: Arc::clone(&works), torn: 0 };
        assert!(audit.begin(Timestamp::UNIX_EPOCH).await.is_err());
        works.over();
        assert!(!audit.works());
    }
}
