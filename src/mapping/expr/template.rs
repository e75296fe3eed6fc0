//! Templates: text with CEL in braces. `{{` and `}}` are literal braces.

use super::{EvalError, Expression, Fault, Name, Scope, value::type_name};
use crate::{diagnostic::Span, upstream::record::text_of};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

/// What stays as it is in a path segment: RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text with holes.
#[derive(Debug, Clone)]
pub struct Template {
    text: String,
    pieces: Vec<Piece>,
    names: Vec<Name>,
    span: Span,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    /// A number or a boolean that stands in the file without quotes.
    Fixed(Value),
    Hole(Expression),
}

impl Template {
    /// Reads a text. Offsets of faults and names are into the whole text.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let (mut pieces, mut names) = (Vec::new(), Vec::new());
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            let offset = text.len() - from.len();
            if let Some(after) = from.strip_prefix("{{") {
                plain.push('{');
                rest = after;
            } else if let Some(after) = from.strip_prefix("}}") {
                plain.push('}');
                rest = after;
            } else if let Some(inner) = from.strip_prefix('{') {
                let Some((expression, after)) = hole(inner) else {
                    let message = "`{` opens and `}` never closes it".to_owned();
                    let help = "close it with `}`; a literal brace is `{{`".to_owned();
                    return Err(Fault { offset, code: "M601", message, help });
                };
                let shifted = |inner: usize| inner + offset + 1;
                let parsed = Expression::parse(expression)
                    .map_err(|fault| Fault { offset: shifted(fault.offset), ..fault })?;
                names.extend(
                    parsed
                        .names()
                        .iter()
                        .map(|name| Name { offset: shifted(name.offset), ..name.clone() }),
                );
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Hole(parsed));
                rest = after;
            } else {
                let message = "`}` closes nothing".to_owned();
                let help = "take it out; a literal brace is `}}`".to_owned();
                return Err(Fault { offset, code: "M601", message, help });
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { text: text.to_owned(), pieces, names, span: Span::default() })
    }

    /// A number or a boolean as the file has it: it stays one.
    pub fn fixed(value: Value) -> Self {
        let text = text_of(&value).unwrap_or_default();
        Self { text, pieces: vec![Piece::Fixed(value)], names: Vec::new(), span: Span::default() }
    }

    /// Says where it stands.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = span;
        self
    }

    /// Where it stands; line 0 when the file does not say it.
    pub fn span(&self) -> Span {
        self.span
    }

    /// As it was written.
    pub fn as_written(&self) -> &str {
        &self.text
    }

    /// Whether it has no holes.
    pub fn is_literal(&self) -> bool {
        !self.pieces.iter().any(|piece| matches!(piece, Piece::Hole(_)))
    }

    /// Whether it is one hole and nothing else.
    pub fn is_hole(&self) -> bool {
        matches!(self.pieces.as_slice(), [Piece::Hole(_)])
    }

    /// The text before the first hole.
    pub fn leading(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Text(text)) => text,
            Some(Piece::Fixed(_)) => &self.text,
            _ => "",
        }
    }

    /// The free names of all holes.
    pub fn names(&self) -> Vec<Name> {
        self.names.clone()
    }

    /// The expressions of all holes.
    pub fn holes(&self) -> impl Iterator<Item = &Expression> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole(expression) => Some(expression),
            Piece::Text(_) | Piece::Fixed(_) => None,
        })
    }

    /// The texts that its holes compare with.
    pub fn compared(&self) -> Vec<String> {
        self.holes().flat_map(Expression::compared).collect()
    }

    /// A text that is only one hole keeps the type of its value, and so does what the file has no text for; anything
    /// else is a text.
    pub fn value(&self, scope: &Scope<'_>) -> Result<Value, EvalError> {
        match self.pieces.as_slice() {
            [Piece::Hole(expression)] => expression.evaluate(scope),
            [Piece::Fixed(value)] => Ok(value.clone()),
            _ => self.mixed(scope, text_of).map(Value::String),
        }
    }

    /// As text; nothing when it is only one hole and that is null.
    pub fn text(&self, scope: &Scope<'_>) -> Result<Option<String>, EvalError> {
        match self.value(scope)? {
            Value::Null => Ok(None),
            value => text_of(&value)
                .map(Some)
                .ok_or_else(|| EvalError::new("a list or a map cannot stand in a text")),
        }
    }

    /// As a path: each hole is one segment, `/` in it is data. What a client sends must not lead
    /// to another address.
    pub fn path(&self, scope: &Scope<'_>) -> Result<String, EvalError> {
        self.mixed(scope, |value| {
            let text = text_of(value).filter(|text| !text.is_empty())?;
            Some(utf8_percent_encode(&text, SEGMENT).to_string())
        })
    }

    /// As JSONPath whose holes stand inside quotes: what would end the quotes is escaped (RFC 9535
    /// §2.3.1.1), the same in both kinds of them.
    pub fn quoted(&self, scope: &Scope<'_>) -> Result<String, EvalError> {
        self.mixed(scope, |value| {
            let text = text_of(value)?.replace('\\', "\\\\");
            Some(text.replace('\'', "\\u0027").replace('"', "\\u0022"))
        })
    }

    fn mixed(
        &self,
        scope: &Scope<'_>,
        shown: impl Fn(&Value) -> Option<String>,
    ) -> Result<String, EvalError> {
        let mut all = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => all.push_str(text),
                Piece::Fixed(_) => all.push_str(&self.text),
                Piece::Hole(expression) => {
                    let value = expression.evaluate(scope)?;
                    let text = shown(&value).ok_or_else(|| {
                        let found = type_name(&value);
                        let hole = expression.text();
                        EvalError::new(format!("`{{{hole}}}` is {found}, which cannot stand here"))
                    })?;
                    all.push_str(&text);
                }
            }
        }
        Ok(all)
    }
}

/// Splits at the brace that closes a hole: braces of CEL maps and inside texts do not count.
fn hole(inner: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quote, mut escaped) = (0usize, None, false);
    for (at, c) in inner.char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => {
                return Some((inner.get(..at)?, inner.get(at + 1..)?));
            }
            (None, '}') => depth -= 1,
            (None, _) => {}
        }
    }
    None
}

/// A JSON tree of templates: a body.
#[derive(Debug, Clone)]
pub enum Tree {
    /// A text with holes.
    Template(Template),
    /// As it is.
    Fixed(Value),
    /// In order.
    List(Vec<Tree>),
    /// In file order.
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// Its templates, in order.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Tree::Template(template) => vec![template],
            Tree::Fixed(_) => Vec::new(),
            Tree::List(items) => items.iter().flat_map(Tree::templates).collect(),
            Tree::Map(members) => members.iter().flat_map(|(_, tree)| tree.templates()).collect(),
        }
    }

    /// The body. A member whose template is null is left out.
    pub fn render(&self, scope: &Scope<'_>) -> Result<Value, EvalError> {
        Ok(match self {
            Tree::Template(template) => template.value(scope)?,
            Tree::Fixed(value) => value.clone(),
            Tree::List(items) => {
                let items = items.iter().map(|item| item.render(scope));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Tree::Map(members) => {
                let mut map = Map::new();
                for (name, tree) in members {
                    let value = tree.render(scope)?;
                    if !value.is_null() || matches!(tree, Tree::Fixed(_)) {
                        map.insert(name.clone(), value);
                    }
                }
                Value::Object(map)
            }
        })
    }
}
