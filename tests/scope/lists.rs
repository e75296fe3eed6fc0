//! Lists and filters: who is held comes behind the vendor's, is counted with them, and is matched here.

use crate::world::{World, left_alone, listed, of_titles, user, work};
use http::Method;
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};

fn names(of: impl IntoIterator<Item = String>) -> Vec<String> {
    of.into_iter().map(|name| format!("{name}@acme.example")).collect()
}

#[tokio::test]
async fn pages_go_from_the_vendors_to_those_who_are_held() {
    let world = World::new().await;
    for number in 0..25 {
        world.vendor.state().put(
            &format!("in{number:02}"),
            &format!("in{number:02}@acme.example"),
            &[],
        );
    }
    for number in 0..7 {
        world.make(user(&format!("out{number}"), "Paris")).await;
    }
    let (all, total) = world.listed("").await;
    assert_eq!((all.len(), total), (32, 32));
    let inside = names((0..25).map(|number| format!("in{number:02}")));
    assert_eq!(all[..25], inside);
    let outside = all[25..].to_vec();
    let mut sorted = outside.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, names((0..7).map(|number| format!("out{number}"))));

    for size in [1, 3, 4, 10, 24, 25, 26, 31, 32, 100] {
        let mut walked = Vec::new();
        loop {
            let query = format!("?startIndex={}&count={size}", walked.len() + 1);
            let (page, total) = world.listed(&query).await;
            assert!(total as usize >= walked.len() + page.len(), "{query}: {total}");
            walked.extend(page);
            if walked.len() >= total as usize {
                assert_eq!(total, 32, "{query}");
                break;
            }
        }
        assert_eq!(walked, all, "by {size}");
    }
    for (query, expected) in [
        ("?startIndex=33&count=10", (vec![], 32)),
        ("?startIndex=900", (vec![], 32)),
        ("?count=0", (vec![], 32)),
        ("?startIndex=32&count=5", (vec![all[31].clone()], 32)),
        ("?startIndex=25&count=2", (all[24..26].to_vec(), 33)),
    ] {
        let (page, total) = world.listed(query).await;
        assert_eq!(page, expected.0, "{query}");
        assert!(total == expected.1 || total == 32, "{query}: {total}");
    }
    let (sorted, total) = world.listed("?sortBy=userName&sortOrder=descending&count=3").await;
    assert_eq!((sorted, total), (names(["out6", "out5", "out4"].map(str::to_owned)), 32));
}

#[tokio::test]
async fn filters_find_them_as_any_other() {
    let world = World::new().await;
    world.make(user("mia", "San Francisco")).await;
    let kai = world.make(user("kai", "Paris")).await;
    let lea = world.make(user("lea", "Oslo")).await;
    world.switch(&lea, false).await;
    world.told();
    for (filter, found) in [
        ("userName eq \"kai@acme.example\"".to_owned(), vec!["kai"]),
        ("userName eq \"KAI@acme.example\"".to_owned(), vec!["kai"]),
        ("userName eq \"nobody@acme.example\"".to_owned(), vec![]),
        ("externalId eq \"00u-kai\"".to_owned(), vec!["kai"]),
        ("externalId eq \"00u-mia\"".to_owned(), vec!["mia"]),
        (format!("id eq \"{kai}\""), vec!["kai"]),
        ("displayName sw \"k\"".to_owned(), vec!["kai"]),
        ("active eq false".to_owned(), vec!["lea"]),
        ("active eq true".to_owned(), vec!["mia", "kai"]),
        ("addresses[type eq \"work\" and locality eq \"Oslo\"]".to_owned(), vec!["lea"]),
        ("userName eq \"kai@acme.example\" and active eq false".to_owned(), vec![]),
        (
            "userName eq \"kai@acme.example\" or userName eq \"mia@acme.example\"".to_owned(),
            vec!["mia", "kai"],
        ),
        ("not (displayName eq \"mia\")".to_owned(), vec!["kai", "lea"]),
    ] {
        let mut found = names(found.into_iter().map(str::to_owned));
        let mut told = world.found(&filter).await;
        found.sort_unstable();
        told.sort_unstable();
        assert_eq!(told, found, "{filter}");
    }
    world.told();
    world.found(&format!("id eq \"{kai}\"")).await;
    assert_eq!(world.told(), [""; 0], "the vendor is not asked for an id of ours");
}

/// A page of more than 1,000 is told while it is made, and matches beyond `limits.scan`.
#[tokio::test]
async fn a_list_that_is_told_while_it_is_made_has_them_too() {
    let world = World::new().await;
    for number in 0..30 {
        let name = format!("in{number:02}");
        world.vendor.state().put(&name, &format!("{name}@acme.example"), &[]);
    }
    for number in 0..70 {
        world.make(user(&format!("out{number:02}"), "Paris")).await;
    }
    for (query, total, first, last) in [
        ("?count=5000", 100, 30, 70),
        ("?count=5000&startIndex=11", 100, 20, 70),
        ("?count=5000&startIndex=41", 100, 0, 60),
        ("?count=5000&filter=displayName%20sw%20%22in0%22", 10, 10, 0),
        ("?count=5000&filter=displayName%20sw%20%22out%22", 70, 0, 70),
        ("?count=5000&filter=displayName%20co%20%220%22", 28, 12, 16),
        ("?count=5000&startIndex=16&filter=displayName%20co%20%220%22", 28, 0, 13),
    ] {
        let list = world.streamed(&format!("/Users{query}")).await;
        let names = list["Resources"].as_array().into_iter().flatten();
        let names: Vec<&str> = names.map(|one| one["displayName"].as_str().unwrap()).collect();
        let inside = names.iter().take_while(|name| name.starts_with("in")).count();
        let outside = names.iter().skip(inside).filter(|name| name.starts_with("out")).count();
        assert_eq!((inside, outside), (first, last), "{query} {names:?}");
        assert_eq!((names.len(), &list["totalResults"]), (first + last, &json!(total)), "{query}");
    }
}

