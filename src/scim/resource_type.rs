//! A kind of resource that is served: endpoint, core schema, extensions (RFC 7643 §6).

use super::{
    attribute::AttributePath,
    schema::{Attribute, Returned, Schema, common},
};
use crate::diagnostic::nearest;
use std::sync::Arc;

/// A schema that adds attributes under its own URN.
#[derive(Debug, Clone)]
pub struct Extension {
    /// The schema.
    pub schema: Schema,
    /// Every resource must carry it.
    pub required: bool,
}

/// One kind of resource.
#[derive(Debug, Clone)]
pub struct ResourceType {
    /// `User`; also the id.
    pub name: String,
    /// `/Users`.
    pub endpoint: String,
    /// For people.
    pub description: String,
    /// The core schema: only what is served, so discovery never promises more.
    pub schema: Schema,
    /// Extensions.
    pub extensions: Vec<Extension>,
    /// Whether `externalId` is served (a common attribute, RFC 7643 §3.1).
    pub external_id: bool,
    /// Nothing of it is made, changed or deleted here: reading is all that there is.
    pub read_only: bool,
    /// The same with all that its schemas have, where less of them is served. A client that names something of
    /// that makes no mistake.
    pub whole: Option<Arc<ResourceType>>,
}

/// An attribute path found in a [`ResourceType`].
#[derive(Debug, Clone, Copy)]
pub struct Resolved<'a> {
    /// The extension it stands in; `None` for core and common attributes.
    pub extension: Option<&'a Schema>,
    /// The attribute; `None` when the path is a schema's URN alone.
    pub attribute: Option<&'a Attribute>,
    /// The sub-attribute.
    pub sub: Option<&'a Attribute>,
}

impl<'a> Resolved<'a> {
    /// What the path ends in: the sub-attribute, else the attribute.
    pub fn leaf(&self) -> Option<&'a Attribute> {
        self.sub.or(self.attribute)
    }

    /// Whether it is never returned: nothing that a client is told may depend on its value (X5, RFC 7644
    /// §7.5.2).
    pub fn is_hidden(&self) -> bool {
        let mut steps = self.attribute.into_iter().chain(self.sub);
        steps.any(|step| step.returned == Returned::Never)
    }

    /// Whether it follows from where the resource is told: nothing can be searched by it.
    pub fn is_told(&self) -> bool {
        self.leaf().is_some_and(|leaf| leaf.told)
    }
}

impl ResourceType {
    /// Finds a path. Names and URNs compare without case (RFC 7643 §2.1); the core schema's URN may
    /// stand before a core attribute (R29, R50; RFC 7644 §3.10). `None`: no such attribute is served.
    pub fn resolve(&self, path: &AttributePath) -> Option<Resolved<'_>> {
        let extension = match &path.urn {
            None => None,
            Some(urn) if self.is_core(urn) => None,
            Some(urn) => match self.extension(urn) {
                Some(extension) => Some(extension),
                None => return self.resolve_urn(&path.to_string()),
            },
        };
        let attribute = self.attribute(extension, &path.name)?;
        let sub = match &path.sub {
            Some(sub) => Some(attribute.sub(sub)?),
            None => None,
        };
        Some(Resolved { extension, attribute: Some(attribute), sub })
    }

    /// A path that is the URN of a schema and nothing more.
    fn resolve_urn(&self, urn: &str) -> Option<Resolved<'_>> {
        let extension = self.extension(urn);
        (extension.is_some() || self.is_core(urn)).then_some(Resolved {
            extension,
            attribute: None,
            sub: None,
        })
    }

    /// The path in the schema's spelling, without the core schema's URN. `None` as in
    /// [`ResourceType::resolve`].
    pub fn canonical(&self, path: &AttributePath) -> Option<AttributePath> {
        let found = self.resolve(path)?;
        let Some(attribute) = found.attribute else {
            let schema = found.extension.unwrap_or(&self.schema);
            return AttributePath::parse(&schema.id).ok();
        };
        Some(AttributePath {
            urn: found.extension.map(|schema| schema.id.clone()),
            name: attribute.name.clone(),
            sub: found.sub.map(|sub| sub.name.clone()),
        })
    }

    /// The core schema, then the extensions.
    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        std::iter::once(&self.schema).chain(self.extensions.iter().map(|each| &each.schema))
    }

    /// Whether `urn` is the core schema's.
    pub fn is_core(&self, urn: &str) -> bool {
        urn.eq_ignore_ascii_case(&self.schema.id)
    }

    /// The extension of that URN.
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        let mut schemas = self.extensions.iter().map(|extension| &extension.schema);
        schemas.find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The attribute of that name in an extension, or else among the common and core ones.
    pub fn attribute<'a>(
        &'a self,
        extension: Option<&'a Schema>,
        name: &str,
    ) -> Option<&'a Attribute> {
        match extension {
            Some(schema) => schema.attributes.iter().find(|each| named(each, name)),
            None => self.core_attributes().find(|each| named(each, name)),
        }
    }

    /// The common attributes that are served (RFC 7643 §3.1), then those of the core schema.
    pub fn core_attributes(&self) -> impl Iterator<Item = &Attribute> {
        let common = common().iter().filter(|each| self.external_id || each.name != "externalId");
        common.chain(&self.schema.attributes)
    }

    /// What to tell a client about a path that does not resolve.
    pub fn unknown(&self, path: &AttributePath) -> String {
        let hint = self.nearest(path).map(|name| format!("; did you mean `{name}`?"));
        format!("`{path}` is no attribute of {}{}", self.name, hint.unwrap_or_default())
    }

    /// The served attribute that an unknown path was probably meant to be, ready to print.
    pub fn nearest(&self, path: &AttributePath) -> Option<String> {
        let top = AttributePath { sub: None, ..path.clone() };
        if let (Some(sub), Some(found)) = (&path.sub, self.canonical(&top)) {
            let attribute = self.resolve(&top)?.attribute?;
            let sub = nearest(sub, attribute.attributes.iter().map(|each| each.name.as_str()))?;
            return Some(found.dot(sub).to_string());
        }
        // An extension's attribute without its URN is a common slip.
        let core = self.core_attributes().map(|each| each.name.as_str());
        let extended = self.extensions.iter().flat_map(|each| &each.schema.attributes);
        let name = nearest(&path.name, core.chain(extended.map(|each| each.name.as_str())))?;
        let owner = self.extensions.iter().map(|each| &each.schema).find(|schema| {
            self.attribute(None, name).is_none() && schema.attribute(name).is_some()
        });
        Some(match owner {
            Some(schema) => format!("{}:{name}", schema.id),
            None => name.to_owned(),
        })
    }
}

