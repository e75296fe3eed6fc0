//! The table of a test file's keys.

use crate::yaml::shape::{Known, Shape, Takes, may, must};

const HEADERS: Takes = Takes::Map("header", &Takes::Text);
const TENANT: Known = may(
    "tenant",
    Takes::Map("variable", &Takes::Anything),
    "the tenant's variables",
    "{ token: t0ken }",
);

/// `x.test.yaml`
pub static TEST_FILE: Shape = Shape::new(
    "test file",
    "a test file",
    "the exchanges of one mapping: requests, the calls they become, and the responses",
    &[
        must("test", Takes::Whole(1), "version of the form; this build reads 1", "1"),
        may("mapping", Takes::Text, "the mapping that it tests, beside it", "acme.yaml"),
        TENANT,
        may("now", Takes::Text, "the instant of every request", "2026-11-21T10:00:00Z")
            .or("1970-01-01T00:00:00Z"),
        may(
            "answers",
            Takes::Map("name", &Takes::Of(&ANSWER)),
            "answers that calls take by name",
            "{ mia: { body: { id: 7 } } }",
        ),
        must(
            "tests",
            Takes::List(&Takes::Of(&TEST)),
            "the exchanges",
            "[{ name: nobody is 404, request: { GET /Users/7: null }, response: { status: 404 } }]",
        ),
    ],
);

/// One exchange.
pub static TEST: Shape = Shape::new(
    "test",
    "a test",
    "one request, the calls that it becomes, and its response",
    &[
        must("name", Takes::Text, "what it shows", "deactivate suspends"),
        may(
            "client",
            Takes::Words(&["okta", "okta-opp-1.1", "entra", "strict"]),
            "the client's habits",
            "okta",
        )
        .or("`strict`"),
        Known { about: "over the file's", ..TENANT },
        may(
            "store",
            Takes::Of(&STORE),
            "what the store holds at first",
            "{ kept: { User: { \"7\": { externalId: x } } } }",
        )
        .or("empty"),
        must(
            "request",
            Takes::Map("METHOD /path", &Takes::Anything),
            "one request, below the base path, and its body",
            "{ GET /Users/7: null }",
        ),
        may("if_match", Takes::Text, "the version that the request names", "W/\"1\""),
        may("if_none_match", Takes::Text, "the version that it does not want", "\"*\""),
        may(
            "calls",
            Takes::List(&Takes::Of(&CALL)),
            "all calls, in order; one more or fewer fails",
            "[{ call: GET /users/7 }]",
        )
        .or("none"),
        may(
            "response",
            Takes::Of(&RESPONSE),
            "what the client gets; must be there",
            "{ status: 404 }",
        ),
        may("store_after", Takes::Of(&STORE_AFTER), "what the store holds then", "{ gone: null }"),
    ],
);

/// One call.
pub static CALL: Shape = Shape::new(
    "expected call",
    "a call",
    "what the vendor is asked, and what it answers",
    &[
        must("call", Takes::Like("METHOD /path", "^[A-Z]+ +/"), "with its query", "GET /users/7"),
        may("headers", HEADERS, "headers that it must have", "{ authorization: Bearer t0ken }"),
        may("body", Takes::Anything, "the body that it must have, exactly", "{ active: false }")
            .or("not looked at"),
        may(
            "body_has",
            Takes::Map("member", &Takes::Anything),
            "instead of `body`: members that its body must have; null is \"not there\"",
            "{ active: false }",
        ),
        may("answer", Takes::Of(&ANSWER), "what comes back", "{ body: { id: 7 } }").or("200"),
        may(
            "answers",
            Takes::List(&Takes::Of(&ANSWER)),
            "instead of `answer`: one after the other, as the call is repeated",
            "[{ status: 429, headers: { retry-after: 1 } }, { body: { id: 7 } }]",
        ),
        may(
            "waits",
            Takes::List(&Takes::Text),
            "beside `answers`: what is waited between them, `\"*\"` for as long as it comes to",
            "[1s]",
        ),
        may(
            "times",
            Takes::Either(&[Takes::Whole(0), Takes::Words(&["any"])]),
            "how often it is made",
            "2",
        )
        .or("`1`"),
    ],
);