#[tokio::test]
async fn more_than_can_be_looked_through_is_no_shorter_list() {
    let world = World::new().await;
    for number in 0..61 {
        world.make(user(&format!("out{number:02}"), "Paris")).await;
    }
    assert_eq!(world.found("userName eq \"out07@acme.example\"").await.len(), 1);
    let refused = world.get("/Users?filter=displayName%20sw%20%22out%22").await;
    assert_eq!((refused.status, &refused.body["scimType"]), (400, &json!("tooMany")));
    let (page, total) = world.listed("?startIndex=41&count=40").await;
    assert_eq!((page.len(), total), (21, 61));
}

#[tokio::test]
async fn a_record_behind_one_who_is_held_is_not_told_beside_him() {
    let world = World::of(&left_alone(), Profile::Strict).await;
    let mia = world.make(user("mia", "San Francisco")).await;
    world.make(user("kai", "San Francisco")).await;
    assert_eq!(world.works_in(&mia, "Paris").await.status, 200);
    assert_eq!(world.employee(&mia)["deleted"], false, "it is there");
    let (all, total) = world.listed("").await;
    assert_eq!((all, total), (names(["kai", "mia"].map(str::to_owned)), 2));
    for filter in
        ["userName eq \"mia@acme.example\"", "externalId eq \"00u-mia\"", "displayName sw \"m\""]
    {
        let told = world.found(filter).await;
        assert_eq!(told, ["mia@acme.example"], "{filter}");
    }
    let found = world.get(&format!("/Users?filter=id%20eq%20%22{mia}%22")).await.body;
    assert_eq!(found["Resources"][0]["addresses"][0]["locality"], "Paris");
    assert_eq!(found["totalResults"], 1);
}

/// A list of Links has nobody of them twice, whether he was inside once or not.
#[tokio::test]
async fn a_list_of_links_has_them_behind_it() {
    let world = World::of(&listed(), Profile::Strict).await;
    let mut inside = Vec::new();
    for number in 0..5 {
        inside.push(world.make(user(&format!("in{number}"), "San Francisco")).await);
    }
    for number in 0..3 {
        world.make(user(&format!("out{number}"), "Paris")).await;
    }
    let left = inside.remove(1);
    assert_eq!(world.works_in(&left, "Paris").await.status, 200);
    let (all, total) = world.listed("").await;
    assert_eq!((all.len(), total), (8, 8));
    assert_eq!(all[..4], names(["in0", "in2", "in3", "in4"].map(str::to_owned)));
    assert!(all[4..].contains(&"in1@acme.example".to_owned()), "{all:?}");
    for size in [1, 3, 4, 5, 8] {
        let mut walked = Vec::new();
        while walked.len() < 8 {
            let query = format!("?startIndex={}&count={size}", walked.len() + 1);
            let (page, total) = world.listed(&query).await;
            assert!(!page.is_empty() && total == 8, "{query}: {total}");
            walked.extend(page);
        }
        assert_eq!(walked, all, "by {size}");
    }
    assert_eq!(world.listed("?startIndex=9").await, (vec![], 8));
    // Who comes back is listed as before, and once.
    assert_eq!(world.works_in(&left, "San Francisco").await.status, 200);
    let (all, total) = world.listed("").await;
    assert_eq!((all[..5].to_vec(), total), (names((0..5).map(|number| format!("in{number}"))), 8));
}

/// A Group that is a value has who is held here, and he joins and leaves without the vendor.
#[tokio::test]
async fn groups_that_are_values_have_them() {
    let world = World::of(&of_titles(), Profile::Strict).await;
    let mia = world.make(user("mia", "San Francisco")).await;
    let kai = world.make(user("kai", "Paris")).await;
    world.told();
    let schema = "urn:ietf:params:scim:schemas:core:2.0:Group";
    let group = json!({
        "schemas": [schema], "displayName": "Lead",
        "members": [{ "value": mia }, { "value": kai }],
    });
    let made = world.ask(Method::POST, "/Groups", group).await;
    assert_eq!((made.status, made.body["members"].as_array().map(Vec::len)), (201, Some(2)));
    assert_eq!(world.employee(&mia)["title"], "Lead");
    let writes = || world.told().into_iter().filter(|line| !line.starts_with("GET ")).collect();
    let written: Vec<String> = writes();
    assert_eq!(written, [format!("PATCH /employees/{mia}")]);
    assert_eq!(world.get(&format!("/Users/{kai}")).await.body["title"], "Lead");
    // Who comes to the vendor brings it along.
    assert_eq!(world.works_in(&kai, "San Francisco").await.status, 200);
    let key = world.vendor.state().user("kai@acme.example").unwrap()["id"].clone();
    assert_eq!(world.employee(key.as_str().unwrap())["title"], "Lead");
    assert_eq!(
        world
            .patch(&kai, json!([{ "op": "replace", "path": "addresses", "value": work("Oslo") }]))
            .await
            .status,
        200
    );
    world.told();
    let gone = world.ask(Method::DELETE, "/Groups/Lead", Value::Null).await;
    assert_eq!(gone.status, 204);
    let written: Vec<String> = writes();
    assert_eq!(written, [format!("PATCH /employees/{mia}")]);
    assert_eq!(world.get(&format!("/Users/{kai}")).await.body["title"], Value::Null);
}
