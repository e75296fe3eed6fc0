//! Several lists of the vendor's that are one: `for_each` of a list.

use crate::{
    harness::{Deed, Vendor, World, detail, http, json_answer},
    lists::{CAP, PEOPLE, WAYS, listed, number, paged, people},
};
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};
use std::{ops::Range, sync::Arc};

/// The lists, with who is in them; in one there is nobody.
const LISTS: [(&str, Range<usize>); 4] =
    [("one", 0..110), ("two", 110..113), ("none", 0..0), ("three", 113..PEOPLE)];

fn mapping(paging: &str) -> String {
    let list = "list: { call: GET /users,";
    let several = "list: { for_each: \"['one', 'two', 'none', 'three']\", call: GET /users, query: { of: \"{item}\" },";
    let mapping = paged(paging).replace(list, several);
    assert!(mapping.contains(several));
    mapping
}

/// The pages of each list by number from 1, or by offset.
fn apart(line: &str, _: usize) -> Deed {
    let (_, range) =
        LISTS.into_iter().find(|(name, _)| line.contains(&format!("of={name}"))).unwrap();
    let page = number(line, "page").map_or(0, |page| (page - 1) * CAP);
    let start = (range.start + number(line, "skip").unwrap_or(page)).min(range.end);
    let shown = start..(start + CAP).min(range.end);
    json_answer(&json!({ "users": people(shown), "total": range.len() }))
}

#[tokio::test]
async fn they_are_walked_as_one_and_every_place_is_exact() {
    for (paging, ..) in WAYS {
        let vendor = Vendor::new(Arc::new(apart)).await;
        let fresh = || World::of(&mapping(paging), &vendor.url, Profile::Strict);
        let all: Vec<usize> = (1..=PEOPLE).collect();
        assert_eq!(listed(&fresh(), "/Users?count=1000").await, (all.clone(), json!(PEOPLE)));
        // Their own pages, and where the vendor tells no total one more to learn that a list ends.
        let whole = if paging.contains("total") { 5 + 1 + 1 + 6 } else { 6 + 2 + 1 + 7 };
        assert_eq!(vendor.asked().len(), whole, "{paging}");

        for start in [1, 100, 108, 111, 114, 115, 231, 240] {
            let (ids, total) =
                listed(&fresh(), &format!("/Users?startIndex={start}&count=10")).await;
            let expected: Vec<usize> = (start..start + 10).filter(|id| *id <= PEOPLE).collect();
            let last = *expected.last().unwrap();
            assert_eq!(ids, expected, "{paging}: {start}");
            assert!(total.as_u64().unwrap() >= last as u64, "{paging}: {start}: {total}");
            assert!(last == PEOPLE || total.as_u64().unwrap() > last as u64, "{paging}: {total}");
        }
        let beyond = listed(&fresh(), "/Users?startIndex=1001&count=10").await;
        assert_eq!(beyond, (Vec::new(), json!(PEOPLE)), "{paging}");
        assert_eq!(listed(&fresh(), "/Users?count=0").await, (Vec::new(), json!(PEOPLE)));

        // An import by index has everybody once, at the price of one walk.
        let (world, before) = (fresh(), vendor.asked().len());
        let mut imported = Vec::new();
        while imported.len() < PEOPLE {
            let start = imported.len() + 1;
            let (ids, _) = listed(&world, &format!("/Users?startIndex={start}&count=37")).await;
            assert!(!ids.is_empty(), "{paging}: {start}");
            imported.extend(ids);
        }
        assert_eq!((imported, vendor.asked().len() - before), (all, whole), "{paging}");
        // What no search serves is matched in all of them.
        assert_eq!(
            listed(
                &world,
                "/Users?filter=userName co \"p11\""
                    .replace(' ', "%20")
                    .replace('"', "%22")
                    .as_str()
            )
            .await
            .0
            .len(),
            11
        );
    }
}

#[tokio::test]
async fn one_of_them_that_fails_is_no_shorter_list() {
    let fails = |line: &str, before: usize| match line.contains("of=two") {
        true => http(500, "", "{}"),
        false => apart(line, before),
    };
    let vendor = Vendor::new(Arc::new(fails)).await;
    let world = World::of(&mapping(WAYS[4].0), &vendor.url, Profile::Strict);
    for path in ["/Users?count=1000", "/Users?sortBy=userName&count=1000"] {
        assert_eq!(world.send("GET", path, &Value::Null).await.status, 502, "{path}");
    }
    assert_eq!(listed(&world, "/Users?count=100").await.0.len(), 100);
}

#[tokio::test]
async fn a_vendor_that_does_not_know_the_parameter_has_nobody_twice() {
    let same = |line: &str, _: usize| {
        let start = number(line, "page").map_or(0, |page| (page - 1) * CAP);
        json_answer(&json!({ "users": people(start..(start + CAP).min(60)), "total": 60 }))
    };
    let vendor = Vendor::new(Arc::new(same)).await;
    let fresh = || World::of(&mapping(WAYS[4].0), &vendor.url, Profile::Strict);
    let wire = fresh().send("GET", "/Users?count=1000", &Value::Null).await;
    assert_eq!(wire.status, 502);
    assert!(
        detail(&wire).contains("the same list for each item of `for_each`"),
        "{}",
        detail(&wire)
    );
    // Also for a client that comes to the second one later.
    let world = fresh();
    assert_eq!(listed(&world, "/Users?count=60").await.0.len(), 60);
    let wire = world.send("GET", "/Users?startIndex=61&count=60", &Value::Null).await;
    assert_eq!(wire.status, 502, "{}", detail(&wire));
    // What is read whole is told apart by the keys.
    let (ids, total) = listed(&fresh(), "/Users?sortBy=userName&count=1000").await;
    assert_eq!((ids.len(), total), (60, json!(60)));
}

#[tokio::test]
async fn the_bound_is_that_of_all_of_them() {
    let vendor = Vendor::new(Arc::new(apart)).await;
    let bounded = mapping(WAYS[4].0).replace("scan: 5000", "scan: 150");
    let world = World::of(&bounded, &vendor.url, Profile::Strict);
    let wire = world.send("GET", "/Users?sortBy=userName&count=10", &Value::Null).await;
    assert_eq!((wire.status, &wire.body.unwrap()["scimType"]), (400, &json!("tooMany")));
}
