//! POST (RFC 7644 §3.3): look for a match first, write, read back.

use super::{
    Context,
    error::Failure,
    lookup::{self, Found},
    steps, update,
};
use crate::{
    mapping::{
        plan::{OnMatch, Operation},
        translate::{place, read, unit::Unit, units},
    },
    scim::{error::Error, message::Response, resource::Resource, validate},
    upstream::record::text_of,
};
use serde_json::Value;

/// Makes one resource.
pub async fn create(cx: &Context<'_>, wanted: Resource) -> Result<Response, Failure> {
    let operation = cx.plan.operations.create.as_ref();
    let operation = operation.ok_or_else(|| lookup::unsupported("creating"))?;
    validate::create(&wanted, &cx.plan.kind)?;
    let _turn = turn(cx, &wanted).await?;
    let resource = match matched(cx, &wanted).await? {
        Some(found) => adopt(cx, found, &wanted).await?,
        None => {
            let made = make(cx, operation, &wanted).await?;
            complete(cx, made, &wanted).await?
        }
    };
    Ok(Response::Resource { created: true, resource })
}

/// Creates of the same person wait for each other, or both would find nobody and make two.
async fn turn<'c>(
    cx: &'c Context<'_>,
    wanted: &Resource,
) -> Result<Option<super::turns::Held<'c>>, Failure> {
    let Some(value) = cx.plan.matches.iter().find_map(|path| wanted.get(path)) else {
        return Ok(None);
    };
    let value = text_of(value).unwrap_or_else(|| value.to_string()).to_lowercase();
    let name = format!("{} match {value}", cx.plan.kind.name);
    let held = cx.turns.take(name, cx.deadline).await;
    held.map(Some).ok_or(Failure::Waiting)
}

/// Who is there already: by the first `match` attribute that finds anybody. Two are never a guess.
async fn matched(cx: &Context<'_>, wanted: &Resource) -> Result<Option<Found>, Failure> {
    for path in &cx.plan.matches {
        let Some(value) = wanted.get(path) else { continue };
        let mut found = lookup::same(cx, path, value).await?;
        match (found.pop(), found.is_empty()) {
            (None, _) => continue,
            (Some(_), false) => {
                return Err(Error::uniqueness(format!(
                    "more than one record at the vendor has this `{path}`; which one is meant must be settled there"
                ))
                .into());
            }
            (Some(only), true) => {
                let ours = read::managed(cx.plan, &only.record, &cx.live.variables)?;
                if ours || cx.plan.on_match == OnMatch::Conflict {
                    return Err(Error::uniqueness(format!("`{path}` is taken")).into());
                }
                return Ok(Some(only));
            }
        }
    }
    Ok(None)
}

/// The create becomes an update of the Record that is there.
async fn adopt(cx: &Context<'_>, found: Found, wanted: &Resource) -> Result<Resource, Failure> {
    let before = found.resource.clone();
    let after = over(cx, &before, wanted);
    update::apply(cx, found, &after).await
}

/// Runs `create` and finds what it made.
async fn make(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
) -> Result<Found, Failure> {
    let claims = operation.claims.as_deref();
    let fields =
        cx.writer().fields(wanted, |index, _| units::created(cx.plan, claims, index), true)?;
    let scope = cx.scope().with("resource", wanted.as_value()).with("fields", &fields);
    let done = match steps::run(cx, operation, &scope).await {
        Ok(done) => done,
        Err(failure) if failure.unknown() => return unsettled(cx, wanted, failure).await,
        Err(failure) => return Err(failure),
    };
    let composed = cx.plan.operations.get.as_ref().is_some_and(|get| get.steps.len() > 1);
    let key = done.key.or_else(|| read::key(cx.plan, done.record.as_ref()?));
    match (done.record, key) {
        (Some(record), _) if !composed => lookup::found(cx, record)?.ok_or_else(|| lost(operation)),
        (_, Some(key)) => lookup::current(cx, &key).await,
        _ => Err(Failure::Shape {
            place: operation.place.clone(),
            message: "the answer to `create` does not say the key".to_owned(),
        }),
    }
}

fn lost(operation: &Operation) -> Failure {
    Failure::Untrue {
        message: "the vendor took the create, and its record does not count as there".to_owned(),
        place: operation.place.clone(),
    }
}

/// The create left and no answer came: whoever is there now was made by it, because nobody was
/// there when it was sent and creates of one match value wait for each other.
async fn unsettled(
    cx: &Context<'_>,
    wanted: &Resource,
    failure: Failure,
) -> Result<Found, Failure> {
    for path in &cx.plan.matches {
        let Some(value) = wanted.get(path) else { continue };
        if let Ok(found) = lookup::same(cx, path, value).await
            && let [only] = found.as_slice()
        {
            return Ok(only.clone());
        }
    }
    Err(failure)
}

/// What `create` does not send follows as updates: attributes of the request that differ from
/// what was made. What the client did not send is never cleared.
async fn complete(cx: &Context<'_>, made: Found, wanted: &Resource) -> Result<Resource, Failure> {
    let after = over(cx, &made.resource, wanted);
    let claims = cx.plan.operations.create.as_ref().and_then(|create| create.claims.as_deref());
    let units: Vec<Unit> = units::between(cx.plan, &cx.writer(), &made.resource, &after)?
        .into_iter()
        .filter(|unit| !sent(cx, claims, unit))
        .collect();
    update::run(cx, made, &after, units, true).await
}

/// Whether `create` carried it already: a vendor that normalises a value is not asked again.
fn sent(cx: &Context<'_>, claims: Option<&[crate::mapping::plan::Claim]>, unit: &Unit) -> bool {
    units::created(cx.plan, claims, unit.rule)
        && cx.plan.rules.get(unit.rule).is_some_and(|rule| rule.field().is_some())
}

/// `wanted` over what is there, attribute by attribute of the mapping.
fn over(cx: &Context<'_>, there: &Resource, wanted: &Resource) -> Resource {
    let mut after = there.clone();
    for rule in &cx.plan.rules {
        if let Some(value) = place::take(wanted, &rule.target)
            && *value != Value::Null
        {
            place::put(&mut after, &rule.target, value.clone());
        }
    }
    after
}
