//! A PATCH that is made of the difference of two resources turns the one into the other.

use crate::fixture::{BADGE, ENTERPRISE, group_type, user_type};
use http::Method;
use proptest::prelude::*;
use scimshim::scim::{
    attribute::AttributePath,
    changes::equal,
    compare::{elements, folded},
    decode::decode,
    message::{Action, Request},
    patch::apply::apply,
    profile::Profile,
    reading::Reading,
    resource::Resource,
    resource_type::{ResourceType, ResourceTypes},
    schema::{Attribute, Mutability, Schema, Type},
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// The operations that turn `before` into `after`: `remove` what is gone, `replace` what is another, `add` what is
/// new; elements of lists that have a `value` one by one, by a filter over it.
fn difference(before: &Resource, after: &Resource, kind: &ResourceType) -> Vec<Value> {
    let mut operations = Vec::new();
    let extensions = kind.extensions.iter().map(|extension| Some(&extension.schema));
    for schema in std::iter::once(None).chain(extensions) {
        for attribute in writable(kind, schema) {
            let path = match schema {
                Some(schema) => AttributePath::of(&schema.id, &attribute.name),
                None => AttributePath::core(&attribute.name),
            };
            let was = before.attribute(schema, &attribute.name);
            let is = after.attribute(schema, &attribute.name);
            operations.extend(of_attribute(&path.to_string(), was, is, attribute));
        }
    }
    operations
}

fn writable<'a>(kind: &'a ResourceType, schema: Option<&'a Schema>) -> Vec<&'a Attribute> {
    let attributes: Vec<_> = match schema {
        Some(schema) => schema.attributes.iter().collect(),
        None => kind.core_attributes().collect(),
    };
    let writable = |attribute: &&Attribute| attribute.mutability != Mutability::ReadOnly;
    attributes.into_iter().filter(writable).collect()
}

fn of_attribute(
    path: &str,
    was: Option<&Value>,
    is: Option<&Value>,
    attribute: &Attribute,
) -> Vec<Value> {
    match (was, is) {
        _ if was == is => vec![],
        (_, None) => vec![json!({ "op": "remove", "path": path })],
        (was, Some(is)) if attribute.multi_valued => {
            of_list(path, was.unwrap_or(&json!([])), is, attribute)
        }
        (None, Some(is)) => vec![json!({ "op": "add", "path": path, "value": is })],
        (Some(was), Some(is)) if attribute.kind == Type::Complex => of_parts(path, was, is),
        (Some(_), Some(is)) => vec![json!({ "op": "replace", "path": path, "value": is })],
    }
}

/// The sub-attributes of an object.
fn of_parts(path: &str, was: &Value, is: &Value) -> Vec<Value> {
    let (was, is) = (was.as_object().unwrap(), is.as_object().unwrap());
    let gone = was.keys().filter(|name| !is.contains_key(*name));
    let gone = gone.map(|name| json!({ "op": "remove", "path": format!("{path}.{name}") }));
    let others = is.iter().filter(|(name, value)| was.get(*name) != Some(value));
    let others = others.map(|(name, value)| {
        let op = if was.contains_key(name) { "replace" } else { "add" };
        json!({ "op": op, "path": format!("{path}.{name}"), "value": value })
    });
    gone.chain(others).collect()
}

/// The elements of a list, where each has a `value` of its own; else the list, since an add makes no second element of
/// one `value` (R67).
fn of_list(path: &str, was: &Value, is: &Value, attribute: &Attribute) -> Vec<Value> {
    let (Some(was), Some(is)) = (by_value(was, attribute), by_value(is, attribute)) else {
        return vec![json!({ "op": "replace", "path": path, "value": is })];
    };
    let selected = |element: &Value| format!("{path}[value eq {}]", value_of(element));
    let mut operations = Vec::new();
    let mut new = Vec::new();
    for (key, element) in &was {
        if !is.contains_key(key) {
            operations.push(json!({ "op": "remove", "path": selected(element) }));
        }
    }
    for (key, element) in &is {
        match was.get(key) {
            None => new.push(element),
            Some(old) if old == element => {}
            Some(old) if is_fixed(attribute) || !element.is_object() => {
                operations.push(json!({ "op": "remove", "path": selected(old) }));
                new.push(element);
            }
            Some(old) => operations.extend(of_element(&selected(old), old, element)),
        }
    }
    if !new.is_empty() {
        operations.push(json!({ "op": "add", "path": path, "value": new }));
    }
    operations
}

/// What is changed last is `value`: until then the filter finds the element by it.
fn of_element(path: &str, was: &Value, is: &Value) -> Vec<Value> {
    let mut operations = of_parts(path, was, is);
    operations.sort_by_key(|operation| operation["path"].as_str().unwrap().ends_with("].value"));
    operations
}

fn value_of(element: &Value) -> &Value {
    element.get("value").unwrap_or(element)
}

/// Elements by what a filter over `value` tells apart; nothing where it does not tell them all.
fn by_value<'a>(list: &'a Value, attribute: &Attribute) -> Option<BTreeMap<String, &'a Value>> {
    let exact = attribute.sub("value").unwrap_or(attribute).case_exact;
    let list = elements(list);
    let keyed = list.iter().filter_map(|element| {
        let text = value_of(element).as_str()?;
        Some((if exact { text.to_owned() } else { folded(text) }, element))
    });
    let keyed: BTreeMap<_, _> = keyed.collect();
    (keyed.len() == list.len()).then_some(keyed)
}

