//! Text -> nodes, from the parser's events, so that every key and value keeps its place and
//! nothing of YAML slips in that a reader would not see: no anchors, no tags, no merge keys.

use super::{Key, Kind, Node, fault};
use crate::diagnostic::{Diagnostic, Place, Severity, Span};
use serde_json::Number;
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span as RawSpan};
use std::{collections::HashMap, sync::Arc};

/// A mapping of 5,000 rules has 400 kB; more than this is no mapping.
pub(super) const LARGEST: usize = 1024 * 1024;
/// Nesting of a body template is a handful; deeper input would only exhaust the stack.
const DEEPEST: usize = 64;
/// Unquoted, other tools read these keys as booleans (YAML 1.1).
const TRAPS: [&str; 6] = ["on", "off", "yes", "no", "y", "n"];

/// Parses one document. Errors come instead of a tree.
pub fn parse(file: &Arc<str>, text: &str) -> Result<Node, Vec<Diagnostic>> {
    read(file, text).map(|(node, _)| node)
}

/// The same, with the findings of severity warning that come beside a tree.
pub fn read(file: &Arc<str>, text: &str) -> Result<(Node, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut tree = Tree { file, text, findings: Vec::new(), events: Parser::new_from_str(text) };
    if text.len() > LARGEST {
        let place = Place { file: Arc::clone(file), span: Span::START };
        return Err(vec![too_large(place, text.len() as u64)]);
    }
    match tree.document() {
        Ok(node) if tree.findings.iter().all(|found| found.severity != Severity::Error) => {
            Ok((node, tree.findings))
        }
        Ok(_) => Err(tree.findings),
        Err(finding) => {
            tree.findings.push(finding);
            Err(tree.findings)
        }
    }
}

/// What is no mapping is not read.
pub(super) fn too_large(place: Place, size: u64) -> Diagnostic {
    let message = format!("the file has {size} bytes; at most {LARGEST} are read");
    Diagnostic::error("M100", place, message).help("5,000 rules have 400 kB: is it the right file?")
}

struct Tree<'a> {
    file: &'a Arc<str>,
    text: &'a str,
    findings: Vec<Diagnostic>,
    events: Parser<'a, serde_saphyr::granit_parser::StrInput<'a>>,
}

