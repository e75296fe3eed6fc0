//! Birth: who is there was made whole, and whom a promise says is made was there after it; or a dead letter says that it is
//! not so.

use super::{Case, history::History};
use crate::{
    instant::Instant,
    write::{Attempt, Outcome, Verb},
};
use scimshim::gateway::begun::Name;
use std::collections::BTreeSet;

/// Promises that somebody is made.
#[derive(Debug, Default)]
pub struct Births {
    pub faults: Vec<String>,
    /// Those after which he was there.
    pub delivered: u64,
}

pub fn promised(case: &Case) -> Births {
    let mut births = Births::default();
    let mut seen = BTreeSet::new();
    let creates = case.deeds.iter().filter(|deed| deed.write.verb == Verb::Create);
    for attempt in creates.flat_map(|deed| &deed.attempts) {
        let Outcome::Promised(txn) = &attempt.outcome else { continue };
        // What was promised again under the same name is the same promise.
        if !seen.insert(txn) {
            continue;
        }
        if was_there(case, attempt) {
            births.delivered += 1;
        } else if !is_told(case, &attempt.email) && !was_refused(case, attempt) {
            births.faults.push(format!("promised to be made, and was not: {attempt:?}"));
        }
    }
    births
}

/// Whether somebody of that name was there at some time after it was promised.
fn was_there(case: &Case, promised: &Attempt) -> bool {
    let of_him = case.histories.iter().filter(|history| history.email == promised.email);
    let since = |history: &History| {
        history.between(promised.end, Instant::NEVER).any(|person| !person.gone)
    };
    of_him.into_iter().any(since)
}

/// Whether a client heard since that the vendor does not have him.
fn was_refused(case: &Case, promised: &Attempt) -> bool {
    case.evidence.client.iter().any(|one| {
        one.write.verb == Verb::Create
            && one.email == promised.email
            && one.end > promised.end
            && matches!(one.outcome, Outcome::Refused(_))
    })
}

fn is_told(case: &Case, email: &str) -> bool {
    case.evidence.dead.values().any(|id| *id == unborn(email))
}

pub fn faults(case: &Case) -> Vec<String> {
    let is_told = |email: &str| is_told(case, email);
    let half = case.histories.iter().filter(|history| {
        let person = history.at_rest();
        !person.gone && !person.welcome && !is_told(history.email)
    });
    half.map(|history| format!("{} was made and never welcomed", history.id)).collect()
}

/// Under which id the create of somebody is known who has none.
pub fn unborn(email: &str) -> String {
    let (kind, attribute) = ("User".to_owned(), "userName".to_owned());
    Name { kind, attribute, value: email.to_owned() }.provisional()
}
