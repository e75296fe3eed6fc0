//! What rules and sections come to in the Plan, where the keys are far from where they matter.

use super::checks::sound;
use scimshim::{
    mapping::{
        self,
        plan::{Clear, Encoding, IfChanged, Plan},
    },
    scim::attribute::AttributePath,
};

fn plan(changes: &[(&str, &str)]) -> Plan {
    let mut text = sound().to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old} is in the mapping");
        text = text.replace(old, new);
    }
    let loaded = mapping::load("m.yaml", &text);
    assert_eq!(loaded.findings, []);
    loaded.plan.unwrap()
}

#[test]
fn a_form_of_the_upstream_holds_for_every_step_but_those_that_say_otherwise() {
    let update = "call: \"PATCH /users/{key}\"";
    let plan = plan(&[
        ("  auth:", "  encoding: form\n  auth:"),
        (update, "encoding: json, call: \"PATCH /users/{key}\""),
    ]);
    let user = plan.resource("User").unwrap();
    let create = user.operations.create.as_ref().unwrap();
    assert_eq!(create.steps[0].encoding, Encoding::Form);
    assert_eq!(user.operations.update[0].operation.steps[0].encoding, Encoding::Json);
    // A form has no null to clear with.
    assert!(user.rules.iter().all(|rule| rule.clear == Clear::Empty));
}

#[test]
fn a_refused_attribute_refuses_and_a_default_makes_it_optional() {
    let plan = plan(&[
        ("name.givenName:  { field: first_name }", "name.givenName: { reject: true }"),
        (
            "name.familyName: { field: last_name }",
            "name.familyName: { field: last_name, required: true, default: none }",
        ),
    ]);
    let user = plan.resource("User").unwrap();
    let rule = |name: &str| {
        user.rules.iter().find(|rule| rule.target.to_string() == name).unwrap().if_changed
    };
    assert_eq!(rule("name.givenName"), IfChanged::Reject);
    let required = |name: &str, sub: Option<&str>| {
        let path = AttributePath { urn: None, name: name.into(), sub: sub.map(str::to_owned) };
        user.kind.resolve(&path).unwrap().leaf().unwrap().required
    };
    assert!(required("userName", None) && !required("name", Some("familyName")));
}
