//! A resource by both its names. What has a Link goes by its Link's id, everything else by its key; which it
//! is, is asked once, where a request or a Record comes in. Below, calls and expressions have the key, and
//! what the store holds and what the client sees the id.

use super::{Context, error::Failure, uuid};
use crate::{
    mapping::plan::IdBy,
    store::{Batch, Change, Clash, Error},
};
use std::collections::HashMap;

/// Both names of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The SCIM id.
    pub id: String,
    /// The vendor's key.
    pub key: String,
}

impl Identity {
    /// Of one that goes by its key.
    pub fn of_key(key: impl Into<String>) -> Self {
        let key = key.into();
        Self { id: key.clone(), key }
    }
}

/// Whom a client means by an id, also when he is gone; nothing when it is nobody's.
pub async fn of(cx: &Context<'_>, id: &str) -> Result<Option<Identity>, Failure> {
    Ok(of_all(cx, vec![id.to_owned()]).await?.pop())
}

/// The same of several, in their order, those of nobody left out.
pub async fn of_all(cx: &Context<'_>, ids: Vec<String>) -> Result<Vec<Identity>, Failure> {
    if !cx.plan.links() || ids.is_empty() {
        return Ok(ids.into_iter().map(Identity::of_key).collect());
    }
    let held = cx.ask(cx.store()?.held(&cx.rows(), &ids)).await?;
    let key = |id: &String| held.get(id).and_then(|held| held.vendor_key.clone());
    let named: Vec<(String, Option<String>)> =
        ids.into_iter().map(|id| (id.clone(), key(&id))).collect();
    // Without a Link it is a key, unless whoever has that key goes by another id.
    let bare = named.iter().filter(|(_, key)| key.is_none()).map(|(id, _)| id.clone());
    let ids = known(cx, bare.collect()).await?;
    let identity = |(id, key): (String, Option<String>)| match key {
        Some(key) => Some(Identity { id, key }),
        None => (ids.of(&id) == Some(&id)).then(|| Identity::of_key(id)),
    };
    Ok(named.into_iter().filter_map(identity).collect())
}

/// Ids by the vendor's keys.
#[derive(Debug, Default)]
pub struct Ids {
    linked: HashMap<String, String>,
    /// What has no Link has none.
    links_alone: bool,
}

impl Ids {
    /// The id of a key; nothing when it has none yet.
    pub fn of<'i>(&'i self, key: &'i str) -> Option<&'i str> {
        let linked = self.linked.get(key).map(String::as_str);
        linked.or(Some(key).filter(|_| !self.links_alone))
    }

    /// Both names of whoever has this key.
    pub fn identity(&self, key: String) -> Identity {
        let id = self.of(&key).unwrap_or(&key).to_owned();
        Identity { id, key }
    }
}

/// The ids that these keys have.
pub async fn known(cx: &Context<'_>, keys: Vec<String>) -> Result<Ids, Failure> {
    let links_alone = cx.plan.id == IdBy::Link;
    if !cx.plan.links() || keys.is_empty() {
        return Ok(Ids { links_alone, ..Ids::default() });
    }
    let linked = cx.ask(cx.store()?.ids(&cx.rows(), &keys)).await?;
    Ok(Ids { linked, links_alone })
}

/// The same of Records that are there: whoever is seen for the first time gets an id, all of them at once.
pub async fn seen(cx: &Context<'_>, keys: Vec<String>) -> Result<Ids, Failure> {
    loop {
        let mut ids = known(cx, keys.clone()).await?;
        let new = keys.iter().filter(|key| ids.of(key).is_none()).cloned();
        match link(cx, new.collect()).await? {
            Some(new) => {
                ids.linked.extend(new);
                return Ok(ids);
            }
            // Another request saw one of them at the same moment: what it made is there now.
            None => continue,
        }
    }
}

/// Both names of one that was made just now. A key that one had who is gone is another's by now, and an
/// id is never given twice.
pub async fn made(cx: &Context<'_>, key: &str) -> Result<Identity, Failure> {
    let identity = seen(cx, vec![key.to_owned()]).await?.identity(key.to_owned());
    if cx.plan.id == IdBy::Key || !cx.plan.buries() {
        return Ok(identity);
    }
    let held = cx.ask(cx.store()?.held(&cx.rows(), std::slice::from_ref(&identity.id))).await?;
    if held.get(&identity.id).is_none_or(|held| held.gone.is_none()) {
        return Ok(identity);
    }
    if let Some(new) = link(cx, vec![identity.key.clone()]).await? {
        let ids = Ids { linked: new, links_alone: true };
        return Ok(ids.identity(identity.key));
    }
    Ok(known(cx, vec![identity.key.clone()]).await?.identity(identity.key))
}

/// Both names of one who had this id here before the vendor had him: the key goes by it from now on, whatever it
/// went by.
pub async fn take(cx: &Context<'_>, id: &str, key: String) -> Result<Identity, Failure> {
    let rows = cx.rows();
    let known = known(cx, vec![key.clone()]).await?;
    let other = known.linked.get(&key).filter(|other| *other != id);
    let unlink = other.map(|other| Change::Unlink { id: other.clone() });
    let link = Change::Link { id: id.to_owned(), vendor_key: key.clone() };
    let mut batch = Batch::new(rows.tenant);
    for change in unlink.into_iter().chain([link]) {
        batch = batch.with(rows.kind.clone(), change);
    }
    cx.ask(cx.store()?.write(batch)).await?;
    Ok(Identity { id: id.to_owned(), key })
}

/// Gives each of these keys a new id; nothing when one of them has one by now.
async fn link(
    cx: &Context<'_>,
    keys: Vec<String>,
) -> Result<Option<HashMap<String, String>>, Failure> {
    let rows = cx.rows();
    let mut batch = Batch::new(rows.tenant);
    let mut ids = HashMap::with_capacity(keys.len());
    for key in keys {
        if ids.contains_key(&key) {
            continue;
        }
        let id = uuid::new()?;
        let link = Change::Link { id: id.clone(), vendor_key: key.clone() };
        batch = batch.with(rows.kind.clone(), link);
        ids.insert(key, id);
    }
    if ids.is_empty() {
        return Ok(Some(ids));
    }
    match cx.ask(cx.store()?.write(batch)).await {
        Ok(_) => Ok(Some(ids)),
        Err(Failure::Store { error: Error::Conflict(Clash::VendorKey), .. }) => Ok(None),
        Err(failure) => Err(failure),
    }
}
