//! Playvox, PV-1 to PV-8.

use crate::{
    fakes::{
        playvox::{BASE64_KEY, Playvox},
        server::Fake,
    },
    harness::{Gateway, Tenant, sent, writes},
    okta::{id, person, with},
};
use serde_json::{Value, json};

/// Who leads the teams that Okta makes.
const LEADER: &str = "lea@acme.example";

fn tenant(playvox: &Fake<Playvox>) -> Tenant {
    let tenant = Tenant::of("playvox", playvox.url()).var("leader", LEADER);
    tenant.at("/scim/v1").passing(BASE64_KEY)
}

async fn playvox() -> (Fake<Playvox>, Gateway) {
    let playvox = Playvox::start().await;
    let gateway = Gateway::one(tenant(&playvox));
    (playvox, gateway)
}

fn mia() -> Value {
    person("mia@acme.example", "Mia", "Berg")
}

/// That nothing was asked but with the key behind Basic, and that nobody was deleted.
fn obeyed(playvox: &Fake<Playvox>) {
    let header = format!("Basic {BASE64_KEY}");
    for call in playvox.calls() {
        assert_eq!(call.header("authorization"), Some(header.as_str()), "{}", call.line());
        assert!(!call.line().starts_with("DELETE /api/v1/users"), "{}", call.line());
    }
}

#[tokio::test]
async fn pv_1_a_new_user_is_created_with_a_password_that_nobody_knows() {
    let (playvox, gateway) = playvox().await;
    let okta = gateway.okta();
    assert!(okta.look_up("mia@acme.example").await.is_none());
    let made = okta.send("POST /Users", &mia()).await.told(201);
    let one = id(&made);
    let user = playvox.state().user(&one).unwrap();
    for (field, held) in [
        ("username", "mia@acme.example"),
        ("email", "mia@acme.example"),
        ("name", "Mia"),
        ("last_name", "Berg"),
        ("status", "active"),
    ] {
        assert_eq!(user[field], held, "{field}");
    }
    for attribute in ["userName", "displayName", "emails", "externalId", "active"] {
        assert_eq!(made[attribute], mia()[attribute], "{attribute}");
    }
    // Each has another one; Playvox takes it, and neither client nor log is told.
    let other =
        id(&okta.send("POST /Users", &person("kai@acme.example", "Kai", "Ek")).await.told(201));
    let passwords = [&one, &other].map(|id| playvox.state().passwords[id].clone());
    assert_ne!(passwords[0], passwords[1]);
    assert_eq!(passwords[0].len(), 20);
    for told in [made, okta.read(&one).await.told(200)] {
        assert!(told.get("password").is_none(), "{told}");
        assert!(!told.to_string().contains(&passwords[0]), "{told}");
    }
    // The one that Okta makes up may be too weak for Playvox, so it is none.
    let zoe = id(&okta.create(person("zoe@acme.example", "Zoe", "Ash")).await.told(201));
    assert_ne!(playvox.state().passwords[&zoe], "q8Zt1-random");
    obeyed(&playvox);
    let log = gateway.ended();
    assert!(passwords.iter().all(|password| !log.contains(password)), "{log}");
}

#[tokio::test]
async fn pv_1_a_user_is_made_once() {
    let (playvox, gateway) = playvox().await;
    let okta = gateway.okta();
    let before = playvox.state().put("kai@acme.example", "Kai", "Ek");
    // Whom an admin made is found, or adopted by who does not look; whom we made is a conflict.
    let adopted = okta.create(person("kai@acme.example", "Kai", "Ek")).await.told(201);
    assert_eq!(id(&adopted), before);
    okta.create(person("kai@acme.example", "Kai", "Ek")).await.refused(409, Some("uniqueness"));
    // Another's name or address, in whatever letters, is refused by Playvox, under a 200.
    okta.create(person("Kai@acme.example", "Kai", "Ek")).await.refused(409, Some("uniqueness"));
    let taken = json!({ "emails": [{ "value": "kai@acme.example", "primary": true }] });
    let why = okta.create(with(mia(), taken)).await.refused(409, Some("uniqueness"));
    assert!(why.contains("email already exists"), "{why}");
    assert_eq!(playvox.state().users.len(), 1);
    obeyed(&playvox);
}

