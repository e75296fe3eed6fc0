//! Who moves: in, out, and in again as the same.

use crate::world::{MAPPING, World, for_good, left_alone, linked, user, work};
use http::Method;
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};

#[tokio::test]
async fn an_employee_who_was_there_leaves_and_comes_back_as_the_same() {
    let mut world = World::new().await;
    let id = world.make(user("mia", "San Francisco")).await;
    let one = format!("/Users/{id}");
    world.told();

    let out = world.works_in(&id, "Paris").await;
    assert_eq!((out.status, &out.body["id"]), (200, &json!(id)), "{}", out.body);
    assert_eq!((&out.body["active"], &out.body["addresses"]), (&json!(true), &work("Paris")));
    assert!(world.told().contains(&format!("DELETE /employees/{id}")));
    assert_eq!((world.employee(&id)["deleted"].clone(), world.outside().await), (json!(true), 1));

    world.restart().await;
    world.told();
    let title = json!([{ "op": "add", "path": "title", "value": "Clerk" }]);
    assert_eq!(world.patch(&id, title).await.status, 200);
    let read = world.get(&one).await.body;
    assert_eq!((&read["title"], &read["externalId"]), (&json!("Clerk"), &json!("00u-mia")));
    assert_eq!(world.listed("").await, (vec!["mia@acme.example".to_owned()], 1));
    assert!(!world.told().iter().any(|call| !call.starts_with("GET /employees?")));

    world.restart().await;
    let back = world.works_in(&id, "San Francisco").await;
    assert_eq!((back.status, &back.body["id"]), (200, &json!(id)), "{}", back.body);
    for (name, value) in [
        ("active", json!(true)),
        ("title", json!("Clerk")),
        ("externalId", json!("00u-mia")),
        ("addresses", work("San Francisco")),
    ] {
        assert_eq!(back.body[name], value, "{name}");
    }
    let employee = world.employee(&id);
    assert_eq!((&employee["deleted"], &employee["title"]), (&json!(false), &json!("Clerk")));
    assert_eq!((world.employees(), world.outside().await), (1, 0));
    world.restart().await;
    assert_eq!(world.get(&one).await.body, back.body);
    assert_eq!(world.found("externalId eq \"00u-mia\"").await, ["mia@acme.example"]);
    assert_eq!(world.listed("").await, (vec!["mia@acme.example".to_owned()], 1));
}

#[tokio::test]
async fn who_is_switched_off_outside_comes_back_so() {
    let world = World::new().await;
    let id = world.make(user("mia", "San Francisco")).await;
    world.works_in(&id, "Paris").await;
    assert_eq!(world.switch(&id, false).await.status, 200);
    let back = world.works_in(&id, "San Francisco").await;
    assert_eq!((back.status, &back.body["active"]), (200, &json!(false)), "{}", back.body);
    assert_eq!(world.employee(&id)["deleted"], true);
    assert_eq!(world.switch(&id, true).await.body["active"], true);
    assert_eq!(world.employee(&id)["deleted"], false);
}

#[tokio::test]
async fn who_is_not_said_to_be_off_comes_back_active() {
    let world = World::new().await;
    let id = world.make(user("mia", "San Francisco")).await;
    world.works_in(&id, "Paris").await;
    let unsaid = world.patch(&id, json!([{ "op": "remove", "path": "active" }])).await;
    assert_eq!((unsaid.status, &unsaid.body["active"]), (200, &Value::Null), "{}", unsaid.body);
    let back = world.works_in(&id, "San Francisco").await;
    assert_eq!((back.status, &back.body["active"]), (200, &json!(true)), "{}", back.body);
    assert_eq!(world.employee(&id)["deleted"], false);
}

#[tokio::test]
async fn a_record_that_is_left_alone_is_as_it_was_and_catches_up() {
    let world = World::of(&left_alone(), Profile::Strict).await;
    let id = world.make(user("mia", "San Francisco")).await;
    world.told();
    let mut moved = user("mia", "Paris");
    moved["title"] = json!("Clerk");
    let put = world.ask(Method::PUT, &format!("/Users/{id}"), moved).await;
    assert_eq!((put.status, &put.body["title"]), (200, &json!("Clerk")), "{}", put.body);
    assert_eq!(world.told(), [format!("GET /employees/{id}")], "it was read, and not written");
    assert_eq!(world.employee(&id)["title"], Value::Null);
    let back = world.works_in(&id, "San Francisco").await;
    assert_eq!((back.status, &back.body["title"]), (200, &json!("Clerk")));
    assert_eq!(world.employee(&id)["title"], "Clerk");
}

