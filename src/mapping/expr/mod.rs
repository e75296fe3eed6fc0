//! Expressions (CEL) and templates (text with CEL in braces).
//!
//! The `cel` crate reads the text: lexer, grammar, macros. Its own evaluator fails for want of a
//! member, and here selecting what is absent gives null (an API that leaves a field out is the
//! normal case), so its tree is turned into terms once, at load, where unknown functions
//! and wrong argument counts are found, and those are evaluated over `serde_json` values without
//! copying the record.

mod compared;
mod evaluate;
mod fault;
pub mod functions;
mod passed;
mod scope;
mod stack;
mod template;
mod term;
mod value;

pub use scope::Scope;
pub use template::{Template, Tree};

use cel::parser::Parser;
use serde_json::Value;
use term::Term;

/// Longer text is a program, not an expression; there is no cost limit while it runs.
const LONGEST: usize = 4_096;
/// Deeper nesting than people write; the parser recurses, and holds to it as well.
const DEEPEST: u16 = 32;

/// Operators and selections that fit the stack of a server's thread; people write a dozen.
const WIDEST: usize = 256;
/// The grammar goes through so many of its levels for a bracket or a choice.
const NESTING: usize = 8;

/// What to do about a text that is too deep, and about one that is too wide.
const FLATTEN: &str = "take out the brackets and signs that change nothing";
const SHORTEN: &str = "one list takes the place of many operators: `record.job in ['a', 'b']`";

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Byte offset into the text.
    pub offset: usize,
    /// Code of the finding: M601, M605, M606.
    pub code: &'static str,
    /// Lower case, what was found and expected.
    pub message: String,
    /// The remedy.
    pub help: String,
}

/// Why an evaluation failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvalError {
    /// Lower case; never holds a value, which may be personal.
    pub message: String,
}

impl EvalError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// A name that an expression uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// `resource`
    pub root: String,
    /// `name`, `givenName`: as far as it is static.
    pub path: Vec<String>,
    /// Byte offset into the text.
    pub offset: usize,
}

/// A compiled CEL expression.
#[derive(Debug, Clone)]
pub struct Expression {
    text: String,
    term: Term,
    names: Vec<Name>,
}

impl Expression {
    /// Reads and compiles a text.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.len() > LONGEST {
            let message = format!("the expression has {} bytes; at most {LONGEST}", text.len());
            let help =
                "so long a text is a program: a table or a converter may say the same".into();
            return Err(Fault { offset: 0, code: "M606", message, help });
        }
        if let Some(offset) = too_deep(text) {
            let message = format!("brackets nested more than {DEEPEST} deep");
            return Err(Fault { offset, code: "M606", message, help: FLATTEN.to_owned() });
        }
        if let Some(offset) = too_wide(text) {
            let message =
                format!("more than {WIDEST} operators, selections and brackets within each other");
            return Err(Fault { offset, code: "M606", message, help: SHORTEN.to_owned() });
        }
        let (term, names) = stack::enough_for(text, || read(text))?;
        Ok(Self { text: text.to_owned(), term, names })
    }

    /// The free names, in the order of the text.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// For each place where the map of this name goes on as a whole: the members that are taken out of it.
    pub fn passed(&self, name: &str) -> Vec<Vec<&str>> {
        passed::passed(&self.term, name)
    }

    /// The texts that it compares with.
    pub fn compared(&self) -> Vec<String> {
        let mut found = Vec::new();
        compared::texts(&self.term, &mut found);
        found
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its value over the names of `scope`.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvalError> {
        evaluate::term(&self.term, scope).map(std::borrow::Cow::into_owned)
    }
}

/// The terms of a text, and the names in them. What the counts below see otherwise than the grammar, such as a bracket
/// in a raw text, the parser and the terms find by limits of their own.
fn read(text: &str) -> Result<(Term, Vec<Name>), Fault> {
    let parser = Parser::new().max_recursion_depth(DEEPEST);
    let (tree, source) = parser.parse_with_source_info(text).map_err(|errors| {
        // An error with a source is the parser giving up, and no mistake that it has read.
        if errors.errors.iter().any(|error| error.source.is_some()) {
            let message = format!("nested more than {DEEPEST} deep");
            return Fault { offset: 0, code: "M606", message, help: FLATTEN.to_owned() };
        }
        let first = errors.errors.first();
        let column = first.map_or(0, |error| usize::try_from(error.pos.1 - 1).unwrap_or(0));
        let ended = first.is_some_and(|error| error.msg.contains("<EOF>"));
        let (offset, why, help) = fault::why(text, column, ended);
        let message = format!("expression does not parse: {why}");
        Fault { offset, code: "M601", message, help }
    })?;
    term::compile(&tree, &source)
}

/// Where brackets, or signs that stand before a value, nest too deep. Those inside texts count as
/// well: nobody writes 32 of them there either.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut signs) = (0u16, 0u16);
    text.char_indices().find_map(|(offset, c)| {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        signs = if matches!(c, '!' | '-') { signs + 1 } else { 0 };
        (depth > DEEPEST || signs > DEEPEST).then_some(offset)
    })
}

/// Where more operators, selections and brackets stand within each other than fit: a chain of them is a tree as deep
/// as it is long.
fn too_wide(text: &str) -> Option<usize> {
    let (mut around, mut here) = (Vec::new(), 0usize);
    let (mut quote, mut escaped, mut before) = (None, false, ' ');
    text.char_indices().find_map(|(offset, c)| {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => {
                around.push(here);
                here += NESTING;
            }
            // What was in brackets is one operand of what goes on.
            (None, ')' | ']' | '}') => here = around.pop().unwrap_or_default() + 1,
            (None, ',') => here = around.last().map_or(0, |around| around + NESTING),
            (None, '?') => here += NESTING,
            // The second of `&&` is none of its own.
            (None, _) if ".+-*/%<>=!&|".contains(c) && c != before => here += 1,
            _ => {}
        }
        before = c;
        (here > WIDEST).then_some(offset)
    })
}

#[cfg(test)]
mod tests;
