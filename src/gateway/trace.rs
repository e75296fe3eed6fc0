//! Trace: what one request did, call by call; what the log counts and `explain` prints.

use super::error::Failure;
use crate::{
    diagnostic::Place,
    mapping::plan::Meaning,
    scim::{leniency::Leniency, reading::Reading},
    upstream::{Call, Error, error::Kind},
};
use std::{ops::Range, sync::Arc, time::Duration};

/// One attempt of one call.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What was asked.
    pub call: Arc<Call>,
    /// The status that came back, or why none did. Bodies are not kept: they hold personal data.
    pub outcome: Result<u16, Error>,
    /// What an answer that is no success means; a status alone does not tell: a 200 may say `no`.
    pub trouble: Option<Trouble>,
    /// The same call was on its way for another: no call of its own was made.
    pub joined: bool,
    /// How long it took.
    pub took: Duration,
    /// The credential was the client's own.
    pub passed: bool,
}

/// An answer that is no success, as the mapping judges it.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// The word of the language.
    pub means: Meaning,
    /// The row that said so, or the call.
    pub place: Place,
}

impl Exchange {
    /// The vendor does not take the credential that the gateway itself sends: nothing works until a
    /// person renews it.
    pub fn credential_refused(&self) -> bool {
        if self.passed {
            return false;
        }
        if self.outcome.as_ref().is_err_and(|error| error.kind == Kind::Refused) {
            return true;
        }
        let broken = self.trouble.as_ref().is_some_and(|trouble| trouble.means == Meaning::Broken);
        broken && matches!(self.outcome, Ok(401 | 403))
    }
}

/// What ended a request although the vendor answered: the mapping and the vendor do not fit, or what
/// is kept could not be read or written.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// `shape`, `expression`, `untrue` or `store`.
    pub kind: &'static str,
    /// The mapping's line.
    pub place: Place,
    /// What does not fit.
    pub message: String,
}

impl Fault {
    /// The fault of a failure that no exchange tells of.
    pub fn of(failure: &Failure) -> Option<Self> {
        let (kind, place, message) = match failure.bare() {
            Failure::Shape { place, message } => ("shape", place, message),
            Failure::Expression { place, message } => ("expression", place, message),
            Failure::Untrue { place, message } => ("untrue", place, message),
            Failure::Store { error, place } => {
                let message = error.to_string();
                return Some(Self { kind: "store", place: place.clone(), message });
            }
            Failure::Refused(_)
            | Failure::Vendor { .. }
            | Failure::Silent { .. }
            | Failure::Waiting
            | Failure::Behind { .. }
            | Failure::Undelivered { .. }
            | Failure::Unsettled { .. }
            | Failure::Journalled { .. }
            | Failure::Guarded { .. }
            | Failure::Also { .. }
            | Failure::Unfinished { .. } => return None,
        };
        Some(Self { kind, place: place.clone(), message: message.clone() })
    }
}

/// What an operator should know of one attribute. No value stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What is the matter with it.
    pub what: Matter,
    /// As the mapping names it.
    pub attribute: String,
    /// The line of its rule.
    pub place: Place,
}

/// What can be the matter with an attribute although the request went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    /// The rule cannot read what the vendor has: it is left out of the answer.
    Unreadable,
    /// A change was sent, and what was read after it does not show it: the answer has what was read.
    Unshown,
}

/// What one request did.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// In the order they ended.
    pub exchanges: Vec<Exchange>,
    /// Things an operator should know, in words: a `may_fail` update that failed, a leftover.
    pub remarks: Vec<String>,
    /// The same of single attributes, each once: there are as many as the mapping has rules.
    pub notices: Vec<Notice>,
    /// Why it ended, where no exchange says so.
    pub fault: Option<Fault>,
    /// What of the client's habits was borne with, and how often.
    pub leniencies: Vec<(Leniency, u64)>,
    /// What became of it because of where its resource belongs.
    pub outside: Option<Aside>,
    /// What came of a list that was told while it was made; nothing when the answer was told whole.
    pub streamed: Option<Streamed>,
    /// The number of the write's entry, where its client is told that it is done before the vendor has it.
    pub acknowledged: Option<String>,
    /// Exchanges of earlier writes, which have a line of their own in the audit log.
    pub audited: Vec<Range<usize>>,
    /// Exchanges that went well and are counted alone.
    settled: usize,
    /// Those among them that were joined.
    settled_joined: usize,
}

