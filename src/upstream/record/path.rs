//! One place in a Record: read, written, taken away.

use super::{
    Fault, bounded,
    reader::{PathReader, Segment, is_bare},
    text,
};
use serde_json::{Map, Value};
use std::fmt;

/// A definite place in a Record; `.` is the value itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FieldPath {
    segments: Vec<Segment>,
}

impl FieldPath {
    /// `.`, the value itself.
    pub fn itself() -> Self {
        Self { segments: Vec::new() }
    }

    /// Reads a path.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text == "." {
            return Ok(Self::itself());
        }
        bounded(text)?;
        let mut reader = PathReader::new(text);
        let mut segments = Vec::new();
        loop {
            segments.push(reader.segment(!segments.is_empty())?);
            if reader.eat('[') {
                segments.push(Segment::Where(reader.selector()?));
            }
            if reader.ended() {
                return Ok(Self { segments });
            }
            if !reader.eat('.') {
                return Err(reader.fault("expected `.`, `[` or the end"));
            }
        }
    }

    /// The place in a value, if it is there.
    pub fn get<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        // Most are one name.
        if let [Segment::Name(name)] = self.segments.as_slice() {
            return value.as_object()?.get(name);
        }
        self.segments.iter().try_fold(value, |value, segment| match segment {
            Segment::Name(name) => value.get(name),
            Segment::Index(index) => value.get(index),
            Segment::Where(fields) => {
                value.as_array()?.iter().find(|element| selected(element, fields))
            }
        })
    }

    /// The same, to be changed.
    pub(super) fn get_mut<'a>(&self, value: &'a mut Value) -> Option<&'a mut Value> {
        self.segments.iter().try_fold(value, |value, segment| match segment {
            Segment::Name(name) => value.get_mut(name),
            Segment::Index(index) => value.get_mut(index),
            Segment::Where(fields) => {
                value.as_array_mut()?.iter_mut().find(|element| selected(element, fields))
            }
        })
    }

    /// Puts a value, making what is missing on the way.
    pub fn set(&self, value: &mut Value, new: Value) {
        *self.reach(value) = new;
    }

    /// The place itself. Indexing a JSON value by a name makes the member, and both positions were
    /// made a line before: nothing here can be out of bounds.
    fn reach<'a>(&self, value: &'a mut Value) -> &'a mut Value {
        self.segments.iter().fold(value, |value, segment| match segment {
            Segment::Name(name) => {
                if !value.is_object() {
                    *value = Value::Object(Map::new());
                }
                &mut value[name.as_str()]
            }
            // A list has no holes: writing beyond the end appends.
            Segment::Index(index) => {
                let length = value.as_array().map_or(0, Vec::len);
                let at = (*index).min(length);
                at_or_new(value, at, || Value::Null)
            }
            Segment::Where(fields) => {
                let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
                let at = list.iter().position(|element| selected(element, fields));
                let at = at.unwrap_or(list.len());
                at_or_new(value, at, || made(fields))
            }
        })
    }

    /// Takes a place away. An element left with nothing but its selector goes too.
    pub fn remove(&self, value: &mut Value) {
        remove(value, &self.segments);
    }

    /// The texts of its selectors: `mail` of `contacts[kind=mail].address`.
    pub fn selectors(&self) -> impl Iterator<Item = &str> {
        let fields = self.segments.iter().filter_map(|segment| match segment {
            Segment::Where(fields) => Some(fields),
            Segment::Name(_) | Segment::Index(_) => None,
        });
        fields.flatten().map(|(_, text)| text.as_str())
    }

    /// The same, to be changed.
    pub fn selectors_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let fields = self.segments.iter_mut().filter_map(|segment| match segment {
            Segment::Where(fields) => Some(fields),
            Segment::Name(_) | Segment::Index(_) => None,
        });
        fields.flatten().map(|(_, text)| text)
    }

    /// The first name: `contacts` of `contacts[kind=mail].address`.
    pub fn top(&self) -> Option<&str> {
        match self.segments.first() {
            Some(Segment::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// The names at its head, and whether it is nothing but names.
    pub fn names(&self) -> (Vec<&str>, bool) {
        let names = self.segments.iter().map_while(|segment| match segment {
            Segment::Name(name) => Some(name.as_str()),
            Segment::Index(_) | Segment::Where(_) => None,
        });
        let names: Vec<&str> = names.collect();
        let whole = names.len() == self.segments.len();
        (names, whole)
    }

    /// The outermost list that the path goes into; a change in it is sent as the whole list.
    pub fn within_list(&self) -> Option<FieldPath> {
        let at = self.segments.iter().position(|segment| !matches!(segment, Segment::Name(_)))?;
        Some(FieldPath { segments: self.segments.get(..at)?.to_vec() })
    }

    /// Whether two paths name one place, or one lies inside the other.
    pub fn overlaps(&self, other: &FieldPath) -> bool {
        self.segments.iter().zip(&other.segments).all(|pair| match pair {
            (Segment::Where(one), Segment::Where(other)) => !one.iter().any(|(name, text)| {
                other.iter().any(|(same, wanted)| name == same && text != wanted)
            }),
            (Segment::Where(_), Segment::Index(_)) | (Segment::Index(_), Segment::Where(_)) => true,
            (one, other) => one == other,
        })
    }
}

/// The element at a position that is in the list or just behind it.
fn at_or_new(value: &mut Value, at: usize, new: impl FnOnce() -> Value) -> &mut Value {
    if !value.is_array() {
        *value = Value::Array(Vec::new());
    }
    if let Some(list) = value.as_array_mut()
        && at == list.len()
    {
        list.push(new());
    }
    &mut value[at]
}

fn selected(element: &Value, fields: &[(String, String)]) -> bool {
    fields
        .iter()
        .all(|(name, wanted)| element.get(name).and_then(text).is_some_and(|found| found == wanted))
}

/// A new element with its selector; `true`, `false` and digits keep their JSON type.
fn made(fields: &[(String, String)]) -> Value {
    let value = |text: &String| match text.as_str() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        digits => match digits.parse::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) => Value::String(text.clone()),
        },
    };
    Value::Object(fields.iter().map(|(name, text)| (name.clone(), value(text))).collect())
}

