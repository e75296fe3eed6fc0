//! Deletes by a call: told as done only when the vendor's own record says so.

use crate::harness::{Deed, MAPPING, Vendor, World, detail, http, json_answer};
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};
use std::sync::Arc;

/// A mapping that reads nothing before it deletes, with Groups that the vendor has.
fn plain() -> String {
    let groups = r#"  Group:
    key: id
    attributes:
      displayName: { field: name, required: true }
    operations:
      get: { call: "GET /teams/{key}", record: . }
      list: { call: GET /teams, items: teams, paging: none }
      update:
        - { name: change, call: "PATCH /teams/{key}", record: . }
      delete: { call: "DELETE /teams/{key}" }
"#;
    MAPPING.replace("    exists: record.state != 'deleted'\n", "") + groups
}

/// A vendor that answers a delete so, and whose records read so.
async fn vendor(delete: Deed, record: impl Fn(usize) -> Deed + Send + Sync + 'static) -> Vendor {
    let script = move |line: &str, before: usize| match line.starts_with("DELETE") {
        true => delete.clone(),
        false => record(before),
    };
    Vendor::new(Arc::new(script)).await
}

fn mia(active: bool) -> Deed {
    json_answer(&json!({ "id": 7, "login": "mia", "active": active }))
}

async fn deleted(mapping: &str, vendor: &Vendor, path: &str) -> (u16, String) {
    let world = World::of(mapping, &vendor.url, Profile::Strict);
    let wire = world.send("DELETE", path, &Value::Null).await;
    (wire.status, detail(&wire))
}

#[tokio::test]
async fn one_whose_record_is_still_there_is_not_gone_whatever_was_answered() {
    let error = || json_answer(&json!({ "error": { "code": 400, "message": "has a number" } }));
    let active = "the vendor took the delete, and its own record is still active";
    let inactive = "is still there, inactive; if that is how it keeps who was deleted, say \
                    `afterwards: gone`";
    let rows = [
        ("200 and an error", error(), true, active),
        ("200 and nothing done", http(200, "", ""), true, active),
        ("204 and nothing done", http(204, "", ""), true, active),
        ("200 and switched off", http(200, "", ""), false, inactive),
        ("404, as a wrong address gets", http(404, "", "{}"), true, "nothing at this address"),
        ("404 and a record that is off", http(404, "", "{}"), false, "nothing at this address"),
    ];
    for (name, answer, is_active, words) in rows {
        let vendor = vendor(answer, move |_| mia(is_active)).await;
        let (status, told) = deleted(&plain(), &vendor, "/Users/7").await;
        assert_eq!(status, 502, "{name}: {told}");
        assert!(told.contains(words) && told.contains("faulty.yaml:"), "{name}: {told}");
        let deletes = vendor.asked().iter().filter(|line| line.starts_with("DELETE")).count();
        assert_eq!(deletes, 1, "{name}: {:?}", vendor.asked());
    }
}

#[tokio::test]
async fn a_group_that_is_still_there_is_not_gone_either() {
    let team = || json_answer(&json!({ "id": 3, "name": "Crew" }));
    for answer in [http(204, "", ""), http(404, "", "{}")] {
        let vendor = vendor(answer, move |_| team()).await;
        let (status, told) = deleted(&plain(), &vendor, "/Groups/3").await;
        assert_eq!(status, 502, "{told}");
        assert!(!told.contains("inactive"), "{told}");
    }
    let vendor = vendor(http(204, "", ""), |_| http(404, "", "{}")).await;
    assert_eq!(deleted(&plain(), &vendor, "/Groups/3").await, (204, String::new()));
    assert_eq!(vendor.asked(), ["DELETE /api/teams/3", "GET /api/teams/3"]);
}

/// One look more than the delete, and a second one where the vendor is a moment late.
#[tokio::test]
async fn one_whose_record_has_gone_is_gone() {
    for late in [false, true] {
        let vendor = vendor(http(204, "", ""), move |before| match late && before == 1 {
            true => mia(true),
            false => http(404, "", "{}"),
        });
        let vendor = vendor.await;
        assert_eq!(deleted(&plain(), &vendor, "/Users/7").await.0, 204, "{late}");
        assert_eq!(vendor.asked().len(), if late { 3 } else { 2 }, "{:?}", vendor.asked());
    }
    let vendor = vendor(http(404, "", "{}"), |_| http(404, "", "{}")).await;
    assert_eq!(deleted(&plain(), &vendor, "/Users/7").await.0, 404);
    // What the mapping calls gone is gone.
    let ended = |before| match before {
        0 => mia(true),
        _ => json_answer(&json!({ "id": 7, "login": "mia", "state": "deleted" })),
    };
    let vendor = self::vendor(http(204, "", ""), ended).await;
    assert_eq!(deleted(MAPPING, &vendor, "/Users/7").await.0, 204);
}

#[tokio::test]
async fn one_that_nobody_could_look_after_says_so() {
    let vendor = vendor(http(204, "", ""), |_| http(503, "", "down")).await;
    let (status, told) = deleted(&plain(), &vendor, "/Users/7").await;
    assert_eq!(status, 503, "{told}");
    let words = "the vendor took the delete, and whether the record has gone is not known";
    assert!(told.contains(words), "{told}");
}
