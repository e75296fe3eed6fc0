//! Filters (RFC 7644 §3.4.2.2): the tree, how it parses, and whether a Resource matches.

pub mod matches;
pub mod parse;

use super::attribute::AttributePath;

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
