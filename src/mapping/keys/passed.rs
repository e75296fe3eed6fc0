//! The client's own credential.

use crate::yaml::shape::{Shape, Takes, must};

/// `client:`
pub static PASSED: Shape = Shape::new(
    "client",
    "client",
    "how the SCIM client's own credential goes on, whether it came as a token, as Basic, or bare",
    &[must(
        "scheme",
        Takes::Words(&["bearer", "basic", "as_sent"]),
        "the scheme that it gets; `basic` is for Base64 of `user:password`",
        "basic",
    )],
);
