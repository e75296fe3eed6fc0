//! The cursor over a map: keys are taken by name, and what its shape does not have is a finding.

use super::{
    Key, Kind, Node, Spanned, meant,
    shape::{Forms, Known, Shape, Takes},
};
use crate::diagnostic::{Diagnostic, Place, Span, did_you_mean, nearest};
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
    shape: &'static Shape,
    span: Span,
    head: Span,
    left: Vec<&'a (Key, Node)>,
}

/// Unknown keys of one map that are compared with the known ones.
const HINTS: usize = 100;

impl<'a> Fields<'a> {
    /// Opens a map of a shape; anything else is a finding.
    pub fn open(reader: &'a Reader, node: &'a Node, shape: &'static Shape) -> Option<Self> {
        let what = shape.what;
        match &node.kind {
            Kind::Map(entries) if shape.empty || !entries.is_empty() => Some(Self {
                reader,
                shape,
                span: node.span,
                head: node.head,
                left: entries.iter().collect(),
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
                let help = meant::around(shape, node).unwrap_or_else(|| keys_of(shape));
                reader.error("M104", node.span, message, Some(help));
                None
            }
        }
    }

    /// Opens a map in the form that its keys say.
    pub fn open_form(reader: &'a Reader, node: &'a Node, forms: &'static Forms) -> Option<Self> {
        Self::open(reader, node, forms.of(|key| node.get(key).is_some()))
    }

    /// Where the map stands.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Whether a key stands there and was not taken yet.
    pub fn has(&self, key: &str) -> bool {
        self.left.iter().any(|(found, _)| found.text == key)
    }

    /// Whether some key that the shape does not have is near one of these: a typo, which
    /// [`Fields::finish`] will tell.
    pub fn has_near(&self, keys: &[&str]) -> bool {
        let unknown = self.left.iter().filter(|(found, _)| self.shape.find(&found.text).is_none());
        unknown.into_iter().any(|(found, _)| nearest(&found.text, keys.iter().copied()).is_some())
    }

    /// Takes a key with its value; absence of one that must be there is a finding.
    pub fn take(&mut self, key: &'static str) -> Option<(&'a Key, &'a Node)> {
        let known = self.known(key);
        let taken = self.remove(key);
        if taken.is_none() && known.is_some_and(|known| known.must) {
            self.missing(key);
        }
        taken
    }

    /// Takes a key that must be there because of what else is, whatever the shape says.
    pub fn required(&mut self, key: &'static str) -> Option<&'a Node> {
        let node = self.remove(key).map(|(_, node)| node);
        if node.is_none() {
            self.missing(key);
        }
        node
    }

    /// Takes what stands there of the keys that this build knows and does not carry out.
    pub fn refused(&mut self) -> Vec<&'a Key> {
        let refused = self.shape.all().filter(|known| known.refused);
        refused.filter_map(|known| self.remove(known.name)).map(|(key, _)| key).collect()
    }

    /// Takes what stands there of another shape's keys that this one does not have.
    pub fn of_other(&mut self, other: &Shape) -> Vec<&'a Key> {
        let foreign = other.all().filter(|known| self.shape.find(known.name).is_none());
        let foreign: Vec<&str> = foreign.map(|known| known.name).collect();
        foreign.into_iter().filter_map(|key| self.remove(key)).map(|(key, _)| key).collect()
    }

