//! What happened otherwise than it was written: for people, side by side, and for programs.

use super::reading::node_at;
use crate::{
    diagnostic::Place,
    yaml::{Kind, Node},
};
use serde_json::{Value, json};
use std::fmt;

/// Rows of one difference, so that a wrong body does not hide the rest.
const ROWS: usize = 12;
/// Characters of a value that are shown.
const CELL: usize = 40;
/// Of these, so many before the first character that differs.
const BEFORE: usize = 12;

/// About one thing: a call, the response, what the store holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where the expectation stands.
    pub place: Place,
    /// What is the matter, in words.
    pub what: String,
    /// Value by value.
    pub rows: Vec<Row>,
}

/// One value that is another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// From the expectation down to it.
    pub path: Vec<String>,
    /// What was written; nothing where it should not be there.
    pub expected: Option<Value>,
    /// What came; nothing where none did.
    pub found: Option<Value>,
    /// Where it was written.
    pub place: Place,
}

impl Difference {
    /// One in words alone.
    pub fn new(place: &Place, what: impl Into<String>) -> Self {
        Self { place: place.clone(), what: what.into(), rows: Vec::new() }
    }

    /// One value by value. No rows are no difference.
    pub fn of(place: &Place, what: impl Into<String>, rows: Rows) -> Option<Self> {
        let place_of =
            |(path, expected, found)| Row { path, expected, found, place: place.clone() };
        let rows: Vec<Row> = rows.0.into_iter().map(place_of).collect();
        (!rows.is_empty()).then(|| Self { rows, ..Self::new(place, what) })
    }

    /// Gives each row the place of what it is about, as near as it was written.
    pub fn locate(&mut self, root: &Node) {
        let Some(base) = node_at(root, self.place.span) else { return };
        for row in &mut self.rows {
            row.place.span = nearest_to(base, &row.path).span;
        }
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let rows = self.rows.iter().map(|row| {
            let mut told = json!({ "path": row.label(), "place": row.place.to_string() });
            // What is not there has no key, and null is a value.
            for (name, value) in [("expected", &row.expected), ("found", &row.found)] {
                if let (Some(value), Some(told)) = (value, told.as_object_mut()) {
                    told.insert(name.to_owned(), value.clone());
                }
            }
            told
        });
        json!({
            "place": self.place.to_string(),
            "what": self.what,
            "values": rows.collect::<Vec<_>>(),
        })
    }
}

/// The node at `path`, or the last one on the way there.
fn nearest_to<'n>(base: &'n Node, path: &[String]) -> &'n Node {
    path.iter()
        .try_fold(base, |node, name| {
            let below = match &node.kind {
                Kind::Map(entries) => {
                    // Names of headers are in lower case here.
                    entries.iter().find(|(key, _)| key.text.eq_ignore_ascii_case(name))
                }
                Kind::List(items) => {
                    return name.parse().ok().and_then(|at: usize| items.get(at)).ok_or(node);
                }
                _ => None,
            };
            below.map(|(_, node)| node).ok_or(node)
        })
        .unwrap_or_else(|last| last)
}

/// The values that differ, as they are found.
#[derive(Debug, Default)]
pub struct Rows(Vec<(Vec<String>, Option<Value>, Option<Value>)>);

impl Rows {
    /// One more.
    pub fn push(&mut self, path: &[String], expected: Option<Value>, found: Option<Value>) {
        self.0.push((path.to_vec(), expected, found));
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Row {
    /// Where the value is, for people.
    fn label(&self) -> String {
        match self.path.split_first() {
            Some((first, [name])) if first == "headers" => format!("header {name}"),
            Some((first, rest)) if first == "body_has" => std::iter::once("body")
                .chain(rest.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join("."),
            _ => self.path.join("."),
        }
    }

    /// Both values as texts that show where they part.
    fn cells(&self) -> (String, String) {
        let text = |value: &Option<Value>| match value {
            None => "nothing".to_owned(),
            Some(value) => value.to_string(),
        };
        let (expected, found) = (text(&self.expected), text(&self.found));
        let (one, other) = (expected.chars(), found.chars());
        let same = one.zip(other).take_while(|(one, other)| one == other).count();
        (cut(&expected, same), cut(&found, same))
    }
}

/// A long text from a little before the place where it differs.
fn cut(text: &str, same: usize) -> String {
    let length = text.chars().count();
    if length <= CELL {
        return text.to_owned();
    }
    let from = if same + BEFORE < CELL { 0 } else { same.saturating_sub(BEFORE) };
    let shown: String = text.chars().skip(from).take(CELL).collect();
    let before = if from > 0 { "…" } else { "" };
    let behind = if from + CELL < length { "…" } else { "" };
    format!("{before}{shown}{behind}")
}

/// A line at the left edge, and a table below it.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)?;
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut table = vec![["", "expected", "found", "at"].map(str::to_owned)];
        table.extend(self.rows.iter().take(ROWS).map(|row| {
            let (expected, found) = row.cells();
            [row.label(), expected, found, row.place.to_string()]
        }));
        let mut widths = [0; 3];
        for line in &table {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = cell.chars().count().max(*width);
            }
        }
        let [first, second, third] = widths;
        for [label, expected, found, place] in &table {
            let line = format!("{label:first$}  {expected:second$}  {found:third$}  {place}");
            write!(f, "\n    {}", line.trim_end())?;
        }
        match self.rows.len().saturating_sub(ROWS) {
            0 => Ok(()),
            more => write!(f, "\n    and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_shown_from_where_they_part() {
        let long = |end: &str| Value::from(format!("{}{end}", "x".repeat(60)));
        let row = Row {
            path: vec!["body".into()],
            expected: Some(long("one")),
            found: Some(long("two")),
            place: Place::default(),
        };
        let (expected, found) = row.cells();
        assert_eq!(expected, "…xxxxxxxxxxxxone\"");
        assert_eq!(found, "…xxxxxxxxxxxxtwo\"");
        let row = Row { expected: None, ..row };
        assert_eq!(row.cells().0, "nothing");
        assert_eq!(row.cells().1, format!("\"{}…", "x".repeat(39)));
    }

    #[test]
    fn rows_beyond_a_dozen_are_counted() {
        let mut rows = Rows::default();
        for at in 0..15 {
            rows.push(&["body".into(), at.to_string()], None, Some(at.into()));
        }
        let difference = Difference::of(&Place::default(), "another", rows).unwrap();
        let text = difference.to_string();
        assert_eq!(text.lines().count(), 2 + ROWS + 1);
        assert!(text.ends_with("\n    and 3 more"), "{text}");
    }
}
