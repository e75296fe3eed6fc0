//! Birth: who is there was made whole, or a dead letter says that somebody was not.

use super::Case;
use scimshim::gateway::begun::Name;

pub fn faults(case: &Case) -> Vec<String> {
    let is_told = |email: &str| case.evidence.dead.values().any(|id| *id == unborn(email));
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
