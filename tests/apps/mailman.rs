//! GNU Mailman 3: forms in, ids in `Location`, a user of four parts, every refusal a 400 with words.

use crate::gateway::{Gateway, told};
use http::Method;
use serde_json::{Value, json};

const PASSWORD: &str = "restpass";

/// Mailman by its REST API.
struct Mailman {
    url: String,
}

impl Mailman {
    fn here() -> Self {
        Self { url: told("MAILMAN_URL") }
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = reqwest::Client::new().request(Method::GET, format!("{}{path}", self.url));
        let answer = request.basic_auth("restadmin", Some(PASSWORD)).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
    }

    async fn roster(&self, list: &str) -> Vec<String> {
        let (_, roster) = self.get(&format!("/lists/{list}/roster/member")).await;
        let entries = roster["entries"].as_array().cloned().unwrap_or_default();
        let mut emails: Vec<String> =
            entries.iter().map(|entry| entry["email"].as_str().unwrap().to_owned()).collect();
        emails.sort();
        emails
    }
}

#[tokio::test]
#[ignore = "needs a running Mailman: `.ci/run` starts one"]
async fn the_lifecycle_of_okta_is_driven_through_mailman() {
    let mailman = Mailman::here();
    let vars = format!(
        "{{ url: \"{}\", domain: lists.test.local, password: {{ env: APP_SECRET }} }}",
        mailman.url
    );
    let gateway = Gateway::start("mailman", &vars, PASSWORD);

    gateway.expect(200, "GET", "/Users?startIndex=1&count=2", &Value::Null);
    assert_eq!(gateway.found("Users", "userName eq \"mia@acme.example\""), [] as [Value; 0]);

    let mia = json!({
        "userName": "mia@acme.example", "externalId": "00u1", "displayName": "Mia Ängström",
        "name": { "givenName": "Mia", "familyName": "Ängström" },
        "emails": [{ "value": "mia@acme.example", "primary": true, "type": "work" }],
        "password": "Pä55 & wört",
    });
    let (path, made) = gateway.make_user(&mia);
    let id = made["id"].as_str().unwrap();
    assert_eq!((&made["externalId"], &made["active"]), (&json!("00u1"), &json!(true)));
    assert!(!made.to_string().contains("$6$"), "the hash that Mailman shows is nobody's: {made}");
    let (_, there) = mailman.get(&format!("/users/{id}")).await;
    assert_eq!(there["display_name"], "Mia Ängström");
    let (_, preferred) = mailman.get(&format!("/users/{id}/preferred_address")).await;
    assert_eq!(preferred["email"], "mia@acme.example");

    let mut again = mia.clone();
    again["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    let refused = gateway.expect(409, "POST", "/Users", &again);
    assert_eq!(refused["scimType"], "uniqueness");
    let found = gateway.found("Users", "userName eq \"MIA@acme.example\"");
    assert_eq!((found.len(), &found[0]["id"]), (1, &made["id"]));
    let wrong = json!({ "schemas": again["schemas"], "userName": "no address", "active": true });
    assert_eq!(gateway.expect(400, "POST", "/Users", &wrong)["scimType"], "invalidValue");

    // Another name and one address more, then that one goes.
    let emails = |second: bool| {
        let mut emails =
            vec![json!({ "value": "mia@acme.example", "primary": true, "type": "work" })];
        emails.extend(second.then(|| json!({ "value": "mia.b@acme.example", "type": "work" })));
        json!([{ "op": "replace", "value": { "displayName": "Mia Berg", "emails": emails } }])
    };
    for (second, count) in [(true, 2), (false, 1)] {
        let now = gateway.patch(200, &path, &emails(second));
        assert_eq!(now["emails"].as_array().unwrap().len(), count, "{now}");
        let (_, there) = mailman.get(&format!("/users/{id}/addresses")).await;
        assert_eq!(there["total_size"], count);
    }
    assert_eq!(mailman.get(&format!("/users/{id}")).await.1["display_name"], "Mia Berg");

    gateway.set_active(&path, false);
    let (_, preferences) = mailman.get(&format!("/users/{id}/preferences")).await;
    assert_eq!(preferences["delivery_status"], "by_moderator");
    gateway.set_active(&path, true);
    let (_, preferences) = mailman.get(&format!("/users/{id}/preferences")).await;
    assert_eq!(preferences["delivery_status"], "enabled");

    // Who is there already is adopted, and nobody else is touched.
    let kai = json!({ "userName": "kai@acme.example", "displayName": "Kai" });
    let (_, kais) = gateway.make_user(&kai);
    let mut users: Vec<String> = gateway
        .import("Users")
        .iter()
        .map(|user| user["userName"].as_str().unwrap().to_owned())
        .collect();
    users.sort();
    assert_eq!(users, ["kai@acme.example", "mia@acme.example"]);

    // A group is pushed: made empty, two join, one leaves, it ends.
    let group = gateway.make_group("Engineering");
    let member = |user: &Value| json!([{ "value": user["id"], "display": user["userName"] }]);
    for user in [&made, &kais] {
        let joins = json!([{ "op": "add", "path": "members", "value": member(user) }]);
        gateway.patch(204, &group, &joins);
    }
    let list = "engineering.lists.test.local";
    assert_eq!(mailman.roster(list).await, ["kai@acme.example", "mia@acme.example"]);
    // Twice is once.
    let joins = json!([{ "op": "add", "path": "members", "value": member(&kais) }]);
    gateway.patch(204, &group, &joins);
    let leaves = json!([{ "op": "remove", "path": format!("members[value eq {}]", kais["id"]) }]);
    gateway.patch(204, &group, &leaves);
    assert_eq!(mailman.roster(list).await, ["mia@acme.example"]);
    let shown = gateway.expect(200, "GET", &group, &Value::Null);
    assert_eq!(shown["members"][0]["value"], made["id"], "{shown}");
    assert_eq!(gateway.found("Groups", "displayName eq \"engineering\"").len(), 1);
    let renamed = json!([{ "op": "replace", "value": { "displayName": "Design" } }]);
    assert_eq!(gateway.patch(400, &group, &renamed)["scimType"], "mutability");
    gateway.expect(204, "DELETE", &group, &Value::Null);
    assert_eq!(mailman.get(&format!("/lists/{list}")).await.0, 404);

    gateway.expect(204, "DELETE", &path, &Value::Null);
    gateway.expect(404, "GET", &path, &Value::Null);
    assert_eq!(mailman.get(&format!("/users/{id}")).await.0, 404);
    let (_, back) = gateway.make_user(&mia);
    assert_ne!(back["id"], made["id"], "Mailman gives another id");
}
