//! Dialpad, DP-1 to DP-6.

use crate::{
    fakes::{
        dialpad::{AUSTIN, Dialpad, KEY, LESSER_KEY, LONDON, SAN_FRANCISCO},
        server::Fake,
        trouble::{Fault, Trouble},
    },
    harness::{Gateway, Tenant, sent, writes},
    okta::{ENTERPRISE, id, person, with},
};
use serde_json::{Value, json};

fn tenant(dialpad: &Fake<Dialpad>, key: &'static str) -> Tenant {
    Tenant::of("dialpad", dialpad.url()).secret("token", key).var("office", "San Francisco")
}

async fn dialpad() -> (Fake<Dialpad>, Gateway) {
    let dialpad = Dialpad::start().await;
    let gateway = Gateway::one(tenant(&dialpad, KEY));
    (dialpad, gateway)
}

#[tokio::test]
async fn dp_1_the_whole_life_of_a_user_from_create_to_delete() {
    let (dialpad, gateway) = dialpad().await;
    let okta = gateway.okta();
    let made = okta.assign(person("mia@acme.example", "Mia", "Berg")).await;
    let one = id(&made);
    let user = dialpad.state().user(&one).unwrap();
    assert_eq!((&user["first_name"], &user["state"]), (&json!("Mia"), &json!("active")));
    assert_eq!(made["externalId"], "00u-mia@acme.example");
    let address = format!("/api/v2/users/{one}");

    dialpad.forget();
    let changes = json!({ "name": { "givenName": "Mia", "familyName": "Lind" }, "title": "Lead" });
    let told = okta.update(&one, changes).await.told(200);
    let user = dialpad.state().user(&one).unwrap();
    assert_eq!((&user["last_name"], &user["job_title"]), (&json!("Lind"), &json!("Lead")));
    assert_eq!((&told["name"]["familyName"], &told["title"]), (&json!("Lind"), &json!("Lead")));
    let patch = format!("PATCH {address}");
    assert_eq!(sent(&dialpad, &patch), [json!({ "last_name": "Lind", "job_title": "Lead" })]);

    for (active, state) in [(false, "suspended"), (true, "active")] {
        dialpad.forget();
        let told = match active {
            true => okta.reactivate(&one).await.told(200),
            false => okta.deactivate(&one).await.told(200),
        };
        assert_eq!((&told["active"], id(&told)), (&json!(active), one.clone()));
        assert_eq!(dialpad.state().user(&one).unwrap()["state"], state);
        assert_eq!(sent(&dialpad, &patch), [json!({ "state": state })]);
        // Who is suspended is found before anybody is made a second time.
        assert_eq!(okta.look_up("MIA@acme.example").await.unwrap()["active"], active);
        assert_eq!(okta.read(&one).await.told(200)["active"], active);
    }

    dialpad.forget();
    okta.delete(&one).await.told(204);
    assert_eq!(writes(&dialpad), [format!("DELETE {address}")]);
    assert_eq!(dialpad.state().users.values().next().unwrap()["state"], "deleted");
    okta.read(&one).await.refused(404, None);
    assert!(okta.look_up("mia@acme.example").await.is_none());
    assert_eq!(okta.import("Users").await, [json!(null); 0]);
    // Dialpad forgets the address, so the same person is another user.
    let again = okta.assign(person("mia@acme.example", "Mia", "Berg")).await;
    assert_ne!(id(&again), one);
    gateway.ended();
}

/// Whatever Dialpad answers: who is there and active was not deleted.
#[tokio::test]
async fn dp_1_a_delete_that_did_nothing_is_told() {
    let (dialpad, gateway) = dialpad().await;
    let okta = gateway.okta();
    let nothing = || Fault::Answer(200, Vec::new(), "{}".to_owned());
    let faults = [Fault::Denied, nothing(), Fault::Status(404)];
    for (number, fault) in faults.into_iter().enumerate() {
        // Somebody else each time: what was told to go on goes on as soon as there is no more trouble.
        let mia = person(&format!("mia{number}@acme.example"), "Mia", "Berg");
        let one = id(&okta.assign(mia).await);
        let crew = okta.push_group(&format!("Crew {number}"), &[&one]).await;
        dialpad.trouble(Trouble::on("DELETE /api/v2/users/*", fault.clone()));
        dialpad.trouble(Trouble::on("DELETE /api/v2/departments/*", fault.clone()));
        let why = okta.delete(&one).await.refused(429, None);
        assert!(why.contains("its own record is still active"), "{fault:?} {why}");
        assert_eq!(okta.read(&one).await.told(200)["active"], true);
        let group = format!("/Groups/{crew}");
        let why = okta.send(&format!("DELETE {group}"), &Value::Null).await.refused(429, None);
        assert!(why.contains("its own record is still there"), "{fault:?} {why}");
        okta.send(&format!("GET {group}"), &Value::Null).await.told(200);
        dialpad.no_more_trouble();
    }
    gateway.ended();
}

