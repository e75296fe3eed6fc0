//! `paging:`: how more items are read.

use super::PLACE;
use crate::yaml::shape::{Shape, Takes, may, must};

/// `paging:`, exactly one way.
pub static PAGING: Shape = Shape::new(
    "paging",
    "paging",
    "how more items are read",
    &[
        may("none", Takes::Nothing, "one answer is all", ""),
        may("page", Takes::Of(&PAGE), "by the number of a page", "{ param: page, total: total }"),
        may(
            "offset",
            Takes::Of(&OFFSET),
            "by the number of the first item",
            "{ param: offset, total: total }",
        ),
        may(
            "cursor",
            Takes::Of(&CURSOR),
            "by a value of the answer before",
            "{ param: cursor, next: page.after }",
        ),
        may(
            "next_url",
            Takes::Of(&NEXT_URL),
            "by an address in the answer before, below `base_url`",
            "{ field: links.next }",
        ),
        may(
            "link",
            Takes::Of(&LINK),
            "by the `Link` header (RFC 8288); `link: {}` has all defaults",
            "{ rel: next }",
        ),
    ],
);

/// What pages by number and by cursor have in common.
pub static PAGED: Shape = Shape::new(
    "paged",
    "a way of paging",
    "pages that are asked for by a parameter",
    &[
        must("param", Takes::Text, "the parameter that says which page", "page"),
        may("more", PLACE, "where the answer says whether there is more", "meta.has_more"),
        may("size_param", Takes::Text, "the parameter that asks for a size", "per_page"),
        may("size", Takes::Whole(1), "what is asked for by `size_param`", "50").or("`100`"),
        may("total", PLACE, "where the answer says how many there are in all", "meta.total"),
        may("in", Takes::Words(&["query", "body"]), "where the parameters stand", "body")
            .or("`query`"),
    ],
);

/// `page:`
pub static PAGE: Shape = Shape::new(
    "page",
    "paging by `page`",
    "pages by number",
    &[may("first", Takes::Whole(0), "the number of the first page", "0").or("`1`")],
)
.with(&[&PAGED]);

/// `offset:`
pub static OFFSET: Shape = Shape::new(
    "offset",
    "paging by `offset`",
    "pages by their first item",
    &[may("first", Takes::Whole(0), "the number of the first item", "1").or("`0`")],
)
.with(&[&PAGED]);

/// `cursor:`
pub static CURSOR: Shape = Shape::new(
    "cursor",
    "paging by `cursor`",
    "pages by a value of the answer before",
    &[must("next", PLACE, "where the answer has the next value", "page.after")],
)
.with(&[&PAGED]);

/// `next_url:`
pub static NEXT_URL: Shape = Shape::new(
    "next_url",
    "paging by `next_url`",
    "pages by an address",
    &[must("field", PLACE, "where the answer has the next page's address", "links.next")],
);

/// `link:`
pub static LINK: Shape = Shape {
    empty: true,
    ..Shape::new(
        "link",
        "paging by `link`",
        "pages by the `Link` header",
        &[may("rel", Takes::Text, "the relation of the next page", "next").or("`next`")],
    )
};
