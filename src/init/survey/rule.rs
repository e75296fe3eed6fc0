//! One attribute of the draft: where it is read, where it is written, and why.

use super::place::Place;
use crate::init::openapi::{Field, Kind};
use serde_json::Value;

/// Which ways a rule goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Both.
    Both,
    /// It is read alone.
    Read,
    /// It is written alone.
    Write,
}

/// A rule of the draft.
#[derive(Debug, Clone)]
pub struct Rule<'a> {
    /// SCIM's path.
    pub attribute: String,
    /// The vendor's, in the record that is read.
    pub place: Place,
    /// Where a create is sent it.
    pub create: Option<Place>,
    /// Where an update is sent it.
    pub update: Option<Place>,
    /// Which ways it goes.
    pub way: Way,
    /// A create is refused without it.
    pub required: bool,
    /// SCIM's values and the vendor's for them.
    pub values: Vec<(String, Vec<Value>)>,
    /// What a create sends where a client says nothing.
    pub default: Option<String>,
    /// A converter, as it is written.
    pub convert: Option<String>,
    /// Of a list: where an element has its value, and what type it is said to have.
    pub element: Option<(Place, Option<&'static str>)>,
    /// It is the key of another user.
    pub refers: bool,
    /// The reason and the document's place.
    pub why: String,
    /// An example of the vendor's value.
    pub example: Option<&'a Value>,
}

impl<'a> Rule<'a> {
    /// A rule that is read from a field, and not written.
    pub fn read(attribute: impl Into<String>, field: &Field<'a>, why: &str) -> Self {
        Self {
            attribute: attribute.into(),
            place: Place::of(&field.path),
            create: None,
            update: None,
            way: Way::Read,
            required: false,
            values: Vec::new(),
            default: None,
            convert: None,
            element: None,
            refers: false,
            why: format!("guess: {why} ({})", field.place),
            example: field.example,
        }
    }

    /// Takes the field that a create is sent.
    pub fn created(mut self, field: Option<(&Field<'a>, Place)>) -> Self {
        let Some((field, place)) = field else { return self };
        self.required |= field.required;
        self.example = self.example.or(field.example);
        let default = field.default.and_then(Value::as_str).filter(|text| !text.is_empty());
        self.default = default.filter(|_| field.kind == Kind::Text).map(str::to_owned);
        self.create = Some(place);
        self
    }

    /// Takes the place where an update is sent it, and settles which ways the rule goes.
    pub fn updated(mut self, place: Option<Place>) -> Self {
        self.update = place;
        if self.create.is_some() || self.update.is_some() {
            self.way = Way::Both;
        }
        self
    }

    /// Whether it is sent with a create and never again.
    pub fn only_create(&self) -> bool {
        self.way != Way::Read && self.update.is_none()
    }
}
