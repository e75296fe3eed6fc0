//! Goes on with a create from where an earlier try of it stopped, or takes back what that did.

use super::{
    Context,
    begun::Name,
    birth::{Stopped, captured, fields, lost, seek},
    error::{Failure, whole_seconds},
    identity,
    journal::{due::later, making, progress::Sent, stopped, underway::Underway, undoing},
    lookup, record, references, steps,
    undo::{self, Deeds},
};
use crate::{diagnostic::Place, mapping::plan::Operation, scim::resource::Resource};
use http::Method;
use jiff::Timestamp;

/// Where an earlier try of a create stopped: what is in doubt of it is looked at, and what was being taken back is, to
/// its end. Then it is known how far it came, which may be nowhere.
pub async fn resume(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
    names: &[Name],
) -> Result<(), Stopped> {
    let Some(birth) = making::of(cx).filter(|birth| !making::is_blank(birth)) else {
        return Ok(());
    };
    if making::is_stranded(birth, operation) {
        return Err(stuck(
            "an operation of it was half done, and the mapping has it no more",
            "plan",
        ));
    }
    let until = birth.at_large(cx);
    let sent = birth.sent();
    if making::is_undoing(birth) {
        if let Some(Sent { call, safe, .. }) = sent {
            // It may come behind whom the next call makes, who may have the same key.
            birth.lingers(until);
            if !safe {
                return Err(unknown(&call));
            }
        }
        return take_back(cx, operation, wanted).await;
    }
    let Some(Sent { call, safe, visible, .. }) = sent else { return Ok(()) };
    let made = making::made(birth).is_some();
    if !made && making::reached(birth, operation).calls == 0 {
        return first(cx, operation, wanted, names, until).await;
    }
    // Whoever sent it did not live to say what came of it: it may come behind what is sent now.
    birth.lingers(until);
    if safe {
        return Ok(());
    }
    let shown = made && visible;
    if !(shown || can_be_taken_back(cx, birth, operation, wanted).await?) {
        return Err(unknown(&call));
    }
    landed(cx, until)?;
    if shown { Ok(()) } else { take_back(cx, operation, wanted).await }
}

/// The first call of a create is in doubt: who is there now was made by it, as a rule, for nobody was before.
async fn first(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
    names: &[Name],
    until: Timestamp,
) -> Result<(), Stopped> {
    let Some(birth) = making::of(cx) else { return Ok(()) };
    let sent = birth.sent();
    let keyed = sent.as_ref().is_some_and(|sent| sent.keyed);
    let call = sent.map(|sent| sent.call).unwrap_or_default();
    if names.is_empty() {
        return Err(unknown(&call));
    }
    match seek(cx, wanted).await.map_err(Stopped::Between)? {
        Some(found) => {
            let key = &found.who.key;
            let captured = captured(cx, operation, key);
            if let Some(lost) = lost(operation, &captured) {
                let words = format!(
                    "the record with the key `{key}` was made by `{call}`, whose answer was lost: `{lost}` is not \
                     known, which a later step asks for"
                );
                return Err(Stopped::Stuck(words, "unknown"));
            }
            making::is_found(cx, birth, operation, key, &captured);
            making::is_guessed(birth);
            Ok(())
        }
        None => {
            // Of one that the vendor knows again it does not matter whether the first one comes, as long as the next one
            // is it.
            match keyed {
                true => birth.lingers(until),
                false => landed(cx, until)?,
            }
            making::is_nothing(birth);
            Ok(())
        }
    }
}

/// All its calls were answered, and not with whom they made: one that a vendor answers so, having done nothing, begins afresh
/// where its client asks again. Whoever is there is found by his name.
pub async fn is_missed(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
) -> Result<(), Stopped> {
    let Some(birth) = making::of(cx).filter(|birth| making::is_nameless(birth)) else {
        return Ok(());
    };
    match deeds(cx, birth, operation, wanted).await.map_err(Stopped::Between)? {
        (_, None) if seek(cx, wanted).await.map_err(Stopped::Between)?.is_none() => {
            misses(cx, birth)
        }
        _ => Ok(()),
    }
}

/// The same of one of which calls are left, behind one that looks for whom it made and has found nobody.
pub async fn in_vain(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
    stopped: Stopped,
) -> Stopped {
    let looked = matches!(&stopped, Stopped::Between(failure) if is_lookup(operation, failure));
    let birth = making::of(cx).filter(|birth| looked && making::is_nameless(birth));
    // Where nobody can be looked for either it stays what it was, which says what was carried out.
    let Some(birth) = birth else { return stopped };
    let Ok(None) = seek(cx, wanted).await else { return stopped };
    match misses(cx, birth) {
        // The next try does.
        Ok(()) => Stopped::Between(Failure::behind(stopped::SOON)),
        Err(other) => other,
    }
}

