//! `outside:` of a resource: who is none of the vendor's business.

use super::{ABOUT, EXPRESSION, TEMPLATE};
use crate::yaml::shape::{Shape, Takes, may, must};

/// One row of `outside`.
pub static OUTSIDE: Shape = Shape::new(
    "outside row",
    "an outside row",
    "who is none of the vendor's business, and what becomes of them",
    &[
        must(
            "when",
            EXPRESSION,
            "over `resource` as it would be, `tenant` and `now`; who it holds for is outside",
            "primary(resource.emails) == null",
        ),
        must(
            "then",
            Takes::Words(&["reject", "skip"]),
            "`reject` answers 400; `skip` holds it in the store, and the vendor hears of it when it comes inside",
            "reject",
        ),
        may(
            "detail",
            TEMPLATE,
            "beside `reject`: what the client is told",
            "an employee without primary e-mail is not synced",
        )
        .or("that it is outside, and the line"),
        may(
            "leaving",
            Takes::Text,
            "beside `skip`: an update by name, or `delete`, that runs when a change takes one outside whom the \
             vendor has",
            "delete",
        )
        .or("the vendor's record stays as it is"),
        ABOUT,
    ],
);
