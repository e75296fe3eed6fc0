//! One kind of file: its shapes, its schema, its reader, and for each shape a smallest file with a place
//! where a map of that shape stands.

use crate::validator::Validator;
use scimshim::yaml::{
    self,
    shape::{Known, Shape, Takes},
};
use serde_json::Value;
use std::collections::BTreeMap;

pub struct Family {
    pub root: &'static Shape,
    pub schema: Value,
    /// A file that is sound.
    pub base: &'static str,
    pub places: &'static [Place],
    /// What is wrong with a file.
    pub read: fn(&str) -> Vec<String>,
}

/// Where maps of a shape stand.
pub struct Place {
    pub shape: &'static str,
    /// The keys that are tried here; none: all that no other place of the shape names.
    pub keys: &'static [&'static str],
    /// What is put into the base first: pointer and value.
    pub with: &'static [(&'static str, &'static str)],
    /// Where the map stands.
    pub at: &'static str,
}

pub const fn place(
    shape: &'static str,
    keys: &'static [&'static str],
    with: &'static [(&'static str, &'static str)],
    at: &'static str,
) -> Place {
    Place { shape, keys, with, at }
}

/// One key of one shape, in a file that is sound but for it.
pub struct Case {
    pub shape: &'static Shape,
    pub known: &'static Known,
    pub place: &'static Place,
}

pub fn value(text: &str) -> Value {
    let parsed = yaml::parse(&"value".into(), text);
    parsed.unwrap_or_else(|error| panic!("{text}: {error:?}")).to_json()
}

impl Family {
    pub fn validator(&self) -> Validator {
        Validator::new(self.schema.clone())
    }

    /// Every shape that files of the family may hold, by name.
    pub fn shapes(&self) -> BTreeMap<&'static str, &'static Shape> {
        let mut found = BTreeMap::new();
        collect(self.root, &mut found);
        found
    }

    /// Every key of every shape, refused ones apart, where it can be tried.
    pub fn cases(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        for shape in self.shapes().into_values() {
            for known in shape.own.iter().filter(|known| !known.refused) {
                let of_shape = || self.places.iter().filter(|place| place.shape == shape.name);
                let place = of_shape()
                    .find(|place| place.keys.contains(&known.name))
                    .or_else(|| of_shape().find(|place| place.keys.is_empty()));
                let place =
                    place.unwrap_or_else(|| panic!("no place: {} {}", shape.name, known.name));
                cases.push(Case { shape, known, place });
            }
        }
        cases
    }

    /// The base with what a place wants.
    pub fn file(&self, place: &Place) -> Value {
        let mut file = value(self.base);
        for (pointer, text) in place.with {
            put(&mut file, pointer, value(text));
        }
        file
    }

    /// What is wrong with a file: JSON is YAML.
    pub fn wrong(&self, file: &Value) -> Vec<String> {
        (self.read)(&file.to_string())
    }
}

impl Case {
    /// Whether the key alone is the whole value: `lower`, `none`.
    pub fn is_word(&self) -> bool {
        matches!(self.known.takes, Takes::Nothing)
    }

    /// The map that is at the place, for a change.
    pub fn map<'a>(&self, file: &'a mut Value) -> &'a mut serde_json::Map<String, Value> {
        let found = file.pointer_mut(self.place.at);
        let found = found.and_then(Value::as_object_mut);
        found.unwrap_or_else(|| panic!("{}: no map at {}", self.shape.name, self.place.at))
    }

    pub fn title(&self) -> String {
        format!("{}.{}", self.shape.name, self.known.name)
    }
}

/// Puts a value where a pointer says; what lacks on the way is a map.
pub fn put(file: &mut Value, pointer: &str, value: Value) {
    let mut node = file;
    for step in pointer.split('/').skip(1) {
        node = match node {
            Value::Array(items) => items.get_mut(step.parse::<usize>().unwrap()).unwrap(),
            other => {
                if !other.is_object() {
                    *other = Value::Object(serde_json::Map::new());
                }
                other.as_object_mut().unwrap().entry(step).or_insert(Value::Null)
            }
        };
    }
    *node = value;
}

fn collect(shape: &'static Shape, found: &mut BTreeMap<&'static str, &'static Shape>) {
    match found.insert(shape.name, shape) {
        Some(other) => assert!(std::ptr::eq(other, shape), "two shapes are `{}`", shape.name),
        None => {
            shape.with.iter().for_each(|other| collect(other, found));
            shape.own.iter().for_each(|known| of(known.takes, found));
        }
    }
}

fn of(takes: Takes, found: &mut BTreeMap<&'static str, &'static Shape>) {
    match takes {
        Takes::List(inner) | Takes::Map(_, inner) => of(*inner, found),
        Takes::Of(shape) | Takes::Tagged(shape) => collect(shape, found),
        Takes::Forms(forms) => forms.all().for_each(|shape| collect(shape, found)),
        Takes::Either(kinds) => kinds.iter().for_each(|kind| of(*kind, found)),
        _ => {}
    }
}
