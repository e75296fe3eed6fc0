//! Who refers to whom: the client by ids, the vendor by its keys.

use crate::{
    vendor::Vendor,
    world::{Own, World, detail, patch, user},
};
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn group(members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
    json!({ "schemas": schemas, "displayName": "Crew", "members": members })
}

fn members(body: &Value) -> Vec<&str> {
    let list = body["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|member| member["value"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn members_are_ids_here_and_keys_at_the_vendor() {
    let vendor = Vendor::start().await;
    let mut world = World::new("members", Own::LINKED, &vendor);
    let (mia, kai, lea) =
        (world.make("mia").await, world.make("kai").await, world.make("lea").await);
    vendor.asked();
    let made = world.send("POST", "/Groups", group(&[&mia, &kai])).await;
    assert_eq!(made.status, 201, "{made:?}");
    let body = made.body.unwrap();
    assert_eq!((body["id"].as_str(), members(&body)), (Some("104"), vec![&*mia, &*kai]));
    assert_eq!(
        vendor.written(),
        ["POST /teams", "PUT /teams/104/people/101", "PUT /teams/104/people/102"]
    );
    assert_eq!(vendor.team(104)["people"], json!([101, 102]));
    let reference = format!("https://gw.example/scim/v2/Users/{mia}");
    assert_eq!(body["members"][0]["$ref"], reference);

    world.restart().await;
    let change = patch(json!([
        { "op": "remove", "path": format!("members[value eq \"{mia}\"]") },
        { "op": "add", "path": "members", "value": [{ "value": lea }] },
    ]));
    let path = "/Groups/104?attributes=members";
    let changed = world.send("PATCH", path, change).await;
    assert_eq!(members(&changed.body.unwrap()), [&*kai, &*lea]);
    assert_eq!(vendor.written(), ["PUT /teams/104/people/103", "DELETE /teams/104/people/101"]);

    vendor.asked();
    for (who, found) in [(&*kai, 1), (&*mia, 0), ("102", 0), ("nobody", 0)] {
        let (ids, _) = world.list(&format!("/Groups?filter=members.value eq \"{who}\"")).await;
        assert_eq!(ids.len(), found, "{who}");
    }
    assert_eq!(vendor.asked()[0], "GET /teams?person=102");
}

#[tokio::test]
async fn who_is_nobody_joins_nothing_and_nothing_is_written() {
    let vendor = Vendor::start().await;
    let world = World::new("nobody", Own::LINKED, &vendor);
    let mia = world.make("mia").await;
    vendor.asked();
    // The vendor's key of her is no id of hers.
    for nobody in ["101", "no-such"] {
        let refused = world.send("POST", "/Groups", group(&[&mia, nobody])).await;
        let expected = format!("there is no User `{nobody}`; nothing was changed");
        assert_eq!((refused.status, detail(&refused)), (400, &*expected));
    }
    let mut led = user("kai");
    led["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]);
    led[ENTERPRISE] = json!({ "manager": { "value": "101" } });
    assert_eq!(world.send("POST", "/Users", led).await.status, 400);
    // She has an id, and went behind our back.
    vendor.lose(101);
    assert_eq!(world.get(&format!("/Users/{mia}")).await.status, 404);
    let kai = world.make("kai").await;
    vendor.asked();
    let refused = world.send("POST", "/Groups", group(&[&kai, &mia])).await;
    let expected = format!("there is no User `{mia}`; nothing was changed");
    assert_eq!((refused.status, detail(&refused)), (400, &*expected));
    assert_eq!(vendor.written(), [""; 0]);
}

#[tokio::test]
async fn a_manager_is_an_id_here_and_a_number_at_the_vendor() {
    let vendor = Vendor::start().await;
    let world = World::new("manager", Own::LINKED, &vendor);
    let boss = world.make("boss").await;
    let mut mia = user("mia");
    mia["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]);
    mia[ENTERPRISE] = json!({ "manager": { "value": boss } });
    let made = world.send("POST", "/Users", mia).await;
    assert_eq!(made.status, 201, "{made:?}");
    let body = made.body.unwrap();
    assert_eq!(body[ENTERPRISE]["manager"]["value"], boss);
    assert_eq!(vendor.person(102)["boss"], 101);
    let one = format!("/Users/{}", body["id"].as_str().unwrap());
    let lea = world.make("lea").await;
    let path = format!("{ENTERPRISE}:manager.value");
    let change = patch(json!([{ "op": "replace", "path": path, "value": lea }]));
    let changed = world.send("PATCH", &one, change.clone()).await;
    assert_eq!(changed.body.unwrap()[ENTERPRISE]["manager"]["value"], lea);
    assert_eq!(vendor.person(102)["boss"], 103);
    vendor.asked();
    assert_eq!(world.send("PATCH", &one, change).await.status, 200);
    assert_eq!(vendor.written(), [""; 0], "the same again is no change");
    let (found, _) = world.list(&format!("/Users?filter={path} eq \"{lea}\"")).await;
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn a_list_of_groups_asks_the_vendor_for_no_member() {
    let vendor = Vendor::start().await;
    let world = World::new("no-more", Own::LINKED, &vendor);
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(world.make(&format!("u{number}")).await);
    }
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    for _ in 0..3 {
        assert_eq!(world.send("POST", "/Groups", group(&all)).await.status, 201);
    }
    vendor.asked();
    let wire = world.get("/Groups").await;
    let body = wire.body.unwrap();
    assert_eq!(body["totalResults"], 3);
    assert!(body["Resources"].as_array().unwrap().iter().all(|one| members(one) == all));
    assert_eq!(vendor.asked(), ["GET /teams"]);
}

#[tokio::test]
async fn groups_of_our_own_hold_ids() {
    let vendor = Vendor::start().await;
    let own = Own { kept_groups: true, ..Own::LINKED };
    let mut world = World::new("kept-groups", own, &vendor);
    let (mia, kai) = (world.make("mia").await, world.make("kai").await);
    let refused = world.send("POST", "/Groups", group(&[&mia, "102"])).await;
    let expected = "there is no User `102`; nothing was changed";
    assert_eq!((refused.status, detail(&refused)), (400, expected));
    let made = world.send("POST", "/Groups", group(&[&mia, &kai])).await;
    assert_eq!(made.status, 201, "{made:?}");
    let crew = format!("/Groups/{}", made.body.unwrap()["id"].as_str().unwrap());
    world.restart().await;
    assert_eq!(world.list(&format!("/Groups?filter=members.value eq \"{mia}\"")).await.1, 1);
    assert_eq!(world.send("DELETE", &format!("/Users/{mia}"), Value::Null).await.status, 204);
    assert_eq!(members(&world.get(&crew).await.body.unwrap()), [&*kai]);
}
