//! Half: whoever left has a note of it, for an operation of two calls is finished or a dead letter says that it is not:
//! one for each time.

use super::{
    Case,
    history::{History, State},
};
use crate::vendor::diary::Verb;

pub fn faults(case: &Case) -> Vec<String> {
    case.histories.iter().filter_map(|history| fault(case, history)).collect()
}

/// Nobody writes a note about who has gone, nor about whom a person is told to look at.
fn fault(case: &Case, history: &History) -> Option<String> {
    let dead = case.evidence.dead.values().filter(|id| *id == history.id).count();
    if history.at_rest().gone {
        return None;
    }
    let count = |is: fn(&&State) -> bool| history.states.iter().filter(is).count();
    let leavings = count(|state| state.verb == Verb::Retire && state.changed);
    let notes = count(|state| state.verb == Verb::Note);
    let id = history.id;
    (notes + dead < leavings).then(|| {
        format!("{id} left {leavings} times, and has {notes} notes of it and {dead} dead letters")
    })
}
