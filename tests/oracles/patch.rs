//! PATCHes, as scim-patch applies them.

use crate::{
    USER,
    fixture::{BADGE, ENTERPRISE},
    rules::{Rule, compare},
};
use proptest::{prelude::*, sample::select};
use scimshim::scim::{
    canonical::is_primary,
    changes::equal,
    compare::elements,
    patch::{apply::apply, request},
    profile::Profile,
    reading::Reading,
    resource::Resource,
};
use serde_json::{Map, Value, json};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// One operation, or as many as it takes to say the same.
#[derive(Debug, Clone, PartialEq)]
struct Case {
    before: Value,
    operations: Vec<Value>,
}

const RULES: [Rule<Case>; 8] = [
    Rule {
        name: "names",
        reason: "RFC 7643 §2.1: names are without case; the oracle adds another member",
        mend: |case| with_operations(case, |_, operation| vec![spelled(operation)]),
    },
    Rule {
        name: "whole",
        reason: "RFC 7644 §3.5.2.3: of a complex attribute the sub-attributes that are not given stay, and the \
                 URN of a schema is one name; without a path the oracle puts the object in place of the other, and \
                 splits the URN",
        mend: |case| with_operations(case, apart),
    },
    Rule {
        name: "same value",
        reason: "RFC 7644 §3.5.2.1: what is there already is not added again; the oracle adds an element that says \
                 more of the same `value`",
        mend: |case| with_operations(case, brought_up_to_date),
    },
    Rule {
        name: "made by an add",
        reason: "RFC 7644 §3.5.2.1: an add to what does not exist makes it; to the oracle a filter without a match \
                 is an error or nothing, unless it is one comparison and a sub-attribute stands behind it",
        mend: |case| with_operations(case, made),
    },
    Rule {
        name: "gone already",
        reason: "RFC 7644 §3.5.2.2: a filter that selects nothing removes nothing; to the oracle it is an error",
        mend: |case| with_operations(case, gone),
    },
    Rule {
        name: "whole element",
        reason: "RFC 7644 §3.5.2.3: a replace replaces the elements that a filter selects; the oracle adds to them",
        mend: |case| with_operations(case, nothing_else),
    },
    Rule {
        name: "case",
        reason: "RFC 7643 §2.2: `type` and the address are not caseExact; the oracle has no schema",
        mend: |case| {
            with_operations(case, |_, operation| {
                let mut operation = operation.clone();
                if let Some(path) = operation["path"].as_str().filter(|path| path.contains('[')) {
                    operation["path"] = json!(path.replace("WORK", "work").replace("A@X", "a@x"));
                }
                vec![operation]
            })
        },
    },
    Rule {
        name: "one primary",
        reason: "RFC 7644 §3.5.2, RFC 7643 §2.4: setting `primary` takes it from the others, and it is true of one at most; \
                 to the oracle it is a word like another",
        mend: |case| with_operations(case, primary_taken),
    },
];

#[test]
#[ignore = "wants Node and SCIMSHIM_ORACLES"]
fn patches_are_applied_as_scim_patch_does() {
    compare(5_000, case(), &RULES, |node, case, mended| {
        let ours = patched(case);
        let mut resource = mended.before.clone();
        resource["schemas"] = json!([CORE]);
        let question =
            json!({ "of": "patch", "operations": mended.operations, "resource": resource });
        let answer = match mended.operations.is_empty() {
            true => json!({ "resource": resource }),
            false => node.ask(&question),
        };
        Ok(match (ours, answer.get("resource")) {
            (Ok(ours), Some(theirs)) => is_same(&ours, theirs),
            (Err(_), None) => true,
            _ => false,
        })
    });
}

fn patched(case: &Case) -> Result<Resource, scimshim::scim::error::Error> {
    let mut reading = Reading::new(Profile::Strict);
    let body = Map::from_iter([("Operations".to_owned(), json!(case.operations))]);
    let operations = request::read(body, &mut reading)?;
    let before = Resource::from_map(case.before.as_object().unwrap().clone());
    apply(&operations, &before, &USER, &mut reading).map(|applied| applied.resource)
}

