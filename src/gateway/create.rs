//! POST (RFC 7644 §3.3): look for a match first, write, read back.

use super::{
    Context,
    begun::{self, End, Name},
    error::{Failure, unsupported},
    find,
    found::Found,
    identity::{self, Identity},
    kept, lookup, members,
    outside::{self, Place},
    outsider, owned, references, refused, steps,
    trace::{Aside, in_brief},
    truth,
    turns::Held,
    undo::{self, Deeds, Halted},
    update::{self, Work},
    uuid,
};
use crate::{
    mapping::{
        plan::{Claim, OnMatch, Operation, Rule, Target},
        translate::{
            creation::Creation,
            place, read,
            unit::{Part, Unit},
            units,
        },
    },
    scim::{error::Error, message::Response, resource::Resource, validate},
    store::{Change, State},
};
use serde_json::Value;

/// Makes one resource: at the vendor, or here where it is none of the vendor's business.
pub async fn create(cx: &Context<'_>, wanted: Resource) -> Result<Response, Failure> {
    let operations = &cx.plan.operations;
    operations.create.as_ref().ok_or_else(|| unsupported("creating"))?;
    // First: what a row refuses may be just what is required, and the row has the better words.
    let place = outside::place(cx, &wanted)?;
    if let Place::Refused(error) = place {
        outside::note(cx, Aside::Rejected);
        return Err(error.into());
    }
    validate::create(&wanted, &cx.plan.kind)?;
    refused::check(cx, None, &wanted)?;
    let names = begun::names(cx, &wanted);
    let _turns = turns(cx, &names).await?;
    outsider::taken(cx, &names, "").await?;
    let resource = match place {
        Place::Outside(_) => {
            outside::note(cx, Aside::Skipped);
            outsider::hold(cx, &uuid::new()?, &wanted, Vec::new()).await?
        }
        _ => bring(cx, &wanted, &names, None).await?,
    };
    Ok(Response::Resource { created: true, resource })
}

/// Makes one at the vendor, or takes over who is there. Whoever asks has the turns of its names. `outsider`: the id
/// under which it is held here until then, of which the asker has the turn.
pub async fn bring(
    cx: &Context<'_>,
    wanted: &Resource,
    names: &[Name],
    outsider: Option<&str>,
) -> Result<Resource, Failure> {
    let operation = cx.plan.operations.create.as_ref();
    let operation = operation.ok_or_else(|| unsupported("creating"))?;
    let (made, how, revived) = match matched(cx, wanted, names).await? {
        Some(found) => {
            let revived = found.gone && outsider.is_none();
            (adopt(cx, found, wanted, outsider).await, State::Adopted, revived)
        }
        None => {
            begun::begin(cx, names).await?;
            (new(cx, operation, wanted, names, outsider).await, State::Made, false)
        }
    };
    match made {
        Ok((who, resource)) => {
            let inside = outsider.map(|id| Change::Inside { id: id.to_owned() });
            let end = End::Done { who: &who, how, revived };
            begun::end(cx, names, end, inside.into_iter().collect()).await?;
            Ok(resource)
        }
        // What was refused made nothing; what stopped in between is finished by the repeat.
        Err(Stopped::Nothing(failure)) => {
            if let Err(other) = begun::end(cx, names, End::Nothing, Vec::new()).await {
                cx.remark(format!(
                    "a create that was refused is not forgotten: {}",
                    in_brief(&other)
                ));
            }
            Err(failure)
        }
        Err(Stopped::Between(failure)) => Err(failure),
    }
}

/// What a create made, and its state.
type Made = (Identity, Resource);

/// How a create failed.
enum Stopped {
    /// Nothing was made.
    Nothing(Failure),
    /// Something was, or may have been.
    Between(Failure),
}

/// The assigned `match` attributes, in the mapping's order.
fn match_values<'r>(
    cx: &Context<'r>,
    wanted: &'r Resource,
) -> impl Iterator<Item = (&'r Target, &'r Value)> {
    cx.plan.matches.iter().filter_map(|by| Some((&by.target, place::take(wanted, &by.target)?)))
}

/// Creates of the same person wait for each other, or both would find nobody and make two. Always
/// taken in one order, or two creates could wait for each other for ever.
pub async fn turns<'c>(cx: &Context<'c>, names: &[Name]) -> Result<Vec<Held<'c>>, Failure> {
    let mut names: Vec<String> = names.iter().map(Name::to_string).collect();
    names.sort_unstable();
    let mut held = Vec::with_capacity(names.len());
    for name in names {
        held.push(cx.lease_on(name).await?);
    }
    Ok(held)
}

