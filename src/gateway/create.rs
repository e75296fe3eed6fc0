//! POST (RFC 7644 §3.3): look for a match first, write, read back.

use super::{
    Context,
    error::{Failure, unsupported},
    find,
    found::{self, Found},
    lookup, refused, steps,
    turns::Held,
    update,
};
use crate::{
    mapping::{
        plan::{Claim, OnMatch, Operation},
        translate::{place, read, unit::Unit, units},
    },
    scim::{
        attribute::AttributePath, error::Error, message::Response, resource::Resource, validate,
    },
    upstream::record::text_of,
};
use serde_json::Value;

/// Makes one resource.
pub async fn create(cx: &Context<'_>, wanted: Resource) -> Result<Response, Failure> {
    let operation = cx.plan.operations.create.as_ref();
    let operation = operation.ok_or_else(|| unsupported("creating"))?;
    validate::create(&wanted, &cx.plan.kind)?;
    refused::check(cx, None, &wanted)?;
    let names = names(cx, &wanted);
    let _turns = turns(cx, &names).await?;
    let resource = match matched(cx, &wanted).await? {
        Some(found) => adopt(cx, found, &wanted).await,
        None => {
            cx.memory.unfinished.begin(&names);
            new(cx, operation, &wanted).await
        }
    };
    // What was refused made nothing; what stopped in between is finished by the repeat.
    if resource.as_ref().map_or_else(|failure| matches!(failure, Stopped::Nothing(_)), |_| true) {
        cx.memory.unfinished.end(&names);
    }
    let resource = resource.map_err(Stopped::into_failure)?;
    Ok(Response::Resource { created: true, resource })
}

/// How a create failed.
enum Stopped {
    /// Nothing was made.
    Nothing(Failure),
    /// Something was, or may have been.
    Between(Failure),
}

impl Stopped {
    fn into_failure(self) -> Failure {
        match self {
            Self::Nothing(failure) | Self::Between(failure) => failure,
        }
    }
}

/// The assigned `match` attributes, in the mapping's order.
fn match_values<'r>(
    cx: &Context<'r>,
    wanted: &'r Resource,
) -> impl Iterator<Item = (&'r AttributePath, &'r Value)> {
    cx.plan.matches.iter().filter_map(|path| Some((path, wanted.get(path)?)))
}

/// What a create is known by: kind, attribute and value of each match.
fn names(cx: &Context<'_>, wanted: &Resource) -> Vec<String> {
    match_values(cx, wanted)
        .map(|(path, value)| {
            let value = text_of(value).unwrap_or_else(|| value.to_string()).to_lowercase();
            format!("{} {path} {value}", cx.plan.kind.name)
        })
        .collect()
}

/// Creates of the same person wait for each other, or both would find nobody and make two. Always
/// taken in one order, or two creates could wait for each other for ever.
async fn turns<'c>(cx: &Context<'c>, names: &[String]) -> Result<Vec<Held<'c>>, Failure> {
    let mut names = names.to_vec();
    names.sort_unstable();
    let mut held = Vec::with_capacity(names.len());
    for name in names {
        held.push(cx.turn_on(name).await?);
    }
    Ok(held)
}

/// Who is there already and is not refused: by the first `match` attribute that finds anybody. Two
/// are never a guess.
async fn matched(cx: &Context<'_>, wanted: &Resource) -> Result<Option<Found>, Failure> {
    for ((path, value), name) in match_values(cx, wanted).zip(names(cx, wanted)) {
        let found = find::same(cx, path, value).await?;
        let only = match found.as_slice() {
            [] => continue,
            [only] => only,
            _ => {
                return Err(Error::uniqueness(format!(
                    "more than one record at the vendor has this `{path}`; which one is meant must be settled there"
                ))
                .into());
            }
        };
        // A create of ours that stopped half-way is finished, whatever the mapping says of others.
        if cx.memory.unfinished.has(&name) {
            return Ok(Some(only.clone()));
        }
        let ours = read::managed(cx.plan, &only.record, &cx.live.variables)?;
        if ours || cx.plan.on_match == OnMatch::Conflict {
            return Err(Error::uniqueness(format!("`{path}` is taken")).into());
        }
        return Ok(Some(only.clone()));
    }
    Ok(None)
}

