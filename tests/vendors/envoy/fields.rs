//! What Envoy's calls take.

use super::super::field::{Body, Field, Kind};

const ATTRIBUTES: Body = Body {
    fields: &[
        Field::new("name", Kind::Text),
        Field::new("email", Kind::Email),
        Field::or_null("phone-number", Kind::Text),
        Field::or_null("title", Kind::Text),
        Field::or_null("department", Kind::Text),
        Field::new("deleted", Kind::Flag),
    ],
    required: &[],
};
const NEW_ATTRIBUTES: Body = Body { required: &["name", "email"], ..ATTRIBUTES };
const IDENTIFIER: Body = Body {
    fields: &[Field::new("type", Kind::Text), Field::new("id", Kind::Text)],
    required: &["type", "id"],
};
const MANY: Body = Body {
    fields: &[Field::new("data", Kind::List(&Kind::Object(&IDENTIFIER)))],
    required: &["data"],
};
const RELATIONSHIPS: Body = Body {
    fields: &[
        Field::new("locations", Kind::Object(&MANY)),
        Field::new("assistants", Kind::Object(&MANY)),
    ],
    required: &[],
};
const NEW_EMPLOYEE: Body = Body {
    fields: &[
        Field::new("type", Kind::Text),
        Field::new("attributes", Kind::Object(&NEW_ATTRIBUTES)),
        Field::new("relationships", Kind::Object(&RELATIONSHIPS)),
    ],
    required: &["type", "attributes"],
};
const CHANGED_EMPLOYEE: Body = Body {
    fields: &[
        Field::new("type", Kind::Text),
        Field::new("id", Kind::Text),
        Field::new("attributes", Kind::Object(&ATTRIBUTES)),
        Field::new("relationships", Kind::Object(&RELATIONSHIPS)),
    ],
    required: &["type", "id"],
};
pub const NEW: Body =
    Body { fields: &[Field::new("data", Kind::Object(&NEW_EMPLOYEE))], required: &["data"] };
pub const CHANGE: Body =
    Body { fields: &[Field::new("data", Kind::Object(&CHANGED_EMPLOYEE))], required: &["data"] };
pub const TOKEN_BODY: Body = Body {
    fields: &[
        Field::new("grant_type", Kind::OneOf(&["client_credentials", "password", "refresh_token"])),
        Field::new("username", Kind::Text),
        Field::new("password", Kind::Text),
        Field::new("refresh_token", Kind::Text),
        Field::new("scope", Kind::Text),
    ],
    required: &["grant_type"],
};
pub const PAGE: [Field; 2] =
    [Field::new("page[limit]", Kind::Count), Field::new("page[offset]", Kind::Count)];
pub const EMPLOYEES: &[Field] = &[
    PAGE[0],
    PAGE[1],
    Field::new("filter[deleted]", Kind::Flag),
    Field::new("filter[locations]", Kind::Key),
    Field::new("filter[email]", Kind::Text),
    Field::new("filter[manually-added]", Kind::Flag),
    Field::new("filter[name]", Kind::Text),
    Field::new("filter[query]", Kind::Text),
    Field::new("include", Kind::Text),
    Field::new("sort", Kind::OneOf(&["name", "-name", "created_at", "-created_at"])),
];
