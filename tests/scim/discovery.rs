//! Discovery documents, derived from what is served.

use crate::fixture::{ENTERPRISE, types};
use scimshim::scim::{
    discovery::{Authentication, Bulk, Capabilities, document},
    message::Discovery,
};
use serde_json::{Value, json};

const BASE: &str = "https://gw.acme.example/scim/v2";

fn asked(discovery: Discovery) -> Value {
    document(&discovery, &types(), &capabilities(), BASE).unwrap()
}

fn capabilities() -> Capabilities {
    Capabilities {
        patch: true,
        page: 100,
        longest_page: 200,
        change_password: false,
        sort: false,
        etag: false,
        bulk: None,
        authentication: vec![Authentication::Bearer, Authentication::Basic],
    }
}

#[test]
fn service_provider_config() {
    let config = asked(Discovery::ServiceProviderConfig);
    for (pointer, expected) in [
        ("/schemas/0", json!("urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig")),
        ("/patch/supported", json!(true)),
        ("/bulk", json!({"supported": false, "maxOperations": 0, "maxPayloadSize": 0})),
        ("/filter", json!({"supported": true, "maxResults": 200})),
        ("/changePassword/supported", json!(false)),
        ("/sort/supported", json!(false)),
        ("/etag/supported", json!(false)),
        (
            "/pagination",
            json!({
                "cursor": true, "index": true, "defaultPaginationMethod": "index",
                "defaultPageSize": 100, "maxPageSize": 200
            }),
        ),
        ("/authenticationSchemes/0/type", json!("oauthbearertoken")),
        ("/authenticationSchemes/0/primary", json!(true)),
        ("/authenticationSchemes/1/type", json!("httpbasic")),
        ("/authenticationSchemes/1/primary", json!(false)),
        ("/meta/location", json!(format!("{BASE}/ServiceProviderConfig"))),
    ] {
        assert_eq!(config.pointer(pointer), Some(&expected), "{pointer}");
    }
    let bulk = Some(Bulk { max_operations: 100, max_payload_size: 1000 });
    let config = document(
        &Discovery::ServiceProviderConfig,
        &types(),
        &Capabilities { bulk, ..capabilities() },
        BASE,
    );
    let expected = json!({"supported": true, "maxOperations": 100, "maxPayloadSize": 1000});
    assert_eq!(config.unwrap()["bulk"], expected);
}

#[test]
fn resource_types() {
    let list = asked(Discovery::ResourceTypes(None));
    assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&json!(2), &json!(2)));
    let user = asked(Discovery::ResourceTypes(Some("user".to_owned())));
    assert_eq!(list["Resources"][0], user);
    assert_eq!(user["id"], "User");
    assert_eq!(user["endpoint"], "/Users");
    assert_eq!(user["schema"], "urn:ietf:params:scim:schemas:core:2.0:User");
    assert_eq!(user["schemaExtensions"][0], json!({"schema": ENTERPRISE, "required": false}));
    assert_eq!(user["meta"]["location"], format!("{BASE}/ResourceTypes/User"));
}

#[test]
fn schemas() {
    let list = asked(Discovery::Schemas(None));
    let urns: Vec<_> =
        list["Resources"].as_array().unwrap().iter().map(|each| &each["id"]).collect();
    let expected = [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        ENTERPRISE,
        crate::fixture::BADGE,
        "urn:ietf:params:scim:schemas:core:2.0:Group",
    ];
    assert_eq!(urns, expected);
    for schema in list["Resources"].as_array().unwrap() {
        assert_eq!(*schema, asked(Discovery::Schemas(schema["id"].as_str().map(str::to_owned))));
        for attribute in schema["attributes"].as_array().unwrap() {
            described(attribute);
        }
    }
}

/// R94.
fn described(attribute: &Value) {
    for name in ["name", "type", "multiValued", "description", "required", "mutability", "returned"]
    {
        assert!(attribute.get(name).is_some(), "{name} of {attribute}");
    }
    assert_eq!(attribute["type"] == "complex", attribute.get("subAttributes").is_some());
    assert_eq!(attribute["type"] == "reference", attribute.get("referenceTypes").is_some());
    for sub in attribute["subAttributes"].as_array().into_iter().flatten() {
        described(sub);
    }
}

#[test]
fn what_the_rfc_says_of_attributes() {
    let schema = |urn: &str| asked(Discovery::Schemas(Some(urn.to_owned())));
    let find = |list: &Value, name: &str| {
        list.as_array().unwrap().iter().find(|each| each["name"] == name).unwrap().clone()
    };
    let user = schema("urn:ietf:params:scim:schemas:core:2.0:User");
    let name = find(&user["attributes"], "userName");
    let expected = json!({
        "name": "userName", "type": "string", "multiValued": false,
        "description": "The name the user signs in with.", "required": true, "caseExact": false,
        "mutability": "readWrite", "returned": "default", "uniqueness": "server"
    });
    assert_eq!(name, expected);
    let password = find(&user["attributes"], "password");
    assert_eq!(
        (&password["mutability"], &password["returned"]),
        (&json!("writeOnly"), &json!("never"))
    );
    assert_eq!(find(&user["attributes"], "groups")["mutability"], "readOnly");
    let group = schema("urn:ietf:params:scim:schemas:core:2.0:Group");
    assert_eq!(find(&group["attributes"], "displayName")["required"], true);
    let members = find(&group["attributes"], "members");
    assert_eq!(find(&members["subAttributes"], "value")["mutability"], "immutable");
    // What a search refuses is not promised.
    let place = find(&members["subAttributes"], "$ref")["description"].clone();
    assert!(place.as_str().unwrap().ends_with("No filter and no `sortBy` knows it."), "{place}");
}

#[test]
fn unknown_names_are_not_found() {
    for discovery in [
        Discovery::Schemas(Some("urn:none".to_owned())),
        Discovery::ResourceTypes(Some("Robot".to_owned())),
    ] {
        assert_eq!(document(&discovery, &types(), &capabilities(), BASE).unwrap_err().status, 404);
    }
}
