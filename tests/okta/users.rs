//! Users: test credentials, assign, update, deactivate, reactivate, password, import.

use crate::harness::{Okta, patch};
use serde_json::{Value, json};

#[tokio::test]
async fn test_credentials_in_every_form_of_the_wizard() {
    let okta = Okta::new().await;
    for authorization in ["Bearer t0ken", "t0ken", "Basic b2t0YTpwYXNz"] {
        for path in ["/Users?startIndex=1&count=2", "/Groups?startIndex=1&count=100"] {
            let reply = okta.with(authorization, "GET", path, None).await;
            assert_eq!(reply.status, 200, "{authorization} {path}: {reply:?}");
            assert_eq!(reply.headers["content-type"], "application/scim+json");
            assert!(reply.body["totalResults"].is_u64() && reply.body["Resources"].is_array());
        }
    }
    for authorization in ["Bearer wrong", "wrong", "Basic b2t0YTp3cm9uZw=="] {
        let reply = okta.with(authorization, "GET", "/Users?startIndex=1&count=2", None).await;
        assert_eq!(reply.status, 401, "{authorization}");
        assert!(reply.headers.contains_key("www-authenticate"));
        assert_eq!(reply.body["status"], "401");
        assert!(!reply.body["detail"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn assign_looks_up_and_creates() {
    let okta = Okta::new().await;
    let find = "/Users?filter=userName%20eq%20%22mia.b%2Bx%27%C3%A9%40acme.example%22&startIndex=1&count=100";
    let none = okta.send("GET", find, None).await;
    assert_eq!((none.status, &none.body["totalResults"]), (200, &json!(0)));
    assert_eq!(none.body["Resources"], json!([]));
    let login = "mia.b+x'é@acme.example";
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": login,
        "name": { "givenName": "Mia", "familyName": "Berg" },
        "emails": [{ "primary": true, "value": login, "type": "work" }],
        "displayName": "Mia Berg", "locale": "sv-SE", "externalId": "00u1mia2berg3XYZ0h7",
        "groups": [], "password": "q8Zt1-random", "active": true,
    });
    let made = okta.send("POST", "/Users", Some(body.clone())).await;
    assert_eq!(made.status, 201, "{made:?}");
    let location = made.headers["location"].to_str().unwrap();
    assert_eq!(made.body["meta"]["location"], location);
    assert_eq!(made.headers["content-location"], location);
    assert!(location.ends_with(made.body["id"].as_str().unwrap()));
    for (place, value) in [
        ("userName", json!(login)),
        ("active", json!(true)),
        ("password", Value::Null),
        ("externalId", json!("00u1mia2berg3XYZ0h7")),
        ("locale", json!("sv-SE")),
    ] {
        assert_eq!(made.body[place], value, "{place}");
    }
    let found = okta.send("GET", find, None).await;
    assert_eq!(found.body["Resources"][0]["id"], made.body["id"]);
    // Okta's own look-up may differ in case.
    let shouted = okta
        .send("GET", "/Users?filter=USERNAME%20EQ%20%22MIA.B%2BX%27%C3%89%40ACME.EXAMPLE%22", None)
        .await;
    assert_eq!(shouted.body["totalResults"], 1);
    let again = okta.send("POST", "/Users", Some(body)).await;
    assert_eq!((again.status, &again.body["scimType"]), (409, &json!("uniqueness")));
}

#[tokio::test]
async fn a_profile_update_is_a_put_of_what_was_read() {
    let okta = Okta::new().await;
    let id = okta.user("mia@acme.example").await;
    let path = format!("/Users/{id}");
    let mut body = okta.send("GET", &path, None).await.body;
    body["name"]["middleName"] = json!("L");
    body["groups"] = json!([]);
    body["title"] = json!("Lead");
    okta.vendor.take_log();
    let put = okta.send("PUT", &path, Some(body.clone())).await;
    assert_eq!(put.status, 200, "{put:?}");
    assert_eq!((&put.body["id"], &put.body["name"]["middleName"]), (&json!(id), &json!("L")));
    assert_eq!(okta.vendor.take_log().len(), 2, "one read, one write");
    // QA C9337: an empty text clears.
    body["title"] = json!("");
    let cleared = okta.send("PUT", &path, Some(body.clone())).await;
    assert_eq!((cleared.status, &cleared.body["title"]), (200, &Value::Null));
    // The same again changes nothing, so nothing is written.
    okta.vendor.take_log();
    assert_eq!(okta.send("PUT", &path, Some(body)).await.status, 200);
    assert_eq!(okta.vendor.take_log().len(), 1);
}

#[tokio::test]
async fn deactivate_and_reactivate_by_patch_and_by_put_keep_the_id() {
    let okta = Okta::new().await;
    let id = okta.user("mia@acme.example").await;
    let path = format!("/Users/{id}");
    for active in [false, true] {
        let reply = okta
            .send(
                "PATCH",
                &path,
                patch(json!([{ "op": "replace", "value": { "active": active } }])),
            )
            .await;
        assert_eq!(
            (reply.status, &reply.body["active"], &reply.body["id"]),
            (200, &json!(active), &json!(id))
        );
        assert_eq!(okta.send("GET", &path, None).await.body["active"], active);
    }
    let mut body = okta.send("GET", &path, None).await.body;
    for active in [false, true] {
        body["active"] = json!(active);
        let reply = okta.send("PUT", &path, Some(body.clone())).await;
        assert_eq!((reply.status, &reply.body["active"]), (200, &json!(active)));
    }
    body["active"] = json!(false);
    okta.send("PUT", &path, Some(body)).await;
    // A deactivated user is still found and listed.
    let found =
        okta.send("GET", "/Users?filter=userName%20eq%20%22mia%40acme.example%22", None).await;
    assert_eq!(
        (&found.body["totalResults"], &found.body["Resources"][0]["active"]),
        (&json!(1), &json!(false))
    );
}

#[tokio::test]
async fn a_password_goes_through_and_never_comes_back() {
    let okta = Okta::new().await;
    let id = okta.user("mia@acme.example").await;
    okta.vendor.take_log();
    let body = patch(json!([{ "op": "replace", "value": { "password": "N3w-s3cret" } }]));
    let reply = okta.send("PATCH", &format!("/Users/{id}"), body).await;
    assert_eq!((reply.status, &reply.body["password"]), (200, &Value::Null));
    assert_eq!(okta.vendor.take_log().len(), 2, "read, write");
    let shown = okta.send("GET", &format!("/Users/{id}?attributes=password"), None).await;
    assert_eq!(shown.body["password"], Value::Null);
}

#[tokio::test]
async fn an_import_sees_everybody_once_at_the_vendors_own_number_of_pages() {
    let okta = Okta::new().await;
    okta.people(227);
    okta.vendor.take_log();
    let (mut start, mut seen) = (1, std::collections::BTreeSet::new());
    loop {
        let page = okta.send("GET", &format!("/Users?startIndex={start}&count=100"), None).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.body["startIndex"], start);
        let resources = page.body["Resources"].as_array().unwrap();
        assert_eq!(page.body["itemsPerPage"], resources.len());
        assert_eq!(page.body["totalResults"], 230);
        for user in resources {
            assert!(seen.insert(user["id"].as_str().unwrap().to_owned()), "{user} came twice");
        }
        start += 100;
        if start > 230 {
            break;
        }
    }
    assert_eq!(seen.len(), 230);
    assert_eq!(okta.vendor.take_log().len(), 5, "230 people at 50 a page, each page read once");
    let beyond = okta.send("GET", "/Users?startIndex=400&count=100", None).await;
    assert_eq!(
        (&beyond.body["totalResults"], &beyond.body["itemsPerPage"]),
        (&json!(230), &json!(0))
    );
}

#[tokio::test]
async fn a_user_who_is_found_inactive_is_linked_updated_and_activated() {
    let okta = Okta::new().await;
    let find = "/Users?filter=userName%20eq%20%22cleo%40acme.example%22&startIndex=1&count=100";
    let found = okta.send("GET", find, None).await.body["Resources"][0].clone();
    assert_eq!(found["active"], false);
    let path = format!("/Users/{}", found["id"].as_str().unwrap());
    // Okta pushes the profile without `active`, which must not activate by itself, and then activates.
    let mut body = found.clone();
    body["title"] = json!("Lead");
    body.as_object_mut().unwrap().remove("active");
    let pushed = okta.send("PUT", &path, Some(body.clone())).await;
    assert_eq!(
        (pushed.status, &pushed.body["title"], &pushed.body["active"]),
        (200, &json!("Lead"), &json!(false))
    );
    body["active"] = json!(true);
    let activated = okta.send("PUT", &path, Some(body)).await;
    assert_eq!((activated.status, &activated.body["active"]), (200, &json!(true)));
    assert_eq!(activated.body["id"], found["id"]);
}

#[tokio::test]
async fn a_profile_update_may_be_a_patch() {
    let okta = Okta::new().await;
    let path = format!("/Users/{}", okta.user("mia@acme.example").await);
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let changes = [
        json!([{ "op": "replace", "value": { "name": { "familyName": "Lind" }, "title": "Lead" } }]),
        json!([
            { "op": "replace", "path": "name.familyName", "value": "Lind" },
            { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "m.lind@acme.example" },
            { "op": "add", "path": format!("{enterprise}:department"), "value": "Ops" },
        ]),
        json!([{ "op": "remove", "path": "title" }]),
    ];
    for operations in changes {
        let reply = okta.send("PATCH", &path, patch(operations.clone())).await;
        assert_eq!(reply.status, 200, "{operations}: {reply:?}");
    }
    let now = okta.send("GET", &path, None).await.body;
    assert_eq!(
        (&now["name"]["givenName"], &now["name"]["familyName"]),
        (&json!("Mia"), &json!("Lind"))
    );
    assert_eq!(
        now["emails"],
        json!([{ "value": "m.lind@acme.example", "type": "work", "primary": true }])
    );
    assert_eq!((&now[enterprise]["department"], &now["title"]), (&json!("Ops"), &Value::Null));
}

#[tokio::test]
async fn a_put_clears_what_it_leaves_out_but_for_what_nobody_meant_to_clear() {
    let okta = Okta::new().await;
    let id = okta.user("mia@acme.example").await;
    let path = format!("/Users/{id}");
    let mut body = okta.send("GET", &path, None).await.body;
    body["title"] = json!("Lead");
    body["active"] = json!(false);
    assert_eq!(okta.send("PUT", &path, Some(body.clone())).await.status, 200);
    // A field that no rule of the mapping has stays, whatever is put.
    let stamp = |okta: &Okta| {
        okta.vendor.state().people.get(id.parse().unwrap()).unwrap()["born_at"].clone()
    };
    let born = stamp(&okta);
    for name in ["title", "active", "emails", "meta", "id"] {
        body.as_object_mut().unwrap().remove(name);
    }
    let put = okta.send("PUT", &path, Some(body)).await;
    assert_eq!(
        (put.status, &put.body["title"], &put.body["emails"]),
        (200, &Value::Null, &Value::Null),
        "{put:?}"
    );
    assert_eq!((&put.body["active"], &put.body["id"]), (&json!(false), &json!(id)));
    assert_eq!(stamp(&okta), born);
}

#[tokio::test]
async fn a_put_of_what_was_read_changes_no_group() {
    let okta = Okta::new().await;
    let find = "/Users?filter=userName%20eq%20%22ada%40acme.example%22";
    let mut body = okta.send("GET", find, None).await.body["Resources"][0].clone();
    assert_eq!(body["groups"][0]["display"], "Everybody North");
    let (path, groups) =
        (format!("/Users/{}", body["id"].as_str().unwrap()), body["groups"].clone());
    for sent in
        [groups.clone(), json!([]), json!([{ "value": "7", "display": "Admins" }]), Value::Null]
    {
        body["groups"] = sent.clone();
        let put = okta.send("PUT", &path, Some(body.clone())).await;
        assert_eq!((put.status, &put.body["groups"]), (200, &groups), "{sent}");
    }
}

#[tokio::test]
async fn a_password_may_come_by_put() {
    let okta = Okta::new().await;
    let path = format!("/Users/{}", okta.user("mia@acme.example").await);
    let mut body = okta.send("GET", &path, None).await.body;
    body["password"] = json!("N3w-s3cret");
    okta.vendor.take_log();
    let put = okta.send("PUT", &path, Some(body)).await;
    assert_eq!((put.status, &put.body["password"]), (200, &Value::Null));
    let log = okta.vendor.take_log();
    assert_eq!(log.len(), 2, "read, write: {log:?}");
    assert!(log[1].starts_with("PATCH /people/"), "{log:?}");
}

#[tokio::test]
async fn a_percent_sign_in_a_name_survives() {
    let okta = Okta::new().await;
    for (login, encoded) in [
        ("100%25mia@acme.example", "100%2525mia%40acme.example"),
        ("50%@acme.example", "50%25%40acme.example"),
    ] {
        let id = okta.user(login).await;
        let find = format!("/Users?filter=userName%20eq%20%22{encoded}%22&startIndex=1&count=100");
        let found = okta.send("GET", &find, None).await;
        assert_eq!(
            (&found.body["totalResults"], &found.body["Resources"][0]["id"]),
            (&json!(1), &json!(id)),
            "{login}"
        );
        assert_eq!(found.body["Resources"][0]["userName"], login);
    }
}

#[tokio::test]
async fn a_deactivation_may_come_twice() {
    let okta = Okta::new().await;
    let path = format!("/Users/{}", okta.user("mia@acme.example").await);
    let off = || patch(json!([{ "op": "replace", "value": { "active": false } }]));
    assert_eq!(okta.send("PATCH", &path, off()).await.status, 200);
    okta.vendor.take_log();
    let again = okta.send("PATCH", &path, off()).await;
    assert_eq!((again.status, &again.body["active"]), (200, &json!(false)));
    assert_eq!(okta.vendor.take_log().len(), 1, "what is so already is only read");
}
