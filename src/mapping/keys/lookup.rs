//! Lookups: names that clients use for the vendor's keys.

use super::{
    ABOUT, EVIDENCE, FIELD_PATH,
    call::{
        ACCEPT, BODY, CALLED, ENCODED, HEADERS, ITEMS, MAY_LACK_ITEMS, OWN_ERRORS, PAGED, PLACED,
        QUERY, REPEAT,
    },
};
use crate::yaml::shape::{Known, Shape, Takes, may, must};

const ASKING: Known = Known {
    about: "a tree of templates",
    default: "none",
    example: "{ name: \"{value}\" }",
    ..BODY
};

/// One entry of `lookups`.
pub static LOOKUP: Shape = Shape::new(
    "lookup",
    "a lookup",
    "the names that a client says for keys that the vendor wants",
    &[
        ABOUT,
        must("name", FIELD_PATH, "where an item has what the client says", "name"),
        must("key", FIELD_PATH, "where it has what the vendor wants", "id"),
        may("case", Takes::Words(&["exact", "ignored"]), "how names compare", "exact")
            .or("`ignored`"),
        may(
            "by_key",
            Takes::Of(&BY_KEY),
            "beside a call with `{value}`: the call that reads one key back",
            "{ call: \"GET /offices/{value}\", record: . }",
        ),
        may("cache", Takes::Duration, "how long what was read is used", "10m").or("`5m`"),
        may(
            "evidence",
            Takes::Words(&EVIDENCE),
            "how sure you are that the vendor's API is so",
            "documented",
        )
        .or("as further up"),
    ],
)
.with(&[&LOOKING]);

/// The call that reads one key back.
pub static BY_KEY: Shape =
    Shape::new("by_key", "`by_key`", "the call that reads what has the key `{value}`", &[])
        .with(&[&LOOKING]);

/// What is sent, and where its answer holds what was asked for.
pub static LOOKING: Shape = Shape::new(
    "looking",
    "a lookup's call",
    "`{value}` in it is the name that is looked up; without it the answer is the whole list",
    &[
        CALLED,
        QUERY,
        HEADERS,
        ASKING,
        ENCODED,
        ACCEPT,
        REPEAT,
        PLACED,
        ITEMS,
        MAY_LACK_ITEMS,
        PAGED,
        OWN_ERRORS,
    ],
);
