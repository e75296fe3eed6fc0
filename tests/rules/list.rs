//! Lists and their pages: R34 to R41.

use crate::{
    exchange::{filter, get, named_user, pages, user},
    predicate::Predicate::*,
    row::{Row, row},
};
use serde_json::{Value, json};

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

fn numbers_are_whole(list: &Value) -> bool {
    ["totalResults", "startIndex", "itemsPerPage"].iter().all(|name| list[name].is_u64())
}

fn page_is_counted(list: &Value) -> bool {
    list["itemsPerPage"].as_u64() == list["Resources"].as_array().map(|all| all.len() as u64)
}

pub fn rows() -> Vec<Row> {
    let whole = || Holds("its numbers are whole", numbers_are_whole);
    let counted = || Holds("itemsPerPage counts the page", page_is_counted);
    let total = || get("/Users").keep("total", "/totalResults");
    vec![
        row(
            "R34",
            "a list says what it is",
            [get("/Users")
                .status(200)
                .shows(Is("/schemas", json!([LIST])))
                .shows(Present("/Resources"))
                .shows(whole())],
        ),
        row(
            "R35",
            "nobody is an empty list",
            [filter("/Users", r#"userName eq "nobody""#)
                .status(200)
                .shows(Is("/totalResults", json!(0)))
                .shows(Absent("/Resources"))],
        ),
        row(
            "R36",
            "the first is the first",
            [
                get("/Users?count=1").keep("first", "/Resources/0/id"),
                get("/Users?startIndex=0&count=1")
                    .shows(IsKept("/Resources/0/id", "first"))
                    .shows(Is("/startIndex", json!(1))),
                get("/Users?startIndex=-5&count=1")
                    .shows(IsKept("/Resources/0/id", "first"))
                    .shows(Is("/startIndex", json!(1))),
            ],
        ),
        row(
            "R37",
            "none of them, but how many there are",
            [
                total(),
                get("/Users?count=0")
                    .status(200)
                    .shows(IsKept("/totalResults", "total"))
                    .shows(Absent("/Resources")),
            ],
        ),
        row(
            "R38",
            "less than none is none",
            [
                total(),
                get("/Users?count=-3")
                    .status(200)
                    .shows(IsKept("/totalResults", "total"))
                    .shows(Absent("/Resources")),
            ],
        ),
        row(
            "R39",
            "a page is counted",
            [
                user(json!({})),
                named_user("{me}-2@acme.example", "other", json!({})),
                total(),
                get("/Users?count=1")
                    .shows(Length("/Resources", 1))
                    .shows(Is("/startIndex", json!(1)))
                    .shows(IsKept("/totalResults", "total"))
                    .shows(whole())
                    .shows(counted()),
            ],
        ),
        row(
            "R40",
            "beyond the last there is nothing",
            [
                total(),
                get("/Users?startIndex=1000000")
                    .status(200)
                    .shows(IsKept("/totalResults", "total"))
                    .shows(Is("/itemsPerPage", json!(0)))
                    .shows(Absent("/Resources")),
            ],
        ),
        row(
            "R41",
            "page by page, everybody once",
            [
                user(json!({})),
                named_user("{me}-2@acme.example", "other", json!({})),
                pages("/Users", 2).shows(Holds("everybody is met once", |walk| {
                    walk["ids"] == walk["different"] && walk["ids"] == walk["total"]
                })),
            ],
        ),
    ]
}
