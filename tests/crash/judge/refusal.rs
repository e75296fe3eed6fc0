//! Refusal: what was answered with 4xx is never carried out afterwards.

use super::{Case, deed::Register};
use crate::write::Outcome;

pub fn faults(case: &Case) -> Vec<String> {
    let mut faults = Vec::new();
    for deed in case.deeds.iter().filter(|deed| !deed.may()) {
        let Some(last) = deed.attempts.last() else { continue };
        for register in [Register::Title, Register::Nick] {
            let Some(said) = register.said(deed.write) else { continue };
            let mut states = case.histories.iter().flat_map(|history| history.states.windows(2));
            let done = states.any(|pair| {
                let [before, after] = pair else { return false };
                let held = |person| register.held(person) == said;
                after.since > last.end && held(after.person) && !held(before.person)
            });
            if done {
                let Outcome::Refused(status) = &last.outcome else { continue };
                faults.push(format!("refused with {status}, and carried out later: {last:?}"));
            }
        }
    }
    faults
}
