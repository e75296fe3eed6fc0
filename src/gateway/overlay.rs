//! What was acknowledged and is not delivered yet, laid over what the vendor has (`acknowledge: early`): a client that
//! was told that its write is done reads it as done, and nobody reads anything else before the vendor has it.
//!
//! It is taken down before the vendor is asked: what is delivered in between shows in the vendor's record, and laid over
//! that once more it changes nothing.

use super::{Context, error::Failure, joined, stays, unsaid};
use crate::{
    mapping::plan::Form,
    scim::{
        error::Error,
        intent::Intent,
        message::{Action, Response},
        patch::apply,
        reading::Reading,
        resource::Resource,
        validate,
    },
    store::{Entry, Stage},
};
use serde_json::Value;
use std::collections::HashMap;

/// Entries that are laid over at once: as many as a tenant has in the journal.
const MOST: u64 = 10_000;

/// Resources with such entries that are looked at for a filter, each by a call of its own.
pub const LOOKED_AT: usize = 1_000;

/// What clients were told is done, by kind and id, in its order.
#[derive(Debug, Default)]
pub struct Overlay(HashMap<String, HashMap<String, Vec<Value>>>);

impl Overlay {
    /// Of these entries, those of one resource in their order.
    pub fn of(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut all = Self::default();
        for Entry { kind, id, intent, .. } in entries {
            all.0.entry(kind).or_default().entry(id).or_default().push(intent);
        }
        all
    }

    /// The resources of a kind of which something is laid over.
    pub fn ids(&self, kind: &str) -> impl Iterator<Item = &String> {
        self.0.get(kind).into_iter().flat_map(HashMap::keys)
    }

    fn intents(&self, kind: &str, id: &str) -> &[Value] {
        self.0.get(kind).and_then(|of_kind| of_kind.get(id)).map_or(&[], Vec::as_slice)
    }
}

/// What a request that reads lays over what it finds; nothing where it writes: a write goes by what the vendor has.
pub async fn of(cx: &Context<'_>, action: &Action) -> Result<Option<Overlay>, Failure> {
    match action {
        Action::Get { id } if matches!(cx.plan.form, Form::Records) => of_one(cx, id).await,
        Action::Get { .. } | Action::Search(_) => of_all(cx).await,
        _ => Ok(None),
    }
}

/// All that is laid over anything of the tenant.
pub async fn of_all(cx: &Context<'_>) -> Result<Option<Overlay>, Failure> {
    if !cx.acknowledges_early() {
        return Ok(None);
    }
    let entries = cx.ask(cx.store()?.acknowledged(cx.tenant, MOST + 1)).await?;
    if entries.len() as u64 > MOST {
        return Err(Failure::Undelivered { most: MOST });
    }
    Ok(some(Overlay::of(entries)))
}

/// The same of one resource.
async fn of_one(cx: &Context<'_>, id: &str) -> Result<Option<Overlay>, Failure> {
    Ok(some(Overlay::of(acknowledged(cx, id).await?)))
}

fn some(overlay: Overlay) -> Option<Overlay> {
    (!overlay.0.is_empty()).then_some(overlay)
}

/// The entries of a resource whose clients were told that they are done, in their order.
pub async fn acknowledged(cx: &Context<'_>, id: &str) -> Result<Vec<Entry>, Failure> {
    if !cx.acknowledges_early() {
        return Ok(Vec::new());
    }
    let mut entries = cx.ask(cx.store()?.entries(&cx.rows(), id)).await?;
    entries.retain(|entry| entry.stage == Stage::Waiting && entry.acknowledged);
    Ok(entries)
}

/// Whether a client was told that this one is deleted, and the vendor has it still.
pub async fn is_ended(cx: &Context<'_>, id: &str) -> Result<bool, Failure> {
    Ok(acknowledged(cx, id).await?.iter().any(|entry| is_delete(&entry.intent)))
}

/// Whether an entry's intent is a delete.
pub fn is_delete(intent: &Value) -> bool {
    Intent::verb(intent) == Some("delete")
}

/// Lays over a resource what was acknowledged of it, and says whether it is deleted with that.
pub fn lay(cx: &Context<'_>, id: &str, resource: &mut Resource) -> bool {
    let Some(overlay) = &cx.overlay else { return false };
    let intents = overlay.intents(&cx.plan.kind.name, id);
    if intents.is_empty() {
        return false;
    }
    for intent in intents {
        match Intent::action(intent, id) {
            Some(Action::Delete { .. }) => return true,
            // What cannot be applied to what the vendor has will be refused, and is a dead letter then.
            Some(action) => *resource = then(cx, action, resource).unwrap_or(resource.clone()),
            None => {}
        }
    }
    // They follow from what was changed.
    joined::lay(cx, resource);
    false
}

/// What a resource is when an action upon it has been carried out; nothing where that would be refused.
fn then(cx: &Context<'_>, action: Action, before: &Resource) -> Option<Resource> {
    let kind = &cx.plan.kind;
    let mut after = match action {
        Action::Patch { operations, .. } => {
            // It was read before, and borne with then.
            let mut reading = Reading::new(cx.live.profile);
            apply::apply(&operations, before, kind, &mut reading).ok()?.resource
        }
        Action::Replace { resource, .. } => unsaid::completed(cx, resource, before),
        _ => return None,
    };
    stays::keep(cx, &mut after, before);
    validate::update(before, &after, kind).ok()?;
    Some(after)
}

/// A write's own answer, with what was acknowledged since.
pub async fn over(cx: &Context<'_>, id: &str, response: Response) -> Result<Response, Failure> {
    let Response::Resource { created, mut resource } = response else { return Ok(response) };
    let Some(overlay) = of_one(cx, id).await? else {
        return Ok(Response::Resource { created, resource });
    };
    match lay(&cx.over(overlay), id, &mut resource) {
        true => Err(Error::not_found(id).into()),
        false => Ok(Response::Resource { created, resource }),
    }
}
