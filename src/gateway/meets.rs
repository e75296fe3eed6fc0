//! A write meets the create of whom it is about.

use super::{
    Context,
    begun::{self, Name},
    error::Failure,
    identity::{self, Identity},
    journal::{
        progress::{Birth, Progress},
        queue,
        stopped::SOON,
        unborn,
    },
    lookup,
    since::{self, Word},
    uuid,
};
use crate::{
    scim::{intent::Intent, message::Action, resource::Resource},
    store::{Change, Entry, Stage},
};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// A client writes to one who is there: by an action, or by what gives him a value or takes it. Where the create of him stopped
/// half-way, he is not taken away again, and what that wanted is not written over what this one does, once that is
/// [over](Met::ends). `accepted`: when it was received, where that was a while ago.
pub async fn meets(
    cx: &Context<'_>,
    id: &str,
    action: Option<&Action>,
    accepted: Option<Timestamp>,
) -> Result<Met, Failure> {
    within(cx, cx, id, By { action, accepted }).await
}

/// The same of a write that is carried out without its client. Whoever does that has his turn, for which who has that of the
/// create may wait.
pub async fn delivered(cx: &Context<'_>, id: &str, action: &Action) -> Result<Met, Failure> {
    let accepted = cx.underway.as_ref().map(|underway| underway.entry().accepted);
    match within(cx, &moment(cx), id, By { action: Some(action), accepted }).await {
        Err(Failure::Waiting) => Err(Failure::behind(SOON)),
        met => met,
    }
}

/// What writes to somebody.
struct By<'a> {
    action: Option<&'a Action>,
    /// When it was received, where that was a while ago.
    accepted: Option<Timestamp>,
}

impl By<'_> {
    /// It deletes him.
    fn ends(&self) -> bool {
        matches!(self.action, Some(Action::Delete { .. }))
    }
}

/// The creates that a write has met, which wait for what becomes of it.
#[must_use]
#[derive(Debug, Default)]
pub struct Met {
    /// The name of its word among theirs.
    by: String,
    /// What it is, where that is an action.
    action: Option<Action>,
    /// Their ids and numbers.
    creates: Vec<(String, String)>,
}

impl Met {
    /// The write is over, and says this where it holds. Where that cannot be written down its time will be over.
    pub async fn ends(self, cx: &Context<'_>, word: Option<&Word<'_>>) {
        for (id, number) in &self.creates {
            let _ = self.end(&moment(cx), id, number, word).await;
        }
    }

    async fn end(
        &self,
        cx: &Context<'_>,
        id: &str,
        number: &str,
        word: Option<&Word<'_>>,
    ) -> Result<(), Failure> {
        let turn = cx.turn_of(id).await?;
        let cx = &cx.within(&turn);
        let Some(entry) = cx.ask(cx.store()?.entry(cx.tenant, number)).await? else {
            return Ok(());
        };
        let Some(Action::Create(wanted)) = Intent::action(&entry.intent, "") else { return Ok(()) };
        amend(cx, entry, |birth| since::ends(cx, birth, &wanted, &self.by, word)).await
    }

    /// The same of an action that was carried out, or was not.
    pub async fn acted(mut self, cx: &Context<'_>, holds: bool) {
        let Some(action) = self.action.take() else { return };
        let word = |cx: &Context<'_>, before: &Resource| since::then(cx, action.clone(), before);
        self.ends(cx, holds.then_some(&word)).await;
    }
}

async fn within(
    cx: &Context<'_>,
    waits: &Context<'_>,
    id: &str,
    by: By<'_>,
) -> Result<Met, Failure> {
    let mut all = Met::default();
    if let Some((who, names, met)) = met(cx, id).await? {
        all = Met { by: uuid::new()?, action: by.action.cloned(), creates: Vec::new() };
        for entry in met {
            // Who is at work on it would write over what is said here.
            let turn = waits.turn_of(&entry.id).await?;
            let cx = cx.within(&turn);
            // Of whom a later one wants under the same name this one says nothing. Asked for once more behind a delete he is made:
            // that is the last word.
            let later = |entry: &Entry| {
                let nameless = open(entry).is_some_and(|birth| birth.key.is_none());
                let behind = by.accepted.is_some_and(|accepted| accepted < asked(entry));
                behind && (nameless || by.ends())
            };
            let entry = again(&cx, entry, &who, &names).await?;
            if let Some(entry) = entry.filter(|entry| !later(entry)) {
                let (id, number) = (entry.id.clone(), entry.number.clone());
                if knows(&cx, entry, &who, &by, &all.by).await? {
                    all.creates.push((id, number));
                }
            }
        }
    }
    // Last: one of those may have come to its end just now.
    begun::is_written_to(cx, id).await?;
    Ok(all)
}

