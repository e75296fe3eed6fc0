//! Dialpad's document, in our words: the calls that a gateway needs, of the hundreds that there are.

use super::{
    Named, Operation,
    Type::{self, Any, Email, Flag, Int64, List, Stamp, Text, Words},
    open,
    openapi::Document,
    taken::{Probe, answers_hold, same_routes},
};
use crate::{
    fakes::{dialpad::Dialpad, route::Vendor},
    literal::dialpad::{HEADERS, hold_page},
};

const LICENSE: Type = Words(&[
    "admins",
    "agents",
    "dpde_all",
    "dpde_one",
    "lite_lines",
    "lite_support_agents",
    "magenta_lines",
    "talk",
]);
const STATE: Type = Words(&["active", "cancelled", "deleted", "pending", "suspended"]);
const GROUP_TYPE: Type = Words(&[
    "callcenter",
    "callrouter",
    "channel",
    "coachinggroup",
    "coachingteam",
    "department",
    "office",
    "room",
    "staffgroup",
    "unknown",
    "user",
]);

const MEMBERSHIP: Type = open(&[
    ("group_id", Int64),
    ("group_type", GROUP_TYPE),
    ("role", Words(&["admin", "operator", "supervisor"])),
    ("do_not_disturb", Flag),
]);
const USER: Type = open(&[
    ("id", Int64),
    ("company_id", Int64),
    ("office_id", Int64),
    ("admin_office_ids", List(&Int64)),
    ("emails", List(&Text)),
    ("first_name", Text),
    ("last_name", Text),
    ("display_name", Text),
    ("phone_numbers", List(&Text)),
    ("forwarding_numbers", List(&Text)),
    ("extension", Text),
    ("job_title", Text),
    ("license", LICENSE),
    ("state", STATE),
    ("is_admin", Flag),
    ("is_super_admin", Flag),
    ("is_available", Flag),
    ("is_online", Flag),
    ("is_on_duty", Flag),
    ("do_not_disturb", Flag),
    ("muted", Flag),
    ("country", Text),
    ("language", Text),
    ("timezone", Text),
    ("image_url", Text),
    ("date_added", Stamp),
    ("international_dialing_enabled", Flag),
    ("group_details", List(&MEMBERSHIP)),
]);
/// A member of a coaching team: nearly a user.
const MEMBER: Type = Type::Object(super::Record {
    fields: &[
        ("id", Int64),
        ("role", Words(&["coach", "trainee"])),
        ("company_id", Int64),
        ("office_id", Int64),
        ("emails", List(&Text)),
        ("first_name", Text),
        ("last_name", Text),
        ("license", LICENSE),
        ("state", STATE),
        ("is_admin", Flag),
        ("is_super_admin", Flag),
        ("is_available", Flag),
        ("is_online", Flag),
        ("is_on_duty", Flag),
        ("do_not_disturb", Flag),
        ("muted", Flag),
        ("country", Text),
        ("language", Text),
        ("timezone", Text),
        ("image_url", Text),
        ("date_added", Stamp),
    ],
    required: &["id", "role"],
});
const NUMBER: Type = open(&[
    ("number", Text),
    (
        "status",
        Words(&[
            "available",
            "call_center",
            "call_router",
            "department",
            "dynamic_caller",
            "office",
            "pending",
            "porting",
            "room",
            "user",
        ]),
    ),
    ("target_id", Int64),
    ("target_type", GROUP_TYPE),
    ("office_id", Int64),
    ("type", Words(&["free", "local", "mobile", "softbank", "tollfree"])),
    ("deleted", Flag),
]);
const COMPANY: Type = open(&[
    ("id", Int64),
    ("name", Text),
    ("domain", Text),
    ("country", Text),
    ("account_type", Words(&["enterprise", "free", "pro", "standard"])),
    ("state", STATE),
    ("office_count", Int64),
]);
const OFFICE: Type = open(&[
    ("id", Int64),
    ("office_id", Int64),
    ("name", Text),
    ("country", Text),
    ("state", STATE),
    ("ring_seconds", Int64),
    ("is_primary_office", Flag),
]);
const LICENCES: Type =
    open(&[("talk_lines", Int64), ("sell_lines", Int64), ("contact_center_lines", Int64)]);
