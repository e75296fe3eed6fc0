//! What the parts of a test file are read with.

use crate::{
    diagnostic::{Diagnostic, Place, Span},
    yaml::{Kind, Node, Reader},
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

    /// A finding.
    pub fn error(&self, span: Span, message: impl Into<String>) {
        self.reader.push(Diagnostic::error("T101", self.place(span), message));
    }

    /// The members of a map as JSON.
    pub fn object(&self, node: &Node) -> Map<String, Value> {
        match node.to_json() {
            Value::Object(members) => members,
            _ => {
                self.error(node.span, format!("expected a map, found {}", node.type_name()));
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
                self.error(node.span, format!("expected a list, found {}", node.type_name()));
                &[]
            }
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
                self.error(span, format!("expected `METHOD /path`, found `{text}`"));
                None
            }
        }
    }
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
