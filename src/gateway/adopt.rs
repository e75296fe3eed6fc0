//! A create takes over who is there already, where the mapping says so.

use super::{
    Context,
    begun::{self, Name},
    birth::{self, Stopped, match_values, named, over},
    error::Failure,
    find,
    found::Found,
    identity::Identity,
    journal::{making, part, watched},
    kept, lookup, meets, owned, refused,
    update::{self, Work},
};
use crate::{
    mapping::{
        plan::{OnMatch, Operation, Owns, Target},
        translate::place,
    },
    scim::{error::Error, message::Action, resource::Resource},
};
use futures_util::FutureExt;
use http::Method;
use serde_json::Value;

/// Who is there already and is not refused: by the first `match` attribute that finds anybody. Two
/// are never a guess.
pub async fn matched(
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
        if only.gone || begun::has_of(cx, names, name, &only.who, wanted).await? {
            return Ok(Some(only.clone()));
        }
        meets::leaves(cx, &only.who.id).await?;
        if owned::is_ours(cx, only).await? || cx.plan.on_match == OnMatch::Conflict {
            return Err(Error::uniqueness(format!("`{target}` is taken")).into());
        }
        return Ok(Some(only.clone()));
    }
    Ok(None)
}

/// Whether who was found is taken over as he is. He may have been made just now by a replica that had stood still, and in part:
/// then what is left of the create is made, where that harms nobody who is whole. So it is noted.
pub async fn is_whole(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
    names: &[Name],
    found: &Found,
) -> Result<bool, Failure> {
    meets::adopts(cx, &found.who.id, wanted, names).await?;
    let watched = cx.lease.as_ref().is_some_and(|lease| lease.watched);
    let Some(birth) = making::of(cx).filter(|_| watched && !found.gone) else { return Ok(true) };
    let captured = birth::captured(cx, operation, &found.who.key);
    // Of whom a create has come to its end all is there.
    let in_part = has_safe_rest(operation)
        && birth::lost(operation, &captured).is_none()
        && !has_ended(cx, wanted, names, found).await?;
    if in_part {
        making::is_found(cx, birth, operation, &found.who.key, &captured);
        making::was_there(birth);
    }
    Ok(!in_part)
}

/// Whether there are calls behind the first one that makes somebody, and each may be made twice.
fn has_safe_rest(operation: &Operation) -> bool {
    let mut rest =
        operation.steps.iter().filter(|step| step.method != Method::GET).skip(1).peekable();
    rest.peek().is_some() && rest.all(|step| step.safe)
}

/// Whether who was found was made by an earlier create of these names, of which its client may not know.
async fn has_ended(
    cx: &Context<'_>,
    wanted: &Resource,
    names: &[Name],
    found: &Found,
) -> Result<bool, Failure> {
    for name in names {
        if begun::has_of(cx, names, name, &found.who, wanted).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The create becomes an update of the Record that is there; read again, because others may have
/// written to it before we had its turn.
pub async fn adopt(
    cx: &Context<'_>,
    found: Found,
    wanted: &Resource,
    names: &[Name],
    outsider: Option<&str>,
) -> Result<(Identity, Resource), Stopped> {
    let adopted = async {
        let turn = cx.turn(&found.who.id).await?;
        let gone = found.gone;
        // A client may have written to him while his turn was waited for.
        if begun::promises(cx) && !gone && !is_free(cx, wanted, names, &found).await? {
            return Err(Error::uniqueness("somebody has his name, and was written to since").into());
        }
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
        let work = Work { units, kept, beside: false };
        // Who comes from outside does so within another write; and nobody can be asked for by the id of who is gone.
        if gone || outsider.is_some() {
            return update::run(cx, found, &after, work).await;
        }
        let cx = &part::begin(&cx.within(&turn), &who.id, &said(cx, &found, &after))?;
        let run = update::run(cx, found, &after, work).boxed();
        part::carry_out(cx, run).await.map_err(|failure| part::told(cx, failure))
    };
    adopted.await.map_err(Stopped::Between)
}

/// Whether a create of these names may take over who was found by one of them, once more.
async fn is_free(
    cx: &Context<'_>,
    wanted: &Resource,
    names: &[Name],
    found: &Found,
) -> Result<bool, Failure> {
    if cx.plan.on_match == OnMatch::Adopt && !owned::is_ours(cx, found).await? {
        return Ok(true);
    }
    has_ended(cx, wanted, names, found).await
}

/// What an adoption wants of who is there. Where only whom we own is changed by a PATCH, a PUT adopts him as well.
fn said(cx: &Context<'_>, found: &Found, after: &Resource) -> Action {
    let id = found.who.id.clone();
    match cx.plan.owns {
        Owns::Linked => Action::Replace { id, resource: after.clone() },
        Owns::All => {
            let operations = watched::changes(&found.resource, after, &cx.plan.kind);
            Action::Patch { id, operations }
        }
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
