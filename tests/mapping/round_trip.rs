//! What the sample mapping writes reads back as what was sent; what is read and written back is no
//! change.

use proptest::prelude::*;
use scimshim::{
    mapping::{
        self,
        plan::{Plan, ResourcePlan},
        translate::{names::Names, read, units, write::Writer},
    },
    scim::resource::Resource,
};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    mapping::load("sample.yaml", include_str!("../../mappings/sample.yaml")).plan.unwrap()
});

fn users() -> &'static ResourcePlan {
    PLAN.resource("User").unwrap()
}

/// Texts with what goes wrong first: other scripts, quotes, digits beyond a double.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 ]{1,12}",
        Just("Zoë 日本 😀".to_owned()),
        Just("9007199254740993".to_owned()),
        Just("a \"b\" \\ {c} 'd'".to_owned()),
        "\\PC{1,8}",
    ]
    .prop_filter("unassigned is not sent", |text| !text.is_empty())
}

fn element() -> impl Strategy<Value = Value> {
    (text(), proptest::option::of(text()), proptest::option::of(text())).prop_map(
        |(value, kind, display)| {
            let mut element = Map::from_iter([("value".to_owned(), Value::from(value))]);
            element.extend(kind.map(|kind| ("type".to_owned(), kind.into())));
            element.extend(display.map(|display| ("display".to_owned(), display.into())));
            Value::Object(element)
        },
    )
}

/// Elements differ in `value`: that is what makes an element the same one.
fn list() -> impl Strategy<Value = Value> {
    proptest::collection::vec(element(), 1..4).prop_map(|elements| {
        let mut seen = std::collections::HashSet::new();
        let fresh = |element: &Value| seen.insert(element["value"].clone());
        elements.into_iter().filter(fresh).collect()
    })
}

fn user() -> impl Strategy<Value = Value> {
    let texts = proptest::collection::hash_map(
        proptest::sample::select(vec![
            "externalId",
            "displayName",
            "nickName",
            "title",
            "locale",
            "timezone",
        ]),
        text(),
        0..6,
    );
    let names = proptest::collection::hash_map(
        proptest::sample::select(vec!["givenName", "familyName", "middleName", "formatted"]),
        text(),
        0..4,
    );
    let lists = proptest::collection::hash_map(
        proptest::sample::select(vec!["emails", "phoneNumbers", "ims", "photos", "entitlements"]),
        list(),
        0..4,
    );
    let enterprise = proptest::collection::hash_map(
        proptest::sample::select(vec!["department", "division", "costCenter"]),
        text(),
        0..3,
    );
    (text(), texts, names, lists, enterprise).prop_map(
        |(login, texts, names, lists, enterprise)| {
            let mut user = Map::from_iter([("userName".to_owned(), Value::from(login))]);
            user.extend(texts.into_iter().map(|(name, text)| (name.to_owned(), text.into())));
            user.extend(lists.into_iter().map(|(name, list)| (name.to_owned(), list)));
            user.insert("name".to_owned(), json!(names));
            let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
            user.insert(urn.to_owned(), json!(enterprise));
            Value::Object(user)
        },
    )
}

fn canonical(value: &Value) -> Resource {
    Resource::canonical(value.clone(), &users().kind, &mut Default::default()).unwrap()
}

proptest! {
    #[test]
    fn what_is_written_reads_back_and_is_no_change(sent in user()) {
        let plan = users();
        let (tenant, now) = (json!({}), Value::Null);
        let writer = Writer { plan, tenant: &tenant, now: &now, names: &Names::default() };
        let sent = canonical(&sent);
        let mut record = writer.fields(&sent, |_, _| true, true).unwrap();
        record["uid"] = json!(9007199254740993u64);
        let mut read = read::resource(plan, &record, &tenant, &Names::default()).unwrap().resource;
        prop_assert_eq!(read.id(), Some("9007199254740993"));
        let mut expected = sent.clone();
        expected.set_id("9007199254740993");
        read = canonical_order(read);
        prop_assert_eq!(&read, &canonical_order(expected));
        prop_assert_eq!(units::between(plan, &writer, &read, &sent).unwrap(), vec![]);
    }

    #[test]
    fn a_change_leaves_the_fields_of_others_alone(before in user(), after in user()) {
        let plan = users();
        let (tenant, now) = (json!({}), Value::Null);
        let writer = Writer { plan, tenant: &tenant, now: &now, names: &Names::default() };
        let (before, after) = (canonical(&before), canonical(&after));
        let mut record = writer.fields(&before, |_, _| true, true).unwrap();
        record["uid"] = json!(7);
        record["unknown"] = json!({ "kept": [1] });
        if let Some(list) = record.get_mut("contacts").and_then(Value::as_array_mut) {
            list.push(json!({ "kind": "fax", "address": "nobody's" }));
        }
        let changes = units::between(plan, &writer, &before, &after).unwrap();
        let whole = writer.whole(&changes, &after, &record).unwrap();
        prop_assert_eq!(&whole["unknown"], &record["unknown"]);
        if record.get("contacts").is_some() {
            let contacts = whole["contacts"].as_array().unwrap();
            prop_assert!(contacts.iter().any(|contact| contact["kind"] == "fax"));
        }
        let mut read = read::resource(plan, &whole, &tenant, &Names::default()).unwrap().resource;
        let mut expected = after.clone();
        expected.set_id("7");
        read = canonical_order(read);
        prop_assert_eq!(&read, &canonical_order(expected));
    }
}

/// The order of attributes is nobody's promise.
fn canonical_order(resource: Resource) -> Resource {
    fn sorted(value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let mut members: Vec<(String, Value)> =
                    members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
                members.sort_by(|one, other| one.0.cmp(&other.0));
                Value::Object(members.into_iter().collect())
            }
            Value::Array(items) => items.into_iter().map(sorted).collect(),
            scalar => scalar,
        }
    }
    match sorted(resource.as_value().clone()) {
        Value::Object(members) => Resource::from_map(members),
        _ => resource,
    }
}
