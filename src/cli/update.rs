//! `test --update`: rewrites the expected responses of failing tests, and nothing else of the file.

use super::exchange::Exchange;
use crate::scim::encode::Wire;
use serde_json::{Value, json};

/// New responses by the place of the old ones.
#[derive(Debug, Default)]
pub struct Renewed {
    places: Vec<(usize, usize, usize, String)>,
}

impl Renewed {
    /// Notes what the response is now. A test without a written response has no place for one.
    pub fn note(&mut self, exchange: &Exchange, wire: &Wire) {
        let span = exchange.response.place.span;
        if span == exchange.place.span || wire.status == 0 {
            return;
        }
        let mut response = json!({ "status": wire.status });
        if let (Some(members), Some(body)) = (response.as_object_mut(), &wire.body) {
            members.insert("body".to_owned(), body.clone());
        }
        let indent = span.column.saturating_sub(1) as usize;
        self.places.push((span.start, span.end, indent, block(&response, indent)));
    }

    /// The file with the new responses; nothing when none was noted.
    pub fn text(mut self, source: &str) -> Option<String> {
        if self.places.is_empty() {
            return None;
        }
        // From the last to the first, so that places before stay where they are.
        self.places.sort_by_key(|(start, ..)| std::cmp::Reverse(*start));
        let mut text = source.to_owned();
        for (start, end, _, block) in self.places {
            let old = source.get(start..end)?;
            // A block's span runs to the next key: its trailing white space is the file's.
            let kept = old.trim_end().len();
            text.replace_range(start..start + kept, &block);
        }
        Some(text)
    }
}

/// `status: 200` and `body: {...}`: JSON is YAML.
fn block(response: &Value, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let members = response.as_object().into_iter().flatten();
    let lines: Vec<String> = members.map(|(name, value)| format!("{name}: {value}")).collect();
    lines.join(&format!("\n{pad}"))
}
