//! What the parts of a test file are read with.

use crate::{
    diagnostic::{Diagnostic, Place, Span},
    yaml::{Fields, Kind, Node, Reader},
};
use http::Method;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};

/// One file while it is read: what is wrong with it is collected.
pub struct Reading<'a> {
    /// Collects the findings.
    pub reader: &'a Reader,
}

impl Reading<'_> {
    /// A span as a place in the file.
    pub fn place(&self, span: Span) -> Place {
        Place { file: Arc::clone(self.reader.file()), span }
    }

    /// A finding with its remedy.
    pub fn error(&self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.reader.push(Diagnostic::error("T101", self.place(span), message).help(help));
    }

    /// The members of a map as JSON.
    pub fn object(&self, node: &Node) -> Map<String, Value> {
        match node.to_json() {
            Value::Object(members) => members,
            _ => {
                let message = format!("expected a map, found {}", node.type_name());
                self.error(node.span, message, "write `name: value` in it, once or several times");
                Map::new()
            }
        }
    }

    /// The items of a list; nothing is an empty one.
    pub fn items<'n>(&self, node: &'n Node) -> &'n [Node] {
        match &node.kind {
            Kind::List(items) => items,
            Kind::Null => &[],
            _ => {
                let message = format!("expected a list, found {}", node.type_name());
                self.error(node.span, message, "begin each with `- `, or put brackets around");
                &[]
            }
        }
    }

    /// One of two keys that exclude each other, or neither.
    pub fn either<'n>(
        &self,
        fields: &mut Fields<'n>,
        one: &'static str,
        other: &'static str,
    ) -> Option<(&'static str, &'n Node)> {
        let first = fields.take(one);
        match (first, fields.take(other)) {
            (Some(_), Some((key, _))) => {
                let message = format!("`{one}` and `{other}` exclude each other");
                self.error(key.span, message, "keep one");
                None
            }
            (Some((_, node)), None) => Some((one, node)),
            (None, second) => second.map(|(_, node)| (other, node)),
        }
    }

    /// `METHOD /path`
    pub fn line(&self, text: &str, span: Span) -> Option<(Method, String)> {
        let parts = text.split_once(' ');
        let method = parts.and_then(|(method, _)| Method::from_bytes(method.as_bytes()).ok());
        match (method, parts) {
            (Some(method), Some((_, address))) if address.trim().starts_with('/') => {
                Some((method, address.trim().to_owned()))
            }
            _ => {
                let message = format!("expected `METHOD /path`, found `{text}`");
                self.error(span, message, "e.g. `GET /Users/7`");
                None
            }
        }
    }
}

/// The node that has this span.
pub fn node_at(node: &Node, span: Span) -> Option<&Node> {
    if node.span == span {
        return Some(node);
    }
    match &node.kind {
        Kind::Map(entries) => entries.iter().find_map(|(_, node)| node_at(node, span)),
        Kind::List(items) => items.iter().find_map(|node| node_at(node, span)),
        _ => None,
    }
}

/// An HTTP status.
pub fn status(cx: &Reading<'_>, written: &Value, span: Span) -> Option<u16> {
    let status = written.as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.filter(|status| (100..600).contains(status));
    if status.is_none() {
        let message = format!("expected a status such as 404, found {written}");
        cx.error(span, message, "three digits from 100 to 599, e.g. `status: 404`");
    }
    status
}

/// Headers that are expected, their names in lower case: a value, `*`, or nothing for one that must not be there.
pub fn expected(members: &Map<String, Value>) -> BTreeMap<String, Option<String>> {
    let each = headers(members).into_iter();
    let absent = |name: &str| {
        members.iter().any(|(known, value)| known.eq_ignore_ascii_case(name) && value.is_null())
    };
    each.map(|(name, value)| {
        let value = (!absent(&name)).then_some(value);
        (name, value)
    })
    .collect()
}

/// Headers, their names in lower case.
pub fn headers(members: &Map<String, Value>) -> BTreeMap<String, String> {
    members
        .iter()
        .map(|(name, value)| {
            let text = crate::upstream::record::text_of(value).unwrap_or_default();
            (name.to_ascii_lowercase(), text)
        })
        .collect()
}