/// What becomes of a request about who is none of the vendor's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// It was refused.
    Rejected,
    /// It is held here.
    Skipped,
}

impl Aside {
    /// The metric's word, and the log's.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rejected => "reject",
            Self::Skipped => "skip",
        }
    }
}

/// A list that was told while it was made: its client has seen 200 and the beginning, whatever came after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streamed {
    /// Resources that were told.
    pub resources: usize,
    /// How it ended.
    pub end: End,
}

/// How a list ended that was told while it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was told to its end.
    Whole,
    /// Something failed: the client's connection is cut, so that it never takes the beginning for the whole.
    Cut,
    /// The client took no more of it.
    Abandoned,
}

impl Trace {
    /// Takes over what was used while something was read.
    pub fn read(&mut self, reading: &Reading) {
        self.leniencies.extend(reading.used());
    }

    /// How many attempts of calls there were.
    pub fn calls(&self) -> usize {
        self.settled + self.exchanges.len() - self.joined()
    }

    /// Whether the vendor was heard, by a call of this request or by one that it joined.
    pub fn heard(&self) -> bool {
        self.settled + self.exchanges.len() > 0
    }

    /// How many were not made, because the same call was on its way.
    pub fn joined(&self) -> usize {
        self.settled_joined + self.exchanges.iter().filter(|one| one.joined).count()
    }

    /// Lets go of the exchanges that went well, but for their number: those of a long list would fill memory.
    pub fn settle(&mut self) {
        let went_well = |one: &mut Exchange| one.trouble.is_none() && one.outcome.is_ok();
        for exchange in self.exchanges.extract_if(.., went_well) {
            self.settled += 1;
            self.settled_joined += usize::from(exchange.joined);
        }
    }

    /// Notes what is the matter with an attribute; what is known already says nothing new.
    pub fn notice(&mut self, notice: Notice) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// Takes over what a part of the request did.
    pub fn absorb(&mut self, part: Self) {
        self.exchanges.extend(part.exchanges);
        self.remarks.extend(part.remarks);
        part.notices.into_iter().for_each(|notice| self.notice(notice));
        self.fault = self.fault.take().or(part.fault);
        self.leniencies.extend(part.leniencies);
        self.outside = self.outside.or(part.outside);
        self.acknowledged = self.acknowledged.take().or(part.acknowledged);
        self.streamed = self.streamed.or(part.streamed);
        self.settled += part.settled;
        self.settled_joined += part.settled_joined;
    }
}

/// The mapping's word for what an answer means.
pub fn word(means: Meaning) -> &'static str {
    match means {
        Meaning::Done => "done",
        Meaning::NotFound => "not_found",
        Meaning::Conflict => "conflict",
        Meaning::Invalid => "invalid",
        Meaning::Forbidden => "forbidden",
        Meaning::Busy => "busy",
        Meaning::Down => "down",
        Meaning::Broken => "broken",
    }
}

/// A number in a log is a number to what reads the log: JSON has no room for 128 bits.
pub fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// A failure without anybody's words: a vendor's may hold personal data, and a log must not.
pub fn in_brief(failure: &Failure) -> String {
    match failure {
        Failure::Refused(error) => format!("refused with {}", error.status),
        Failure::Vendor { means, status, place, .. } => {
            format!("the vendor answered {status}, {} ({place})", word(*means))
        }
        Failure::Silent { error, place, .. } => {
            format!("the vendor gave no answer, {} ({place})", error.kind.word())
        }
        Failure::Shape { place, .. } => format!("the answer has another shape ({place})"),
        Failure::Expression { place, .. } => format!("an expression failed ({place})"),
        Failure::Untrue { place, .. } => format!("the record does not show it ({place})"),
        Failure::Store { error, .. } => error.to_string(),
        Failure::Also { failure, .. } | Failure::Journalled { failure, .. } => in_brief(failure),
        Failure::Unsettled { .. } => "an earlier try may still be on its way".to_owned(),
        Failure::Undelivered { .. } => "too much is acknowledged and not delivered".to_owned(),
        Failure::Behind { .. } => "an earlier write is still in the journal".to_owned(),
        Failure::Waiting => "another write has not ended".to_owned(),
        Failure::Guarded { .. } => "held back by the guard".to_owned(),
        Failure::Unfinished { done, of, place } => format!("{done} of {of} were done ({place})"),
    }
}
