//! What the store holds, as test files write it: `store` before a request, `store_after` behind it.
//!
//! By what it is, then by kind of resource, then by id, or by the vendor's key where that is what it is known by:
//! `kept: { User: { "7": { externalId: 00u1 } } }`.

mod check;
mod read;
mod rows;

pub use read::{after, before};
pub use rows::told;

use crate::{diagnostic::Place, store::State};
use serde_json::Value;

/// The part for Groups of our own, which need no kind.
const GROUPS: &str = "groups";

/// What is written of a store.
#[derive(Debug)]
pub struct Rows {
    /// Those that are not written are not looked at.
    pub parts: Vec<Part>,
    /// Where it stands.
    pub place: Place,
    /// What a mapping must know.
    names: Vec<Name>,
}

/// `links`, `kept`, `gone`, `outside`, `ours`, `unfinished` or `groups`.
#[derive(Debug)]
pub struct Part {
    /// Which.
    pub name: &'static str,
    /// By kind and id or key, `groups` by id; match values in normal form.
    pub value: Value,
    /// Where it stands.
    pub place: Place,
}

/// A kind, or one of its attributes, as it is named in a part.
#[derive(Debug)]
struct Name {
    part: &'static str,
    kind: String,
    attribute: Option<String>,
    place: Place,
}

/// The state of a mark, by its word.
fn state(word: &str) -> Option<State> {
    match word {
        "made" => Some(State::Made),
        "adopted" => Some(State::Adopted),
        _ => None,
    }
}
