//! History: what somebody was at the vendor's, from when to when.

use crate::{
    instant::Instant,
    vendor::{
        diary::{Event, Line, Verb},
        people::Person,
    },
};
use std::collections::BTreeMap;

pub struct History<'a> {
    pub id: &'a str,
    pub email: &'a str,
    /// In the order in which they came to be; there is one.
    pub states: Vec<State<'a>>,
}

/// From `since` to the next one.
pub struct State<'a> {
    pub call: u64,
    pub since: Instant,
    pub verb: Verb,
    pub changed: bool,
    pub person: &'a Person,
}

impl<'a> History<'a> {
    /// What he was at some time between the two.
    pub fn between(&self, from: Instant, to: Instant) -> impl Iterator<Item = &'a Person> {
        let ends = self.states.iter().skip(1).map(|next| next.since).chain([Instant::NEVER]);
        let there = self.states.iter().zip(ends);
        there
            .filter(move |(state, end)| state.since <= to && *end > from)
            .map(|(state, _)| state.person)
    }

    pub fn at_rest(&self) -> &'a Person {
        self.states[self.states.len() - 1].person
    }
}

/// Of everybody who was ever made.
pub fn histories(vendor: &[Line]) -> Vec<History<'_>> {
    let mut by_id: BTreeMap<&str, History> = BTreeMap::new();
    for line in vendor {
        let Event::Applied { verb, person, changed } = &line.event else { continue };
        let new = || History { id: &person.id, email: &person.email, states: Vec::new() };
        let state =
            State { call: line.call, since: line.at, verb: *verb, changed: *changed, person };
        by_id.entry(&person.id).or_insert_with(new).states.push(state);
    }
    by_id.into_values().collect()
}