/// RFC 7643 §4.2: a member never becomes another one.
fn is_fixed(attribute: &Attribute) -> bool {
    attribute.sub("value").is_some_and(|value| value.mutability == Mutability::Immutable)
}

/// The resource after a PATCH as a client sends it, of those who bear nothing.
fn patched(before: &Resource, operations: &[Value], kind: &ResourceType) -> Resource {
    if operations.is_empty() {
        return before.clone();
    }
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
    });
    let (types, path) =
        (ResourceTypes::new(vec![Arc::new(kind.clone())]), format!("{}/7", kind.endpoint));
    let (body, mut reading) = (body.to_string(), Reading::new(Profile::Strict));
    let request =
        decode(&Method::PATCH, &path, None, body.as_bytes(), &types, &mut reading).unwrap();
    let Request::Resource { action: Action::Patch { operations, .. }, .. } = request else {
        panic!("{request:?}")
    };
    let after = apply(&operations, before, kind, &mut reading).unwrap().resource;
    assert_eq!(reading.unmapped.count(), 0);
    after
}

/// Whether two resources are the same to write: the order of elements says nothing, nor does `primary: false`.
fn is_same(one: &Resource, other: &Resource, kind: &ResourceType) -> bool {
    let extensions = kind.extensions.iter().map(|extension| Some(&extension.schema));
    std::iter::once(None).chain(extensions).all(|schema| {
        writable(kind, schema).into_iter().all(|attribute| {
            let of = |resource: &Resource| resource.attribute(schema, &attribute.name).cloned();
            equal(of(one).as_ref(), of(other).as_ref(), attribute)
                && elements(&of(one).unwrap_or_default()).len()
                    == elements(&of(other).unwrap_or_default()).len()
        })
    })
}

/// Few texts, so that two resources have much in common: some differ in case alone, some are hard to quote.
fn text() -> impl Strategy<Value = Value> {
    let texts =
        ["a", "A", "b", "c@x.example", "C@X.example", "a \"b\" \\ [c] and d", "é", "日本", "true"];
    proptest::sample::select(texts.to_vec()).prop_map(Value::from)
}

/// Some of the members, each with a value of its own.
fn some(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let members: Vec<_> = members
        .into_iter()
        .map(|(name, value)| {
            proptest::option::of(value).prop_map(move |value| Some((name.to_owned(), value?)))
        })
        .collect();
    members.prop_map(|members| Value::Object(members.into_iter().flatten().collect())).boxed()
}

fn list(element: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let one_primary = |(mut elements, primary): (Vec<Value>, Option<usize>)| {
        if let Some(element) = primary.and_then(|at| elements.get_mut(at)) {
            element["primary"] = json!(true);
        }
        Value::from(elements)
    };
    (proptest::collection::vec(element, 0..4), proptest::option::of(0..4_usize))
        .prop_map(one_primary)
        .boxed()
}

