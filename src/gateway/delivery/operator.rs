//! What operators ask of a tenant's journal, and what they do about what stays in it.

use super::super::{
    Arrival, Context, Gateway,
    deed::{Deed, Refusal},
    error::Failure,
    journal::{due::later, making, progress::Progress, queue, unborn, watched},
    uuid,
};
use crate::{
    scim::intent::Intent,
    store::{Batch, Change, Entry, Error, Stage},
};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// How long a drop waits for who is at work on the resource: most calls of a vendor's are that short, and what is done
/// without the turn is right, too.
const MOMENT: Duration = Duration::from_secs(2);

/// What was done for an entry that is to be tried again.
#[derive(Debug, Clone, PartialEq)]
pub enum Retried {
    /// It waited, and is due now, with whatever stands before it.
    Hastened(Entry),
    /// It was a dead letter, and is this entry now, the last of its resource.
    Entered(Entry),
}

impl Gateway {
    /// The entries of its journal, dead letters too, the oldest first; none without a store.
    pub async fn journalled(&self, skip: u64, limit: u64) -> Result<Vec<Entry>, Error> {
        match self.memory.store.as_deref() {
            Some(store) => store.journal(&self.tenant, skip, limit).await,
            None => Ok(Vec::new()),
        }
    }

    /// The entry of this number.
    pub async fn entry(&self, number: &str) -> Result<Option<Entry>, Error> {
        match self.memory.store.as_deref() {
            Some(store) => store.entry(&self.tenant, number).await,
            None => Ok(None),
        }
    }

    /// Has an entry tried now, or a dead letter once more; nothing when there is no such entry.
    pub async fn retry_entry(
        &self,
        number: &str,
        now: Timestamp,
        deadline: Instant,
    ) -> Result<Option<Retried>, Refusal> {
        let Some(Entry { kind, id, .. }) = self.entry(number).await? else { return Ok(None) };
        self.may_be_told()?;
        let live = self.live();
        let plan = live.plan.resource(&kind).filter(|_| self.journals()).ok_or_else(|| {
            let why = format!(
                "the mapping does not carry out journalled writes of `{kind}` any more: drop it"
            );
            Refusal::Stands(why)
        })?;
        let cx = self.context(&live, plan, Arrival::of_nobody(now, deadline));
        let turn = cx.turn_of(&id).await?;
        let cx = cx.within(&turn);
        // From here on nobody else is at work on it.
        let entry = self.entry(number).await?.ok_or_else(Refusal::ended)?;
        let retried = match entry.stage {
            Stage::Waiting => hasten(&cx, entry.clone()).await?,
            Stage::Dead => again(&cx, entry.clone()).await?,
            Stage::Settling => return Err(Refusal::ended()),
        };
        let became = match &retried {
            Retried::Entered(entry) => Some(entry),
            Retried::Hastened(_) => None,
        };
        self.tell(Deed::Retry(&entry, became), now, deadline).await;
        Ok(Some(retried))
    }

    /// Ends an entry that waits, or a dead letter; nothing when there is no such entry. No call of it leaves any more,
    /// and one that has left is waited for. `reason` is for the log and for whoever looks.
    pub async fn drop_entry(
        &self,
        number: &str,
        reason: &str,
        now: Timestamp,
        deadline: Instant,
    ) -> Result<Option<Entry>, Refusal> {
        let Some(Entry { kind, id, .. }) = self.entry(number).await? else { return Ok(None) };
        self.may_be_told()?;
        let live = self.live();
        let plan = live.plan.resource(&kind);
        let cx = plan.map(|plan| self.context(&live, plan, Arrival::of_nobody(now, deadline)));
        let turn = match &cx {
            Some(cx) => match cx.until(deadline.min(Instant::now() + MOMENT)).turn_of(&id).await {
                Ok(turn) => Some(turn),
                Err(Failure::Waiting) => None,
                Err(failure) => return Err(failure.into()),
            },
            None => None,
        };
        let entry = self.entry(number).await?.ok_or_else(Refusal::ended)?;
        let within = cx.as_ref().zip(turn.as_ref()).map(|(cx, turn)| cx.within(turn));
        let changes = match (entry.stage, &within, &cx) {
            (Stage::Settling, ..) => {
                let until = entry.due;
                return Err(Refusal::Stands(format!(
                    "it has come to its end, and cannot be dropped: a call of it may reach the vendor until {until}, \
                     and what comes next to its resource waits for that"
                )));
            }
            (Stage::Waiting, Some(cx), _) => dropped(cx, &entry, reason, false),
            (Stage::Waiting, None, Some(cx)) => dropped(cx, &entry, reason, true),
            // Nobody is at work on what is served no more.
            _ => vec![Change::Strike { number: number.to_owned() }],
        };
        let batch = within.map_or_else(|| Batch::new(&*self.tenant), |cx| cx.batch());
        let store = self.memory.store.as_deref().ok_or_else(Refusal::ended)?;
        let with = |batch: Batch, change| batch.with(kind.as_str(), change);
        store.write(changes.into_iter().fold(batch, with)).await?;
        let tenant = &*self.tenant;
        tracing::warn!(tenant, kind, id, number, reason, "dropped from the journal");
        self.tell(Deed::Drop(&entry, reason), now, deadline).await;
        Ok(Some(entry))
    }
}

