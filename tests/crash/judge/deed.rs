//! Deed: a write with all that came of asking for it, and how far its effect can reach in time.

use super::history::History;
use crate::{
    instant::Instant,
    vendor::people::Person,
    write::{Attempt, Outcome, Told, Verb, Write},
};
use std::collections::BTreeMap;

pub struct Deed<'a> {
    pub write: &'a Write,
    /// In the order in which they were asked.
    pub attempts: Vec<&'a Attempt>,
    /// It was promised, and the vendor would not have it.
    pub excused: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Register {
    Title,
    Nick,
    Active,
}

pub const REGISTERS: [Register; 3] = [Register::Title, Register::Nick, Register::Active];

impl Register {
    pub fn said(self, write: &Write) -> Option<String> {
        match self {
            Self::Title => write.title.clone(),
            Self::Nick => write.nick.clone(),
            Self::Active => write.active.map(|active| active.to_string()),
        }
    }

    pub fn held(self, person: &Person) -> String {
        match self {
            Self::Title => person.title.clone(),
            Self::Nick => person.nick.clone(),
            Self::Active => (person.state == "on").to_string(),
        }
    }

    fn told(self, told: &Told) -> String {
        match self {
            Self::Title => told.title.clone(),
            Self::Nick => told.nick.clone(),
            Self::Active => told.active.to_string(),
        }
    }

    /// A call that nobody answered may land late. Of access that must never undo what was promised after it.
    fn late(self, end: Instant) -> Instant {
        if self == Self::Active { end } else { Instant::NEVER }
    }
}

impl<'a> Deed<'a> {
    /// Whether it may be about this person.
    pub fn concerns(&self, history: &History) -> bool {
        self.attempts.iter().any(|attempt| match self.write.verb {
            // A create can make him anew, or adopt him.
            Verb::Create => attempt.email == history.email,
            _ => attempt.id.as_deref() == Some(history.id),
        })
    }

    /// Whether something may have come of it.
    pub fn may(&self) -> bool {
        self.attempts.iter().any(|one| !matches!(one.outcome, Outcome::Refused(_)))
    }

    /// The attempts after which it must stand with this person: it was said to be done, or promised.
    pub fn settled(&self, history: &History) -> impl Iterator<Item = &&'a Attempt> {
        self.attempts.iter().filter(|attempt| match &attempt.outcome {
            Outcome::Done(told) => match (self.write.verb, told) {
                (Verb::Create, Some(told)) => told.id == history.id,
                (Verb::Create, None) => false,
                _ => true,
            },
            // That somebody is made, and not what he is then: another create of him may say that.
            Outcome::Promised(_) if self.write.verb == Verb::Create => false,
            Outcome::Promised(_) | Outcome::Acknowledged(_) => !self.excused,
            _ => false,
        })
    }

    /// Whether the register must hold what it says. An answer that showed another value told the truth about it.
    pub fn insists(&self, register: Register, history: &History) -> bool {
        let said = register.said(self.write);
        said.is_some()
            && self.settled(history).any(|attempt| match &attempt.outcome {
                Outcome::Done(Some(told)) => Some(register.told(told)) == said,
                _ => true,
            })
    }

    pub fn begin(&self) -> Instant {
        self.attempts[0].begin
    }

    pub fn end(&self) -> Instant {
        self.attempts[self.attempts.len() - 1].end
    }

    /// When it was first said to be done.
    pub fn done(&self) -> Option<Instant> {
        let mut done = self.attempts.iter().filter(|one| matches!(one.outcome, Outcome::Done(_)));
        done.next().map(|one| one.end)
    }

    /// Whether all that can come of it for this register comes before `later`, which is settled.
    pub fn precedes(&self, later: &Deed, register: Register) -> bool {
        let asked_last = later
            .attempts
            .iter()
            .rev()
            .find(|attempt| matches!(attempt.outcome, Outcome::Done(_)))
            .map(|attempt| attempt.begin);
        // Its place in the queue was taken before the other was asked for at all; or it was over when the other was
        // asked for the time that it was said to be done.
        self.queued(register) < later.begin()
            || asked_last.is_some_and(|begin| self.over(register) < begin)
    }

    /// When the last of its places in the queue was taken at the latest.
    fn queued(&self, register: Register) -> Instant {
        let mut known: Option<&str> = None;
        let mut latest = Instant(0);
        for attempt in &self.attempts {
            let taken = match &attempt.outcome {
                Outcome::Done(_) => attempt.end,
                // A repeat joined what was promised before.
                // It has no place in the queue of who is there.
                Outcome::Promised(_) if self.write.verb == Verb::Create => {
                    register.late(attempt.end)
                }
                Outcome::Promised(txn) | Outcome::Acknowledged(txn) if known == Some(txn) => {
                    continue;
                }
                Outcome::Promised(txn) | Outcome::Acknowledged(txn) => {
                    known = Some(txn);
                    attempt.end
                }
                Outcome::Open(_) => register.late(attempt.end),
                Outcome::Refused(_) => continue,
            };
            latest = latest.max(taken);
        }
        latest
    }

    /// When nothing can come of it any more.
    fn over(&self, register: Register) -> Instant {
        let ends = self.attempts.iter().enumerate().map(|(n, attempt)| match attempt.outcome {
            Outcome::Done(_) => attempt.end,
            Outcome::Promised(_) | Outcome::Acknowledged(_) => {
                let later = self.attempts.iter().skip(n + 1);
                let told = later
                    .rev()
                    .find(|one| matches!(one.outcome, Outcome::Done(_) | Outcome::Refused(_)));
                told.map_or(Instant::NEVER, |told| told.end)
            }
            Outcome::Open(_) => register.late(attempt.end),
            Outcome::Refused(_) => Instant(0),
        });
        ends.max().unwrap_or(Instant(0))
    }
}

/// Of all that was asked, in the order of their numbers.
pub fn deeds(client: &[Attempt]) -> Vec<Deed<'_>> {
    let mut by_number: BTreeMap<u64, Deed> = BTreeMap::new();
    for attempt in client {
        let new = || Deed { write: &attempt.write, attempts: Vec::new(), excused: false };
        by_number.entry(attempt.write.number).or_insert_with(new).attempts.push(attempt);
    }
    let mut deeds: Vec<Deed> = by_number.into_values().collect();
    deeds.iter_mut().for_each(|deed| deed.attempts.sort_by_key(|attempt| attempt.begin));
    deeds
}
