//! Who is about to join is looked at first (RFC 7644 §3.5.2: all or nothing). A vendor that learns
//! of members one by one would have taken some before it refuses an unknown one.
//!
//! The vendor is asked no more than needed: not for who was seen a short while ago, and by pages of its
//! list where that is cheaper than one call for each. That somebody is in another group already says only
//! that he was there once.

use super::{
    Context,
    error::Failure,
    found,
    identity::{self, Identity},
    lookup,
    pages::{Pages, list_step},
};
use crate::{
    mapping::{
        plan::{ListOperation, RuleKind},
        translate::{
            place,
            unit::{ListChange, Part, Unit},
            units::Chosen,
        },
    },
    scim::{
        compare::elements,
        error::{Error, ScimType},
        resource::Resource,
    },
};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};

/// Looks at a time; the vendor's own limits hold beside it.
const AT_ONCE: usize = 8;
/// Of the looks, one part in so many is spent on pages of a list that does not say how long it is, to
/// learn whether those who join are in it. Where they are not it was 5 % too much.
const TRIED: usize = 20;

/// 400 invalidValue, naming who is unknown, before anything is written. One call alone needs no
/// look: the vendor takes it or refuses it.
pub async fn known(cx: &Context<'_>, units: &[Unit], chosen: &[Chosen<'_>]) -> Result<(), Failure> {
    for unit in units.iter().filter(|unit| unit.part == Part::Adds) {
        let keys = added(unit);
        let one_by_one = chosen
            .iter()
            .any(|one| one.update.for_each.is_some() && one.units.iter().any(|own| own == unit));
        if !one_by_one || (keys.len() == 1 && units.len() == 1) {
            continue;
        }
        let Some(of) = referred(cx, unit.rule).filter(|of| of.plan.operations.get.is_some()) else {
            continue;
        };
        exist(&of, identities(&of, keys).await?).await?;
    }
    Ok(())
}

/// The same before a create, of those who join behind it (`sent` tells what goes with it): a group must not
/// be there when its client is told that nothing was changed. `wanted` has keys in its references.
pub async fn known_first(
    cx: &Context<'_>,
    wanted: &Resource,
    sent: impl Fn(usize) -> bool,
) -> Result<(), Failure> {
    let behind =
        cx.plan.rules.iter().enumerate().filter(|(index, rule)| !sent(*index) && rule.writable());
    for (index, rule) in behind {
        let Some(of) = referred(cx, index).filter(|of| of.plan.operations.get.is_some()) else {
            continue;
        };
        let joining = keys(elements(place::take(wanted, &rule.target).unwrap_or(&Value::Null)));
        if !joining.is_empty() {
            exist(&of, identities(&of, joining).await?).await?;
        }
    }
    Ok(())
}

/// The vendor refused a write, and somebody who was seen may have gone since: the repeat looks at all who
/// join before it writes.
pub fn doubted(cx: &Context<'_>, units: &[Unit]) {
    for unit in units.iter().filter(|unit| unit.part == Part::Adds) {
        if let Some(of) = referred(cx, unit.rule) {
            let kind = &of.plan.kind.name;
            added(unit).iter().for_each(|key| cx.recall.seen.doubt(kind, key));
        }
    }
}

/// 400 invalidValue, naming who is unknown of the context's kind.
pub async fn exist(cx: &Context<'_>, joining: Vec<Identity>) -> Result<(), Failure> {
    let keys = joining.iter().map(|who| who.key.clone()).collect();
    let unseen = cx.recall.seen.unseen(&cx.plan.kind.name, keys, cx.live.generation);
    if cx.plan.operations.get_many.is_some() {
        let asked: HashSet<String> = unseen.unknown.into_iter().chain(unseen.lost).collect();
        let asked = joining.into_iter().filter(|who| asked.contains(&who.key)).collect();
        let looked = lookup::each(cx, asked, AT_ONCE).await?;
        let nowhere = looked.iter().find(|(_, found)| found.as_ref().is_none_or(|one| one.gone));
        return match nowhere {
            Some((who, _)) => Err(nobody(&cx.plan.kind.name, &who.id)),
            None => Ok(()),
        };
    }
    let mut unlisted = unlisted(cx, unseen.unknown).await?;
    unlisted.extend(unseen.lost);
    // Without a call for one, each look reads the list: the first says what is to be said.
    let at_once = if cx.plan.operations.get.is_some() { AT_ONCE } else { 1 };
    // Owned: the looks run side by side.
    let asked = joining.into_iter().filter(|who| unlisted.contains(&who.key));
    let looks = stream::iter(asked.collect::<Vec<_>>()).map(|who| look(cx, who));
    looks.buffer_unordered(at_once).try_collect::<()>().await
}

