//! Rest: what the vendor holds in the end is what the clients' writes come to, in an order that they could have had.

use super::{
    Case,
    deed::{Deed, REGISTERS, Register},
    history::History,
};
use crate::write::Verb;

pub fn faults(case: &Case) -> Vec<String> {
    case.histories.iter().flat_map(|history| of_one(case, history)).collect()
}

fn of_one(case: &Case, history: &History) -> Vec<String> {
    let deeds: Vec<&Deed> = case.deeds.iter().filter(|deed| deed.concerns(history)).collect();
    let is_delete = |deed: &&&Deed| deed.write.verb == Verb::Delete;
    let mut deletes = deeds.iter().filter(is_delete);
    let id = history.id;
    if history.at_rest().gone {
        let by_nobody = !deletes.any(|deed| deed.may());
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
