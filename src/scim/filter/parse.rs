//! Text -> Filter (RFC 7644 §3.4.2.2), by recursive descent. PATCH paths share the grammar.

use super::{Filter, Operator};
use crate::scim::{
    attribute::AttributePath,
    error::{Error, ScimType},
    leniency::Leniency,
    reading::Reading,
    shown::cut,
};
use serde_json::{Number, Value};
use std::fmt;

/// A filter stands in a URL, and proxies cut those at 8 KiB or so; longer ones have gone wrong.
const MAX_BYTES: usize = 10 * 1024;
/// Parsing, printing and matching recurse; nobody writes a filter so deep by hand or by template.
const MAX_DEPTH: usize = 50;
/// Each comparison may run once per record that is matched locally.
const MAX_TERMS: usize = 500;

const OPERATORS: &str = "an operator (eq, ne, co, sw, ew, gt, ge, lt, le or pr)";

/// Reads a filter. The error is 400 invalidFilter (R54; RFC 7644 §3.12) and tells where (1-based, in characters), what was
/// found and what was expected.
pub fn parse(text: &str, reading: &mut Reading) -> Result<Filter, Error> {
    read_all(text, reading, |parser| parser.any_of(false))
        .map_err(|broken| Error::bad(ScimType::InvalidFilter, format!("filter {broken}")))
}

/// Reads a PATCH path (RFC 7644 §3.5.2): an attribute, the filter in its brackets, the sub-attribute behind
/// them. The error is 400 invalidPath, worded as for [`parse`].
pub fn parse_path(
    text: &str,
    reading: &mut Reading,
) -> Result<(AttributePath, Option<Filter>, Option<String>), Error> {
    read_all(text, reading, Parser::value_path)
        .map_err(|broken| Error::bad(ScimType::InvalidPath, format!("path {broken}")))
}

fn read_all<'a, T>(
    text: &'a str,
    reading: &mut Reading,
    read: impl FnOnce(&mut Parser<'a>) -> Result<T, Broken>,
) -> Result<T, Broken> {
    let bare = reading.may(Leniency::UnquotedValue).then_some(false);
    let mut parser = Parser { text, at: 0, depth: 0, terms: 0, bare };
    if text.len() > MAX_BYTES {
        return Err(Broken {
            at: 1,
            expected: format!("at most {MAX_BYTES} bytes"),
            found: format!("{} bytes", text.len()),
        });
    }
    let read = read(&mut parser)?;
    parser.skip_space();
    if parser.bare == Some(true) {
        reading.allows(Leniency::UnquotedValue);
    }
    if parser.rest().is_empty() { Ok(read) } else { Err(parser.broken("the end")) }
}

/// What is wrong with the text.
struct Broken {
    at: usize,
    expected: String,
    found: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: expected {}, found {}", self.at, self.expected, self.found)
    }
}

struct Parser<'a> {
    text: &'a str,
    /// Byte offset of what is not read yet.
    at: usize,
    depth: usize,
    terms: usize,
    /// Whether a value stood without quotes; `None`: it must not.
    bare: Option<bool>,
}

impl<'a> Parser<'a> {
    /// `and`-groups joined by `or`, the loosest operator (R46; RFC 7644 §3.4.2.2). `inner`: inside brackets.
    fn any_of(&mut self, inner: bool) -> Result<Filter, Broken> {
        let mut parts = vec![self.all_of(inner)?];
        while self.keyword("or") {
            parts.push(self.all_of(inner)?);
        }
        Ok(Filter::or(parts))
    }

    fn all_of(&mut self, inner: bool) -> Result<Filter, Broken> {
        let mut parts = vec![self.one(inner)?];
        while self.keyword("and") {
            parts.push(self.one(inner)?);
        }
        Ok(Filter::and(parts))
    }

    /// A group, a negated group, or a term.
    fn one(&mut self, inner: bool) -> Result<Filter, Broken> {
        self.skip_space();
        let start = self.at;
        // The grammar has both `not (…)` and `not(…)`; without the parenthesis, `not` is an attribute.
        let negated = self.keyword("not");
        self.skip_space();
        if !self.rest().starts_with('(') {
            self.at = start;
            return self.term(inner);
        }
        let group = self.enclosed('(', ')', |parser| parser.any_of(inner))?;
        Ok(if negated { Filter::Not(Box::new(group)) } else { group })
    }