/// The id is ours from the beginning, and no vendor's key is in any answer.
#[tokio::test]
async fn with_ids_of_our_own_it_is_all_the_same() {
    let mut world = World::of(&linked(), Profile::Strict).await;
    let mut hand = String::new();
    for (name, from) in [("mia", "San Francisco"), ("kai", "Paris"), ("lea", "Paris")] {
        let email = format!("{name}@acme.example");
        if name == "lea" {
            hand = world.vendor.state().put("Lea by hand", &email, &[]).to_string();
        }
        let id = world.make(user(name, from)).await;
        for city in ["San Francisco", "Oslo", "San Francisco", "Rome"] {
            let moved = world.works_in(&id, city).await;
            assert_eq!((moved.status, &moved.body["id"]), (200, &json!(id)), "{}", moved.body);
            let inside = city == "San Francisco";
            assert_eq!(world.employee(&email)["deleted"], !inside, "{name} in {city}");
            world.restart().await;
            let read = world.get(&format!("/Users/{id}")).await.body;
            assert_eq!((&read["id"], &read["addresses"]), (&json!(id), &work(city)));
            assert_eq!(world.listed("").await, (vec![email.clone()], 1), "{name} in {city}");
            assert_eq!(world.get("/Users").await.body["Resources"][0]["id"], json!(id));
            assert_eq!(world.found(&format!("id eq \"{id}\"")).await, std::slice::from_ref(&email));
        }
        let gone = world.ask(Method::DELETE, &format!("/Users/{id}"), Value::Null).await;
        assert_eq!((gone.status, world.listed("").await), (204, (vec![], 0)));
    }
    assert_eq!(world.employees(), 3, "each was one and the same there");
    assert_eq!(world.get(&format!("/Users/{hand}")).await.status, 404);
}

#[tokio::test]
async fn who_was_deleted_when_he_left_is_made_again() {
    let world = World::of(&for_good(), Profile::Strict).await;
    let id = world.make(user("mia", "San Francisco")).await;
    let out = world.works_in(&id, "Paris").await;
    assert_eq!((out.status, world.outside().await), (200, 1), "{}", out.body);
    // What the vendor calls deleted, it has no more.
    world.vendor.state().employees.clear();
    let back = world.works_in(&id, "San Francisco").await;
    assert_eq!((back.status, &back.body["id"]), (200, &json!(id)), "{}", back.body);
    assert_eq!((world.employees(), world.outside().await), (1, 0));
    let read = world.get(&format!("/Users/{id}")).await;
    assert_eq!((read.status, &read.body["id"]), (200, &json!(id)));
}

#[tokio::test]
async fn who_never_was_there_comes_in_under_the_id_that_he_has() {
    let mut world = World::new().await;
    let id = world.make(user("mia", "Paris")).await;
    let one = format!("/Users/{id}");
    world.told();
    let into = json!([
        { "op": "replace", "path": "addresses", "value": work("San Francisco") },
        { "op": "add", "path": "title", "value": "Clerk" },
    ]);
    let came = world.patch(&id, into).await;
    assert_eq!((came.status, &came.body["id"]), (200, &json!(id)), "{}", came.body);
    assert_eq!((world.employees(), world.outside().await), (1, 0));
    let employee = world.employee("mia@acme.example");
    assert_eq!((&employee["title"], &employee["deleted"]), (&json!("Clerk"), &json!(false)));
    world.restart().await;
    let read = world.get(&one).await;
    assert_eq!((read.status, &read.body), (200, &came.body));
    assert_eq!(read.body["externalId"], "00u-mia", "what is kept is kept under his id");
    let (all, total) = world.listed("").await;
    assert_eq!((all.len(), total), (1, 1));
    let listed = world.get("/Users").await.body;
    assert_eq!(listed["Resources"][0]["id"], json!(id));
    for filter in ["userName eq \"mia@acme.example\"", "externalId eq \"00u-mia\""] {
        assert_eq!(world.found(filter).await, ["mia@acme.example"], "{filter}");
    }
    let repeat = world.ask(Method::POST, "/Users", user("mia", "San Francisco")).await;
    assert_eq!(repeat.status, 409, "he is ours");
    // Out and in again.
    assert_eq!(world.works_in(&id, "Oslo").await.status, 200);
    assert_eq!(world.employee("mia@acme.example")["deleted"], true);
    world.restart().await;
    let back = world.works_in(&id, "San Francisco").await;
    assert_eq!((back.status, &back.body["id"]), (200, &json!(id)), "{}", back.body);
    assert_eq!(world.employee("mia@acme.example")["deleted"], false);
    assert_eq!(world.employees(), 1);
    assert_eq!(world.ask(Method::DELETE, &one, Value::Null).await.status, 204);
    assert_eq!(world.get(&one).await.status, 404);
    assert_eq!(world.employee("mia@acme.example")["deleted"], true);
    assert_eq!(world.listed("").await, (vec![], 0));
}

