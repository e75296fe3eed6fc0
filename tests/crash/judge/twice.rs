//! Twice: a note is written for each time that somebody leaves, and for none of them two; and where the mapping does not say
//! that somebody may be welcomed twice, nobody is. Which leaving a note belongs to, the vendor's own diary says: the last
//! one before the call for it came in, however late it was carried out.

use super::{
    Case,
    history::{History, State},
};
use crate::{
    instant::Instant,
    vendor::diary::{Event, Verb},
};
use std::collections::BTreeMap;

pub fn faults(case: &Case) -> Vec<String> {
    let vendor = case.evidence.vendor.iter();
    let came = vendor.filter(|line| matches!(line.event, Event::Called { .. }));
    let came: BTreeMap<u64, Instant> = came.map(|line| (line.call, line.at)).collect();
    let notes = case.histories.iter().flat_map(|history| of_one(history, &came));
    let welcomes = case.histories.iter().filter(|_| case.evidence.once).filter_map(welcomed);
    notes.chain(welcomes).collect()
}

/// Who was made is welcomed once, and once more when that was taken back.
fn welcomed(history: &History) -> Option<String> {
    let count = |verb| history.states.iter().filter(|state| state.verb == verb).count();
    let (welcomes, back) = (count(Verb::Welcome), count(Verb::Unwelcome));
    let id = history.id;
    (welcomes > back + 1)
        .then(|| format!("{id} was welcomed {welcomes} times, of which {back} were taken back"))
}

fn of_one(history: &History, came: &BTreeMap<u64, Instant>) -> Vec<String> {
    let left = |state: &&State| state.verb == Verb::Retire && state.changed;
    let leavings: Vec<Instant> =
        history.states.iter().filter(left).map(|state| state.since).collect();
    let mut notes: BTreeMap<usize, u32> = BTreeMap::new();
    for note in history.states.iter().filter(|state| state.verb == Verb::Note) {
        let before = leavings.iter().filter(|leaving| **leaving <= came[&note.call]).count();
        *notes.entry(before).or_default() += 1;
    }
    let allowed = |leaving: usize| u32::from(leaving > 0);
    let too_many = notes.into_iter().filter(|(leaving, count)| *count > allowed(*leaving));
    let id = history.id;
    too_many
        .map(|(leaving, count)| format!("{id} has {count} notes of his leaving {leaving}"))
        .collect()
}
