//! Finds Records by a filter: the vendor's own searches where the mapping has one that serves it,
//! else the list. Everything found is matched again here.

use super::{
    Context,
    begun::Name,
    error::{Failure, unsupported},
    found::Found,
    listed, lookup, steps,
};
use crate::{
    mapping::{
        plan::{Find, ListOperation},
        translate::pushdown::{self, Kept, Served},
    },
    scim::{
        attribute::AttributePath,
        error::{Error, ScimType},
        filter::{
            Filter, Operator,
            matches::{Matcher, matches},
        },
    },
    store::{self, Sought, fold},
    upstream::record::text_of,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use std::collections::HashSet;

/// Records read at a time for ids that the store knows; the vendor's own limits hold beside it.
const AT_ONCE: usize = 8;

/// Everything that matches. What a vendor returns for `?email=` may be everybody.
pub async fn matching(cx: &Context<'_>, filter: &Filter) -> Result<Vec<Found>, Failure> {
    let mut found = existing(cx, filter).await?;
    found.retain(|found| !found.gone);
    Ok(found)
}

/// The same with what a client has deleted and the vendor still has.
async fn existing(cx: &Context<'_>, filter: &Filter) -> Result<Vec<Found>, Failure> {
    // First: also with nothing to match it against, a wrong filter is a 400 (RFC 7644 §3.4.2.2).
    let mut matcher = Matcher::of_resources(filter, &cx.plan.kind)?;
    if let Some(all) = listed::fixed(cx) {
        return matched(&mut matcher, all);
    }
    let parts = cx.resolved(|names| Ok(pushdown::serve(cx.plan, filter, names))).await?;
    let Some(parts) = parts else {
        return matched(&mut matcher, everybody(cx, cx.live.plan.upstream.scan).await?);
    };
    let mut all = Vec::new();
    // A part of an `or` may find what another one found.
    let mut seen = HashSet::new();
    let ids = parts.iter().filter_map(|served| match served {
        Served::Key(id) => Some(id.clone()),
        Served::Kept(_) | Served::Find(..) => None,
    });
    let found = matched(&mut matcher, looked_at(cx, ids.collect()).await?)?;
    all.extend(found.into_iter().filter(|found| seen.insert(found.key.clone())));
    for served in parts {
        let found = matched(&mut matcher, candidates(cx, &served).await?)?;
        all.extend(found.into_iter().filter(|found| seen.insert(found.key.clone())));
    }
    Ok(all)
}

/// Whether everything that matches can be found, or everything where there is no filter.
pub fn can(cx: &Context<'_>, filter: Option<&Filter>) -> bool {
    let listed = cx.plan.fixed.is_some() || cx.plan.operations.list.is_some();
    listed || filter.is_some_and(|filter| pushdown::serve(cx.plan, filter, &cx.names()).is_some())
}

/// Everything there is; 400 tooMany when that is more than `limits.scan`.
pub async fn all(cx: &Context<'_>) -> Result<Vec<Found>, Failure> {
    let mut found = match listed::fixed(cx) {
        Some(all) => all,
        None => everybody(cx, cx.live.plan.upstream.scan).await?,
    };
    found.retain(|found| !found.gone);
    Ok(found)
}

/// Who has this value of a `match` attribute: those who are there; when nobody is, who was deleted
/// and had it then, the last one alone.
pub async fn same(
    cx: &Context<'_>,
    path: &AttributePath,
    value: &Value,
    name: &Name,
) -> Result<Vec<Found>, Failure> {
    let (path, value, operator) = (path.clone(), value.clone(), Operator::Equal);
    let filter = Filter::Compare { path, operator, value };
    let (gone, there): (Vec<Found>, Vec<Found>) =
        existing(cx, &filter).await?.into_iter().partition(|found| found.gone);
    if !there.is_empty() || !cx.plan.buries() {
        return Ok(there);
    }
    let buried = cx.ask(cx.store()?.gone_with(&cx.rows(), &name.attribute, &name.value)).await?;
    let kept = cx.plan.kept_rules().any(|(_, rule)| rule.target.to_string() == name.attribute);
    for tombstone in buried {
        if let Some(found) = gone.iter().find(|found| found.key == tombstone.id) {
            return Ok(vec![found.clone()]);
        }
        // A vendor's search may not show who is inactive. What was kept of the one who is gone went
        // with the burial: the tombstone alone remembers it.
        if let Some(found) = lookup::existing(cx, &tombstone.id).await?
            && found.gone
            && (kept || matches(&filter, &found.resource, &cx.plan.kind)?)
        {
            return Ok(vec![found]);
        }
    }
    Ok(gone)
}

fn matched(matcher: &mut Matcher<'_>, candidates: Vec<Found>) -> Result<Vec<Found>, Failure> {
    let mut found = Vec::new();
    for candidate in candidates {
        if matcher.matches(&candidate.resource)? {
            found.push(candidate);
        }
    }
    Ok(found)
}

async fn candidates(cx: &Context<'_>, served: &Served<'_>) -> Result<Vec<Found>, Failure> {
    match served {
        // Those are looked at together.
        Served::Key(_) => Ok(Vec::new()),
        Served::Kept(kept) => keeping(cx, kept).await,
        Served::Find(find, holes) => {
            if let Some(exercised) = cx.exercised() {
                exercised.ran(&find.place);
            }
            match &find.list {
                Some(list) => search(cx, list, holes).await,
                None => scan(cx, find).await,
            }
        }
    }
}

/// Who has a kept value: the store knows the ids, the vendor the rest of them.
async fn keeping(cx: &Context<'_>, kept: &Kept<'_>) -> Result<Vec<Found>, Failure> {
    let path = kept.path.as_str();
    let sought = match kept.value {
        Value::String(text) if !kept.case_exact => Sought::Folded(fold(text)),
        other => Sought::Exact(other.clone()),
    };
    let most = cx.live.plan.upstream.scan;
    let page = store::Page::first((most as u64).saturating_add(1));
    let ids = cx.ask(cx.store()?.keeping(&cx.rows(), path, sought, page)).await?;
    // X3, RFC 7644 §3.4.2: what is cut off would be taken for all that there is.
    if ids.len() > most {
        let detail = format!("more than {most} have this `{path}`: narrow the filter");
        return Err(Error::bad(ScimType::TooMany, detail).into());
    }
    let (mut found, left) = listed::among(cx, ids).await?;
    found.extend(looked_at(cx, left).await?);
    Ok(found)
}

/// Those of the ids that are there, a few asked for at a time.
async fn looked_at(cx: &Context<'_>, ids: Vec<String>) -> Result<Vec<Found>, Failure> {
    let looks = stream::iter(ids)
        .map(|id| async move { lookup::existing(cx, &id).await })
        .buffered(AT_ONCE)
        .try_collect::<Vec<_>>();
    Ok(looks.await?.into_iter().flatten().collect())
}

/// Runs a `find` with its holes filled.
async fn search(
    cx: &Context<'_>,
    list: &ListOperation,
    holes: &[(String, Value)],
) -> Result<Vec<Found>, Failure> {
    let mut scope = cx.scope();
    for (name, value) in holes {
        scope = scope.with(name, value);
    }
    let most = cx.live.plan.upstream.scan;
    let done = match steps::run_within(cx, &list.operation, &scope, most).await {
        Ok(done) => done,
        Err(failure) if is_nobody(list, &failure) => return Ok(Vec::new()),
        Err(failure) => {
            let values: Vec<String> =
                holes.iter().filter_map(|(_, value)| text_of(value)).collect();
            return Err(failure.naming(Some(values.join("`, `"))));
        }
    };
    if let Some(key) = done.key {
        return Ok(lookup::existing(cx, &key).await?.into_iter().collect());
    }
    let mut items = done.items;
    items.extend(done.record);
    lookup::page(cx, list, items).await
}

/// A search that gives one record, or its key, says by 404 that there is none. Of a list a 404 is no answer
/// unless the mapping has a row for it: an address that is wrong must not read as nobody.
fn is_nobody(list: &ListOperation, failure: &Failure) -> bool {
    failure.not_found() && (!list.operation.lists() || failure.by_row())
}

/// "The vendor cannot search": the whole list, within the bound.
async fn scan(cx: &Context<'_>, find: &Find) -> Result<Vec<Found>, Failure> {
    everybody(cx, find.at_most.unwrap_or(cx.live.plan.upstream.scan)).await
}

/// All there is, at most so many; also what a client has deleted and the vendor still has.
async fn everybody(cx: &Context<'_>, most: usize) -> Result<Vec<Found>, Failure> {
    let list = cx.plan.operations.list.as_ref().ok_or_else(|| unsupported("listing"))?;
    let done = steps::run_within(cx, &list.operation, &cx.scope(), most).await?;
    lookup::page(cx, list, done.items).await
}
