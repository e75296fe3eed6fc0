//! Scope: the names that an expression may use, borrowed.

use serde_json::Value;

/// A short list of names and values; later ones hide earlier ones.
#[derive(Debug, Clone, Default)]
pub struct Scope<'a> {
    names: Vec<(&'a str, &'a Value)>,
}

impl<'a> Scope<'a> {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one name more.
    pub fn with(mut self, name: &'a str, value: &'a Value) -> Self {
        self.names.push((name, value));
        self
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.names.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}
