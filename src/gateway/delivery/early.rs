//! `acknowledge: early`: a write that has to wait, and whose client is told that it is done all the same.
//!
//! A 2xx is a promise then, so there are limits to it: only what time alone mends is promised, nothing of which a part is
//! not held, and nothing behind what has waited for a day. That it was acknowledged stands in its entry before the answer
//! leaves.

use super::super::{
    Context,
    crossing::Standing,
    error::Failure,
    guard,
    journal::{reach, stopped::Stopped},
    overlay::{self, Overlay},
};
use crate::{
    scim::{
        intent::{self, Intent},
        message::{Action, Projection, Response},
    },
    store::{Change, Entry},
};
use std::time::Duration;

/// Where something waits for longer than that, the vendor is not just away: nothing more is promised.
const AT_LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A write that may be acknowledged before the vendor has it.
pub struct Early {
    entry: Entry,
    /// It may take somebody's access away.
    ends: bool,
    /// Its answer is the resource.
    shows: bool,
}

impl Early {
    /// Of a write that was entered; nothing where it may not be. `shown` is what its client wants to see.
    pub fn of(
        cx: &Context<'_>,
        entry: &Entry,
        action: &Action,
        shown: &Projection,
    ) -> Option<Self> {
        // What is held outside is read as it is held.
        if !cx.acknowledges_early() || cx.plan.skips() || !reach::is_early(cx, action) {
            return None;
        }
        // A password is not held: what is promised would not be all that was asked for.
        Intent::of(action, &cx.plan.kind).filter(|intent| intent.whole)?;
        let ends = intent::may_end(action, &cx.plan.kind);
        // RFC 7644 §3.5.1: the answer to a PUT is the entire resource; §3.5.2: to a PATCH where attributes are asked for.
        let shows = match action {
            Action::Replace { .. } => true,
            Action::Patch { .. } => *shown != Projection::Default,
            _ => false,
        };
        Some(Self { entry: entry.clone(), ends, shows })
    }

    /// What its client is told where it was stopped: that it is done, if that may be said. Its turn is held.
    pub async fn or(self, cx: &Context<'_>, stopped: Stopped) -> Result<Response, Stopped> {
        let Stopped::Waits { number, failure, .. } = &stopped else { return Err(stopped) };
        let entry = match number {
            // Somebody else has brought its own to an end, and it was begun anew.
            Some(number) if *number != self.entry.number => {
                Entry { number: number.clone(), acknowledged: false, ..self.entry.clone() }
            }
            _ => self.entry.clone(),
        };
        match self.acknowledged(cx, entry, failure).await {
            Ok(Some(response)) => Ok(response),
            // Whatever stood in the way of that: it waits, and its client is told so.
            Ok(None) | Err(_) => Err(stopped),
        }
    }

    async fn acknowledged(
        &self,
        cx: &Context<'_>,
        entry: Entry,
        failure: &Failure,
    ) -> Result<Option<Response>, Failure> {
        // What was promised is not taken back for what an earlier try has left behind.
        let settles = entry.acknowledged && matches!(failure.bare(), Failure::Unsettled { .. });
        if !failure.is_transient() && !settles {
            return Ok(None);
        }
        let depth = cx.ask(cx.store()?.depth(cx.tenant)).await?;
        let waits = depth.oldest.and_then(|oldest| cx.at().duration_since(oldest).try_into().ok());
        if waits.is_some_and(|waits: Duration| waits > AT_LONGEST) {
            return Ok(None);
        }
        if self.ends {
            guard::pass(cx, &entry.id).await?;
        }
        let response = match self.shows {
            true => self.shown(cx, &entry).await?,
            false => Response::NoContent,
        };
        let Entry { id, number, acknowledged, .. } = entry;
        let change = Change::Acknowledge { id, number: number.clone() };
        cx.ask(cx.store()?.write(cx.batch().with(cx.rows().kind, change))).await?;
        if !acknowledged {
            cx.metrics.journal_acknowledged(cx.tenant);
        }
        cx.trace().acknowledged = Some(number);
        Ok(Some(response))
    }

    /// The vendor's record, with what was acknowledged and with this: an echo of what was asked for is no answer.
    async fn shown(&self, cx: &Context<'_>, entry: &Entry) -> Result<Response, Failure> {
        let mut all = overlay::acknowledged(cx, &entry.id).await?;
        if all.iter().all(|one| one.number != entry.number) {
            all.push(entry.clone());
        }
        let cx = cx.over(Overlay::of(all));
        let resource = Standing::of(&cx, &entry.id).await?.into_resource();
        Ok(Response::Resource { created: false, resource })
    }
}
