//! What other clients than Okta ask of a list: order, cursors, all kinds at once.

use crate::{entitlements, harness::Okta};
use serde_json::{Value, json};

fn column(list: &Value, name: &str) -> Vec<String> {
    let resources = list["Resources"].as_array().unwrap();
    resources.iter().map(|each| each[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_of_a_sorted_list_are_cut_from_the_whole() {
    let okta = Okta::new().await;
    okta.people(60);
    let all = okta.import("/Users").await;
    let mut names: Vec<_> =
        all.iter().map(|each| each["userName"].as_str().unwrap().to_owned()).collect();
    names.sort_unstable_by(|one, other| other.cmp(one));
    let mut seen = Vec::new();
    for start in [1, 26, 51] {
        let path =
            format!("/Users?sortBy=userName&sortOrder=descending&startIndex={start}&count=25");
        let page = okta.send("GET", &path, None).await;
        assert_eq!((page.status, &page.body["totalResults"]), (200, &json!(63)), "{page:?}");
        seen.extend(column(&page.body, "userName"));
    }
    assert_eq!(seen, names);
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "userName sw \"p\"", "sortBy": "userName", "count": 2,
    });
    let page = okta.send("POST", "/Users/.search", Some(search)).await;
    assert_eq!(column(&page.body, "userName"), ["p0@acme.example", "p10@acme.example"]);
    for (query, scim_type) in [("sortBy=emial", "invalidValue"), ("sortBy=password", "sensitive")] {
        let reply = okta.send("GET", &format!("/Users?{query}"), None).await;
        assert_eq!((reply.status, &reply.body["scimType"]), (400, &json!(scim_type)), "{reply:?}");
    }
    let config = okta.send("GET", "/ServiceProviderConfig", None).await.body;
    assert_eq!(config["sort"]["supported"], true);
}

#[tokio::test]
async fn cursors_lead_through_the_whole_list_and_through_no_other() {
    let okta = Okta::new().await;
    okta.people(120);
    for query in ["", "&sortBy=displayName", "&filter=id%20pr"] {
        let (mut cursor, mut seen, mut last) = (String::new(), Vec::new(), String::new());
        loop {
            let path = format!("/Users?cursor={cursor}&count=50{query}");
            let page = okta.send("GET", &path, None).await;
            assert_eq!(page.status, 200, "{path}: {page:?}");
            assert_eq!(page.body.get("startIndex"), None);
            let total = page.body.get("totalResults").and_then(Value::as_u64);
            assert!(total.is_none_or(|total| total == 123), "exact or not there: {page:?}");
            seen.extend(column(&page.body, "id"));
            match page.body.get("nextCursor") {
                Some(next) => cursor = next.as_str().unwrap().to_owned(),
                None => break,
            }
            last.clone_from(&cursor);
        }
        assert_eq!(seen.len(), 123, "{query}: R105");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 123, "{query}");
        for (path, scim_type) in [
            (format!("/Users?cursor={last}&count=50&filter=meta%20pr"), "invalidCursor"),
            (format!("/Groups?cursor={last}&count=50{query}"), "invalidCursor"),
            (format!("/Users?cursor=not-a-cursor&count=50{query}"), "invalidCursor"),
            (format!("/Users?cursor={last}&count=51{query}"), "invalidCount"),
            (format!("/Users?cursor={last}&startIndex=51{query}"), "invalidValue"),
        ] {
            let reply = okta.send("GET", &path, None).await;
            assert_eq!((reply.status, &reply.body["scimType"]), (400, &json!(scim_type)), "{path}");
        }
    }
    // R107; a page of nothing leads nowhere.
    for (count, items, leads) in [(2, 2, true), (0, 0, false), (100_000, 123, false)] {
        let search = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "cursor": "", "count": count,
        });
        let page = okta.send("POST", "/Users/.search", Some(search)).await;
        assert_eq!(page.body["itemsPerPage"], items, "{page:?}");
        assert_eq!(page.body["nextCursor"].is_string(), leads, "{page:?}");
    }
}

#[tokio::test]
async fn the_base_url_is_searched_for_all_kinds() {
    let okta = Okta::over(&entitlements::mapping()).await;
    let search = async |said: Value| {
        let mut body =
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] });
        body.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        okta.send("POST", "/.search", Some(body)).await
    };
    let kinds = |list: &Value| -> Vec<String> {
        let resources = list["Resources"].as_array().unwrap();
        let kind = |each: &Value| each["meta"]["resourceType"].as_str().unwrap().to_owned();
        resources.iter().map(kind).collect()
    };
    // Without a filter it is everything; it is cut into pages as a whole.
    let all = search(json!({})).await;
    assert_eq!(all.status, 200, "{all:?}");
    let mut each = kinds(&all.body);
    let total = each.len();
    assert_eq!(all.body["totalResults"], total);
    each.dedup();
    assert_eq!(each, ["User", "Group", "Role", "Permission", "License"]);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = search(json!({ "cursor": cursor, "count": 2 })).await;
        assert_eq!(page.body["totalResults"], total);
        seen.extend(column(&page.body, "id"));
        match page.body.get("nextCursor") {
            Some(next) => cursor = next.as_str().unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, column(&all.body, "id"));
    let page = search(json!({ "startIndex": total, "count": 2 })).await;
    assert_eq!((&page.body["startIndex"], &page.body["itemsPerPage"]), (&json!(total), &json!(1)));
    // Sorted as a whole; descending, who has no such attribute comes first.
    let sorted = search(json!({ "sortBy": "userName", "sortOrder": "descending" })).await;
    assert_eq!(kinds(&sorted.body).iter().rev().take(3).collect::<Vec<_>>(), ["User"; 3]);

    okta.vendor.take_log();
    let path = "/?filter=userName%20eq%20%22ada@acme.example%22&attributes=userName,displayName";
    let ada = okta.send("GET", path, None).await;
    assert_eq!(column(&ada.body, "userName"), ["ada@acme.example"], "{ada:?}");
    assert_eq!(ada.body["Resources"][0].get("meta"), None);
    let asked = okta.vendor.take_log();
    assert!(!asked.iter().any(|call| call.contains("/teams?")), "no group can match: {asked:?}");
    let path = "/?filter=meta.resourceType%20eq%20%22Group%22%20and%20displayName%20pr";
    assert!(kinds(&okta.send("GET", path, None).await.body).iter().all(|kind| kind == "Group"));
    assert_eq!(okta.send("GET", "/", None).await.status, 404, "never a giant by mistake");
    let lost = search(json!({ "cursor": cursor, "count": 2, "filter": "id pr" })).await;
    assert_eq!(lost.status, 400, "{lost:?}");
}