fn named(attribute: &Attribute, name: &str) -> bool {
    attribute.name.eq_ignore_ascii_case(name)
}

/// All kinds of resource that one service serves.
#[derive(Debug, Clone, Default)]
pub struct ResourceTypes(Vec<Arc<ResourceType>>);

impl ResourceTypes {
    /// In the order that discovery lists them.
    pub fn new(types: Vec<Arc<ResourceType>>) -> Self {
        Self(types)
    }

    /// The one of that name, in any case.
    pub fn by_name(&self, name: &str) -> Option<&Arc<ResourceType>> {
        self.iter().find(|kind| kind.name.eq_ignore_ascii_case(name))
    }

    /// The one served at `/segment`, in any case; a leading slash is ignored.
    pub fn by_endpoint(&self, segment: &str) -> Option<&Arc<ResourceType>> {
        let bare = |text: &str| text.trim_start_matches('/').to_ascii_lowercase();
        self.iter().find(|kind| bare(&kind.endpoint) == bare(segment))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<ResourceType>> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::{AttributePath, Extension, ResourceType, ResourceTypes};
    use crate::scim::schema::{ENTERPRISE_USER, enterprise_user, user};
    use std::sync::Arc;

    fn kind() -> ResourceType {
        ResourceType {
            name: "User".to_owned(),
            endpoint: "/Users".to_owned(),
            description: String::new(),
            schema: user(),
            extensions: vec![Extension { schema: enterprise_user(), required: false }],
            external_id: true,
            read_only: false,
            whole: None,
        }
    }

    #[test]
    fn canonical_paths() {
        let cases = [
            ("USERNAME", "userName"),
            ("Name.FAMILYname", "name.familyName"),
            ("urn:ietf:params:scim:schemas:core:2.0:User:username", "userName"),
            ("URN:ietf:params:scim:schemas:core:2.0:user:name.givenname", "name.givenName"),
            ("id", "id"),
            ("meta.lastmodified", "meta.lastModified"),
            ("externalid", "externalId"),
            (
                "urn:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:User:Manager.Value",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            ),
            ("urn:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:user", ENTERPRISE_USER),
        ];
        let kind = kind();
        for (text, expected) in cases {
            let path = AttributePath::parse(text).unwrap();
            assert_eq!(kind.canonical(&path).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn unknown_paths_and_what_was_meant() {
        let cases = [
            ("emial", Some("emails")),
            ("name.famlyName", Some("name.familyName")),
            (
                "department",
                Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
            ),
            ("urn:none:User:userName", Some("userName")),
            ("userName.value", None),
            ("qqqqqqqq", None),
        ];
        let kind = kind();
        for (text, expected) in cases {
            let path = AttributePath::parse(text).unwrap();
            assert!(kind.resolve(&path).is_none(), "{text}");
            assert_eq!(kind.nearest(&path).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn external_id_only_where_served() {
        let path = AttributePath::core("externalId");
        assert!(kind().resolve(&path).is_some());
        assert!(ResourceType { external_id: false, ..kind() }.resolve(&path).is_none());
    }

    #[test]
    fn urns_alone() {
        let kind = kind();
        let found = kind.resolve(&AttributePath::parse(ENTERPRISE_USER).unwrap()).unwrap();
        assert_eq!(found.extension.unwrap().id, ENTERPRISE_USER);
        assert!(found.leaf().is_none());
        let found = kind.resolve(&AttributePath::parse(&kind.schema.id).unwrap()).unwrap();
        assert!(found.extension.is_none() && found.attribute.is_none());
    }

    #[test]
    fn found_by_name_and_endpoint() {
        let types = ResourceTypes::new(vec![Arc::new(kind())]);
        assert!(types.by_name("user").is_some() && types.by_name("Users").is_none());
        assert!(types.by_endpoint("users").is_some() && types.by_endpoint("/Users").is_some());
        assert!(types.by_endpoint("Groups").is_none());
    }
}
