//! The order in which operations are done (X6; RFC 7644 §3.7.1): the client's, but what an operation refers to is
//! made before it. In a circle one is made without the reference, which is put in afterwards.

use super::{Bulk, BulkOp, reference};
use http::Method;
use std::collections::{BTreeMap, BTreeSet};

/// What is done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// An operation.
    Do {
        /// Its position in the request.
        operation: usize,
        /// What it refers to and is not made yet.
        without: BTreeSet<String>,
    },
    /// The references are put in that an operation was done without.
    Mend {
        /// Its position in the request.
        operation: usize,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Begun,
    Done,
}

/// All turns of a request.
pub fn turns(bulk: &Bulk) -> Vec<Turn> {
    let makers = makers(bulk);
    let needs: Vec<_> = bulk.operations.iter().map(|operation| needs(operation, &makers)).collect();
    let mut states = vec![State::Waiting; bulk.operations.len()];
    let mut turns = Vec::with_capacity(states.len());
    for first in 0..bulk.operations.len() {
        let mut mends = Vec::new();
        // Not by recursion: a chain may be as long as the request.
        let mut path = vec![first];
        while let Some(operation) = path.last().copied() {
            let state = |of: usize| states.get(of).copied().unwrap_or(State::Done);
            let needed = needs.get(operation).map(Vec::as_slice).unwrap_or_default();
            let done = state(operation) == State::Done;
            let before = needed
                .iter()
                .find(|(_, maker)| *maker != operation && state(*maker) == State::Waiting);
            let next = match before {
                _ if done => State::Done,
                Some((_, maker)) => {
                    path.push(*maker);
                    State::Begun
                }
                None => {
                    // Begun and not done: it waits for this one, or is this one.
                    let open = |maker: usize| maker == operation || state(maker) == State::Begun;
                    let without: BTreeSet<_> = needed
                        .iter()
                        .filter(|(_, maker)| open(*maker))
                        .map(|(name, _)| name.clone())
                        .collect();
                    if !without.is_empty() {
                        mends.push(Turn::Mend { operation });
                    }
                    turns.push(Turn::Do { operation, without });
                    State::Done
                }
            };
            if let Some(state) = states.get_mut(operation) {
                *state = next;
            }
            if next == State::Done {
                path.pop();
            }
        }
        turns.append(&mut mends);
    }
    turns
}

/// What an operation refers to, and who makes it.
fn needs(operation: &BulkOp, makers: &BTreeMap<&str, usize>) -> Vec<(String, usize)> {
    let names = operation.asked.as_ref().map(reference::names).unwrap_or_default();
    let made = names.into_iter().map(|name| (makers.get(name.as_str()).copied(), name));
    made.filter_map(|(maker, name)| Some((name, maker?))).collect()
}

/// Who makes what is referred to.
fn makers(bulk: &Bulk) -> BTreeMap<&str, usize> {
    let makers = bulk.operations.iter().enumerate().filter_map(|(position, operation)| {
        let makes = matches!(&operation.asked, Ok(asked) if asked.method == Method::POST);
        Some((operation.bulk_id.as_deref().filter(|_| makes)?, position))
    });
    makers.collect()
}
