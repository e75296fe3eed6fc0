//! The cursor over a map: keys are asked for by name, and what nobody asked for is a finding.

use super::{Key, Kind, Node, Spanned};
use crate::diagnostic::{Diagnostic, Place, Span, nearest};
use std::{cell::RefCell, sync::Arc, time::Duration};

/// Collects the findings of one file while it is read.
#[derive(Debug)]
pub struct Reader {
    file: Arc<str>,
    findings: RefCell<Vec<Diagnostic>>,
}

impl Reader {
    /// For a file as the user named it.
    pub fn new(file: &Arc<str>) -> Self {
        Self { file: Arc::clone(file), findings: RefCell::default() }
    }

    /// The file.
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// Adds a finding.
    pub fn push(&self, finding: Diagnostic) {
        self.findings.borrow_mut().push(finding);
    }

    /// All findings.
    pub fn into_findings(self) -> Vec<Diagnostic> {
        self.findings.into_inner()
    }

    fn error(&self, code: &'static str, span: Span, message: String, help: Option<String>) {
        let place = Place { file: Arc::clone(&self.file), span };
        let mut finding = Diagnostic::error(code, place, message);
        finding.help = help;
        self.push(finding);
    }
}

/// The keys of one map, taken one by one.
#[derive(Debug)]
pub struct Fields<'a> {
    reader: &'a Reader,
    what: &'static str,
    span: Span,
    left: Vec<&'a (Key, Node)>,
    asked: Vec<&'static str>,
    /// Of those asked for, what this build takes: not what it only knows to refuse.
    known: Vec<&'static str>,
}

/// Unknown keys of one map that are compared with the known ones.
const HINTS: usize = 100;

impl<'a> Fields<'a> {
    /// Opens a map; anything else is a finding. `what` names it in messages: `an operation`.
    pub fn open(reader: &'a Reader, node: &'a Node, what: &'static str) -> Option<Self> {
        match &node.kind {
            Kind::Map(entries) if !entries.is_empty() => Some(Self {
                reader,
                what,
                span: node.span,
                left: entries.iter().collect(),
                asked: Vec::new(),
                known: Vec::new(),
            }),
            Kind::Map(_) | Kind::Null => {
                reader.error(
                    "M107",
                    node.span,
                    format!("{what} is empty"),
                    Some("leave it out".into()),
                );
                None
            }
            _ => {
                let message = format!("expected {what}, a map; found {}", node.type_name());
                reader.error("M104", node.span, message, None);
                None
            }
        }
    }

    /// Where the map stands.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Whether a key stands there and was not taken yet.
    pub fn has(&self, key: &str) -> bool {
        self.left.iter().any(|(found, _)| found.text == key)
    }

    /// Whether some key that nobody asked for is near one of these: a typo, which
    /// [`Fields::finish`] will tell.
    pub fn has_near(&self, keys: &[&str]) -> bool {
        self.left.iter().any(|(found, _)| nearest(&found.text, keys.iter().copied()).is_some())
    }

    /// Takes a key with its value.
    pub fn take(&mut self, key: &'static str) -> Option<(&'a Key, &'a Node)> {
        self.known.push(key);
        self.refused(key)
    }

    /// Takes a key that this build knows and does not carry out: it is offered for a typo, and
    /// never listed.
    pub fn refused(&mut self, key: &'static str) -> Option<(&'a Key, &'a Node)> {
        self.asked.push(key);
        let position = self.left.iter().position(|(found, _)| found.text == key)?;
        let (key, node) = self.left.remove(position);
        Some((key, node))
    }

