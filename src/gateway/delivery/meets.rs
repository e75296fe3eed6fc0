//! A write meets the create of whom it is about.

use super::super::{
    Context, begun,
    error::Failure,
    identity,
    journal::progress::{Birth, Progress},
    lookup,
};
use crate::store::{Change, Entry, Stage};

/// A client writes to one who is there. Where the create of him stopped half-way, he is not taken away again, and what
/// that wanted is not written over what this one does.
pub async fn meets(cx: &Context<'_>, id: &str) -> Result<(), Failure> {
    if cx.plan.operations.create.is_none() {
        return Ok(());
    }
    let unborn = cx.ask(cx.store()?.unborn(&cx.rows())).await?;
    if unborn.is_empty() {
        return Ok(());
    }
    let Some(who) = identity::of(cx, id).await? else { return Ok(()) };
    let open = |entry: &Entry| {
        let birth = Progress::of(&entry.progress).birth;
        birth.filter(|birth| entry.stage != Stage::Settling && !birth.known)
    };
    // Where the answer that says the key was lost his name says who he is.
    let nameless = |entry: &Entry| open(entry).is_some_and(|birth| birth.key.is_none());
    let names = match unborn.iter().any(nameless) {
        true => match lookup::present(cx, &who).await? {
            Some(found) => begun::names(cx, &found.resource),
            None => Vec::new(),
        },
        false => Vec::new(),
    };
    let made = |entry: &Entry| {
        open(entry).filter(|birth| match &birth.key {
            Some(key) => *key == who.key,
            None => names.iter().any(|name| name.provisional() == entry.id),
        })
    };
    for entry in unborn.into_iter().filter(|entry| made(entry).is_some()) {
        // Who is at work on it would write over what is said here.
        let turn = cx.turn_of(&entry.id).await?;
        let cx = cx.within(&turn);
        let entry = cx.ask(cx.store()?.entry(cx.tenant, &entry.number)).await?;
        let Some((entry, birth)) = entry.and_then(|entry| Some((entry.clone(), made(&entry)?)))
        else {
            continue;
        };
        let birth = Some(Birth { known: true, ..birth });
        let progress = Progress { birth, ..Progress::of(&entry.progress) }.held();
        let amend = Change::Amend(Entry { progress, ..entry });
        cx.ask(cx.store()?.write(cx.batch().with(cx.rows().kind, amend))).await?;
    }
    Ok(())
}
