//! Runs `create`, and finds what it made.

use super::{
    Context, begun,
    error::Failure,
    find,
    found::Found,
    identity::{self, Identity},
    journal::{making, progress::Reached},
    lookup, steps, truth,
    undo::{self, Deeds, Halted},
};
use crate::{
    mapping::{
        plan::{Capture, Claim, Operation, Rule, Target},
        translate::{
            creation::Creation,
            place, read,
            unit::{Part, Unit},
            units,
        },
    },
    scim::{error::Error, resource::Resource},
};
use http::Method;
use serde_json::{Map, Value, json};

/// How a create failed.
pub enum Stopped {
    /// Nothing was made.
    Nothing(Failure),
    /// Something was, or may have been.
    Between(Failure),
    /// The same, and nobody can go on with it: why, in words, and in a word for the metrics.
    Stuck(String, &'static str),
}

/// The assigned `match` attributes, in the mapping's order.
pub fn match_values<'r>(
    cx: &Context<'r>,
    wanted: &'r Resource,
) -> impl Iterator<Item = (&'r Target, &'r Value)> {
    cx.plan.matches.iter().filter_map(|by| Some((&by.target, place::take(wanted, &by.target)?)))
}

/// Who was held here keeps the id that he has.
pub async fn named(
    cx: &Context<'_>,
    who: Identity,
    outsider: Option<&str>,
) -> Result<Identity, Failure> {
    match outsider {
        Some(id) => identity::take(cx, id, who.key).await,
        None => Ok(who),
    }
}

/// What a create sends of its fields; `wanted` has keys in its references.
pub async fn fields(cx: &Context<'_>, wanted: &Resource) -> Result<Value, Failure> {
    let sends = |index: usize, _: &_| units::created(cx.plan, claims(cx), index);
    // A repeat of the client's comes here again, and makes up another value.
    let creation = cx.resolved(|names| Ok(cx.writer(names).creation(wanted, sends, cx.make)?));
    let Creation { fields, made } = creation.await?;
    cx.hide(made);
    Ok(fields)
}

/// Runs `create` and finds what it made; `wanted` has keys in its references.
pub async fn make(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
    outsider: Option<&str>,
) -> Result<Found, Stopped> {
    if let Some(key) = making::of(cx).and_then(|birth| making::made(birth)) {
        let done = steps::Done { key: Some(key), ..steps::Done::default() };
        return read_back(cx, operation, done, outsider).await.map_err(Stopped::Between);
    }
    let fields = fields(cx, wanted).await.map_err(Stopped::Nothing)?;
    if let Some(exercised) = cx.exercised() {
        let sends = |index: usize| units::created(cx.plan, claims(cx), index);
        exercised.created(cx.plan, wanted, &fields, sends);
    }
    let scope = cx.scope().with("resource", wanted.as_value()).with("fields", &fields);
    let mut reached = Reached::default();
    loop {
        if let Some(birth) = making::of(cx) {
            birth.makes(operation);
            reached = making::reached(birth, operation);
        }
        let done = steps::go_on(cx, operation, &scope, reached).await;
        let Halted { failure, made } = match done {
            Ok(done) => {
                // One that may have ended at somebody else is looked at first.
                if let ([_], Some(key)) = (operation.steps.as_slice(), key(cx, &done)) {
                    making::is_made(cx, operation, &key).await;
                }
                match read_back(cx, operation, done, outsider).await {
                    Ok(found) if is_meant(cx, operation, &found, wanted) => {
                        making::is_made(cx, operation, &found.who.key).await;
                        return Ok(found);
                    }
                    Ok(found) => somebody_else(operation, &found).into(),
                    Err(failure) => cx.halfway(failure, "`create` was carried out").into(),
                }
            }
            // A call that was refused, or never left, made nothing; of several an earlier one may have.
            Err(Halted { failure, made }) if !failure.doubtful() => {
                let left = undo::back(cx, made).await;
                if !left.is_nothing() {
                    return Err(Stopped::Between(left.told(failure)));
                }
                let birth = making::of(cx);
                // Its repeat was refused, and an earlier one of the same key may come yet.
                if birth.is_some_and(|birth| birth.sent().is_some()) {
                    return Err(Stopped::Between(failure));
                }
                birth.iter().for_each(|birth| making::is_nothing(birth));
                return Err(Stopped::Nothing(failure));
            }
            Err(halted) => halted,
        };
        let first = made.blind && made.calls == 0;
        let captured = |found: &Found| captured(cx, operation, &found.who.key);
        match made_all_the_same(cx, wanted, first).await {
            Some(found) if is_whole(cx, operation, &made, &found, wanted).await => {
                making::of(cx).iter().for_each(|birth| making::has_come(birth));
                making::is_made(cx, operation, &found.who.key).await;
                return as_named(cx, found, outsider).await.map_err(Stopped::Between);
            }
            // He is there, and what follows the first call is still to be done.
            Some(found) if first && lost(operation, &captured(&found)).is_none() => {
                let captured = captured(&found);
                if let Some(birth) = making::of(cx) {
                    making::is_found(cx, birth, operation, &found.who.key, &captured);
                }
                reached = Reached { calls: 1, captured };
            }
            // What is not seen may happen yet: the repeat looks for it, and finishes it.
            _ => {
                let left = undo::back(cx, made).await;
                return Err(Stopped::Between(left.told(failure)));
            }
        }
    }
}

