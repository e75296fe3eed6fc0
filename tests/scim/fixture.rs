//! The resource types that the tables speak of, and a resource to start from.

use scimshim::scim::{
    resource::Resource,
    resource_type::{Extension, ResourceType, ResourceTypes},
    schema::{Attribute, Type, enterprise_user, group, user},
};
use serde_json::{Value, json};
use std::sync::Arc;

pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const BADGE: &str = "urn:x:badge:2.0:User";

/// User as the RFC has it, with EnterpriseUser, and a few attributes of the types that it does not use.
pub fn user_type() -> ResourceType {
    let mut badge = enterprise_user();
    badge.id = BADGE.to_owned();
    badge.attributes = vec![
        Attribute::new("level", Type::Integer),
        Attribute::new("weight", Type::Decimal),
        Attribute::date_time("issued"),
        Attribute::text("tags").list(),
    ];
    let extension = |schema| Extension { schema, required: false };
    ResourceType {
        name: "User".to_owned(),
        endpoint: "/Users".to_owned(),
        description: "Users".to_owned(),
        schema: user(),
        extensions: vec![extension(enterprise_user()), extension(badge)],
        external_id: true,
        read_only: false,
        whole: None,
    }
}

pub fn group_type() -> ResourceType {
    ResourceType {
        name: "Group".to_owned(),
        endpoint: "/Groups".to_owned(),
        description: "Groups".to_owned(),
        schema: group(),
        extensions: Vec::new(),
        external_id: true,
        read_only: false,
        whole: None,
    }
}

pub fn types() -> ResourceTypes {
    ResourceTypes::new(vec![Arc::new(user_type()), Arc::new(group_type())])
}

/// A resource of members that are canonical.
pub fn resource(members: Value) -> Resource {
    Resource::from_map(members.as_object().unwrap().clone())
}

pub fn mia() -> Resource {
    resource(json!({
        "id": "77c1",
        "externalId": "00u1Mia",
        "userName": "Mia.Berg@acme.example",
        "name": {"givenName": "Mia", "familyName": "Berg"},
        "displayName": "a \"b\" \\ (c) and d",
        "active": true,
        "emails": [
            {"value": "mia@acme.example", "type": "work", "primary": true},
            {"value": "mia@home.example", "type": "home"}
        ],
        "groups": [{"value": "g1", "display": "Sales"}],
        ENTERPRISE: {"employeeNumber": "0042", "department": "Ops", "manager": {"value": "77b0"}},
        BADGE: {
            "level": 9007199254740993u64, "weight": 1.50,
            "issued": "2011-05-13T06:42:34+02:00", "tags": ["red", "Blue"]
        },
        "meta": {"created": "2010-01-23T04:56:22Z", "lastModified": "2011-05-13T04:42:34Z"}
    }))
}
