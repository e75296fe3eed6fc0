use super::{asked::Asked, *};
use ::http::Method;

/// Every attribute and sub-attribute of RFC 7643's User, EnterpriseUser and Group, and the common
/// ones.
const SCIM_NAMES: &str = "schemas id externalId meta resourceType created lastModified location version \
    userName name formatted familyName givenName middleName honorificPrefix honorificSuffix displayName \
    nickName profileUrl title userType preferredLanguage locale timezone active password emails value \
    display type primary phoneNumbers ims photos addresses streetAddress locality region postalCode country \
    groups $ref entitlements roles x509Certificates employeeNumber costCenter organization division \
    department manager members description";

fn call(vendor: &Vendor, method: &str, address: &str, body: Value) -> (u16, Value) {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let asked = Asked {
        method: Method::from_bytes(method.as_bytes()).unwrap(),
        path: path.to_owned(),
        query: query.map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        body,
    };
    let (status, body) = router::answer(&mut vendor.state(), &asked, 1_000);
    (status, body.unwrap_or_default())
}

fn names(value: &Value, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                all.push(name.clone());
                names(value, all);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, all)),
        _ => {}
    }
}

#[test]
fn no_json_name_is_a_scim_name() {
    let vendor = Vendor::seeded("k");
    let person = json!({ "login": "x", "caption": "c", "alias": "a", "job": "j", "kind": "k", "homepage": "h",
        "tongue": "sv", "habits": "sv-SE", "clock": "CET", "fore": "f", "mid": "m", "sur": "s", "honor": "h",
        "post": "p", "written": "w", "badge": "b", "cost": "c", "firm": "f", "branch": "b", "unit": "u",
        "manager_id": 1, "ref_code": "r",
        "contacts": [{ "kind": "mail", "address": "a", "label": "l", "shown": "s", "main": true }],
        "pictures": [{ "url": "u", "label": "l", "shown": "s", "main": true }],
        "postal": [{ "street": "s", "town": "t", "county": "c", "zip": "z", "land": "l", "written": "w", "label": "l", "main": true }],
        "certs": [{ "der": "d", "label": "l", "shown": "s", "main": true }],
        "grants": [{ "code": "c", "label": "l", "shown": "s", "main": true }],
        "role_refs": [{ "role_id": "1", "label": "l", "shown": "s", "main": true }] });
    let (_, made) = call(&vendor, "POST", "/people", person);
    let mut all = Vec::new();
    names(&made, &mut all);
    assert!(all.len() > 40, "the record shows all that was written: {made}");
    for address in ["/people", "/teams", "/roles"] {
        names(&call(&vendor, "GET", address, Value::Null).1, &mut all);
    }
    let team = call(&vendor, "GET", "/teams", Value::Null).1["data"][0]["uid"].clone();
    names(&call(&vendor, "GET", &format!("/memberships?team={team}"), Value::Null).1, &mut all);
    let taken: Vec<&String> = all
        .iter()
        .filter(|name| SCIM_NAMES.split_whitespace().any(|scim| scim.eq_ignore_ascii_case(name)))
        .collect();
    assert!(taken.is_empty(), "{taken:?}");
}

#[test]
fn it_answers_as_badly_as_it_should() {
    let vendor = Vendor::seeded("k");
    let person = call(&vendor, "GET", "/people", Value::Null).1["data"][0]["uid"].clone();
    let team = call(&vendor, "GET", "/teams", Value::Null).1["data"][0]["uid"].clone();
    assert!(person.as_u64().unwrap() > 1 << 53);
    let table = [
        ("GET", "/people?seek=ACME".to_owned(), Value::Null, 200),
        ("GET", "/people/7".to_owned(), Value::Null, 404),
        ("POST", "/people".to_owned(), json!({ "login": "ADA@acme.example" }), 409),
        ("POST", "/people".to_owned(), json!({ "login": "" }), 422),
        ("PATCH", format!("/people/{person}"), json!({ "status": "S" }), 422),
        ("POST", "/people/7/suspend".to_owned(), Value::Null, 200),
        ("POST", "/teams".to_owned(), json!({ "caption": "everybody NORTH" }), 409),
        ("POST", "/memberships".to_owned(), json!({ "team_id": team, "person_id": 7 }), 200),
        ("POST", "/memberships".to_owned(), json!({ "team_id": team, "person_id": person }), 409),
        ("DELETE", format!("/memberships/{team}/7"), Value::Null, 404),
        ("DELETE", format!("/people/{person}"), Value::Null, 204),
        ("DELETE", format!("/people/{person}"), Value::Null, 404),
        ("GET", "/roles/2".to_owned(), Value::Null, 200),
        ("GET", "/roles/7".to_owned(), Value::Null, 404),
        ("POST", "/roles".to_owned(), json!({ "caption": "OWNER" }), 409),
        ("POST", "/roles".to_owned(), json!({ "blurb": "b" }), 422),
        ("PATCH", "/roles/2".to_owned(), json!({ "caption": "Editor", "blurb": null }), 200),
        ("PATCH", "/roles/2".to_owned(), json!({ "caption": "owner" }), 409),
        ("PATCH", "/roles/7".to_owned(), json!({ "blurb": "b" }), 404),
        ("DELETE", "/roles/2".to_owned(), Value::Null, 204),
        ("DELETE", "/roles/2".to_owned(), Value::Null, 404),
        ("GET", "/nowhere".to_owned(), Value::Null, 404),
    ];
    for (method, address, body, status) in table {
        assert_eq!(call(&vendor, method, &address, body).0, status, "{method} {address}");
    }
    assert_eq!(call(&vendor, "POST", "/people/7/suspend", Value::Null).1["ok"], false);
}

#[test]
fn pages_end_and_count() {
    let vendor = Vendor::with_people("k", 120);
    let (mut after, mut seen) = (String::new(), 0);
    loop {
        let (_, page) =
            call(&vendor, "GET", &format!("/people?limit=99&after={after}"), Value::Null);
        seen += page["data"].as_array().unwrap().len();
        assert_eq!(page["page"]["count"], 120);
        match page["page"]["after"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, 120);
    assert_eq!(
        call(&vendor, "GET", "/people?seek=user0011", Value::Null).1["data"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
}