    /// `path op value`, `path pr`, `path[…]`, `path[…].sub op value`, `path[…].sub pr`.
    fn term(&mut self, inner: bool) -> Result<Filter, Broken> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(Broken {
                expected: format!("at most {MAX_TERMS} comparisons"),
                ..self.broken("")
            });
        }
        let path = self.path()?;
        if !self.rest().starts_with('[') {
            return self.comparison(path);
        }
        if inner {
            return Err(self.broken("no brackets inside brackets"));
        }
        let selected = self.enclosed('[', ']', |parser| parser.any_of(true))?;
        let Some(sub) = self.sub()? else {
            return Ok(Filter::Element { path, filter: Box::new(selected) });
        };
        // `emails[type eq "work"].value eq "x"`: one element is selected and compared.
        let compared = self.comparison(AttributePath::core(&sub))?;
        Ok(Filter::Element { path, filter: Box::new(Filter::and(vec![selected, compared])) })
    }

    fn comparison(&mut self, path: AttributePath) -> Result<Filter, Broken> {
        self.skip_space();
        let word = self.peek_word();
        if word.eq_ignore_ascii_case("pr") {
            self.at += word.len();
            return Ok(Filter::Present(path));
        }
        // R43, RFC 7643 §2.1.
        let named = |operator: &Operator| operator.as_str().eq_ignore_ascii_case(word);
        let Some(operator) = Operator::ALL.into_iter().find(named) else {
            return Err(self.broken(OPERATORS));
        };
        self.at += word.len();
        let value = self.value()?;
        Ok(Filter::Compare { path, operator, value })
    }

    /// `attrPath / valuePath [subAttr]`.
    fn value_path(&mut self) -> Result<(AttributePath, Option<Filter>, Option<String>), Broken> {
        let path = self.path()?;
        if !self.rest().starts_with('[') {
            return Ok((path, None, None));
        }
        if path.sub.is_some() {
            return Err(self.broken("no `[` behind a sub-attribute"));
        }
        let filter = self.enclosed('[', ']', |parser| parser.any_of(true))?;
        let sub = self.sub()?;
        Ok((path, Some(filter), sub))
    }

    fn path(&mut self) -> Result<AttributePath, Broken> {
        self.skip_space();
        let word = self.peek_word();
        match AttributePath::parse(word) {
            Ok(path) => {
                self.at += word.len();
                Ok(path)
            }
            Err(_) => Err(self.broken("an attribute")),
        }
    }

    /// The `.sub` behind `]`.
    fn sub(&mut self) -> Result<Option<String>, Broken> {
        let word = self.peek_word();
        let Some(sub) = word.strip_prefix('.') else { return Ok(None) };
        match AttributePath::parse(sub) {
            Ok(AttributePath { urn: None, name, sub: None }) => {
                self.at += word.len();
                Ok(Some(name))
            }
            _ => Err(self.broken("a sub-attribute behind `]`")),
        }
    }

    /// A JSON string, number, true, false or null.
    fn value(&mut self) -> Result<Value, Broken> {
        const VALUE: &str = "a value: \"text\" in double quotes, a number, true, false or null";
        self.skip_space();
        if self.rest().starts_with('"') {
            return self.string();
        }
        let word = self.peek_word();
        let value = match word.to_ascii_lowercase().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "and" | "or" | "not" => return Err(self.broken(VALUE)),
            _ => match serde_json::from_str::<Number>(word) {
                Ok(number) => Value::Number(number),
                Err(_) if self.bare.is_some() && is_bare_text(word) => {
                    self.bare = Some(true);
                    Value::String(word.to_owned())
                }
                Err(_) => return Err(self.broken(VALUE)),
            },
        };
        self.at += word.len();
        Ok(value)
    }

    /// A JSON string (R55; RFC 7644 §3.4.2.2, RFC 8259 §7): brackets and keywords in it are data.
    fn string(&mut self) -> Result<Value, Broken> {
        let quoted = quoted(self.rest());
        match serde_json::from_str::<String>(quoted) {
            Ok(text) => {
                self.at += quoted.len();
                Ok(Value::String(text))
            }
            Err(_) => Err(Broken {
                found: format!("`{}`", cut(quoted)),
                ..self.broken("text in double quotes, escaped as in JSON")
            }),
        }
    }

    /// What stands between `open` and `close`.
    fn enclosed(
        &mut self,
        open: char,
        close: char,
        read: impl FnOnce(&mut Self) -> Result<Filter, Broken>,
    ) -> Result<Filter, Broken> {
        if self.depth == MAX_DEPTH {
            return Err(self.broken(&format!("at most {MAX_DEPTH} levels of nesting")));
        }
        self.at += open.len_utf8();
        self.depth += 1;
        let read = read(self)?;
        self.depth -= 1;
        self.skip_space();
        if !self.rest().starts_with(close) {
            return Err(self.broken(&format!("`{close}`")));
        }
        self.at += close.len_utf8();
        Ok(read)
    }

    /// Takes `word`, in any case, when it stands here.
    fn keyword(&mut self, word: &str) -> bool {
        self.skip_space();
        let found = self.peek_word().eq_ignore_ascii_case(word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// Up to the next space, quote, parenthesis or bracket.
    fn peek_word(&self) -> &'a str {
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '(' | ')' | '[' | ']');
        self.rest().split(ends).next().unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn broken(&self, expected: &str) -> Broken {
        let read = self.text.get(..self.at).unwrap_or_default();
        let found = match (self.peek_word(), self.rest().chars().next()) {
            (_, None) => "the end".to_owned(),
            ("", Some(sign)) => format!("`{sign}`"),
            (word, _) => format!("`{}`", cut(word)),
        };
        Broken { at: read.chars().count() + 1, expected: expected.to_owned(), found }
    }
}

/// The JSON string that a text begins with, quotes and all; the whole text where it does not end.
pub fn quoted(text: &str) -> &str {
    let mut escaped = false;
    let closing = text.char_indices().skip(1).find(|(_, c)| {
        let closes = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    closing.and_then(|(end, _)| text.get(..=end)).unwrap_or(text)
}

/// Text that nobody can take for anything else.
fn is_bare_text(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphanumeric())
        && word.chars().all(|c| c.is_alphanumeric() || "._-+@:/".contains(c))
}
