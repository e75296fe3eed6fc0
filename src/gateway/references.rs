//! References between resources: the client has ids in them, the vendor its keys. Where a kind uses Links
//! these are not the same, and are exchanged here, for all Resources of an answer at once. What is read,
//! and what is compared with a client's words, has ids in it; what becomes calls, and what expressions see,
//! has keys.

use super::{Context, error::Failure, identity, members};
use crate::{
    mapping::translate::references::{visit, visit_filter},
    scim::{filter::Filter, resource::Resource},
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

/// Names that stand in references, by kind.
type Asked = BTreeMap<String, BTreeSet<String>>;
/// The other name of each, by kind.
type Others = BTreeMap<String, HashMap<String, String>>;

/// The keys of ids that a request has read: those of a large group are not asked for again.
#[derive(Debug, Default)]
pub struct Keys {
    // A std mutex: held for a look-up only, never across an await.
    known: Mutex<Others>,
}

impl Keys {
    fn note(&self, ids: &Others) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for (kind, ids) in ids {
            let keys = known.entry(kind.clone()).or_default();
            keys.extend(ids.iter().map(|(key, id)| (id.clone(), key.clone())));
        }
    }

    /// The keys of those that are known; the others are left in `asked`.
    fn take(&self, kind: &str, asked: &mut BTreeSet<String>) -> HashMap<String, String> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(keys) = known.get(kind) else { return HashMap::new() };
        let taken = asked.extract_if(.., |id| keys.contains_key(id));
        taken.filter_map(|id| keys.get(&id).cloned().map(|key| (id, key))).collect()
    }
}

/// Puts ids into what was read.
pub async fn identify(cx: &Context<'_>, resources: &mut [Resource]) -> Result<(), Failure> {
    if cx.plan.references.is_empty() {
        return Ok(());
    }
    let mut asked = Asked::new();
    for resource in resources.iter_mut() {
        visit(cx.plan, resource, |kind, key| ask(&mut asked, kind, key));
    }
    let mut others = Others::new();
    for (kind, keys) in asked {
        let Some(plan) = cx.live.plan.resource(&kind) else { continue };
        let ids = identity::seen(&cx.about(plan), keys.iter().cloned().collect()).await?;
        let both = keys.into_iter().filter_map(|key| Some((key.clone(), ids.of(&key)?.to_owned())));
        others.insert(kind, both.collect());
    }
    cx.keys.note(&others);
    for resource in resources {
        visit(cx.plan, resource, |kind, key| exchange(&others, kind, key));
    }
    Ok(())
}

/// What a client means, in keys; 400 invalidValue when an id is nobody's.
pub async fn keyed<'r>(
    cx: &Context<'_>,
    resource: &'r Resource,
) -> Result<Cow<'r, Resource>, Failure> {
    if cx.plan.references.is_empty() {
        return Ok(Cow::Borrowed(resource));
    }
    let (mut resource, mut asked) = (resource.clone(), Asked::new());
    visit(cx.plan, &mut resource, |kind, id| ask(&mut asked, kind, id));
    let (others, nobody) = keys(cx, asked).await?;
    if let Some((kind, id)) = nobody {
        return Err(members::nobody(&kind, &id));
    }
    visit(cx.plan, &mut resource, |kind, id| exchange(&others, kind, id));
    Ok(Cow::Owned(resource))
}

/// A filter for the vendor's own search. The id of nobody stays: it finds nobody here.
pub async fn keyed_filter<'f>(
    cx: &Context<'_>,
    filter: &'f Filter,
) -> Result<Cow<'f, Filter>, Failure> {
    if cx.plan.references.is_empty() {
        return Ok(Cow::Borrowed(filter));
    }
    let (mut filter, mut asked) = (filter.clone(), Asked::new());
    visit_filter(cx.plan, &mut filter, &mut |kind, id| ask(&mut asked, kind, id));
    let (others, _) = keys(cx, asked).await?;
    visit_filter(cx.plan, &mut filter, &mut |kind, id| exchange(&others, kind, id));
    Ok(Cow::Owned(filter))
}

/// The keys of ids, and one that is nobody's.
async fn keys(
    cx: &Context<'_>,
    asked: Asked,
) -> Result<(Others, Option<(String, String)>), Failure> {
    let (mut others, mut nobody) = (Others::new(), None);
    for (kind, mut ids) in asked {
        let Some(plan) = cx.live.plan.resource(&kind) else { continue };
        let mut keys = cx.keys.take(&kind, &mut ids);
        for who in identity::of_all(&cx.about(plan), ids.iter().cloned().collect()).await? {
            ids.remove(&who.id);
            keys.insert(who.id, who.key);
        }
        nobody = nobody.or_else(|| Some((kind.clone(), ids.pop_first()?)));
        others.insert(kind, keys);
    }
    Ok((others, nobody))
}

fn ask(asked: &mut Asked, kind: &str, name: &str) {
    match asked.get_mut(kind) {
        Some(names) => drop(names.insert(name.to_owned())),
        None => drop(asked.insert(kind.to_owned(), BTreeSet::from([name.to_owned()]))),
    }
}

fn exchange(others: &Others, kind: &str, name: &mut String) {
    if let Some(other) = others.get(kind).and_then(|others| others.get(name)) {
        name.clone_from(other);
    }
}
