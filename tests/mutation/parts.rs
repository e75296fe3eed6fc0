//! What a mapping says beside rules and operations, each left out or said otherwise: what failures mean, who is none
//! of the vendor's business, what a name stands for, who is the same, and what is left of who has gone.

use crate::node::{Change, entries, items, listed, text, with};
use scimshim::yaml::{Key, Kind, Node};

/// The words for what a failure means, each with one that it is not.
const MEANS: [(&str, &str); 8] = [
    ("conflict", "invalid"),
    ("invalid", "conflict"),
    ("forbidden", "broken"),
    ("not_found", "broken"),
    ("busy", "broken"),
    ("down", "broken"),
    ("done", "broken"),
    ("broken", "invalid"),
];
const THEN: [(&str, &str); 2] = [("reject", "skip"), ("skip", "reject")];
const ON_MATCH: [(&str, &str); 2] = [("adopt", "conflict"), ("conflict", "adopt")];
const AFTERWARDS: [(&str, &str); 2] = [("gone", "inactive"), ("inactive", "gone")];

/// Each row of `errors` left out, and with another word for what it means.
pub fn errors_of(whole: &Node, word: &str) -> Vec<Change> {
    rows(whole, word, "errors", ("means", &MEANS))
}

/// What stands in a kind beside its rules, fields and operations.
pub fn in_kind(kind: &Node) -> Vec<Change> {
    let mut changes = rows(kind, "outside", "outside", ("then", &THEN));
    for name in ["exists", "owns", "match"] {
        if kind.get(name).is_some() {
            changes.push((format!("{name} dropped"), with(kind, name, None)));
        }
    }
    let by = kind.get("match").map(items).unwrap_or_default();
    for (index, one) in by.iter().enumerate().filter(|_| by.len() > 1) {
        let mut left = by.to_vec();
        left.remove(index);
        let left = kind.get("match").and_then(|by| listed(by, left));
        changes.push((format!("match {} dropped", text(one)), with(kind, "match", left)));
    }
    changes.extend(said_otherwise(kind, "on_match", &ON_MATCH));
    changes
}

/// What a client sees of whom it has deleted, left out and said otherwise.
pub fn afterwards(operation: &Node, word: &str) -> Vec<Change> {
    let mut changes = said_otherwise(operation, "afterwards", &AFTERWARDS);
    // Beside `run` it says what would hold without it.
    if operation.get("afterwards").is_some() && operation.get("run").is_none() {
        changes.push(("afterwards dropped".to_owned(), with(operation, "afterwards", None)));
    }
    changes.into_iter().map(|(what, changed)| (format!("{word}: {what}"), changed)).collect()
}

/// Each lookup with its name in the place of its key.
pub fn lookups(lookups: &Node) -> Vec<Change> {
    let swapped = |(key, lookup): &(Key, Node)| {
        let swapped = with(lookup, "name", lookup.get("key").cloned());
        let swapped = with(&swapped, "key", lookup.get("name").cloned());
        let what = format!("lookup {}: name and key swapped", key.text);
        (what, with(lookups, &key.text, Some(swapped)))
    };
    entries(lookups).iter().map(swapped).collect()
}

/// Each row of a list left out, and with another word at one of its keys.
fn rows(
    whole: &Node,
    word: &str,
    list: &str,
    (key, words): (&str, &[(&str, &str)]),
) -> Vec<Change> {
    let Some(written) = whole.get(list) else { return Vec::new() };
    let all = items(written);
    let mut changes = Vec::new();
    for (index, row) in all.iter().enumerate() {
        let name = format!("{word}: row {} of {list}", index + 1);
        let mut left = all.to_vec();
        left.remove(index);
        changes.push((format!("{name} dropped"), with(whole, list, listed(written, left))));
        for (what, row) in said_otherwise(row, key, words) {
            let mut changed = all.to_vec();
            changed[index] = row;
            let changed = with(whole, list, listed(written, changed));
            changes.push((format!("{name}: {what}"), changed));
        }
    }
    changes
}

/// The word at a key in the place of which another is said.
fn said_otherwise(whole: &Node, key: &str, words: &[(&str, &str)]) -> Vec<Change> {
    let Some(node) = whole.get(key) else { return Vec::new() };
    let Kind::Text(written) = &node.kind else { return Vec::new() };
    let others = words.iter().filter(|(word, _)| word == written);
    let other = |(word, other): &(&str, &str)| {
        let said = Node { kind: Kind::Text((*other).to_owned()), ..node.clone() };
        (format!("{key} `{other}` and not `{word}`"), with(whole, key, Some(said)))
    };
    others.map(other).collect()
}
