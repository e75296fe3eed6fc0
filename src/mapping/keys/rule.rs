//! One attribute or field, one rule.

use super::{ABOUT, EVIDENCE, EXPRESSION, FIELD_PATH, TEMPLATE, converter::CONVERTER};
use crate::yaml::shape::{Choice, Known, Shape, Takes, may, must, refused};

static CONVERTERS: Takes = Takes::Tagged(&CONVERTER);
const CONVERT: Known = may(
    "convert",
    Takes::List(&CONVERTERS),
    "in writing order; reading reverses them",
    "[trim, lower]",
);
const ONLY: Known =
    may("only", Takes::Words(&["create"]), "sent when created, not after", "create");
const WHEN: Known = may(
    "when",
    EXPRESSION,
    "over `tenant`: else it is as if it were not there",
    "tenant.site != 'old'",
);
const WRITE: &str = "the expression over `resource` that gives the field's value";

const LOOKUP: Known = may(
    "lookup",
    Takes::Text,
    "the lookup that has the vendor's key for the name, and the name for the key",
    "office",
);

const GENERATED: Known = may(
    "generate",
    Takes::Of(&GENERATE),
    "made up, a fresh one for each create that sends none; never shown",
    "{ length: 20, needs: [upper, lower, digit, symbol], avoid: \"0O\" }",
);

/// How a value is made up.
pub static GENERATE: Shape = Shape::new(
    "generate",
    "`generate`",
    "how a value is made up that the vendor demands and no client sends",
    &[
        must("length", Takes::Whole(8), "how many characters, at most 256", "20"),
        may(
            "needs",
            Takes::List(&Takes::Words(&["upper", "lower", "digit", "symbol"])),
            "of each kind at least one",
            "[upper, digit]",
        ),
        may("avoid", Takes::Text, "characters that it never has", "\"0O1l\""),
    ],
);

/// One entry of `attributes`, or of `element`.
pub static RULE: Shape = Shape {
    choice: Some(Choice {
        of: &["field", "read", "constant", "kept", "first", "ignore", "reject"],
        beside: Some(("read", "field")),
    }),
    ..Shape::new(
        "rule",
        "a rule",
        "how one attribute is read and written",
        &[
            ABOUT,
            may(
                "evidence",
                Takes::Words(&EVIDENCE),
                "how sure you are that the vendor has it so",
                "seen",
            ),
            may("field", FIELD_PATH, "the place in the record, read and written", "nick"),
            may(
                "element",
                Takes::Map("sub-attribute", &Takes::Of(&RULE)),
                "beside `field`: a list, with one rule for each sub-attribute; fields are relative \
                to the element",
                "{ value: { field: address } }",
            ),
            may(
                "where",
                Takes::Map("field", &Takes::Anything),
                "beside `element`: this rule owns the vendor's elements with these fields; others \
                stay as they are",
                "{ kind: mail }",
            ),
            may(
                "read",
                EXPRESSION,
                "the expression over `record` that gives the value; alone it writes nothing, and an \
                operation may claim it",
                "record.first + ' ' + record.last",
            ),
            may("write", EXPRESSION, WRITE, "resource.nickName"),
            may(
                "constant",
                Takes::Anything,
                "read as this, never written; in an element only beside another value",
                "work",
            ),
            may(
                "kept",
                Takes::Flag,
                "`true`: in our store, and the vendor never hears of it",
                "true",
            ),
            may(
                "first",
                Takes::Flag,
                "`true`, for `primary` in an element: the first is primary; the primary goes first",
                "true",
            ),
            may("ignore", Takes::Flag, "`true`: never read, and dropped in silence", "true"),
            may(
                "reject",
                Takes::Flag,
                "`true`: never read, and 400 when the client sends a value",
                "true",
            ),
            may(
                "direction",
                Takes::Words(&["read", "write", "both"]),
                "one way only; what is only written is never returned",
                "read",
            )
            .or("`both`"),
            ONLY,
            may(
                "if_changed",
                Takes::Words(&["ignore", "reject"]),
                "beside `only`, what a different value does afterwards: nothing, or 400 mutability",
                "ignore",
            )
            .or("`reject`"),
            may(
                "required",
                Takes::Flag,
                "400 when unassigned after the request, unless there is a `default` or `generate`; with a \
                selector, when that element is missing",
                "true",
            )
            .or("`false`"),
            may(
                "values",
                Takes::Map("SCIM value", &Takes::Anything),
                "a table, both ways; of a list of vendor values the first is written and all are \
                read; `\"*\"` reads all others",
                "{ admin: A, user: [U, G] }",
            ),
            CONVERT,
            may("refers", Takes::Text, "the id of a resource of this name: `$ref` follows", "User"),
            may("default", TEMPLATE, "over `tenant`; written when unassigned on create, or when the client clears it", "Mia"),
            may(
                "missing",
                TEMPLATE,
                "over `record` and `tenant`; read when the record has none",
                "\"{record.first}\"",
            ),
            GENERATED,
            may(
                "clear",
                Takes::Words(&["null", "empty", "omit", "reject"]),
                "how a cleared attribute is sent: as null, as `\"\"` or `[]`, not at all, or 400 \
                mutability",
                "empty",
            )
            .or("`null`; `empty` where bodies are forms"),
            may("unordered", Takes::Flag, "a list, compared as a set; elements that come to the same are written once", "true").or("`false`"),
            WHEN,
            may(
                "lossy",
                Takes::Text,
                "why it does not give back what it was given, and that this is meant; `explain` \
                prints it",
                "the vendor has no seconds",
            ),
            LOOKUP,
            may(
                "unknown",
                Takes::Words(&["reject", "drop", "default"]),
                "beside `lookup`, what becomes of a name that it does not know, or knows twice: 400; the value, of a list its \
                element, is left out; or the `default` is written",
                "drop",
            )
            .or("`reject`"),
        ],
    )
};

/// One entry of `fields`.
pub static FIELD: Shape = Shape::new(
    "field",
    "a field",
    "a field that no attribute stands for",
    &[
        ABOUT,
        may(
            "constant",
            Takes::Anything,
            "a tree whose texts are templates over `tenant`; a boolean, a number and null stay what they are",
            "scim",
        ),
        may("write", EXPRESSION, WRITE, "resource.userName"),
        GENERATED,
        CONVERT,
        ONLY,
        WHEN,
        LOOKUP,
        may("unknown", Takes::Words(&["reject", "drop"]), "beside `lookup`, what becomes of a name that it does not know: 400, or the field is left out", "drop")
            .or("`reject`"),
        refused("refers"),
    ],
)
.choosing(&["constant", "write", "generate"]);
