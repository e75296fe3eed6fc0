//! The vendor or the store fails while somebody crosses: no 2xx is a lie, and the repeat does the rest.

use crate::{
    fakes::trouble::{Fault, Gate, Trouble},
    world::{World, user, work},
};
use http::Method;
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};

const DELETE: &str = "DELETE /api/v3/employees/*";
const CREATE: &str = "POST /api/v3/employees";

#[tokio::test]
async fn who_could_not_leave_is_where_he_was() {
    for (fault, status) in
        [(Fault::Status(503), 503), (Fault::TooMany(None), 429), (Fault::Status(422), 400)]
    {
        let mut world = World::new().await;
        let id = world.make(user("mia", "San Francisco")).await;
        world.vendor.trouble(Trouble::on(DELETE, fault.clone()));
        let failed = world.works_in(&id, "Paris").await;
        assert_eq!(failed.status, status, "{fault:?} {}", failed.body);
        world.restart().await;
        let read = world.get(&format!("/Users/{id}")).await.body;
        assert_eq!(read["addresses"], work("San Francisco"), "{fault:?}");
        assert_eq!(
            (world.employee(&id)["deleted"].clone(), world.outside().await),
            (json!(false), 0)
        );
        world.vendor.no_more_trouble();
        let repeat = world.works_in(&id, "Paris").await;
        assert_eq!((repeat.status, &repeat.body["active"]), (200, &json!(true)));
        assert_eq!(
            (world.employee(&id)["deleted"].clone(), world.outside().await),
            (json!(true), 1)
        );
    }
}

/// A delete that the vendor takes and does not do leaves him where he was.
#[tokio::test]
async fn who_was_not_deleted_did_not_leave() {
    let mut world = World::of(&crate::world::for_good(), Profile::Strict).await;
    let id = world.make(user("mia", "San Francisco")).await;
    for fault in [Fault::Answer(200, Vec::new(), "{}".to_owned()), Fault::Status(404)] {
        world.vendor.trouble(Trouble::on(DELETE, fault.clone()));
        let failed = world.works_in(&id, "Paris").await;
        assert_eq!(failed.status, 502, "{fault:?} {}", failed.body);
        world.restart().await;
        let read = world.get(&format!("/Users/{id}")).await.body;
        assert_eq!((&read["addresses"], world.outside().await), (&work("San Francisco"), 0));
        world.vendor.no_more_trouble();
    }
    assert_eq!(world.works_in(&id, "Paris").await.status, 200);
    assert_eq!((world.employee(&id)["deleted"].clone(), world.outside().await), (json!(true), 1));
}

