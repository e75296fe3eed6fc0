//! `then: reject`: 400, whatever would be written, and never in the way of a deactivation.

use crate::world::{MAPPING, World, user};
use http::Method;
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};

#[tokio::test]
async fn who_is_refused_is_never_sent_and_told_why() {
    let world = World::new().await;
    let mut nameless = user("mia", "San Francisco");
    nameless.as_object_mut().unwrap().remove("displayName");
    let made = world.ask(Method::POST, "/Users", nameless.clone()).await;
    assert_eq!((made.status, &made.body["scimType"]), (400, &json!("invalidValue")));
    assert_eq!(made.body["detail"], "mia@acme.example has no name");
    assert_eq!(world.told(), [""; 0], "nothing was sent");
    let id = world.make(user("mia", "San Francisco")).await;
    world.told();
    let remove = json!([{ "op": "remove", "path": "displayName" }]);
    let patched = world.patch(&id, remove).await;
    assert_eq!((patched.status, &patched.body["scimType"]), (400, &json!("invalidValue")));
    let put = world.ask(Method::PUT, &format!("/Users/{id}"), nameless).await;
    assert_eq!(put.status, 400, "{}", put.body);
    let read = format!("GET /employees/{id}");
    assert_eq!(world.told(), [read.clone(), read], "they were read, and nothing was written");
    let shown = world.metrics.render();
    let counted = r#"scimshim_outside_total{resource="User",tenant="t",then="reject"} 3"#;
    assert!(shown.contains(counted), "{shown}");
    assert_eq!(put.trace.outside.unwrap().word(), "reject");
}

#[tokio::test]
async fn a_row_speaks_before_what_is_required() {
    let mapping = MAPPING.replace(
        "displayName: { field: attributes.name }",
        "displayName: { field: attributes.name, required: true }",
    );
    let world = World::of(&mapping, Profile::Strict).await;
    let mut nameless = user("mia", "San Francisco");
    nameless.as_object_mut().unwrap().remove("displayName");
    let made = world.ask(Method::POST, "/Users", nameless).await;
    assert_eq!(made.body["detail"], "mia@acme.example has no name");
}

#[tokio::test]
async fn without_words_of_its_own_a_row_names_its_line() {
    let mapping = MAPPING.replace("        detail: \"{resource.userName} has no name\"\n", "");
    let world = World::of(&mapping, Profile::Strict).await;
    let mut nameless = user("mia", "San Francisco");
    nameless.as_object_mut().unwrap().remove("displayName");
    let made = world.ask(Method::POST, "/Users", nameless).await;
    assert_eq!(made.status, 400);
    let detail = made.body["detail"].as_str().unwrap();
    assert_eq!(detail, "this User is outside of what is synced (offices.yaml:22:9)");
}

/// Who was there before the rule was: his name is gone at the vendor.
async fn lost() -> (World, String) {
    let world = World::of(
        &MAPPING.replace("resource.displayName == null", "resource.title == 'Ghost'"),
        Profile::Strict,
    )
    .await;
    let id = world.make(user("mia", "San Francisco")).await;
    let key: u64 = id.parse().unwrap();
    world.vendor.state().employees.get_mut(&key).unwrap().attributes["title"] = json!("Ghost");
    world.told();
    (world, id)
}

#[tokio::test]
async fn a_deactivation_is_never_refused() {
    for whole in [false, true] {
        let (world, id) = lost().await;
        for repeat in [false, true] {
            let off = match whole {
                false => world.switch(&id, false).await,
                true => {
                    let mut body = world.get(&format!("/Users/{id}")).await.body;
                    body["active"] = json!(false);
                    world.ask(Method::PUT, &format!("/Users/{id}"), body).await
                }
            };
            assert_eq!((off.status, &off.body["active"]), (200, &json!(false)), "{repeat}");
        }
        assert_eq!(world.employee(&id)["deleted"], true);
        assert_eq!(world.switch(&id, true).await.status, 400, "he may not come back so");
        let gone = world.ask(Method::DELETE, &format!("/Users/{id}"), Value::Null).await;
        assert_eq!(gone.status, 204, "{}", gone.body);
        assert_eq!(world.get(&format!("/Users/{id}")).await.status, 404);
    }
}

#[tokio::test]
async fn one_among_other_changes_is_carried_out_and_told() {
    let (world, id) = lost().await;
    let both = json!([{ "op": "replace", "value": { "active": false, "displayName": "Max" } }]);
    let patched = world.patch(&id, both).await;
    assert_eq!(patched.status, 400);
    let detail = patched.body["detail"].as_str().unwrap();
    assert!(detail.ends_with("; the deactivation of the same request was carried out"), "{detail}");
    let employee = world.employee(&id);
    assert_eq!((&employee["deleted"], &employee["name"]), (&json!(true), &json!("mia")));
}

#[tokio::test]
async fn a_rule_that_fails_is_the_mappings_fault_and_holds_no_deactivation_up() {
    let failing = MAPPING.replace("resource.displayName == null", "resource.title > 7");
    let world = World::of(&failing, Profile::Strict).await;
    let mut mia = user("mia", "San Francisco");
    mia["title"] = json!("Clerk");
    let made = world.ask(Method::POST, "/Users", mia).await;
    assert_eq!(made.status, 500, "{}", made.body);
    assert!(made.body["detail"].as_str().unwrap().contains("offices.yaml:22:9"), "{}", made.body);
    let key = world.vendor.state().put("mia", "mia@acme.example", &[]);
    let id = key.to_string();
    world.vendor.state().employees.get_mut(&key).unwrap().attributes["title"] = json!("Clerk");
    assert_eq!(
        world
            .patch(&id, json!([{ "op": "replace", "path": "displayName", "value": "M" }]))
            .await
            .status,
        500
    );
    assert_eq!(world.switch(&id, false).await.status, 200);
    assert_eq!(world.employee(&id)["deleted"], true);
}
