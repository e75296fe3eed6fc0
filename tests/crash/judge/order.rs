//! Order: writes to one person reach the vendor in the order in which they were asked for. Where one did not, and what
//! came of it was mended, nothing is lost: that is a figure and no fault.

use super::{
    Case,
    deed::{Deed, Register},
    history::History,
};

/// Pairs of which the one that was over before the other was asked for came after it at the vendor.
pub fn inversions(case: &Case) -> u64 {
    let of = |history: &History| -> u64 {
        [Register::Title, Register::Nick]
            .map(|register| of_one(case, history, register))
            .iter()
            .sum()
    };
    case.histories.iter().map(of).sum()
}

fn of_one(case: &Case, history: &History, register: Register) -> u64 {
    let mut inverted = 0;
    let mut so_far: Vec<&Deed> = Vec::new();
    for pair in history.states.windows(2) {
        let [before, after] = pair else { continue };
        let (was, is) = (register.held(before.person), register.held(after.person));
        let by = |deed: &&Deed| register.said(deed.write).as_ref() == Some(&is);
        let Some(deed) = case.deeds.iter().find(by).filter(|_| was != is) else { continue };
        inverted += so_far.iter().filter(|earlier| deed.end() < earlier.begin()).count() as u64;
        so_far.push(deed);
    }
    inverted
}
