//! What a map may hold, as data. The reader takes keys by it and tells what is unknown; JSON Schema
//! and reference are made of it.

/// A container: a map with known keys.
#[derive(Debug)]
pub struct Shape {
    /// One word, in schemas and in the reference: `rule`.
    pub name: &'static str,
    /// In messages: `a rule`.
    pub what: &'static str,
    /// What it says, in a sentence.
    pub about: &'static str,
    /// Its own keys, in the order in which people write them.
    pub own: &'static [Known],
    /// Those whose keys it has as well.
    pub with: &'static [&'static Shape],
    /// Keys of which one must be there.
    pub choice: Option<Choice>,
    /// Whether it has keys that no table can know: attributes beside an `id`.
    pub open: bool,
    /// Whether it may be empty: all its keys have a default.
    pub empty: bool,
}

/// One key.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// As it is written.
    pub name: &'static str,
    /// What its value is.
    pub takes: Takes,
    /// Whether it must be there.
    pub must: bool,
    /// What holds where it is left out, as the file would say it or in words.
    pub default: &'static str,
    /// What it says, in a sentence.
    pub about: &'static str,
    /// A value, as a file writes it.
    pub example: &'static str,
    /// A key of the language that this version does not carry out.
    pub refused: bool,
}

/// Exactly one of these keys is there.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// The keys.
    pub of: &'static [&'static str],
    /// The first of these two may stand beside the second, and chooses nothing then.
    pub beside: Option<(&'static str, &'static str)>,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub enum Takes {
    /// A text; numbers and booleans are taken by their spelling.
    Text,
    /// A whole number, not below this.
    Whole(i64),
    /// `true` or `false`.
    Flag,
    /// `200ms`, `20s`, `10m`, `1h`.
    Duration,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A text of a notation of its own.
    Notation(Notation),
    /// A text that fits a pattern: the words for people, and the pattern.
    Like(&'static str, &'static str),
    /// Any value.
    Anything,
    /// No value: the key is written alone, as a word.
    Nothing,
    /// A list, each item so.
    List(&'static Takes),
    /// A map of keys that its author names: what they are, and each value.
    Map(&'static str, &'static Takes),
    /// A map with known keys.
    Of(&'static Shape),
    /// A map with known keys, in one of several forms.
    Forms(&'static Forms),
    /// One key of these, which says the variant: `{ bearer: {...} }`; alone where it takes nothing.
    Tagged(&'static Shape),
    /// One of these.
    Either(&'static [Takes]),
}

/// The notations inside texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// Text with CEL in braces.
    Template,
    /// CEL.
    Expression,
    /// A place in a Record.
    FieldPath,
    /// A place in a Resource.
    AttributePath,
    /// A field path, or JSONPath.
    Place,
}

/// Forms of one map, told apart by a key that only one of them has.
#[derive(Debug)]
pub struct Forms {
    /// With this key it is that form; the first holds.
    pub tagged: &'static [(&'static str, &'static Shape)],
    /// Without any of them.
    pub plain: &'static Shape,
}

impl Shape {
    /// With what a table leaves out most often.
    pub const fn new(
        name: &'static str,
        what: &'static str,
        about: &'static str,
        own: &'static [Known],
    ) -> Self {
        Self { name, what, about, own, with: &[], choice: None, open: false, empty: false }
    }

    /// With the keys of others.
    #[must_use]
    pub const fn with(mut self, others: &'static [&'static Shape]) -> Self {
        self.with = others;
        self
    }

    /// With keys of which one must be there.
    #[must_use]
    pub const fn choosing(mut self, of: &'static [&'static str]) -> Self {
        self.choice = Some(Choice { of, beside: None });
        self
    }

    /// Every key, refused ones too: its own first.
    pub fn all(&self) -> impl Iterator<Item = &'static Known> {
        let others = self.with.iter().flat_map(|shape| shape.own);
        self.own.iter().chain(others)
    }

    /// The keys that this version carries out.
    pub fn keys(&self) -> impl Iterator<Item = &'static Known> {
        self.all().filter(|known| !known.refused)
    }

    /// The key of a name.
    pub fn find(&self, name: &str) -> Option<&'static Known> {
        self.all().find(|known| known.name == name)
    }
}

impl Known {
    /// With what holds where it is left out.
    #[must_use]
    pub const fn or(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    /// A line of a file with this key: ``e.g. `timeout: 10s` ``.
    pub fn such(&self) -> String {
        format!("e.g. `{}: {}`", self.name, self.example)
    }
}

/// A key that may be there.
pub const fn may(
    name: &'static str,
    takes: Takes,
    about: &'static str,
    example: &'static str,
) -> Known {
    Known { name, takes, must: false, default: "", about, example, refused: false }
}

/// A key that must be there.
pub const fn must(
    name: &'static str,
    takes: Takes,
    about: &'static str,
    example: &'static str,
) -> Known {
    Known { must: true, ..may(name, takes, about, example) }
}

/// A key of the language that this version does not carry out.
pub const fn refused(name: &'static str) -> Known {
    Known { refused: true, ..may(name, Takes::Anything, "", "") }
}

impl Forms {
    /// The form of a map with these keys.
    pub fn of<'a>(&self, mut has: impl FnMut(&str) -> bool + 'a) -> &'static Shape {
        let tagged = self.tagged.iter().find(|(key, _)| has(key));
        tagged.map_or(self.plain, |(_, shape)| shape)
    }

    /// Every form.
    pub fn all(&self) -> impl Iterator<Item = &'static Shape> {
        self.tagged.iter().map(|(_, shape)| *shape).chain([self.plain])
    }
}

impl std::fmt::Display for Takes {
    /// In the reference's words.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Takes::Text => f.write_str("text"),
            Takes::Whole(least) => write!(f, "number from {least}"),
            Takes::Flag => f.write_str("`true` or `false`"),
            Takes::Duration => f.write_str("duration"),
            Takes::Words(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                f.write_str(&super::listed(&words))
            }
            Takes::Notation(Notation::Template) => f.write_str("template"),
            Takes::Notation(Notation::Expression) => f.write_str("CEL"),
            Takes::Notation(Notation::FieldPath) => f.write_str("field path"),
            Takes::Notation(Notation::AttributePath) => f.write_str("attribute path"),
            Takes::Notation(Notation::Place) => f.write_str("place"),
            Takes::Like(words, _) => f.write_str(words),
            Takes::Anything => f.write_str("any value"),
            Takes::Nothing => f.write_str("nothing"),
            Takes::List(item) => write!(f, "list, each {item}"),
            Takes::Map(key, value) => write!(f, "map by {key}, each {value}"),
            Takes::Of(shape) | Takes::Forms(Forms { plain: shape, .. }) => f.write_str(shape.what),
            Takes::Tagged(shape) => write!(f, "one of *{}*", shape.name),
            Takes::Either(kinds) => {
                let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
                f.write_str(&kinds.join(", or "))
            }
        }
    }
}
