//! Reads the rows: shape and words, and which names a mapping must know.

use super::{
    super::{keys, reading::Reading},
    GROUPS, Name, Part, Rows, state,
};
use crate::{
    gateway::begun::normal,
    yaml::{Fields, Key, Kind, Node, shape::Shape},
};
use serde_json::{Map, Value, json};

/// What is written by kind.
const PARTS: [&str; 6] = ["links", "kept", "gone", "outside", "ours", "unfinished"];

/// Reads what stands there before a request.
pub fn before(cx: &Reading<'_>, node: &Node) -> Option<Rows> {
    Writing { cx, after: false, names: Vec::new() }.rows(node, &keys::STORE)
}

/// Reads what must stand there behind it: null is "not there", `*` is anything.
pub fn after(cx: &Reading<'_>, node: &Node) -> Option<Rows> {
    Writing { cx, after: true, names: Vec::new() }.rows(node, &keys::STORE_AFTER)
}

struct Writing<'a> {
    cx: &'a Reading<'a>,
    after: bool,
    names: Vec<Name>,
}

impl Writing<'_> {
    fn rows(mut self, node: &Node, shape: &'static Shape) -> Option<Rows> {
        let mut fields = Fields::open(self.cx.reader, node, shape)?;
        let mut parts = Vec::new();
        for name in PARTS {
            if let Some((key, node)) = fields.take(name) {
                let value = self.kinds(name, node);
                parts.push(Part { name, value, place: self.cx.place(key.span) });
            }
        }
        if let Some((key, node)) = fields.take(GROUPS) {
            let value = self.groups(key, node);
            parts.push(Part { name: GROUPS, value, place: self.cx.place(key.span) });
        }
        fields.finish();
        Some(Rows { parts, place: self.cx.place(node.span), names: self.names })
    }

    fn kinds(&mut self, part: &'static str, node: &Node) -> Value {
        self.map(node, "kinds of resource by name", |writing, kind, node| {
            writing.name(part, &kind.text, None, kind);
            match part {
                "unfinished" => writing.creates(&kind.text, node),
                _ => writing.map(node, "ids", |writing, _, node| match part {
                    "kept" => writing.attributes(part, &kind.text, node, Self::kept),
                    "outside" => writing.said(node),
                    "gone" => writing.attributes(part, &kind.text, node, Self::matched),
                    "links" => writing.text(node),
                    _ => writing.state(node),
                }),
            }
        })
    }

    /// The `match` values of each create that has begun.
    fn creates(&mut self, kind: &str, node: &Node) -> Value {
        if self.open(node) {
            return node.to_json();
        }
        let items = self.cx.items(node).iter();
        items.map(|node| self.create(kind, node)).collect()
    }

    /// One that is known by nothing would never be met again.
    fn create(&mut self, kind: &str, node: &Node) -> Value {
        let values = self.attributes("unfinished", kind, node, Self::matched);
        match values.as_object() {
            Some(none) if none.is_empty() => {
                let help = "name one at least, e.g. `userName: mia@acme.example`";
                let message = "a create is known by its `match` values, and has none";
                self.cx.error(node.span, message, help);
                Value::Null
            }
            _ => values,
        }
    }

    /// What a client said of one, as it sends it.
    fn said(&self, node: &Node) -> Value {
        match &node.kind {
            _ if self.open(node) => node.to_json(),
            Kind::Map(_) => node.to_json(),
            _ => self.wrong(node, "a map: what the client said"),
        }
    }

    fn kept(&self, node: &Node) -> Value {
        match node.kind {
            Kind::Null if !self.after => self.wrong(node, "a value"),
            _ => node.to_json(),
        }
    }

    fn attributes(
        &mut self,
        part: &'static str,
        kind: &str,
        node: &Node,
        value: impl Fn(&Self, &Node) -> Value,
    ) -> Value {
        self.map(node, "attributes by path", |writing, key, node| {
            writing.name(part, kind, Some(key.text.clone()), key);
            value(writing, node)
        })
    }

    /// A `match` value: the store has it in normal form.
    fn matched(&self, node: &Node) -> Value {
        match self.text(node) {
            Value::String(text) => normal(&Value::String(text)).into(),
            other => other,
        }
    }

    fn text(&self, node: &Node) -> Value {
        match &node.kind {
            _ if self.open(node) => node.to_json(),
            Kind::Text(text) => text.as_str().into(),
            Kind::Number(number) => number.as_str().into(),
            _ => self.wrong(node, "a text"),
        }
    }

    fn state(&self, node: &Node) -> Value {
        match &node.kind {
            _ if self.open(node) => node.to_json(),
            Kind::Text(word) if state(word).is_some() => word.as_str().into(),
            Kind::Text(word) => {
                let message = format!("expected made or adopted, found `{word}`");
                let help = "what a create made is `made`, what it found there `adopted`";
                self.cx.error(node.span, message, help);
                Value::Null
            }
            _ => self.wrong(node, "made or adopted"),
        }
    }

    fn groups(&mut self, key: &Key, node: &Node) -> Value {
        self.name(GROUPS, "Group", None, key);
        self.map(node, "groups by id", |writing, _, node| {
            if writing.open(node) {
                return node.to_json();
            }
            let shape = match writing.after {
                true => &keys::KEPT_GROUP_AFTER,
                false => &keys::KEPT_GROUP,
            };
            let Some(mut fields) = Fields::open(writing.cx.reader, node, shape) else {
                return Value::Null;
            };
            let mut group = Map::new();
            let name = fields.node("displayName");
            group.extend(name.map(|name| ("displayName".to_owned(), writing.text(name))));
            let external = fields.node("externalId");
            group.extend(external.map(|id| ("externalId".to_owned(), writing.text(id))));
            if let Some(node) = fields.node("members") {
                let members = match writing.open(node) {
                    true => node.to_json(),
                    false => writing.members(node),
                };
                group.insert("members".to_owned(), members);
            }
            fields.finish();
            Value::Object(group)
        })
    }

    /// Ids of Users, in the store's order.
    fn members(&self, node: &Node) -> Value {
        let each = self.cx.items(node).iter().filter_map(|node| match &node.kind {
            Kind::Text(id) => Some(id.clone()),
            Kind::Number(id) => Some(id.to_string()),
            _ => {
                self.wrong(node, "the id of a User");
                None
            }
        });
        let mut ids: Vec<String> = each.collect();
        ids.sort_unstable();
        ids.dedup();
        json!(ids)
    }

    /// Whether it says no more than that something is there, or nothing.
    fn open(&self, node: &Node) -> bool {
        self.after && (node.kind == Kind::Null || node.kind == Kind::Text("*".to_owned()))
    }

    fn map(
        &mut self,
        node: &Node,
        what: &str,
        mut each: impl FnMut(&mut Self, &Key, &Node) -> Value,
    ) -> Value {
        match &node.kind {
            _ if self.open(node) => node.to_json(),
            Kind::Map(entries) => {
                let entry = |(key, node): &(Key, Node)| (key.text.clone(), each(self, key, node));
                entries.iter().map(entry).collect::<Map<_, _>>().into()
            }
            _ => self.wrong(node, &format!("a map of {what}")),
        }
    }

    fn wrong(&self, node: &Node, expected: &str) -> Value {
        let message = format!("expected {expected}, found {}", node.type_name());
        let help = match self.after {
            true => format!("write {expected}, `*` for any, or null for none"),
            false => format!("write {expected}, in quotes where it is no plain word"),
        };
        self.cx.error(node.span, message, help);
        Value::Null
    }

    fn name(&mut self, part: &'static str, kind: &str, attribute: Option<String>, key: &Key) {
        let (kind, place) = (kind.to_owned(), self.cx.place(key.span));
        self.names.push(Name { part, kind, attribute, place });
    }
}
