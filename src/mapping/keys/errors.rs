//! What answers mean.

use super::{ABOUT, EXPRESSION, TEMPLATE};
use crate::yaml::shape::{Shape, Takes, may, must};

/// What an answer may mean.
const MEANINGS: [&str; 8] =
    ["done", "not_found", "conflict", "invalid", "forbidden", "busy", "down", "broken"];

/// One row of `errors`.
pub static ERROR_ROW: Shape = Shape::new(
    "error row",
    "an error row",
    "what an answer means, and what the client is told",
    &[
        must(
            "when",
            EXPRESSION,
            "over `answer` and `tenant`; an error in it counts as false",
            "answer.status == 402",
        ),
        must(
            "means",
            Takes::Words(&MEANINGS),
            "one word, which says what the client is told",
            "conflict",
        ),
        may("detail", TEMPLATE, "what the client is told", "the plan has no seats")
            .or("the vendor's words, cut"),
        may("attribute", Takes::Text, "the attribute that the client is told of", "userName"),
        may("retry_after", EXPRESSION, "seconds, for `busy` and `down`", "answer.body.seconds"),
        ABOUT,
    ],
);