/// Who is there already and is not refused: by the first `match` attribute that finds anybody. Two
/// are never a guess.
async fn matched(
    cx: &Context<'_>,
    wanted: &Resource,
    names: &[Name],
) -> Result<Option<Found>, Failure> {
    for ((target, value), name) in match_values(cx, wanted).zip(names) {
        let found = find::same(cx, target, value, name).await?;
        let only = match found.as_slice() {
            [] => continue,
            [only] => only,
            _ => {
                return Err(Error::uniqueness(format!(
                    "more than one record at the vendor has this `{target}`; which one is meant must be settled there"
                ))
                .into());
            }
        };
        // Who was deleted comes back. A create of ours that stopped half-way is finished. Both
        // whatever the mapping says of others.
        if only.gone || begun::has(cx, name).await? {
            return Ok(Some(only.clone()));
        }
        if owned::is_ours(cx, only).await? || cx.plan.on_match == OnMatch::Conflict {
            return Err(Error::uniqueness(format!("`{target}` is taken")).into());
        }
        return Ok(Some(only.clone()));
    }
    Ok(None)
}

/// The create becomes an update of the Record that is there; read again, because others may have
/// written to it before we had its turn.
async fn adopt(
    cx: &Context<'_>,
    found: Found,
    wanted: &Resource,
    outsider: Option<&str>,
) -> Result<Made, Stopped> {
    let adopted = async {
        let _turn = cx.turn(&found.who.id).await?;
        let gone = found.gone;
        let who = named(cx, found.who, outsider).await?;
        let found = lookup::standing(cx, &who).await?;
        // He left while his turn was waited for.
        if found.outside && outsider.is_none() {
            return Err(Error::uniqueness("the resource is there already").into());
        }
        let mut after = over(cx, &found.resource, wanted, |_| true);
        if gone {
            activate(cx, &mut after, wanted);
        }
        refused::check(cx, Some(&found.resource), &after)?;
        let units = cx.units(&found.record, &found.resource, &after).await?;
        let kept = kept::sent(cx, &found.who.id, wanted)?;
        update::run(cx, found, &after, Work { units, kept, beside: false }).await
    };
    adopted.await.map_err(Stopped::Between)
}

/// Who was held here keeps the id that he has.
async fn named(
    cx: &Context<'_>,
    who: Identity,
    outsider: Option<&str>,
) -> Result<Identity, Failure> {
    match outsider {
        Some(id) => identity::take(cx, id, who.key).await,
        None => Ok(who),
    }
}

/// Who is made again is active, unless the client says otherwise.
pub fn activate(cx: &Context<'_>, after: &mut Resource, wanted: &Resource) {
    let active = cx
        .plan
        .rules
        .iter()
        .find(|rule| matches!(&rule.target, Target::Attribute(path) if path.is_active()));
    if let Some(rule) = active.filter(|rule| place::take(wanted, &rule.target).is_none()) {
        place::put(after, &rule.target, Value::Bool(true));
    }
}

/// Nobody is there: `create`, then what it does not send.
async fn new(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
    names: &[Name],
    outsider: Option<&str>,
) -> Result<Made, Stopped> {
    let sent = |rule: usize| units::created(cx.plan, claims(cx), rule);
    let keyed = references::keyed(cx, wanted).await.map_err(Stopped::Nothing)?;
    members::known_first(cx, &keyed, sent).await.map_err(Stopped::Nothing)?;
    let made = make(cx, operation, &keyed, outsider).await?;
    let id = made.who.id.clone();
    let completed = async {
        let _turn = match outsider {
            Some(_) => None,
            None => Some(cx.turn(&made.who.id).await?),
        };
        complete(cx, made, wanted, &keyed).await
    };
    completed.await.map_err(|failure| Stopped::Between(there(cx, failure, &id, names)))
}

/// The failure of a create whose resource is there all the same.
fn there(cx: &Context<'_>, failure: Failure, id: &str, names: &[Name]) -> Failure {
    let repeat = match names {
        [] => "a repeat of the request makes another",
        _ => "a repeat of the request goes on from there",
    };
    let kind = &cx.plan.kind.name;
    cx.halfway(failure, &format!("the {kind} was made, with the id `{id}`: {repeat}"))
}

