//! Birth: who is there was made whole, or a dead letter says that somebody was not.

use super::Case;

pub fn faults(case: &Case) -> Vec<String> {
    // The id of one who was not made yet is made of a hash, so it says that there is one and not who.
    let is_told = case.evidence.dead.values().any(|id| id.starts_with('~'));
    let half = case.histories.iter().filter(|history| {
        let person = history.at_rest();
        !person.gone && !person.welcome && !is_told
    });
    half.map(|history| format!("{} was made and never welcomed", history.id)).collect()
}