/// Nobody was found: that is believed when he had the time to show.
fn misses(cx: &Context<'_>, birth: &Underway) -> Result<(), Stopped> {
    if let Some(since) = making::since(birth) {
        landed(cx, later(since, cx.settling()))?;
    }
    making::is_nothing(birth);
    Ok(())
}

/// Whether a call that reads has not answered as the mapping says: its place is the last one that stands before the fault.
fn is_lookup(operation: &Operation, failure: &Failure) -> bool {
    let Failure::Shape { place, .. } = failure.bare() else { return false };
    let at = |place: &Place| (place.span.line, place.span.column);
    let before = operation.steps.iter().filter(|step| at(&step.place) <= at(place));
    before.last().is_some_and(|step| step.method == Method::GET)
}

/// Waits, as its client does, until a call that was given up cannot come any more.
fn landed(cx: &Context<'_>, until: Timestamp) -> Result<(), Stopped> {
    match cx.left_until(until) {
        Some(after) => {
            let after = whole_seconds(after).max(1);
            Err(Stopped::Between(Failure::Unsettled { after }))
        }
        None => Ok(()),
    }
}

fn stuck(words: &str, reason: &'static str) -> Stopped {
    Stopped::Stuck(words.to_owned(), reason)
}

fn unknown(call: &str) -> Stopped {
    let words = format!(
        "whether `{call}` was carried out is not known, nothing shows it, and the mapping does not say that it may be \
         repeated (`repeat: safe`)"
    );
    Stopped::Stuck(words, "unknown")
}

/// What an earlier try has done of a create, and the step at which it stopped, if it did.
pub async fn deeds<'p>(
    cx: &Context<'_>,
    birth: &Underway,
    operation: &'p Operation,
    wanted: &Resource,
) -> Result<(Deeds<'p>, Option<usize>), Failure> {
    let wanted = references::keyed(cx, wanted).await?;
    let fields = fields(cx, &wanted).await?;
    let scope = cx.scope().with("resource", wanted.as_value()).with("fields", &fields);
    Ok(steps::recall(cx, operation, &scope, making::reached(birth, operation)).await)
}

/// Whether all of that can be taken back, and may.
pub async fn can_be_taken_back(
    cx: &Context<'_>,
    birth: &Underway,
    operation: &Operation,
    wanted: &Resource,
) -> Result<bool, Stopped> {
    let (deeds, open) = deeds(cx, birth, operation, wanted).await.map_err(Stopped::Between)?;
    let all = deeds.can_be_taken_back() && !deeds.stays();
    Ok(all && open.is_some() && !making::stays(birth))
}

/// Takes back what an earlier try has done. What the vendor refuses to take back is gone on with.
pub async fn take_back(
    cx: &Context<'_>,
    operation: &Operation,
    wanted: &Resource,
) -> Result<(), Stopped> {
    let Some(birth) = making::of(cx) else { return Ok(()) };
    let deeds = deeds(cx, birth, operation, wanted).await.map_err(Stopped::Between)?;
    if !deeds.0.can_be_taken_back() {
        undoing::is_undone(birth, false);
    }
    let left = undo::back(cx, deeds.0).await;
    if making::is_undoing(birth) {
        return Err(Stopped::Between(left.told(Failure::Behind { after: SOON, away: false })));
    }
    if making::reached(birth, operation).calls == 0 {
        making::is_nothing(birth);
    }
    Ok(())
}

/// Seconds until what could not be taken back now may be.
const SOON: u64 = 5;

/// Forgets how far it came where whom it made has gone since, and says whether he has. Who was made just now may not show
/// yet: that is believed when no call of it can be on its way any more.
pub async fn forgets(cx: &Context<'_>) -> bool {
    let Some(birth) = making::of(cx) else { return false };
    let key = birth.progress(|progress| progress.birth.as_ref()?.key.clone());
    let Some(key) = key else { return false };
    if making::shows(cx, birth).and_then(|shows| cx.left_until(shows)).is_some() {
        return false;
    }
    // In part he may not count as there yet.
    let has_gone = match (making::made(birth), &cx.plan.operations.get) {
        (Some(_), _) => matches!(is_there(cx, key).await, Ok(false)),
        (None, Some(get)) => matches!(record::record(cx, get, &key).await, Ok(None)),
        (None, None) => false,
    };
    if has_gone {
        making::is_nothing(birth);
    }
    has_gone
}

/// Whether the vendor has somebody with this key who counts as there.
async fn is_there(cx: &Context<'_>, key: String) -> Result<bool, Failure> {
    let who = identity::known(cx, vec![key.clone()]).await?.identity(key);
    Ok(lookup::existing(cx, &who).await?.is_some())
}
