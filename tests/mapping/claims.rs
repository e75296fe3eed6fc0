//! Which updates a change becomes: the fewest that cover it, the earliest in the file among equals,
//! in file order.

use scimshim::{
    mapping::{
        self,
        plan::{Direction, Plan, ResourcePlan, RuleKind},
        translate::{names::Names, units, write::Writer},
    },
    scim::resource::Resource,
};
use serde_json::{Value, json};
use std::convert::Infallible;

/// A mapping with these updates.
fn plan(updates: &str) -> Plan {
    let text = format!(
        r#"
mapping: 1
name: t
evidence: assumed
tenant: {{ token: {{ type: text, secret: true }} }}
upstream: {{ base_url: https://v.example, auth: {{ bearer: {{ token: "{{tenant.token}}" }} }} }}
resources:
  User:
    key: id
    attributes:
      userName: {{ field: login, required: true }}
      title: {{ field: job }}
      displayName: {{ field: shown }}
      nickName: {{ field: nick, only: create, if_changed: reject, convert: [lower] }}
      active: {{ field: state, values: {{ true: A, false: [S, "*"] }} }}
      roles: {{ field: roles, unordered: true, element: {{ value: {{ field: . }} }} }}
    operations:
      get: {{ call: "GET /u/{{key}}", record: . }}
      update:
{updates}"#
    );
    let loaded = mapping::load("t.yaml", &text);
    loaded.plan.unwrap_or_else(|| unsound(&loaded.findings))
}

fn unsound(findings: &[scimshim::diagnostic::Diagnostic]) -> Plan {
    assert_eq!(findings, [], "the mapping is sound");
    unreachable!()
}

/// The names of the updates that run, each with the fields that it sends.
fn chosen(plan: &ResourcePlan, before: &Value, after: &Value) -> Vec<String> {
    let resource = |value: &Value| {
        Resource::canonical(value.clone(), &plan.kind, &mut Default::default()).unwrap()
    };
    let (tenant, now) = (json!({}), Value::Null);
    let writer = Writer { plan, tenant: &tenant, now: &now, names: &Names::default() };
    let (before, after) = (resource(before), resource(after));
    let changes = units::between(plan, &writer, &before, &after).unwrap();
    let (chosen, uncovered) = units::choose(plan, &changes, |_| Ok::<_, Infallible>(true)).unwrap();
    assert_eq!(uncovered, []);
    chosen
        .iter()
        .map(|one| {
            let changed = writer.changed(&one.units, &after, &json!({})).unwrap();
            let fields: Vec<&String> = changed.as_object().unwrap().keys().collect();
            format!("{} {fields:?}", one.update.name)
        })
        .collect()
}

#[test]
fn the_fewest_updates_in_file_order() {
    let suspend_by_field = "        - { name: change, call: \"PATCH /u/{key}\" }\n";
    let switches = "        - { name: on, claims: [active becomes true], call: \"POST /u/{key}/on\" }\n        - { name: change, call: \"PATCH /u/{key}\" }\n        - { name: off, claims: [active becomes false], call: \"POST /u/{key}/off\" }\n";
    let greedy = "        - { name: activate, claims: [active becomes true, displayName], call: \"PUT /u/{key}\", body: \"{changed}\" }\n        - { name: change, call: \"PATCH /u/{key}\" }\n        - { name: off, claims: [active becomes false], call: \"POST /u/{key}/off\" }\n";
    let roles = "        - { name: change, call: \"PATCH /u/{key}\" }\n        - { name: take, claims: [roles removes], call: \"DELETE /u/{key}/r/{item.value}\", for_each: changes.roles.removed }\n        - { name: give, claims: [roles adds], call: \"POST /u/{key}/r/{item.value}\", for_each: changes.roles.added }\n";
    let user = |active: bool, title: &str, shown: &str, roles: Value| json!({ "schemas": ["x"], "userName": "m", "active": active, "title": title, "displayName": shown, "roles": roles });
    let plain = |active, title| user(active, title, "d", json!([]));
    let table = [
        (
            "one PATCH covers both",
            suspend_by_field,
            plain(true, "a"),
            plain(false, "b"),
            vec![r#"change ["job", "state"]"#],
        ),
        (
            "nothing changed, nothing runs",
            suspend_by_field,
            plain(true, "a"),
            plain(true, "a"),
            vec![],
        ),
        (
            "on stands before the profile",
            switches,
            plain(false, "a"),
            plain(true, "b"),
            vec![r#"on ["state"]"#, r#"change ["job"]"#],
        ),
        (
            "off stands behind it",
            switches,
            plain(true, "a"),
            plain(false, "b"),
            vec![r#"change ["job"]"#, r#"off ["state"]"#],
        ),
        (
            "a transition alone",
            switches,
            plain(true, "a"),
            plain(false, "a"),
            vec![r#"off ["state"]"#],
        ),
        (
            "one that claims both beats two",
            greedy,
            user(false, "a", "d", json!([])),
            user(true, "a", "e", json!([])),
            vec![r#"activate ["shown", "state"]"#],
        ),
        (
            "without its transition it is no candidate",
            greedy,
            user(true, "a", "d", json!([])),
            user(true, "a", "e", json!([])),
            vec![r#"change ["shown"]"#],
        ),
        (
            "a list's parts go their own ways",
            roles,
            user(true, "a", "d", json!([{ "value": "viewer" }])),
            user(true, "b", "d", json!([{ "value": "editor" }])),
            vec![r#"change ["job"]"#, r#"take ["roles"]"#, r#"give ["roles"]"#],
        ),
        (
            "the same list in another order is no change",
            roles,
            user(true, "a", "d", json!([{ "value": "x" }, { "value": "y" }])),
            user(true, "a", "d", json!([{ "value": "y" }, { "value": "x" }])),
            vec![],
        ),
    ];
    for (name, updates, before, after, expected) in table {
        let plan = plan(updates);
        assert_eq!(chosen(&plan.resources[0], &before, &after), expected, "{name}");
    }
}

/// Whose `value` no field writes: who joins and who leaves is told by the operations that claim it.
#[test]
fn a_list_that_is_only_read_is_changed_by_those_who_claim_it() {
    let updates = "        - { name: take, claims: [roles removes], call: \"DELETE /u/{key}/r/{item.value}\", for_each: changes.roles.removed }\n        - { name: give, claims: [roles adds], call: \"POST /u/{key}/r/{item.value}\", for_each: changes.roles.added }\n        - { name: change, call: \"PATCH /u/{key}\" }\n";
    let mut plan = plan(updates);
    for rule in &mut plan.resources[0].rules {
        if let RuleKind::List { elements, .. } = &mut rule.kind {
            elements.subs[0].direction = Direction::Read;
        }
    }
    let user = |roles: Value| json!({ "schemas": ["x"], "userName": "m", "roles": roles });
    let of = |values: &[&str]| {
        user(values.iter().map(|value| json!({ "value": value })).collect::<Value>())
    };
    let table = [
        (of(&[]), of(&["x"]), vec!["give"]),
        (of(&["x"]), of(&["y"]), vec!["take", "give"]),
        (of(&["x"]), of(&[]), vec!["take"]),
        (of(&["x", "y"]), of(&["y", "x"]), vec![]),
    ];
    for (before, after, expected) in table {
        let chosen = chosen(&plan.resources[0], &before, &after);
        let names: Vec<&str> = chosen.iter().filter_map(|one| one.split(' ').next()).collect();
        assert_eq!(names, expected, "{before} -> {after}");
    }
}

/// What is written as it is there is no change that could be refused.
#[test]
fn another_spelling_of_what_cannot_change_is_none() {
    let plan = plan("        - { name: change, call: \"PATCH /u/{key}\" }\n");
    let resource = |nick: &str| {
        let user = json!({ "schemas": ["x"], "userName": "m", "nickName": nick });
        Resource::canonical(user, &plan.resources[0].kind, &mut Default::default()).unwrap()
    };
    let (tenant, now) = (json!({}), Value::Null);
    let names = Names::default();
    let writer = Writer { plan: &plan.resources[0], tenant: &tenant, now: &now, names: &names };
    let between = |before: &str, after: &str| {
        units::between(&plan.resources[0], &writer, &resource(before), &resource(after))
    };
    assert_eq!(between("mia", "Mia").unwrap(), []);
    assert!(between("mia", "kai").is_err());
}
