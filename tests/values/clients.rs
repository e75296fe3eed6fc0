//! Group push as Okta and Entra do it.

use crate::world::{
    OF_ROLE, OF_TEAMS, ROLE, TEAMS, World, detail, group, mapping, members, patch, set,
};
use scimshim::scim::profile::Profile;
use serde_json::json;

/// Both kinds of attribute, how their Groups are made of them, and the vendor's field.
fn both(rest: &str) -> [(String, &'static str); 2] {
    [
        (mapping(ROLE, &format!("{OF_ROLE}{rest}")), "role"),
        (mapping(TEAMS, &format!("{OF_TEAMS}{rest}")), "teams"),
    ]
}

#[tokio::test]
async fn okta_pushes_a_group() {
    for (mapping, field) in both(", empty: keep") {
        let world = World::of(&mapping, Profile::Okta).await;
        let found = "/Groups?filter=displayName%20eq%20%22Sales%20EU%22&startIndex=1&count=100";
        assert_eq!(world.get(found).await.body.unwrap()["totalResults"], 0, "{field}");
        let made = world.send("POST", "/Groups", &group("Sales EU", &[])).await;
        assert_eq!((made.status, &made.body.as_ref().unwrap()["id"]), (201, &json!("Sales EU")));
        let place = "https://gw.example/scim/v2/Groups/Sales%20EU";
        assert_eq!(made.location.as_deref(), Some(place), "{field}");
        assert_eq!(world.send("POST", "/Groups", &group("Sales EU", &[])).await.status, 409);
        assert_eq!(world.get(found).await.body.unwrap()["totalResults"], 1, "{field}");
        assert!(world.vendor.written().is_empty(), "nobody is in it yet");

        let sales = "/Groups/Sales%20EU";
        let join = json!([{ "op": "add", "path": "members", "value": [
            { "value": "1", "display": "u1" }, { "value": "2", "display": "u2" },
        ] }]);
        assert_eq!(world.patch(sales, join).await.status, 204, "{field}");
        assert_eq!(world.vendor.having(field, "Sales EU"), set(&["1", "2"]));
        let both = json!([
            { "op": "replace", "value": { "id": "Sales EU", "displayName": "Sales EU" } },
            { "op": "remove", "path": "members[value eq \"1\"]" },
            { "op": "add", "path": "members", "value": [{ "value": "3", "display": "u3" }] },
        ]);
        let changed = world.patch(sales, both).await;
        assert_eq!(
            (changed.status, members(changed.body.as_ref().unwrap())),
            (200, set(&["2", "3"]))
        );
        assert_eq!(world.vendor.having(field, "Sales EU"), set(&["2", "3"]));
        world.vendor.told();
        let again = json!([{ "op": "remove", "path": "members[value eq \"1\"]" }]);
        assert_eq!(world.patch(sales, again).await.status, 204, "who is not in it has left");
        assert!(world.vendor.written().is_empty(), "{field}");

        let rename = json!([{ "op": "replace", "value": { "id": "Sales EU", "displayName": "Sales Europe" } }]);
        let renamed = world.patch(sales, rename).await;
        assert_eq!(renamed.status, 400, "{renamed:?}");
        assert!(detail(&renamed).contains("rename: reject"), "{renamed:?}");
        let push_now = json!([{ "op": "replace", "value": { "members": [] } }]);
        assert_eq!(world.patch(sales, push_now).await.status, 204, "{field}");
        assert_eq!(world.vendor.having(field, "Sales EU"), set(&[]));
        assert_eq!(world.get(sales).await.status, 200, "held without members");
        assert_eq!(
            world
                .patch(
                    sales,
                    json!([{ "op": "add", "path": "members", "value": [{ "value": "4" }] }])
                )
                .await
                .status,
            204
        );
        let listed = world.groups("?startIndex=1&count=100").await;
        assert_eq!(listed, [("Sales EU".to_owned(), set(&["4"]))], "{field}");
        for expected in [204, 404] {
            assert_eq!(world.delete(sales).await, expected, "{field}");
        }
        assert_eq!(world.vendor.having(field, "Sales EU"), set(&[]));
        assert_eq!(world.get(sales).await.status, 404);
    }
}

#[tokio::test]
async fn entra_provisions_a_group() {
    for (mapping, field) in both(", empty: keep") {
        let world = World::of(&mapping, Profile::Entra).await;
        let mut sent = group("Ops", &[]);
        sent["externalId"] = json!("8aa1");
        let made = world.send("POST", "/Groups", &sent).await;
        assert_eq!(
            (made.status, &made.body.as_ref().unwrap()["externalId"]),
            (201, &json!("8aa1"))
        );
        let query = "?excludedAttributes=members&filter=externalId%20eq%20%228aa1%22";
        assert_eq!(world.groups(query).await, [("Ops".to_owned(), set(&[]))], "{field}");
        let add = json!([{ "op": "Add", "path": "members", "value": [{ "value": "1" }, { "value": "5" }] }]);
        assert_eq!(world.patch("/Groups/Ops", add).await.status, 204, "{field}");
        for (who, count) in [("5", 1), ("2", 0)] {
            let asked = format!(
                "/Groups?excludedAttributes=members&filter=id%20eq%20%22Ops%22%20and%20members%20eq%20%22{who}%22"
            );
            let found = world.get(&asked).await.body.unwrap();
            assert_eq!(found["totalResults"], count, "{field} {who}");
        }
        let remove = json!([{ "op": "Remove", "path": "members", "value": [{ "value": "5" }] }]);
        assert_eq!(world.patch("/Groups/Ops", remove).await.status, 204, "{field}");
        assert_eq!(world.vendor.having(field, "Ops"), set(&["1"]));
        sent["displayName"] = json!("Other");
        assert_eq!(world.send("POST", "/Groups", &sent).await.status, 409, "{field}");
        let alone = world.get("/Groups/Ops?excludedAttributes=members").await;
        assert_eq!(alone.body.as_ref().unwrap()["members"], json!(null));
        assert_eq!(
            alone.etag,
            world.get("/Groups/Ops").await.etag,
            "whoever reads it has one version"
        );
        // Who asks for attributes is told them (RFC 7644 §3.5.2).
        let join = patch(json!([{ "op": "add", "path": "members", "value": [{ "value": "2" }] }]));
        let told = world.send("PATCH", "/Groups/Ops?attributes=members", &join).await;
        assert_eq!((told.status, members(told.body.as_ref().unwrap())), (200, set(&["1", "2"])));
        let bulk = |version: &str| {
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                "Operations": [{ "method": "DELETE", "path": "/Groups/Ops", "version": version }],
            })
        };
        for (version, expected) in [(alone.etag.unwrap(), "412"), (told.etag.unwrap(), "204")] {
            let wire = world.send("POST", "/Bulk", &bulk(&version)).await;
            assert_eq!(wire.body.unwrap()["Operations"][0]["status"], expected, "{field}");
        }
    }
}