/// A create finds one who is there. Where another one, of another name, has made him in part, and its client is waited for,
/// this one is behind that, which is due from now on: nobody is told as made of whom a part is. A dead letter holds nobody
/// back, and says what is wanting. Whoever asks has the turns of these names, for which who has that one may wait.
pub async fn adopts(
    cx: &Context<'_>,
    id: &str,
    wanted: &Resource,
    held: &[Name],
) -> Result<(), Failure> {
    let Some((who, names, met)) = met(cx, id).await? else { return Ok(()) };
    for entry in met {
        let is_held = held.iter().any(|name| name.provisional() == entry.id);
        let turn = match is_held {
            true => None,
            false => match moment(cx).turn_of(&entry.id).await {
                Err(Failure::Waiting) => return Err(Failure::behind(SOON)),
                turn => Some(turn?),
            },
        };
        let within = turn.as_ref().map(|turn| cx.within(turn));
        let cx = within.as_ref().unwrap_or(cx);
        match again(cx, entry, &who, &names).await? {
            Some(entry) if entry.stage == Stage::Waiting => {
                return unborn::goes_first(cx, entry).await;
            }
            Some(entry) => {
                // What this one wants counts.
                let said = |birth: &mut Birth| {
                    birth.known = true;
                    if birth.key.as_ref() == Some(&who.key) {
                        since::is_wanted(cx, birth, wanted.clone());
                    }
                };
                amend(cx, entry, said).await?;
            }
            None => {}
        }
    }
    Ok(())
}

/// What was received of whom a create has made goes first, where nobody asks for the create: each would wait for the other's turn,
/// and give up.
pub async fn yields(cx: &Context<'_>, key: &str) -> Result<(), Failure> {
    let who = identity::known(cx, vec![key.to_owned()]).await?.identity(key.to_owned());
    behind(cx, &who.id, |_| true).await
}

/// A create finds one who is there, and whose delete has been received and waits: that goes first, for then his name is free.
pub async fn leaves(cx: &Context<'_>, id: &str) -> Result<(), Failure> {
    if !cx.journals() {
        return Ok(());
    }
    behind(cx, id, |entry| Intent::verb(&entry.intent) == Some("delete")).await
}

/// Fails where one of these waits.
async fn behind(cx: &Context<'_>, id: &str, is: impl Fn(&Entry) -> bool) -> Result<(), Failure> {
    let waiting = queue::waiting(cx, id).await?;
    match waiting.iter().find(|entry| entry.stage == Stage::Waiting && is(entry)) {
        Some(entry) => Err(Failure::behind(cx.waits(entry).unwrap_or(SOON))),
        None => Ok(()),
    }
}

/// A create finds nobody. Where another one, of another first name, was cut off while its first call was on its way, and
/// shares a name with this, whom that makes may show in a moment: two would have the name.
pub async fn awaits(cx: &Context<'_>, names: &[Name]) -> Result<(), Failure> {
    if cx.plan.matches.len() < 2 {
        return Ok(());
    }
    // Whoever asks has the turns of these names, and knows what there is of them.
    let own = cx.underway.as_ref().map(|underway| underway.number());
    let is_own = |entry: &Entry| {
        own.as_ref() == Some(&entry.number)
            || names.iter().any(|name| name.provisional() == entry.id)
    };
    let shares = |entry: &Entry| wanted(cx, entry).iter().any(|name| names.contains(name));
    let others = half_way(cx).await?.into_iter().filter(|entry| !is_own(entry) && shares(entry));
    let lands = others.filter_map(|entry| match entry.stage {
        Stage::Settling => Some(entry.due),
        _ => Progress::of(&entry.progress).at_large(cx.at_large()),
    });
    match lands.max().and_then(|lands| cx.left_until(lands)) {
        Some(after) => Err(Failure::behind(after)),
        None => Ok(()),
    }
}

