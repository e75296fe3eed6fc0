//! `get_many`: those whose ids are known, many in one call.

use crate::{
    vendor::{Search, Vendor},
    world::{Own, World, patch},
};
use serde_json::{Value, json};

const MANY: Own = Own {
    settings: "on_match: adopt",
    list: r#"list: { links: true }
      get_many: { at_most: 100, call: POST /people/search, body: { ids: "{keys}" }, repeat: safe, items: found, errors: [{ when: answer.status == 404, means: not_found }] }"#,
    ..Own::LINKED
};
/// At most seven, with ids of ours.
const FEW: Own = Own {
    settings: "id: link\n    on_match: adopt",
    list: r#"list: { links: true }
      get_many: { at_most: 7, call: "POST /people/search", body: { ids: "{keys}" }, repeat: safe, items: found }"#,
    ..Own::LINKED
};
/// A list that gives no more than the keys that count.
const AGAIN: Own = Own {
    settings: "on_match: adopt",
    list: r#"list: { call: GET /people, items: items, paging: none, read_again: [get] }
      get_many: { at_most: 100, call: POST /people/search, body: { ids: "{keys}" }, repeat: safe, items: found }"#,
    ..Own::LINKED
};

async fn crew(world: &World, size: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..size {
        ids.push(world.make(&format!("u{number}")).await);
    }
    ids.sort();
    ids
}

#[tokio::test]
async fn a_list_of_a_hundred_is_one_call() {
    let vendor = Vendor::start().await;
    let mut world = World::new("many-hundred", MANY, &vendor);
    vendor.put("foreign");
    let ids = crew(&world, 100).await;
    world.restart().await;
    vendor.asked();
    assert_eq!(world.list("/Users?count=100").await, (ids.clone(), 100));
    assert_eq!(vendor.asked(), ["POST /people/search"]);
    let page = world.list("/Users?count=10&startIndex=51").await;
    assert_eq!(page, (ids[50..60].to_vec(), 100));
    assert_eq!(vendor.asked(), ["POST /people/search"]);
    // Of one alone `get` is asked.
    assert_eq!(world.list("/Users?count=1").await, (ids[..1].to_vec(), 100));
    assert_eq!(vendor.asked(), ["GET /people/102"]);
}

#[tokio::test]
async fn no_more_are_asked_for_at_once_than_the_vendor_takes() {
    let vendor = Vendor::start().await;
    let world = World::new("many-few", FEW, &vendor);
    let ids = crew(&world, 30).await;
    vendor.asked();
    assert_eq!(world.list("/Users").await, (ids, 30));
    // 7, 7, 7, 7 and 2.
    assert_eq!(vendor.asked(), ["POST /people/search"; 5]);
}

#[tokio::test]
async fn who_is_not_among_the_answers_is_read_and_not_taken_for_gone() {
    let vendor = Vendor::start().await;
    let mut world = World::new("many-without", MANY, &vendor);
    let ids = crew(&world, 10).await;
    vendor.searches(Search::Without(103));
    vendor.lose(107);
    world.restart().await;
    vendor.asked();
    let left: Vec<String> = ids.iter().filter(|id| *id != "107").cloned().collect();
    assert_eq!(world.list("/Users").await, (left.clone(), 9));
    let asked = vendor.asked();
    let of = |line: &str| asked.iter().filter(|one| *one == line).count();
    assert_eq!((of("POST /people/search"), of("GET /people/103")), (1, 1), "{asked:?}");
    // Who is forgotten for it is looked at once more first.
    assert_eq!((of("GET /people/107"), asked.len()), (2, 4), "{asked:?}");
    assert_eq!(world.list("/Users").await, (left, 9));
    assert_eq!(vendor.asked(), ["POST /people/search", "GET /people/103"]);
}

#[tokio::test]
async fn an_answer_with_everybody_is_of_those_who_were_asked_for() {
    let vendor = Vendor::start().await;
    let world = World::new("many-everybody", MANY, &vendor);
    vendor.put("foreign");
    let ids = crew(&world, 5).await;
    vendor.searches(Search::Everybody);
    assert_eq!(world.list("/Users").await, (ids, 5));
}