#[tokio::test]
async fn who_is_at_the_vendor_already_is_adopted_when_one_comes_in() {
    let mut world = World::new().await;
    let key = world.vendor.state().put("Mia by hand", "mia@acme.example", &[]).to_string();
    let id = world.make(user("mia", "Paris")).await;
    assert_eq!(
        world.employee(&key)["name"],
        "Mia by hand",
        "who is outside is no business of ours"
    );
    let came = world.works_in(&id, "San Francisco").await;
    assert_eq!((came.status, &came.body["id"]), (200, &json!(id)), "{}", came.body);
    assert_eq!(world.employee(&key)["name"], "mia");
    assert_eq!(world.employees(), 1);
    world.restart().await;
    assert_eq!(world.get(&format!("/Users/{id}")).await.body, came.body);
    assert_eq!(world.get(&format!("/Users/{key}")).await.status, 404, "he has one id");
}

#[tokio::test]
async fn who_is_another_ones_already_is_not_taken() {
    let mut world = World::new().await;
    let lea = world.make(user("lea", "San Francisco")).await;
    let id = world.make(user("mia", "Paris")).await;
    let both = json!([{ "op": "replace", "value": {
        "userName": "lea@acme.example", "addresses": work("San Francisco"),
    } }]);
    let refused = world.patch(&id, both).await;
    assert_eq!((refused.status, &refused.body["scimType"]), (409, &json!("uniqueness")));
    world.restart().await;
    assert_eq!(world.get(&format!("/Users/{id}")).await.body["userName"], "mia@acme.example");
    assert_eq!(world.employee(&lea)["name"], "lea");
    assert_eq!(world.outside().await, 1);
}

#[tokio::test]
async fn a_scope_that_widens_or_shrinks_counts_from_the_next_write() {
    let mut world = World::new().await;
    let inside = world.make(user("mia", "San Francisco")).await;
    let outside = world.make(user("kai", "Paris")).await;
    world.moves_to(json!(["Paris"])).await;
    world.told();
    assert_eq!(world.get(&format!("/Users/{outside}")).await.status, 200);
    assert_eq!(world.listed("").await.1, 2);
    assert!(world.told().iter().all(|call| call.starts_with("GET")), "nothing by itself");
    // What a client calls a force sync.
    let sync = |id: String, user: Value| {
        let world = &world;
        async move { world.ask(Method::PUT, &format!("/Users/{id}"), user).await }
    };
    assert_eq!(sync(inside.clone(), user("mia", "San Francisco")).await.status, 200);
    assert_eq!(world.employee(&inside)["deleted"], true);
    let came = sync(outside.clone(), user("kai", "Paris")).await;
    assert_eq!((came.status, &came.body["id"]), (200, &json!(outside)), "{}", came.body);
    assert_eq!(world.employee("kai@acme.example")["deleted"], false);
    assert_eq!(world.outside().await, 1);
    // Who was held before the row was narrowed to nobody is still served.
    let nobody = "!(of_type(resource.addresses, 'work').locality in tenant.cities)";
    world.says(&MAPPING.replace(nobody, "tenant.cities == null")).await;
    assert_eq!(world.get(&format!("/Users/{inside}")).await.status, 200);
    let back = world.ask(Method::PUT, &format!("/Users/{inside}"), user("mia", "Rome")).await;
    assert_eq!((back.status, world.outside().await), (200, 0), "{}", back.body);
    assert_eq!(world.employee(&inside)["deleted"], false);
}
