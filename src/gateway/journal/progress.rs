//! What of a journalled write has left for the vendor, as its entry holds it.
//!
//! ```json
//! {"sent": {"call": "User.update.retire", "at": 1732600000000, "safe": false, "visible": true},
//!  "begun": [{"like": "retire POST /users/{key}/retire, ...", "before": {}, "calls": 1, "captured": {}}],
//!  "until": 1732600030000}
//! ```

use super::due::{SKEW, later};
use crate::mapping::plan::{Operation, Step};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;

/// How far a write has come.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The call that left last, while nothing is known of what came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
    /// The operations of several calls that were begun and not ended. A later one may be, where an earlier one has failed:
    /// nobody is left active for that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub begun: Vec<Begun>,
    /// What the operations are that were carried out beside those, in the same write.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<String>,
    /// Until then a call that was given up may still reach the vendor; milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// That call, where it is one alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whose: Option<String>,
    /// How often it began afresh, with nothing of it there any more: its calls have other keys then.
    #[serde(skip_serializing_if = "is_zero")]
    pub afresh: u32,
    /// It comes to several resources, of which some may be changed and others not. Each is an entry of its own while it is
    /// being changed, and shows by itself whether it was.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub spread: bool,
    /// Who entered it had the turn already: what was received meanwhile comes behind it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ahead: bool,
    /// An operator has dropped it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dropped: bool,
    /// Of a create: what is known of whom it makes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth: Option<Birth>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What is known of a create under way.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Birth {
    /// The vendor's key of whom it has made, as soon as an answer said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Since when that is known, or that its call was answered, in milliseconds since 1970: whom it has made a vendor may not
    /// show at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// Its client sent what nobody may read: that is held nowhere.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// What was done is being taken back.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub undoing: bool,
    /// A client has written to whom it made: he is not taken away again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub known: bool,
    /// What it wants by now, with what was said since of whom it made, as an intent holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wants: Option<Value>,
    /// Of a secret something was said since.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unsecret: bool,
    /// What is being said of him now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trials: Vec<Trial>,
    /// What was sent of it wanted something else than this one does, or may have.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub anothers: bool,
    /// When its client asked for it last, where it is promised; milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<i64>,
    /// A client has deleted somebody of its name since.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
    /// A later request has found somebody who has its name, when nobody knew what had come of its first call: he may be
    /// another one, and is not taken away either.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub guessed: bool,
    /// He was there before any call of it had left, in part perhaps.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub found: bool,
    /// Its mapping says `durable`: he is made, whether anybody comes back for him or not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub promised: bool,
    /// The number of the one whose place it took, which had been promised, and wants something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// Of what came late: the number under which it was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// A write to whom a create makes that is being carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Its own name.
    pub by: String,
    /// Until when its request has time; milliseconds since 1970.
    pub until: i64,
    /// What it wants; null where nothing of that can be held.
    pub intent: Value,
    /// That is not all: it says a secret.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

impl Birth {
    /// Until when a vendor may not show yet whom it made, where a call may be on its way for so long. By a clock that was set
    /// back since it may be any time ago.
    pub fn shows(&self, now: Timestamp, large: Duration) -> Option<Timestamp> {
        let since = self.since.and_then(|at| Timestamp::from_millisecond(at).ok());
        since.filter(|since| *since <= later(now, SKEW)).map(|since| later(since, large))
    }
}

/// A call that has left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// Its label.
    pub call: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// It may be sent twice without harm, as the mapping says.
    pub safe: bool,
    /// It has a key by which the vendor knows it again, so that it is done once however often it comes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keyed: bool,
    /// The vendor's record shows whether it was carried out.
    pub visible: bool,
    /// Whoever sent it lived to give it up, and knew until when it may still come.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub given_up: bool,
}

/// An operation of several calls that change something. Its first calls may already show in the vendor's record, so
/// what is left of it is not found by looking there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// What its calls are: one that was written anew meanwhile is not the same.
    pub like: String,
    /// The vendor's record before its first call.
    pub before: Value,
    /// Calls that were carried out.
    pub calls: usize,
    /// What was captured of their answers, by step.
    pub captured: Value,
}

/// How far an earlier try of an operation came.
#[derive(Debug, Clone, Default)]
pub struct Reached {
    /// Calls that write and were carried out.
    pub calls: usize,
    /// What was captured by then, by step; null: nothing.
    pub captured: Value,
}

impl Progress {
    /// What an entry holds; one that is written by another build and cannot be read is none.
    pub fn of(held: &Value) -> Self {
        Self::deserialize(held).unwrap_or_default()
    }

