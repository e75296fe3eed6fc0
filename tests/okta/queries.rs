//! What other clients than Okta ask of a list: order, cursors, all kinds at once.

use crate::harness::Okta;
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
