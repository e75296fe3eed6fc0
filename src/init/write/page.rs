//! Lines with their comments: beside them where they fit, above them where they do not.

use super::scalar::{flow, scalar};
use serde_json::Value;

/// As wide as the mappings here are.
const WIDTH: usize = 118;
/// Where comments begin, if the line is not longer.
const COLUMN: usize = 41;

/// A file while it is written.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
}

impl Page {
    /// A line. `indent` counts spaces.
    pub fn line(&mut self, indent: usize, line: &str) {
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A line and why it is so.
    pub fn said(&mut self, indent: usize, line: &str, why: &str) {
        let why = one_line(why);
        if why.is_empty() {
            return self.line(indent, line);
        }
        let length = indent + line.chars().count();
        let padding = COLUMN.saturating_sub(length).max(1);
        if length + padding + 2 + why.chars().count() > WIDTH {
            self.comment(indent, &why);
            return self.line(indent, line);
        }
        self.line(indent, &format!("{line}{}# {why}", " ".repeat(padding)));
    }

    /// A value on the line of its key where that is not too long, else below it.
    pub fn value(&mut self, indent: usize, key: &str, value: &Value, why: &str) {
        let line = format!("{key}: {}", flow(value));
        if self.fits(indent, &line) {
            return self.said(indent, &line, why);
        }
        match value {
            Value::Object(members) => {
                self.said(indent, &format!("{key}:"), why);
                for (name, value) in members {
                    self.value(indent + 2, &scalar(name), value, "");
                }
            }
            Value::Array(items) => {
                self.said(indent, &format!("{key}:"), why);
                items.iter().for_each(|item| self.line(indent + 2, &format!("- {}", flow(item))));
            }
            _ => self.said(indent, &line, why),
        }
    }

    /// Whether a line is not wider than the file is.
    pub fn fits(&self, indent: usize, line: &str) -> bool {
        indent + line.chars().count() <= WIDTH
    }

    /// A comment of its own.
    pub fn comment(&mut self, indent: usize, words: &str) {
        let mut line = String::new();
        let full = WIDTH.saturating_sub(indent + 2);
        for word in one_line(words).split(' ') {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > full {
                self.line(indent, &format!("# {line}"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.line(indent, format!("# {line}").trim_end());
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// The file.
    pub fn text(self) -> String {
        self.text
    }
}

/// A document's words must not end the comment that they stand in.
fn one_line(words: &str) -> String {
    let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = words.replace(['\u{2028}', '\u{2029}', '\u{feff}'], " ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