/// What a call is answered.
pub static ANSWER: Shape = Shape {
    empty: true,
    ..Shape::new(
        "answer",
        "an answer",
        "what the vendor answers",
        &[
            may("as", Takes::Text, "a named answer, which this one is laid over", "mia"),
            may("status", Takes::Whole(100), "HTTP status", "404").or("`200`"),
            may("headers", HEADERS, "its headers", "{ Retry-After: 7 }"),
            may("body", Takes::Anything, "its body; a text is no JSON", "{ id: 7 }"),
            may(
                "fails",
                Takes::Words(&["connect", "timeout", "reset", "cut", "garbled", "too_large"]),
                "no answer comes",
                "timeout",
            ),
        ],
    )
};

/// What a client gets.
pub static RESPONSE: Shape = Shape::new(
    "response",
    "a response",
    "what the client gets",
    &[
        may("status", Takes::Whole(100), "HTTP status", "404"),
        may("headers", HEADERS, "the exact value, or `*`", "{ etag: \"*\" }"),
        may(
            "body",
            Takes::Anything,
            "these members; `\"*\"` is anything, null is \"not there\"",
            "{ id: \"7\" }",
        ),
    ],
);

/// What both say of the store.
pub static STORED: Shape = Shape::new(
    "stored",
    "the store's rows",
    "what the store holds; ids are SCIM's",
    &[
        may(
            "kept",
            Takes::Anything,
            "kept attributes, by kind, id and attribute",
            "{ User: { \"7\": { externalId: x } } }",
        ),
        may(
            "gone",
            Takes::Anything,
            "tombstones, by kind and id, with the `match` values of who is gone",
            "{ User: { \"8\": { userName: kai@acme.example } } }",
        ),
        may(
            "outside",
            Takes::Anything,
            "who is held because `outside` says `skip`, by kind and id: what the client said",
            "{ User: { \"6f9619ff\": { userName: ida@acme.example } } }",
        ),
        may(
            "links",
            Takes::Anything,
            "Links: ids, by kind and the vendor's key",
            "{ User: { \"42\": 1c9d7c54-6f0e-4b7e-9d3c-6d1f5e0c2b4a } }",
        ),
        may(
            "ours",
            Takes::Anything,
            "marks, by kind and the vendor's key: `made` or `adopted`",
            "{ User: { \"9\": adopted } }",
        ),
        may(
            "unfinished",
            Takes::Anything,
            "creates that stopped half-way, by kind: their `match` values",
            "{ User: [{ userName: zoe@acme.example }] }",
        ),
    ],
);

/// That something is there, or nothing.
const OPEN: Takes = Takes::Words(&["*", "null"]);
const GROUPS: &str = "Groups of our own, by id";
const GROUP: &str = "{ g1: { displayName: Sales, members: [\"7\"] } }";

/// `store:`
pub static STORE: Shape = Shape::new(
    "store",
    "`store`",
    "what the store holds at first",
    &[may("groups", Takes::Map("id", &Takes::Of(&KEPT_GROUP)), GROUPS, GROUP)],
)
.with(&[&STORED]);

/// `store_after:`
pub static STORE_AFTER: Shape = Shape::new(
    "store_after",
    "`store_after`",
    "what the store holds then: null is \"not there\", `\"*\"` is anything",
    &[may(
        "groups",
        Takes::Either(&[
            Takes::Map("id", &Takes::Either(&[Takes::Of(&KEPT_GROUP_AFTER), OPEN])),
            OPEN,
        ]),
        GROUPS,
        GROUP,
    )],
)
.with(&[&STORED]);

const NAME: Known = must("displayName", Takes::Text, "its name", "Sales");
const REST: [Known; 2] = [
    may("externalId", Takes::Text, "the client's own id of it", "x1"),
    may("members", Takes::List(&Takes::Text), "ids of Users", "[\"7\"]"),
];

/// A Group that the store begins with.
pub static KEPT_GROUP: Shape =
    Shape::new("kept group", "a kept group", "a Group of our own", &[NAME, REST[0], REST[1]]);

/// A Group that the store holds then, as far as it is said.
pub static KEPT_GROUP_AFTER: Shape = Shape::new(
    "kept group after",
    "a kept group",
    "a Group of our own, as far as it is said",
    &[
        Known { must: false, takes: Takes::Either(&[Takes::Text, OPEN]), ..NAME },
        Known { takes: Takes::Either(&[Takes::Text, OPEN]), ..REST[0] },
        Known { takes: Takes::Either(&[Takes::List(&Takes::Text), OPEN]), ..REST[1] },
    ],
);
