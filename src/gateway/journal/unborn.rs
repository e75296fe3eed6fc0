//! A create in the journal: of somebody who has no id yet, and whom its client comes back for.
//!
//! Nobody was promised anything, so nothing is carried out at once that the client does not ask for again; but what was
//! begun stays known. Its entry has a provisional id, by which the repeat finds it, and the repeat brings the secrets
//! that are held nowhere. What nobody comes back for is taken up by [`births`](super::super::delivery::births).

use super::{
    super::{
        Context,
        begun::{self, Name},
        error::Failure,
        uuid,
    },
    due::later,
    gathered::gathered,
    late, letters, making,
    progress::{Birth, Progress},
    received,
    stopped::Stopped,
    underway::Underway,
};
use crate::{
    crash,
    mapping::{
        plan::Operation,
        translate::{place, units},
    },
    scim::{error::Error, intent::Intent, message::Action, resource::Resource},
    store::{Change, Entry, Stage, postgres::watches},
};
use http::Method;
use jiff::Timestamp;
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// So long the client of a create that stopped half-way is waited for. One that repeats by itself does so within minutes
/// (Okta's tries at a 429 come after one, two and four), what is taken back is made anew by a later one, and nobody is
/// paged before (`ScimshimPendingOld`: 15 minutes).
const PATIENCE: Duration = Duration::from_secs(600);

// Nobody gives it up while a replica that stood still may send a call of it yet: whom that makes in part would be taken for a
// whole one.
const _: () =
    assert!(PATIENCE.as_secs() > watches::LENGTH.as_secs(), "longer than it may come late");

/// The same, unless a proof cannot wait for it.
pub fn patience() -> Duration {
    crash::number("SCIMSHIM_PATIENCE_MS").map_or(PATIENCE, Duration::from_millis)
}

/// Whether the journal has creates under an id like this.
pub fn is_provisional(id: &str) -> bool {
    id.starts_with('~')
}

/// Whether an entry is a create of somebody who has no id yet. A Group that is a value has its name for one, and is
/// finished by whoever comes by.
pub fn is(entry: &Entry) -> bool {
    let spread = || Progress::of(&entry.progress).spread;
    makes(&entry.intent) && !spread()
}

/// Whether what is wanted is a new resource.
pub fn makes(intent: &Value) -> bool {
    Intent::verb(intent) == Some("create")
}

/// The entry for a create that is about to begin, or that an earlier request has begun: nothing where it needs none.
/// Whoever asks has the turns of its names. It is written with the first call, and before that.
pub async fn begin(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
    names: &[Name],
) -> Result<Option<Arc<Underway>>, Failure> {
    // Within another write it is a part of that.
    if !cx.journals() || cx.underway.is_some() || crash::off("journal") {
        return Ok(None);
    }
    // Of somebody without a name nobody could tell later that he is there.
    let promised = operation.durable == Some(true) && !names.is_empty();
    let needs = operation.writes_several() || operation.is_known_again() || promised;
    if !needs && !is_followed(cx, operation, wanted) {
        return Ok(None);
    }
    let action = Action::Create(wanted.clone());
    let Some(Intent { value: intent, whole }) = Intent::of(&action, &cx.plan.kind) else {
        return Ok(None);
    };
    // What has no name is found by nobody, and so it is taken up by the journal alone.
    let id = match names.first() {
        Some(name) => name.provisional(),
        None => format!("~{}", uuid::new()?),
    };
    if let Some(found) = earlier(cx, &id, names.first()).await? {
        let asked = Asked { intent, whole, promised };
        return goes_on(cx, operation, found, asked).await.map(Some);
    }
    let birth = Birth { secret: !whole, promised, ..Birth::default() };
    received::has_room(cx).await?;
    let progress = Progress { birth: Some(birth), ..Progress::default() }.held();
    let due = waited_for(cx, promised);
    let entry = Entry { durable: promised, progress, ..received::fresh(cx, &id, intent, due)? };
    match promised {
        true => {
            received::write(cx, &entry).await?;
            Ok(Some(Underway::of(entry)))
        }
        false => Ok(Some(Underway::unwritten(entry))),
    }
}

/// What a request asks for that finds an earlier create of the same name.
struct Asked {
    intent: Value,
    /// Nothing of it is held nowhere.
    whole: bool,
    promised: bool,
}

