//! The second look. A replica that stands still between the look at its lease and its call sends that call when it goes
//! on, and no store can hold it back: an older write comes last. So what is done to a resource whose lease was taken is
//! kept for a while ([`Change::Done`]), and then whoever has its turn asks for all of it once more, as one write: replayed
//! one by one it would switch somebody on and off again. Where the vendor's record shows it there is nothing to do.
//!
//! A report of a call that has left late makes a look due at once, and does not end the watch: there may be another one.

use super::{
    super::{
        Context,
        audited::Delivery,
        crossing::Standing,
        ending,
        error::Failure,
        identity,
        journal::{
            attempt::attempt,
            letters, received,
            stopped::Stopped,
            underway::Underway,
            verdict::{self, Verdict},
            watched::fold,
        },
        lookup,
        trace::in_brief,
        uuid,
    },
    act::act,
    turn::status,
};
use crate::{
    mapping::plan::DeleteBy,
    scim::{
        attribute::AttributePath,
        conditions::Conditions,
        intent::Intent,
        message::{Action, Projection},
        resource::Resource,
    },
    store::{Change, Lease, Watch},
};
use serde_json::Value;

/// Looks at a resource once more, where it is time; everything that waited of it was carried out. Whoever asks has its
/// turn.
pub async fn look(cx: &Context<'_>, id: &str) -> Result<(), Failure> {
    let Some(lease) = cx.lease.as_ref().filter(|lease| lease.watched) else { return Ok(()) };
    let store = cx.store()?;
    let watch = cx.ask(store.watch(cx.tenant, &lease.name, cx.at_large())).await?;
    let Some(Watch { reports, over, writes, .. }) = watch.filter(|watch| watch.due) else {
        return Ok(());
    };
    // What is asked for once more is no write that came since.
    let cx = &cx.under_lease(Lease { watched: false, ..lease.clone() });
    // Nothing was done since, and of a create, which has no id yet, nobody could be asked for.
    let action = match writes.is_empty() {
        true => None,
        false => fold(id, &writes, cx.live.profile, &cx.plan.kind, &shown(cx, id).await?),
    };
    match action {
        Some(Action::Delete { .. }) => end_again(cx, id).await?,
        Some(action) => write_again(cx, id, action).await?,
        None => {}
    }
    let looked = Change::Looked { name: lease.name.clone(), reports, over };
    cx.ask(store.write(cx.batch().with(cx.rows().kind, looked))).await.map(drop)
}

/// The resource as it is; nothing where it is no more, or is watched in its members.
async fn shown(cx: &Context<'_>, id: &str) -> Result<Option<Resource>, Failure> {
    if cx.plan.values_of().is_some() {
        return Ok(None);
    }
    match Standing::of(cx, id).await {
        Ok(standing) => Ok(Some(standing.into_resource())),
        Err(failure) if failure.is_gone() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Asks for it by the ordinary way of a write, which does nothing where the vendor's record shows it. What cannot be
/// done now is looked at again; what has left stays in the journal as long as it may come.
async fn write_again(cx: &Context<'_>, id: &str, action: Action) -> Result<(), Failure> {
    let intent = Intent::of(&action, &cx.plan.kind).map(|intent| intent.value);
    let Some(intent) = intent else { return Ok(()) };
    // Not durable: what has not left is no entry, for it would stand behind what was received meanwhile, and the next look,
    // which knows of that, asks again.
    let entry = received::fresh(cx, id, intent, received::at_work(cx))?;
    let number = entry.number.clone();
    let underway = Underway::passing(entry);
    let under = cx.under(&underway);
    let delivery = Delivery::begin(&under, number.clone(), &action);
    let (conditions, nothing) = (Conditions::default(), Projection::default());
    let done = attempt(&under, act(&under, action, &conditions, &nothing), true).await;
    if underway.has_sent() {
        if done.is_ok() {
            repaired(cx, id, &number);
        }
        if let Some(delivery) = delivery {
            delivery.end(status(&under, &done)).await;
        }
    } else if done.is_ok() {
        cx.metrics.second_look(cx.tenant, "same");
    }
    match done {
        Ok(_) => Ok(()),
        // An operator has it, whom no further look helps.
        Err(Stopped::Ended(_)) if letters::says(&under, &underway).await => {
            cx.metrics.second_look(cx.tenant, "dead");
            Ok(())
        }
        // It would be refused at each look.
        Err(Stopped::Ended(failure)) if verdict::of(&failure) == Verdict::Refused => {
            cx.metrics.second_look(cx.tenant, "refused");
            let words = format!(
                "an older write came last, and what was wanted since is refused: {}",
                cx.judge(failure.clone()).detail
            );
            underway.begins_anew()?;
            letters::bury(&under, &underway, "refused", words, &in_brief(&failure)).await;
            Ok(())
        }
        Err(Stopped::Ended(failure)) => Err(failure),
        Err(Stopped::Waits { after, .. }) => Err(Failure::behind(after)),
    }
}

/// Who was deleted and is alive at the vendor again is ended once more. Where that was by a call which leaves no record,
/// there is nothing that a late call could have changed; and whoever has been made anew since is not the one who was
/// deleted.
async fn end_again(cx: &Context<'_>, id: &str) -> Result<(), Failure> {
    let Some(delete) = &cx.plan.operations.delete else { return Ok(()) };
    let Some(who) = identity::of(cx, id).await? else { return Ok(()) };
    let found = lookup::existing(cx, &who).await?;
    let Some(found) = found.filter(|found| found.gone || !cx.plan.buries()) else { return Ok(()) };
    let active = found.resource.get(&AttributePath::core("active"));
    if active.and_then(Value::as_bool) != Some(true) {
        cx.metrics.second_look(cx.tenant, "same");
        return Ok(());
    }
    let number = uuid::new()?;
    let delivery = Delivery::begin(cx, number.clone(), &Action::Delete { id: id.to_owned() });
    let done = match &delete.how {
        DeleteBy::Update(index) => ending::transitions(cx, *index, found).await,
        DeleteBy::Call(operation) if found.gone => {
            ending::call(cx, operation, &who).await.map(drop)
        }
        DeleteBy::Call(_) => return Ok(()),
    };
    repaired(cx, id, &number);
    if let Some(delivery) = delivery {
        let told = done.as_ref().err().map(|failure| cx.judge(failure.clone()).status);
        delivery.end(told.unwrap_or(204)).await;
    }
    done
}

fn repaired(cx: &Context<'_>, id: &str, number: &str) {
    cx.metrics.second_look(cx.tenant, "repaired");
    let (tenant, kind) = (cx.tenant, &cx.plan.kind.name);
    tracing::warn!(tenant, kind, id, number, "an older write had come last: written once more");
}
