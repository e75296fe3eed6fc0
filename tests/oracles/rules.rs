//! What an oracle does not know, and how a question is put so that it need not know it.

use crate::node::Node;
use proptest::{
    strategy::Strategy,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use std::{cell::RefCell, collections::BTreeMap, fmt::Debug};

/// One thing that an oracle does not know.
pub struct Rule<C> {
    pub name: &'static str,
    /// Why the RFC says otherwise than the oracle.
    pub reason: &'static str,
    /// The same question without it.
    pub mend: fn(&C) -> C,
}

/// Puts `cases` cases to the oracle. `agrees` asks it: whether its answer is ours.
pub fn compare<C: Clone + PartialEq + Debug + 'static>(
    cases: u32,
    strategy: impl Strategy<Value = C>,
    rules: &[Rule<C>],
    agrees: impl Fn(&mut Node, &C, &C) -> Result<bool, TestCaseError>,
) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    // The same cases every time: what fails in CI fails for everybody.
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let node = RefCell::new(Node::start());
    let counts = RefCell::new(BTreeMap::new());
    let run = runner.run(&strategy, |case| {
        let agrees = |rules: &[&Rule<C>]| {
            let mended = rules.iter().fold(case.clone(), |case, rule| (rule.mend)(&case));
            agrees(&mut node.borrow_mut(), &case, &mended)
        };
        let mut needed = Vec::new();
        if !agrees(&needed)? {
            needed = rules.iter().collect();
            if !agrees(&needed)? {
                let mended = rules.iter().fold(case.clone(), |case, rule| (rule.mend)(&case));
                return Err(TestCaseError::fail(format!("asked as {mended:#?}")));
            }
            for rule in rules {
                let fewer: Vec<_> =
                    needed.iter().copied().filter(|one| one.name != rule.name).collect();
                if agrees(&fewer)? {
                    needed = fewer;
                }
            }
        }
        let mut counts = counts.borrow_mut();
        if needed.is_empty() {
            *counts.entry("as it was asked").or_insert(0) += 1;
        }
        needed.iter().for_each(|rule| *counts.entry(rule.name).or_insert(0) += 1);
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
    let counts = counts.into_inner();
    println!("{cases} cases; the oracle agrees: {counts:#?}");
    for rule in rules {
        assert!(counts.contains_key(rule.name), "no case needs `{}`: {}", rule.name, rule.reason);
    }
    assert!(counts["as it was asked"] > cases / 4, "{counts:?}");
}
