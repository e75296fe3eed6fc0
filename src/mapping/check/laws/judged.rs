//! What came of one rule's laws, and how a counterexample is told.

use crate::{diagnostic::Diagnostic, mapping::plan::Rule, upstream::record::text_of};
use serde_json::Value;

/// A rule after its laws.
#[derive(Debug)]
pub enum Judged {
    /// Nothing can be said of it, or it is not under the laws.
    Untried,
    /// It breaks one: what follows from that is no further mistake.
    Broken,
    /// It keeps them, on these values.
    Sound(Vec<Value>),
}

impl Judged {
    /// The values that it takes.
    pub fn values(&self) -> &[Value] {
        match self {
            Judged::Sound(values) => values,
            Judged::Untried | Judged::Broken => &[],
        }
    }
}

/// A value on a way that does not lead back.
#[derive(Debug)]
pub struct Counterexample {
    /// What was given.
    pub given: Value,
    /// What became of it, station by station.
    pub became: Vec<String>,
}

/// What M301 asks for.
pub const MEND: &str =
    "mend table, converters or expressions; or say why it must be so: `lossy: \"...\"`";

/// The finding of a rule that does not give back what it was given: `name` is the rule, or a part of it.
pub fn not_given_back(rule: &Rule, name: &str, found: &Counterexample) -> Diagnostic {
    let way = [shown(&found.given)].into_iter().chain(found.became.iter().cloned());
    let way = way.collect::<Vec<_>>().join(" -> ");
    let message = format!("the rule of `{name}` does not give back what it was given: {way}");
    Diagnostic::error("M301", rule.place.clone(), message).help(MEND)
}

/// A value as a person reads it.
pub fn shown(value: &Value) -> String {
    text_of(value).map_or_else(|| format!("`{value}`"), |text| format!("`{text}`"))
}

/// The same where it may be absent.
pub fn shown_or_nothing(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), shown)
}
