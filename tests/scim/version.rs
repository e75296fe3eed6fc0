//! Versions of resources, and the conditions that requests put on them.

use crate::fixture::{mia, resource, user_type};
use scimshim::scim::{
    conditions::{Conditions, Preconditions},
    error::ScimType,
    version,
};
use serde_json::{Value, json};

fn of(members: Value) -> String {
    version::of(&resource(members), &user_type())
}

#[test]
fn a_version_changes_with_what_is_returned_and_with_nothing_else() {
    let base = json!({"id": "1", "title": "a", "emails": [{"value": "x"}, {"value": "y"}]});
    let changed = |pointer: &str, value: Value| {
        let mut changed = base.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        of(changed)
    };
    let added = |name: &str, value: Value| {
        let mut added = base.clone();
        added[name] = value;
        of(added)
    };
    for other in [
        changed("/title", json!("b")),
        changed("/title", json!(1)),
        changed("/title", json!(["a"])),
        changed("/title", json!({"a": true})),
        changed("/emails/0/value", json!("y")),
        changed("/emails", json!([{"value": "x"}])),
        changed("/emails", json!([{"value": "x"}, {"value": "y"}, {"value": "y"}])),
        added("active", json!(true)),
        added("active", json!(false)),
        added("meta", json!({"lastModified": "2011-05-13T04:42:34Z"})),
    ] {
        assert_ne!(other, of(base.clone()));
    }
    // A list has no order (RFC 7643 §2.4); what is never returned tells nothing (X5).
    assert_eq!(changed("/emails", json!([{"value": "y"}, {"value": "x"}])), of(base.clone()));
    assert_eq!(added("password", json!("secret")), of(base.clone()));
}

#[test]
fn a_version_is_the_same_in_every_release() {
    assert_eq!(version::of(&mia(), &user_type()), "W/\"b6862a2498628aa5\"");
}

#[test]
fn the_vendors_own_version_is_taken_as_it_stands() {
    let own = |text: &str| of(json!({"id": "1", "meta": {"version": text}}));
    for (text, expected) in [
        ("W/\"7\"", "W/\"7\""),
        ("\"7\"", "\"7\""),
        ("7", "W/\"7\""),
        ("2011-05-13T04:42:34Z", "W/\"2011-05-13T04:42:34Z\""),
    ] {
        assert_eq!(own(text), expected);
    }
    for text in ["a b", "a\"b", "é", "\"a", "a\r\nx: y"] {
        let made = own(text);
        assert!(made.len() == 20 && made.bytes().all(|byte| byte.is_ascii_graphic()), "{made}");
    }
}

#[test]
fn conditions_are_read_and_hold() {
    let kind = user_type();
    let known = resource(json!({"id": "1", "meta": {"version": "W/\"b\""}}));
    // What is sent, whether a write may go on, whether a read has it already (`None`: 412).
    for (if_match, if_none_match, writes, unchanged) in [
        (None, None, true, Some(false)),
        (Some("W/\"b\""), None, true, Some(false)),
        (Some("\"b\""), None, true, Some(false)),
        (Some("*"), None, true, Some(false)),
        (Some(" W/\"a\" ,, W/\"b\","), None, true, Some(false)),
        (Some("W/\"a\",W/\"b\""), None, true, Some(false)),
        (Some("W/\"a\""), None, false, None),
        (Some("\"a,b\", \"B\""), None, false, None),
        (Some("\"\""), None, false, None),
        (None, Some("W/\"b\""), false, Some(true)),
        (None, Some("\"a\", \"b\""), false, Some(true)),
        (None, Some("*"), false, Some(true)),
        (None, Some("W/\"a\""), true, Some(false)),
        (Some("W/\"a\""), Some("W/\"b\""), false, None),
        (Some("W/\"b\""), Some("W/\"b\""), false, Some(true)),
    ] {
        let sent = Preconditions { if_match, if_none_match };
        let conditions = Conditions::read(sent).unwrap();
        let held = conditions.hold(&known, &kind);
        assert_eq!(
            held.clone().map_or_else(|error| error.status, |()| 200),
            if writes { 200 } else { 412 },
            "{sent:?}"
        );
        assert_eq!(conditions.unchanged(&known, &kind).ok(), unchanged, "{sent:?}");
    }
}

#[test]
fn what_is_no_tag_is_refused() {
    for text in [
        "",
        " ",
        ",",
        "b",
        "W/b",
        "\"b",
        "b\"",
        "w/\"b\"",
        "W/ \"b\"",
        "\"a\" \"b\"",
        "*, \"b\"",
        "\"a b\"",
        "\"é\"",
    ] {
        for sent in [
            Preconditions { if_match: Some(text), if_none_match: None },
            Preconditions { if_match: None, if_none_match: Some(text) },
        ] {
            let error = Conditions::read(sent).unwrap_err();
            assert_eq!(
                (error.status, error.scim_type),
                (400, Some(ScimType::InvalidValue)),
                "{text}"
            );
        }
    }
}
