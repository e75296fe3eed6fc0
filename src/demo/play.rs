//! The Okta lifecycle as data: what Okta sends, in its order, and what must come back.

use super::vendor::Vendor;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::{collections::HashMap, io::Write};

/// One exchange of the play. `{user}` and `{group}` stand for ids that earlier ones gave.
struct Scene {
    title: &'static str,
    method: Method,
    path: &'static str,
    body: Option<Value>,
    status: u16,
    /// Places in the answer and what must stand there; null means nothing.
    shows: Vec<(&'static str, Value)>,
    /// Keep the answer's id under this name.
    keep: Option<&'static str>,
}

impl Scene {
    fn new(title: &'static str, method: Method, path: &'static str, status: u16) -> Self {
        Self { title, method, path, body: None, status, shows: Vec::new(), keep: None }
    }

    fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    fn shows(mut self, place: &'static str, value: impl Into<Value>) -> Self {
        self.shows.push((place, value.into()));
        self
    }

    fn keep(mut self, name: &'static str) -> Self {
        self.keep = Some(name);
        self
    }
}

fn patch(operations: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

/// Test credentials, assign, update, deactivate, reactivate, push a group, import.
fn scenes() -> Vec<Scene> {
    let user = "urn:ietf:params:scim:schemas:core:2.0:User";
    let group = "urn:ietf:params:scim:schemas:core:2.0:Group";
    let mia = |family: &str, title: &str| {
        json!({
            "schemas": [user], "userName": "mia.berg@acme.example",
            "name": { "givenName": "Mia", "familyName": family },
            "emails": [{ "primary": true, "value": "mia.berg@acme.example", "type": "work" }],
            "displayName": format!("Mia {family}"), "title": title, "locale": "sv-SE",
            "externalId": "00u1mia2berg3XYZ0h7", "active": true,
        })
    };
    let mut created = mia("Berg", "Engineer");
    if let Some(members) = created.as_object_mut() {
        members.insert("groups".into(), json!([]));
        members.insert("password".into(), "q8Zt1-random".into());
    }
    vec![
        Scene::new("test the credentials", Method::GET, "/Users?startIndex=1&count=2", 200),
        Scene::new("look the user up", Method::GET, "/Users?filter=userName%20eq%20%22mia.berg%40acme.example%22&startIndex=1&count=100", 200)
            .shows("/totalResults", 0),
        Scene::new("assign: create the user", Method::POST, "/Users", 201)
            .body(created).shows("/active", true).shows("/password", Value::Null).keep("user"),
        Scene::new("create the user again", Method::POST, "/Users", 409)
            .body(mia("Berg", "Engineer")).shows("/scimType", "uniqueness"),
        Scene::new("read the profile", Method::GET, "/Users/{user}", 200).shows("/name/familyName", "Berg"),
        Scene::new("update the profile", Method::PUT, "/Users/{user}", 200)
            .body(mia("Lind", "Lead")).shows("/name/familyName", "Lind").shows("/title", "Lead"),
        Scene::new("deactivate", Method::PATCH, "/Users/{user}", 200)
            .body(patch(json!([{ "op": "replace", "value": { "active": false } }]))).shows("/active", false),
        Scene::new("still readable", Method::GET, "/Users/{user}", 200).shows("/active", false),
        Scene::new("reactivate", Method::PATCH, "/Users/{user}", 200)
            .body(patch(json!([{ "op": "replace", "value": { "active": true } }]))).shows("/active", true),
        Scene::new("push a group", Method::POST, "/Groups", 201)
            .body(json!({ "schemas": [group], "displayName": "Sales EU", "members": [] })).keep("group"),
        Scene::new("add a member", Method::PATCH, "/Groups/{group}", 204)
            .body(patch(json!([{ "op": "add", "path": "members", "value": [{ "value": "{user}", "display": "mia.berg@acme.example" }] }]))),
        Scene::new("the group has the member", Method::GET, "/Groups/{group}", 200).shows("/members/0/value", "{user}"),
        Scene::new("rename the group", Method::PATCH, "/Groups/{group}", 200)
            .body(patch(json!([{ "op": "replace", "value": { "id": "{group}", "displayName": "Sales Europe" } }])))
            .shows("/displayName", "Sales Europe"),
        Scene::new("the user shows the group", Method::GET, "/Users/{user}", 200).shows("/groups/0/value", "{group}"),
        Scene::new("remove the member", Method::PATCH, "/Groups/{group}", 204)
            .body(patch(json!([{ "op": "remove", "path": "members[value eq \"{user}\"]" }]))),
        Scene::new("the group has nobody", Method::GET, "/Groups/{group}", 200).shows("/members", Value::Null),
        Scene::new("unlink and delete the group", Method::DELETE, "/Groups/{group}", 204),
        Scene::new("import: the first page", Method::GET, "/Users?startIndex=1&count=100", 200).shows("/startIndex", 1),
    ]
}

/// Plays all scenes, printing each SCIM request with the vendor calls it became. True when all
/// were as expected.
pub async fn play(base: &str, token: &str, vendor: &Vendor, out: &mut impl Write) -> bool {
    let client = Client::new();
    let mut ids: HashMap<&str, String> = HashMap::new();
    let mut as_expected = true;
    vendor.take_log();
    for scene in scenes() {
        let path = filled(scene.path, &ids);
        let body = scene.body.as_ref().map(|body| filled(&body.to_string(), &ids));
        let mut request = client
            .request(scene.method.clone(), format!("{base}{path}"))
            .bearer_auth(token)
            .header("accept", "application/scim+json");
        if let Some(body) = body {
            request = request.header("content-type", "application/scim+json").body(body);
        }
        let (status, answer) = match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                (status, response.json::<Value>().await.unwrap_or_default())
            }
            Err(_) => (0, Value::Null),
        };
        let wrong = mismatch(&scene, status, &answer, &ids);
        if let (Some(name), Some(id)) = (scene.keep, answer.get("id").and_then(Value::as_str)) {
            ids.insert(name, id.to_owned());
        }
        as_expected &= wrong.is_none();
        // A closed pipe is nobody's fault.
        let _ = show(out, &scene, &path, status, wrong, &vendor.take_log());
    }
    let verdict = if as_expected {
        "every exchange was as expected"
    } else {
        "NOT every exchange was as expected"
    };
    let _ = writeln!(out, "{verdict}");
    as_expected
}

