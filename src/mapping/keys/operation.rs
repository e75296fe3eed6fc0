//! `operations:`: the calls that a vendor offers. Each is one call, or has several as `steps`.

use super::{
    ABOUT, FIELD_PATH, PLACE, TEMPLATE,
    call::{CALL, OPERATION, SEVERAL, STEP},
};
use crate::yaml::shape::{Forms, Known, Shape, Takes, may, must};

/// The section.
pub static OPERATIONS: Shape = Shape::new(
    "operations",
    "operations",
    "the calls that the vendor offers",
    &[
        may(
            "get",
            Takes::Forms(&GET_FORMS),
            "reads one by `key`",
            "{ call: \"GET /users/{key}\", record: . }",
        ),
        may(
            "get_many",
            Takes::Forms(&MANY_FORMS),
            "reads several by `keys`, where many are asked for by their keys",
            "{ at_most: 100, call: \"GET /users?ids={join(keys, ',')}\", items: users }",
        ),
        may(
            "list",
            Takes::Forms(&LIST_FORMS),
            "reads all",
            "{ call: GET /users, items: users, paging: none }",
        ),
        may(
            "find",
            Takes::List(&Takes::Forms(&FIND_FORMS)),
            "searches, in order of preference",
            "[{ filter: \"userName eq {email}\", call: GET /users, query: { email: \"{email}\" }, items: users }]",
        ),
        may("create", Takes::Forms(&CREATE_FORMS), "makes one", "{ call: POST /users, record: . }"),
        may(
            "update",
            Takes::List(&Takes::Forms(&UPDATE_FORMS)),
            "changes one; they run in file order",
            "[{ name: change, call: \"PATCH /users/{key}\", record: . }]",
        ),
        may(
            "delete",
            Takes::Forms(&DELETE_FORMS),
            "takes one away",
            "{ call: \"DELETE /users/{key}\" }",
        ),
    ],
);

/// `get:`
pub static GET_FORMS: Forms = Forms { tagged: &[("steps", &GET_STEPS)], plain: &GET };
static GET: Shape =
    Shape::new("get", "a get", "reads one by `key`", &[]).with(&[&OPERATION, &CALL]);
static GET_STEPS: Shape =
    Shape::new("get of steps", "a get of several calls", "reads one by `key`", &[])
        .with(&[&OPERATION, &SEVERAL]);

/// What a `get_many` has of its own.
pub static MANY: Shape = Shape::new(
    "many",
    "a get_many",
    "reads several by `keys`",
    &[
        must("at_most", Takes::Whole(2), "keys in one call", "100"),
        may(
            "read_again",
            Takes::List(&Takes::Text),
            "steps of `get` to run for each, whose part of the record nobody gives for many",
            "[tags]",
        ),
    ],
);

/// `get_many:`
pub static MANY_FORMS: Forms = Forms { tagged: &[("steps", &MANY_STEPS)], plain: &MANY_CALL };
static MANY_CALL: Shape = Shape::new("get_many", "a get_many", "reads several by `keys`", &[])
    .with(&[&MANY, &OPERATION, &CALL]);
static MANY_STEPS: Shape = Shape::new(
    "get_many of steps",
    "a get_many of several calls",
    "reads several by `keys`",
    &[must(
        "steps",
        Takes::List(&Takes::Of(&MANY_STEP)),
        "the calls, in order",
        "[{ name: users, call: \"POST /users/search\", body: { ids: \"{keys}\" }, items: users }]",
    )],
)
.with(&[&MANY, &OPERATION]);

/// One of its calls.
pub static MANY_STEP: Shape = Shape::new(
    "part",
    "a step of get_many",
    "one call for many",
    &[
        may("of", FIELD_PATH, "beside `into`: where an item says whose it is", "user_id")
            .or("the resource's `key`"),
        may(
            "take",
            PLACE,
            "beside `into`: what of the item belongs there; a JSONPath gives a list",
            "roles",
        )
        .or("a list of all items that are his"),
    ],
)
.with(&[&STEP, &CALL]);

/// What a list and a find entry have of their own.
pub static LISTING: Shape = Shape::new(
    "listing",
    "a list",
    "reads many",
    &[
        may(
            "read_again",
            Takes::List(&Takes::Text),
            "steps of `get` to run for each item; `get` names one of a single call",
            "[get]",
        ),
        may("concurrent", Takes::Whole(1), "items that are read again at once", "4").or("`8`"),
    ],
);

/// The list of a vendor that has none.
pub static LINKED: Shape = Shape::new(
    "linked list",
    "a list with `links`",
    "lists whom clients made or adopted, for a vendor that cannot list",
    &[
        ABOUT,
        must("links", Takes::Flag, "`true`: whom the store knows, each read by `get`", "true"),
        may("concurrent", Takes::Whole(1), "how many are read at once", "4").or("`8`"),
    ],
);

/// `list:`
pub static LIST_FORMS: Forms =
    Forms { tagged: &[("links", &LINKED), ("steps", &LIST_STEPS)], plain: &LIST };
/// A list of one call.
pub static LIST: Shape =
    Shape::new("list", "a list", "reads all", &[]).with(&[&LISTING, &OPERATION, &CALL]);
static LIST_STEPS: Shape = Shape::new("list of steps", "a list of several calls", "reads all", &[])
    .with(&[&LISTING, &OPERATION, &SEVERAL]);

const CASE: Known = may(
    "case",
    Takes::Words(&["exact", "ignored"]),
    "how the vendor compares: `exact` finds only what is written so",
    "exact",
)
.or("`ignored`");
const FILTER: Known = must(
    "filter",
    Takes::Like("`PATH (eq|sw|co) {hole}`, joined by `and`", "(eq|sw|co) +\\{[^{}]+\\}"),
    "the filter that it serves; a hole holds the client's value in the vendor's terms",
    "\"userName eq {email}\"",
);
const KEY: Known =
    may("key", TEMPLATE, "over `answer`: the key, when no record says it", "\"{answer.body.id}\"");

