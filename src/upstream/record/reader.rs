//! Text -> the segments of a FieldPath.
//!
//! ```text
//! field   := "."  |  segment ("." (segment | INT))*
//! segment := name ["[" name "=" text ("," name "=" text)* "]"]
//! name    := [A-Za-z0-9_@$-]+ | '"' any '"'
//! ```

use super::Fault;

/// One step into a Record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Segment {
    /// A member.
    Name(String),
    /// An element by its position.
    Index(usize),
    /// The element of the list before it that has these fields.
    Where(Vec<(String, String)>),
}

/// What a name may have without quotes.
pub fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '$' | '-')
}

/// Reads a path from its first character to its last.
pub struct PathReader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> PathReader<'a> {
    /// At the beginning.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Whether nothing is left.
    pub fn ended(&self) -> bool {
        self.rest().is_empty()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Takes a sign when it stands here.
    pub fn eat(&mut self, wanted: char) -> bool {
        let eaten = self.rest().starts_with(wanted);
        if eaten {
            self.at += wanted.len_utf8();
        }
        eaten
    }

    /// What is wrong here.
    pub fn fault(&self, message: &str) -> Fault {
        Fault { offset: self.at, message: format!("{message} in `{}`", self.text) }
    }

    /// A segment: a position where one may stand, else a name. A quoted one is always a name.
    pub fn segment(&mut self, may_be_position: bool) -> Result<Segment, Fault> {
        let quoted = self.rest().starts_with('"');
        let name = self.name()?;
        Ok(match name.parse() {
            Ok(position) if may_be_position && !quoted => Segment::Index(position),
            _ => Segment::Name(name),
        })
    }

    fn name(&mut self) -> Result<String, Fault> {
        let rest = self.rest();
        if let Some(quoted) = rest.strip_prefix('"') {
            let Some((name, _)) = quoted.split_once('"') else {
                return Err(self.fault("`\"` opens and never closes"));
            };
            self.at += name.len() + 2;
            return Ok(name.to_owned());
        }
        let end = rest.find(|c: char| !is_bare(c)).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default();
        if name.is_empty() {
            return Err(self.fault("expected a field name"));
        }
        self.at += end;
        Ok(name.to_owned())
    }

    /// `name=text,name=text]`
    pub fn selector(&mut self) -> Result<Vec<(String, String)>, Fault> {
        let mut fields = Vec::new();
        loop {
            let name = self.name()?;
            if !self.eat('=') {
                return Err(self.fault("expected `=`"));
            }
            let rest = self.rest();
            let Some(end) = rest.find([',', ']']) else {
                return Err(self.fault("`[` opens and never closes"));
            };
            fields.push((name, rest.get(..end).unwrap_or_default().to_owned()));
            self.at += end;
            if self.eat(']') {
                return Ok(fields);
            }
            self.eat(',');
        }
    }
}
