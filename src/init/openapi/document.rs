//! Text -> document. JSON may be as large as vendors publish it; YAML is read by the reader of mappings.

use crate::yaml;
use serde_json::Value;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

/// The largest that vendors publish have 12 MiB; a tree of them takes some ten times that.
pub const LARGEST: usize = 16 * 1024 * 1024;
/// What the reader of mappings takes.
const LARGEST_YAML: usize = 1024 * 1024;
/// Fields that are looked at in all. A vendor with a thousand calls has a tenth of it; one whose
/// schemas hold each other a hundredfold would keep us for hours.
const FIELDS: usize = 400_000;

/// A whole document, and the references of it that led nowhere.
#[derive(Debug)]
pub struct Document {
    root: Value,
    lost: RefCell<BTreeSet<String>>,
    /// How many fields may still be looked at.
    left: Cell<usize>,
}

/// Reads a document; what is none is told with its place.
pub fn read(file: &str, text: &str) -> Result<Document, String> {
    let text = text.trim_start_matches('\u{feff}');
    if text.len() > LARGEST {
        let most = LARGEST / (1024 * 1024);
        return Err(format!("{file} is larger than {most} MiB: is it an OpenAPI document?"));
    }
    if !text.trim_start().starts_with('{') {
        let node = yaml::parse(&file.into(), text).map_err(|findings| {
            let first = findings.first().map(ToString::to_string).unwrap_or_default();
            match text.len() > LARGEST_YAML {
                true => format!("{first}; as JSON the document may have {} MiB", LARGEST >> 20),
                false => first,
            }
        })?;
        return document(file, node.to_json());
    }
    let root = serde_json::from_str(text)
        .map_err(|error| format!("{file}:{}:{}: no JSON: {error}", error.line(), error.column()))?;
    document(file, root)
}

fn document(file: &str, root: Value) -> Result<Document, String> {
    match (root.get("openapi").and_then(Value::as_str), root.get("swagger")) {
        (Some(version), _) if version.starts_with("3.") => {}
        (None, Some(_)) => {
            return Err(format!(
                "{file} is OpenAPI 2 (`swagger`): convert it to OpenAPI 3 first, as editors for it can"
            ));
        }
        (Some(version), _) => {
            let version: String = version.chars().take(20).collect();
            return Err(format!("{file} is OpenAPI {version:?}: 3.0 and 3.1 are read"));
        }
        (None, None) => {
            return Err(format!(
                "{file} is no OpenAPI document: there is no text `openapi: 3...` in it"
            ));
        }
    }
    match root.get("paths").and_then(Value::as_object) {
        Some(paths) if !paths.is_empty() => {
            Ok(Document { root, lost: RefCell::default(), left: Cell::new(FIELDS) })
        }
        _ => Err(format!("{file} has no `paths`: there are no calls to map")),
    }
}

impl Document {
    /// All of it.
    pub(super) fn root(&self) -> &Value {
        &self.root
    }

    /// Asks to look at one more field.
    pub(super) fn may_look(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0
    }

    /// Whether there was more to look at than was looked at.
    pub fn is_exhausted(&self) -> bool {
        self.left.get() == 0
    }

    /// The place that a reference points to, or nothing, which is remembered.
    pub(super) fn target(&self, reference: &str) -> Option<(&Value, String)> {
        let found = reference.strip_prefix('#').and_then(|pointer| {
            let pointer = percent_encoding::percent_decode_str(pointer).decode_utf8().ok()?;
            let place = pointer.trim_start_matches('/').split('/').map(unescaped);
            Some((self.root.pointer(&pointer)?, place.collect::<Vec<_>>().join(".")))
        });
        if found.is_none() {
            self.lost.borrow_mut().insert(reference.chars().take(80).collect());
        }
        found
    }

    /// References that were met and led nowhere: to other files, to the net, to nothing.
    pub fn lost(&self) -> Vec<String> {
        self.lost.borrow().iter().cloned().collect()
    }
}

/// RFC 6901 §4: `~1` is `/`, `~0` is `~`, in this order.
fn unescaped(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}
