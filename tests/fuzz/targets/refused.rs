//! What every refusal owes its reader.

use scimshim::scim::{
    encode,
    error::{Error, ScimType},
};

/// A 400 of one of these kinds (RFC 7644 §3.12).
pub fn bad(error: &Error, kinds: &[ScimType]) {
    let kind = error.scim_type.filter(|kind| kinds.contains(kind));
    assert!(error.status == 400 && kind.is_some(), "expected one of {kinds:?}: {error:?}");
    readable(error);
}

/// A status of its own, and a detail that says something on one line and stays short.
pub fn readable(error: &Error) {
    let wire = encode::error(error);
    let detail = wire.body.as_ref().and_then(|body| body["detail"].as_str()).unwrap_or_default();
    assert!((400..500).contains(&error.status) || error.status == 501, "{error:?}");
    assert!(!detail.is_empty() && detail.chars().count() < 2_000, "{error:?}");
    assert!(!detail.contains(char::is_control), "{error:?}");
}
