//! The vendor's JSON and how to point into it.
//!
//! A [`FieldPath`] names one place, so it can be written; a [`JsonPath`] may name many, so it can
//! only be read; a [`Locator`] is either, for answers.
//!
//! ```text
//! field   := "."  |  segment ("." (segment | INT))*
//! segment := name ["[" name "=" text ("," name "=" text)* "]"]
//! name    := [A-Za-z0-9_@$-]+ | '"' any '"'
//! ```

use jsonpath_rust::{
    parser::{model::JpQuery, parse_json_path},
    query::js_path_process,
};
use serde_json::{Map, Value};
use std::fmt;

/// Why a text is no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Byte offset into the text.
    pub offset: usize,
    /// What was found and expected.
    pub message: String,
}

/// One step into a Record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Segment {
    /// A member.
    Name(String),
    /// An element by its position.
    Index(usize),
    /// The element of the list before it that has these fields.
    Where(Vec<(String, String)>),
}

/// A definite place in a Record; `.` is the value itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FieldPath {
    segments: Vec<Segment>,
}

impl FieldPath {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text == "." {
            return Ok(Self { segments: Vec::new() });
        }
        let mut reader = PathReader { text, at: 0 };
        let mut segments = Vec::new();
        loop {
            let name = reader.name()?;
            match name.parse::<usize>() {
                Ok(index) if !segments.is_empty() => segments.push(Segment::Index(index)),
                _ => segments.push(Segment::Name(name)),
            }
            if reader.eat('[') {
                segments.push(Segment::Where(reader.selector()?));
            }
            if reader.rest().is_empty() {
                return Ok(Self { segments });
            }
            if !reader.eat('.') {
                return Err(reader.fault("expected `.`, `[` or the end"));
            }
        }
    }

    /// The place in a value, if it is there.
    pub fn get<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.segments.iter().try_fold(value, |value, segment| match segment {
            Segment::Name(name) => value.get(name),
            Segment::Index(index) => value.get(index),
            Segment::Where(fields) => {
                value.as_array()?.iter().find(|element| selected(element, fields))
            }
        })
    }

    /// The same, to be changed.
    fn get_mut<'a>(&self, value: &'a mut Value) -> Option<&'a mut Value> {
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

    /// The first name: `contacts` of `contacts[kind=mail].address`.
    pub fn top(&self) -> Option<&str> {
        match self.segments.first() {
            Some(Segment::Name(name)) => Some(name),
            _ => None,
        }
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

struct PathReader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> PathReader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let eaten = self.rest().starts_with(wanted);
        if eaten {
            self.at += wanted.len_utf8();
        }
        eaten
    }

    fn fault(&self, message: &str) -> Fault {
        Fault { offset: self.at, message: format!("{message} in `{}`", self.text) }
    }

    fn name(&mut self) -> Result<String, Fault> {
        let rest = self.rest();
        if let Some(quoted) = rest.strip_prefix('"') {
            let Some((name, _)) = quoted.split_once('"') else {
                return Err(self.fault("`\"` opens and never closes"));
            };
            self.at += name.len() + 2;
            return Ok(name.to_owned());
        }
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '$' | '-')))
            .unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default();
        if name.is_empty() {
            return Err(self.fault("expected a field name"));
        }
        self.at += end;
        Ok(name.to_owned())
    }

    fn selector(&mut self) -> Result<Vec<(String, String)>, Fault> {
        let mut fields = Vec::new();
        loop {
            let name = self.name()?;
            if !self.eat('=') {
                return Err(self.fault("expected `=`"));
            }
            let rest = self.rest();
            let Some(end) = rest.find([',', ']']) else {
                return Err(self.fault("`[` opens and never closes"));
            };
            fields.push((name, rest.get(..end).unwrap_or_default().to_owned()));
            self.at += end;
            if self.eat(']') {
                return Ok(fields);
            }
            self.eat(',');
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
                Segment::Name(name) if name.contains(['.', '[', ' ']) => write!(f, "\"{name}\"")?,
                Segment::Name(name) => f.write_str(name)?,
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

/// A compiled JSONPath query (RFC 9535).
#[derive(Debug, Clone)]
pub struct JsonPath {
    text: String,
    query: JpQuery,
}

/// A place in an answer.
#[derive(Debug, Clone)]
pub enum Locator {
    /// One place.
    Field(FieldPath),
    /// Possibly many.
    Json(JsonPath),
}

impl Locator {
    /// Reads a field path, or JSONPath when it begins with `$`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if !text.starts_with('$') {
            return FieldPath::parse(text).map(Locator::Field);
        }
        match parse_json_path(text) {
            Ok(query) => Ok(Locator::Json(JsonPath { text: text.to_owned(), query })),
            Err(_) => {
                Err(Fault { offset: 0, message: format!("`{text}` is no JSONPath (RFC 9535)") })
            }
        }
    }

    /// The first value there; null is a value.
    pub fn first<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        match self {
            Locator::Field(path) => path.get(value),
            Locator::Json(_) => self.all(value).into_iter().next(),
        }
    }

    /// The first value there, out of a value that nobody needs any more.
    pub fn taken(&self, mut value: Value) -> Option<Value> {
        match self {
            Locator::Field(path) => path.get_mut(&mut value).map(Value::take),
            Locator::Json(_) => self.first(&value).cloned(),
        }
    }

    /// All values there, in the order of the query.
    pub fn all<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match self {
            Locator::Field(path) => path.get(value).into_iter().collect(),
            Locator::Json(path) => js_path_process(&path.query, value)
                .map(|found| found.into_iter().map(|one| one.val()).collect())
                .unwrap_or_default(),
        }
    }

    /// Whether it is JSONPath, whose every node is an item.
    pub fn is_query(&self) -> bool {
        matches!(self, Locator::Json(_))
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Locator::Field(path) => write!(f, "{path}"),
            Locator::Json(path) => f.write_str(&path.text),
        }
    }
}

