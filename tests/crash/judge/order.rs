//! Order: writes to one person reach the vendor in the order in which they were asked for. Where one did not, and what
//! came of it was mended before the end, nothing is lost; it is told apart, for whoever promises that as well.

use super::{
    Case,
    deed::{Deed, REGISTERS, Register},
    history::{History, State},
};

/// Every change at the vendor that was over, for those who could have wanted it, before another one was asked for that
/// was said to be done by then.
pub fn inversions(case: &Case) -> Vec<String> {
    let of = |history| REGISTERS.map(|register| of_one(case, history, register)).concat();
    case.histories.iter().flat_map(of).collect()
}

fn of_one(case: &Case, history: &History, register: Register) -> Vec<String> {
    let deeds: Vec<&Deed> = case.deeds.iter().filter(|deed| deed.concerns(history)).collect();
    let changes = history.states.windows(2).filter_map(|pair| match pair {
        [before, after] if register.held(before.person) != register.held(after.person) => {
            Some(after)
        }
        _ => None,
    });
    let inverted = changes.filter_map(|change| overtaken(&deeds, history, register, change));
    inverted.collect()
}

fn overtaken(
    deeds: &[&Deed],
    history: &History,
    register: Register,
    change: &State,
) -> Option<String> {
    let value = register.held(change.person);
    let says = |deed: &&&Deed| register.said(deed.write).as_ref() == Some(&value);
    let wanted: Vec<&&Deed> =
        deeds.iter().filter(says).filter(|deed| deed.begin() <= change.since).collect();
    let done = |deed: &&&Deed| {
        deed.insists(register, history) && deed.done().is_some_and(|end| end < change.since)
    };
    let mut others = deeds.iter().filter(|deed| !says(deed)).filter(done);
    let other = others.find(|other| wanted.iter().all(|deed| deed.end() < other.begin()))?;
    let (id, last) = (history.id, wanted.last()?);
    Some(format!(
        "{register:?} of {id} became `{value}` after {:?} was done: {:?}",
        other.attempts, last.attempts
    ))
}
