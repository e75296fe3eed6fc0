//! Matrix Synapse: upserts by PUT, ids that the client chooses, deactivation that cannot free a name.

use crate::gateway::{Gateway, told};
use http::Method;
use serde_json::{Value, json};

/// The homeserver by its admin API.
struct Homeserver {
    url: String,
    token: String,
}

impl Homeserver {
    fn here() -> Self {
        Self { url: told("SYNAPSE_URL"), token: told("SYNAPSE_TOKEN") }
    }

    async fn user(&self, name: &str) -> Value {
        let address = format!("{}/_synapse/admin/v2/users/@{name}:test.local", self.url);
        let request = reqwest::Client::new().request(Method::GET, address);
        let answer = request.bearer_auth(&self.token).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }
}

#[tokio::test]
#[ignore = "needs a running Synapse: `.ci/run` starts one"]
async fn the_lifecycle_of_okta_is_driven_through_synapse() {
    let homeserver = Homeserver::here();
    let vars = format!(
        "{{ url: \"{}\", server: test.local, token: {{ env: APP_SECRET }} }}",
        homeserver.url
    );
    let gateway = Gateway::start("synapse", &vars, &homeserver.token);

    // Test API Credentials, and the question before every create.
    gateway.expect(200, "GET", "/Users?startIndex=1&count=2", &Value::Null);
    assert_eq!(gateway.found("Users", "userName eq \"mia\""), [] as [Value; 0]);

    let mia = json!({
        "userName": "Mia", "externalId": "00u1", "displayName": "Mia Ängström",
        "name": { "givenName": "Mia", "familyName": "Ängström" },
        "emails": [{ "value": "Mia@acme.example", "primary": true, "type": "work" }],
    });
    let (path, made) = gateway.make_user(&mia);
    assert_eq!((&made["id"], &made["userName"]), (&json!("@mia:test.local"), &json!("mia")));
    let there = homeserver.user("mia").await;
    assert_eq!(there["displayname"], "Mia Ängström");
    assert_eq!(there["threepids"][0]["address"], "mia@acme.example");
    assert_eq!(there["external_ids"][0]["external_id"], "00u1");

    // Twice is once: Okta's repeat is told, and by either name he is found.
    let mut again = mia.clone();
    again["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    let refused = gateway.expect(409, "POST", "/Users", &again);
    assert_eq!(refused["scimType"], "uniqueness");
    for filter in
        ["userName eq \"MIA\"", "externalId eq \"00u1\"", "emails.value eq \"mia@acme.example\""]
    {
        let found = gateway.found("Users", filter);
        assert_eq!((found.len(), &found[0]["id"]), (1, &made["id"]), "{filter}");
    }

    // A profile push, with a phone that Synapse holds among the e-mails.
    let pushed = gateway.patch(
        200,
        &path,
        &json!([{ "op": "replace", "value": {
            "displayName": "Mia Berg",
            "phoneNumbers": [{ "value": "+46701234567", "type": "mobile", "primary": true }],
        } }]),
    );
    assert_eq!(pushed["phoneNumbers"][0]["value"], "+46701234567");
    let there = homeserver.user("mia").await;
    assert_eq!(there["displayname"], "Mia Berg");
    assert_eq!(there["threepids"].as_array().unwrap().len(), 2, "the e-mail stays: {there}");

    // Deactivated and back: nothing is lost.
    gateway.set_active(&path, false);
    let there = homeserver.user("mia").await;
    assert_eq!((&there["locked"], &there["deactivated"]), (&json!(true), &json!(false)));
    gateway.set_active(&path, true);
    let there = homeserver.user("mia").await;
    assert_eq!(there["locked"], false);
    assert_eq!(there["external_ids"][0]["external_id"], "00u1");

    // Who cannot be renamed, and what no Matrix id may be, are told.
    let renamed = json!([{ "op": "replace", "value": { "userName": "maria" } }]);
    assert_eq!(gateway.patch(400, &path, &renamed)["scimType"], "mutability");
    let wrong = json!({ "schemas": again["schemas"], "userName": "kai ö", "active": true });
    assert_eq!(gateway.expect(400, "POST", "/Users", &wrong)["scimType"], "invalidValue");

    // An import shows everybody once, who is locked too.
    let kai = json!({ "userName": "kai", "externalId": "00u2" });
    let (kais, _) = gateway.make_user(&kai);
    gateway.set_active(&kais, false);
    let mut names: Vec<String> = gateway
        .import("Users")
        .iter()
        .map(|user| user["userName"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["admin", "kai", "mia"]);

    // Deleted: gone for Okta, and the account is dead at the homeserver. Made again: the same, alive.
    gateway.expect(204, "DELETE", &path, &Value::Null);
    gateway.expect(404, "GET", &path, &Value::Null);
    assert_eq!(homeserver.user("mia").await["deactivated"], true);
    assert_eq!(gateway.found("Users", "userName eq \"mia\""), [] as [Value; 0]);
    let (_, back) = gateway.make_user(&mia);
    assert_eq!((&back["id"], &back["active"]), (&made["id"], &json!(true)));
    assert_eq!(homeserver.user("mia").await["deactivated"], false);
}