/// The places of a text filled with the ids that are known.
fn filled(text: &str, ids: &HashMap<&str, String>) -> String {
    ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
}

/// What is not as expected, in words.
fn mismatch(
    scene: &Scene,
    status: u16,
    answer: &Value,
    ids: &HashMap<&str, String>,
) -> Option<String> {
    if status != scene.status {
        let detail = answer.get("detail").and_then(Value::as_str).unwrap_or("no answer");
        return Some(format!("expected {}: {detail}", scene.status));
    }
    scene.shows.iter().find_map(|(place, expected)| {
        let expected = match expected {
            Value::String(text) => Value::String(filled(text, ids)),
            other => other.clone(),
        };
        let found = answer.pointer(place).cloned().unwrap_or_default();
        (found != expected).then(|| format!("expected {expected} at {place}, found {found}"))
    })
}

fn show(
    out: &mut impl Write,
    scene: &Scene,
    path: &str,
    status: u16,
    wrong: Option<String>,
    calls: &[String],
) -> std::io::Result<()> {
    writeln!(out, "{}", scene.title)?;
    writeln!(out, "  {:<6} {path} -> {status}", scene.method.as_str())?;
    for call in calls {
        let (method, rest) = call.split_once(' ').unwrap_or(("", call));
        writeln!(out, "           {method:<6} {rest}")?;
    }
    if let Some(wrong) = wrong {
        writeln!(out, "  NOT AS EXPECTED: {wrong}")?;
    }
    writeln!(out)
}