/// What the answer to the first call would have said, where it is the key.
pub fn captured(cx: &Context<'_>, operation: &Operation, key: &str) -> Value {
    let mut captured = Map::new();
    let said = operation.key.as_ref().filter(|template| template.is_hole());
    let said = said.map(|template| template.names()).unwrap_or_default();
    let said = said.first().filter(|name| name.root == "steps").map(|name| name.path.clone());
    let first = operation.steps.iter().find(|step| step.method != Method::GET);
    for (name, capture) in first.iter().flat_map(|step| &step.capture) {
        let first = first.map(|step| step.name.clone()).unwrap_or_default();
        let is_said = said.as_deref().is_some_and(|path| *path == [first, name.clone()]);
        let is_key = |place: &str| place == cx.plan.key.to_string();
        if is_said || matches!(capture, Capture::Place(place) if is_key(&place.to_string())) {
            captured.insert(name.clone(), json!(key));
        }
    }
    json!({ first.map(|step| step.name.as_str()).unwrap_or_default(): captured })
}

/// What later steps ask of the first one's answer, and is not known without it.
pub fn lost(operation: &Operation, captured: &Value) -> Option<String> {
    let mut steps = operation.steps.iter().skip_while(|step| step.method == Method::GET);
    let first = steps.next()?;
    let asked = steps.flat_map(|step| step.names());
    let mut asked = asked.filter(|name| name.root == "steps");
    let known = |path: &[String]| match path {
        [step, name, ..] => {
            *step != first.name || captured.pointer(&format!("/{step}/{name}")).is_some()
        }
        _ => false,
    };
    asked.find(|name| !known(&name.path)).map(|name| format!("steps.{}", name.path.join(".")))
}

/// Whether who was found is the one that was made. A create of several calls may look for him by a search, and a vendor
/// that overlooks what it is asked for shows somebody else: whoever has none of his `match` values anywhere.
fn is_meant(cx: &Context<'_>, operation: &Operation, found: &Found, wanted: &Resource) -> bool {
    let mut values = match_values(cx, wanted).map(|(_, value)| begun::normal(value)).peekable();
    operation.steps.len() == 1
        || values.peek().is_none()
        || values.any(|value| holds(found.resource.as_value(), &value))
}

fn holds(shown: &Value, value: &str) -> bool {
    match shown {
        Value::Object(members) => members.values().any(|member| holds(member, value)),
        Value::Array(items) => items.iter().any(|item| holds(item, value)),
        one => begun::normal(one) == value,
    }
}

fn somebody_else(operation: &Operation, found: &Found) -> Failure {
    let message = format!(
        "`create` ended at another record, with the key `{}`, which has no `match` value of who was made",
        found.who.key
    );
    Failure::Shape { place: operation.place.clone(), message }
}

/// Who was found, by the id that he had here.
async fn as_named(
    cx: &Context<'_>,
    found: Found,
    outsider: Option<&str>,
) -> Result<Found, Failure> {
    let who = named(cx, found.who.clone(), outsider).await?;
    if who == found.who { Ok(found) } else { lookup::standing(cx, &who).await }
}

/// Whether what was found is all that the create makes, as far as it can be seen. What one call makes is, and the rest
/// follows as updates.
async fn is_whole(
    cx: &Context<'_>,
    operation: &Operation,
    made: &Deeds<'_>,
    found: &Found,
    wanted: &Resource,
) -> bool {
    if operation.steps.len() == 1 && !made.can_be_taken_back() {
        return true;
    }
    // What the last of several calls does the record may not show, and the journal knows that it is in doubt.
    if making::of(cx).is_some() && operation.writes_several() {
        return false;
    }
    let after = over(cx, &found.resource, wanted, |rule| !rule.only_create);
    let Ok(units) = cx.units(&found.record, &found.resource, &after).await else { return false };
    let mut open = units.iter().filter(|unit| sent(cx, unit) && unit.part != Part::Removes);
    !made.blind && open.all(|unit| truth::shows(cx, unit, &found.resource, &after))
}

