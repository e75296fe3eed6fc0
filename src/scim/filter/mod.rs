//! Filters (RFC 7644 §3.4.2.2): the tree, how it parses, and whether a Resource matches.

pub mod canonical;
mod comparison;
pub mod matches;
pub mod narrow;
pub mod parse;

use super::attribute::AttributePath;
use std::fmt;

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `co`
    Contains,
    /// `sw`
    StartsWith,
    /// `ew`
    EndsWith,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
}

impl Operator {
    /// All of them, in the order of RFC 7644 table 3.
    pub const ALL: [Self; 9] = [
        Self::Equal,
        Self::NotEqual,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
    ];

    /// As it stands in a filter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        }
    }
}

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them; at least two.
    And(Vec<Filter>),
    /// Any of them; at least two.
    Or(Vec<Filter>),
    /// The opposite.
    Not(Box<Filter>),
    /// `path op value`; the value is a JSON scalar.
    Compare {
        /// What is compared.
        path: AttributePath,
        /// How.
        operator: Operator,
        /// With what: string, number, true, false or null.
        value: serde_json::Value,
    },
    /// `path pr`
    Present(AttributePath),
    /// `path[filter]`: one element fulfils the whole inner filter.
    Element {
        /// The multi-valued (or complex) attribute.
        path: AttributePath,
        /// Over its sub-attributes.
        filter: Box<Filter>,
    },
}

impl Filter {
    /// All of `parts`; nested ones are laid flat, and one alone stands for itself.
    pub fn and(parts: Vec<Filter>) -> Filter {
        let flat = parts.into_iter().flat_map(|part| match part {
            Filter::And(parts) => parts,
            other => vec![other],
        });
        alone_or(flat.collect(), Filter::And)
    }

    /// Any of `parts`; nested ones are laid flat, and one alone stands for itself.
    pub fn or(parts: Vec<Filter>) -> Filter {
        let flat = parts.into_iter().flat_map(|part| match part {
            Filter::Or(parts) => parts,
            other => vec![other],
        });
        alone_or(flat.collect(), Filter::Or)
    }

    /// The parts that must all hold: those of a top-level `and`, else the filter itself.
    pub fn conjuncts(&self) -> Vec<&Filter> {
        match self {
            Self::And(parts) => parts.iter().collect(),
            other => vec![other],
        }
    }
}

fn alone_or(mut parts: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}

/// Canonical text: lower-case operators, one space, parentheses only where `or` stands in `and` and
/// around what `not` negates. It parses back to an equal filter.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(f, parts, "and"),
            Self::Or(parts) => joined(f, parts, "or"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Compare { path, operator, value } => {
                write!(f, "{path} {} {value}", operator.as_str())
            }
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Element { path, filter } => write!(f, "{path}[{filter}]"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Filter], word: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            write!(f, " {word} ")?;
        }
        match part {
            // `and` binds tighter (RFC 7644 §3.4.2.2).
            Filter::Or(_) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}
