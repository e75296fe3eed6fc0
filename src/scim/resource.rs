//! The JSON of one resource in canonical form.

use super::{
    attribute::AttributePath,
    canonical,
    compare::is_assigned,
    error::{Error, ScimType},
    reading::Reading,
    resource_type::ResourceType,
    schema::Schema,
    shown::found,
};
use serde_json::{Map, Value};

/// A SCIM resource. INVARIANT: a JSON object whose attribute names are in the schema's spelling,
/// with extension attributes under their URN, and without unassigned members (absent, null, `""`
/// and `[]` are one thing: RFC 7643 §2.5). `schemas` is made when it is encoded, and so are
/// `meta.resourceType` and `meta.location`.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource(Value);

impl Default for Resource {
    fn default() -> Self {
        Self(Value::Object(Map::new()))
    }
}

impl Resource {
    /// A resource without attributes.
    pub fn new() -> Self {
        Self::default()
    }

    /// A resource of members that are canonical already.
    pub fn from_map(members: Map<String, Value>) -> Self {
        Self(Value::Object(members))
    }

    /// Makes what a client sent canonical. Names that the schemas do not have go to the reading's
    /// `unmapped`, as `name` or `URN:name`; what is readOnly is dropped silently (RFC 7644 §3.3, §3.5.1). A value of the wrong
    /// type is 400 invalidValue, a body that is no object 400 invalidSyntax.
    pub fn canonical(
        value: Value,
        kind: &ResourceType,
        reading: &mut Reading,
    ) -> Result<Self, Error> {
        match value {
            Value::Object(members) => {
                Ok(Self::from_map(canonical::resource(members, kind, reading)?))
            }
            other => Err(Error::bad(
                ScimType::InvalidSyntax,
                format!("the body is {}, expected an object", found(&other)),
            )),
        }
    }

    /// The members.
    pub fn as_map(&self) -> &Map<String, Value> {
        match &self.0 {
            Value::Object(members) => members,
            _ => unreachable!("every constructor makes an object"),
        }
    }

    /// The members, to change. The caller keeps the invariant.
    pub fn as_map_mut(&mut self) -> &mut Map<String, Value> {
        match &mut self.0 {
            Value::Object(members) => members,
            _ => unreachable!("every constructor makes an object"),
        }
    }

    /// The members.
    pub fn into_map(self) -> Map<String, Value> {
        match self.0 {
            Value::Object(members) => members,
            _ => unreachable!("every constructor makes an object"),
        }
    }

    /// The JSON object.
    pub fn as_value(&self) -> &Value {
        &self.0
    }

    /// The SCIM id, once there is one.
    pub fn id(&self) -> Option<&str> {
        self.as_map().get("id").and_then(Value::as_str)
    }

    /// Gives it its id.
    pub fn set_id(&mut self, id: impl Into<String>) {
        self.as_map_mut().insert("id".to_owned(), Value::String(id.into()));
    }

    /// The URNs of the schemas it holds attributes of, the core schema's first (R25, R79, X9; RFC 7643 §3, RFC 7644 §3.10).
    pub fn schemas<'a>(&self, kind: &'a ResourceType) -> impl Iterator<Item = &'a str> {
        let held = |urn: &&str| *urn == kind.schema.id || self.as_map().contains_key(*urn);
        kind.schemas().map(|schema| schema.id.as_str()).filter(held)
    }

    /// The value at a canonical path: an attribute, a sub-attribute of a single complex one, or (the URN
    /// alone) a whole extension.
    pub fn get(&self, path: &AttributePath) -> Option<&Value> {
        let members = self.as_map();
        let attribute = match &path.urn {
            None => members.get(&path.name),
            Some(urn) => match members.get(urn) {
                Some(extension) => extension.get(&path.name),
                None => return members.get(&path.to_string()),
            },
        };
        match &path.sub {
            Some(sub) => attribute?.get(sub),
            None => attribute,
        }
    }

    /// The value of the attribute `name` of an extension, or of the core schema.
    pub fn attribute(&self, extension: Option<&Schema>, name: &str) -> Option<&Value> {
        match extension {
            Some(schema) => self.as_map().get(&schema.id)?.get(name),
            None => self.as_map().get(name),
        }
    }

    /// The value at the canonical path of an attribute, to be changed in place.
    pub fn get_mut(&mut self, path: &AttributePath) -> Option<&mut Value> {
        let members = self.as_map_mut();
        match &path.urn {
            None => members.get_mut(&path.name),
            Some(urn) => members.get_mut(urn)?.get_mut(&path.name),
        }
    }

    /// Assigns the value at the canonical path of an attribute or of a sub-attribute of a single complex
    /// one; what must stand around it is made. An unassigned value removes.
    pub fn set(&mut self, path: &AttributePath, value: Value) {
        if !is_assigned(&value) {
            self.remove(path);
            return;
        }
        let mut members = self.as_map_mut();
        if let Some(urn) = &path.urn {
            members = inside(members, urn);
        }
        match &path.sub {
            Some(sub) => inside(members, &path.name).insert(sub.clone(), value),
            None => members.insert(path.name.clone(), value),
        };
    }

    /// Unassigns what [`Resource::get`] finds, and what is empty without it.
    pub fn remove(&mut self, path: &AttributePath) -> Option<Value> {
        let AttributePath { urn, name, sub } = path;
        let members = self.as_map_mut();
        match urn {
            Some(urn) if members.contains_key(urn) => {
                pruned(members, urn, |extension| take(extension, name, sub.as_deref()))
            }
            Some(_) => members.remove(&path.to_string()),
            None => take(members, name, sub.as_deref()),
        }
    }
}