impl<'a> Tree<'a> {
    fn finding(&self, span: Span, message: impl Into<String>, help: &str) -> Diagnostic {
        Diagnostic::error("M100", Place { file: Arc::clone(self.file), span }, message).help(help)
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Diagnostic> {
        match self.events.next() {
            Some(Ok((event, span))) => Ok((event, place(&span))),
            Some(Err(error)) => {
                let marker = error.marker();
                let start = marker.byte_offset().unwrap_or_default();
                let (line, column) = (marker.line() as u32, marker.col() as u32 + 1);
                let span = Span { start, end: start, line, column };
                Err(fault::explained(self.file, self.text, span, &error.info()))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn document(&mut self) -> Result<Node, Diagnostic> {
        let mut root = None;
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentEnd, _) => {}
                (Event::StreamEnd, _) => {
                    let start = Span::START;
                    let nothing = Node { span: start, head: start, kind: Kind::Null };
                    return Ok(root.unwrap_or(nothing));
                }
                (Event::DocumentStart(..), span) if root.is_some() => {
                    let help =
                        "one file is one document: take it out, or give it a file of its own";
                    return Err(self.finding(span, "a second document begins", help));
                }
                (Event::DocumentStart(..), _) => {
                    let (event, span) = self.next()?;
                    root = Some(self.node(event, span, 0)?);
                }
                (_, span) => {
                    return Err(self.finding(span, "expected a document", "begin with a key"));
                }
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, Diagnostic> {
        if depth > DEEPEST {
            let help = "no key of ours stands so deep: close the brackets, or look at the indent";
            return Err(self.finding(span, format!("nested deeper than {DEEPEST}"), help));
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.plain(span, anchor, tag.is_some());
                let kind = match style {
                    ScalarStyle::Plain => scalar(&text),
                    _ => Kind::Text(text.into_owned()),
                };
                Ok(Node { span, head: span, kind })
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.plain(span, anchor, tag.is_some());
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, end) => {
                            let whole = to(span, end);
                            return Ok(Node { span: whole, head: whole, kind: Kind::List(items) });
                        }
                        (event, span) => items.push(self.node(event, span, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(_, anchor, tag) => {
                self.plain(span, anchor, tag.is_some());
                self.map(span, depth)
            }
            Event::Alias(_) => {
                let help = "write the value where it belongs";
                Err(self.finding(span, "aliases are not read", help))
            }
            _ => Err(self.finding(span, "expected a value", "write one, or take the key out")),
        }
    }

    fn map(&mut self, span: Span, depth: usize) -> Result<Node, Diagnostic> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut seen: HashMap<String, u32> = HashMap::new();
        loop {
            let (text, style, key_span) = match self.next()? {
                (Event::MappingEnd, end) => {
                    let whole = to(span, end);
                    // Without brackets a map begins where its first key does, and ends nobody sees where.
                    let first = entries.first().filter(|_| span.start == span.end);
                    let head = first.map_or(whole, |(key, _)| key.span);
                    return Ok(Node { span: whole, head, kind: Kind::Map(entries) });
                }
                (Event::Scalar(text, style, ..), span) => (text.into_owned(), style, span),
                (_, span) => {
                    let help = "a text with `{` or `[` in it is put in quotes";
                    return Err(self.finding(span, "expected a key that is a text", help));
                }
            };
            let plain = style == ScalarStyle::Plain;
            if plain && text == "<<" {
                let help = "write the keys out where they belong";
                return Err(self.finding(key_span, "merge keys are not read", help));
            }
            let place = Place { file: Arc::clone(self.file), span: key_span };
            if plain && TRAPS.contains(&text.to_ascii_lowercase().as_str()) {
                let message = format!("key `{text}` is an unquoted YAML 1.1 boolean");
                let help = "quote it; other tools read it as true or false";
                self.findings.push(Diagnostic::warning("M109", place.clone(), message).help(help));
            }
            match seen.get(&text) {
                Some(line) => {
                    let message = format!("key `{text}` stands twice");
                    let help = format!("the first one stands at line {line}");
                    self.findings.push(Diagnostic::error("M102", place, message).help(help));
                }
                None => {
                    seen.insert(text.clone(), key_span.line);
                }
            }
            let (event, value_span) = self.next()?;
            let node = Node { head: key_span, ..self.node(event, value_span, depth + 1)? };
            entries.push((Key { text, span: key_span }, node));
        }
    }

    /// Anchors and tags change what a value is where nobody looks.
    fn plain(&mut self, span: Span, anchor: usize, tagged: bool) {
        if anchor != 0 || tagged {
            let (what, help) = match tagged {
                true => ("tags", "write the value itself: a text in quotes stays a text"),
                false => ("anchors", "write the value itself, wherever it is wanted"),
            };
            let finding = self.finding(span, format!("{what} are not read"), help);
            self.findings.push(finding);
        }
    }
}

/// The parser counts lines from 1 and columns from 0.
fn place(span: &RawSpan) -> Span {
    Span {
        start: span.start.byte_offset().unwrap_or_default(),
        end: span.end.byte_offset().unwrap_or_default(),
        line: span.start.line() as u32,
        column: span.start.col() as u32 + 1,
    }
}

/// From the first byte of one to the last of another.
fn to(start: Span, end: Span) -> Span {
    Span { end: end.end.max(start.end), ..start }
}

/// YAML 1.2's core schema, less what surprises: `007` and `1_000` are texts, only `true` and
/// `false` are boolean.
fn scalar(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        _ => match serde_json::from_str::<Number>(text) {
            Ok(number) => Kind::Number(number),
            Err(_) => Kind::Text(text.to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, Vec<Diagnostic>> {
        parse(&"m.yaml".into(), text)
    }

    #[test]
    fn scalars_are_what_they_look_like() {
        let node = read("a: 12345678901234567890123\nb: 007\nc: \"1\"\nd: no way\ne: ~\nf: true\n")
            .unwrap();
        assert_eq!(
            node.to_json().to_string(),
            r#"{"a":12345678901234567890123,"b":"007","c":"1","d":"no way","e":null,"f":true}"#
        );
    }

    #[test]
    fn keys_and_values_know_their_place() {
        let node = read("a:\n  bc: [x, yy]\n").unwrap();
        let list = node.get("a").and_then(|a| a.get("bc")).unwrap();
        assert_eq!((list.span.line, list.span.column), (2, 7));
        let Kind::List(items) = &list.kind else { panic!("no list") };
        assert_eq!((items[1].span.line, items[1].span.column), (2, 11));
        assert_eq!((items[1].span.start, items[1].span.end), (13, 15));
    }

    #[test]
    fn what_a_reader_would_not_see_is_refused_with_its_place() {
        let table = [
            ("a: 1\nb: 2\na: 3\n", "M102", 3),
            ("a: &x 1\nb: *x\n", "M100", 1),
            ("a: 1\n<<: {b: 2}\n", "M100", 2),
            ("a: !!str 1\n", "M100", 1),
            ("a: [1, 2\n", "M100", 1),
            ("a: 1\n---\nb: 2\n", "M100", 2),
            ("a:\n\t- b\n", "M100", 2),
        ];
        for (text, code, line) in table {
            let findings = read(text).unwrap_err();
            assert_eq!(findings[0].code, code, "{text}: {findings:?}");
            assert_eq!(findings[0].place.span.line, line, "{text}: {findings:?}");
        }
        let (node, warnings) = super::read(&"m.yaml".into(), "on: 1\n").unwrap();
        assert_eq!((node.to_json().to_string().as_str(), warnings.len()), ("{\"on\":1}", 1));
        assert_eq!((warnings[0].code, warnings[0].severity), ("M109", Severity::Warning));
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert_eq!(read(&deep).unwrap_err()[0].code, "M100");
    }
}