const DEPARTMENT: Type = open(&[
    ("id", Int64),
    ("office_id", Int64),
    ("name", Text),
    ("country", Text),
    ("state", STATE),
    ("ring_seconds", Int64),
    ("group_description", Text),
    ("hours_on", Flag),
    ("auto_call_recording", Flag),
]);
/// A call centre or a coaching team.
const GROUP: Type = open(&[
    ("id", Int64),
    ("office_id", Int64),
    ("name", Text),
    ("country", Text),
    ("state", STATE),
    ("ring_seconds", Int64),
]);
const OPERATOR: Type = open(&[
    ("id", Int64),
    ("company_id", Int64),
    ("office_id", Int64),
    ("name", Text),
    ("country", Text),
    ("image_url", Text),
    ("is_on_duty", Flag),
    ("phone_numbers", List(&Text)),
    ("state", STATE),
]);
const OPERATORS: Type = open(&[("users", List(&USER)), ("rooms", List(&open(&[])))]);

const USERS: Type = open(&[("items", List(&USER)), ("cursor", Text)]);
const NUMBERS: Type = open(&[("items", List(&NUMBER)), ("cursor", Text)]);
const OFFICES: Type = open(&[("items", List(&OFFICE)), ("cursor", Text)]);
const DEPARTMENTS: Type = open(&[("items", List(&DEPARTMENT)), ("cursor", Text)]);
const GROUPS: Type = open(&[("items", List(&GROUP)), ("cursor", Text)]);
const MEMBERS: Type = open(&[("items", List(&MEMBER)), ("cursor", Text)]);

const FIND_USERS: &[Named] = &[
    ("cursor", Text),
    ("state", Words(&["active", "all", "cancelled", "deleted", "pending", "suspended"])),
    ("company_admin", Flag),
    ("email", Text),
    ("number", Text),
];
const FIND_GROUPS: &[Named] = &[("cursor", Text), ("office_id", Int64), ("name_search", Text)];
const CREATE: &[Named] = &[
    ("email", Email),
    ("office_id", Int64),
    ("first_name", Text),
    ("last_name", Text),
    ("license", LICENSE),
    ("auto_assign", Flag),
];
const UPDATE: &[Named] = &[
    ("first_name", Text),
    ("last_name", Text),
    ("job_title", Text),
    ("emails", List(&Email)),
    ("phone_numbers", List(&Text)),
    ("forwarding_numbers", List(&Text)),
    ("extension", Text),
    ("license", LICENSE),
    ("office_id", Int64),
    ("admin_office_ids", List(&Int64)),
    ("is_super_admin", Flag),
    ("international_dialing_enabled", Flag),
    ("keep_paid_numbers", Flag),
    ("state", Words(&["active", "suspended"])),
    ("presence_status", Any),
];
const ROOM_OR_USER: Type = Words(&["room", "user"]);
const JOIN: &[Named] = &[
    ("operator_id", Int64),
    ("operator_type", ROOM_OR_USER),
    ("role", Words(&["admin", "operator"])),
];
const LEAVE: &[Named] = &[("operator_id", Int64), ("operator_type", ROOM_OR_USER)];
const WHO: &[&str] = &["operator_id", "operator_type"];
const JOIN_CENTRE: &[Named] = &[
    ("user_id", Int64),
    ("role", Words(&["admin", "operator", "supervisor"])),
    ("license_type", Words(&["agents", "lite_support_agents"])),
    ("skill_level", Int64),
    ("keep_paid_numbers", Flag),
];
const JOIN_TEAM: &[Named] = &[("member_id", Text), ("role", Words(&["coach", "trainee"]))];
const CHANGE_DEPARTMENT: &[Named] = &[
    ("name", Text),
    ("group_description", Text),
    ("hours_on", Flag),
    ("auto_call_recording", Flag),
    ("ring_seconds", Int64),
];
const NEW_DEPARTMENT: &[Named] = &[
    ("name", Text),
    ("office_id", Int64),
    ("group_description", Text),
    ("hours_on", Flag),
    ("auto_call_recording", Flag),
    ("ring_seconds", Int64),
];
/// When it is open and how it rings: no business of a directory's.
const CALLS_OF_A_DEPARTMENT: &[&str] = &[
    "monday_hours",
    "tuesday_hours",
    "wednesday_hours",
    "thursday_hours",
    "friday_hours",
    "saturday_hours",
    "sunday_hours",
    "hold_queue",
    "routing_options",
    "voice_intelligence",
];

