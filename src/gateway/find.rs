//! Finds Records by a filter: the vendor's own searches where the mapping has one that serves it,
//! else the list. Everything found is matched again here.

use super::{
    Context,
    begun::Name,
    error::Failure,
    found::Found,
    identity::{self, Identity},
    listed, lookup, outsider, overlay, references,
    scan::{self, Age, everybody},
    steps,
};
use crate::{
    mapping::{
        plan::{Find, FindBy, ListOperation, Target},
        translate::{
            place,
            pushdown::{self, Holes, Kept, Served},
        },
    },
    scim::{
        attribute::AttributePath,
        error::{Error, ScimType},
        filter::{
            Filter, Operator,
            matches::{Matcher, matches},
        },
        resource::Resource,
    },
    store::{self, Sought, fold},
    upstream::record::text_of,
};
use futures_util::{
    StreamExt, TryStreamExt,
    future::{BoxFuture, try_join},
    stream,
};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};

/// Records read at a time for ids that the store knows; the vendor's own limits hold beside it.
const AT_ONCE: usize = 8;

/// Seconds until the create of somebody comes back whose delete was acknowledged and has to wait.
const ENDING: u64 = 30;

/// Everything that matches. What a vendor returns for `?email=` may be everybody.
pub async fn matching(cx: &Context<'_>, filter: &Filter) -> Result<Vec<Found>, Failure> {
    let mut found = existing(cx, filter).await?;
    found.retain(Found::is_there);
    found.extend(outsider::matching(cx, Some(filter)).await?);
    Ok(found)
}

/// The same with what a client has deleted and the vendor still has.
async fn existing(cx: &Context<'_>, filter: &Filter) -> Result<Vec<Found>, Failure> {
    // First: also with nothing to match it against, a wrong filter is a 400 (RFC 7644 §3.4.2.2).
    let mut matcher = Matcher::of_resources(filter, &cx.plan.kind)?;
    let mut left = overlaid(cx)?;
    let wanted = |found: &Found| {
        left.remove(&found.who.id);
        Ok(matcher.matches(&found.resource)?)
    };
    let mut found = sought(cx, filter, Age::Cache, wanted).await?;
    if !left.is_empty() {
        // The vendor does not know yet that these may match. In a box: most requests have none.
        let more: BoxFuture<'_, _> = Box::pin(by_ids(cx, left));
        for one in more.await? {
            if matcher.matches(&one.resource)? {
                found.push(one);
            }
        }
    }
    Ok(found)
}

async fn by_ids(cx: &Context<'_>, ids: BTreeSet<String>) -> Result<Vec<Found>, Failure> {
    let named = identity::of_all(cx, ids.into_iter().collect()).await?;
    looked_at(cx, named).await
}

/// Whom the vendor finds by what it has, and of whom something else was acknowledged.
fn overlaid(cx: &Context<'_>) -> Result<BTreeSet<String>, Failure> {
    let overlay = cx.overlay.iter().flat_map(|overlay| overlay.ids(&cx.plan.kind.name));
    let all: BTreeSet<String> = overlay.cloned().collect();
    match all.len() > overlay::LOOKED_AT {
        true => Err(Failure::Undelivered { most: overlay::LOOKED_AT as u64 }),
        false => Ok(all),
    }
}

/// Those among whom a filter finds all that it matches, as far as they are what is wanted.
async fn sought(
    cx: &Context<'_>,
    filter: &Filter,
    age: Age,
    mut wanted: impl FnMut(&Found) -> Result<bool, Failure>,
) -> Result<Vec<Found>, Failure> {
    let mut among = |candidates: Vec<Found>| -> Result<Vec<Found>, Failure> {
        let mut found = Vec::new();
        for candidate in candidates {
            if wanted(&candidate)? {
                found.push(candidate);
            }
        }
        Ok(found)
    };
    if let Some(all) = listed::fixed(cx) {
        return among(all);
    }
    let asked = references::keyed_filter(cx, filter).await?;
    let parts = cx.resolved(|names| Ok(pushdown::serve(cx.plan, &asked, names))).await?;
    let Some(parts) = parts else {
        return among(everybody(cx, cx.live.plan.upstream.scan).await?);
    };
    let mut all = Vec::new();
    // A part of an `or` may find what another one found.
    let mut seen = HashSet::new();
    let ids = parts.iter().filter_map(|served| match served {
        Served::Key(id) => Some(id.clone()),
        Served::Kept(_) | Served::Find(..) | Served::Both(..) => None,
    });
    // A vendor knows nothing of an id of ours, and may not even take it for one.
    let ids = outsider::others(cx, ids.collect()).await?;
    let named = identity::of_all(cx, ids).await?;
    let found = among(looked_at(cx, named).await?)?;
    all.extend(found.into_iter().filter(|found| seen.insert(found.who.key.clone())));
    for served in parts {
        let found = among(candidates(cx, &served, age).await?)?;
        all.extend(found.into_iter().filter(|found| seen.insert(found.who.key.clone())));
    }
    Ok(all)
}

/// Whether everything that matches can be found, or everything where there is no filter.
pub fn can(cx: &Context<'_>, filter: Option<&Filter>) -> bool {
    let listed = cx.plan.fixed().is_some() || cx.plan.operations.lists();
    listed || filter.is_some_and(|filter| pushdown::serve(cx.plan, filter, &cx.names()).is_some())
}

/// Everything there is; 400 tooMany when that is more than `limits.scan`.
pub async fn all(cx: &Context<'_>) -> Result<Vec<Found>, Failure> {
    let mut found = match listed::fixed(cx) {
        Some(all) => all,
        None => everybody(cx, cx.live.plan.upstream.scan).await?,
    };
    found.retain(Found::is_there);
    found.extend(outsider::matching(cx, None).await?);
    Ok(found)
}

