//! Judge: reads what the vendor wrote down and what the clients wrote down, and of the gateway's nothing but which dead letters
//! there are: a promise that is one of them was not kept, and that is told.
//!
//! A *register* is what a write sets and the next one sets anew: somebody's title, nickname, access. What it holds at
//! rest must be what some write said that no settled write comes after; what comes after what is told by the clients'
//! clocks alone. Each rule is a file; [`made_up`] shows each of them logs that it must not let pass.

mod access;
mod birth;
mod deed;
mod half;
mod history;
mod made_up;
mod order;
mod promise;
mod refusal;
mod rest;
mod truth;
mod twice;

use crate::{
    figures::Figures,
    vendor::diary::{Event, Line},
    write::{Attempt, Outcome},
};
use deed::{Deed, deeds};
use history::{History, histories};
use std::collections::{BTreeMap, BTreeSet};

/// What is left of a run.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    pub vendor: Vec<Line>,
    pub client: Vec<Attempt>,
    /// What the gateway says it gave up, loudly: the number of each entry, and whose it is. No other promise is excused.
    pub dead: BTreeMap<String, String>,
    /// Whether the mapping acknowledges early.
    pub early: bool,
    /// Whether the mapping does not say that somebody may be welcomed twice.
    pub once: bool,
}

#[derive(Debug, Default)]
pub struct Judgement {
    /// Each in words; none in a good run.
    pub faults: Vec<String>,
    /// What came at the wrong time: a fault only where a write waits until the calls before it have settled.
    pub inversions: Vec<String>,
    pub figures: Figures,
}

/// Everything that the rules look at.
struct Case<'a> {
    evidence: &'a Evidence,
    histories: Vec<History<'a>>,
    deeds: Vec<Deed<'a>>,
}

pub fn judge(evidence: &Evidence) -> Judgement {
    let (histories, deeds) = (histories(&evidence.vendor), deeds(&evidence.client));
    let mut case = Case { evidence, histories, deeds };
    let promises = promise::judged(&case);
    for deed in &mut case.deeds {
        deed.excused = promises.excused.contains(&deed.write.number);
    }
    let lost = [promises.faults, access::faults(&case), rest::faults(&case), half::faults(&case)];
    let births = birth::promised(&case);
    let lost = [lost.concat(), birth::faults(&case), births.faults].concat();
    let doubled = twice::faults(&case);
    let lies = [truth::faults(&case), refusal::faults(&case)].concat();
    let inversions = order::inversions(&case);
    let figures = Figures {
        writes: case.deeds.len() as u64,
        repeats: (evidence.client.len() - case.deeds.len()) as u64,
        calls: calls(&evidence.vendor),
        promised: promised(&evidence.client),
        early: early(&evidence.client),
        delivered: promises.delivered + births.delivered,
        partly: promises.partly,
        dead: evidence.dead.len() as u64,
        lost: lost.len() as u64,
        doubled: doubled.len() as u64,
        lies: lies.len() as u64,
        inversions: inversions.len() as u64,
        ..Figures::default()
    };
    Judgement { faults: [lost, doubled, lies].concat(), inversions, figures }
}

/// Calls that would change something.
fn calls(vendor: &[Line]) -> u64 {
    let writes =
        |line: &&Line| matches!(&line.event, Event::Called { method, .. } if method != "GET");
    vendor.iter().filter(writes).count() as u64
}

fn early(client: &[Attempt]) -> u64 {
    let early = client.iter().filter(|one| matches!(one.outcome, Outcome::Acknowledged(_)));
    early.count() as u64
}

fn promised(client: &[Attempt]) -> u64 {
    let txns = client.iter().filter_map(|attempt| attempt.outcome.txn());
    txns.collect::<BTreeSet<_>>().len() as u64
}