fn user() -> impl Strategy<Value = Value> {
    let text = || text().boxed();
    let texts =
        |names: &[&'static str]| names.iter().map(|name| (*name, text())).collect::<Vec<_>>();
    let whole = || any::<i64>().prop_map(Value::from).boxed();
    let instant =
        proptest::sample::select(vec!["2011-05-13T04:42:34Z", "2011-05-13T06:42:35.1+02:00"]);
    let valued = |rest: BoxedStrategy<Value>| {
        (text(), rest)
            .prop_map(|(value, mut element)| {
                element["value"] = value;
                element
            })
            .boxed()
    };
    let usual = || valued(some(texts(&["type", "display"])));
    let mut members = texts(&["externalId", "displayName", "title", "locale", "password"]);
    members.extend([
        ("active", any::<bool>().prop_map(Value::from).boxed()),
        ("name", some(texts(&["givenName", "familyName", "formatted"]))),
        ("emails", list(usual())),
        ("roles", list(usual())),
        ("phoneNumbers", list(some(texts(&["value", "type"])))),
        ("addresses", list(some(texts(&["locality", "country", "type"])))),
        (
            ENTERPRISE,
            some(
                [texts(&["department"]), vec![("manager", some(texts(&["value", "$ref"])))]]
                    .concat(),
            ),
        ),
        (
            BADGE,
            some(vec![
                ("level", whole()),
                ("weight", (-1e9..1e9).prop_map(|weight: f64| json!(weight)).boxed()),
                ("issued", instant.prop_map(Value::from).boxed()),
                ("tags", proptest::collection::vec(text(), 0..4).prop_map(Value::from).boxed()),
            ]),
        ),
    ]);
    (text(), some(members)).prop_map(|(name, mut user)| {
        user["userName"] = name;
        user
    })
}

fn group() -> impl Strategy<Value = Value> {
    let member =
        (text(), some(vec![("type", Just(json!("User")).boxed()), ("$ref", text().boxed())]))
            .prop_map(|(value, mut member)| {
                member["value"] = value;
                member
            });
    (text(), proptest::collection::vec(member, 0..5))
        .prop_map(|(name, members)| json!({ "displayName": name, "members": members }))
}

fn canonical(sent: Value, kind: &ResourceType) -> Resource {
    Resource::canonical(sent, kind, &mut Reading::new(Profile::Strict)).unwrap()
}

/// Both ways that a client can say it end in the target.
fn becomes(before: Value, after: Value, kind: &ResourceType) -> Result<(), TestCaseError> {
    let (before, after) = (canonical(before, kind), canonical(after, kind));
    let operations = difference(&before, &after, kind);
    let made = patched(&before, &operations, kind);
    prop_assert!(is_same(&made, &after, kind), "{operations:#?} made {made:#?}");
    prop_assert_eq!(difference(&made, &made, kind), Vec::<Value>::new());

    let operations = [whole(&before, &after)];
    let made = patched(&before, &operations, kind);
    prop_assert!(is_same(&made, &after, kind), "{operations:#?} made {made:#?}");
    Ok(())
}

/// One path-less replace of everything: what is gone is null, in objects too (§3.5.2.3: what is not given stays).
fn whole(before: &Resource, after: &Resource) -> Value {
    json!({ "op": "replace", "value": over(before.as_map(), after.as_map()) })
}

fn over(before: &Map<String, Value>, after: &Map<String, Value>) -> Value {
    let mut value = after.clone();
    for (name, was) in before {
        match (was, value.get(name)) {
            (Value::Object(was), Some(Value::Object(is))) => {
                let parts = over(was, is);
                value.insert(name.clone(), parts);
            }
            (_, Some(_)) => {}
            (_, None) => drop(value.insert(name.clone(), Value::Null)),
        }
    }
    Value::Object(value)
}

proptest! {
    #[test]
    fn applied_to_a_user_it_gives_the_target(before in user(), after in user()) {
        becomes(before, after, &user_type())?;
    }

    #[test]
    fn applied_to_a_group_it_gives_the_target(before in group(), after in group()) {
        becomes(before, after, &group_type())?;
    }
}