/// The create becomes an update of the Record that is there; read again, because others may have
/// written to it before we had its turn.
async fn adopt(cx: &Context<'_>, found: Found, wanted: &Resource) -> Result<Resource, Stopped> {
    let adopted = async {
        let _turn = cx.turn(&found.key).await?;
        let found = lookup::current(cx, &found.key).await?;
        let after = over(cx, &found.resource, wanted);
        update::apply(cx, found, &after).await
    };
    adopted.await.map_err(Stopped::Between)
}

/// Nobody is there: `create`, then what it does not send.
async fn new(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
) -> Result<Resource, Stopped> {
    let made = make(cx, operation, wanted).await?;
    let completed = async {
        let _turn = cx.turn(&made.key).await?;
        complete(cx, made.clone(), wanted).await
    };
    completed.await.map_err(Stopped::Between)
}

/// Runs `create` and finds what it made.
async fn make(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
) -> Result<Found, Stopped> {
    let sends = |index: usize, _: &_| units::created(cx.plan, claims(cx), index);
    let fields = cx.writer().fields(wanted, sends, true);
    let fields = fields.map_err(|error| Stopped::Nothing(error.into()))?;
    let scope = cx.scope().with("resource", wanted.as_value()).with("fields", &fields);
    let failure = match steps::run(cx, operation, &scope).await {
        Ok(done) => match read_back(cx, operation, done).await {
            Ok(found) => return Ok(found),
            Err(failure) => failure,
        },
        // One call that was refused, or never left, made nothing; of several an earlier one may have.
        Err(failure) if !failure.doubtful() && operation.steps.len() == 1 => {
            return Err(Stopped::Nothing(failure));
        }
        Err(failure) => failure,
    };
    match made_all_the_same(cx, wanted).await {
        Some(found) => Ok(found),
        None => Err(Stopped::Between(failure)),
    }
}

/// What was made, from the answer or by one more look.
async fn read_back(
    cx: &Context<'_>,
    operation: &Operation,
    done: steps::Done,
) -> Result<Found, Failure> {
    let key = done.key.or_else(|| read::key(cx.plan, done.record.as_ref()?));
    let found = match (done.record, key) {
        (Some(record), _) if !cx.plan.composes() => found::found(cx, record)?,
        (_, Some(key)) => match lookup::present(cx, &key).await? {
            Some(found) => Some(found),
            None => {
                cx.settle().await;
                lookup::present(cx, &key).await?
            }
        },
        _ => {
            let message = "the answer to `create` does not say the key".to_owned();
            return Err(Failure::Shape { place: operation.place.clone(), message });
        }
    };
    found.ok_or_else(|| Failure::Untrue {
        message: "the vendor took the create, and its record does not count as there".to_owned(),
        place: operation.place.clone(),
    })
}

/// The create left and gave no answer to go by: whoever is there now was made by it, because
/// nobody was there when it was sent and creates of one match value wait for each other.
async fn made_all_the_same(cx: &Context<'_>, wanted: &Resource) -> Option<Found> {
    for look in 0..2 {
        if look > 0 {
            cx.settle().await;
        }
        for (path, value) in match_values(cx, wanted) {
            if let Ok(found) = find::same(cx, path, value).await
                && let [only] = found.as_slice()
            {
                return Some(only.clone());
            }
        }
    }
    None
}

/// What `create` does not send follows as updates: attributes of the request that differ from
/// what was made. What the client did not send is never cleared.
async fn complete(cx: &Context<'_>, made: Found, wanted: &Resource) -> Result<Resource, Failure> {
    let after = over(cx, &made.resource, wanted);
    let units: Vec<Unit> = units::between(cx.plan, &cx.writer(), &made.resource, &after)?
        .into_iter()
        .filter(|unit| !sent(cx, unit))
        .collect();
    update::run(cx, made, &after, units, true).await
}

/// Whether `create` carried it already: a vendor that normalises a value is not asked again.
fn sent(cx: &Context<'_>, unit: &Unit) -> bool {
    units::created(cx.plan, claims(cx), unit.rule)
        && cx.plan.rules.get(unit.rule).is_some_and(|rule| rule.field().is_some())
}

fn claims<'c>(cx: &Context<'c>) -> Option<&'c [Claim]> {
    cx.plan.operations.create.as_ref().and_then(|create| create.claims.as_deref())
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
