//! Whoever is switched off or deleted is so, wherever he stands: where one belongs holds no end up.

use crate::world::{World, for_good, left_alone, user};
use http::Method;
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};

#[tokio::test]
async fn who_was_left_alone_at_the_vendor_is_switched_off_there() {
    for leaves_so in [false, true] {
        let world = World::of(&left_alone(), Profile::Okta).await;
        let id = world.make(user("mia", "San Francisco")).await;
        let off = if leaves_so {
            let mut gone = user("mia", "Paris");
            gone["active"] = json!(false);
            world.ask(Method::PUT, &format!("/Users/{id}"), gone).await
        } else {
            world.works_in(&id, "Paris").await;
            assert_eq!(world.employee(&id)["deleted"], false);
            world.switch(&id, false).await
        };
        assert_eq!((off.status, &off.body["active"]), (200, &json!(false)), "{}", off.body);
        assert_eq!(world.employee(&id)["deleted"], true, "{leaves_so}");
        world.told();
        assert_eq!(world.switch(&id, false).await.status, 200, "a repeat");
        assert_eq!(world.told(), [""; 0]);
    }
}

#[tokio::test]
async fn who_is_switched_off_is_not_brought_in_for_that() {
    let mut world = World::new().await;
    let id = world.make(user("mia", "Paris")).await;
    world.moves_to(json!(["Paris"])).await;
    let off = world.switch(&id, false).await;
    assert_eq!((off.status, &off.body["active"]), (200, &json!(false)));
    assert!(world.vendor.state().employees.is_empty(), "nobody was made to be switched off");
    let on = world.switch(&id, true).await;
    assert_eq!(on.status, 200, "{}", on.body);
    assert_eq!(world.employee("mia@acme.example")["deleted"], false);
}

#[tokio::test]
async fn who_has_a_record_there_is_deleted_with_it() {
    for (mapping, alive) in [(left_alone(), true), (crate::world::MAPPING.to_owned(), false)] {
        let mut world = World::of(&mapping, Profile::Strict).await;
        let id = world.make(user("mia", "San Francisco")).await;
        world.works_in(&id, "Paris").await;
        assert_eq!(world.employee(&id)["deleted"], !alive);
        world.restart().await;
        let one = format!("/Users/{id}");
        assert_eq!(world.ask(Method::DELETE, &one, Value::Null).await.status, 204);
        assert_eq!(world.employee(&id)["deleted"], true);
        world.restart().await;
        assert_eq!(world.get(&one).await.status, 404);
        assert_eq!(world.ask(Method::DELETE, &one, Value::Null).await.status, 404);
        assert_eq!((world.listed("").await, world.outside().await), ((vec![], 0), 0));
        // Who is made again where he belongs is the same there.
        let again = world.make(user("mia", "San Francisco")).await;
        assert_eq!((again, world.employees()), (id, 1));
    }
}

#[tokio::test]
async fn whose_record_went_without_us_is_deleted_all_the_same() {
    let world = World::of(&left_alone(), Profile::Strict).await;
    let id = world.make(user("mia", "San Francisco")).await;
    world.works_in(&id, "Paris").await;
    world.vendor.state().employees.clear();
    assert_eq!(world.switch(&id, false).await.status, 200, "there is nobody to switch off");
    let one = format!("/Users/{id}");
    assert_eq!(world.ask(Method::DELETE, &one, Value::Null).await.status, 204);
    assert_eq!((world.get(&one).await.status, world.outside().await), (404, 0));
}

#[tokio::test]
async fn who_left_for_good_has_nothing_there_to_end() {
    let world = World::of(&for_good(), Profile::Strict).await;
    let id = world.make(user("mia", "San Francisco")).await;
    world.works_in(&id, "Paris").await;
    world.told();
    let one = format!("/Users/{id}");
    assert_eq!(world.ask(Method::DELETE, &one, Value::Null).await.status, 204);
    assert_eq!((world.told(), world.outside().await), (vec![], 0));
}