#[tokio::test]
async fn dp_1_a_user_is_made_once() {
    let (dialpad, gateway) = dialpad().await;
    let okta = gateway.okta();
    let before = dialpad.state().put("kai@acme.example", "Kai", "Ek", SAN_FRANCISCO).to_string();
    // Whom an admin made is found, or adopted by who does not look; whom we made is a conflict.
    let adopted = okta.create(person("kai@acme.example", "Kai", "Ek")).await.told(201);
    assert_eq!(id(&adopted), before);
    okta.create(person("kai@acme.example", "Kai", "Ek")).await.refused(409, Some("uniqueness"));
    okta.create(person("mia@acme.example", "Mia", "Berg")).await.told(201);
    okta.create(person("Mia@acme.example", "Mia", "Berg")).await.refused(409, Some("uniqueness"));
    assert_eq!(dialpad.state().users.len(), 2);
}

#[tokio::test]
async fn dp_2_the_api_token_is_shown_and_tested() {
    let dialpad = Dialpad::start().await;
    let (good, bad) = (tenant(&dialpad, KEY), tenant(&dialpad, "no-key-at-all").named("bad"));
    let gateway = Gateway::start(vec![good, bad]);
    let told = gateway.okta().test_credentials().await.told(200);
    assert_eq!((&told["totalResults"], &told["startIndex"]), (&json!(0), &json!(1)));
    let header = format!("Bearer {KEY}");
    assert_eq!(dialpad.calls()[0].header("authorization"), Some(header.as_str()));
    // A key that Dialpad refuses is ours, not Okta's; a token that is nobody's is Okta's.
    let why = gateway.okta_of("bad").test_credentials().await.refused(502, None);
    assert!(why.contains("credential"), "{why}");
    dialpad.forget();
    gateway.okta_of("nobody").test_credentials().await.refused(401, None);
    assert_eq!(dialpad.lines(), [""; 0]);
    gateway.ended();
}

#[tokio::test]
async fn dp_3_a_user_name_is_an_email_address() {
    let (dialpad, gateway) = dialpad().await;
    let okta = gateway.okta();
    for name in ["mia", "mia@", "@acme.example", "mia berg@acme.example"] {
        let person = with(person("mia@acme.example", "Mia", "Berg"), json!({ "userName": name }));
        let why = okta.create(person).await.refused(400, Some("invalidValue"));
        assert!(why.contains("userName"), "{why}");
    }
    assert_eq!(dialpad.lines(), [""; 0]);
    let made = id(&okta.assign(person("mia@acme.example", "Mia", "Berg")).await);
    dialpad.forget();
    let renamed = okta.update(&made, json!({ "userName": "mia" })).await;
    renamed.refused(400, Some("invalidValue"));
    assert_eq!(writes(&dialpad), [""; 0]);
    // A new address is the first of the user's.
    let told = okta.update(&made, json!({ "userName": "mia.lind@acme.example" })).await.told(200);
    assert_eq!(told["userName"], "mia.lind@acme.example");
    assert_eq!(dialpad.state().user(&made).unwrap()["emails"], json!(["mia.lind@acme.example"]));
}

#[tokio::test]
async fn dp_4_members_of_an_assigned_group_come_one_by_one_and_a_pushed_group_is_a_department() {
    let (dialpad, gateway) = dialpad().await;
    let okta = gateway.okta();
    let mut people = Vec::new();
    for name in ["ann", "bob", "cy"] {
        let email = format!("{name}@acme.example");
        people.push(id(&okta.assign(person(&email, name, "Ash")).await));
    }
    assert_eq!(sent(&dialpad, "POST /api/v2/users").len(), 3);

    let sales = okta.push_group("Sales", &[&people[0], &people[1]]).await;
    let members = |name: &str| -> Vec<String> {
        let state = dialpad.state();
        let (_, group) = state.group_named("department", name).unwrap();
        assert_eq!(group.office, SAN_FRANCISCO);
        group.members.iter().map(|(id, _)| id.to_string()).collect()
    };
    assert_eq!(members("Sales"), people[..2]);
    let leaving = format!("members[value eq \"{}\"]", people[0]);
    let changes = json!([
        { "op": "remove", "path": leaving },
        { "op": "add", "path": "members", "value": [{ "value": people[2], "display": "cy" }] },
    ]);
    okta.patch(&format!("/Groups/{sales}"), changes).await.told(204);
    assert_eq!(members("Sales"), people[1..]);
    let rename = json!([{ "op": "replace", "value": { "id": sales, "displayName": "Sales EU" } }]);
    okta.patch(&format!("/Groups/{sales}"), rename).await.told(200);
    assert_eq!(members("Sales EU"), people[1..]);
    let listed = okta.import("Groups").await;
    assert_eq!(listed[0]["members"].as_array().map(Vec::len), Some(2), "{listed:?}");
    // A name that is part of another's is not that one.
    let eu = okta.push_group("Sales", &[&people[0]]).await;
    assert_ne!(eu, sales);
    okta.send(&format!("DELETE /Groups/{sales}"), &Value::Null).await.told(204);
    assert!(dialpad.state().group_named("department", "Sales EU").is_none());
    assert_eq!(dialpad.state().users.len(), 3);
}