#[tokio::test]
async fn pv_2_updates_of_the_profile_are_pushed() {
    let (playvox, gateway) = playvox().await;
    let okta = gateway.okta();
    let one = id(&okta.assign(mia()).await);
    let address = format!("POST /api/v1/users/{one}");
    playvox.forget();
    let changes = json!({ "name": { "givenName": "Maja", "familyName": "Lind" } });
    let told = okta.update(&one, changes).await.told(200);
    assert_eq!(told["displayName"], "Maja Lind");
    assert_eq!(sent(&playvox, &address), [json!({ "name": "Maja", "last_name": "Lind" })]);

    playvox.forget();
    let moved = json!({
        "userName": "m.lind@acme.example",
        "emails": [{ "primary": true, "type": "work", "value": "m.lind@acme.example" }],
    });
    let told = okta.update(&one, moved.clone()).await.told(200);
    assert_eq!((&told["userName"], &told["emails"]), (&moved["userName"], &moved["emails"]));
    let user = playvox.state().user(&one).unwrap();
    assert_eq!((&user["username"], &user["email"]), (&moved["userName"], &moved["userName"]));
    // What comes back as it was is no change, and the password is no part of a profile.
    playvox.forget();
    let password = playvox.state().passwords[&one].clone();
    okta.update(&one, json!({ "password": "Another-1-word" })).await.told(200);
    assert_eq!(writes(&playvox), [""; 0]);
    assert_eq!(playvox.state().passwords[&one], password);
    obeyed(&playvox);
}

#[tokio::test]
async fn pv_3_a_deactivated_user_keeps_the_account_and_all_that_is_in_it() {
    let (playvox, gateway) = playvox().await;
    let okta = gateway.okta();
    let one = id(&okta.assign(mia()).await);
    let before = playvox.state().user(&one).unwrap();
    playvox.forget();
    assert_eq!(okta.deactivate(&one).await.told(200)["active"], false);
    let off = json!({
        "status": "inactive", "deactivation_type": "other",
        "deactivation_reason": "by the identity provider",
    });
    assert_eq!(writes(&playvox), [format!("POST /api/v1/users/{one}")]);
    assert_eq!(sent(&playvox, &writes(&playvox)[0]), std::slice::from_ref(&off));
    let held = with(before, off);
    let user = playvox.state().user(&one).unwrap();
    assert_eq!(with(user, json!({ "updated_at": held["updated_at"] })), held);
    // Who is inactive is read, found and listed all the same.
    assert_eq!(okta.read(&one).await.told(200)["active"], false);
    assert_eq!(okta.look_up("mia@acme.example").await.unwrap()["active"], false);
    assert_eq!(okta.import("Users").await[0]["active"], false);
    obeyed(&playvox);
}

#[tokio::test]
async fn pv_4_a_user_is_reactivated_with_the_same_id() {
    let (playvox, gateway) = playvox().await;
    let okta = gateway.okta();
    let one = id(&okta.assign(mia()).await);
    okta.deactivate(&one).await.told(200);
    playvox.forget();
    let told = okta.reactivate(&one).await.told(200);
    assert_eq!((&told["active"], id(&told)), (&json!(true), one.clone()));
    let on = json!({ "status": "active", "deactivation_type": "", "deactivation_reason": "" });
    assert_eq!(sent(&playvox, &format!("POST /api/v1/users/{one}")), [on]);
    // Okta may as well look up whom it deactivated, and put the whole profile.
    okta.deactivate(&one).await.told(200);
    let again = okta
        .assign(with(mia(), json!({ "name": { "givenName": "Mia", "familyName": "Lind" } })))
        .await;
    assert_eq!((id(&again), &again["active"]), (one.clone(), &json!(true)));
    let user = playvox.state().user(&one).unwrap();
    assert_eq!((&user["status"], &user["last_name"]), (&json!("active"), &json!("Lind")));
    assert_eq!(playvox.state().users.len(), 1);
    obeyed(&playvox);
}

#[tokio::test]
async fn pv_5_scim_2_0_is_spoken_at_scim_v1() {
    let (playvox, gateway) = playvox().await;
    let okta = gateway.okta();
    let made = okta.assign(mia()).await;
    assert_eq!(made["schemas"][0], crate::okta::USER);
    let location = made["meta"]["location"].as_str().unwrap();
    assert!(location.ends_with(&format!("/scim/v1/Users/{}", id(&made))), "{location}");
    let patch = json!([{ "op": "replace", "path": "active", "value": false }]);
    okta.patch(&format!("/Users/{}", id(&made)), patch).await.told(200);
    let told = okta.send("GET /ServiceProviderConfig", &Value::Null).await.told(200);
    assert_eq!(told["patch"]["supported"], true);
    obeyed(&playvox);
}