/// A scalar as text, numbers digit by digit; nothing for null, lists and maps.
pub fn text_of(value: &Value) -> Option<String> {
    text(value).map(str::to_owned)
}

/// The same, borrowed: for comparing.
pub fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        // Numbers are kept as their digits, so this is exact and costs nothing.
        Value::Number(number) => Some(number.as_str()),
        Value::Bool(true) => Some("true"),
        Value::Bool(false) => Some("false"),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
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
        let record = json!({"a": {"b-c": 1}, "l": ["x", "y"], "c": [{"k": "m", "v": 1}, {"k": "p", "p": true, "v": 2}], "d.e": 3});
        let table = [
            ("a.b-c", json!(1)),
            ("l.1", json!("y")),
            ("c[k=p].v", json!(2)),
            ("c[k=p,p=true].v", json!(2)),
            ("\"d.e\"", json!(3)),
            (".", record.clone()),
        ];
        for (text, expected) in table {
            assert_eq!(path(text).get(&record), Some(&expected), "{text}");
            assert_eq!(path(text).to_string(), text);
        }
        for text in ["a.x", "l.7", "c[k=z].v", "a.b-c.d"] {
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
        assert!(Locator::parse("$.[").is_err());
    }

    #[test]
    fn jsonpath_reads_answers() {
        let body = json!({"d": [{"t": "a", "i": 1}, {"t": "b", "i": 2}]});
        let query = Locator::parse("$.d[?@.t == 'b'].i").unwrap();
        assert_eq!(query.first(&body), Some(&json!(2)));
        assert_eq!(Locator::parse("$.d[*].i").unwrap().all(&body).len(), 2);
        assert_eq!(Locator::parse("$.nope").unwrap().first(&body), None);
        assert_eq!(Locator::parse(".").unwrap().first(&body), Some(&body));
    }

    #[test]
    fn keys_keep_every_digit() {
        let body: Value = serde_json::from_str(r#"{"id": 9007199254740993123456789}"#).unwrap();
        assert_eq!(text_of(&body["id"]).unwrap(), "9007199254740993123456789");
    }
}