/// The key of what was made, as the answer to `create` says it.
fn key(cx: &Context<'_>, done: &steps::Done) -> Option<String> {
    let carried = done.record.as_ref().and_then(|record| read::key(cx.plan, record));
    match done.record.is_some() && !cx.plan.composes() {
        true => carried.or_else(|| done.key.clone()),
        false => done.key.clone().or(carried),
    }
}

/// What was made, from the answer or by one more look.
async fn read_back(
    cx: &Context<'_>,
    operation: &Operation,
    done: steps::Done,
    outsider: Option<&str>,
) -> Result<Found, Failure> {
    let Some(key) = key(cx, &done) else {
        let message = "the answer to `create` does not say the key".to_owned();
        return Err(Failure::Shape { place: operation.place.clone(), message });
    };
    let whole = done.record.filter(|_| !cx.plan.composes());
    let who = match outsider {
        Some(id) => identity::take(cx, id, key).await?,
        None => identity::made(cx, &key).await?,
    };
    let found = match whole {
        Some(record) => lookup::answered(cx, operation, &who, record).await?,
        None => match lookup::present(cx, &who).await? {
            Some(found) => Some(found),
            None => {
                cx.settle().await;
                lookup::present(cx, &who).await?
            }
        },
    };
    found.ok_or_else(|| Failure::Untrue {
        message: "the vendor took the create, and its record does not count as there".to_owned(),
        place: operation.place.clone(),
    })
}

/// The create left and gave no answer to go by: whoever is there now was made by it, because
/// nobody was there when it was sent and creates of one match value wait for each other. `half` says that it may be
/// somebody of whom not all is there.
async fn made_all_the_same(cx: &Context<'_>, wanted: &Resource, half: bool) -> Option<Found> {
    for look in 0..2 {
        if look > 0 {
            cx.settle().await;
        }
        for ((target, value), name) in match_values(cx, wanted).zip(begun::names(cx, wanted)) {
            if let Ok(found) = find::same(cx, target, value, &name).await
                && let [only] = found.as_slice()
            {
                return Some(only.clone());
            }
        }
        if half && let Ok(Some(found)) = seek(cx, wanted).await {
            return Some(found);
        }
    }
    None
}

/// The same of a create of several calls that has stopped. Two are never a guess.
pub async fn seek(cx: &Context<'_>, wanted: &Resource) -> Result<Option<Found>, Failure> {
    for ((target, value), name) in match_values(cx, wanted).zip(begun::names(cx, wanted)) {
        let mut found = find::same(cx, target, value, &name).await?;
        found.retain(Found::is_there);
        if found.is_empty() {
            let is = |found: &Found| {
                let named = place::take(&found.resource, target).is_some();
                !named && holds(found.resource.as_value(), &name.value)
            };
            found = find::half_made(cx, target, value, is).await?;
        }
        match found.as_slice() {
            [] => {}
            [only] => return Ok(Some(only.clone())),
            _ => {
                let detail = format!("more than one record at the vendor has this `{target}`");
                return Err(Error::uniqueness(detail).into());
            }
        }
    }
    Ok(None)
}

/// Whether `create` carried it already: a vendor that normalises a value is not asked again.
pub fn sent(cx: &Context<'_>, unit: &Unit) -> bool {
    units::created(cx.plan, claims(cx), unit.rule)
        && cx.plan.rules.get(unit.rule).is_some_and(|rule| rule.field().is_some())
}

/// What `create` says that it sends, if it says that.
pub fn claims<'c>(cx: &Context<'c>) -> Option<&'c [Claim]> {
    cx.plan.operations.create.as_ref().and_then(|create| create.claims.as_deref())
}

/// `wanted` over what is there, attribute by attribute of the mapping, where the rule is one of these.
pub fn over(
    cx: &Context<'_>,
    there: &Resource,
    wanted: &Resource,
    of: impl Fn(&Rule) -> bool,
) -> Resource {
    let mut after = there.clone();
    for rule in cx.plan.rules.iter().filter(|rule| of(rule)) {
        if let Some(value) = place::take(wanted, &rule.target)
            && *value != Value::Null
        {
            place::put(&mut after, &rule.target, value.clone());
        }
    }
    after
}
