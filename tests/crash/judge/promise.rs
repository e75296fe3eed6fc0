//! Promise: what was journalled of somebody who is there (for creates see [`birth`](super::birth)) took effect, or a later write took its place, or it is a dead letter for a reason that
//! can be seen from outside.

use super::{
    Case,
    deed::{Deed, REGISTERS, Register},
    history::History,
};
use crate::{
    instant::Instant,
    vendor::{
        diary::{Event, Line, Verb as DiaryVerb},
        mood::PATIENCE,
        people::Person,
    },
    write::{Attempt, Outcome, Verb, Write},
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub struct Promises {
    pub faults: Vec<String>,
    /// Those that took effect.
    pub delivered: u64,
    /// Of those the ones that are dead letters all the same: a call behind the one that took effect is in doubt.
    pub partly: u64,
    /// The writes that the vendor refused for good, or of which a call is in doubt that must not be made twice.
    pub excused: BTreeSet<u64>,
}

pub fn judged(case: &Case) -> Promises {
    let mut promises = Promises::default();
    let mut seen = BTreeSet::new();
    for history in &case.histories {
        let writes = case.deeds.iter().filter(|deed| deed.write.verb != Verb::Create);
        for deed in writes.filter(|deed| deed.concerns(history)) {
            // What was promised again under the same name is the same promise.
            let promised = deed.attempts.iter().filter(|attempt| {
                attempt.outcome.txn().is_some_and(|txn| seen.insert(txn.to_owned()))
            });
            for attempt in promised {
                if is_kept(case, deed, attempt, history) {
                    promises.delivered += 1;
                    promises.partly += u64::from(is_told(case, attempt));
                } else if !is_excused(case, deed, attempt, history) {
                    let lost = format!("promised and lost: {attempt:?}");
                    promises.faults.push(lost);
                } else if !is_told(case, attempt) {
                    let silent = format!("promised, given up, and no dead letter: {attempt:?}");
                    promises.faults.push(silent);
                } else {
                    promises.excused.insert(deed.write.number);
                }
            }
        }
    }
    promises
}

/// Whether there is a reason to give it up, which the vendor and the clients know of.
fn is_excused(case: &Case, deed: &Deed, attempt: &Attempt, history: &History) -> bool {
    is_refused(case, attempt, history)
        || is_in_doubt(case, deed, attempt, history)
        || has_lost_note(case, attempt, history)
        || is_half_done(attempt, history)
}

/// Whether it is a dead letter, by the name that it was promised under.
fn is_told(case: &Case, attempt: &Attempt) -> bool {
    attempt.outcome.txn().is_some_and(|txn| case.evidence.dead.contains_key(txn))
}

/// Whether it took effect, and that before anything else about him was said to be done: later writes wait behind it.
fn is_kept(case: &Case, deed: &Deed, attempt: &Attempt, history: &History) -> bool {
    let until = next_done(case, deed, attempt, history);
    let since: Vec<&Person> = history.between(attempt.begin, until).collect();
    let was = |so: &dyn Fn(&Person) -> bool| since.iter().any(|person| so(person));
    if was(&|person| person.gone) {
        return true;
    }
    deed.write.verb != Verb::Delete
        && REGISTERS.into_iter().all(|register| {
            let Some(said) = register.said(deed.write) else { return true };
            was(&|person| register.held(person) == said)
                // Whoever is switched off is so once, even if he is switched on right after it.
                || register != Register::Active && is_superseded(case, deed, register, history)
        })
}

/// When the first of the others that were asked for after it was said to be done.
fn next_done(case: &Case, deed: &Deed, attempt: &Attempt, history: &History) -> Instant {
    let others = case.deeds.iter().filter(|other| other.write.number != deed.write.number);
    let settled = others.flat_map(|other| other.settled(history));
    let done =
        settled.filter(|one| one.begin > attempt.end && one.id.as_deref() == Some(history.id));
    let done = done.filter(|one| matches!(one.outcome, Outcome::Done(_)));
    done.map(|one| one.end).min().unwrap_or(Instant::NEVER)
}

/// Whether another durable write of it is settled that is not before this one, and may carry it along.
fn is_superseded(case: &Case, deed: &Deed, register: Register, history: &History) -> bool {
    case.deeds.iter().any(|other| {
        other.write.number != deed.write.number
            && other.write.is_durable()
            && other.concerns(history)
            && other.insists(register, history)
            && !other.precedes(deed, register)
    })
}

/// Whether the vendor said no, for good, to a write about him since.
fn is_refused(case: &Case, attempt: &Attempt, history: &History) -> bool {
    let about = format!("/users/{}", history.id);
    let mut calls = BTreeMap::new();
    case.evidence.vendor.iter().any(|Line { call, at, event }| match event {
        Event::Called { method, path, .. } => {
            calls.insert(call, method != "GET" && path.starts_with(&about));
            false
        }
        Event::Answered(400 | 403 | 422) => *at >= attempt.begin && calls.get(call) == Some(&true),
        _ => false,
    })
}

/// Whether a note about him got no answer since, or one that nobody waited for any more, or that whoever asked did not
/// live to read: it must not be written twice, and nothing shows it.
fn has_lost_note(case: &Case, attempt: &Attempt, history: &History) -> bool {
    let about = format!("/users/{}/notes", history.id);
    let mut notes = BTreeMap::new();
    let mut is_lost = false;
    for Line { call, at, event } in &case.evidence.vendor {
        match event {
            Event::Called { path, .. } if *path == about && *at >= attempt.begin => {
                notes.insert(call, *at);
            }
            Event::Answered(_) => {
                let called = notes.remove(&call);
                is_lost |= called
                    .is_some_and(|called| called.later(PATIENCE) < *at || somebody_died(case, *at));
            }
            _ => {}
        }
    }
    is_lost || !notes.is_empty()
}

/// Whether he was switched off since without a note of it: it may have been on its way when whoever asked stood still, and
/// never have left.
fn is_half_done(attempt: &Attempt, history: &History) -> bool {
    let since = || history.states.iter().filter(|state| state.since >= attempt.begin);
    let leavings = since().filter(|state| state.verb == DiaryVerb::Retire && state.changed).count();
    leavings > since().filter(|state| state.verb == DiaryVerb::Note).count()
}

/// Whether a client lost its gateway right after this: one has died then, or stood still.
fn somebody_died(case: &Case, at: Instant) -> bool {
    let lost = case.evidence.client.iter().filter(|one| one.outcome == Outcome::Open(None));
    lost.map(|one| one.end).any(|end| at <= end && end < at.later(PATIENCE))
}

/// Whether the same was asked for before, by whomever, of a gateway that said nothing any more, or is a dead letter: a note of
/// it may have been on its way, and that answers all who ask for the same.
fn is_in_doubt(case: &Case, deed: &Deed, attempt: &Attempt, history: &History) -> bool {
    let same = |other: &&Deed| {
        other.concerns(history)
            && Write { number: deed.write.number, ..other.write.clone() } == *deed.write
    };
    let mut before = case.deeds.iter().filter(same).flat_map(|other| &other.attempts);
    let in_doubt = |other: &Attempt| other.outcome == Outcome::Open(None) || is_told(case, other);
    before.any(|other| other.begin < attempt.begin && in_doubt(other))
}
