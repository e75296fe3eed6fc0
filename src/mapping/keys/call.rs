//! One call, and what operations of one or several calls have in common.

use super::{
    ABOUT, ENCODING, EVIDENCE, EXPRESSION, FIELD_PATH, PLACE, TEMPLATE, errors::ERROR_ROW,
    paging::PAGING,
};
use crate::yaml::shape::{Known, Shape, Takes, may, must};

const EVIDENCED: Known = may(
    "evidence",
    Takes::Words(&EVIDENCE),
    "how sure you are that the vendor's API is so",
    "assumed",
)
.or("as further up");

static ROW: Takes = Takes::Of(&ERROR_ROW);

// The keys that a lookup's call has, too.
pub(super) const CALLED: Known = must(
    "call",
    Takes::Like("METHOD /path, a template", "^(GET|POST|PUT|PATCH|DELETE) +/"),
    "each value in the path is encoded as one segment",
    "POST /users",
);
pub(super) const QUERY: Known = may(
    "query",
    Takes::Map("parameter", &TEMPLATE),
    "a list value repeats the name; null leaves it out",
    "{ notify: \"false\" }",
);
pub(super) const HEADERS: Known =
    may("headers", Takes::Map("header", &TEMPLATE), "on this call", "{ X-Reason: scim }");
pub(super) const BODY: Known =
    may("body", Takes::Anything, "a tree of templates", "{ user: \"{fields}\" }")
        .or("`\"{fields}\"` in create, `\"{changed}\"` in update; none in `steps`, and where all claims are \
            transitions or parts of lists");
pub(super) const ENCODED: Known =
    may("encoding", ENCODING, "how the body is written", "form").or("the upstream's");
pub(super) const ACCEPT: Known = may(
    "accept",
    Takes::List(&Takes::Like("a status or a class", "^([1-5]xx|[1-5][0-9][0-9])$")),
    "statuses that count as done; one that is not 2xx yields nothing",
    "[2xx, 404]",
)
.or("`[2xx]`");
pub(super) const REPEAT: Known =
    may("repeat", Takes::Words(&["safe", "unsafe"]), "whether it may be sent twice", "safe")
        .or("safe for GET, PUT and DELETE");
const IDEMPOTENCY_KEY: Known = may(
    "idempotency_key",
    Takes::Text,
    "in a write: the header in which the vendor takes a key by which it knows a call again; each time this one is made \
     for the same write it has the same key, so it may be sent twice",
    "Idempotency-Key",
)
.or("none: see `repeat`");
pub(super) const PLACED: Known = may(
    "record",
    PLACE,
    "where the answer holds the record; on create and update that is the answer, else \
            it is read again",
    "data",
);
pub(super) const ITEMS: Known = may(
    "items",
    PLACE,
    "in a read: where the answer holds the list; absent is broken",
    "data.users",
);
pub(super) const MAY_LACK_ITEMS: Known =
    may("may_lack_items", Takes::Flag, "beside `items`: absent is an empty list", "true")
        .or("`false`");
pub(super) const PAGED: Known = may(
    "paging",
    Takes::Tagged(&PAGING),
    "in a read: how more items are read",
    "{ page: { param: page, total: total } }",
);
pub(super) const OWN_ERRORS: Known = may(
    "errors",
    Takes::List(&ROW),
    "what its answers mean, above the upstream's rows",
    "[{ when: answer.status == 410, means: done }]",
);

const BATCHED: Known = may(
    "batch",
    Takes::Whole(1),
    "beside `for_each`: so many items at most in one call; they are `batch`, a list, and there is no `item`",
    "100",
);

/// What every operation has.
pub static OPERATION: Shape =
    Shape::new("operation", "an operation", "what every operation has", &[ABOUT, EVIDENCED]);

/// What a call has, wherever it stands.
pub static CALL: Shape = Shape::new(
    "call",
    "a call",
    "what is sent to the vendor, and what becomes of the answer",
    &[
        CALLED,
        QUERY,
        HEADERS,
        BODY,
        ENCODED,
        ACCEPT,
        REPEAT,
        IDEMPOTENCY_KEY,
        may("when", EXPRESSION, "whether it is made", "tenant.site != 'old'"),
        may(
            "for_each",
            EXPRESSION,
            "a list; the call is made for each `item`, in order",
            "resource.emails",
        ),
        BATCHED,
        may(
            "capture",
            Takes::Map("name", &PLACE),
            "taken from the answer into `steps.STEP.NAME`: a place, or a template over `answer`",
            "{ id: user.id }",
        ),
        PLACED,
        ITEMS,
        MAY_LACK_ITEMS,
        may(
            "into",
            FIELD_PATH,
            "where in the record what this step of `get` reads belongs",
            "roles",
        ),
        PAGED,
        OWN_ERRORS,
    ],
);

/// What an operation of several calls has.
pub static SEVERAL: Shape = Shape::new(
    "several calls",
    "an operation of several calls",
    "several calls, one after the other",
    &[
        must(
            "steps",
            Takes::List(&Takes::Of(&STEP)),
            "the calls, in order",
            "[{ name: user, call: \"GET /users/{key}\", record: . }]",
        ),
        may("when", EXPRESSION, "whether they are made", "tenant.site != 'old'"),
        may(
            "for_each",
            EXPRESSION,
            "a list; all steps are made for each `item`, in order",
            "resource.emails",
        ),
        BATCHED,
    ],
);

/// One of them.
pub static STEP: Shape = Shape::new(
    "step",
    "a step",
    "a call with a name",
    &[
        must("name", Takes::Text, "in messages, metrics and `steps.NAME`", "user"),
        ABOUT,
        EVIDENCED,
        may(
            "undo",
            Takes::Of(&UNDO),
            "in a write: the call that takes it back when a later step fails for good",
            "{ call: \"DELETE /users/{steps.user.id}\" }",
        ),
    ],
)
.with(&[&CALL]);

/// What takes a step back.
pub static UNDO: Shape = Shape::new(
    "undo",
    "an undo",
    "takes back what a step did; what the step captured is there as `steps.STEP`",
    &[
        CALLED,
        QUERY,
        HEADERS,
        Known { default: "none", example: "{ reason: undone }", ..BODY },
        ENCODED,
        ACCEPT,
        REPEAT,
        IDEMPOTENCY_KEY,
        OWN_ERRORS,
    ],
);
