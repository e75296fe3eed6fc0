//! Access: who was switched off, and whom nobody switched on again since, is off. The most important line of all, so
//! it stands on its own, whatever else is looked at.

use super::{Case, deed::Deed, history::History};
use crate::instant::Instant;

pub fn faults(case: &Case) -> Vec<String> {
    case.histories.iter().filter_map(|history| fault(case, history)).collect()
}

fn fault(case: &Case, history: &History) -> Option<String> {
    let person = history.at_rest();
    if person.gone || person.state == "off" {
        return None;
    }
    let deeds = || case.deeds.iter().filter(|deed| deed.concerns(history));
    let says = |active| move |deed: &&Deed| deed.write.active == Some(active);
    let off = deeds().filter(says(false)).flat_map(|deed| deed.settled(history));
    let off = off.max_by_key(|attempt| attempt.begin)?;
    let on = deeds().filter(says(true)).filter(|deed| deed.may()).map(Deed::end);
    let later = on.max().unwrap_or(Instant(0)) >= off.begin;
    (!later)
        .then(|| format!("{} can still get in, though he was switched off: {off:?}", history.id))
}