const EXTRACT: &[Operation] = &[
    Operation::new("GET", "/api/v2/company", COMPANY),
    Operation {
        // The description speaks of it; the list of parameters no longer does.
        beyond: &["limit"],
        ..Operation::new("GET", "/api/v2/users", USERS).asks(FIND_USERS)
    },
    Operation::new("POST", "/api/v2/users", USER).takes(CREATE, &["email", "office_id"]),
    Operation::new("GET", "/api/v2/users/{id}", USER),
    Operation::new("PATCH", "/api/v2/users/{id}", USER).takes(UPDATE, &[]),
    Operation::new("DELETE", "/api/v2/users/{id}", USER),
    Operation::new("PATCH", "/api/v2/users/{id}/move_office", USER)
        .takes(&[("office_id", Int64)], &[]),
    Operation::new("POST", "/api/v2/users/{id}/assign_number", NUMBER)
        .takes(&[("number", Text), ("area_code", Text), ("primary", Flag)], &[]),
    Operation::new("POST", "/api/v2/users/{id}/unassign_number", NUMBER)
        .takes(&[("number", Text)], &["number"]),
    Operation::new("GET", "/api/v2/numbers", NUMBERS).asks(&[("cursor", Text), ("status", Text)]),
    Operation::new("GET", "/api/v2/offices", OFFICES)
        .asks(&[("cursor", Text), ("active_only", Flag)]),
    Operation::new("GET", "/api/v2/offices/{id}", OFFICE),
    Operation::new("GET", "/api/v2/offices/{office_id}/available_licenses", LICENCES),
    Operation::new("GET", "/api/v2/offices/{id}/operators", OPERATORS),
    Operation::new("POST", "/api/v2/offices/{id}/operators", OPERATOR).takes(JOIN, WHO),
    Operation::new("DELETE", "/api/v2/offices/{id}/operators", OPERATOR).takes(LEAVE, WHO),
    Operation::new("GET", "/api/v2/departments", DEPARTMENTS).asks(FIND_GROUPS),
    Operation {
        omits: CALLS_OF_A_DEPARTMENT,
        ..Operation::new("POST", "/api/v2/departments", DEPARTMENT)
            .takes(NEW_DEPARTMENT, &["name", "office_id"])
    },
    Operation::new("GET", "/api/v2/departments/{id}", DEPARTMENT),
    Operation {
        omits: CALLS_OF_A_DEPARTMENT,
        ..Operation::new("PATCH", "/api/v2/departments/{id}", DEPARTMENT)
            .takes(CHANGE_DEPARTMENT, &[])
    },
    Operation::new("DELETE", "/api/v2/departments/{id}", DEPARTMENT),
    Operation::new("GET", "/api/v2/departments/{id}/operators", OPERATORS),
    Operation::new("POST", "/api/v2/departments/{id}/operators", OPERATOR).takes(JOIN, WHO),
    Operation::new("DELETE", "/api/v2/departments/{id}/operators", OPERATOR).takes(LEAVE, WHO),
    Operation::new("GET", "/api/v2/callcenters", GROUPS).asks(FIND_GROUPS),
    Operation::new("GET", "/api/v2/callcenters/{id}", GROUP),
    Operation::new("GET", "/api/v2/callcenters/{id}/operators", OPERATORS),
    Operation::new("POST", "/api/v2/callcenters/{id}/operators", OPERATOR)
        .takes(JOIN_CENTRE, &["user_id"]),
    Operation::new("DELETE", "/api/v2/callcenters/{id}/operators", OPERATOR)
        .takes(&[("user_id", Int64)], &["user_id"]),
    Operation::new("GET", "/api/v2/coachingteams", GROUPS).asks(&[("cursor", Text)]),
    Operation::new("GET", "/api/v2/coachingteams/{id}/members", MEMBERS),
    Operation::new("POST", "/api/v2/coachingteams/{id}/members", MEMBER)
        .takes(JOIN_TEAM, &["member_id", "role"]),
];

#[tokio::test]
async fn dialpad_takes_and_answers_what_its_document_says() {
    same_routes::<Dialpad>(EXTRACT);
    let vendor = Dialpad::start().await;
    let probe = Probe { vendor, headers: &HEADERS, message: "/error/message" };
    let cases = probe.takes(EXTRACT).await;
    println!("dialpad: {cases} values of {} operations", EXTRACT.len());
    assert!(cases > 300, "{cases}");
    answers_hold(EXTRACT, &hold_page().await);
}

#[test]
#[ignore = "wants the vendors' documents"]
fn dialpad_says_so_itself() {
    let document = Document::read("dialpad_openapi.json");
    EXTRACT.iter().for_each(|operation| document.says(operation));
    assert_eq!(Dialpad::ROUTES.len(), EXTRACT.len());
}