/// Who is held here is not made at the vendor: an earlier create of him that has not begun is over, and one that is half done
/// comes to its end first. Whoever asks has the turns of these names.
pub async fn holds(cx: &Context<'_>, names: &[Name]) -> Result<(), Failure> {
    let is_his = |entry: &Entry| names.iter().any(|name| name.provisional() == entry.id);
    for entry in half_way(cx).await?.into_iter().filter(is_his) {
        match (Progress::of(&entry.progress).has_effects(), entry.stage) {
            (true, Stage::Waiting) => return unborn::goes_first(cx, entry).await,
            // A dead letter tells what nobody else does, and what settles is waited for.
            (true, _) | (false, Stage::Settling) => continue,
            (false, Stage::Waiting | Stage::Dead) => {}
        }
        let over = Change::Strike { number: entry.number };
        cx.ask(cx.store()?.write(cx.batch().with(cx.rows().kind, over))).await?;
    }
    Ok(())
}

/// He was deleted: what was left of the create of him is over, and who is made under his name is another one. Whoever asks has
/// his turn, and who is at work on the create may wait for that: then it finds out by itself; so it does of one who was not there
/// (`gone`), and may show yet.
pub async fn ends(cx: &Context<'_>, who: &Identity, gone: bool) -> Result<(), Failure> {
    let may_show = |entry: &Entry| {
        let shows = open(entry).and_then(|birth| birth.shows(cx.at(), cx.at_large()));
        gone && shows.and_then(|shows| cx.left_until(shows)).is_some()
    };
    let his = |entry: &Entry| makes(cx, entry, who, &[]) && !may_show(entry);
    let deleted = cx.underway.as_ref().map(|underway| underway.entry().accepted);
    for entry in half_way(cx).await?.into_iter().filter(his) {
        let Ok(turn) = moment(cx).turn_of(&entry.id).await else { continue };
        let cx = cx.within(&turn);
        let Some(entry) = again(&cx, entry, who, &[]).await? else { continue };
        let lands = Progress::of(&entry.progress).at_large(cx.at_large());
        let (number, planned) = (entry.number.clone(), cx.at());
        // It was asked for since, and promised: he is made anew.
        let promised = open(&entry).is_some_and(|birth| birth.promised);
        if promised && deleted.is_some_and(|deleted| asked(&entry) > deleted) {
            let mut progress = Progress::of(&entry.progress);
            progress.is_nothing();
            let anew = Entry { progress: progress.held(), due: planned, planned, ..entry };
            cx.ask(cx.store()?.write(cx.batch().with(cx.rows().kind, Change::Amend(anew)))).await?;
            continue;
        }
        let change = match lands.filter(|due| *due > planned && entry.stage == Stage::Waiting) {
            Some(due) => Change::Amend(Entry { stage: Stage::Settling, due, planned, ..entry }),
            None => Change::Strike { number },
        };
        cx.ask(cx.store()?.write(cx.batch().with(cx.rows().kind, change))).await?;
    }
    Ok(())
}

/// The same request, which waits for so long for somebody who may wait for it.
fn moment<'c>(cx: &Context<'c>) -> Context<'c> {
    cx.until(cx.deadline.min(Instant::now() + MOMENT))
}

/// So long: neither would get on.
const MOMENT: Duration = Duration::from_secs(2);

/// Whom a client writes to, his names where one is needed, and the creates that may have made him and are not at their
/// end.
type Half = (Identity, Vec<Name>, Vec<Entry>);

