//! The thread that writes: it takes what waits, writes it, waits for the disk once, and answers all.

use super::{
    chain::{Head, Key},
    file::Log,
    line::{self, Event, Position},
    works::Works,
};
use crate::metrics::Metrics;
use jiff::Timestamp;
use std::{
    sync::{
        Arc,
        mpsc::{Receiver, RecvError, RecvTimeoutError},
    },
    time::Duration,
};
use tokio::sync::oneshot;

/// Lines that share one wait for the disk at most: whoever comes first does not wait for hundreds.
const ROUND: usize = 64;

/// How often a disk that refuses is tried again. Clients are told to come back after ten seconds.
const AGAIN: Duration = Duration::from_secs(1);

/// A line was not written; in words, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritten(pub String);

/// What is told when a line is written, or cannot be.
pub type Answer = oneshot::Sender<Result<(), Unwritten>>;

/// What the thread is asked.
pub enum Job {
    /// To write a line.
    Write(Held),
    /// To see whether the file was moved away.
    Follow(Timestamp),
    /// To write the last line and end.
    Close(Timestamp, Answer),
}

/// A line that waits for the disk.
pub struct Held {
    time: Timestamp,
    event: Event,
    /// Nobody where it was told already that the line is not written, or who never waited.
    answer: Option<Answer>,
    late: bool,
}

impl Held {
    /// A line of something that happened at `time`.
    pub fn new(time: Timestamp, event: Event, answer: Option<Answer>) -> Self {
        Self { time, event, answer, late: false }
    }

    /// Its client was told that there is no line, or waits for none any more.
    fn is_late(&self) -> bool {
        self.late || self.answer.as_ref().is_some_and(Answer::is_closed)
    }
}

/// Where the chain stands.
#[derive(Debug, Clone)]
pub struct Strand {
    /// Which start of which process.
    pub id: String,
    /// Lines of it so far.
    pub n: u64,
    /// The hash of the last line.
    pub head: Head,
}

/// What the thread has.
pub struct Writer {
    /// Where it writes.
    pub log: Log,
    /// What seals.
    pub key: Key,
    /// Where the chain stands.
    pub strand: Strand,
    /// What waits. While the disk refuses it is kept: the vendor was asked already.
    pub held: Vec<Held>,
    /// Whether lines can be written.
    pub works: Arc<Works>,
    /// Where the head is shown.
    pub metrics: Arc<Metrics>,
}

impl Writer {
    /// Writes until it is closed, or until nobody is left who could ask.
    pub fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(asked) = self.wait(jobs) {
            for job in asked.into_iter().chain(jobs.try_iter()).take(ROUND) {
                match job {
                    Job::Write(held) => self.held.push(held),
                    Job::Follow(now) => self.follow(now),
                    Job::Close(now, answer) => return self.close(now, answer),
                }
            }
            self.commit();
        }
    }

    /// The next job; none when it is time to try again. An error when nobody is left who could ask.
    fn wait(&self, jobs: &Receiver<Job>) -> Result<Option<Job>, RecvError> {
        if self.held.is_empty() {
            return jobs.recv().map(Some);
        }
        match jobs.recv_timeout(AGAIN) {
            Ok(job) => Ok(Some(job)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(RecvError),
        }
    }

    /// Writes what is held.
    fn commit(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let (lines, strand) = self.lines();
        match self.log.append(&lines) {
            Ok(()) => self.written(strand),
            Err(error) => self.failed(&Unwritten(error.to_string())),
        }
    }

    /// The lines of what is held, and where the chain stands after them.
    fn lines(&self) -> (String, Strand) {
        let (mut lines, mut strand) = (String::new(), self.strand.clone());
        for held in &self.held {
            let Held { time, event, .. } = held;
            strand.n += 1;
            let at = Position { strand: &strand.id, n: strand.n, prev: &strand.head };
            strand.head = line::write(&mut lines, at, *time, event, held.is_late(), &self.key);
        }
        (lines, strand)
    }

    fn written(&mut self, strand: Strand) {
        self.strand = strand;
        let Strand { id, n, head } = &self.strand;
        self.metrics.audited(self.held.len() as u64, id, head.as_str(), *n);
        let late = self.held.iter().filter(|held| held.is_late()).count();
        // Before anybody is answered: who reads the answer finds all of it as it should be.
        self.works.well(late);
        for answer in self.held.drain(..).filter_map(|held| held.answer) {
            // Who has gone needs no answer.
            let _ = answer.send(Ok(()));
        }
    }

    fn failed(&mut self, why: &Unwritten) {
        self.works.ill(&why.0);
        for held in &mut self.held {
            held.late = true;
            if let Some(answer) = held.answer.take() {
                let _ = answer.send(Err(why.clone()));
            }
        }
    }

    /// Goes on in a new file where the old one was moved away.
    fn follow(&mut self, now: Timestamp) {
        self.commit();
        let audit = self.log.path().display().to_string();
        match self.log.follow() {
            Ok(false) => {}
            Ok(true) => {
                tracing::info!(audit, head = %self.strand.head, "the audit log goes on in a new file");
                // Before what an old disk has refused: a file begins with what says what came before it.
                self.held.insert(0, Held::new(now, Event::Continue, None));
                self.commit();
            }
            Err(error) => {
                let why = error.to_string();
                tracing::error!(audit, why, "the audit log was moved away and goes on there");
            }
        }
    }

    fn close(mut self, now: Timestamp, answer: Answer) {
        self.held.push(Held::new(now, Event::End, None));
        self.commit();
        let Strand { id: strand, n: lines, head } = &self.strand;
        let lost = self.held.len();
        let closed = if lost == 0 {
            tracing::info!(strand, lines, %head, "audit log closed");
            Ok(())
        } else {
            tracing::error!(strand, lines, %head, lost, "audit log closed without its last lines");
            Err(Unwritten(format!("{lost} lines could not be written")))
        };
        // Who is answered may open it anew.
        drop(self);
        let _ = answer.send(closed);
    }
}

impl Drop for Writer {
    /// However the thread ends.
    fn drop(&mut self) {
        self.works.over();
    }
}
