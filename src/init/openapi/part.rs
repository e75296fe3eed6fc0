//! One value of a document and its place; references are followed on the way.

use super::document::Document;
use serde_json::Value;

/// References in a row. A longer chain is a circle, or nothing that a person could follow.
const HOPS: usize = 16;

/// A value that knows where it stands.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    document: &'a Document,
    /// What stands there.
    pub value: &'a Value,
    /// Where: `components.schemas.User.email`.
    pub place: String,
}

impl<'a> Part<'a> {
    /// A whole document.
    pub fn whole(document: &'a Document) -> Self {
        Self { document, value: document.root(), place: String::new() }
    }

    /// A member, its references followed.
    pub fn get(&self, name: &str) -> Option<Part<'a>> {
        self.below(self.value.get(name)?, name).followed()
    }

    /// A member's text.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.value.get(name)?.as_str()
    }

    /// Whether a member is `true`.
    pub fn says(&self, name: &str) -> bool {
        self.value.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// Asks to look at one more field.
    pub(super) fn may_look(&self) -> bool {
        self.document.may_look()
    }

    /// The members of a map, references followed; what leads nowhere is left out.
    pub fn members(&self) -> Vec<(&'a str, Part<'a>)> {
        let members = self.value.as_object().into_iter().flatten();
        let followed = |(name, value): (&'a String, &'a Value)| {
            Some((name.as_str(), self.below(value, name).followed()?))
        };
        members.filter_map(followed).collect()
    }

    /// The elements of a list, references followed.
    pub fn elements(&self) -> Vec<Part<'a>> {
        self.first(usize::MAX)
    }

    /// The first of them.
    pub fn first(&self, most: usize) -> Vec<Part<'a>> {
        let elements = self.value.as_array().into_iter().flatten().take(most).enumerate();
        elements.filter_map(|(at, value)| self.below(value, &at.to_string()).followed()).collect()
    }

    fn below(&self, value: &'a Value, name: &str) -> Part<'a> {
        let place = match self.place.as_str() {
            "" => name.to_owned(),
            above => format!("{above}.{name}"),
        };
        Part { document: self.document, value, place }
    }

    fn followed(mut self) -> Option<Part<'a>> {
        for _ in 0..HOPS {
            let Some(reference) = self.value.get("$ref").and_then(Value::as_str) else {
                return Some(self);
            };
            let (value, place) = self.document.target(reference)?;
            self = Part { document: self.document, value, place };
        }
        None
    }
}