fn remove(value: &mut Value, segments: &[Segment]) {
    let Some((first, rest)) = segments.split_first() else { return };
    match first {
        Segment::Name(name) if rest.is_empty() => {
            if let Some(members) = value.as_object_mut() {
                members.remove(name);
            }
        }
        Segment::Name(name) => {
            if let Some(inner) = value.get_mut(name) {
                remove(inner, rest);
            }
        }
        Segment::Index(index) => {
            let Some(list) = value.as_array_mut() else { return };
            if rest.is_empty() && *index < list.len() {
                list.remove(*index);
            } else if let Some(inner) = list.get_mut(*index) {
                remove(inner, rest);
            }
        }
        Segment::Where(fields) => {
            let Some(list) = value.as_array_mut() else { return };
            for element in list.iter_mut().filter(|element| selected(element, fields)) {
                remove(element, rest);
            }
            list.retain(|element| {
                !selected(element, fields)
                    || (!rest.is_empty()
                        && element.as_object().is_some_and(|members| members.len() > fields.len()))
            });
        }
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.segments.is_empty() {
            return f.write_str(".");
        }
        for (position, segment) in self.segments.iter().enumerate() {
            if position > 0 && !matches!(segment, Segment::Where(_)) {
                f.write_str(".")?;
            }
            match segment {
                Segment::Name(name) if is_read_as_it_stands(name, position) => f.write_str(name)?,
                Segment::Name(name) => write!(f, "\"{name}\"")?,
                Segment::Index(index) => write!(f, "{index}")?,
                Segment::Where(fields) => {
                    let fields: Vec<String> =
                        fields.iter().map(|(name, text)| format!("{name}={text}")).collect();
                    write!(f, "[{}]", fields.join(","))?;
                }
            }
        }
        Ok(())
    }
}

/// Whether a name needs no quotes to be read back as a name.
fn is_read_as_it_stands(name: &str, position: usize) -> bool {
    !name.is_empty()
        && name.chars().all(is_bare)
        && (position == 0 || name.parse::<usize>().is_err())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str) -> FieldPath {
        FieldPath::parse(text).unwrap()
    }

    #[test]
    fn places_are_read_written_and_taken_away() {
        let record = json!({"a": {"b-c": 1}, "l": ["x", "y"], "c": [{"k": "m", "v": 1}, {"k": "p", "p": true, "v": 2}], "d.e": 3, "m": {"1": "one"}, "0": "nought"});
        let table = [
            ("a.b-c", json!(1)),
            ("l.1", json!("y")),
            ("c[k=p].v", json!(2)),
            ("c[k=p,p=true].v", json!(2)),
            ("\"d.e\"", json!(3)),
            ("m.\"1\"", json!("one")),
            ("0", json!("nought")),
            (".", record.clone()),
        ];
        for (text, expected) in table {
            assert_eq!(path(text).get(&record), Some(&expected), "{text}");
            assert_eq!(path(text).to_string(), text);
        }
        for text in ["a.x", "l.7", "m.1", "l.\"1\"", "c[k=z].v", "a.b-c.d"] {
            assert_eq!(path(text).get(&record), None, "{text}");
        }
        let mut value = json!({});
        path("a.b").set(&mut value, json!(1));
        path("l.0").set(&mut value, json!("x"));
        path("l.9").set(&mut value, json!("y"));
        path("c[k=m,p=true].v").set(&mut value, json!(2));
        assert_eq!(
            value,
            json!({"a": {"b": 1}, "l": ["x", "y"], "c": [{"k": "m", "p": true, "v": 2}]})
        );
        path("c[k=m].v").remove(&mut value);
        path("a.b").remove(&mut value);
        path("l.0").remove(&mut value);
        assert_eq!(value, json!({"a": {}, "l": ["y"], "c": [{"k": "m", "p": true}]}));
        path("c[k=m,p=true].v").remove(&mut value);
        assert_eq!(value["c"], json!([]));
    }

    #[test]
    fn overlap_is_the_same_place_or_one_inside_the_other() {
        let table = [
            ("a", "a", true),
            ("a", "a.b", true),
            ("a.b", "a.c", false),
            ("l.0", "l.1", false),
            ("c[k=m].v", "c[k=p].v", false),
            ("c[k=m].v", "c[t=p].v", true),
            ("c[k=m].v", "c.0.v", true),
            (".", "a", true),
        ];
        for (one, other, expected) in table {
            assert_eq!(path(one).overlaps(&path(other)), expected, "{one} {other}");
            assert_eq!(path(other).overlaps(&path(one)), expected, "{other} {one}");
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in ["", "a..b", "a.", "a[k", "a[k=v", "a[=v]", "a b", "\"a"] {
            assert!(FieldPath::parse(text).is_err(), "{text}");
        }
    }
}
