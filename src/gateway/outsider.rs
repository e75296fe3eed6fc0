//! Who is outside, as held here: what a client said of him is all there is to serve.
//!
//! A row of the store for each, with the `match` values by which he is found. Where the vendor has a record of him all
//! the same, because he was inside once, a Link says which, and that record is hidden behind him. What no client may
//! read is not held: a password goes with the request that brings it, and to nobody.

use super::{
    Context,
    begun::{self, Name},
    beside::Beside,
    error::Failure,
    found::Found,
    identity::Identity,
    kept,
    place::AT_A_TIME,
};
use crate::{
    mapping::{
        plan::{ResourcePlan, Target},
        translate::place,
    },
    scim::{
        error::{Error, ScimType},
        filter::{Filter, Operator, matches::Matcher},
        resource::Resource,
        resource_type::ResourceType,
        schema::{Attribute, Mutability, Returned},
    },
    store::{self, Change, Page},
};
use serde_json::{Map, Value};
use std::ops::Range;

/// One who is outside.
#[derive(Debug, Clone)]
pub struct Outsider {
    /// The SCIM id.
    pub id: String,
    /// The vendor's key, where the vendor has a record of him.
    pub key: Option<String>,
    /// What the client said of him.
    pub resource: Resource,
    /// The vendor has still to be told that he left.
    pub owed: bool,
}

/// The one of this id; nothing when who has it is inside, or nobody.
pub async fn one(cx: &Context<'_>, id: &str) -> Result<Option<Outsider>, Failure> {
    if !cx.plan.skips() {
        return Ok(None);
    }
    let found = cx.ask(cx.store()?.outsider(&cx.rows(), id)).await?;
    Ok(whole(cx, found.into_iter().collect()).await?.pop())
}

/// Those of the ids that are of nobody who is held here.
pub async fn others(cx: &Context<'_>, ids: Vec<String>) -> Result<Vec<String>, Failure> {
    if !cx.plan.skips() || ids.is_empty() {
        return Ok(ids);
    }
    let held = cx.ask(cx.store()?.held(&cx.rows(), &ids)).await?;
    Ok(ids.into_iter().filter(|id| held.get(id).is_none_or(|held| !held.outside)).collect())
}