/// By both their names: who is unknown is named as the client did.
async fn identities(cx: &Context<'_>, keys: Vec<String>) -> Result<Vec<Identity>, Failure> {
    let ids = identity::known(cx, keys.clone()).await?;
    Ok(keys.into_iter().map(|key| ids.identity(key)).collect())
}

/// Whom a client means by these ids; 400 invalidValue when one is nobody's.
pub async fn of_ids(cx: &Context<'_>, ids: Vec<String>) -> Result<Vec<Identity>, Failure> {
    let found = identity::of_all(cx, ids.clone()).await?;
    let known: HashSet<&str> = found.iter().map(|who| who.id.as_str()).collect();
    match ids.iter().find(|id| !known.contains(id.as_str())) {
        Some(id) => Err(nobody(&cx.plan.kind.name, id)),
        None => Ok(found),
    }
}

/// Those of `keys` that the vendor's list does not show, as far as it is worth reading. A list may show
/// fewer than there are: they are looked at one by one.
async fn unlisted(cx: &Context<'_>, keys: Vec<String>) -> Result<BTreeSet<String>, Failure> {
    let asked = keys.len();
    let mut left: BTreeSet<String> = keys.into_iter().collect();
    let operations = &cx.plan.operations;
    // What is read again one by one costs a look for each of the list.
    let listed = |list: &&ListOperation| cx.plan.fixed().is_none() && list.read_again.is_empty();
    let Some(list) = operations.list.as_ref().filter(listed) else { return Ok(left) };
    let only = operations.get.is_none();
    let mut pages = Pages::from_the_first(cx, list_step(list)?)?;
    let (mut read, mut whole) = (0, None);
    while !left.is_empty() {
        let worth = match only {
            true => pages.read() <= cx.live.plan.upstream.scan,
            false => read < worth(asked, asked - left.len(), whole),
        };
        if !worth {
            break;
        }
        let page = match pages.next(cx).await {
            Ok(Some(page)) => page,
            Err(failure) if only => return Err(failure),
            // Nobody asked for the list: a vendor that does not give it is asked for each.
            Ok(None) | Err(_) => break,
        };
        read += 1;
        let length = page.items.len().max(1);
        let total = page.total.map(|total| usize::try_from(total).unwrap_or(usize::MAX));
        whole = whole.or(total.map(|total| total.div_ceil(length)));
        for key in found::keys(cx, &page.items).await? {
            left.remove(&key);
        }
    }
    Ok(left)
}

/// Pages of a list that are worth reading in place of `asked` looks, `found` of which it has saved; `whole`
/// are all of it, where the vendor says so. Pages are read one after the other and looks several at a time, so
/// a page has to save that many: it costs far fewer calls then, and no more time where a page takes as long as
/// a look.
fn worth(asked: usize, found: usize, whole: Option<usize>) -> usize {
    match whole {
        Some(pages) if pages <= asked / AT_ONCE => pages,
        Some(_) => 0,
        None => asked / TRIED + found / AT_ONCE,
    }
}

async fn look(cx: &Context<'_>, who: Identity) -> Result<(), Failure> {
    match lookup::present(cx, &who).await? {
        Some(_) => Ok(()),
        None => Err(nobody(&cx.plan.kind.name, &who.id)),
    }
}

/// That an id is nobody's.
pub fn nobody(kind: &str, id: &str) -> Failure {
    let detail = format!("there is no {kind} `{id}`; nothing was changed");
    Error::bad(ScimType::InvalidValue, detail).into()
}

/// The request at work on the kind that the elements of a list refer to.
fn referred<'c>(cx: &Context<'c>, rule: usize) -> Option<Context<'c>> {
    let RuleKind::List { elements, .. } = &cx.plan.rules.get(rule)?.kind else { return None };
    let refers = elements.subs.iter().find_map(|sub| sub.refers.as_deref())?;
    cx.live.plan.resource(refers).map(|plan| cx.about(plan))
}

/// The keys of those whom a change of a list adds.
fn added(unit: &Unit) -> Vec<String> {
    keys(&ListChange::between(&unit.before, &unit.after).added)
}

fn keys(elements: &[Value]) -> Vec<String> {
    let key = |element: &Value| element.get("value").and_then(Value::as_str).map(str::to_owned);
    elements.iter().filter_map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_where_that_is_cheaper() {
        let table = [
            // A vendor that says how long its list is: all of it, or not more than the page that said so.
            ((1_000, 0, Some(100)), 100),
            ((1_000, 0, Some(125)), 125),
            ((1_000, 900, Some(126)), 0),
            ((24, 0, Some(3)), 3),
            // One that does not: a try, which goes on while it saves what it costs.
            ((1_000, 0, None), 50),
            ((1_000, 400, None), 100),
            ((19, 0, None), 0),
        ];
        for ((asked, found, whole), expected) in table {
            assert_eq!(worth(asked, found, whole), expected, "{asked} {found} {whole:?}");
        }
    }
}
