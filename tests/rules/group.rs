//! Groups: R83 to R88.

use crate::{
    exchange::{Exchange, GROUP, get, group, named_user, patch, post, user},
    predicate::Predicate::*,
    row::{Row, row},
};
use serde_json::{Value, json};

/// Two people, and a group with these members.
fn team(members: Value) -> [Exchange; 3] {
    [
        user(json!({ "displayName": "A" })),
        named_user("{me}-2@acme.example", "other", json!({})),
        group(json!({ "members": members })),
    ]
}

fn both() -> Value {
    json!([{ "value": "{user}" }, { "value": "{other}" }])
}

fn change(operations: Value) -> Exchange {
    patch("/Groups/{group}", operations)
}

fn over<const N: usize>(
    rule: &'static str,
    about: &'static str,
    members: Value,
    exchanges: [Exchange; N],
) -> Row {
    row(rule, about, team(members).into_iter().chain(exchanges))
}

pub fn rows() -> Vec<Row> {
    let member = |name: &str| json!({ "value": format!("{{{name}}}") });
    let add =
        || change(json!([{ "op": "add", "path": "members", "value": [{ "value": "{user}" }] }]));
    let read = || get("/Groups/{group}");
    vec![
        row("R83", "a group has a displayName", [post("/Groups", json!({ "schemas": [GROUP] }))
            .status(400)
            .scim_type(["invalidValue"])]),
        over("R84", "who is in is not added twice", json!([]), [
            add(),
            add(),
            read().shows(Length("/members", 1)).shows(Has("/members", member("user"))),
        ]),
        over("R85", "one goes, the other stays", both(), [
            change(json!([{ "op": "remove", "path": "members[value eq \"{user}\"]" }])),
            read().shows(Length("/members", 1)).shows(Has("/members", member("other"))),
        ]),
        over("R86", "another list, then none", json!([{ "value": "{user}" }]), [
            change(json!([{ "op": "replace", "path": "members", "value": [{ "value": "{other}" }] }])),
            read().shows(Length("/members", 1)).shows(Has("/members", member("other"))),
            change(json!([{ "op": "remove", "path": "members" }])),
            read().shows(Absent("/members")),
        ]),
        over("R87", "a user shows its groups", both(), [get("/Users/{user}")
            .shows(Length("/groups", 1))
            .shows(Has("/groups", json!({ "value": "{group}", "display": "group of {me}" })))
            .shows(Present("/groups/0/$ref"))]),
        over("R88", "a member does not become another", json!([{ "value": "{user}" }]), [
            change(json!([{
                "op": "replace", "path": "members[value eq \"{user}\"].value", "value": "{other}",
            }]))
            .status(400)
            .scim_type(["mutability"]),
            read().shows(Length("/members", 1)).shows(Has("/members", member("user"))),
        ]),
    ]
}
