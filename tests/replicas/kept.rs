//! What is kept of somebody is kept for all replicas: by which id he goes, that he is ours, that he has gone.

use crate::{
    ada::ada,
    creates::replicas,
    world::{MAPPING, Vendor},
};
use serde_json::{Value, json};

fn eve() -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "eve" })
}

#[tokio::test]
async fn who_goes_by_an_id_of_ours_goes_by_it_everywhere() {
    let vendor = Vendor::with(&[]);
    let mapping = MAPPING.replace("key: id\n", "key: id\n    id: link\n");
    let Some([one, two]) = replicas("linked", &vendor, &mapping).await else { return };
    let made = one.send("POST", "/Users", ada()).await;
    let id = made.body["id"].as_str().unwrap();
    assert!(made.status == 201 && id != "ada", "{made:?}");
    assert_eq!(two.patch(id, json!({ "nickName": "N" })).await.status, 200);
    assert_eq!(vendor.person("ada").unwrap()["nick"], "N");
    assert_eq!(two.send("DELETE", &format!("/Users/{id}"), Value::Null).await.status, 204);
    let gone = one.send("GET", &format!("/Users/{id}"), Value::Null).await;
    assert_eq!(gone.status, 404, "{gone:?}");
}

#[tokio::test]
async fn whom_one_has_made_or_adopted_all_may_change_and_nobody_else() {
    let vendor = Vendor::with(&["eve", "old"]);
    let owns = "match: [userName]\n    on_match: adopt\n    owns: linked";
    let mapping = MAPPING.replace("match: [userName]", owns);
    let Some([one, two]) = replicas("owned", &vendor, &mapping).await else { return };
    assert_eq!(one.send("POST", "/Users", ada()).await.status, 201);
    assert_eq!(two.send("POST", "/Users", eve()).await.status, 201, "she is adopted");
    for (replica, id, status) in
        [(&two, "ada", 200), (&one, "eve", 200), (&one, "old", 403), (&two, "old", 403)]
    {
        let told = replica.patch(id, json!({ "nickName": id })).await;
        assert_eq!(told.status, status, "{id} {told:?}");
    }
    assert_eq!(two.send("POST", "/Users", ada()).await.status, 409, "she is there");
}

#[tokio::test]
async fn who_was_deleted_at_one_is_there_at_none_and_is_made_again_at_any() {
    let vendor = Vendor::with(&[]);
    let delete = "delete: { run: retire, afterwards: gone }";
    let mapping = MAPPING.replace("delete: { call: \"DELETE /users/{key}\" }", delete);
    let Some([one, two]) = replicas("tombs", &vendor, &mapping).await else { return };
    let mut ada = ada();
    ada["active"] = json!(true);
    assert_eq!(one.send("POST", "/Users", ada.clone()).await.status, 201);
    assert_eq!(one.send("DELETE", "/Users/ada", Value::Null).await.status, 204);
    assert_eq!(vendor.active("ada"), Some(false), "the vendor goes on showing her");
    let found = "/Users?filter=userName%20eq%20%22ada%22";
    for replica in [&one, &two] {
        assert_eq!(replica.send("GET", "/Users/ada", Value::Null).await.status, 404);
        assert_eq!(replica.patch("ada", json!({ "nickName": "N" })).await.status, 404);
        let found = replica.send("GET", found, Value::Null).await;
        assert_eq!(found.body["totalResults"], 0, "{found:?}");
    }
    let again = two.send("POST", "/Users", ada).await;
    assert_eq!((again.status, &again.body["active"]), (201, &json!(true)), "{again:?}");
    assert_eq!(one.send("GET", "/Users/ada", Value::Null).await.status, 200);
}
