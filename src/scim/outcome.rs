//! What came of the operations of a Bulk -> its answer (RFC 7644 §3.7).

use super::{
    bulk::{BULK_RESPONSE, BulkOp},
    encode::{self, Wire},
    error::Error,
};
use serde_json::{Map, Value, json};

/// What came of one operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// HTTP status.
    pub status: u16,
    /// Where the resource is.
    pub location: Option<String>,
    /// Its version now.
    pub version: Option<String>,
    /// The error.
    pub response: Option<Value>,
}

impl Outcome {
    /// That of a request of its own. A body that is no error is left out, as §3.7 allows: many would make the
    /// answer larger than any client wants.
    pub fn of(wire: Wire) -> Self {
        let Wire { status, location, etag, body, .. } = wire;
        Self { status, location, version: etag, response: body.filter(|_| status >= 300) }
    }

    /// That of an operation that was not begun, or not ended.
    pub fn refused(error: &Error) -> Self {
        Self::of(encode::error(error))
    }

    /// Whether it counts for `failOnErrors`.
    pub fn is_error(&self) -> bool {
        self.status >= 300
    }
}

/// The answer: 200, whatever came of the operations. In the request's order; one without an outcome was not
/// reached before `failOnErrors` ended it, and is not told of (§3.7.3).
pub fn response<'a>(all: impl Iterator<Item = (&'a BulkOp, Option<Outcome>)>) -> Wire {
    let told: Vec<_> = all.filter_map(|(asked, outcome)| Some(told(asked, outcome?))).collect();
    let body = json!({ "schemas": [BULK_RESPONSE], "Operations": told });
    Wire { status: 200, body: Some(body), ..Wire::default() }
}

fn told(asked: &BulkOp, outcome: Outcome) -> Value {
    let Outcome { status, location, version, response } = outcome;
    let mut made = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        value.map(|value| made.insert(name.to_owned(), value));
    };
    put("method", Some(json!(asked.method)));
    put("bulkId", asked.bulk_id.as_ref().map(|name| json!(name)));
    put("location", location.map(Value::String));
    put("version", version.map(Value::String));
    put("status", Some(Value::String(status.to_string())));
    put("response", response);
    Value::Object(made)
}
