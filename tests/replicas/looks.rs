//! Second looks, of two replicas over one PostgreSQL.

use crate::{
    creates::{replicas, stands_still},
    leaving::steps_that,
    world::{Fate, Vendor},
};
use scimshim::store::Stage;
use serde_json::json;
use std::time::Duration;

/// What a look would ask for is what a dead letter asks for, of which nobody knows how much was done: an operator has
/// it, and no further look.
#[tokio::test]
async fn a_look_ends_where_a_dead_letter_asks_for_the_same() {
    let (name, vendor) = ("looks_dead", Vendor::with(&["ada"]));
    let Some([one, two]) = replicas(name, &vendor, &steps_that("")).await else { return };
    let put = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ada", "nickName": "N", "active": false,
    });
    let old = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "nickName": "old" } }],
    });
    let asked = stands_still(name, &one, "PATCH", "/Users/ada", old).await;
    assert_eq!(two.off("ada").await.status, 503, "it may still come");
    two.passes(60);
    two.deliver().await;
    assert_eq!(two.send("PUT", "/Users/ada", put.clone()).await.status, 200);
    assert_eq!(two.patch("ada", json!({ "active": true })).await.status, 200);
    // She is retired once more, and nobody hears what became of the next call, which nothing shows.
    vendor.fated(&[Fate::Well, Fate::Lost]);
    assert_eq!(two.send("PUT", "/Users/ada", put).await.status, 503);
    for _ in 0..3 {
        two.passes(60);
        two.deliver().await;
    }
    let stages: Vec<_> = two.journal().await.into_iter().map(|(_, stage)| stage).collect();
    assert_eq!(stages, [Stage::Dead], "{:?}", two.entries().await);

    vendor.goes.notify_one();
    assert_eq!(asked.await.unwrap().status, 503);
    let late = Duration::from_secs(30);
    assert_eq!(two.store().looks("t", late).await.unwrap(), ["User ada"]);
    two.deliver().await;
    assert!(two.store().looks("t", late).await.unwrap().is_empty());
    let shown = two.metrics();
    let line = "scimshim_second_look_total{result=\"dead\",tenant=\"t\"} 1";
    assert!(shown.lines().any(|shown| shown == line), "{shown}");
}
