//! What Dialpad's calls take.

use super::super::field::{Body, Field, Kind};

const LICENSE: Kind = Kind::OneOf(&[
    "admins",
    "agents",
    "dpde_all",
    "dpde_one",
    "lite_lines",
    "lite_support_agents",
    "magenta_lines",
    "talk",
]);
const TEXTS: Kind = Kind::List(&Kind::Text);
const OPERATOR: Kind = Kind::OneOf(&["room", "user"]);

/// The key may stand in the URL of every call.
pub const ANYWHERE: &[Field] = &[Field::new("apikey", Kind::Text)];
pub const LIST_USERS: &[Field] = &[
    Field::new("cursor", Kind::Text),
    Field::new(
        "state",
        Kind::OneOf(&["active", "all", "cancelled", "deleted", "pending", "suspended"]),
    ),
    Field::new("company_admin", Kind::Flag),
    Field::new("email", Kind::Text),
    Field::new("number", Kind::Text),
    // Soft-deprecated, and no longer in the document.
    Field::new("limit", Kind::Count),
];
pub const LIST_OFFICES: &[Field] =
    &[Field::new("cursor", Kind::Text), Field::new("active_only", Kind::Flag)];
pub const LIST_GROUPS: &[Field] = &[
    Field::new("cursor", Kind::Text),
    Field::new("office_id", Kind::Key),
    Field::new("name_search", Kind::Text),
];
pub const LIST_TEAMS: &[Field] = &[Field::new("cursor", Kind::Text)];
pub const LIST_NUMBERS: &[Field] =
    &[Field::new("cursor", Kind::Text), Field::new("status", Kind::Text)];

pub const CREATE_USER: Body = Body {
    fields: &[
        Field::or_null("auto_assign", Kind::Flag),
        Field::new("email", Kind::Email),
        Field::or_null("first_name", Kind::Line),
        Field::or_null("last_name", Kind::Line),
        Field::or_null("license", LICENSE),
        Field::new("office_id", Kind::Key),
    ],
    required: &["email", "office_id"],
};
pub const UPDATE_USER: Body = Body {
    fields: &[
        Field::or_null("admin_office_ids", Kind::List(&Kind::Key)),
        Field::new("emails", Kind::List(&Kind::Email)),
        Field::or_null("extension", Kind::Text),
        Field::or_null("first_name", Kind::Line),
        Field::or_null("forwarding_numbers", TEXTS),
        Field::or_null("international_dialing_enabled", Kind::Flag),
        Field::or_null("is_super_admin", Kind::Flag),
        Field::or_null("job_title", Kind::Line),
        Field::or_null("keep_paid_numbers", Kind::Flag),
        Field::or_null("last_name", Kind::Line),
        Field::new("license", LICENSE),
        Field::new("office_id", Kind::Key),
        Field::or_null("phone_numbers", TEXTS),
        Field::or_null("presence_status", Kind::Map),
        Field::new("state", Kind::OneOf(&["active", "suspended"])),
    ],
    required: &[],
};
pub const MOVE_OFFICE: Body = Body { fields: &[Field::new("office_id", Kind::Key)], required: &[] };
pub const ASSIGN_NUMBER: Body = Body {
    fields: &[
        Field::or_null("area_code", Kind::Text),
        Field::or_null("number", Kind::Text),
        Field::or_null("primary", Kind::Flag),
    ],
    required: &[],
};
pub const UNASSIGN_NUMBER: Body =
    Body { fields: &[Field::new("number", Kind::Text)], required: &["number"] };
pub const ADD_OPERATOR: Body = Body {
    fields: &[
        Field::new("operator_id", Kind::Key),
        Field::new("operator_type", OPERATOR),
        Field::or_null("role", Kind::OneOf(&["admin", "operator"])),
    ],
    required: &["operator_id", "operator_type"],
};
pub const REMOVE_OPERATOR: Body = Body {
    fields: &[Field::new("operator_id", Kind::Key), Field::new("operator_type", OPERATOR)],
    required: &["operator_id", "operator_type"],
};
pub const ADD_AGENT: Body = Body {
    fields: &[
        Field::or_null("keep_paid_numbers", Kind::Flag),
        Field::or_null("license_type", Kind::OneOf(&["agents", "lite_support_agents"])),
        Field::or_null("role", Kind::OneOf(&["admin", "operator", "supervisor"])),
        Field::or_null("skill_level", Kind::Key),
        Field::new("user_id", Kind::Key),
    ],
    required: &["user_id"],
};
pub const REMOVE_AGENT: Body =
    Body { fields: &[Field::new("user_id", Kind::Key)], required: &["user_id"] };
pub const ADD_TRAINEE: Body = Body {
    fields: &[
        Field::new("member_id", Kind::Text),
        Field::new("role", Kind::OneOf(&["coach", "trainee"])),
    ],
    required: &["member_id", "role"],
};
pub const CREATE_DEPARTMENT: Body = Body {
    fields: &[
        Field::new("name", Kind::LineOf(100)),
        Field::new("office_id", Kind::Key),
        Field::or_null("auto_call_recording", Kind::Flag),
        Field::or_null("group_description", Kind::LineOf(256)),
        Field::or_null("hours_on", Kind::Flag),
        Field::or_null("ring_seconds", Kind::Key),
    ],
    required: &["name", "office_id"],
};
pub const UPDATE_DEPARTMENT: Body = Body {
    fields: &[
        Field::new("name", Kind::LineOf(100)),
        Field::or_null("auto_call_recording", Kind::Flag),
        Field::or_null("group_description", Kind::LineOf(256)),
        Field::or_null("hours_on", Kind::Flag),
        Field::or_null("ring_seconds", Kind::Key),
    ],
    required: &[],
};
