//! `list: { links: true }`: a list of a vendor that has none.

use crate::{
    vendor::Vendor,
    world::{Own, World, user},
};
use serde_json::Value;
use std::collections::BTreeSet;

const LISTED: Own = Own {
    settings: "on_match: adopt",
    list: "list: { links: true, concurrent: 4 }",
    ..Own::LINKED
};
/// With ids of ours as well.
const BOTH: Own = Own { settings: "id: link\n    on_match: adopt", ..LISTED };

/// People whom the vendor has by keys from 101 on, made here; their ids as the list has them.
async fn crew(world: &World, size: u64) -> Vec<String> {
    let mut ids = BTreeSet::new();
    for number in 0..size {
        ids.insert(world.make(&format!("u{number}")).await);
    }
    ids.into_iter().collect()
}

#[tokio::test]
async fn it_is_of_those_whom_we_made_or_adopted_and_pages_cost_their_own_reads() {
    for (name, own) in [("key", LISTED), ("both", BOTH)] {
        let vendor = Vendor::start().await;
        let mut world = World::new(&format!("listed-{name}"), own, &vendor);
        let foreign = vendor.put("foreign");
        assert_eq!(world.list("/Users").await, (vec![], 0));
        let mut ids = crew(&world, 30).await;
        let taken = vendor.put("kai");
        ids.push(world.make("kai").await);
        ids.sort();
        world.restart().await;
        vendor.asked();
        assert_eq!(world.list("/Users").await, (ids.clone(), 31));
        let asked = vendor.asked();
        assert_eq!(asked.len(), 31, "a read of each, and no list");
        assert!(asked.iter().all(|line| line.starts_with("GET /people/")));
        assert!(!asked.contains(&format!("GET /people/{foreign}")));

        for start in [1, 11, 21, 31, 41] {
            let (page, total) = world.list(&format!("/Users?count=10&startIndex={start}")).await;
            let expected: Vec<String> = ids.iter().skip(start - 1).take(10).cloned().collect();
            assert_eq!((page, total), (expected.clone(), 31));
            assert_eq!(vendor.asked().len(), expected.len(), "its own reads");
        }
        assert_eq!(world.list("/Users?count=0").await, (vec![], 31));
        assert_eq!(vendor.asked().len(), 0);

        // No find serves it: all of them are read, within `limits.scan`.
        vendor.set(taken, "nick", "K".into());
        assert_eq!(world.list("/Users?filter=nickName eq \"K\"").await.1, 1);
        assert_eq!(vendor.asked().len(), 31);
        let sorted = world.list("/Users?sortBy=userName&count=1").await;
        assert_eq!((sorted.0.len(), sorted.1), (1, 31));
        crew_beyond_the_bound(&world, &vendor).await;
    }
}

async fn crew_beyond_the_bound(world: &World, vendor: &Vendor) {
    for number in 30..51 {
        world.make(&format!("u{number}")).await;
    }
    vendor.asked();
    let wire = world.get("/Users?filter=nickName eq \"K\"").await;
    assert_eq!((wire.status, &wire.body.unwrap()["scimType"]), (400, &"tooMany".into()));
    assert_eq!(vendor.asked(), [""; 0], "told before anybody is read");
}

#[tokio::test]
async fn who_went_behind_our_back_is_left_out_and_no_page_skips_another() {
    for restarted in [false, true] {
        let vendor = Vendor::start().await;
        let mut world = World::new(&format!("vanish-{restarted}"), LISTED, &vendor);
        let ids = crew(&world, 30).await;
        // Of each page of ten some are gone.
        for key in [103, 104, 115, 128, 130] {
            vendor.lose(key);
        }
        let left: Vec<String> = ids
            .iter()
            .filter(|id| !["103", "104", "115", "128", "130"].contains(&id.as_str()))
            .cloned()
            .collect();
        let (mut walked, mut totals, mut start) = (Vec::new(), Vec::new(), 1);
        loop {
            let (page, total) = world.list(&format!("/Users?count=10&startIndex={start}")).await;
            start += page.len();
            walked.extend(page);
            totals.push(total);
            if restarted {
                world.restart().await;
            }
            if start as u64 > total {
                break;
            }
        }
        assert_eq!(walked, left);
        assert_eq!(totals.last(), Some(&25));
        vendor.asked();
        assert_eq!(world.list("/Users").await, (left, 25));
        assert_eq!(vendor.asked().len(), 25, "who is forgotten is not asked for again");
        assert_eq!(world.get("/Users/103").await.status, 404);
    }
}

#[tokio::test]
async fn a_link_in_front_of_a_page_goes_and_nobody_behind_it_is_passed_over() {
    let vendor = Vendor::start().await;
    let world = World::new("listed-shift", LISTED, &vendor);
    let ids = crew(&world, 30).await;
    assert_eq!(world.list("/Users?count=10").await.0, ids[..10]);
    for id in &ids[2..5] {
        let gone = world.send("DELETE", &format!("/Users/{id}"), Value::Null).await;
        assert_eq!(gone.status, 204);
    }
    let (second, total) = world.list("/Users?count=10&startIndex=11").await;
    assert_eq!((&second[..], total), (&ids[10..20], 27));
    let (third, total) = world.list("/Users?count=10&startIndex=21").await;
    assert_eq!((&third[..], total), (&ids[20..30], 30), "as many as were walked");
}

#[tokio::test]
async fn who_is_deleted_is_in_no_list_and_back_when_he_is_made_again() {
    let vendor = Vendor::start().await;
    let hides = Own { delete: "{ run: off, afterwards: gone }", ..LISTED };
    let mut world = World::new("listed-hidden", hides, &vendor);
    let ids = crew(&world, 3).await;
    assert_eq!(world.send("DELETE", &format!("/Users/{}", ids[1]), Value::Null).await.status, 204);
    world.restart().await;
    let left = vec![ids[0].clone(), ids[2].clone()];
    assert_eq!(world.list("/Users").await, (left, 2));
    assert_eq!(world.make("u1").await, ids[1]);
    assert_eq!(world.list("/Users").await, (ids, 3));
}

#[tokio::test]
async fn a_read_that_fails_fails_the_page_and_forgets_nobody() {
    let vendor = Vendor::start().await;
    let world = World::new("listed-fails", LISTED, &vendor);
    let ids = crew(&world, 5).await;
    vendor.breaks(103);
    assert_eq!(world.get("/Users").await.status, 502);
    vendor.breaks(0);
    assert_eq!(world.list("/Users").await, (ids, 5));
}

#[tokio::test]
async fn each_tenant_has_its_own() {
    let (vendor, other) = (Vendor::start().await, Vendor::start().await);
    let world = World::new("listed-tenants", LISTED, &vendor);
    let beside = world.beside("bolt", &other);
    world.make("mia").await;
    beside.make("kai").await;
    beside.make("lea").await;
    assert_eq!((world.list("/Users").await.1, beside.list("/Users").await.1), (1, 2));
    assert_eq!(world.send("POST", "/Users", user("mia")).await.status, 409);
}
