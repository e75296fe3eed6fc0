//! One entry of `resources:`, in its forms.

use super::{
    ABOUT, ATTRIBUTE_PATH, EXPRESSION, FIELD_PATH,
    operation::OPERATIONS,
    outside::OUTSIDE,
    rule::{FIELD, RULE},
};
use crate::yaml::shape::{Forms, Known, Shape, Takes, may, must};

/// A resource by what stands in it.
pub static RESOURCE_FORMS: Forms = Forms {
    tagged: &[("fixed", &FIXED), ("kept", &KEPT), ("values_of", &VALUES)],
    plain: &RESOURCE,
};

const ENDPOINT: Known = may(
    "endpoint",
    Takes::Text,
    "`/` and one segment that nothing else has; must be there unless User or Group",
    "/Roles",
);
const SCHEMA: Known = may(
    "schema",
    Takes::Text,
    "the URN of its schema; must be there unless User or Group",
    "urn:okta:scim:schemas:core:1.0:Role",
);

/// A resource that the vendor has records of.
pub static RESOURCE: Shape = Shape::new(
    "resource",
    "a resource",
    "which field is which attribute, and which calls read and write",
    &[
        ABOUT,
        ENDPOINT,
        SCHEMA,
        must(
            "key",
            FIELD_PATH,
            "where the vendor's key stands in a record; the SCIM id is its exact text",
            "id",
        ),
        may(
            "id",
            Takes::Words(&["key", "link"]),
            "the SCIM id: the key, or one of ours, for keys that change or are secret; needs the store",
            "link",
        )
        .or("`key`"),
        may(
            "exists",
            EXPRESSION,
            "over `record`; false reads as not found, in lists too",
            "record.state != 'deleted'",
        ),
        may(
            "match",
            Takes::List(&ATTRIBUTE_PATH),
            "who counts as the same person on create, tried in order; also one element, `emails[primary eq true].value`",
            "[userName]",
        ),
        may(
            "on_match",
            Takes::Words(&["adopt", "conflict"]),
            "what becomes of a match; what is already ours is a conflict either way",
            "conflict",
        )
        .or("`conflict`"),
        may(
            "managed",
            EXPRESSION,
            "over `record`; it is already ours. Without it `adopt` needs the store",
            "record.source == 'scim'",
        ),
        may(
            "outside",
            Takes::List(&Takes::Of(&OUTSIDE)),
            "who is none of the vendor's business; the first row that holds",
            "[{ when: primary(resource.emails) == null, then: reject }]",
        ),
        may(
            "owns",
            Takes::Words(&["all", "linked"]),
            "whom clients may change or delete: everybody, or whom a create of theirs made or adopted",
            "linked",
        )
        .or("`all`"),
        may(
            "unmapped",
            Takes::Words(&["ignore", "kept", "reject"]),
            "attributes of the schemas without a rule",
            "reject",
        )
        .or("`ignore`"),
        must(
            "attributes",
            Takes::Map("attribute path", &Takes::Of(&RULE)),
            "one rule for each attribute",
            "{ userName: { field: email, direction: read } }",
        ),
        may(
            "fields",
            Takes::Map("field path", &Takes::Of(&FIELD)),
            "fields that no attribute stands for",
            "{ source: { constant: scim, only: create } }",
        ),
        must(
            "operations",
            Takes::Of(&OPERATIONS),
            "the calls that the vendor offers; what is absent is not offered to clients",
            "{ get: { call: \"GET /users/{key}\", record: . }, list: { call: GET /users, items: \
            users, paging: none } }",
        ),
    ],
);

/// A resource that is listed in the mapping.
pub static FIXED: Shape = Shape::new(
    "fixed resource",
    "a fixed resource",
    "a kind that the vendor has no call for: all there are, the same everywhere",
    &[
        ABOUT,
        ENDPOINT,
        SCHEMA,
        must(
            "fixed",
            Takes::List(&Takes::Of(&FIXED_ENTRY)),
            "all there are; no vendor is asked",
            "[{ id: full, displayName: Full seat }]",
        ),
    ],
);

/// One of them.
pub static FIXED_ENTRY: Shape = Shape {
    open: true,
    ..Shape::new(
        "fixed entry",
        "an entry of `fixed`",
        "one resource: its `id`, and its attributes beside it",
        &[must("id", Takes::Text, "unique; clients keep it, so it must not change", "full")],
    )
};

/// Groups that stand in the store.
pub static KEPT: Shape = Shape::new(
    "kept resource",
    "a kept resource",
    "Groups of our own, for a vendor that has none",
    &[ABOUT, must("kept", Takes::Flag, "`true`: name and members stand in our store", "true")],
);

/// Groups that are the values of a User's attribute.
pub static VALUES: Shape = Shape::new(
    "resource of values",
    "a resource of values",
    "Groups that are the values of an attribute of the users",
    &[
        ABOUT,
        must(
            "values_of",
            Takes::Of(&VALUES_OF),
            "the attribute; members are those who have the value",
            "{ resource: User, attribute: title }",
        ),
    ],
);

/// Which attribute, and how its values are Groups.
pub static VALUES_OF: Shape = Shape::new(
    "values_of",
    "`values_of`",
    "which attribute, and how its values are Groups",
    &[
        must("resource", Takes::Text, "the resource whose attribute it is", "User"),
        must(
            "attribute",
            ATTRIBUTE_PATH,
            "of one value: who joins leaves the Group he was in, and who leaves gets the rule's \
            `default`, or nothing. A list: who joins has one value more, who leaves one less",
            "roles.^[primary==true].value",
        ),
        may(
            "names",
            Takes::List(&Takes::Text),
            "the only values that are Groups, there without members too; absent: every value \
            that a user has, for which all users are read",
            "[admin, general]",
        ),
        may(
            "empty",
            Takes::Words(&["keep", "reject"]),
            "a new Group without members: held in the store, which also remembers `externalId` \
            and what was deleted; or 400",
            "keep",
        )
        .or("`reject`"),
        may(
            "rename",
            Takes::Words(&["move", "reject"]),
            "a new `displayName`: written to every member, and the id changes with it; or 400",
            "move",
        )
        .or("`reject`"),
    ],
);
