//! The file as a whole, and what a tenant supplies.

use super::{
    ABOUT, EVIDENCE, lookup::LOOKUP, resource::RESOURCE_FORMS, schemas::SCHEMA, upstream::UPSTREAM,
};
use crate::yaml::shape::{Shape, Takes, may, must};

/// The file.
pub static MAPPING: Shape = Shape::new(
    "mapping",
    "a mapping",
    "how one vendor's REST API is a SCIM service",
    &[
        must("mapping", Takes::Whole(1), "version of the language; this build reads 1", "1"),
        must(
            "name",
            Takes::Like("lower case letters, digits and `-`", "^[a-z0-9-]+$"),
            "label in metrics and part of the store's keys: never change it",
            "acme",
        ),
        may("title", Takes::Text, "for people, in explanations and errors", "Acme Inc")
            .or("the `name`"),
        ABOUT,
        must(
            "evidence",
            Takes::Words(&EVIDENCE),
            "how sure you are that the vendor's API is so; may stand again on an operation, and \
            holds from there down",
            "documented",
        ),
        may(
            "tenant",
            Takes::Map("variable", &Takes::Of(&VARIABLE)),
            "what each tenant's configuration supplies; `tenant.NAME` in expressions",
            "{ token: { type: text, secret: true }, site: { type: text } }",
        ),
        must(
            "upstream",
            Takes::Of(&UPSTREAM),
            "how the vendor is reached, and what its failures mean",
            "{ base_url: https://api.acme.example/v1, auth: { bearer: { token: \"{tenant.token}\" } } }",
        ),
        may(
            "lookups",
            Takes::Map("name", &Takes::Of(&LOOKUP)),
            "names that clients say for keys that the vendor wants; a rule's `lookup` names one",
            "{ office: { call: GET /offices, items: offices, paging: none, name: title, key: id } }",
        ),
        may(
            "schemas",
            Takes::Map("URN", &Takes::Of(&SCHEMA)),
            "attributes that RFC 7643 does not define, or more about those it does",
            "{ \"urn:acme:scim:schemas:extension:1.0:User\": { attributes: { floor: { type: string } } } }",
        ),
        must(
            "resources",
            Takes::Map("name", &Takes::Forms(&RESOURCE_FORMS)),
            "`User`, `Group` and others, by name",
            "{ User: { key: id, attributes: { userName: { field: email, direction: read } }, \
            operations: { get: { call: \"GET /users/{key}\", record: . }, list: { call: GET \
            /users, items: users, paging: none } } } }",
        ),
    ],
);

/// One entry of `tenant`.
pub static VARIABLE: Shape = Shape::new(
    "variable",
    "a tenant variable",
    "what each tenant's configuration must supply",
    &[
        must(
            "type",
            Takes::Words(&["text", "number", "boolean", "list"]),
            "what it is in expressions",
            "text",
        ),
        may(
            "secret",
            Takes::Flag,
            "it comes from the environment or a file, and is shown nowhere",
            "true",
        )
        .or("`false`"),
        may(
            "default",
            Takes::Anything,
            "what it is when a tenant does not say; not for a secret",
            "acme.com",
        )
        .or("must be supplied"),
        may(
            "one_of",
            Takes::List(&Takes::Anything),
            "the values that it may have",
            "[acme.com, acme.eu]",
        ),
        may("example", Takes::Text, "for who writes the configuration", "acme.com"),
        ABOUT,
    ],
);
