//! The order of resources, by attributes of every type.

use crate::fixture::{BADGE, ENTERPRISE, resource, user_type};
use scimshim::scim::{
    attribute::AttributePath,
    error::ScimType,
    resource::Resource,
    sort::{Sort, Sorter},
};
use serde_json::{Value, json};

fn sort(by: &str, descending: bool) -> Sort {
    Sort { by: AttributePath::parse(by).unwrap(), descending }
}

fn people() -> Vec<Resource> {
    let made: Value = json!([
        {
            "id": "d", "externalId": "b", "nickName": "Zoe", "active": true,
            "emails": [{"value": "z@x"}, {"value": "a@x", "primary": true}],
            ENTERPRISE: {"manager": {"value": "77"}},
            BADGE: {"level": 10, "issued": "2011-05-13T06:42:34+02:00", "tags": ["b", "a"]}
        },
        {
            "id": "c", "externalId": "B", "nickName": "anna", "active": false,
            "emails": [{"value": "M@x"}],
            BADGE: {"level": 9, "issued": "2011-05-13T05:00:00Z", "tags": ["a", "c"]}
        },
        {"id": "b"},
        {
            "id": "a", "externalId": "a", "nickName": "ZOE", "active": true,
            "emails": [{"value": "b@x", "type": "work"}],
            BADGE: {"level": 9.5, "issued": "2011-05-13T04:42:33Z", "tags": ["c"]}
        }
    ]);
    made.as_array().unwrap().iter().map(|each| resource(each.clone())).collect()
}

#[test]
fn values_stand_in_the_order_of_their_type() {
    let kind = user_type();
    for (by, ascending, descending) in [
        // Without case; equal ones by id, whichever way (R57).
        ("NICKNAME", "cadb", "badc"),
        // With case.
        ("externalId", "cadb", "bdac"),
        ("id", "abcd", "dcba"),
        ("active", "cadb", "badc"),
        // The primary one, else the first.
        ("emails", "dacb", "bcad"),
        ("emails.value", "dacb", "bcad"),
        ("emails.type", "abcd", "bcda"),
        (&format!("{BADGE}:level"), "cadb", "bdac"),
        (&format!("{BADGE}:issued"), "adcb", "bcda"),
        (&format!("{BADGE}:tags"), "cdab", "badc"),
        (&format!("{ENTERPRISE}:manager.value"), "dabc", "abcd"),
        // By the first of them, which is the same for all.
        ("schemas", "abcd", "abcd"),
        ("meta.resourceType", "abcd", "abcd"),
    ] {
        for (expected, falls) in [(ascending, false), (descending, true)] {
            let sort = sort(by, falls);
            let sorted = Sorter::new(&sort, &kind).unwrap().sorted(people(), |each| each);
            let ids: String = sorted.iter().filter_map(Resource::id).collect();
            assert_eq!(ids, expected, "{by}, descending: {falls}");
        }
    }
}

#[test]
fn what_has_no_order_is_refused() {
    let kind = user_type();
    for (by, scim_type, words) in [
        ("emial", ScimType::InvalidValue, "did you mean `emails`?"),
        ("name.famlyName", ScimType::InvalidValue, "did you mean `name.familyName`?"),
        ("name", ScimType::InvalidValue, "expected one of its sub-attributes"),
        ("addresses", ScimType::InvalidValue, "expected one of its sub-attributes"),
        ("x509Certificates", ScimType::InvalidValue, "has no order"),
        (ENTERPRISE, ScimType::InvalidValue, "expected one of its sub-attributes"),
        ("meta.location", ScimType::InvalidValue, "made when a resource is told"),
        ("meta.version", ScimType::InvalidValue, "made when a resource is told"),
        ("groups.$ref", ScimType::InvalidValue, "made when a resource is told"),
        // X5.
        ("password", ScimType::Sensitive, "never returned"),
    ] {
        let error = Sorter::new(&sort(by, false), &kind).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{by}");
        assert!(error.detail.contains(words), "{by}: {}", error.detail);
    }
}