/// Runs `create` and finds what it made; `wanted` has keys in its references.
async fn make(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
    outsider: Option<&str>,
) -> Result<Found, Stopped> {
    let sends = |index: usize, _: &_| units::created(cx.plan, claims(cx), index);
    // A repeat of the client's comes here again, and makes up another value.
    let creation = cx.resolved(|names| Ok(cx.writer(names).creation(wanted, sends, cx.make)?));
    let Creation { fields, made } = creation.await.map_err(Stopped::Nothing)?;
    cx.hide(made);
    if let Some(exercised) = cx.exercised() {
        let sends = |index: usize| units::created(cx.plan, claims(cx), index);
        exercised.created(cx.plan, wanted, &fields, sends);
    }
    let scope = cx.scope().with("resource", wanted.as_value()).with("fields", &fields);
    let Halted { failure, made } = match steps::write(cx, operation, &scope).await {
        Ok(done) => match read_back(cx, operation, done, outsider).await {
            Ok(found) if is_meant(cx, operation, &found, wanted) => return Ok(found),
            Ok(found) => somebody_else(operation, &found).into(),
            Err(failure) => cx.halfway(failure, "`create` was carried out").into(),
        },
        // A call that was refused, or never left, made nothing; of several an earlier one may have.
        Err(Halted { failure, made }) if !failure.doubtful() => {
            let left = undo::back(cx, made).await;
            let stopped = if left.is_nothing() { Stopped::Nothing } else { Stopped::Between };
            return Err(stopped(left.told(failure)));
        }
        Err(halted) => halted,
    };
    match made_all_the_same(cx, wanted).await {
        Some(found) if is_whole(cx, &made, &found, wanted).await => {
            as_named(cx, found, outsider).await.map_err(Stopped::Between)
        }
        // What is not seen may happen yet: the repeat looks for it, and finishes it.
        _ => {
            let left = undo::back(cx, made).await;
            Err(Stopped::Between(left.told(failure)))
        }
    }
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

/// Whether what was found is all that the create makes. Where nothing can be taken back, the rest follows as updates.
async fn is_whole(cx: &Context<'_>, made: &Deeds<'_>, found: &Found, wanted: &Resource) -> bool {
    if !made.can_be_taken_back() {
        return true;
    }
    let after = over(cx, &found.resource, wanted, |rule| !rule.only_create);
    let Ok(units) = cx.units(&found.record, &found.resource, &after).await else { return false };
    let mut open = units.iter().filter(|unit| sent(cx, unit) && unit.part != Part::Removes);
    !made.blind && open.all(|unit| truth::shows(cx, unit, &found.resource, &after))
}

/// What was made, from the answer or by one more look.
async fn read_back(
    cx: &Context<'_>,
    operation: &Operation,
    done: steps::Done,
    outsider: Option<&str>,
) -> Result<Found, Failure> {
    let carried = done.record.as_ref().and_then(|record| read::key(cx.plan, record));
    let whole = done.record.filter(|_| !cx.plan.composes());
    let key = if whole.is_some() { carried.or(done.key) } else { done.key.or(carried) };
    let Some(key) = key else {
        let message = "the answer to `create` does not say the key".to_owned();
        return Err(Failure::Shape { place: operation.place.clone(), message });
    };
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
/// nobody was there when it was sent and creates of one match value wait for each other.
async fn made_all_the_same(cx: &Context<'_>, wanted: &Resource) -> Option<Found> {
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
    }
    None
}

/// What `create` does not send follows as updates: attributes of the request that differ from
/// what was made. What the client did not send is never cleared. `keyed` is `wanted` with keys in its references.
async fn complete(
    cx: &Context<'_>,
    made: Found,
    wanted: &Resource,
    keyed: &Resource,
) -> Result<Made, Failure> {
    // What is sent once was: another value of it is the vendor's, and no client's wish to change it.
    let after = over(cx, &made.resource, wanted, |rule| !rule.only_create);
    let units = cx.units(&made.record, &made.resource, &after).await?;
    let (sent, units): (Vec<Unit>, Vec<Unit>) = units.into_iter().partition(|unit| sent(cx, unit));
    // What the vendor added by itself is no change that was asked for.
    let asked = sent.iter().filter(|unit| unit.part != Part::Removes);
    let there = references::keyed(cx, &made.resource).await?;
    let asked: Vec<Unit> = asked.cloned().chain(sent_once(cx, &there, keyed)).collect();
    truth::tell(cx, &asked, &there, &over(cx, &there, keyed, |_| true));
    let kept = kept::sent(cx, &made.who.id, wanted)?;
    update::run(cx, made, &after, Work { units, kept, beside: true }).await
}

/// What `create` sends and no update does, as it was asked for.
fn sent_once(cx: &Context<'_>, made: &Resource, wanted: &Resource) -> Vec<Unit> {
    let rules = cx.plan.rules.iter().enumerate().filter(|(_, rule)| rule.only_create);
    let unit = |(index, rule): (usize, &Rule)| {
        if !read::in_force(rule, &cx.live.variables).unwrap_or(false) {
            return None;
        }
        let after = place::take(wanted, &rule.target)?.clone();
        let before = place::take(made, &rule.target).cloned().unwrap_or_default();
        Some(Unit { rule: index, part: Part::Value, before, after })
    };
    rules.filter_map(unit).filter(|unit| sent(cx, unit)).collect()
}

/// Whether `create` carried it already: a vendor that normalises a value is not asked again.
fn sent(cx: &Context<'_>, unit: &Unit) -> bool {
    units::created(cx.plan, claims(cx), unit.rule)
        && cx.plan.rules.get(unit.rule).is_some_and(|rule| rule.field().is_some())
}

fn claims<'c>(cx: &Context<'c>) -> Option<&'c [Claim]> {
    cx.plan.operations.create.as_ref().and_then(|create| create.claims.as_deref())
}

/// `wanted` over what is there, attribute by attribute of the mapping, where the rule is one of these.
fn over(
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
