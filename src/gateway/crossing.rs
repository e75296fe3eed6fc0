//! From where a resource stands to where `outside` says that it belongs: it stays at the vendor, leaves it, comes to
//! it, or stays here.
//!
//! Whoever leaves is held here before the vendor is told, as a create is begun before it is sent: what stops in between
//! is owed to the vendor, and the next write pays it. Whoever comes is held until the vendor has him: what stops in
//! between is met again by the repeat, as any create is.

use super::{
    Context, adopt,
    begun::{self, End, Name},
    create, ending,
    error::{Failure, unsupported},
    found::Found,
    identity::Identity,
    journal::{
        reach,
        verdict::{self, Verdict},
    },
    kept, lookup, outside,
    outsider::{self, Outsider},
    owned, refused,
    trace::{Aside, in_brief},
    unsaid,
    update::{self, Work},
};
use crate::{
    mapping::plan::{DeleteBy, Leaving},
    scim::{error::Error, resource::Resource, validate},
    store::{Change, State},
};

/// Where a resource stands.
#[derive(Debug)]
pub enum Standing {
    /// At the vendor.
    Inside(Found),
    /// There, and not ours: the request adopts it, if it is carried out.
    Adopted(Found),
    /// Here.
    Outside(Outsider),
}

impl Standing {
    /// Where the resource of an id stands. 404 when there is none.
    pub async fn of(cx: &Context<'_>, id: &str) -> Result<Self, Failure> {
        match outsider::one(cx, id).await? {
            Some(outsider) => Ok(Self::Outside(outsider)),
            None => lookup::current(cx, id).await.map(Self::Inside),
        }
    }

    /// The same to a request that says all of it.
    pub async fn adopted_by(self, cx: &Context<'_>, said: &Resource) -> Result<Self, Failure> {
        match self {
            Self::Inside(found) if owned::adopts(cx, &found, said).await? => {
                Ok(Self::Adopted(found))
            }
            standing => Ok(standing),
        }
    }

    /// As its clients see it.
    pub fn resource(&self) -> &Resource {
        match self {
            Self::Inside(found) | Self::Adopted(found) => &found.resource,
            Self::Outside(outsider) => &outsider.resource,
        }
    }

    /// The same.
    pub fn into_resource(self) -> Resource {
        match self {
            Self::Inside(found) | Self::Adopted(found) => found.resource,
            Self::Outside(outsider) => outsider.resource,
        }
    }
}

/// Brings a resource to `after`, wherever that is; gives back what is served of it then.
pub async fn apply(
    cx: &Context<'_>,
    before: Standing,
    after: &Resource,
) -> Result<Resource, Failure> {
    let ends = outside::only_ends(before.resource(), after);
    let place = match outside::place(cx, after) {
        // Not even a rule that fails holds up who is switched off.
        Err(_) if ends => outside::Place::Inside,
        place => place?,
    };
    match (before, place) {
        (Standing::Inside(found), outside::Place::Refused(_)) if ends => {
            Box::pin(update::apply(cx, found, after)).await
        }
        (Standing::Inside(found), outside::Place::Inside) => {
            Box::pin(update::apply(cx, found, after)).await
        }
        (Standing::Adopted(found), outside::Place::Inside) => adopt(cx, found, after).await,
        (Standing::Adopted(found), outside::Place::Outside(_)) => {
            outside::note(cx, Aside::Skipped);
            pass_over(cx, found, after).await
        }
        (Standing::Inside(found), outside::Place::Outside(leaving)) => {
            outside::note(cx, Aside::Skipped);
            leave(cx, found, after, leaving).await
        }
        (Standing::Outside(outsider), outside::Place::Outside(leaving)) => {
            outside::note(cx, Aside::Skipped);
            stay(cx, outsider, after, leaving).await
        }
        // Who is switched off is not brought to the vendor for that.
        (Standing::Outside(outsider), _) if ends => {
            stay(cx, outsider, after, Leaving::AsItIs).await
        }
        // A create within an update, which other updates need no room for.
        (Standing::Outside(outsider), outside::Place::Inside) => {
            Box::pin(enter(cx, outsider, after)).await
        }
        (before, outside::Place::Refused(error)) => {
            outside::note(cx, Aside::Rejected);
            Err(refuse(cx, before, after, error).await)
        }
    }
}

