//! Kinds of resource that have no call for one: fixed in the mapping, or picked from the vendor's
//! list.

use super::{
    Context,
    error::Failure,
    found::{self, Found},
    identity::Identity,
    pages::{Pages, list_step},
};
use crate::{
    mapping::{plan::ListOperation, translate::read},
    scim::{
        error::{Error, ScimType},
        resource::Resource,
    },
};
use serde_json::Value;
use std::{collections::BTreeMap, ops::Range};

/// Everything that the mapping lists; nothing when the vendor has to be asked.
pub fn fixed(cx: &Context<'_>) -> Option<Vec<Found>> {
    let all = cx.plan.fixed()?;
    Some(all.iter().map(found).collect())
}

/// One page of it, and how many there are.
pub fn page(all: &[Resource], range: Range<usize>) -> (Vec<Resource>, usize) {
    (all.iter().skip(range.start).take(range.len()).cloned().collect(), all.len())
}

/// The one of this id in what the mapping lists.
pub fn pick(all: &[Resource], id: &str) -> Option<Found> {
    // Ids compare with case (RFC 7643 §3.1).
    all.iter().find(|resource| resource.id() == Some(id)).map(found)
}

fn found(resource: &Resource) -> Found {
    let who = Identity::of_key(resource.id().unwrap_or_default());
    let (record, resource) = (resource.as_value().clone(), resource.clone());
    Found { who, record, resource, gone: false, outside: false, ended: false }
}

/// Looks at a time; a page has to save that many to be worth a call.
const AT_ONCE: usize = 8;

/// Those of `all` that the vendor's list shows, where the vendor says that it is short enough to be read in place of
/// a look at each; and those that have to be looked at.
pub async fn among(
    cx: &Context<'_>,
    all: Vec<Identity>,
) -> Result<(Vec<Found>, Vec<Identity>), Failure> {
    let whole = |list: &&ListOperation| cx.plan.fixed().is_none() && list.read_again.is_empty();
    let Some(list) = cx.plan.operations.list.as_ref().filter(whole) else {
        return Ok((Vec::new(), all));
    };
    let (worth, mut found) = (all.len() / AT_ONCE, Vec::new());
    let left = all.into_iter().map(|who| (who.key.clone(), who));
    let mut left: BTreeMap<String, Identity> = left.collect();
    let (mut pages, mut read) = (Pages::from_the_first(cx, list_step(list)?)?, 0);
    while read < worth && !left.is_empty() {
        // Nobody asked for the list: a vendor that does not give it is asked for each.
        let Ok(Some(page)) = pages.next(cx).await else { break };
        read += 1;
        let length = page.items.len().max(1) as u64;
        let short = page.total.is_some_and(|total| total.div_ceil(length) <= worth as u64);
        let wanted =
            |item: &Value| read::key(cx.plan, item).is_some_and(|key| left.contains_key(&key));
        let items = page.items.into_iter().filter(wanted).collect();
        let seen = found::all(cx, items).await?;
        seen.iter().for_each(|one| {
            left.remove(&one.who.key);
        });
        found.extend(seen);
        if !short && pages.next_call().is_some() {
            break;
        }
    }
    Ok((found, left.into_values().collect()))
}

/// This one in the vendor's list, read page by page until it is met. Beyond `limits.scan`
/// nobody knows whether it is there, and 404 would be a guess.
pub async fn present(
    cx: &Context<'_>,
    list: &ListOperation,
    who: &Identity,
) -> Result<Option<Found>, Failure> {
    let mut pages = Pages::from_the_first(cx, list_step(list)?)?;
    let most = cx.live.plan.upstream.scan;
    while let Some(page) = pages.next(cx).await? {
        let mut items = page.items.into_iter();
        if let Some(item) = items.find(|item| read::key(cx.plan, item).as_ref() == Some(&who.key)) {
            return found::found(cx, item).await;
        }
        if pages.read() > most {
            let detail = format!(
                "`{}` is not among the first {most} records of the list, and the vendor has no \
                 call for one; raise `limits.scan` in the mapping",
                who.id
            );
            return Err(Error::bad(ScimType::TooMany, detail).into());
        }
    }
    Ok(None)
}
