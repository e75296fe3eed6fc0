//! Rest: what the vendor holds in the end is what the clients' writes come to, in an order that they could have had.

use super::{
    Case,
    deed::{Deed, REGISTERS, Register},
    history::History,
};
use crate::write::{Outcome, Verb};

pub fn faults(case: &Case) -> Vec<String> {
    case.histories.iter().flat_map(|history| of_one(case, history)).collect()
}

fn of_one(case: &Case, history: &History) -> Vec<String> {
    let deeds: Vec<&Deed> = case.deeds.iter().filter(|deed| deed.concerns(history)).collect();
    let is_delete = |deed: &&&Deed| deed.write.verb == Verb::Delete;
    let mut deletes = deeds.iter().filter(is_delete);
    let id = history.id;
    if history.at_rest().gone {
        // Who was half made and whom nobody knows is taken back.
        let by_nobody = is_known(case, history) && !deletes.any(|deed| deed.may());
        return by_nobody
            .then(|| format!("{id} is gone, and nobody deleted him"))
            .into_iter()
            .collect();
    }
    let deleted = deletes.filter(|deed| deed.settled(history).next().is_some());
    let there = deleted.map(|deed| format!("{id} was deleted and is there: {:?}", deed.attempts));
    let registers = REGISTERS.into_iter().filter_map(|one| register(&deeds, history, one));
    there.chain(registers).collect()
}

/// Whether a client was told that he is there.
pub fn is_known(case: &Case, history: &History) -> bool {
    case.evidence.client.iter().any(|attempt| match &attempt.outcome {
        Outcome::Done(Some(told)) => told.id == history.id,
        Outcome::Done(None) | Outcome::Promised(_) | Outcome::Acknowledged(_) => {
            attempt.id.as_deref() == Some(history.id)
        }
        _ => false,
    })
}

fn register(deeds: &[&Deed], history: &History, register: Register) -> Option<String> {
    let held = register.held(history.at_rest());
    let says = |deed: &&&Deed| register.said(deed.write) == Some(held.clone());
    let others: Vec<&&Deed> =
        deeds.iter().filter(|deed| deed.insists(register, history) && !says(deed)).collect();
    let explains = |deed: &&Deed| others.iter().all(|other| !deed.precedes(other, register));
    let born = register.held(history.states[0].person) == held && others.is_empty();
    let explained = born || deeds.iter().filter(says).filter(|one| one.may()).any(explains);
    let last = others.last().map(|deed| &deed.attempts);
    (!explained).then(|| {
        format!(
            "{register:?} of {} is `{held}` at rest, which was over before {last:?}",
            history.id
        )
    })
}