/// Who has this value of a `match` attribute: those who are there; when nobody is, who was deleted
/// and had it then, the last one alone.
pub async fn same(
    cx: &Context<'_>,
    target: &Target,
    value: &Value,
    name: &Name,
) -> Result<Vec<Found>, Failure> {
    let Some(filter) = pushdown::equality(target, value) else { return Ok(Vec::new()) };
    let has = |found: &Found| has(cx, &found.resource, target, value);
    let (gone, there): (Vec<Found>, Vec<Found>) =
        sought(cx, &filter, Age::None, has).await?.into_iter().partition(|found| found.gone);
    // Who is outside is known by his own names, and was looked for.
    let there: Vec<Found> = there.into_iter().filter(Found::is_there).collect();
    // Nobody is made anew, or taken over, whose delete is on its way.
    for one in &there {
        if overlay::is_ended(cx, &one.who.id).await? {
            return Err(Failure::Behind { after: ENDING, away: false });
        }
    }
    if !there.is_empty() || !cx.plan.buries() {
        return Ok(there);
    }
    let buried = cx.ask(cx.store()?.gone_with(&cx.rows(), &name.attribute, &name.value)).await?;
    let kept = cx.plan.kept_rules().any(|(_, rule)| rule.target.to_string() == name.attribute);
    for tombstone in buried {
        if let Some(found) = gone.iter().find(|found| found.who.id == tombstone.id) {
            return Ok(vec![found.clone()]);
        }
        // A vendor's search may not show who is inactive. What was kept of the one who is gone went
        // with the burial: the tombstone alone remembers it.
        if let Some(who) = identity::of(cx, &tombstone.id).await?
            && let Some(found) = lookup::existing(cx, &who).await?
            && found.gone
            && (kept || has(&found)?)
        {
            return Ok(vec![found]);
        }
    }
    Ok(gone)
}

/// Those among whom the vendor finds a value of a `match` attribute, as far as they are what is wanted: whoever is made
/// by several calls may not show it before the last of them.
pub async fn half_made(
    cx: &Context<'_>,
    target: &Target,
    value: &Value,
    is: impl Fn(&Found) -> bool,
) -> Result<Vec<Found>, Failure> {
    let Some(filter) = pushdown::equality(target, value) else { return Ok(Vec::new()) };
    sought(cx, &filter, Age::None, |found| Ok(found.is_there() && is(found))).await
}

/// Whether a resource has this value at a place. Which element of a list is meant its rule says: where none is marked
/// primary it is the first, which no filter would say.
fn has(
    cx: &Context<'_>,
    resource: &Resource,
    target: &Target,
    value: &Value,
) -> Result<bool, Failure> {
    let equal = |path: AttributePath, resource: &Resource| {
        let (value, operator) = (value.clone(), Operator::Equal);
        Ok(matches(&Filter::Compare { path, operator, value }, resource, &cx.plan.kind)?)
    };
    let (list, sub) = match target {
        Target::Attribute(path) => return equal(path.clone(), resource),
        Target::Element { list, sub, .. } => (list, sub),
    };
    let Some(own) = place::take(resource, target) else { return Ok(false) };
    let mut alone = Resource::new();
    alone.set(list, json!([{ sub: own }]));
    equal(list.clone().dot(sub), &alone)
}

async fn candidates(
    cx: &Context<'_>,
    served: &Served<'_>,
    age: Age,
) -> Result<Vec<Found>, Failure> {
    match served {
        // Those are looked at together.
        Served::Key(_) => Ok(Vec::new()),
        Served::Kept(kept) => keeping(cx, kept).await,
        Served::Find(find, holes) => asked(cx, find, holes, age).await,
        Served::Both(kept, find, holes) => {
            let (mut all, asked) = try_join(keeping(cx, kept), asked(cx, find, holes, age)).await?;
            all.extend(asked);
            Ok(all)
        }
    }
}

/// Who is found by an entry of `find`.
async fn asked(
    cx: &Context<'_>,
    find: &Find,
    holes: &Holes,
    age: Age,
) -> Result<Vec<Found>, Failure> {
    if let Some(exercised) = cx.exercised() {
        exercised.ran(&find.place);
    }
    match &find.how {
        FindBy::Call(list) => search(cx, list, holes).await,
        FindBy::Scan(scan) => scan::list(cx, scan, age).await,
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
    let named = identity::of_all(cx, ids).await?;
    let (mut found, left) = match cx.plan.operations.get_many {
        // Fewer calls than the list has pages.
        Some(_) => (Vec::new(), named),
        None => listed::among(cx, named).await?,
    };
    found.extend(looked_at(cx, left).await?);
    Ok(found)
}

/// Those of them that are there, a few asked for at a time; where only the list shows them, it is read once.
async fn looked_at(cx: &Context<'_>, all: Vec<Identity>) -> Result<Vec<Found>, Failure> {
    let listed = cx.plan.fixed().is_none() && cx.plan.operations.get.is_none();
    if listed && all.len() > 1 {
        let keys: HashSet<String> = all.into_iter().map(|who| who.key).collect();
        let mut found = everybody(cx, cx.live.plan.upstream.scan).await?;
        found.retain(|found| keys.contains(&found.who.key));
        return Ok(found);
    }
    if cx.plan.operations.get_many.is_some() {
        let found = lookup::each(cx, all, AT_ONCE).await?;
        return Ok(found.into_iter().filter_map(|(_, found)| found).collect());
    }
    let looks = stream::iter(all)
        .map(|who| async move { lookup::existing(cx, &who).await })
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
        let who = identity::seen(cx, vec![key.clone()]).await?.identity(key);
        return Ok(lookup::existing(cx, &who).await?.into_iter().collect());
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
