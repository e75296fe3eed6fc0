//! A mapping as a tree, and the same with something else in one place.

use scimshim::yaml::{Key, Kind, Node};

/// What is wrong, and what it is wrong in.
pub type Change = (String, Node);

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

/// Changes of a member as changes of the whole.
pub fn within(whole: &Node, name: &str, changes: impl Fn(&Node) -> Vec<Change>) -> Vec<Change> {
    let changes = whole.get(name).map(changes).unwrap_or_default().into_iter();
    changes.map(|(what, member)| (what, with(whole, name, Some(member)))).collect()
}

/// The map with another value of this key, or without it.
pub fn with(map: &Node, name: &str, value: Option<Node>) -> Node {
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
pub fn listed(list: &Node, items: Vec<Node>) -> Option<Node> {
    (!items.is_empty()).then(|| Node { kind: Kind::List(items), ..list.clone() })
}

pub fn entries(map: &Node) -> &[(Key, Node)] {
    match &map.kind {
        Kind::Map(entries) => entries,
        _ => &[],
    }
}

pub fn items(list: &Node) -> &[Node] {
    match &list.kind {
        Kind::List(items) => items,
        _ => &[],
    }
}
