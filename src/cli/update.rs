//! `test --update`: rewrites the expected responses of failing tests, and what the store must hold then;
//! nothing else of the file.
//! What it would write is read first: a file is never left worse than it was.

use super::{
    compare,
    exchange::{self, Exchange, WrittenResponse},
    holding::{Part, Rows},
};
use crate::{diagnostic::Place, scim::encode::Wire};
use serde_json::{Map, Value};

/// What is new, by the place of the old.
#[derive(Debug, Default)]
pub struct Renewed {
    places: Vec<(usize, usize, usize, Value)>,
}

impl Renewed {
    /// Notes what response and store are now; assertions that hold stay. What is not written has no
    /// place for it.
    pub fn note(&mut self, exchange: &Exchange, wire: &Wire, held: &Value) {
        if exchange.answered && wire.status != 0 {
            self.response(&exchange.response, wire);
        }
        if let Some(rows) = &exchange.store_after {
            self.store(rows, held);
        }
    }

    fn response(&mut self, written: &WrittenResponse, wire: &Wire) {
        if compare::response(written, wire).is_empty() {
            return;
        }
        let mut response = Map::new();
        if written.status.is_some() {
            response.insert("status".to_owned(), wire.status.into());
        }
        let headers: Map<String, Value> = written
            .headers
            .iter()
            .filter_map(|(name, expected)| {
                let found = compare::header(wire, name)?;
                let keeps = expected == "*" || *expected == found;
                Some((name.clone(), if keeps { expected.as_str().into() } else { found.into() }))
            })
            .collect();
        if !headers.is_empty() {
            response.insert("headers".to_owned(), headers.into());
        }
        let found = wire.body.clone().unwrap_or_default();
        // Another status has another body, of which nothing written can hold.
        let body = match written.status {
            Some(status) if status != wire.status => found,
            _ => compare::mended(&written.body, &found),
        };
        if !body.is_null() {
            response.insert("body".to_owned(), body);
        }
        self.put(&written.place, response.into());
    }

    fn store(&mut self, written: &Rows, held: &Value) {
        if compare::store(written, held).is_empty() {
            return;
        }
        let part = |part: &Part| {
            let found = held.get(part.name).unwrap_or(&Value::Null);
            (part.name.to_owned(), compare::mended(&part.value, found))
        };
        let parts: Map<String, Value> = written.parts.iter().map(part).collect();
        self.put(&written.place, parts.into());
    }

    fn put(&mut self, place: &Place, value: Value) {
        let indent = place.span.column.saturating_sub(1) as usize;
        self.places.push((place.span.start, place.span.end, indent, value));
    }

    /// The file with what is new; nothing when none was noted, or when it could not be read
    /// again.
    pub fn text(mut self, name: &str, source: &str) -> Option<String> {
        if self.places.is_empty() {
            return None;
        }
        // From the last to the first, so that places before stay where they are.
        self.places.sort_by_key(|(start, ..)| std::cmp::Reverse(*start));
        let mut text = source.to_owned();
        for (start, end, indent, value) in self.places {
            let old = text.get(start..end)?;
            // A block's span runs to the next key: its trailing white space is the file's.
            let kept = old.trim_end().len();
            let new = match old.starts_with('{') {
                true => value.to_string(),
                false => block(&value, indent),
            };
            text.replace_range(start..start + kept, &new);
        }
        exchange::read(name, &text).is_ok().then_some(text)
    }
}

/// `status: 200` and `body: {...}`: JSON is YAML.
fn block(value: &Value, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let members = value.as_object().into_iter().flatten();
    let lines: Vec<String> = members.map(|(name, value)| format!("{name}: {value}")).collect();
    lines.join(&format!("\n{pad}"))
}