/// A change that is refused must not keep a leaver's account alive: a deactivation in it is carried out all the same,
/// and the client is told of both.
async fn refuse(cx: &Context<'_>, before: Standing, after: &Resource, mut error: Error) -> Failure {
    if !outside::is_off(after) || outside::is_off(before.resource()) {
        return error.into();
    }
    let off = outside::off(before.resource());
    let done = match before {
        Standing::Inside(found) => Box::pin(update::apply(cx, found, &off)).await,
        Standing::Outside(outsider) => stay(cx, outsider, &off, Leaving::AsItIs).await,
        // He is nobody's leaver.
        Standing::Adopted(_) => return error.into(),
    };
    error.detail.push_str(match done {
        Ok(_) => "; the deactivation of the same request was carried out",
        // Its repeat can still carry that out, and is told of the other then.
        Err(off) if verdict::of(&off) != Verdict::Refused => {
            return off.and(&format!("the rest of the request is refused: {}", error.detail));
        }
        Err(_) => "; the deactivation of the same request failed as well",
    });
    error.into()
}

/// Who was there and not ours is changed as the client says, and ours from then on.
async fn adopt(cx: &Context<'_>, found: Found, after: &Resource) -> Result<Resource, Failure> {
    outsider::taken(cx, &begun::names(cx, after), &found.who.id).await?;
    let (who, resource) = Box::pin(update::change(cx, found, after)).await?;
    owned::adopt(cx, &who).await.map_err(|failure| cx.halfway(failure, "the change was made"))?;
    Ok(resource)
}

/// Who is there and not ours is held here, as a create of him would be, and nobody touches his record.
async fn pass_over(cx: &Context<'_>, found: Found, after: &Resource) -> Result<Resource, Failure> {
    refused::check(cx, Some(&found.resource), after)?;
    let who = found.who;
    outsider::taken(cx, &begun::names(cx, after), &who.id).await?;
    settle(cx, &who.id, after, vec![link(&who)]).await
}

/// Which record is his.
fn link(who: &Identity) -> Change {
    Change::Link { id: who.id.clone(), vendor_key: who.key.clone() }
}

/// Who was at the vendor is held here. The Link says which record is his: who comes back is the same there.
async fn leave(
    cx: &Context<'_>,
    before: Found,
    after: &Resource,
    leaving: Leaving,
) -> Result<Resource, Failure> {
    owned::check(cx, &before).await?;
    refused::check(cx, Some(&before.resource), after)?;
    let who = before.who.clone();
    // Somebody loses his access: that is not lost, whether its client comes back or not.
    let off = outside::is_off(after) && !outside::is_off(&before.resource);
    let operation = match leaving {
        Leaving::AsItIs => reach::switches_off(cx).filter(|_| off),
        Leaving::Update(index) => {
            cx.plan.operations.update.get(index).map(|update| &update.operation)
        }
        Leaving::Delete => reach::deletes(cx),
    };
    let lasts = operation.is_some_and(|operation| operation.durable != Some(false));
    if let Some(underway) = cx.underway.as_ref().filter(|_| lasts) {
        underway.lasts(cx).await?;
    }
    let row = outsider::row(cx.plan, &who.id, after, true);
    kept::write(cx, vec![row, link(&who)]).await?;
    match tell(cx, before, after, leaving).await {
        Ok(true) => settle(cx, &who.id, after, gone(&who)).await,
        Ok(false) => settle(cx, &who.id, after, Vec::new()).await,
        // Nobody knows what came of it: owed until somebody does.
        Err(failure) if failure.doubtful() => Err(failure),
        Err(failure) => {
            if let Err(other) = kept::write(cx, inside(cx, &who)).await {
                cx.remark(format!("who did not leave is held all the same: {}", in_brief(&other)));
            }
            Err(failure)
        }
    }
}

/// Who is held stays so. What the vendor has still to be told of him, and that he is switched off, it is told first.
async fn stay(
    cx: &Context<'_>,
    outsider: Outsider,
    after: &Resource,
    leaving: Leaving,
) -> Result<Resource, Failure> {
    let Outsider { id, key, resource: before, owed } = outsider;
    refused::check(cx, Some(&before), after)?;
    let names = begun::names(cx, after);
    let renamed = names != begun::names(cx, &before);
    let _turns = if renamed { create::turns(cx, &names).await? } else { Vec::new() };
    if renamed {
        outsider::taken(cx, &names, &id).await?;
    }
    let leaving = match owed {
        true => Some(leaving),
        false => (outside::is_off(after) && !outside::is_off(&before)).then_some(Leaving::AsItIs),
    };
    let mut with = Vec::new();
    if let (Some(leaving), Some(key)) = (leaving, key) {
        let who = Identity { id: id.clone(), key };
        if let Some(found) = lookup::existing(cx, &who).await?
            && tell(cx, found, after, leaving).await?
        {
            with = gone(&who);
        }
    }
    settle(cx, &id, after, with).await
}

