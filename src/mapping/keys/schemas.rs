//! `schemas:`: attributes that the RFC does not define, or more about those it does.

use super::ABOUT;
use crate::yaml::shape::{Shape, Takes, may, must};

/// One entry of `schemas`.
pub static SCHEMA: Shape = Shape::new(
    "schema",
    "a schema",
    "attributes under one URN",
    &[
        may("name", Takes::Text, "as `/Schemas` shows it", "Acme").or("the URN's last part"),
        ABOUT,
        must(
            "attributes",
            Takes::Map("name", &Takes::Of(&ATTRIBUTE)),
            "its attributes",
            "{ floor: { type: string } }",
        ),
    ],
);

/// One attribute of a schema.
pub static ATTRIBUTE: Shape = Shape::new(
    "attribute",
    "an attribute",
    "one attribute of a schema",
    &[
        may(
            "type",
            Takes::Words(&[
                "string",
                "boolean",
                "integer",
                "decimal",
                "dateTime",
                "reference",
                "binary",
            ]),
            "what its values are (RFC 7643 §2.3)",
            "string",
        )
        .or("`string`; complex with `attributes`"),
        may("list", Takes::Flag, "it has many values", "true").or("`false`"),
        may("case", Takes::Words(&["exact", "ignored"]), "how its values compare", "exact")
            .or("`ignored`"),
        may(
            "returned",
            Takes::Words(&["always", "request", "never"]),
            "`request`: only who names it in `attributes` sees it, and a client that sends back \
            what it got clears it; `never`: no filter finds it either",
            "request",
        )
        .or("by default"),
        may(
            "pattern",
            Takes::Text,
            "a regular expression that each written value must match; else 400",
            "\"^[0-9]+$\"",
        ),
        may("one_of", Takes::List(&Takes::Text), "the values that it may have", "[north, south]"),
        ABOUT,
        may(
            "attributes",
            Takes::Map("name", &Takes::Of(&ATTRIBUTE)),
            "its sub-attributes",
            "{ value: { type: string } }",
        ),
    ],
);
