//! POST (RFC 7644 §3.3): look for a match first, write, read back.

use super::{
    Context, adopt,
    begun::{self, End, Name},
    birth::{self, Stopped, claims, over, sent},
    error::{Failure, unsupported},
    found::Found,
    identity::Identity,
    journal::{
        letters, making, promised, unborn,
        verdict::{self, Verdict},
    },
    kept, meets, members,
    outside::{self, Place},
    outsider, references, refused, resume, since,
    trace::{Aside, in_brief},
    truth,
    turns::Held,
    update::{self, Work},
    uuid,
};
use crate::{
    mapping::{
        plan::{Direction, Operation, Rule},
        translate::{
            place, read,
            unit::{Part, Unit},
            units,
        },
    },
    scim::{message::Response, resource::Resource, validate},
    store::{Change, State},
};

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
    let turns = turns(cx, &names).await?;
    let cx = &within(cx, &turns, &names);
    outsider::taken(cx, &names, "").await?;
    let resource = match place {
        Place::Outside(_) => {
            meets::holds(cx, &names).await?;
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
    let birth = unborn::begin(cx, operation, wanted, names).await?;
    let under = birth.as_ref().map(|birth| cx.under(birth));
    let cx = under.as_ref().unwrap_or(cx);
    let resumed = async {
        since::is_over(cx)?;
        resume::resume(cx, operation, wanted, names).await?;
        resume::is_missed(cx, operation, wanted).await
    };
    if let Err(stopped) = resumed.await {
        return Err(stop(cx, names, stopped).await);
    }
    let Brought { made, how, revived } = match brought(cx, operation, wanted, names, outsider).await
    {
        Ok(brought) => brought,
        Err(failure) => return Err(stop(cx, names, Stopped::Between(failure)).await),
    };
    match made {
        Ok((who, resource)) => {
            let inside = outsider.map(|id| Change::Inside { id: id.to_owned() });
            // Its client may not hear its answer: a repeat of what is promised joins it after its end, too.
            let promised = making::of(cx).is_some_and(|birth| making::is_promised(birth));
            let repeats = promised.then_some((begun::ANSWERED, wanted));
            let end = End::Done { who: &who, how, revived, repeats };
            let kept = begun::ending(cx, names, end).into_iter().chain(inside).collect();
            match making::of(cx) {
                // It is told as done when the journal has no more of it.
                Some(birth) => {
                    unborn::ends(cx, birth, kept).await?;
                    if birth.is_durable() && birth.attempts() > 0 {
                        letters::delivered(cx, birth);
                    }
                }
                None => {
                    let ended = kept::write(cx, kept).await.map(drop);
                    if how == State::Made {
                        unborn::came_late(cx, wanted, names, &ended).await;
                    }
                    ended?;
                }
            }
            Ok(resource)
        }
        Err(stopped) => {
            let stopped = resume::in_vain(cx, operation, wanted, stopped).await;
            if making::of(cx).is_none() && matches!(stopped, Stopped::Between(_)) {
                unborn::came_late(cx, wanted, names, &Ok(())).await;
            }
            Err(stop(cx, names, stopped).await)
        }
    }
}

/// Who was taken over, or made, and whether he had been deleted.
struct Brought {
    made: Result<Made, Stopped>,
    how: State,
    revived: bool,
}

/// Takes over who is there, or makes one. It fails where nobody can tell yet which of these it is.
async fn brought(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
    names: &[Name],
    outsider: Option<&str>,
) -> Result<Brought, Failure> {
    let found = match making::of(cx).is_some_and(|birth| !making::is_blank(birth)) {
        true => None,
        false => adopt::matched(cx, wanted, names).await?,
    };
    Ok(match found {
        Some(found) if adopt::is_whole(cx, operation, wanted, names, &found).await? => {
            let revived = found.gone && outsider.is_none();
            // It is an update, and was never begun.
            let made = adopt::adopt(&cx.alone(), found, wanted, names, outsider).await;
            Brought { made, how: State::Adopted, revived }
        }
        _ => {
            meets::awaits(cx, names).await?;
            // The journal knows it among all replicas; what one of them remembered by itself another may have ended.
            if making::of(cx).is_none() {
                begun::begin(cx, names).await?;
            }
            let made = new(cx, operation, wanted, names, outsider).await;
            Brought { made, how: State::Made, revived: false }
        }
    })
}

/// What becomes of a create that failed: what was refused made nothing, and what stopped in between is finished by the
/// repeat.
async fn stop(cx: &Context<'_>, names: &[Name], stopped: Stopped) -> Failure {
    let birth = making::of(cx);
    if let Stopped::Nothing(failure) | Stopped::Between(failure) = &stopped
        && let Some(told) = promised::told(cx, failure).await
    {
        return told;
    }
    if let (Stopped::Between(failure), Some(birth)) = (&stopped, birth)
        && making::was_only_found(birth)
        && verdict::of(failure) == Verdict::Refused
    {
        making::is_nothing(birth);
    }
    // It took the place of another one, of which nobody would hear any more.
    if let (Stopped::Nothing(failure) | Stopped::Between(failure), Some(birth)) = (&stopped, birth)
        && let Some(number) = making::replaces(birth).filter(|_| making::is_blank(birth))
    {
        let why = cx.judge(failure.clone()).detail;
        let words = format!(
            "refused: {why}; it took the place of {number}, which had been journalled for the same name, and so nobody is \
             made"
        );
        let (own, failure) = (birth.number(), failure.clone());
        unborn::bury(cx, words, "refused").await;
        return failure.and(&format!(
            "it took the place of {number}, and is a dead letter, journalled as {own}"
        ));
    }
    match stopped {
        // What cannot be gone on with for a reason of its own stays as half done as it was.
        Stopped::Nothing(failure) if birth.is_some_and(|birth| !making::is_blank(birth)) => {
            unborn::stops(cx, &failure).await;
            failure
        }
        Stopped::Nothing(failure) => {
            let kept = begun::ending(cx, names, End::Nothing);
            let ended = match birth {
                Some(birth) => birth.ends_with(cx, kept).await,
                None => kept::write(cx, kept).await.map(drop),
            };
            if let Err(other) = ended {
                cx.remark(format!(
                    "a create that was refused is not forgotten: {}",
                    in_brief(&other)
                ));
            }
            failure
        }
        Stopped::Between(failure) => {
            if let Some(birth) = birth {
                let missing = || {
                    let untrue = matches!(failure.bare(), Failure::Untrue { .. });
                    failure.not_found() || untrue && making::made(birth).is_some()
                };
                // One that was made just now may not show yet.
                if birth.attempts() > 0 && missing() {
                    resume::forgets(cx).await;
                }
            }
            unborn::stops(cx, &failure).await;
            failure
        }
        Stopped::Stuck(words, reason) => unborn::bury(cx, words, reason).await,
    }
}

/// Goes on with a create that an earlier request began, without its client. `all` says whether what follows its own
/// calls is done as well: nothing is written to whom a client has written to who may be another one. What is to be kept of it
/// is written with its end.
pub async fn finish(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
    names: &[Name],
    all: bool,
) -> Result<Vec<Change>, Stopped> {
    let (who, how, revived) = match all {
        true => {
            let brought = brought(cx, operation, wanted, names, None).await;
            let Brought { made, how, revived } = brought.map_err(Stopped::Between)?;
            (made?.0, how, revived)
        }
        false => {
            let keyed = references::keyed(cx, wanted).await.map_err(Stopped::Between)?;
            (birth::make(cx, operation, &keyed, None).await?.who, State::Made, false)
        }
    };
    // Its client was told to come back, and nothing else: to its repeat he is not somebody whose name is taken, unless a
    // client has written to him since.
    let birth = making::of(cx).filter(|birth| making::is_promised(birth));
    let repeats = birth.filter(|birth| !making::is_known(birth)).map(|_| (begun::UNHEARD, wanted));
    let end = End::Done { who: &who, how, revived, repeats };
    Ok(begun::ending(cx, names, end))
}

/// What a create made, and its state.
type Made = (Identity, Resource);

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

/// The same request within the turn of the first of its names, under which the journal has it.
fn within<'c>(cx: &Context<'c>, turns: &[Held<'_>], names: &[Name]) -> Context<'c> {
    let first = names.first().map(Name::to_string);
    match first.and_then(|first| turns.iter().find(|turn| turn.is_on(&first))) {
        Some(turn) => cx.within(turn),
        None => cx.about(cx.plan),
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
    let made = birth::make(cx, operation, &keyed, outsider).await?;
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

/// What `create` does not send follows as updates: attributes of the request that differ from
/// what was made. What the client did not send is never cleared. `keyed` is `wanted` with keys in its references.
async fn complete(
    cx: &Context<'_>,
    made: Found,
    wanted: &Resource,
    keyed: &Resource,
) -> Result<Made, Failure> {
    // What was said of him since counts.
    let known = making::of(cx).and_then(|birth| making::known(birth));
    let by_now = known.and_then(|birth| since::wanted(cx, &birth, wanted));
    let again = match &by_now {
        Some(by_now) => Some(references::keyed(cx, by_now).await?),
        None => None,
    };
    let (first, wanted) = (wanted, by_now.as_ref().unwrap_or(wanted));
    let keyed = again.as_deref().unwrap_or(keyed);
    let differs =
        |rule: &Rule| place::take(first, &rule.target) != place::take(wanted, &rule.target);
    // What is sent once was: another value of it is the vendor's, and no client's wish to change it.
    let mut after = over(cx, &made.resource, wanted, |rule| !rule.only_create);
    let is_cleared = |rule: &&Rule| {
        let (before, now) = (place::take(first, &rule.target), place::take(wanted, &rule.target));
        !rule.only_create && before.is_some() && now.is_none()
    };
    let cleared = cx.plan.rules.iter().filter(is_cleared);
    cleared.for_each(|rule| place::clear(&mut after, &rule.target));
    let made = update::resumed(cx, made).await?;
    let units = cx.units(&made.record, &made.resource, &after).await?;
    // What a request has sent that wanted something else is not what this one wants. Of what nobody can read it is not known
    // whether it differs, and a vendor may refuse the same password twice.
    let anothers = making::of(cx).is_some_and(|birth| making::is_anothers(birth));
    let again = |unit: &Unit| {
        let rule = cx.plan.rules.get(unit.rule);
        let may = |rule: &&Rule| rule.direction == Direction::Both && !rule.only_create;
        rule.filter(may).is_some_and(|rule| anothers || differs(rule))
    };
    let (sent, units): (Vec<Unit>, Vec<Unit>) =
        units.into_iter().partition(|unit| sent(cx, unit) && !again(unit));
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
