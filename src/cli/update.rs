//! `test --update`: rewrites the expected responses of failing tests, and what the store must hold then;
//! nothing else of the file, and of these only the members that stood there and do not hold.
//! What it would write is read first: a file is never left worse than it was.

use super::{
    compare,
    exchange::{self, Exchange, WrittenResponse},
    flow,
    holding::Rows,
    reading::node_at,
};
use crate::{
    diagnostic::Span,
    scim::encode::Wire,
    yaml::{self, Kind, Node},
};
use serde_json::{Map, Value};

/// What is new, by the place of the old.
#[derive(Debug)]
pub struct Renewed<'a> {
    source: &'a str,
    root: Option<Node>,
    edits: Vec<(Span, Value)>,
}

impl<'a> Renewed<'a> {
    /// Of a file that could be read.
    pub fn of(name: &str, source: &'a str) -> Self {
        let root = yaml::parse(&name.into(), source).ok();
        Self { source, root, edits: Vec::new() }
    }

    /// Notes what response and store are now, and says whether anything will be rewritten. What is not
    /// written has no place for it.
    pub fn note(&mut self, exchange: &Exchange, wire: &Wire, held: &Value) -> bool {
        let before = self.edits.len();
        if exchange.answered && wire.status != 0 {
            self.response(&exchange.response, wire);
        }
        if let Some(rows) = &exchange.store_after {
            self.store(rows, held);
        }
        self.edits.len() > before
    }

    fn response(&mut self, written: &WrittenResponse, wire: &Wire) {
        let Some(node) = self.node(written.place.span) else { return };
        if let Some(status) = node.get("status")
            && written.status.is_some_and(|status| status != wire.status)
        {
            self.edits.push((status.span, wire.status.into()));
        }
        if let Some(headers) = node.get("headers") {
            self.headers(headers, written, wire);
        }
        if let Some(body) = node.get("body").filter(|_| !written.body.is_null()) {
            let found = wire.body.clone().unwrap_or_default();
            self.mend(body, &written.body, &found);
        }
    }

    fn headers(&mut self, node: &Node, written: &WrittenResponse, wire: &Wire) {
        let Kind::Map(entries) = &node.kind else { return };
        // What it is now, and whether that is as written; nothing when it should be there and is not.
        let now = |name: &str| -> Option<(Value, bool)> {
            let name = name.to_ascii_lowercase();
            match (written.headers.get(&name)?, compare::header(wire, &name)) {
                (None, None) => Some((Value::Null, true)),
                (Some(_), None) => None,
                (Some(expected), Some(found)) if expected == "*" || *expected == found => {
                    Some((expected.as_str().into(), true))
                }
                (_, Some(found)) => Some((found.into(), false)),
            }
        };
        if entries.iter().any(|(key, _)| now(&key.text).is_none()) {
            let left = entries.iter().filter_map(|(key, _)| {
                let (value, _) = now(&key.text)?;
                Some((key.text.clone(), value))
            });
            let left: Map<String, Value> = left.collect();
            return self.edits.push((node.span, left.into()));
        }
        for (key, node) in entries {
            if let Some((value, false)) = now(&key.text) {
                self.edits.push((node.span, value));
            }
        }
    }

    fn store(&mut self, written: &Rows, held: &Value) {
        let Some(node) = self.node(written.place.span) else { return };
        for part in &written.parts {
            let found = held.get(part.name).unwrap_or(&Value::Null);
            if let Some(node) = node.get(part.name) {
                self.mend(node, &part.value, found);
            }
        }
    }

    /// The smallest members that do not hold, each with what was found.
    fn mend(&mut self, node: &Node, expected: &Value, found: &Value) {
        if compare::holds(expected, found) {
            return;
        }
        match (&node.kind, expected, found) {
            (Kind::Map(entries), Value::Object(expected), Value::Object(found)) => {
                for (key, node) in entries {
                    let expected = expected.get(&key.text).unwrap_or(&Value::Null);
                    self.mend(node, expected, found.get(&key.text).unwrap_or(&Value::Null));
                }
            }
            // What the store holds in another order than it is written is written anew.
            (Kind::List(items), Value::Array(expected), Value::Array(found))
                if expected.len() == found.len() && node.to_json().as_array() == Some(expected) =>
            {
                for ((node, expected), found) in items.iter().zip(expected).zip(found) {
                    self.mend(node, expected, found);
                }
            }
            (_, Value::Array(expected), Value::Array(found)) => {
                self.edits.push((node.span, asserted(expected, found)));
            }
            _ => self.edits.push((node.span, found.clone())),
        }
    }

    fn node(&self, span: Span) -> Option<Node> {
        self.root.as_ref().and_then(|root| node_at(root, span)).cloned()
    }

    /// The file with what is new; nothing when none was noted, or when it could not be read
    /// again.
    pub fn text(mut self, name: &str) -> Option<String> {
        if self.edits.is_empty() {
            return None;
        }
        // From the last to the first, so that places before stay where they are.
        self.edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        let mut text = self.source.to_owned();
        for (span, value) in self.edits {
            let old = text.get(span.start..span.end)?;
            // A block's span runs to the next key: its trailing white space is the file's.
            let end = span.start + old.trim_end().len();
            let new = flow::text(&value, old.starts_with(['"', '\'']));
            // A block, or nothing at all, is followed up by a flow, which stands behind its key.
            let block = !old.starts_with(['{', '[', '"', '\'']) && old.contains(['\n', ':', '-']);
            let before = text.get(..span.start)?.trim_end();
            // A list that stands no deeper than its key begins behind its first dash.
            let dashed = before.strip_suffix('-').map(str::trim_end);
            let before = dashed.filter(|before| before.ends_with(':')).unwrap_or(before);
            match (block || old.trim().is_empty()) && before.ends_with(':') {
                true => text.replace_range(before.len()..end.max(before.len()), &format!(" {new}")),
                false => text.replace_range(span.start..end, &new),
            }
        }
        exchange::read(name, &text).is_ok().then_some(text)
    }
}

/// Elements that were found, of each the members that any of the expected ones asserts.
fn asserted(expected: &[Value], found: &[Value]) -> Value {
    let names: Vec<&String> =
        expected.iter().filter_map(Value::as_object).flat_map(Map::keys).collect();
    let element = |found: &Value| match found {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| names.contains(name));
            let kept: Map<String, Value> =
                kept.map(|(name, value)| (name.clone(), value.clone())).collect();
            if kept.is_empty() { found.clone() } else { kept.into() }
        }
        other => other.clone(),
    };
    found.iter().map(element).collect()
}
