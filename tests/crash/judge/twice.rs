//! Twice: a note is written for each time that somebody leaves, and for none of them two.

use super::Case;
use crate::vendor::diary::Verb;

pub fn faults(case: &Case) -> Vec<String> {
    let mut faults = Vec::new();
    for history in &case.histories {
        // How many notes are still allowed: one as soon as he left.
        let mut left = false;
        for state in &history.states {
            match state.verb {
                Verb::Retire if state.changed => left = true,
                Verb::Note if left => left = false,
                Verb::Note => {
                    let (id, notes) = (history.id, state.person.notes);
                    faults.push(format!("{id} has a note that nothing is behind, his {notes}."));
                }
                _ => {}
            }
        }
    }
    faults
}