#[tokio::test]
async fn a_call_that_fails_fails_the_page_and_forgets_nobody() {
    let vendor = Vendor::start().await;
    let world = World::new("many-fails", MANY, &vendor);
    let ids = crew(&world, 5).await;
    vendor.searches(Search::Broken);
    assert_eq!(world.get("/Users").await.status, 502);
    vendor.searches(Search::Known);
    assert_eq!(world.list("/Users").await, (ids, 5));
}

#[tokio::test]
async fn where_one_is_unknown_and_the_vendor_refuses_all_each_is_read() {
    let vendor = Vendor::start().await;
    let world = World::new("many-refused", MANY, &vendor);
    let ids = crew(&world, 5).await;
    vendor.searches(Search::AllOrNobody);
    assert_eq!(world.list("/Users").await, (ids.clone(), 5));
    vendor.lose(103);
    vendor.asked();
    let left: Vec<String> = ids.into_iter().filter(|id| id != "103").collect();
    assert_eq!(world.list("/Users").await, (left, 4));
    let asked = vendor.asked();
    assert_eq!(asked.iter().filter(|line| line.starts_with("POST")).count(), 1, "{asked:?}");
}

#[tokio::test]
async fn whom_the_store_or_the_client_names_are_asked_for_at_once() {
    let vendor = Vendor::start().await;
    let world = World::new("many-named", MANY, &vendor);
    let ids = crew(&world, 20).await;
    for id in &ids[..12] {
        let kept = patch(json!([{ "op": "add", "path": "title", "value": "Lead" }]));
        assert_eq!(world.send("PATCH", &format!("/Users/{id}"), kept).await.status, 200);
    }
    vendor.asked();
    assert_eq!(world.list("/Users?filter=title eq \"Lead\"").await.1, 12);
    assert_eq!(vendor.asked(), ["POST /people/search"]);
    let named =
        format!("/Users?filter=id eq \"{}\" or id eq \"{}\" or id eq \"..\"", ids[0], ids[1]);
    assert_eq!(world.list(&named).await.1, 2);
    assert_eq!(vendor.asked(), ["POST /people/search"]);
}

#[tokio::test]
async fn those_who_join_a_group_are_looked_at_at_once() {
    let vendor = Vendor::start().await;
    let mut world = World::new("many-join", MANY, &vendor);
    let ids = crew(&world, 9).await;
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Sales" });
    let made = world.send("POST", "/Groups", group).await.body.unwrap();
    let group = format!("/Groups/{}", made["id"].as_str().unwrap());
    world.restart().await;
    let join = |ids: &[String]| {
        let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
        patch(json!([{ "op": "add", "path": "members", "value": members }]))
    };
    vendor.asked();
    let wire = world.send("PATCH", &group, join(&ids)).await;
    assert!(wire.status < 300, "{wire:?}");
    let asked = vendor.asked();
    assert_eq!(asked.iter().filter(|line| line.contains("/people/search")).count(), 1);
    assert!(!asked.iter().any(|line| line.starts_with("GET /people/")), "{asked:?}");
    let unknown = world.send("PATCH", &group, join(&["998".into(), "999".into()])).await;
    assert_eq!(unknown.status, 400, "{unknown:?}");
    assert_eq!(vendor.written().iter().filter(|line| line.starts_with("PUT")).count(), 0);
}

#[tokio::test]
async fn what_a_list_has_is_read_again_at_once() {
    let vendor = Vendor::start().await;
    let world = World::new("many-again", AGAIN, &vendor);
    let ids = crew(&world, 40).await;
    vendor.asked();
    assert_eq!(world.list("/Users").await, (ids, 40));
    assert_eq!(vendor.asked(), ["GET /people", "POST /people/search"]);
    // A filter that no search serves is of all of them.
    assert_eq!(world.list("/Users?filter=nickName eq \"K\"").await.1, 0);
    assert_eq!(vendor.asked(), ["GET /people", "POST /people/search"]);
}
