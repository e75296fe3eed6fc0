//! Places in an answer, one or many.

use super::{Fault, FieldPath, bounded, typed};
use jsonpath_rust::{
    parser::{model::JpQuery, parse_json_path},
    query::js_path_process,
};
use serde_json::Value;
use std::fmt;

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
        bounded(text)?;
        match parse_json_path(text) {
            Ok(query) => match typed::fault(&query) {
                None => Ok(Locator::Json(JsonPath { text: text.to_owned(), query })),
                Some(why) => {
                    Err(Fault { offset: 0, message: format!("ill-typed JSONPath: {why}") })
                }
            },
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

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Locator::Field(path) => write!(f, "{path}"),
            Locator::Json(path) => write!(f, "{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn jsonpath_reads_answers() {
        let body = json!({"d": [{"t": "a", "i": 1}, {"t": "b", "i": 2}]});
        let query = Locator::parse("$.d[?@.t == 'b'].i").unwrap();
        assert_eq!(query.first(&body), Some(&json!(2)));
        assert_eq!(Locator::parse("$.d[*].i").unwrap().all(&body).len(), 2);
        assert_eq!(Locator::parse("$.nope").unwrap().first(&body), None);
        assert!(Locator::parse("$.[").is_err());
        assert_eq!(Locator::parse(".").unwrap().first(&body), Some(&body));
    }
}