/// The object under `key`; made when there is none.
fn inside<'a>(members: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    // Not by `entry`, which would copy the key of what is there.
    if !members.get(key).is_some_and(Value::is_object) {
        members.insert(key.to_owned(), Value::Object(Map::new()));
    }
    match members.get_mut(key) {
        Some(Value::Object(members)) => members,
        _ => unreachable!("made an object above"),
    }
}

fn take(members: &mut Map<String, Value>, name: &str, sub: Option<&str>) -> Option<Value> {
    match sub {
        Some(sub) => pruned(members, name, |complex| complex.remove(sub)),
        None => members.remove(name),
    }
}

/// Takes something out of the object under `key`, and the object too when that emptied it.
fn pruned(
    members: &mut Map<String, Value>,
    key: &str,
    take: impl FnOnce(&mut Map<String, Value>) -> Option<Value>,
) -> Option<Value> {
    let inner = members.get_mut(key)?.as_object_mut()?;
    let taken = take(inner);
    if inner.is_empty() {
        members.remove(key);
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::{AttributePath, Resource};
    use serde_json::{Value, json};

    const URN: &str = "urn:x:2.0:User";

    fn resource(value: Value) -> Resource {
        Resource::from_map(value.as_object().unwrap().clone())
    }

    #[test]
    fn reads_writes_and_removes() {
        let paths = [
            AttributePath::core("title"),
            AttributePath::core("name").dot("givenName"),
            AttributePath::of(URN, "department"),
            AttributePath::of(URN, "manager").dot("value"),
        ];
        let mut made = Resource::new();
        for path in &paths {
            made.set(path, json!("x"));
            assert_eq!(made.get(path), Some(&json!("x")), "{path}");
        }
        let expected = json!({
            "title": "x", "name": {"givenName": "x"},
            URN: {"department": "x", "manager": {"value": "x"}}
        });
        assert_eq!(made, resource(expected));
        for path in &paths {
            made.set(path, json!(""));
            assert_eq!(made.get(path), None, "{path}");
        }
        assert_eq!(made, Resource::new());
    }

    #[test]
    fn a_whole_extension() {
        let whole = AttributePath::parse(URN).unwrap();
        let mut held = resource(json!({"title": "x", URN: {"department": "y"}}));
        assert_eq!(held.get(&whole), Some(&json!({"department": "y"})));
        assert_eq!(held.remove(&whole), Some(json!({"department": "y"})));
        assert_eq!(held, resource(json!({"title": "x"})));
    }

    #[test]
    fn absent_is_absent() {
        let mut held = resource(json!({"emails": [{"value": "x"}]}));
        for path in [
            AttributePath::core("name").dot("givenName"),
            AttributePath::core("emails").dot("value"),
            AttributePath::of(URN, "department"),
        ] {
            assert_eq!(held.get(&path), None, "{path}");
            assert_eq!(held.remove(&path), None, "{path}");
        }
        assert_eq!(held.id(), None);
        held.set_id("7");
        assert_eq!(held.id(), Some("7"));
    }
}