/// The vendor has heard all that it is to hear of one who is outside. What was kept beside his record is a part of
/// what is held now.
async fn settle(
    cx: &Context<'_>,
    id: &str,
    after: &Resource,
    mut with: Vec<Change>,
) -> Result<Resource, Failure> {
    with.push(Change::UnkeepAll { id: id.to_owned() });
    outsider::hold(cx, id, after, with).await
}

/// Tells the vendor that one leaves, and that he is switched off where `after` is. Whether his record has gone with it.
/// That of one who is not ours stays as it is.
async fn tell(
    cx: &Context<'_>,
    found: Found,
    after: &Resource,
    leaving: Leaving,
) -> Result<bool, Failure> {
    if !owned::is_changed(cx, &found).await? {
        return Ok(false);
    }
    let aim = match leaving {
        Leaving::AsItIs => found.resource.clone(),
        Leaving::Update(index) => ending::towards(cx, index, &found.resource).0,
        Leaving::Delete => match cx.plan.operations.delete.as_ref().map(|delete| &delete.how) {
            Some(DeleteBy::Update(index)) => ending::towards(cx, *index, &found.resource).0,
            Some(DeleteBy::Call(operation)) => {
                return match ending::call(cx, operation, &found.who).await {
                    Ok(ended) => Ok(!ended.stays),
                    Err(failure) if failure.is_gone() => Ok(true),
                    Err(failure) => Err(failure),
                };
            }
            None => return Err(unsupported("deleting")),
        },
    };
    let aim = match outside::is_off(after) {
        true if !outside::is_off(&aim) => outside::off(&aim),
        _ => aim,
    };
    Box::pin(update::apply(cx, found, &aim)).await.map(|_| false)
}

/// Who was held comes to the vendor: as any create does, or as the record that is his there already.
async fn enter(
    cx: &Context<'_>,
    outsider: Outsider,
    after: &Resource,
) -> Result<Resource, Failure> {
    let Outsider { id, key, .. } = outsider;
    validate::create(after, &cx.plan.kind)?;
    let names = begun::names(cx, after);
    let _turns = create::turns(cx, &names).await?;
    outsider::taken(cx, &names, &id).await?;
    let record = match key {
        Some(key) => lookup::existing(cx, &Identity { id: id.clone(), key }).await?,
        None => None,
    };
    match record {
        Some(found) => back(cx, found, after, &names).await,
        None => {
            refused::check(cx, None, after)?;
            create::bring(cx, after, &names, Some(&id)).await
        }
    }
}

/// He comes back as the record that was his, and as the client says of him by now; active, unless it says otherwise.
/// So does one whose coming stopped behind the create.
async fn back(
    cx: &Context<'_>,
    found: Found,
    after: &Resource,
    names: &[Name],
) -> Result<Resource, Failure> {
    refused::check(cx, Some(&found.resource), after)?;
    let mut aim = unsaid::completed(cx, after.clone(), &found.resource);
    adopt::activate(cx, &mut aim, after);
    let units = cx.units(&found.record, &found.resource, &aim).await?;
    let kept = kept::sent(cx, &found.who.id, after)?;
    let (who, resource) = update::run(cx, found, &aim, Work { units, kept, beside: false }).await?;
    let how = begun::mark(cx, &who.key).await?.map_or(State::Made, |mark| mark.state);
    let end = End::Done { who: &who, how, revived: false, repeats: None };
    begun::end(cx, names, end, inside(cx, &who)).await?;
    Ok(resource)
}

/// Ends one who is outside, and his record where the vendor has one.
pub async fn end(cx: &Context<'_>, how: &DeleteBy, outsider: Outsider) -> Result<(), Failure> {
    let Outsider { id, key, .. } = outsider;
    let inside = Change::Inside { id: id.clone() };
    let Some(key) = key else {
        return ending::left(cx, &id, vec![Change::UnkeepAll { id: id.clone() }, inside]).await;
    };
    let who = Identity { id, key };
    let ended = match ending::end(cx, how, &who, vec![inside.clone()]).await {
        // His record went without us; the client sees him until now.
        Err(failure) if failure.is_gone() => ending::forget(cx, &who, vec![inside]).await,
        ended => ended,
    };
    cx.lost(&who.key);
    ended
}

/// He is not held any more. A Link that says nothing else than his id goes with that, but where it lists him.
fn inside(cx: &Context<'_>, who: &Identity) -> Vec<Change> {
    let idle = who.id == who.key && cx.plan.operations.linked.is_none();
    let unlink = idle.then(|| Change::Unlink { id: who.id.clone() });
    unlink.into_iter().chain([Change::Inside { id: who.id.clone() }]).collect()
}

/// The vendor has no record of him any more.
fn gone(who: &Identity) -> Vec<Change> {
    vec![Change::Unlink { id: who.id.clone() }, Change::Unmark { name: begun::ours(&who.key) }]
}