/// What the oracle leaves empty is unassigned (RFC 7643 §2.5); an absent `primary` is false, and lists have no order
/// (§2.4).
fn is_same(ours: &Resource, theirs: &Value) -> bool {
    let kind = &*USER;
    let read = Resource::canonical(theirs.clone(), kind, &mut Reading::new(Profile::Strict));
    let Ok(theirs) = read else { return false };
    let extensions = kind.extensions.iter().map(|extension| Some(&extension.schema));
    std::iter::once(None).chain(extensions).all(|schema| {
        let attributes: Vec<_> = match schema {
            Some(schema) => schema.attributes.iter().collect(),
            None => kind.core_attributes().collect(),
        };
        attributes.into_iter().all(|attribute| {
            let of = |resource: &Resource| resource.attribute(schema, &attribute.name).cloned();
            let (ours, theirs) = (of(ours), of(&theirs));
            let length =
                |value: &Option<Value>| value.as_ref().map_or(0, |value| elements(value).len());
            equal(ours.as_ref(), theirs.as_ref(), attribute) && length(&ours) == length(&theirs)
        })
    })
}

// The questions.

fn text() -> BoxedStrategy<Value> {
    select(vec!["a", "b", "é", "a \"b\" \\ c"]).prop_map(Value::from).boxed()
}

fn address() -> BoxedStrategy<Value> {
    select(vec!["a@x", "b@x.example", "c@x"]).prop_map(Value::from).boxed()
}

fn kind() -> BoxedStrategy<Value> {
    select(vec!["work", "home"]).prop_map(Value::from).boxed()
}

/// Some of the members.
fn some(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let members: Vec<_> = members
        .into_iter()
        .map(|(name, value)| {
            proptest::option::of(value).prop_map(move |value| Some((name.to_owned(), value?)))
        })
        .collect();
    members.prop_map(|members| Value::Object(members.into_iter().flatten().collect())).boxed()
}

fn email() -> BoxedStrategy<Value> {
    let primary = Just(json!(true)).boxed();
    let parts =
        vec![("value", address()), ("type", kind()), ("display", text()), ("primary", primary)];
    some(parts).prop_filter("nothing is another question", |email| *email != json!({})).boxed()
}

/// No two of one `value`, no two primary.
fn emails() -> BoxedStrategy<Value> {
    let distinct = |mut emails: Vec<Value>| {
        emails.retain(|email| email.get("value").is_some());
        emails.sort_by_key(|email| email["value"].to_string());
        emails.dedup_by_key(|email| email["value"].clone());
        for email in emails.iter_mut().skip(1) {
            email.as_object_mut().unwrap().remove("primary");
        }
        Value::from(emails)
    };
    proptest::collection::vec(email(), 0..4).prop_map(distinct).boxed()
}

fn before() -> impl Strategy<Value = Value> {
    let names = vec![("givenName", text()), ("familyName", text())];
    let tags = proptest::collection::btree_set(select(vec!["a", "b", "c"]), 0..3);
    let members = some(vec![
        ("title", text()),
        ("active", any::<bool>().prop_map(Value::from).boxed()),
        ("name", some(names)),
        ("emails", emails()),
        (ENTERPRISE, some(vec![("department", text())])),
        (BADGE, some(vec![("tags", tags.prop_map(|tags| json!(tags)).boxed())])),
    ]);
    members.prop_map(|mut user| {
        user["userName"] = json!("mia");
        let read = Resource::canonical(user, &USER, &mut Reading::new(Profile::Strict));
        read.unwrap().as_value().clone()
    })
}

fn case() -> impl Strategy<Value = Case> {
    (before(), operation())
        .prop_map(|(before, operation)| Case { before, operations: vec![operation] })
}

