//! One Group that is a value, as a Resource.

use super::{
    super::{error::Failure, everybody::Having},
    Values,
    having::member,
    held::Held,
    moves::Done,
};
use crate::scim::{
    attribute::AttributePath, conditions::Conditions, error::Error, message::Response,
    resource::Resource, schema::MEMBERS,
};
use serde_json::{Map, Value, json};

/// A Group that is there.
#[derive(Debug)]
pub struct Group {
    /// Its id and its name: the value.
    pub name: String,
    /// The client's own id of it.
    pub external_id: Option<String>,
    /// Who is in it.
    pub having: Having,
    /// The store holds it.
    pub is_held: bool,
}

impl Group {
    /// One with nobody in it.
    pub fn bare(name: &str, held: Option<&crate::store::Group>) -> Self {
        Self {
            name: name.to_owned(),
            external_id: held.and_then(|held| held.external_id.clone()),
            having: Having::default(),
            is_held: held.is_some(),
        }
    }

    /// As it is served.
    pub fn resource(&self) -> Resource {
        self.with(self.having.members.values().cloned().collect())
    }

    /// The same with other members.
    pub fn with(&self, members: Vec<Value>) -> Resource {
        let mut resource = Map::new();
        resource.insert("id".to_owned(), json!(self.name));
        resource.insert("displayName".to_owned(), json!(self.name));
        if let Some(external) = &self.external_id {
            resource.insert("externalId".to_owned(), json!(external));
        }
        if !members.is_empty() {
            resource.insert(MEMBERS.to_owned(), Value::Array(members));
        }
        Resource::from_map(resource)
    }

    /// The ids of its members.
    pub fn ids(&self) -> impl Iterator<Item = &String> {
        self.having.members.keys()
    }
}

/// The text of an attribute of a Group.
pub fn text(group: &Resource, name: &str) -> Option<String> {
    group.get(&AttributePath::core(name)).and_then(Value::as_str).map(str::to_owned)
}

impl Values<'_, '_> {
    /// Serves one, or says that the client has it already (RFC 7644 §3.14).
    pub async fn get(&self, id: &str, conditions: &Conditions) -> Result<Response, Failure> {
        let resource = self.current(id).await?.resource();
        if conditions.unchanged(&resource, &self.cx.plan.kind)? {
            return Ok(Response::Unchanged(resource));
        }
        Ok(Response::Resource { created: false, resource })
    }

    /// The Group of an id. 404 when there is none.
    pub async fn current(&self, id: &str) -> Result<Group, Failure> {
        self.by_id(id).await?.ok_or_else(|| Error::not_found(id).into())
    }

    /// The same; nothing when there is none. Ids compare with case (RFC 7643 §3.1), whatever their values do:
    /// one that is spelled otherwise is nobody's.
    pub async fn by_id(&self, id: &str) -> Result<Option<Group>, Failure> {
        let Some(mut group) = self.by_name(id).await? else { return Ok(None) };
        let spelled = self.of().names.is_none() && group.having.spelled.contains(id);
        if group.name != id && spelled {
            id.clone_into(&mut group.name);
        }
        Ok(Some(group).filter(|group| group.name == id))
    }

    /// The Group of a name, in the spelling of whoever has it.
    pub async fn by_name(&self, name: &str) -> Result<Option<Group>, Failure> {
        let Some(name) = self.belonging.name(name) else { return Ok(None) };
        let (having, held) = (self.having(name).await?, self.held(name).await?);
        Ok(self.there(name, having, held))
    }

    /// Whether there is such a Group, and how it is spelled.
    pub fn there(&self, name: &str, having: Having, held: Held) -> Option<Group> {
        let named = self.of().names.is_some();
        let name = match &held.group {
            Some(group) => group.id.clone(),
            None if named && held.gone && having.members.is_empty() => return None,
            None if named => name.to_owned(),
            None => having.spelled.first()?.clone(),
        };
        Some(Group { having, ..Group::bare(&name, held.group.as_ref()) })
    }

    /// The Group of an id, if that it is there is known without looking for its members.
    pub async fn known(&self, id: &str) -> Result<Option<Group>, Failure> {
        let Some(name) = self.belonging.name(id).filter(|name| *name == id) else {
            return Ok(None);
        };
        let held = self.held(name).await?;
        let there = match &held.group {
            Some(group) => group.id == id,
            None => self.of().names.is_some() && !held.gone,
        };
        Ok(there.then(|| Group::bare(name, held.group.as_ref())))
    }

    /// What a client is told of a Group that it changed. Who was changed is shown by his own record: a search
    /// may be a moment behind it.
    pub async fn told(&self, done: Done) -> Result<Response, Failure> {
        let Done { name, external_id, changed, created } = done;
        let group = self.by_id(&name).await?;
        let group = group.unwrap_or_else(|| Group { external_id, ..Group::bare(&name, None) });
        let mut members = group.having.members.clone();
        for user in changed {
            let id = user.id().unwrap_or_default().to_owned();
            match self.belonging.has(&user, &name) {
                true => members.insert(id, member(&user)),
                false => members.remove(&id),
            };
        }
        let resource = group.with(members.into_values().collect());
        Ok(Response::Resource { created, resource })
    }
}
