//! What came of all cases, counted.

use std::collections::{BTreeMap, BTreeSet};

/// The figures of one mapping.
#[derive(Default)]
pub struct Figures {
    /// Outcome to how often.
    outcomes: BTreeMap<String, usize>,
    /// Which steps, by their marks, were struck by which fault.
    pub struck: BTreeSet<(String, String)>,
    /// What must not be, in words.
    pub wrong: Vec<String>,
}

impl Figures {
    pub fn count(&mut self, outcome: &str) {
        *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
    }

    pub fn add(&mut self, other: Self) {
        for (outcome, count) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
        self.struck.extend(other.struck);
        self.wrong.extend(other.wrong);
    }

    pub fn print(&self, mapping: &str, steps: usize, lasting: bool) {
        let cases: usize = self.outcomes.values().sum();
        let lasting = if lasting { ", each fault for good" } else { "" };
        println!("{mapping}: {cases} cases in {steps} steps{lasting}");
        for (outcome, count) in &self.outcomes {
            println!("  {count:5} {outcome}");
        }
    }
}