fn operation() -> impl Strategy<Value = Value> {
    let at = |path: String, values: BoxedStrategy<Value>| {
        (select(vec!["add", "replace", "remove"]), values)
            .prop_map(move |(op, value)| match op {
                "remove" => json!({ "op": op, "path": path }),
                op => json!({ "op": op, "path": path, "value": value }),
            })
            .boxed()
    };
    let truth = || any::<bool>().prop_map(Value::from).boxed();
    let name = || some(vec![("givenName", text()), ("familyName", text())]);
    let tags = || proptest::collection::vec(text(), 1..3).prop_map(Value::from).boxed();
    let part = || select(vec!["emails", "EMAILS"]);
    let filter = select(vec![
        "type eq \"work\"",
        "type eq \"WORK\"",
        "value eq \"a@x\"",
        "value eq \"A@X\"",
        "type eq \"home\" and value eq \"b@x.example\"",
        "type pr",
        "not (type eq \"work\")",
        "primary eq true",
    ]);
    let whole = (
        select(vec!["add", "replace"]),
        some(vec![
            ("title", text()),
            ("name", name()),
            ("emails", emails()),
            (ENTERPRISE, some(vec![("department", text())])),
        ]),
    )
        .prop_map(|(op, value)| json!({ "op": op, "value": value }));
    let one_element = |one: (&'static str, &'static str, Value)| {
        let (list, filter, mut operation) = one;
        let end = operation["path"].as_str().unwrap().strip_prefix("emails").unwrap().to_owned();
        operation["path"] = json!(format!("{list}[{filter}]{end}"));
        operation
    };
    let of_element = prop_oneof![
        at("emails".to_owned(), email()),
        at("emails.value".to_owned(), address()),
        at("emails.display".to_owned(), text()),
        at("emails.type".to_owned(), kind()),
        at("emails.primary".to_owned(), truth()),
    ];
    prop_oneof![
        1 => at("title".to_owned(), text()),
        1 => at("TITLE".to_owned(), text()),
        1 => at(format!("{CORE}:title"), text()),
        1 => at("active".to_owned(), truth()),
        1 => at(format!("{ENTERPRISE}:department"), text()),
        1 => at("name".to_owned(), name()),
        2 => at("name.givenName".to_owned(), text()),
        2 => at("emails".to_owned(), emails()),
        2 => at("emails.type".to_owned(), kind()),
        1 => at("emails.display".to_owned(), text()),
        2 => at(format!("{BADGE}:tags"), tags()),
        3 => whole,
        8 => (part(), filter, of_element).prop_map(one_element),
    ]
}

// How they are put so that the oracle understands them.

fn with_operations(case: &Case, change: impl Fn(&Value, &Value) -> Vec<Value>) -> Case {
    let operations = case.operations.iter().flat_map(|operation| change(&case.before, operation));
    Case { operations: operations.collect(), before: case.before.clone() }
}

fn is(operation: &Value, op: &str) -> bool {
    operation["op"] == op
}

fn spelled(operation: &Value) -> Value {
    let mut operation = operation.clone();
    if let Some(path) = operation["path"].as_str() {
        operation["path"] = json!(path.replace("EMAILS", "emails").replace("TITLE", "title"));
    }
    operation
}

fn apart(_: &Value, operation: &Value) -> Vec<Value> {
    if operation.get("path").is_some() {
        return vec![operation.clone()];
    }
    let at = |path: String, value: &Value| json!({ "op": operation["op"], "path": path, "value": value });
    let members = operation["value"].as_object().unwrap();
    let each = members.iter().flat_map(|(name, value)| match name.contains(':') {
        true => value
            .as_object()
            .unwrap()
            .iter()
            .map(|(sub, value)| at(format!("{name}:{sub}"), value))
            .collect(),
        false => vec![at(name.clone(), value)],
    });
    each.collect()
}

fn listed(before: &Value) -> &[Value] {
    before.get("emails").map(elements).unwrap_or_default()
}

fn brought_up_to_date(before: &Value, operation: &Value) -> Vec<Value> {
    let path = operation["path"].as_str().unwrap_or_default();
    let is_list = path == "emails" || path.ends_with(":tags");
    if !is_list || !is(operation, "add") {
        return vec![operation.clone()];
    }
    let add = |path: String, value: Value| json!({ "op": "add", "path": path, "value": value });
    let each = elements(&operation["value"]).iter().map(|element| {
        let is_known =
            element.is_object() && listed(before).iter().any(|old| is_same_element(old, element));
        match is_known {
            true => add(format!("emails[value eq {}]", element["value"]), element.clone()),
            false => add(path.to_owned(), json!([element])),
        }
    });
    each.collect()
}

/// RFC 7643 §2.4: one `value`, and one `type` where both have one.
fn is_same_element(one: &Value, other: &Value) -> bool {
    let types = (one.get("type"), other.get("type"));
    one["value"] == other["value"] && !matches!(types, (Some(one), Some(other)) if one != other)
}

/// List, filter and sub-attribute of a path.
fn parts(path: &str) -> Option<(&str, Option<&str>)> {
    let (list, rest) = path.split_once('[')?;
    let (filter, sub) = rest.rsplit_once(']')?;
    (list == "emails").then_some((filter, sub.strip_prefix('.')))
}

