//! The ServiceProviderConfig, ResourceTypes and Schemas documents (RFC 7643 §5 to §7, RFC 7644 §4).

use super::{
    error::Error,
    message::{Discovery, LIST_RESPONSE},
    resource_type::{ResourceType, ResourceTypes},
    schema::{Attribute, Schema, Type},
};
use serde_json::{Map, Value, json};

/// URN of the ServiceProviderConfig.
pub const SERVICE_PROVIDER_CONFIG: &str =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// URN of a resource type.
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// URN of a schema.
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// What the service can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// PATCH.
    pub patch: bool,
    /// Resources on a page when the client does not say.
    pub page: usize,
    /// Resources on a page at most.
    pub longest_page: usize,
    /// Passwords can be written.
    pub change_password: bool,
    /// `sortBy` is heeded.
    pub sort: bool,
    /// Versions and conditional requests.
    pub etag: bool,
    /// Bulk, with its limits.
    pub bulk: Option<Bulk>,
    /// How clients authenticate; the first is preferred.
    pub authentication: Vec<Authentication>,
}

/// The limits of Bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bulk {
    /// Operations in one request.
    pub max_operations: usize,
    /// Bytes of one request.
    pub max_payload_size: usize,
}

/// A way to authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authentication {
    /// RFC 6750.
    Bearer,
    /// RFC 7617.
    Basic,
}

/// The document that was asked for; 404 when there is none of that name.
pub fn document(
    asked: &Discovery,
    types: &ResourceTypes,
    capabilities: &Capabilities,
    base: &str,
) -> Result<Value, Error> {
    match asked {
        Discovery::ServiceProviderConfig => Ok(service_provider_config(capabilities, base)),
        Discovery::ResourceTypes(None) => Ok(resource_types(types, base)),
        Discovery::ResourceTypes(Some(name)) => match types.by_name(name) {
            Some(kind) => Ok(resource_type(kind, base)),
            None => Err(Error::not_found(name)),
        },
        Discovery::Schemas(None) => Ok(schemas(types, base)),
        Discovery::Schemas(Some(urn)) => {
            let mut served = types.iter().flat_map(|kind| kind.schemas());
            match served.find(|schema| schema.id.eq_ignore_ascii_case(urn)) {
                Some(found) => Ok(schema(found, base)),
                None => Err(Error::not_found(urn)),
            }
        }
    }
}

/// R91, RFC 7643 §5.
pub fn service_provider_config(capabilities: &Capabilities, base: &str) -> Value {
    let supported = |supported: bool| json!({ "supported": supported });
    let Bulk { max_operations, max_payload_size } =
        capabilities.bulk.unwrap_or(Bulk { max_operations: 0, max_payload_size: 0 });
    let schemes = capabilities.authentication.iter().enumerate();
    let schemes: Vec<_> = schemes.map(|(index, scheme)| scheme_of(*scheme, index == 0)).collect();
    json!({
        "schemas": [SERVICE_PROVIDER_CONFIG],
        "patch": supported(capabilities.patch),
        "bulk": {
            "supported": capabilities.bulk.is_some(),
            "maxOperations": max_operations,
            "maxPayloadSize": max_payload_size,
        },
        "filter": { "supported": true, "maxResults": capabilities.longest_page },
        "changePassword": supported(capabilities.change_password),
        "sort": supported(capabilities.sort),
        "etag": supported(capabilities.etag),
        // RFC 9865 §4, R108, X11. A cursor has no timeout.
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": capabilities.page,
            "maxPageSize": capabilities.longest_page,
        },
        "authenticationSchemes": schemes,
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}

fn scheme_of(scheme: Authentication, primary: bool) -> Value {
    let (kind, name, description, specification) = match scheme {
        Authentication::Bearer => (
            "oauthbearertoken",
            "Bearer token",
            "A token in the Authorization header",
            "https://www.rfc-editor.org/rfc/rfc6750",
        ),
        Authentication::Basic => (
            "httpbasic",
            "HTTP Basic",
            "A name and a password in the Authorization header",
            "https://www.rfc-editor.org/rfc/rfc7617",
        ),
    };
    json!({
        "type": kind,
        "name": name,
        "description": description,
        "specUri": specification,
        "primary": primary,
    })
}

/// All resource types, as a list.
pub fn resource_types(types: &ResourceTypes, base: &str) -> Value {
    list(types.iter().map(|kind| resource_type(kind, base)).collect())
}

/// R92, R93; RFC 7644 §4, RFC 7643 §6.
pub fn resource_type(kind: &ResourceType, base: &str) -> Value {
    let extensions: Vec<_> = kind
        .extensions
        .iter()
        .map(|extension| json!({ "schema": extension.schema.id, "required": extension.required }))
        .collect();
    json!({
        "schemas": [RESOURCE_TYPE],
        "id": kind.name,
        "name": kind.name,
        "description": kind.description,
        "endpoint": kind.endpoint,
        "schema": kind.schema.id,
        "schemaExtensions": extensions,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{base}/ResourceTypes/{}", kind.name),
        },
    })
}

/// All schemas that the resource types name, each once, as a list.
pub fn schemas(types: &ResourceTypes, base: &str) -> Value {
    let mut seen: Vec<&str> = Vec::new();
    let mut documents = Vec::new();
    for each in types.iter().flat_map(|kind| kind.schemas()) {
        if !seen.contains(&each.id.as_str()) {
            seen.push(&each.id);
            documents.push(schema(each, base));
        }
    }
    list(documents)
}

/// R94, R95; RFC 7644 §4, RFC 7643 §7.
pub fn schema(schema: &Schema, base: &str) -> Value {
    json!({
        "schemas": [SCHEMA],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes.iter().map(attribute).collect::<Vec<_>>(),
        "meta": {
            "resourceType": "Schema",
            "location": format!("{base}/Schemas/{}", schema.id),
        },
    })
}

fn attribute(attribute: &Attribute) -> Value {
    let mut made = Map::new();
    let mut put = |name: &str, value: Value| made.insert(name.to_owned(), value);
    put("name", json!(attribute.name));
    put("type", json!(attribute.kind.as_str()));
    put("multiValued", json!(attribute.multi_valued));
    put("description", json!(described(attribute)));
    put("required", json!(attribute.required));
    if !attribute.canonical_values.is_empty() {
        put("canonicalValues", json!(attribute.canonical_values));
    }
    if matches!(attribute.kind, Type::String | Type::Reference | Type::Binary) {
        put("caseExact", json!(attribute.case_exact));
    }
    put("mutability", json!(attribute.mutability.as_str()));
    put("returned", json!(attribute.returned.as_str()));
    if attribute.kind != Type::Complex {
        put("uniqueness", json!(attribute.uniqueness.as_str()));
    }
    if attribute.kind == Type::Reference {
        put("referenceTypes", json!(attribute.reference_types));
    }
    if attribute.kind == Type::Complex {
        put("subAttributes", attribute.attributes.iter().map(self::attribute).collect());
    }
    Value::Object(made)
}

/// RFC 7643 §7 has no word for what can be searched: what cannot is told to people.
fn described(attribute: &Attribute) -> String {
    let Attribute { description, told, .. } = attribute;
    if !told {
        return description.clone();
    }
    format!("{description} No filter and no `sortBy` knows it.").trim_start().to_owned()
}

/// R96, RFC 7644 §4: discovery lists are never cut into pages.
fn list(documents: Vec<Value>) -> Value {
    json!({
        "schemas": [LIST_RESPONSE],
        "totalResults": documents.len(),
        "startIndex": 1,
        "itemsPerPage": documents.len(),
        "Resources": documents,
    })
}