/// What a find entry has of its own.
pub static FINDING: Shape = Shape::new("finding", "a find entry", "searches", &[FILTER, KEY, CASE]);

/// One entry of `find`.
pub static FIND_FORMS: Forms =
    Forms { tagged: &[("scan", &SCANNED), ("steps", &FIND_STEPS)], plain: &FIND };
static FIND: Shape = Shape::new("find", "a find entry", "searches", &[])
    .with(&[&FINDING, &LISTING, &OPERATION, &CALL]);
static FIND_STEPS: Shape =
    Shape::new("find of steps", "a find entry of several calls", "searches", &[])
        .with(&[&FINDING, &LISTING, &OPERATION, &SEVERAL]);

/// A find entry that the vendor does not serve.
pub static SCANNED: Shape = Shape::new(
    "scanned find",
    "a find entry with `scan`",
    "says that the vendor cannot search so: `list` is read, and matched here",
    &[ABOUT, FILTER, must("scan", Takes::Of(&SCAN), "in place of a call", "{ at_most: 20000 }")],
);

/// `scan:`
pub static SCAN: Shape = Shape::new(
    "scan",
    "scan",
    "how much is read to match here",
    &[
        may("at_most", Takes::Whole(1), "records; beyond it 400 tooMany", "20000")
            .or("`limits.scan`"),
        may(
            "cache",
            Takes::Duration,
            "so long what was read serves clients' searches; a create reads it anew, and a write forgets it",
            "30s",
        )
        .or("each search reads it anew"),
    ],
);

const CLAIMS: Known = may(
    "claims",
    Takes::List(&Takes::Like("claim", ".")),
    "what it writes: `ATTR`, `ATTR becomes VALUE`, or `ATTR` with `adds`, `removes` or `alters`",
    "[nickName]",
);

/// What a create has of its own.
pub static CREATING: Shape = Shape::new(
    "creating",
    "a create",
    "makes one",
    &[
        Known {
            default: "every writable attribute but those of special updates",
            example: "[userName, nickName]",
            ..CLAIMS
        },
        KEY,
        Known { default: "`false`", ..DURABLE },
    ],
);

/// `create:`
pub static CREATE_FORMS: Forms = Forms { tagged: &[("steps", &CREATE_STEPS)], plain: &CREATE };
/// A create of one call.
pub static CREATE: Shape =
    Shape::new("create", "a create", "makes one", &[]).with(&[&CREATING, &OPERATION, &CALL]);
static CREATE_STEPS: Shape =
    Shape::new("create of steps", "a create of several calls", "makes one", &[])
        .with(&[&CREATING, &OPERATION, &SEVERAL]);

const DURABLE: Known = may(
    "durable",
    Takes::Flag,
    "where there is a store, what it does is carried out later when the vendor cannot take it now",
    "true",
);

const ACKNOWLEDGED: Known = Known {
    default: "when the vendor has it",
    ..may(
        "acknowledge",
        Takes::Words(&["early"]),
        "`early`: where what it does has to wait, its client is told that it is done all the same",
        "early",
    )
};

/// What an update has of its own.
pub static UPDATING: Shape = Shape::new(
    "updating",
    "an update",
    "changes one",
    &[
        must("name", Takes::Text, "in messages and metrics, and for `run`", "profile"),
        Known { default: "the rest", ..CLAIMS },
        may(
            "may_fail",
            Takes::Flag,
            "beside others its failure is logged, and the answer is the state read back",
            "true",
        )
        .or("`false`"),
        Known { default: "`true` for what deactivates, else `false`", ..DURABLE },
        ACKNOWLEDGED,
    ],
);

/// One entry of `update`.
pub static UPDATE_FORMS: Forms = Forms { tagged: &[("steps", &UPDATE_STEPS)], plain: &UPDATE };
static UPDATE: Shape =
    Shape::new("update", "an update", "changes one", &[]).with(&[&UPDATING, &OPERATION, &CALL]);
static UPDATE_STEPS: Shape =
    Shape::new("update of steps", "an update of several calls", "changes one", &[])
        .with(&[&UPDATING, &OPERATION, &SEVERAL]);

const AFTERWARDS: Takes = Takes::Words(&["gone", "inactive"]);

/// `delete:`
pub static DELETE_FORMS: Forms =
    Forms { tagged: &[("run", &RUN), ("steps", &DELETE_STEPS)], plain: &DELETE };
static AFTER: Shape = Shape::new(
    "deleting",
    "a delete",
    "takes one away",
    &[
        may(
            "afterwards",
            AFTERWARDS,
            "`gone`: the vendor goes on showing the record, and a tombstone hides it",
            "gone",
        )
        .or("the record goes with the call"),
        Known { default: "`true`", example: "false", ..DURABLE },
        ACKNOWLEDGED,
    ],
);
static DELETE: Shape =
    Shape::new("delete", "a delete", "takes one away", &[]).with(&[&AFTER, &OPERATION, &CALL]);
static DELETE_STEPS: Shape =
    Shape::new("delete of steps", "a delete of several calls", "takes one away", &[])
        .with(&[&AFTER, &OPERATION, &SEVERAL]);

/// A delete that is an update.
pub static RUN: Shape = Shape::new(
    "delete by update",
    "a delete with `run`",
    "runs an update in place of a call",
    &[
        ABOUT,
        must("run", Takes::Text, "the name of the update", "change"),
        must(
            "afterwards",
            AFTERWARDS,
            "what a client sees from then on: 404 by a tombstone, or the resource",
            "gone",
        ),
    ],
);