/// What the filters of the questions ask for, told by hand: the oracle's own matching is not in question here.
fn selects(filter: &str, element: &Value) -> bool {
    let filter = filter.to_lowercase();
    match filter.as_str() {
        "type pr" => element.get("type").is_some(),
        "not (type eq \"work\")" => element["type"] != "work",
        "primary eq true" => is_primary(element),
        _ => described(&filter).iter().all(|(name, value)| element[name] == *value),
    }
}

/// What `type eq "work" and value eq "a@x"` says of an element; of other filters nothing.
fn described(filter: &str) -> Map<String, Value> {
    if filter.starts_with("not") {
        return Map::new();
    }
    let comparisons = filter.split(" and ").filter_map(|one| one.split_once(" eq "));
    comparisons
        .map(|(name, value)| (name.to_owned(), serde_json::from_str(value).unwrap()))
        .collect()
}

fn selected<'a>(before: &'a Value, filter: &str) -> Vec<&'a Value> {
    listed(before).iter().filter(|element| selects(filter, element)).collect()
}

fn made(before: &Value, operation: &Value) -> Vec<Value> {
    let path = operation["path"].as_str().unwrap_or_default();
    let unchanged = vec![operation.clone()];
    if let Some(sub) = path.strip_prefix("emails.")
        && listed(before).is_empty()
        && !is(operation, "remove")
    {
        return vec![
            json!({ "op": "add", "path": "emails", "value": [{ sub: operation["value"] }] }),
        ];
    }
    let Some((filter, sub)) = parts(path) else { return unchanged };
    if !is(operation, "add") || !selected(before, filter).is_empty() {
        return unchanged;
    }
    let mut element = described(filter);
    if element.is_empty() {
        // Nothing is described, so nothing can be made: as of a replace (§3.5.2.3), noTarget.
        return vec![json!({ "op": "replace", "path": path, "value": operation["value"] })];
    }
    match (sub, &operation["value"]) {
        (Some(sub), value) => drop(element.insert(sub.to_owned(), value.clone())),
        (None, Value::Object(members)) => element.extend(members.clone()),
        _ => {}
    }
    let element = Value::Object(element);
    let mut emails = listed(before).to_vec();
    if is_primary(&element) {
        emails.iter_mut().for_each(|other| drop(other.as_object_mut().unwrap().remove("primary")));
    }
    emails.push(element);
    vec![json!({ "op": "replace", "path": "emails", "value": emails })]
}

fn gone(before: &Value, operation: &Value) -> Vec<Value> {
    let path = operation["path"].as_str().and_then(parts);
    match path {
        Some((filter, _)) if is(operation, "remove") && selected(before, filter).is_empty() => {
            vec![]
        }
        _ => vec![operation.clone()],
    }
}

fn nothing_else(_: &Value, operation: &Value) -> Vec<Value> {
    let mut operation = operation.clone();
    let path = operation["path"].as_str().and_then(parts);
    if let (true, Some((filter, None))) = (is(&operation, "replace"), path) {
        let mut element = Map::new();
        for name in ["value", "type", "display", "primary"] {
            element.insert(name.to_owned(), Value::Null);
        }
        element.extend(described(filter));
        element.extend(operation["value"].as_object().unwrap().clone());
        operation["value"] = Value::Object(element);
    }
    vec![operation]
}

/// Those that are primary before it are not any more when it sets another.
fn primary_taken(before: &Value, operation: &Value) -> Vec<Value> {
    let path = operation["path"].as_str().unwrap_or_default();
    let value = &operation["value"];
    let sets =
        path.ends_with(".primary") && *value == true || elements(value).iter().any(is_primary);
    let several = parts(path).is_some_and(|(filter, _)| selected(before, filter).len() > 1);
    if sets && several && !is(operation, "remove") {
        // Of several elements it cannot be said; here is a question that is refused.
        return vec![
            json!({ "op": "replace", "path": "emails[value eq \"nobody\"]", "value": {} }),
        ];
    }
    let was = listed(before).iter().find(|element| is_primary(element));
    match was {
        // The one that is meant is the one that is.
        Some(was) if sets && !is(operation, "remove") && !path.contains("[primary") => {
            let path = format!("emails[value eq {}].primary", was["value"]);
            vec![json!({ "op": "replace", "path": path, "value": false }), operation.clone()]
        }
        _ => vec![operation.clone()],
    }
}
