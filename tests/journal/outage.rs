//! The vendor is away for ten minutes while everybody writes, and comes back: all of it is delivered, each one's in order.

use crate::world::{Vendor, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PEOPLE: usize = 24;
/// So long the vendor is away, and everybody is written to in each. Minutes.
const AWAY: usize = 10;
/// Until all is delivered, from when it is back: the longest pause of a write, and what stands behind it. Seconds.
const SOON: i64 = 330;
/// How often the journal is looked at here; it is once a second, but then little happens. Seconds.
const LOOK: i64 = 15;

#[tokio::test]
async fn what_was_received_in_ten_minutes_without_the_vendor_is_delivered_in_order() {
    let logins: Vec<String> = (0..PEOPLE).map(|n| format!("p{n}")).collect();
    let world = World::new(Vendor::with(&logins.iter().map(String::as_str).collect::<Vec<_>>()));
    *world.vendor.away.lock().unwrap() = true;
    let mut promised = 0;
    for minute in 0..AWAY {
        for login in &logins {
            let off = json!({ "active": false, "nickName": format!("{minute}") });
            let told = world.patch(login, off).await;
            assert!(told.status == 503 && told.number.is_some(), "{login}, {minute}: {told:?}");
            promised += 1;
            // What is not durable is not promised, and stands behind nothing of the others'.
            let title = world.patch(login, json!({ "title": "T" })).await;
            assert_eq!((title.status, title.number), (503, None), "{login}, {minute}");
        }
        looks(&world, 60).await;
    }
    for login in logins.iter().step_by(4) {
        let told = world.send("DELETE", &format!("/Users/{login}"), Value::Null).await;
        assert!(told.status == 503 && told.number.is_some(), "{login}: {told:?}");
    }
    let waiting = world.gateway().depth().await.unwrap().waiting;
    promised += PEOPLE / 4;
    assert_eq!(waiting as usize, promised);
    assert!(world.vendor.writes().is_empty());

    *world.vendor.away.lock().unwrap() = false;
    looks(&world, SOON).await;
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    let mut nicks: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (path, body) in world.vendor.bodies() {
        nicks.entry(path).or_default().push(body["nick"].clone());
    }
    let in_order: Vec<Value> = (0..AWAY).map(|minute| json!(format!("{minute}"))).collect();
    for (n, login) in logins.iter().enumerate() {
        assert_eq!(nicks[&format!("/users/{login}")], in_order, "{login}");
        let active = if n % 4 == 0 { None } else { Some(false) };
        assert_eq!(world.vendor.active(login), active, "{login}");
    }
    println!(
        "{AWAY} minutes without the vendor: {promised} promised, all of them delivered in order"
    );
}

/// Time passes, and what is due is carried out, at as many looks as that takes.
async fn looks(world: &World, seconds: i64) {
    for _ in 0..seconds / LOOK {
        world.passes(LOOK);
        while world.hurries().await {}
    }
}
