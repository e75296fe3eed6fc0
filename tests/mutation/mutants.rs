//! Every mapping that differs from one in a single rule, claim or operation.

use scimshim::yaml::{Key, Kind, Node};

/// A mapping with one mistake.
pub struct Mutant {
    /// What is wrong with it: `User: rule title dropped`.
    pub name: String,
    /// It, as YAML in one line.
    pub text: String,
}

/// What is wrong, and what it is wrong in.
type Change = (String, Node);

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
    let mutants = within(mapping, "resources", kinds).into_iter();
    mutants.map(|(name, mapping)| Mutant { name, text: text(&mapping) }).collect()
}

/// A node as YAML in one line: JSON, in the order of the file.
pub fn text(node: &Node) -> String {
    match &node.kind {
        Kind::Map(entries) => {
            let entry =
                |(key, node): &(Key, Node)| format!("{}: {}", quoted(&key.text), text(node));
            format!("{{ {} }}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Kind::List(items) => {
            format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(", "))
        }
        Kind::Text(text) => quoted(text),
        _ => node.to_json().to_string(),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn in_kind(kind: &Node) -> Vec<Change> {
    let mut changes = within(kind, "attributes", |rules| rules_of(rules, "rule"));
    changes.extend(within(kind, "fields", |fields| rules_of(fields, "field")));
    changes.extend(within(kind, "operations", in_operations));
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

/// Claims and steps of one operation.
fn in_one(operation: &Node, word: &str) -> Vec<Change> {
    let mut changes = Vec::new();
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
    }
    changes
}

/// The claim of the opposite.
fn turned(claim: &str) -> Option<String> {
    let words = [("true", "false"), ("false", "true"), ("adds", "removes"), ("removes", "adds")];
    let turn = |(from, to)| Some(format!("{}{to}", claim.strip_suffix(from)?));
    words.into_iter().find_map(turn)
}

/// Changes of a member as changes of the whole.
fn within(whole: &Node, name: &str, changes: impl Fn(&Node) -> Vec<Change>) -> Vec<Change> {
    let changes = whole.get(name).map(changes).unwrap_or_default().into_iter();
    changes.map(|(what, member)| (what, with(whole, name, Some(member)))).collect()
}

/// The map with another value of this key, or without it.
fn with(map: &Node, name: &str, value: Option<Node>) -> Node {
    let mut entries = entries(map).to_vec();
    let at = entries.iter().position(|(key, _)| key.text == name);
    match (at, value) {
        (Some(at), Some(value)) => entries[at].1 = value,
        (Some(at), None) => drop(entries.remove(at)),
        (None, Some(value)) => {
            let mut key = entries[0].0.clone();
            key.text = name.to_owned();
            entries.push((key, value));
        }
        (None, None) => {}
    }
    Node { kind: Kind::Map(entries), ..map.clone() }
}

/// The list with these items; none of them: no list.
fn listed(list: &Node, items: Vec<Node>) -> Option<Node> {
    (!items.is_empty()).then(|| Node { kind: Kind::List(items), ..list.clone() })
}

fn entries(map: &Node) -> &[(Key, Node)] {
    match &map.kind {
        Kind::Map(entries) => entries,
        _ => &[],
    }
}

fn items(list: &Node) -> &[Node] {
    match &list.kind {
        Kind::List(items) => items,
        _ => &[],
    }
}