async fn count(cx: &Context<'_>) -> Result<usize, Failure> {
    if !cx.plan.skips() {
        return Ok(0);
    }
    let count = cx.ask(cx.store()?.count_outsiders(&cx.rows())).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// A piece of all of them, in the order of their ids.
pub async fn page(cx: &Context<'_>, skip: usize, limit: usize) -> Result<Vec<Outsider>, Failure> {
    if !cx.plan.skips() || limit == 0 {
        return Ok(Vec::new());
    }
    let page = Page { after: None, skip: skip as u64, limit: limit as u64 };
    let found = cx.ask(cx.store()?.outsiders(&cx.rows(), page)).await?;
    whole(cx, found).await
}

/// Those who are outside, behind the ones of a list: a few at a time.
#[derive(Debug, Default)]
pub struct Behind {
    /// How many there are, once that was asked.
    all: Option<usize>,
    /// Those of the range that were given.
    given: usize,
}

impl Behind {
    /// The next few of a range that begins in front of `listed` others, or among them; nothing when there are no more.
    pub async fn next(
        &mut self,
        cx: &Context<'_>,
        listed: usize,
        range: &Range<usize>,
    ) -> Result<Option<Vec<Resource>>, Failure> {
        self.count(cx).await?;
        let first = range.start.saturating_sub(listed) + self.given;
        let left = range.end.saturating_sub(listed.max(range.start) + self.given);
        let few = page(cx, first, left.min(AT_A_TIME)).await?;
        self.given += few.len();
        let few: Vec<Resource> = few.into_iter().map(|outsider| outsider.resource).collect();
        Ok((!few.is_empty()).then_some(few))
    }

    /// Counts them, once.
    pub async fn count(&mut self, cx: &Context<'_>) -> Result<(), Failure> {
        if self.all.is_none() {
            self.all = Some(count(cx).await?);
        }
        Ok(())
    }

    /// How many there are; none before they are counted.
    pub fn total(&self) -> usize {
        self.all.unwrap_or_default()
    }
}

/// Those that match, or all; 400 tooMany when more than `limits.scan` would be looked through.
pub async fn matching(cx: &Context<'_>, filter: Option<&Filter>) -> Result<Vec<Found>, Failure> {
    if !cx.plan.skips() {
        return Ok(Vec::new());
    }
    let candidates = match filter.and_then(|filter| known_by(cx, filter)) {
        Some(Known::Id(id)) => one(cx, id).await?.into_iter().collect(),
        Some(Known::Name(attribute, value)) => {
            let found = cx.ask(cx.store()?.outsiders_with(&cx.rows(), &attribute, &value)).await?;
            whole(cx, found).await?
        }
        None => bounded(cx).await?,
    };
    let mut matcher = match filter {
        Some(filter) => Some(Matcher::of_resources(filter, &cx.plan.kind)?),
        None => None,
    };
    let mut found = Vec::new();
    for outsider in candidates {
        let matches = match &mut matcher {
            Some(matcher) => matcher.matches(&outsider.resource)?,
            None => true,
        };
        if matches {
            found.push(outsider.into());
        }
    }
    Ok(found)
}

async fn bounded(cx: &Context<'_>) -> Result<Vec<Outsider>, Failure> {
    let most = cx.live.plan.upstream.scan;
    let found = page(cx, 0, most.saturating_add(1)).await?;
    if found.len() > most {
        let detail =
            format!("more than {most} who are outside would be looked through: narrow the filter");
        return Err(Error::bad(ScimType::TooMany, detail).into());
    }
    Ok(found)
}

/// What a filter says that the store finds somebody by.
enum Known<'f> {
    Id(&'f str),
    /// The attribute, and its value in normal form.
    Name(String, String),
}

fn known_by<'f>(cx: &Context<'_>, filter: &'f Filter) -> Option<Known<'f>> {
    filter.conjuncts().into_iter().find_map(|part| {
        let Filter::Compare { path, operator: Operator::Equal, value } = part else { return None };
        let path = cx.plan.kind.canonical(path)?;
        match value {
            Value::String(id) if path.urn.is_none() && path.name == "id" => Some(Known::Id(id)),
            _ => {
                let target = Target::Attribute(path);
                let by = cx.plan.matches.iter().find(|by| by.target == target)?;
                Some(Known::Name(by.target.to_string(), begun::normal(value)))
            }
        }
    })
}

/// 409 when another one who is outside has one of these names. Whoever asks has their turns.
pub async fn taken(cx: &Context<'_>, names: &[Name], own: &str) -> Result<(), Failure> {
    if !cx.plan.skips() {
        return Ok(());
    }
    for Name { attribute, value, .. } in names {
        let found = cx.ask(cx.store()?.outsiders_with(&cx.rows(), attribute, value)).await?;
        if found.iter().any(|outsider| outsider.id != own) {
            return Err(Error::uniqueness(format!("`{attribute}` is taken")).into());
        }
    }
    Ok(())
}

/// Holds one under this id, and writes more with it; gives back what is served of him.
pub async fn hold(
    cx: &Context<'_>,
    id: &str,
    resource: &Resource,
    mut with: Vec<Change>,
) -> Result<Resource, Failure> {
    with.push(row(cx.plan, id, resource, false));
    kept::write(cx, with).await?;
    match one(cx, id).await? {
        Some(outsider) => Ok(outsider.resource),
        None => Err(Error::not_found(id).into()),
    }
}

/// His row.
pub fn row(plan: &ResourcePlan, id: &str, resource: &Resource, owed: bool) -> Change {
    let said = said(&plan.kind, resource);
    let names = plan.matches.iter().filter_map(|by| {
        Some((by.target.to_string(), begun::normal(place::take(&said, &by.target)?)))
    });
    let values = names.collect();
    Change::Outside { id: id.to_owned(), said: said.as_value().clone(), values, owed }
}

/// What of a resource is a client's and readable. What the vendor alone says of who was inside is not repeated in its
/// name.
fn said(kind: &ResourceType, resource: &Resource) -> Resource {
    let mut said = resource.clone();
    let members = said.as_map_mut();
    prune(members, kind.core_attributes());
    for schema in kind.extensions.iter().map(|extension| &extension.schema) {
        let Some(Value::Object(extension)) = members.get_mut(&schema.id) else { continue };
        prune(extension, schema.attributes.iter());
        if extension.is_empty() {
            members.remove(&schema.id);
        }
    }
    said
}

fn prune<'a>(members: &mut Map<String, Value>, attributes: impl Iterator<Item = &'a Attribute>) {
    for attribute in attributes {
        if !is_said(attribute) {
            members.remove(&attribute.name);
            continue;
        }
        let Some(value) = members.get_mut(&attribute.name) else { continue };
        let elements = match value {
            Value::Array(elements) => elements.iter_mut().collect(),
            single => vec![single],
        };
        for element in elements.into_iter().filter_map(Value::as_object_mut) {
            prune(element, attribute.attributes.iter());
        }
    }
}

fn is_said(attribute: &Attribute) -> bool {
    let secret =
        attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly;
    !secret && attribute.mutability != Mutability::ReadOnly
}

/// With their ids, and the kept Groups that they are in.
async fn whole(cx: &Context<'_>, found: Vec<store::Outsider>) -> Result<Vec<Outsider>, Failure> {
    let groups = match cx.live.plan.kept_groups() {
        Some(_) if !found.is_empty() => {
            let ids: Vec<String> = found.iter().map(|one| one.id.clone()).collect();
            Beside::of(cx, &ids).await?
        }
        _ => Beside::default(),
    };
    let outsider = |store::Outsider { id, vendor_key: key, said, owed }| {
        let mut resource = match said {
            Value::Object(members) => Resource::from_map(members),
            _ => Resource::new(),
        };
        groups.lay(cx, &id, &mut resource);
        resource.set_id(&*id);
        Outsider { id, key, resource, owed }
    };
    Ok(found.into_iter().map(outsider).collect())
}

impl From<Outsider> for Found {
    fn from(Outsider { id, resource, .. }: Outsider) -> Self {
        let who = Identity::of_key(id);
        Self { who, record: Value::Null, resource, gone: false, outside: true, ended: false }
    }
}