#[tokio::test]
async fn dp_5_a_new_user_has_a_number_by_the_area_code_of_the_office() {
    let (dialpad, gateway) = dialpad().await;
    let okta = gateway.okta();
    let at = |email: &str, department: &str| {
        let named = json!({ "schemas": [crate::okta::USER, ENTERPRISE], ENTERPRISE: { "department": department } });
        with(person(email, "Mia", "Berg"), named)
    };
    for (email, department, office, area) in [
        ("a@acme.example", "", SAN_FRANCISCO, "+1415"),
        ("b@acme.example", "Engineering", SAN_FRANCISCO, "+1415"),
        ("c@acme.example", "austin", AUSTIN, "+1512"),
        ("d@acme.example", "London", LONDON, "+4420"),
    ] {
        dialpad.forget();
        let made = okta.assign(at(email, department)).await;
        let body = sent(&dialpad, "POST /api/v2/users").remove(0);
        assert_eq!((&body["auto_assign"], &body["office_id"]), (&json!(true), &json!(office)));
        let user = dialpad.state().user(email).unwrap();
        let number = user["phone_numbers"][0].as_str().unwrap();
        assert!(number.starts_with(area), "{email}: {number}");
        assert_eq!(made["phoneNumbers"], json!([{ "type": "Dialpad", "value": number }]));
    }
    // A department that is no office moves nobody; one that is does.
    let one = id(&okta.look_up("c@acme.example").await.unwrap());
    for (department, office) in [("Sales", AUSTIN), ("San Francisco", SAN_FRANCISCO)] {
        okta.update(&one, json!({ ENTERPRISE: { "department": department } })).await.told(200);
        let user = dialpad.state().user(&one).unwrap();
        assert_eq!(user["office_id"], office.to_string(), "{department}");
    }
    // Nobody moves abroad with a number, and Okta is told why.
    let abroad = okta.update(&one, json!({ ENTERPRISE: { "department": "London" } })).await;
    let why = abroad.refused(400, Some("invalidValue"));
    assert!(why.contains("phone numbers"), "{why}");
}

#[tokio::test]
async fn dp_5_licences_are_counted_by_dialpad() {
    let (dialpad, gateway) = dialpad().await;
    let okta = gateway.okta();
    let with_licence = |email: &str, licence: &str| {
        let named = json!({ "entitlements": [{ "type": "License", "value": licence }] });
        with(person(email, "Mia", "Berg"), named)
    };
    let made = okta.assign(with_licence("a@acme.example", "agents")).await;
    assert_eq!(made["entitlements"], json!([{ "type": "License", "value": "agents" }]));
    assert_eq!(dialpad.state().user("a@acme.example").unwrap()["license"], "agents");
    dialpad.state().offices.get_mut(&SAN_FRANCISCO).unwrap().licences.insert("agents", 1);
    let why = okta.create(with_licence("b@acme.example", "agents")).await;
    let why = why.refused(400, Some("invalidValue"));
    assert!(why.contains("license"), "{why}");
    assert_eq!(dialpad.state().users.len(), 1);
    // Who is suspended uses none.
    okta.deactivate(&id(&made)).await.told(200);
    okta.assign(with_licence("b@acme.example", "agents")).await;
    okta.reactivate(&id(&made)).await.refused(400, Some("invalidValue"));
    assert_eq!(okta.read(&id(&made)).await.told(200)["active"], false);
}

#[tokio::test]
async fn dp_6_another_plan_or_key_is_told_as_forbidden() {
    let dialpad = Dialpad::start().await;
    let (admin, lesser) = (tenant(&dialpad, KEY), tenant(&dialpad, LESSER_KEY).named("lesser"));
    let gateway = Gateway::start(vec![admin, lesser]);
    dialpad.state().enterprise = false;
    let why = gateway.okta().test_credentials().await.refused(403, None);
    assert!(why.contains("Enterprise") && why.contains("plan does not include"), "{why}");
    gateway.okta().create(person("mia@acme.example", "Mia", "Berg")).await.refused(403, None);
    dialpad.state().enterprise = true;
    // Departments are a company admin's.
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Sales" });
    let why = gateway.okta_of("lesser").send("POST /Groups", &group).await.refused(403, None);
    assert!(why.contains("company admin"), "{why}");
    assert!(dialpad.state().users.is_empty());
    gateway.ended();
}
