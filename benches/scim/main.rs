//! What SCIM's own engines cost, without HTTP: `cargo bench --bench scim`.

#![expect(clippy::unwrap_used, reason = "a measurement that meets the unexpected stops")]

use scimshim::scim::{
    filter::{matches::Matcher, parse::parse},
    patch::{apply::apply, request},
    reading::Reading,
    resource::Resource,
    resource_type::{Extension, ResourceType},
    schema::{enterprise_user, user},
};
use serde_json::{Value, json};
use std::{hint::black_box, time::Instant};

const ROUNDS: u32 = 50_000;
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn main() {
    let (kind, mia) = (kind(), mia());
    println!("a user of {} attributes", mia.as_map().len());
    for text in [
        r#"userName eq "mia.berg@acme.example""#,
        r#"emails[type eq "work" and value co "@acme"] and (active eq true or not (title pr))"#,
    ] {
        let parsed = parse(text, &mut Reading::default()).unwrap();
        let mut matcher = Matcher::of_resources(&parsed, &kind).unwrap();
        assert!(matcher.matches(&mia).unwrap(), "{text}");
        let read = time(|| drop(black_box(parse(black_box(text), &mut Reading::default()))));
        let matched = time(|| _ = black_box(matcher.matches(black_box(&mia)).unwrap()));
        println!("filter `{text}`: parse {read:.2} µs (target 2), match {matched:.2} µs");
    }
    for operations in [
        json!([{ "op": "replace", "value": { "active": false } }]),
        json!([
            { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "m@acme.example" },
            { "op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Sales" },
            { "op": "remove", "path": "title" },
        ]),
    ] {
        let body = json!({ "Operations": operations });
        let body = body.as_object().unwrap();
        let said = request::read(body.clone(), &mut Reading::default()).unwrap();
        let once = || apply(black_box(&said), &mia, &kind, &mut Reading::default()).unwrap();
        assert_ne!(once().resource, mia);
        let applied = time(|| drop(black_box(once())));
        println!("PATCH of {} operations: apply {applied:.2} µs (target 5)", said.len());
    }
}

/// µs of one round, after as many to warm up.
fn time(mut round: impl FnMut()) -> f64 {
    (0..ROUNDS).for_each(|_| round());
    let begun = Instant::now();
    (0..ROUNDS).for_each(|_| round());
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
}

fn kind() -> ResourceType {
    ResourceType {
        name: "User".to_owned(),
        endpoint: "/Users".to_owned(),
        description: "Users".to_owned(),
        schema: user(),
        extensions: vec![Extension { schema: enterprise_user(), required: false }],
        external_id: true,
        read_only: false,
        whole: None,
    }
}

fn mia() -> Resource {
    let typed = |list: &[(&str, &str)]| -> Value {
        list.iter().map(|(kind, value)| json!({ "type": kind, "value": value })).collect()
    };
    let user = json!({
        "id": "7", "externalId": "00u1mia2berg3XYZ0h7", "userName": "mia.berg@acme.example", "active": true,
        "displayName": "Mia Berg", "nickName": "Mi", "title": "Engineer", "userType": "Employee",
        "preferredLanguage": "sv", "locale": "sv-SE", "timezone": "Europe/Stockholm",
        "profileUrl": "https://acme.example/people/mia-berg",
        "name": { "givenName": "Mia", "familyName": "Berg", "formatted": "Mia Berg" },
        "emails": typed(&[("work", "mia.berg@acme.example"), ("home", "mia@home.example")]),
        "phoneNumbers": typed(&[("work", "+46850000001"), ("mobile", "+46700000001")]),
        "addresses": [{ "type": "work", "locality": "Stockholm", "country": "SE" }],
        "roles": typed(&[("app", "admin"), ("app", "editor")]),
        "entitlements": typed(&[("license", "gold-seat")]),
        "photos": typed(&[("photo", "https://acme.example/mia.jpg")]),
        "ims": typed(&[("slack", "mia.berg")]),
        "x509Certificates": [{ "value": "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAw" }],
        "groups": [{ "value": "t-17", "display": "Research" }],
        "meta": { "created": "2023-11-14T22:13:20Z" },
        ENTERPRISE: { "employeeNumber": "E-100200", "department": "Research", "costCenter": "4711" },
    });
    Resource::from_map(user.as_object().unwrap().clone())
}