    /// Takes every key that is left: an open shape has more than its table knows.
    pub fn rest(&mut self) -> Vec<&'a (Key, Node)> {
        std::mem::take(&mut self.left)
    }

    /// Whether the table knows a key.
    pub fn offers(&self, key: &str) -> bool {
        self.shape.find(key).is_some()
    }

    fn remove(&mut self, key: &str) -> Option<(&'a Key, &'a Node)> {
        let position = self.left.iter().position(|(found, _)| found.text == key)?;
        let (key, node) = self.left.remove(position);
        Some((key, node))
    }

    /// What the table says of a key. One that it does not have could be read and would be told to be
    /// unknown.
    fn known(&self, key: &str) -> Option<&'static Known> {
        let known = self.shape.find(key);
        debug_assert!(known.is_some(), "`{key}` is no key of {}", self.shape.name);
        known
    }

    /// The value of a key, whatever it is.
    pub fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.take(key).map(|(_, node)| node)
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

    /// One of the words that the shape has for a key.
    pub fn word(&mut self, key: &'static str) -> Option<Spanned<&'static str>> {
        self.word_or(key, &[])
    }

    /// The same; `habits` are words of other languages, and what is meant by them.
    pub fn word_or(
        &mut self,
        key: &'static str,
        habits: &[(&str, &str)],
    ) -> Option<Spanned<&'static str>> {
        let words = match self.known(key)?.takes {
            Takes::Words(words) => words,
            _ => &[],
        };
        let found = match self.left.iter().find(|(found, _)| found.text == key) {
            // A word that YAML reads as nothing is meant as the word.
            Some((_, Node { kind: Kind::Null, span, .. })) if words.contains(&"null") => {
                let span = *span;
                self.remove(key);
                Spanned { value: "null".to_owned(), span }
            }
            _ => self.text(key)?,
        };
        if let Some(word) = words.iter().find(|word| **word == found.value) {
            return Some(Spanned { value: word, span: found.span });
        }
        let habit = habits.iter().find(|(habit, _)| *habit == found.value);
        let meant = habit.map(|(_, meant)| *meant);
        let meant = meant.or_else(|| nearest(&found.value, words.iter().copied()));
        let help = meant.map(did_you_mean);
        let help = help.or_else(|| self.such(key));
        let message = format!("expected {}, found `{}`", listed(words), found.value);
        self.reader.error("M104", found.span, message, help);
        None
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

    /// A whole number, not below what the shape says.
    pub fn integer(&mut self, key: &'static str) -> Option<Spanned<i64>> {
        let least = match self.known(key)?.takes {
            Takes::Whole(least) => least,
            _ => i64::MIN,
        };
        let node = self.node(key)?;
        let number = match &node.kind {
            Kind::Number(number) => number.as_i64(),
            _ => None,
        };
        match number {
            Some(value) if value >= least => Some(Spanned { value, span: node.span }),
            Some(value) => {
                let expected = match least {
                    1 => "a number above 0".to_owned(),
                    least => format!("a number not below {least}"),
                };
                let message = format!("`{key}`: expected {expected}, found `{value}`");
                self.reader.error("M104", node.span, message, self.such(key));
                None
            }
            None => {
                let message =
                    format!("`{key}`: expected a whole number, found {}", node.type_name());
                let help = meant::whole(&node.kind).map(|whole| format!("write `{whole}`"));
                let help = help.or_else(|| self.such(key));
                self.reader.error("M104", node.span, message, help);
                None
            }
        }
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

    /// Exactly one of the keys of a tagged shape.
    pub fn variant(&mut self) -> Option<(&'static str, &'a Node)> {
        let keys: Vec<&'static str> = self.shape.keys().map(|known| known.name).collect();
        self.one_of(&keys)
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
                        format!("{}: none of `{}` is there", self.shape.what, keys.join("`, `"));
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

    /// Every key that the shape does not have is unknown.
    pub fn finish(self) {
        // A key of the table that nobody asks for would be ignored in silence.
        debug_assert_eq!(
            self.left.iter().map(|(key, _)| &*key.text).find(|key| self.shape.find(key).is_some()),
            None,
            "a key of {} that nobody reads",
            self.shape.name
        );
        self.give_up();
    }

    /// The same where something is so wrong that not all keys were read.
    pub fn give_up(self) {
        let unknown = self.left.iter().filter(|(key, _)| self.shape.find(&key.text).is_none());
        for (position, (key, _)) in unknown.enumerate() {
            // Nobody reads so many hints, and each costs a comparison with every known key.
            let near = match position < HINTS {
                true => nearest(&key.text, self.shape.all().map(|known| known.name)),
                false => None,
            };
            let help = match near {
                Some(near) => did_you_mean(near),
                None => keys_of(self.shape),
            };
            let message = format!("unknown key `{}`", key.text);
            self.reader.error("M101", key.span, message, Some(help));
        }
    }

    fn missing(&self, key: &str) {
        let message = format!("`{key}` is missing in {}", self.shape.what);
        let help = self.shape.find(key).map(|known| match known.about {
            "" => known.such(),
            about => format!("{}: {about}", known.such()),
        });
        self.reader.error("M103", self.head, message, help);
    }

    fn wrong<T>(&self, key: &str, expected: &str, node: &Node) -> Option<T> {
        let message = format!("`{key}`: expected {expected}, found {}", node.type_name());
        self.reader.error("M104", node.span, message, self.such(key));
        None
    }

    /// What stands at the key in the reference.
    fn such(&self, key: &str) -> Option<String> {
        self.shape.find(key).map(Known::such)
    }
}

/// `a thing has name, colour`
fn keys_of(shape: &Shape) -> String {
    let names: Vec<&str> = shape.keys().map(|known| known.name).collect();
    format!("{} has {}", shape.what, names.join(", "))
}

/// `a, b or c`
pub fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
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

    use super::super::shape::{may, must};

    static THING: Shape = Shape::new(
        "thing",
        "a thing",
        "",
        &[
            must("name", Takes::Text, "what it is called", "acme"),
            may("timeout", Takes::Duration, "", "1s"),
            may("colour", Takes::Words(&["red", "green", "blue"]), "", "red"),
        ],
    );

    #[test]
    fn what_is_unknown_and_what_is_missing_are_findings() {
        let file: Arc<str> = "m.yaml".into();
        let text = "nme: x\ntimeout: 5 parsecs\nother: 1\ncolour: gren\n";
        let node = super::super::parse(&file, text).unwrap();
        let reader = Reader::new(&file);
        let mut fields = Fields::open(&reader, &node, &THING).unwrap();
        assert!(fields.text("name").is_none());
        assert!(fields.duration("timeout").is_none());
        assert!(fields.word("colour").is_none());
        fields.finish();
        let findings: Vec<_> = reader.into_findings().iter().map(ToString::to_string).collect();
        assert_eq!(
            findings,
            [
                "m.yaml:1:1: error[M103]: `name` is missing in a thing; e.g. `name: acme`: what it is called",
                "m.yaml:2:10: error[M104]: `timeout`: expected a duration such as 200ms, 20s, 10m or 1h, found a text; e.g. `timeout: 1s`",
                "m.yaml:4:9: error[M104]: expected red, green or blue, found `gren`; did you mean `green`?",
                "m.yaml:1:1: error[M101]: unknown key `nme`; did you mean `name`?",
                "m.yaml:3:1: error[M101]: unknown key `other`; a thing has name, timeout, colour",
            ]
        );
    }

    #[test]
    #[should_panic(expected = "no key of thing")]
    fn a_key_that_is_not_in_the_table_cannot_be_asked_for() {
        let file: Arc<str> = "m.yaml".into();
        let node = super::super::parse(&file, "name: x\n").unwrap();
        let reader = Reader::new(&file);
        Fields::open(&reader, &node, &THING).unwrap().text("title");
    }

    #[test]
    #[should_panic(expected = "a key of thing that nobody reads")]
    fn a_key_of_the_table_cannot_be_overlooked() {
        let file: Arc<str> = "m.yaml".into();
        let node = super::super::parse(&file, "name: x\n").unwrap();
        let reader = Reader::new(&file);
        Fields::open(&reader, &node, &THING).unwrap().finish();
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