/// The answer is lost, and whether the vendor did it nobody can say: it does not answer at all for a while.
#[tokio::test]
async fn a_leaving_in_doubt_is_owed_and_paid_by_the_next_write() {
    for worked in [false, true] {
        let mut world = World::new().await;
        let id = world.make(user("mia", "San Francisco")).await;
        let lost = Trouble::on(DELETE, Fault::Reset);
        world.vendor.trouble(if worked { lost.after_the_work() } else { lost });
        world.vendor.trouble(Trouble::on("GET /api/v3/employees/*", Fault::Reset).nth(2));
        let failed = world.works_in(&id, "Paris").await;
        assert_eq!(failed.status, 504, "{worked} {}", failed.body);
        assert_eq!(world.employee(&id)["deleted"], worked);
        world.vendor.no_more_trouble();
        world.restart().await;
        // Okta repeats the whole of it.
        let repeat = world.works_in(&id, "Paris").await;
        assert_eq!((repeat.status, &repeat.body["active"]), (200, &json!(true)), "{}", repeat.body);
        assert_eq!(world.employee(&id)["deleted"], true, "{worked}");
        world.told();
        assert_eq!(world.works_in(&id, "Oslo").await.status, 200);
        assert_eq!(world.told(), [""; 0], "it is paid");
        let back = world.works_in(&id, "San Francisco").await;
        assert_eq!((back.status, &back.body["active"]), (200, &json!(true)), "{}", back.body);
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_looked_for_behind_it() {
    let world = World::new().await;
    let id = world.make(user("mia", "San Francisco")).await;
    world.vendor.trouble(Trouble::on(DELETE, Fault::Reset).after_the_work());
    let out = world.works_in(&id, "Paris").await;
    assert_eq!((out.status, world.outside().await), (200, 1), "{}", out.body);
    assert_eq!(world.employee(&id)["deleted"], true);
}

#[tokio::test]
async fn who_could_not_come_in_is_held_and_comes_with_the_repeat() {
    let faults = [
        (Fault::Status(503), 503, 0),
        (Fault::TooMany(None), 429, 0),
        (Fault::Status(422), 400, 0),
        (Fault::HalfBody, 200, 1),
    ];
    for (fault, status, made) in faults {
        let mut world = World::new().await;
        let id = world.make(user("mia", "Paris")).await;
        world.vendor.trouble(Trouble::on(CREATE, fault.clone()).first(1));
        let came = world.works_in(&id, "San Francisco").await;
        assert_eq!(came.status, status, "{fault:?} {}", came.body);
        assert_eq!(world.employees(), made, "{fault:?}");
        world.restart().await;
        let city = if status == 200 { "San Francisco" } else { "Paris" };
        let read = world.get(&format!("/Users/{id}")).await.body;
        assert_eq!(read["addresses"], work(city), "{fault:?}");
        let repeat = world.works_in(&id, "San Francisco").await;
        assert_eq!((repeat.status, &repeat.body["id"]), (200, &json!(id)), "{fault:?}");
        assert_eq!((world.employees(), world.outside().await), (1, 0));
    }
}

/// The create's outcome is unknown, and the process ends: the repeat finds who was made, and makes no second one.
#[tokio::test]
async fn a_coming_in_doubt_is_finished_by_the_repeat() {
    let mut world = World::new().await;
    let id = world.make(user("mia", "Paris")).await;
    world.vendor.trouble(Trouble::on(CREATE, Fault::Reset).after_the_work());
    world.vendor.trouble(Trouble::on("GET /api/v3/employees", Fault::Status(503)).nth(2));
    world.vendor.trouble(Trouble::on("GET /api/v3/employees", Fault::Status(503)).nth(3));
    let failed = world.works_in(&id, "San Francisco").await;
    assert_eq!(failed.status, 504, "{}", failed.body);
    assert_eq!((world.employees(), world.outside().await), (1, 1));
    world.vendor.no_more_trouble();
    world.restart().await;
    assert_eq!(world.get(&format!("/Users/{id}")).await.body["addresses"], work("Paris"));
    let repeat = world.works_in(&id, "San Francisco").await;
    assert_eq!((repeat.status, &repeat.body["id"]), (200, &json!(id)), "{}", repeat.body);
    assert_eq!((world.employees(), world.outside().await), (1, 0));
    let again = world.ask(Method::POST, "/Users", user("mia", "San Francisco")).await;
    assert_eq!(again.status, 409, "it has ended");
}

/// He was made, and what follows the create failed: he is met by his Link then, and is ours all the same.
#[tokio::test]
async fn a_coming_that_stopped_behind_the_create_ends_with_the_repeat() {
    let world = World::new().await;
    let mut off = user("mia", "Paris");
    off["active"] = json!(false);
    let id = world.make(off).await;
    world.vendor.trouble(Trouble::on(DELETE, Fault::Status(503)));
    assert_eq!(world.works_in(&id, "San Francisco").await.status, 503);
    assert_eq!((world.employees(), world.outside().await), (1, 1));
    world.vendor.no_more_trouble();
    let repeat = world.works_in(&id, "San Francisco").await;
    assert_eq!((repeat.status, &repeat.body["active"]), (200, &json!(false)), "{}", repeat.body);
    assert_eq!((world.employees(), world.outside().await), (1, 0));
    assert_eq!(world.switch(&id, true).await.status, 200);
    let again = world.ask(Method::POST, "/Users", user("mia", "San Francisco")).await;
    assert_eq!(again.status, 409, "it has ended");
}

#[tokio::test]
async fn a_store_that_goes_while_he_crosses_loses_nothing() {
    let gates = [(DELETE, "San Francisco", "Paris"), (CREATE, "Paris", "San Francisco")];
    for (call, from, to) in gates {
        let mut world = World::of(crate::world::MAPPING, Profile::Okta).await;
        let id = world.make(user("mia", from)).await;
        let gate = Gate::shut();
        world.vendor.trouble(Trouble::on(call, Fault::Delay(gate.clone())).first(1));
        let crossing = world.works_in(&id, to);
        let closing = async {
            gate.arrived().await;
            world.no_store().await;
            gate.open();
        };
        let (crossed, ()) = tokio::join!(crossing, closing);
        assert_eq!(crossed.status, 429, "{call} {}", crossed.body);
        world.restart().await;
        let repeat = world.works_in(&id, to).await;
        assert_eq!(
            (repeat.status, &repeat.body["id"]),
            (200, &json!(id)),
            "{call} {}",
            repeat.body
        );
        assert_eq!((&repeat.body["active"], &repeat.body["addresses"]), (&json!(true), &work(to)));
        assert_eq!(repeat.body["externalId"], "00u-mia", "{call}");
        assert_eq!(world.employees(), 1, "{call}");
        assert_eq!(world.employee("mia@acme.example")["deleted"], json!(call == DELETE));
    }
}

#[tokio::test]
async fn an_end_that_failed_is_told_and_repeated() {
    let mut world = World::of(&crate::world::left_alone(), Profile::Strict).await;
    let id = world.make(user("mia", "San Francisco")).await;
    world.works_in(&id, "Paris").await;
    world.vendor.trouble(Trouble::on(DELETE, Fault::Status(503)));
    let one = format!("/Users/{id}");
    assert_eq!(world.switch(&id, false).await.status, 503);
    assert_eq!(world.get(&one).await.body["active"], true, "he is not");
    assert_eq!(world.ask(Method::DELETE, &one, Value::Null).await.status, 503);
    assert_eq!(world.get(&one).await.status, 200);
    world.vendor.no_more_trouble();
    world.restart().await;
    assert_eq!(world.ask(Method::DELETE, &one, Value::Null).await.status, 204);
    assert_eq!(world.employee(&id)["deleted"], true);
}

#[tokio::test]
async fn writes_to_one_who_crosses_take_turns() {
    let world = World::new().await;
    let id = world.make(user("mia", "Paris")).await;
    let title = json!([{ "op": "add", "path": "title", "value": "Clerk" }]);
    let (came, titled) =
        tokio::join!(world.works_in(&id, "San Francisco"), world.patch(&id, title));
    assert_eq!((came.status, titled.status), (200, 200), "{} {}", came.body, titled.body);
    assert_eq!(world.employees(), 1);
    assert_eq!(world.employee("mia@acme.example")["title"], "Clerk");
}
