//! Every mapping that differs from one in a single place.

use crate::{
    node::{Change, entries, items, listed, text, with, within},
    parts,
};
use scimshim::yaml::{Key, Kind, Node};

/// A mapping with one mistake.
pub struct Mutant {
    /// What is wrong with it: `User: rule title dropped`.
    pub name: String,
    /// It, as YAML in one line.
    pub text: String,
}

/// All mutants of a mapping.
pub fn of(mapping: &Node) -> Vec<Mutant> {
    let kinds = |resources: &Node| {
        let kinds = entries(resources).iter();
        let of = |(key, kind): &(Key, Node)| {
            let name = key.text.clone();
            let changes = in_kind(kind).into_iter();
            let named = changes.map(|(what, kind)| {
                (format!("{name}: {what}"), with(resources, &name, Some(kind)))
            });
            named.collect::<Vec<_>>()
        };
        kinds.flat_map(of).collect()
    };
    let mut mutants = within(mapping, "resources", kinds);
    mutants.extend(within(mapping, "upstream", |upstream| parts::errors_of(upstream, "upstream")));
    mutants.extend(within(mapping, "lookups", parts::lookups));
    let mutants = mutants.into_iter();
    mutants.map(|(name, mapping)| Mutant { name, text: text(&mapping) }).collect()
}

fn in_kind(kind: &Node) -> Vec<Change> {
    let mut changes = within(kind, "attributes", |rules| rules_of(rules, "rule"));
    changes.extend(within(kind, "fields", |fields| rules_of(fields, "field")));
    changes.extend(within(kind, "operations", in_operations));
    changes.extend(parts::in_kind(kind));
    changes
}

/// Each rule left out, and each in the place of the one behind it.
fn rules_of(rules: &Node, word: &str) -> Vec<Change> {
    let all = entries(rules);
    let dropped = all
        .iter()
        .filter(|_| all.len() > 1)
        .map(|(key, _)| (format!("{word} `{}` dropped", key.text), with(rules, &key.text, None)));
    let pairs = all.iter().zip(all.iter().skip(1));
    // What is the same in both places is no mistake.
    let pairs = pairs.filter(|((_, rule), (_, next))| text(rule) != text(next));
    let swapped = pairs.map(|((one, rule), (other, next))| {
        let changed = with(rules, &one.text, Some(next.clone()));
        let changed = with(&changed, &other.text, Some(rule.clone()));
        (format!("{word} `{}` swapped with `{}`", one.text, other.text), changed)
    });
    dropped.chain(swapped).collect()
}

fn in_operations(operations: &Node) -> Vec<Change> {
    let mut changes = Vec::new();
    for (key, operation) in entries(operations) {
        let name = key.text.as_str();
        match &operation.kind {
            Kind::List(several) => changes.extend(
                in_list(several, name)
                    .into_iter()
                    .map(|(what, left)| (what, with(operations, name, listed(operation, left)))),
            ),
            _ => {
                changes.push((format!("{name} dropped"), with(operations, name, None)));
                changes.extend(within(operations, name, |one| in_one(one, name)));
            }
        }
    }
    changes
}

/// Entries of `update` or `find`: each left out, each with the calls of the one behind it, and what is wrong in one.
fn in_list(several: &[Node], word: &str) -> Vec<(String, Vec<Node>)> {
    let named = |node: &Node| {
        let name = node.get("name").or(node.get("filter")).map(text).unwrap_or_default();
        format!("{word} {name}")
    };
    let mut changes = Vec::new();
    for (index, entry) in several.iter().enumerate() {
        let put = |at: &[(usize, Node)]| {
            let mut changed = several.to_vec();
            at.iter().for_each(|(index, node)| changed[*index] = node.clone());
            changed
        };
        let mut left = several.to_vec();
        left.remove(index);
        changes.push((format!("{} dropped", named(entry)), left));
        if let Some(next) = several.get(index + 1)
            && text(&headed(entry, next)) != text(next)
        {
            let what = format!("{} swapped with {}", named(entry), named(next));
            let (one, other) = (headed(entry, next), headed(next, entry));
            changes.push((what, put(&[(index, one), (index + 1, other)])));
        }
        let inside = in_one(entry, &named(entry)).into_iter();
        changes.extend(inside.map(|(what, entry)| (what, put(&[(index, entry)]))));
    }
    changes
}

/// What an entry does, under the head of another.
fn headed(entry: &Node, other: &Node) -> Node {
    let heads = ["name", "claims", "filter"].into_iter();
    heads.fold(entry.clone(), |entry, key| with(&entry, key, other.get(key).cloned()))
}

/// Claims, steps and what else is said of one operation.
fn in_one(operation: &Node, word: &str) -> Vec<Change> {
    let mut changes = parts::errors_of(operation, word);
    changes.extend(parts::afterwards(operation, word));
    for (what, left) in operation.get("claims").map(claims).unwrap_or_default() {
        let left = operation.get("claims").and_then(|claims| listed(claims, left));
        changes.push((format!("{word}: {what}"), with(operation, "claims", left)));
    }
    for (what, left) in operation.get("steps").map(steps).unwrap_or_default() {
        let left = operation.get("steps").and_then(|steps| listed(steps, left));
        changes.push((format!("{word}: {what}"), with(operation, "steps", left)));
    }
    changes
}

fn claims(claims: &Node) -> Vec<(String, Vec<Node>)> {
    let all = items(claims);
    let mut changes = Vec::new();
    for (index, claim) in all.iter().enumerate() {
        let mut left = all.to_vec();
        left.remove(index);
        changes.push((format!("claim {} dropped", text(claim)), left));
        if let Kind::Text(written) = &claim.kind
            && let Some(other) = turned(written)
        {
            let mut changed = all.to_vec();
            changed[index] = Node { kind: Kind::Text(other), ..claim.clone() };
            changes.push((format!("claim {} turned", text(claim)), changed));
        }
    }
    changes
}

fn steps(steps: &Node) -> Vec<(String, Vec<Node>)> {
    let all = items(steps);
    let mut changes = Vec::new();
    for (index, step) in all.iter().enumerate() {
        let name = step.get("name").map(text).unwrap_or_default();
        let mut left = all.to_vec();
        left.remove(index);
        changes.push((format!("step {name} dropped"), left));
        if index + 1 < all.len() {
            let mut changed = all.to_vec();
            changed.swap(index, index + 1);
            changes.push((format!("step {name} behind the next one"), changed));
        }
        for (what, step) in parts::errors_of(step, &format!("step {name}")) {
            let mut changed = all.to_vec();
            changed[index] = step;
            changes.push((what, changed));
        }
    }
    changes
}

/// The claim of the opposite.
fn turned(claim: &str) -> Option<String> {
    let words = [("true", "false"), ("false", "true"), ("adds", "removes"), ("removes", "adds")];
    let turn = |(from, to)| Some(format!("{}{to}", claim.strip_suffix(from)?));
    words.into_iter().find_map(turn)
}