/// The entry of the earlier one. What is wanted now is what counts from here on: where it is something else, it takes the
/// place of that, and goes on from where that came to.
async fn goes_on(
    cx: &Context<'_>,
    operation: &Operation,
    found: Entry,
    asked: Asked,
) -> Result<Arc<Underway>, Failure> {
    let found = gathered(cx, found).await?;
    may_go_on(&found, operation)?;
    let before = Progress::of(&found.progress);
    let (has_sent, mut progress) = (before.has_effects(), before);
    let birth = progress.birth.get_or_insert_default();
    let was_promised = birth.promised;
    (birth.secret, birth.promised) = (!asked.whole, was_promised || asked.promised);
    birth.asked = asked.promised.then_some(cx.now.as_millisecond());
    if !has_sent {
        // What is asked for now is asked for behind whatever was said of somebody of his name.
        (birth.known, birth.ended) = (false, false);
        is_unsaid(birth);
    }
    let (stage, planned, due) = (Stage::Waiting, cx.at(), waited_for(cx, birth.promised));
    let durable = found.durable || asked.promised;
    if found.intent == asked.intent {
        let progress = progress.held();
        return Ok(Underway::of(Entry { stage, due, planned, durable, progress, ..found }));
    }
    fits(cx, &found, operation).await?;
    birth.origin = None;
    // This one is said behind whatever was said of him so far.
    is_unsaid(birth);
    birth.anothers |= has_sent;
    // Whoever was promised that one hears of it where this one is refused.
    let replaced = was_promised.then(|| found.number.clone());
    birth.replaces = replaced.or(birth.replaces.take());
    // What has left with a key has another one from here on.
    let keyed = progress.sent.iter_mut().filter(|sent| sent.keyed);
    keyed.for_each(|sent| (sent.safe, sent.keyed) = (false, false));
    let (number, progress, intent) = (uuid::new()?, progress.held(), asked.intent);
    let struck = Change::Strike { number: found.number.clone() };
    let (accepted, error) = (cx.now, None);
    let entry =
        Entry { number, stage, accepted, due, planned, durable, progress, intent, error, ..found };
    let kind = cx.rows().kind;
    let batch = cx.batch().with(kind.clone(), struck).with(kind, Change::Enter(entry.clone()));
    cx.ask(cx.store()?.write(batch)).await?;
    Ok(if has_sent { Underway::joined(entry) } else { Underway::of(entry) })
}

/// What was said so far is of no more account.
fn is_unsaid(birth: &mut Birth) {
    (birth.wants, birth.unsecret) = (None, false);
    birth.trials.clear();
}

/// Until when whoever asks for it is at work on it, or is waited for.
fn waited_for(cx: &Context<'_>, promised: bool) -> Timestamp {
    match promised {
        true => received::at_work(cx),
        false => later(cx.at(), patience()),
    }
}

/// Tells of a create that is in no journal, where it has left when another replica had taken its names over. Not all of
/// them write something when they end, so that it has to be asked for.
pub async fn came_late(
    cx: &Context<'_>,
    wanted: &Resource,
    names: &[Name],
    ended: &Result<(), Failure>,
) {
    let (Some(name), Some(lease), Ok(store), true) =
        (names.first(), &cx.lease, cx.store(), cx.journals())
    else {
        return;
    };
    let overtaken = match ended {
        Ok(()) => store.holds(lease).await.is_ok_and(|holds| !holds),
        Err(failure) => failure.is_overtaken(),
    };
    let intent = Intent::of(&Action::Create(wanted.clone()), &cx.plan.kind);
    if let Some(Intent { value, .. }) = intent.filter(|_| overtaken) {
        let progress = Progress { birth: Some(Birth::default()), ..Progress::default() }.held();
        let entry = received::fresh(cx, &name.provisional(), value, cx.at());
        late::report(cx, entry.ok().map(|entry| Entry { progress, ..entry })).await;
    }
}

/// What an earlier create of the same name left. Where one that has ended may still reach the vendor, that is waited for.
async fn earlier(
    cx: &Context<'_>,
    id: &str,
    name: Option<&Name>,
) -> Result<Option<Entry>, Failure> {
    let all = cx.ask(cx.store()?.entries(&cx.rows(), id)).await?;
    let settling = all.iter().filter(|entry| entry.stage == Stage::Settling);
    if let Some(after) = settling.filter_map(|entry| cx.waits(entry)).max() {
        return Err(Failure::behind(after));
    }
    let creates = || all.iter().filter(|entry| is(entry) && entry.stage != Stage::Settling);
    // What came late stands beside what it was begun by, and knows less: that would be taken back one day, or has died of
    // what must not be repeated, where another was gone on with and told as done.
    let begun = creates().rfind(|entry| entry.stage == Stage::Waiting);
    let begun = begun.or_else(|| creates().rfind(|entry| origin(entry).is_none()));
    let late = creates().next_back().filter(|_| begun.is_none());
    match (late, name) {
        // He was made since without his client, who would be told of a second one.
        (Some(_), Some(name)) if begun::has(cx, name).await? => Ok(None),
        _ => Ok(begun.or(late).cloned()),
    }
}

/// Under which number what came late was begun.
fn origin(entry: &Entry) -> Option<String> {
    Progress::of(&entry.progress).birth.and_then(|birth| birth.origin)
}

/// Of what came late nobody knows what another replica has done since: a call behind the first one is made for it only where
/// it may be made twice.
fn may_go_on(found: &Entry, operation: &Operation) -> Result<(), Failure> {
    if origin(found).is_none() || found.stage != Stage::Dead {
        return Ok(());
    }
    let calls = Progress::of(&found.progress).begun.first().map_or(0, |begun| begun.calls);
    let writes = operation.steps.iter().filter(|step| step.method != Method::GET);
    let Some(step) = writes.skip(calls.max(1)).find(|step| !step.safe) else { return Ok(()) };
    let (number, call) = (&found.number, &step.label);
    let detail = format!(
        "a replica that came late may have made him, and whether `{call}` was carried out is not known: it is a dead letter, \
         journalled as {number}; an operator says `scimshim journal show {number}`, and `retry` or `drop`"
    );
    Err(Error::new(502, detail).into())
}