async fn met(cx: &Context<'_>, id: &str) -> Result<Option<Half>, Failure> {
    let mut unborn = half_way(cx).await?;
    // One's own is no other.
    let own = cx.underway.as_ref().map(|underway| underway.number());
    unborn.retain(|entry| own.as_ref() != Some(&entry.number));
    if unborn.is_empty() {
        return Ok(None);
    }
    let Some(who) = identity::of(cx, id).await? else { return Ok(None) };
    // Where the answer that says the key was lost his name says who he is.
    let nameless = |entry: &Entry| open(entry).is_some_and(|birth| birth.key.is_none());
    let names = match unborn.iter().any(nameless) {
        true => match lookup::present(cx, &who).await? {
            Some(found) => begun::names(cx, &found.resource),
            None => Vec::new(),
        },
        false => Vec::new(),
    };
    unborn.retain(|entry| makes(cx, entry, &who, &names));
    Ok(Some((who, names, unborn)))
}

/// The creates that have not come to their end.
async fn half_way(cx: &Context<'_>) -> Result<Vec<Entry>, Failure> {
    match cx.plan.operations.create.is_some() && cx.journals() {
        true => cx.ask(cx.store()?.unborn(&cx.rows())).await,
        false => Ok(Vec::new()),
    }
}

/// The same entry as it stands when nobody else is at work on it, if it still does.
async fn again(
    cx: &Context<'_>,
    entry: Entry,
    who: &Identity,
    names: &[Name],
) -> Result<Option<Entry>, Failure> {
    let entry = cx.ask(cx.store()?.entry(cx.tenant, &entry.number)).await?;
    Ok(entry.filter(|entry| makes(cx, entry, who, names)))
}

/// Whether it may have made this one.
fn makes(cx: &Context<'_>, entry: &Entry, who: &Identity, names: &[Name]) -> bool {
    open(entry).is_some_and(|birth| match birth.key {
        Some(key) => key == who.key,
        None => wanted(cx, entry).iter().any(|name| names.contains(name)),
    })
}

/// The names of whom a create wants.
fn wanted(cx: &Context<'_>, entry: &Entry) -> Vec<Name> {
    match Intent::action(&entry.intent, "") {
        Some(Action::Create(wanted)) => begun::names(cx, &wanted),
        _ => Vec::new(),
    }
}

/// When its client asked for it last.
fn asked(entry: &Entry) -> Timestamp {
    let asked = open(entry).and_then(|birth| birth.asked);
    let asked = asked.and_then(|at| Timestamp::from_millisecond(at).ok());
    asked.map_or(entry.accepted, |asked| asked.max(entry.accepted))
}

/// What is known of whom a create makes that is not at its end.
fn open(entry: &Entry) -> Option<Birth> {
    Progress::of(&entry.progress).birth.filter(|_| entry.stage != Stage::Settling)
}

/// He is somebody's from now on, or is to be deleted. Whether what is said of him is tried from now on, which it is of him by his
/// key: who has his name may be another one. What was received before the create was says nothing.
async fn knows(
    cx: &Context<'_>,
    entry: Entry,
    who: &Identity,
    by: &By<'_>,
    name: &str,
) -> Result<bool, Failure> {
    let is_him = open(&entry).and_then(|birth| birth.key).as_ref() == Some(&who.key);
    let later = by.accepted.is_none_or(|accepted| accepted >= entry.accepted);
    let tried = is_him && later && !by.ends();
    let said = |birth: &mut Birth| {
        (birth.known, birth.ended) = (true, birth.ended || by.ends());
        if tried {
            since::tries(cx, birth, name, by.action);
        }
    };
    amend(cx, entry, said).await?;
    Ok(tried)
}

/// Writes down what is known of whom a create makes, where that is something else by now.
async fn amend(
    cx: &Context<'_>,
    entry: Entry,
    what: impl FnOnce(&mut Birth),
) -> Result<(), Failure> {
    let mut progress = Progress::of(&entry.progress);
    let before = progress.birth.clone();
    if let Some(birth) = &mut progress.birth {
        what(birth);
    }
    if progress.birth == before {
        return Ok(());
    }
    let amended = Change::Amend(Entry { progress: progress.held(), ..entry });
    cx.ask(cx.store()?.write(cx.batch().with(cx.rows().kind, amended))).await.map(drop)
}