    /// Takes what was sent `far` ahead of now for sent now, and what ends so far beyond `ends` for ending then; says
    /// whether there was any.
    pub fn comes_within(&mut self, now: Timestamp, ends: Timestamp, far: Duration) -> bool {
        let (now, ends, far) =
            (now.as_millisecond(), ends.as_millisecond(), far.as_millis() as i64);
        let at = self.sent.as_mut().map(|sent| &mut sent.at).filter(|at| **at - far > now);
        let until = self.until.as_mut().filter(|until| **until - far > ends);
        let ahead = at.is_some() || until.is_some();
        at.into_iter().for_each(|at| *at = now);
        until.into_iter().for_each(|until| *until = ends);
        ahead
    }

    /// Until then the call that left last may still reach the vendor, beside what else may.
    pub fn lingers(&mut self, until: Timestamp) {
        let until = until.as_millisecond();
        let call = self.sent.as_ref().map(|sent| sent.call.clone());
        self.whose = match self.until {
            None => call,
            Some(_) => self.whose.take().filter(|whose| Some(whose) == call.as_ref()),
        };
        self.until = Some(self.until.map_or(until, |known| known.max(until)));
    }

    /// The call that left last was answered. Where the vendor knows it again, an earlier one of it does nothing any more.
    pub fn answered(&mut self) {
        if self.is_keyed_alone() {
            (self.until, self.whose) = (None, None);
        }
        self.sent = None;
    }

    /// Whether the call that left last has a key, and what may still reach the vendor is that call alone.
    pub fn is_keyed_alone(&self) -> bool {
        let keyed = self.sent.as_ref().filter(|sent| sent.keyed);
        keyed.is_some_and(|sent| self.whose.as_ref() == Some(&sent.call))
    }

    /// Nothing of the create that it is of is there: it begins afresh.
    pub fn is_nothing(&mut self) {
        let Birth { secret, promised, asked, replaces, .. } = self.birth.take().unwrap_or_default();
        let birth = Some(Birth { secret, promised, asked, replaces, ..Birth::default() });
        let (until, whose, afresh) = (self.until, self.whose.take(), self.afresh);
        *self = Self { birth, until, whose, afresh, ..Self::default() };
    }

    /// Whether nothing of it was begun that anybody has to know of.
    pub fn is_blank(&self) -> bool {
        *self == Self { afresh: self.afresh, ..Self::default() }
    }

    /// Whether nothing has left for its own resource of which anybody has to know.
    pub fn is_unsent(&self) -> bool {
        let Self { afresh, spread, ahead, .. } = *self;
        *self == Self { afresh, spread, ahead, ..Self::default() }
    }

    /// Whether some calls of an operation are done, and others are not.
    pub fn is_half_done(&self) -> bool {
        self.begun.iter().any(|begun| begun.calls > 0)
    }

    /// Whether something of it was carried out, or may have been, or may yet be.
    pub fn has_effects(&self) -> bool {
        let Self { sent, done, until, .. } = self;
        sent.is_some() || self.is_half_done() || !done.is_empty() || until.is_some()
    }

    /// Until when what has left may reach the vendor: where whoever sent the last call did not live to give it up, for
    /// `large` after it left.
    pub fn at_large(&self, large: Duration) -> Option<Timestamp> {
        let instant = |milliseconds| Timestamp::from_millisecond(milliseconds).ok();
        let until = self.until.and_then(instant);
        let sent = self.sent.as_ref().filter(|sent| !sent.given_up || until.is_none());
        sent.and_then(|sent| instant(sent.at)).map(|at| later(at, large)).max(until)
    }

    /// As an entry holds it; null where nothing has left.
    pub fn held(&self) -> Value {
        match self == &Self::default() {
            true => Value::Null,
            false => serde_json::to_value(self).unwrap_or_default(),
        }
    }
}

/// What an operation's calls are, in order, wherever they stand in the file, and how many of them are made:
/// `retire POST /users/{key}/retire, close PUT /users/{key}/sessions when before.open`. Under another condition the
/// calls that were made are others than the first so many.
pub fn shape(operation: &Operation) -> String {
    let call = |step: &Step| {
        let each = step.for_each.as_ref().map(|each| {
            let some = each.batch.map(|batch| format!(" {batch} of")).unwrap_or_default();
            format!(" for each{some} {}", each.list.text())
        });
        let each = each.unwrap_or_default();
        let when = step.when.as_ref().map(|when| format!(" when {}", when.text()));
        let when = when.unwrap_or_default();
        format!("{} {} {}{each}{when}", step.name, step.method, step.path.as_written())
    };
    operation.steps.iter().map(call).collect::<Vec<_>>().join(", ")
}