/// Of an entry that waited nothing is left but what may still reach the vendor of it. Who is `at_work` on it may have
/// sent something just now.
fn dropped(cx: &Context<'_>, entry: &Entry, reason: &str, at_work: bool) -> Vec<Change> {
    let entry = queue::in_reach(cx, entry).unwrap_or_else(|| entry.clone());
    let progress = Progress::of(&entry.progress);
    let (now, large) = (cx.at(), cx.at_large());
    let lands = progress.at_large(large).map_or(now, |lands| lands.max(now));
    let doubted = progress.has_effects().then(|| watched::doubted(cx, &entry.intent)).flatten();
    let settling = Entry {
        stage: Stage::Settling,
        due: if at_work { later(now, large) } else { lands },
        planned: now,
        progress: Progress { dropped: true, ..Progress::default() }.held(),
        error: Some(format!("dropped: {reason}")),
        ..entry
    };
    [Change::Amend(settling)].into_iter().chain(doubted).collect()
}

/// The entry and what stands before it are due now.
async fn hasten(cx: &Context<'_>, entry: Entry) -> Result<Retried, Refusal> {
    // When that was asked for, and not when it is written: it is due already.
    let (due, planned) = (cx.now, cx.now);
    let waiting = queue::waiting(cx, &entry.id).await?;
    let last = waiting.iter().position(|one| one.number == entry.number).unwrap_or(waiting.len());
    let before = waiting.into_iter().take(last + 1).filter(|one| one.stage == Stage::Waiting);
    let amended = before.map(|one| Change::Amend(Entry { due, planned, ..one }));
    let batch = amended.fold(cx.batch(), |batch, change| batch.with(cx.rows().kind, change));
    cx.ask(cx.store()?.write(batch)).await?;
    Ok(Retried::Hastened(Entry { due, planned, ..entry }))
}

/// A dead letter becomes a new entry, in one with its end. It would come behind all that was received since, so there
/// must be nothing of that: an old write must not undo a newer one.
async fn again(cx: &Context<'_>, dead: Entry) -> Result<Retried, Refusal> {
    let waiting = queue::waiting(cx, &dead.id).await?;
    let newer = waiting.iter().filter(|one| one.stage == Stage::Waiting).count();
    if newer > 0 {
        let (kind, id) = (&dead.kind, &dead.id);
        return Err(Refusal::Stands(format!(
            "later writes to {kind} {id} are pending ({newer}), and it would undo what they do: wait until they have \
             ended, or drop them, and look then whether it is still wanted; if not, drop it"
        )));
    }
    if Intent::verb(&dead.intent) != Some("delete") && Intent::paths(&dead.intent).is_empty() {
        let why = "nothing of what it wants is held (a password never is): its client has to send it anew; drop it";
        return Err(Refusal::Stands(why.to_owned()));
    }
    let progress = Progress::of(&dead.progress);
    let promised = progress.birth.as_ref().is_some_and(|birth| birth.promised);
    // Whether the call was carried out that is in doubt shows when he is looked for by his name.
    if unborn::is(&dead) && !promised && !making::is_begun(&progress) {
        let why = "whether anybody was made is not known, and its client alone can tell who: let that send it anew, or drop it";
        return Err(Refusal::Stands(why.to_owned()));
    }
    let struck = Change::Strike { number: dead.number.clone() };
    // What was done stays done, or what is left would be taken for done because the record shows the first of it; nothing
    // is known of it any more where somebody has written the same since. That a call in doubt may be made once more is
    // what the operator says.
    let in_doubt = promised && !making::is_begun(&progress);
    // Of one that nobody knows the beginning of it is looked for, as it was.
    let sent = progress.sent.clone().filter(|_| in_doubt);
    let mut progress = Progress { sent, ..progress };
    // Nor is whom a create has found another one.
    progress.birth.iter_mut().for_each(|birth| birth.known |= birth.guessed);
    let progress = progress.held();
    let entry = Entry {
        number: uuid::new()?,
        stage: Stage::Waiting,
        // Nobody else hears what becomes of it.
        durable: true,
        // Reads have told the truth since it died: what was promised then is promised no more.
        acknowledged: false,
        due: cx.now,
        planned: cx.now,
        attempts: 0,
        progress,
        error: None,
        ..dead
    };
    let kind = cx.rows().kind;
    let batch = cx.batch().with(kind.clone(), Change::Enter(entry.clone())).with(kind, struck);
    cx.ask(cx.store()?.write(batch)).await?;
    let Entry { kind, id, number, .. } = &entry;
    tracing::warn!(tenant = cx.tenant, kind, id, number, "a dead letter is tried once more");
    Ok(Retried::Entered(entry))
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Store { error, .. } => error.into(),
            Failure::Refused(error) => Self::Later(error.detail),
            _ => Self::Later("its resource is being written just now: ask again".to_owned()),
        }
    }
}