#[tokio::test]
async fn pv_6_the_key_is_user_id_and_api_key_in_base64_whatever_stands_before_it() {
    let (playvox, gateway) = playvox().await;
    for shown in ["Basic ", "Bearer ", "bearer ", ""].map(|scheme| format!("{scheme}{BASE64_KEY}"))
    {
        playvox.forget();
        let okta = gateway.okta().showing(&shown);
        okta.test_credentials().await.told(200);
        assert!(!playvox.lines().is_empty(), "{shown}");
        obeyed(&playvox);
    }
    gateway.ended();
}

#[tokio::test]
async fn pv_7_credentials_are_tested_by_playvox_itself() {
    let (playvox, gateway) = playvox().await;
    let told = gateway.okta().test_credentials().await.told(200);
    assert_eq!((&told["totalResults"], &told["startIndex"]), (&json!(0), &json!(1)));
    assert!(!playvox.lines().is_empty());
    // A key that Playvox refuses is the client's own, and a request without one asks nobody.
    let wrong = "NWYwYzFkMmUzYTRiNWM2ZDdlOGY5YTBiOndyb25n";
    let bad = gateway.okta().showing(&format!("Basic {wrong}"));
    bad.test_credentials().await.refused(401, None);
    bad.create(mia()).await.refused(401, None);
    assert!(playvox.state().users.is_empty());
    playvox.forget();
    gateway.okta().showing("").test_credentials().await.refused(401, None);
    assert_eq!(playvox.lines(), [""; 0]);
    let log = gateway.ended();
    assert!(!log.contains(wrong), "{log}");
}

#[tokio::test]
async fn pv_8_nobody_is_deleted_and_who_is_made_again_is_the_same() {
    let (playvox, gateway) = playvox().await;
    let okta = gateway.okta();
    let one = id(&okta.assign(mia()).await);
    playvox.forget();
    okta.delete(&one).await.told(204);
    assert_eq!(writes(&playvox), [format!("POST /api/v1/users/{one}")]);
    assert_eq!(playvox.state().user(&one).unwrap()["status"], "inactive");
    // To the client she is gone.
    okta.read(&one).await.refused(404, None);
    assert!(okta.look_up("mia@acme.example").await.is_none());
    assert_eq!(okta.import("Users").await, [json!(null); 0]);
    let again = okta.assign(mia()).await;
    assert_eq!((id(&again), &again["active"]), (one.clone(), &json!(true)));
    assert_eq!(playvox.state().user(&one).unwrap()["status"], "active");
    assert_eq!(playvox.state().users.len(), 1);
    obeyed(&playvox);
}

/// What the guide does not say and Okta does all the same: pushed groups are teams, and roles are imported.
#[tokio::test]
async fn pushed_groups_are_teams_and_roles_are_read() {
    let (playvox, gateway) = playvox().await;
    let okta = gateway.okta();
    let leader = playvox.state().put(LEADER, "Lea", "Ohm");
    let mut people = Vec::new();
    for name in ["ann", "bob", "cy"] {
        let email = format!("{name}@acme.example");
        people.push(id(&okta.assign(person(&email, name, "Ash")).await));
    }
    let support = okta.push_group("Support", &[&people[0], &people[1]]).await;
    let team = |name: &str| playvox.state().team(name).unwrap();
    assert_eq!(team("Support")["team_leader_id"], json!([leader]));
    assert_eq!(team("Support")["users"], json!(people[..2]));
    let leaving = format!("members[value eq \"{}\"]", people[0]);
    let changes = json!([
        { "op": "remove", "path": leaving },
        { "op": "add", "path": "members", "value": [{ "value": people[2], "display": "cy" }] },
    ]);
    okta.patch(&format!("/Groups/{support}"), changes).await.told(204);
    assert_eq!(team("Support")["users"], json!(people[1..]));
    let rename = json!([{ "op": "replace", "value": { "id": support, "displayName": "Help" } }]);
    okta.patch(&format!("/Groups/{support}"), rename).await.told(200);
    assert_eq!(team("Help")["users"], json!(people[1..]));
    assert_eq!(okta.import("Groups").await[0]["members"].as_array().map(Vec::len), Some(2));
    okta.send(&format!("DELETE /Groups/{support}"), &Value::Null).await.told(204);
    assert!(playvox.state().team("Help").is_none());
    assert_eq!(playvox.state().users.len(), 4);

    let roles = okta.import("Roles").await;
    let names: Vec<&Value> = roles.iter().map(|role| &role["displayName"]).collect();
    assert_eq!(names, ["agent", "admin"]);
    obeyed(&playvox);
}
