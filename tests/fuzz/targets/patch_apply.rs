//! PATCH (RFC 7644 §3.5.2): the input is two JSON values, a resource and the operations upon it. One with
//! `members` is a Group.

use super::{GROUP, PROFILES, USER, refused};
use scimshim::scim::{
    canonical::is_primary,
    error::{Error, ScimType},
    patch::{PATCH_OP, PatchOp, apply::apply, request},
    profile::Profile,
    reading::Reading,
    resource::Resource,
    resource_type::ResourceType,
    validate,
};
use serde_json::{Value, json};

pub fn run(input: &[u8]) -> bool {
    let mut values = serde_json::Deserializer::from_slice(input).into_iter::<Value>();
    let (Some(Ok(sent)), Some(Ok(operations))) = (values.next(), values.next()) else {
        return false;
    };
    let kind = if sent.get("members").is_some() { &*GROUP } else { &*USER };
    let Ok(mut before) = Resource::canonical(sent, kind, &mut Reading::default()) else {
        return false;
    };
    // What a client cannot change.
    before.set_id("77c1");
    before.as_map_mut().insert("meta".to_owned(), json!({ "created": "2010-01-23T04:56:22Z" }));
    let mut stricter: Option<Resource> = None;
    for profile in PROFILES {
        match patched(&operations, &before, kind, profile) {
            Err(error) => {
                refused::readable(&error);
                assert_eq!(error.status, 400, "{error:?}");
                assert!(
                    stricter.is_none(),
                    "{profile:?} refuses what a stricter one takes: {error:?}"
                );
            }
            Ok(after) => {
                assert!(
                    stricter.is_none_or(|stricter| stricter == after),
                    "{profile:?}: {after:?}"
                );
                stricter = Some(after);
            }
        }
    }
    stricter.is_some()
}

fn patched(
    operations: &Value,
    before: &Resource,
    kind: &ResourceType,
    profile: Profile,
) -> Result<Resource, Error> {
    let reading = &mut Reading::new(profile);
    let body = json!({ "schemas": [PATCH_OP], "Operations": operations });
    let operations = request::read(body.as_object().cloned().unwrap_or_default(), reading)?;
    assert!(!operations.is_empty());
    let after = apply(&operations, before, kind, reading)?.resource;
    is_canonical(&after, kind);
    has_one_primary(after.as_value());
    for name in ["id", "meta"] {
        assert_eq!(after.as_map().get(name), before.as_map().get(name), "{name} is read-only");
    }
    does_what_each_does(&operations, before, &after, kind, profile);
    changes_what_it_is_about(&operations, before, &after, kind);
    if let Err(error) = validate::update(before, &after, kind) {
        refused::bad(&error, &[ScimType::InvalidValue, ScimType::Mutability]);
    }
    Ok(after)
}

/// What a client might have sent as it is: the schema's spelling and types, nothing unassigned.
fn is_canonical(resource: &Resource, kind: &ResourceType) {
    let mut reading = Reading::new(Profile::Strict);
    let mut again = Resource::canonical(resource.as_value().clone(), kind, &mut reading).unwrap();
    assert_eq!(reading.unmapped.names(), [""; 0]);
    for name in ["id", "meta"] {
        let kept = resource.as_map().get(name).cloned();
        again.as_map_mut().extend(kept.map(|value| (name.to_owned(), value)));
    }
    assert_eq!(&again, resource);
}

/// R78, RFC 7643 §2.4: `primary` is true at most once, in every list.
fn has_one_primary(value: &Value) {
    match value {
        Value::Array(list) => {
            assert!(list.iter().filter(|element| is_primary(element)).count() <= 1, "{value}");
        }
        Value::Object(members) => members.values().for_each(has_one_primary),
        _ => {}
    }
}

/// R77: in order, each sees what those before it did; so one PATCH is as good as one for each.
fn does_what_each_does(
    operations: &[PatchOp],
    before: &Resource,
    after: &Resource,
    kind: &ResourceType,
    profile: Profile,
) {
    let apart = operations.iter().fold(before.clone(), |before, operation| {
        let one = std::slice::from_ref(operation);
        apply(one, &before, kind, &mut Reading::new(profile)).unwrap().resource
    });
    assert_eq!(&apart, after);
}

/// A PATCH that is about one attribute leaves the others as they are.
fn changes_what_it_is_about(
    operations: &[PatchOp],
    before: &Resource,
    after: &Resource,
    kind: &ResourceType,
) {
    let is_about = |name: &str| operations.iter().all(|operation| operation.is_about(name, kind));
    for attribute in kind.core_attributes().filter(|attribute| is_about(&attribute.name)) {
        let without = |resource: &Resource| {
            let mut others = resource.clone();
            others.as_map_mut().remove(&attribute.name);
            others
        };
        assert_eq!(without(before), without(after), "{}", attribute.name);
    }
}
