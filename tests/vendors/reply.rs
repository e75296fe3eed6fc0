//! What a vendor answers: a reply, or a refusal that each vendor puts in words of its own.

use serde_json::Value;

#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub media: &'static str,
    pub body: String,
}

impl Reply {
    pub fn json(status: u16, media: &'static str, body: &Value) -> Self {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        Self { status, headers: Vec::new(), media, body }
    }
}

/// A status, and the body that goes with it; null for none.
pub type Outcome = Result<(u16, Value), Refusal>;

#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub status: u16,
    /// The vendor's word for it, where it has one.
    pub code: &'static str,
    /// The JSON pointer or the parameter that is refused.
    pub at: String,
    pub message: String,
}

impl Refusal {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, at: String::new(), message: message.into() }
    }

    pub fn at(self, at: impl Into<String>) -> Self {
        Self { at: at.into(), ..self }
    }
}