    /// The value of a key, whatever it is.
    pub fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.take(key).map(|(_, node)| node)
    }

    /// The same; its absence is a finding that shows an example.
    pub fn required_node(&mut self, key: &'static str, example: &str) -> Option<&'a Node> {
        let node = self.node(key);
        if node.is_none() {
            self.missing(key, example);
        }
        node
    }

    /// A text; numbers and booleans are taken by their spelling.
    pub fn text(&mut self, key: &'static str) -> Option<Spanned<String>> {
        let node = self.node(key)?;
        let value = match &node.kind {
            Kind::Text(text) => text.clone(),
            Kind::Number(number) => number.to_string(),
            Kind::Bool(value) => value.to_string(),
            _ => return self.wrong(key, "a text", node),
        };
        Some(Spanned { value, span: node.span })
    }

    /// The same; its absence is a finding that shows an example.
    pub fn required_text(&mut self, key: &'static str, example: &str) -> Option<Spanned<String>> {
        if !self.has(key) {
            self.missing(key, example);
        }
        self.text(key)
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, key: &'static str) -> Option<Spanned<bool>> {
        let node = self.node(key)?;
        match node.kind {
            Kind::Bool(value) => Some(Spanned { value, span: node.span }),
            Kind::Text(ref text) if truth(text).is_some() => {
                let message = format!("`{key}`: expected true or false, found `{text}`");
                let help = truth(text).map(|value| format!("write `{value}`"));
                self.reader.error("M104", node.span, message, help);
                None
            }
            _ => self.wrong(key, "true or false", node),
        }
    }

    /// A whole number.
    pub fn integer(&mut self, key: &'static str) -> Option<Spanned<i64>> {
        let node = self.node(key)?;
        match &node.kind {
            Kind::Number(number) => match number.as_i64() {
                Some(value) => Some(Spanned { value, span: node.span }),
                None => self.wrong(key, "a whole number", node),
            },
            _ => self.wrong(key, "a whole number", node),
        }
    }

    /// The same; its absence is a finding that shows an example.
    pub fn required_integer(&mut self, key: &'static str, example: &str) -> Option<Spanned<i64>> {
        if !self.has(key) {
            self.missing(key, example);
        }
        self.integer(key)
    }

    /// `200ms`, `20s`, `10m`, `1h`.
    pub fn duration(&mut self, key: &'static str) -> Option<Spanned<Duration>> {
        let node = self.node(key)?;
        let value = match &node.kind {
            Kind::Text(text) => duration(text),
            _ => None,
        };
        match value {
            Some(value) => Some(Spanned { value, span: node.span }),
            None => self.wrong(key, "a duration such as 200ms, 20s, 10m or 1h", node),
        }
    }

    /// Exactly one of these keys: variants are tagged by their key.
    pub fn one_of(&mut self, keys: &[&'static str]) -> Option<(&'static str, &'a Node)> {
        let mut found = Vec::new();
        for key in keys {
            if let Some((at, node)) = self.take(key) {
                found.push((*key, at.span, node));
            }
        }
        match found.as_slice() {
            [(key, _, node)] => Some((key, node)),
            [] => {
                if !self.has_near(keys) {
                    let message =
                        format!("{}: none of `{}` is there", self.what, keys.join("`, `"));
                    self.reader.error("M106", self.span, message, Some("add one".into()));
                }
                None
            }
            [(one, ..), (other, span, _), ..] => {
                let message = format!("`{one}` and `{other}` exclude each other");
                self.reader.error("M106", *span, message, Some("keep one".into()));
                None
            }
        }
    }

    /// Every key that nobody asked for is unknown.
    pub fn finish(self) {
        for (position, (key, _)) in self.left.into_iter().enumerate() {
            // Nobody reads so many hints, and each costs a comparison with every known key.
            let near = match position < HINTS {
                true => nearest(&key.text, self.asked.iter().copied()),
                false => None,
            };
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("{} has {}", self.what, self.known.join(", ")),
            };
            let message = format!("unknown key `{}`", key.text);
            self.reader.error("M101", key.span, message, Some(help));
        }
    }

    fn missing(&self, key: &str, example: &str) {
        let message = format!("`{key}` is missing in {}", self.what);
        self.reader.error("M103", self.span, message, Some(format!("e.g. `{example}`")));
    }

    fn wrong<T>(&self, key: &str, expected: &str, node: &Node) -> Option<T> {
        let message = format!("`{key}`: expected {expected}, found {}", node.type_name());
        self.reader.error("M104", node.span, message, None);
        None
    }
}

/// What YAML 1.1 reads as a boolean.
fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "on" | "y" => Some(true),
        "no" | "off" | "n" => Some(false),
        _ => None,
    }
}

/// A number and its unit: `200ms`, `20s`, `10m`, `1h`.
pub fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let millis = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.checked_mul(millis)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asked_for_and_what_is_missing_are_findings() {
        let file: Arc<str> = "m.yaml".into();
        let node = super::super::parse(&file, "nme: x\ntimeout: 5 parsecs\nother: 1\n").unwrap();
        let reader = Reader::new(&file);
        let mut fields = Fields::open(&reader, &node, "a thing").unwrap();
        assert!(fields.required_text("name", "name: acme").is_none());
        assert!(fields.duration("timeout").is_none());
        fields.finish();
        let findings: Vec<_> = reader.into_findings().iter().map(ToString::to_string).collect();
        assert_eq!(
            findings,
            [
                "m.yaml:1:1: error[M103]: `name` is missing in a thing; e.g. `name: acme`",
                "m.yaml:2:10: error[M104]: `timeout`: expected a duration such as 200ms, 20s, 10m or 1h, found a text",
                "m.yaml:1:1: error[M101]: unknown key `nme`; did you mean `name`?",
                "m.yaml:3:1: error[M101]: unknown key `other`; a thing has name, timeout",
            ]
        );
    }

    #[test]
    fn durations_have_a_unit() {
        let table = [
            ("200ms", Some(200)),
            ("20s", Some(20_000)),
            ("10m", Some(600_000)),
            ("1h", Some(3_600_000)),
            ("5", None),
            ("s", None),
            ("-1s", None),
            ("1 fortnight", None),
        ];
        for (text, millis) in table {
            assert_eq!(duration(text), millis.map(Duration::from_millis), "{text}");
        }
    }
}