/// Which calls an operation comes to may depend on what is wanted, and how many of them an earlier request has made says
/// nothing of what this one wants: that is brought to its end first.
async fn fits(cx: &Context<'_>, found: &Entry, operation: &Operation) -> Result<(), Failure> {
    let varies = operation.steps.iter().any(|step| step.for_each.is_some() || step.when.is_some());
    if !varies || !Progress::of(&found.progress).is_half_done() {
        return Ok(());
    }
    if found.stage == Stage::Dead {
        let (number, why) = (&found.number, found.error.as_deref().unwrap_or_default());
        let detail = format!(
            "an earlier create of the same name, which wants something else, is half done and a dead letter, journalled as \
             {number}: {why}; an operator says `scimshim journal show {number}`, and `retry` or `drop`"
        );
        return Err(Error::new(502, detail).into());
    }
    goes_first(cx, found.clone()).await
}

/// It is due from now on, for its client is waited for no longer, and whoever asks is behind it: that is a failure.
pub async fn goes_first(cx: &Context<'_>, entry: Entry) -> Result<(), Failure> {
    let (due, planned) = (cx.at().min(entry.due), cx.at());
    let hastened = Change::Amend(Entry { due, planned, ..entry });
    cx.ask(cx.store()?.write(cx.batch().with(cx.rows().kind, hastened))).await?;
    Err(Failure::behind(SOON))
}

/// It is done, with what is kept of that in the same commit; and so is what came late of it, or of the same one.
pub async fn ends(cx: &Context<'_>, birth: &Underway, kept: Vec<Change>) -> Result<(), Failure> {
    birth.ends_with(cx, kept).await?;
    // Nobody comes late where there is one process.
    if cx.lease.is_none() {
        return Ok(());
    }
    let (store, entry) = (cx.store()?, birth.entry());
    let key =
        birth.progress(|progress| progress.birth.as_ref().and_then(|birth| birth.key.clone()));
    let is_same = |other: &Entry| {
        let known = Progress::of(&other.progress).birth.and_then(|birth| birth.key);
        let begun = origin(other).is_some_and(|origin| origin == entry.number);
        is(other) && other.stage == Stage::Dead && (begun || key.is_some() && known == key)
    };
    // Where that fails a dead letter says too much, and takes nobody back.
    let Ok(all) = cx.ask(store.entries(&cx.rows(), &entry.id)).await else { return Ok(()) };
    let over: Vec<Entry> = all.into_iter().filter(is_same).collect();
    if !over.is_empty() {
        let strikes = over.into_iter().map(|Entry { number, .. }| Change::Strike { number });
        let batch = strikes.fold(cx.batch(), |batch, one| batch.with(cx.rows().kind, one));
        let _ = cx.ask(store.write(batch)).await;
    }
    Ok(())
}

/// Whether something of it is left to updates. That somebody is active goes without saying.
pub fn is_followed(cx: &Context<'_>, operation: &Operation, wanted: &Resource) -> bool {
    let claims = operation.claims.as_deref();
    cx.plan.rules.iter().enumerate().any(|(index, rule)| {
        let said = place::take(wanted, &rule.target);
        rule.writable()
            && !rule.only_create
            && !units::created(cx.plan, claims, index)
            && said.is_some_and(|said| *said != Value::Bool(true))
    })
}

/// It has stopped, and stays in the journal for as long as its client is waited for; what is being taken back goes on
/// soon. One of which nothing is left ends.
pub async fn stops(cx: &Context<'_>, failure: &Failure) {
    let Some(birth) = making::of(cx) else { return };
    let words = cx.judge(failure.clone()).detail;
    let after = if making::is_undoing(birth) { SOON } else { patience() };
    let stays = match making::is_blank(birth) {
        true => birth.ends(cx).await,
        false => {
            birth.is_asked_again();
            birth.stays(cx, Stage::Waiting, later(cx.at(), after), words).await
        }
    };
    if let Err(failure) = stays {
        let why = super::super::trace::in_brief(&failure);
        cx.remark(format!("where a create has stopped was not written down: {why}"));
    }
}

/// Nobody can go on with it: it is a dead letter, and its client is told so.
pub async fn bury(cx: &Context<'_>, words: String, reason: &str) -> Failure {
    let Some(birth) = making::of(cx) else { return Error::new(502, words).into() };
    // One that is a dead letter already says so once more, and is none twice.
    if birth.entry().error.as_ref() == Some(&words) {
        let detail = format!("it is a dead letter, journalled as {}: {words}", birth.number());
        return Error::new(502, detail).into();
    }
    let brief = "a create is half done";
    match letters::bury(cx, birth, reason, words, brief).await {
        Stopped::Ended(failure) | Stopped::Waits { failure, .. } => failure,
    }
}

/// Until what is being taken back is tried again.
const SOON: Duration = Duration::from_secs(5);
