//! What Okta reads before it provisions, and the ways in which its base URL is typed.

use crate::{
    entitlements,
    harness::{MAPPING, Okta},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ROLE: &str = "urn:okta:scim:schemas:core:1.0:Role";
const ENTITLEMENT: &str = "urn:okta:scim:schemas:core:1.0:Entitlement";
const LICENSE: &str = "urn:sample:scim:schemas:extension:1.0:License";

fn column(list: &Value, name: &str) -> Vec<String> {
    let resources = list["Resources"].as_array().unwrap();
    resources.iter().map(|each| each[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn resource_types_and_schemas_are_read() {
    let okta = Okta::over(&entitlements::mapping()).await;
    let types = okta.send("GET", "/ResourceTypes", None).await;
    assert_eq!((types.status, &types.body["totalResults"]), (200, &json!(5)));
    let endpoints = column(&types.body, "endpoint");
    assert_eq!(endpoints, ["/Users", "/Groups", "/Roles", "/Permissions", "/Licenses"]);
    assert_eq!(column(&types.body, "schema"), [USER, GROUP, ROLE, ENTITLEMENT, ENTITLEMENT]);
    assert_eq!(types.body["Resources"][0]["schemaExtensions"][0]["schema"], ENTERPRISE);
    let license = &types.body["Resources"][4]["schemaExtensions"];
    assert_eq!(*license, json!([{ "schema": LICENSE, "required": false }]));
    let schemas = okta.send("GET", "/Schemas", None).await;
    assert_eq!(schemas.status, 200);
    assert_eq!(column(&schemas.body, "id"), [USER, ENTERPRISE, GROUP, ROLE, ENTITLEMENT, LICENSE]);
    for schema in schemas.body["Resources"].as_array().unwrap() {
        for attribute in schema["attributes"].as_array().unwrap() {
            for property in ["name", "type", "multiValued", "required", "mutability", "returned"] {
                assert!(!attribute[property].is_null(), "{property} of {attribute}");
            }
        }
        let one = format!("/Schemas/{}", schema["id"].as_str().unwrap());
        assert_eq!(&okta.send("GET", &one, None).await.body, schema);
    }
}

/// What is told of one document is told as of one resource.
#[tokio::test]
async fn a_document_has_a_place_and_a_version() {
    let okta = Okta::new().await;
    let schema = format!("/Schemas/{USER}");
    let mut tags = BTreeSet::new();
    for path in ["/ServiceProviderConfig", "/ResourceTypes/User", "/ResourceTypes/Group", &schema] {
        let reply = okta.send("GET", path, None).await;
        let header = |name: &str| reply.headers[name].to_str().unwrap();
        assert_eq!(reply.body["meta"]["location"], header("location"), "{path}");
        assert_eq!(header("content-location"), header("location"), "{path}");
        let again = okta.versioned(("if-none-match", header("etag")), "GET", path, None).await;
        assert_eq!((again.status, &again.body), (304, &Value::Null), "{path}");
        assert_eq!(again.headers["etag"], header("etag"), "{path}");
        tags.insert(header("etag").to_owned());
    }
    assert_eq!(tags.len(), 4, "each is of its document: {tags:?}");
    let mut old = Okta::new().await;
    old.base = old.base.replace("/scim/v2", "/scim/v1");
    for path in ["/ServiceProviderConfigs", "/Schemas/urn:scim:schemas:core:1.0:User"] {
        let reply = old.send("GET", path, None).await;
        assert_eq!(reply.body["meta"]["location"], reply.headers["location"].to_str().unwrap());
    }
}

#[tokio::test]
async fn slashes_too_many_in_the_base_url_do_no_harm() {
    let okta = Okta::new().await;
    let id = okta.user("mia@acme.example").await;
    for path in [
        "//Users?startIndex=1&count=2".to_owned(),
        "/Users/?startIndex=1&count=2".to_owned(),
        "//Groups?startIndex=1&count=100".to_owned(),
        format!("//Users/{id}"),
        format!("/Users//{id}/"),
        "//ResourceTypes".to_owned(),
    ] {
        let reply = okta.send("GET", &path, None).await;
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
    }
    let reply = okta.send("GET", &format!("//Users/{id}"), None).await;
    let location = reply.body["meta"]["location"].as_str().unwrap();
    assert!(location.ends_with(&format!("/scim/v2/Users/{id}")), "{location}");
    assert_eq!(reply.headers["location"], location);
}

/// The sample mapping for a vendor without teams.
fn without_groups() -> String {
    let (users, _) = MAPPING.split_once("\n  Group:\n").unwrap();
    let (before, rest) = users.split_once("      groups:\n").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    let members = |line: &&str| !line.contains("attribute: members");
    let lines: Vec<&str> =
        before.lines().chain([""]).chain(after.lines()).filter(members).collect();
    lines.join("\n")
}

#[tokio::test]
async fn a_tenant_without_groups_still_passes_the_test_of_its_credentials() {
    let okta = Okta::over(&without_groups()).await;
    let groups = okta.send("GET", "/Groups?startIndex=1&count=100", None).await;
    assert_eq!((groups.status, &groups.body["totalResults"]), (200, &json!(0)));
    assert_eq!(groups.body["Resources"], json!([]));
    let find = "/Groups?filter=displayName%20eq%20%22Sales%22&startIndex=1&count=100";
    assert_eq!(okta.send("GET", find, None).await.body["totalResults"], 0);
    let body = json!({ "schemas": [GROUP], "displayName": "Sales", "members": [] });
    let refused = okta.send("POST", "/Groups", Some(body)).await;
    assert_eq!((refused.status, &refused.body["status"]), (501, &json!("501")), "{refused:?}");
    assert_eq!(okta.send("GET", "/Groups/7", None).await.status, 404);
    let types = okta.send("GET", "/ResourceTypes", None).await;
    assert_eq!(column(&types.body, "name"), ["User"], "what is not served is not promised");
    okta.user("mia@acme.example").await;
}
