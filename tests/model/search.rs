//! Looks at every state that the protocol can reach, the nearest first: a counterexample is a shortest one.

use crate::{
    actions::{Model, Step},
    state::{NOBODY, State, WRITES},
    truth::Wrong,
};
use std::{
    collections::{HashMap, hash_map},
    hash::{BuildHasherDefault, Hasher},
};

/// What is known of a row's states.
pub struct Found {
    pub states: usize,
    pub end: End,
}

pub enum End {
    /// Every state was looked at, and from each a good end can be reached without a fault.
    Held,
    /// The actions that lead to what is wrong.
    Caught(Wrong, Vec<String>),
    /// There are more states than were asked for.
    Unfinished,
}

/// Where a state was first reached from, and by which of the steps there.
#[derive(Clone, Copy)]
struct Origin {
    from: usize,
    step: usize,
}

/// Explores at most `most` states.
pub fn search(model: &Model, most: usize) -> Found {
    let first = State::new(model.faults);
    let mut numbers: HashMap<State, usize, Quick> = HashMap::default();
    numbers.insert(first, 0);
    let mut states = vec![first];
    let mut origins = vec![Origin { from: 0, step: 0 }];
    // Who leads to a state without a fault, and where all is well and over: what T6 asks.
    let mut leading: Vec<Vec<usize>> = vec![vec![]];
    let mut good = vec![];
    let mut at = 0;
    while let Some(&state) = states.get(at) {
        let steps = model.steps(&state);
        let rests = steps.iter().all(|step| step.is_fault);
        let at_rest = || if rests { model.wrong_at_rest(&state) } else { None };
        if let Some(wrong) = model.wrong(&state).or_else(at_rest) {
            let trace = trace(model, &origins, at);
            return Found { states: states.len(), end: End::Caught(wrong, trace) };
        }
        if rests {
            good.push(at);
        }
        for (step, Step { then, is_fault, .. }) in steps.into_iter().enumerate() {
            let number = match numbers.entry(then) {
                hash_map::Entry::Occupied(known) => *known.get(),
                hash_map::Entry::Vacant(new) => {
                    new.insert(states.len());
                    states.push(then);
                    origins.push(Origin { from: at, step });
                    leading.push(vec![]);
                    states.len() - 1
                }
            };
            if !is_fault {
                leading[number].push(at);
            }
        }
        if states.len() > most {
            return Found { states: states.len(), end: End::Unfinished };
        }
        at += 1;
    }
    let end = match stuck(&leading, good) {
        Some(number) => End::Caught(Wrong::Stuck, trace(model, &origins, number)),
        None => End::Held,
    };
    Found { states: states.len(), end }
}

/// The first state from which no good end can be reached without a fault.
fn stuck(leading: &[Vec<usize>], good: Vec<usize>) -> Option<usize> {
    let mut ends_well = vec![false; leading.len()];
    let mut open = good;
    while let Some(number) = open.pop() {
        if !ends_well[number] {
            ends_well[number] = true;
            open.extend(&leading[number]);
        }
    }
    ends_well.iter().position(|ends_well| !ends_well)
}

/// The actions that lead to a state, done again from the beginning, and the state.
fn trace(model: &Model, origins: &[Origin], number: usize) -> Vec<String> {
    let mut path = vec![];
    let mut at = number;
    while at != 0 {
        path.push(origins[at].step);
        at = origins[at].from;
    }
    let mut state = State::new(model.faults);
    let mut lines = vec![];
    for step in path.into_iter().rev() {
        let Step { who, what, then, .. } = model.steps(&state).swap_remove(step);
        lines.push(format!("{}: {what}", name(model, who)));
        state = then;
    }
    let writes = model.row.writes.len();
    let stages: Vec<_> = state.entries.iter().take(writes).map(|entry| entry.stage).collect();
    let told: Vec<_> = state.clients.iter().take(writes).map(|client| client.told).collect();
    let vendor = state.vendor;
    lines.push(format!(
        "=> entries {stages:?}, clients {told:?}, vendor {:?}, effects {:?}",
        vendor.values, vendor.counts
    ));
    lines
}

fn name(model: &Model, who: u8) -> String {
    let number = usize::from(who);
    match model.row.writes.get(number) {
        Some(write) => format!("request {number} {:?}", write.intent),
        None if who == NOBODY => "world".to_owned(),
        None => format!("worker {}", number - WRITES),
    }
}

/// A state is many small numbers, and the hash of the standard library is slow on them; nobody attacks a model.
type Quick = BuildHasherDefault<Mixed>;

#[derive(Default)]
struct Mixed(u64);

impl Mixed {
    fn mix(&mut self, word: u64) {
        // 2^64 divided by the golden ratio spreads neighbouring numbers.
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.mix(byte.into());
    }

    fn write_isize(&mut self, number: isize) {
        self.mix(u64::from_ne_bytes(number.to_ne_bytes()));
    }

    fn write_usize(&mut self, _length: usize) {
        // Only lengths of arrays come here, and they are all the same.
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}
