//! Members come and go, one User after the other: each is read, changed by the User's own operations and looked at
//! again while nobody else writes to him. What is done when one fails stays done, and the client is told.

use super::{
    super::{
        Context,
        crossing::{self, Standing},
        error::{Failure, fault},
        journal::{part, queue},
        meets, members, outsider,
    },
    Values,
};
use crate::{
    scim::{
        error::{Error, ScimType},
        message::Action,
        resource::Resource,
        validate,
    },
    store,
};
use futures_util::FutureExt;

/// Who goes from where to where.
#[derive(Debug, Default)]
pub struct Moves<'v> {
    /// These leave this value.
    pub leave: Option<(&'v str, Vec<String>)>,
    /// These have the first value and get the second for it.
    pub change: Option<(&'v str, &'v str, Vec<String>)>,
    /// These join this one.
    pub join: Option<(&'v str, Vec<String>)>,
}

/// One member's move.
struct Move<'v> {
    id: String,
    out: Option<&'v str>,
    into: Option<&'v str>,
}

/// What came of it.
#[derive(Debug)]
pub struct Done {
    /// The Group's name from now on.
    pub name: String,
    /// The client's own id of it.
    pub external_id: Option<String>,
    /// Those who were changed, as they are now.
    pub changed: Vec<Resource>,
    /// It was not there before.
    pub created: bool,
}

/// Why it ended early.
#[derive(Debug)]
pub struct Stopped {
    failure: Failure,
    /// Something was changed, or may have been.
    pub between: bool,
}

impl From<Stopped> for Failure {
    fn from(stopped: Stopped) -> Self {
        stopped.failure
    }
}

impl<'v> Moves<'v> {
    /// In order: who leaves has less, and that is done first.
    fn into_order(self) -> Vec<Move<'v>> {
        let mut all = Vec::new();
        let mut some = |ids: Vec<String>, out, into| {
            all.extend(ids.into_iter().map(|id| Move { id, out, into }));
        };
        if let Some((out, ids)) = self.leave {
            some(ids, Some(out), None);
        }
        if let Some((out, into, ids)) = self.change {
            some(ids, Some(out), Some(into));
        }
        if let Some((into, ids)) = self.join {
            some(ids, None, Some(into));
        }
        all
    }
}

impl Values<'_, '_> {
    /// Carries the moves out. Nothing is changed before all who join are known to be there (RFC 7644 §3.5.2).
    pub async fn carry_out(&self, moves: Moves<'_>) -> Result<Vec<Resource>, Stopped> {
        let joining = moves.join.iter().flat_map(|(_, ids)| ids).cloned().collect();
        let moves = moves.into_order();
        let of = moves.len();
        // One alone is looked at before he is changed.
        if of > 1 {
            let nothing = |failure| Stopped { failure, between: false };
            let joining = outsider::others(&self.users, joining).await.map_err(nothing)?;
            let joining = members::of_ids(&self.users, joining).await.map_err(nothing)?;
            members::exist(&self.users, joining).await.map_err(nothing)?;
            if let Some(underway) = &self.cx.underway {
                underway.spreads(self.cx).await.map_err(nothing)?;
            }
        }
        let (mut changed, mut moved) = (Vec::new(), 0);
        for (done, one) in moves.iter().enumerate() {
            // Told in time: a client that gives up by itself does not repeat by itself.
            if done > 0 && self.cx.live.upstream.now() >= self.cx.writes_until {
                let place = self.of().place.clone();
                // Who was as he shall be is none that it has come further by.
                let failure = Failure::Unfinished { done: moved, of, place };
                return Err(Stopped { failure, between: true });
            }
            match self.carry(one).await {
                Ok(now) => {
                    moved += usize::from(now.as_ref().is_some_and(|(_, moved)| *moved));
                    changed.extend(now.map(|(now, _)| now));
                }
                Err(failure) => {
                    let stopped = self.stopped(failure, &one.id, done, of);
                    if let Some(underway) = self.cx.underway.as_ref().filter(|_| !stopped.between) {
                        underway.gathers();
                    }
                    return Err(stopped);
                }
            }
        }
        Ok(changed)
    }

    /// One move, while nobody else writes to the User: he as he is now, and whether he was another before. Who is not there
    /// has left.
    async fn carry(&self, one: &Move<'_>) -> Result<Option<(Resource, bool)>, Failure> {
        let accepted = self.cx.underway.as_ref().map(|underway| underway.entry().accepted);
        let met = meets::meets(&self.users, &one.id, None, accepted).await?;
        let carried = self.carried(one).await;
        let word = |_: &Context<'_>, before: &Resource| {
            let mut after = before.clone();
            let _left = one.out.is_some_and(|out| self.belonging.leave(&mut after, out));
            let _joined = one.into.is_some_and(|into| self.belonging.join(&mut after, into));
            after
        };
        met.ends(&self.users, carried.is_ok().then_some(&word)).await;
        carried
    }

    async fn carried(&self, one: &Move<'_>) -> Result<Option<(Resource, bool)>, Failure> {
        let turn = self.users.turn_of(&one.id).await?;
        let users = self.users.within(&turn);
        self.is_ours().await?;
        queue::clear(&users, &one.id).await?;
        let moved = match Standing::of(&users, &one.id).await {
            // All that an update is: a thread has room for so many of these, one within the other.
            Ok(before) => Box::pin(self.moved(&users, one, before)).await,
            Err(failure) => Err(failure),
        };
        match moved {
            Err(failure) if failure.is_gone() && one.into.is_some() => {
                let detail = format!("there is no {} `{}`", users.plan.kind.name, one.id);
                Err(Error::bad(ScimType::InvalidValue, detail).into())
            }
            Err(failure) if failure.is_gone() => Ok(None),
            moved => moved.map(Some),
        }
    }

    /// Fails where the Group's turn was lost meanwhile, or its write was dropped: a User's own turn knows nothing of that.
    async fn is_ours(&self) -> Result<(), Failure> {
        let cx = self.cx;
        match (&cx.underway, &cx.lease) {
            (Some(underway), _) if underway.is_spread() => underway.notes(cx).await,
            (_, Some(lease)) => {
                let store = cx.store()?;
                let holds = async {
                    match store.holds(lease).await? {
                        true => Ok(()),
                        false => Err(store::Error::Conflict(store::Clash::Lease)),
                    }
                };
                cx.ask(Box::pin(holds)).await
            }
            (_, None) => Ok(()),
        }
    }

    /// The same for one who is there: an update of the attribute, and nothing where he is as he shall be.
    async fn moved(
        &self,
        users: &Context<'_>,
        one: &Move<'_>,
        before: Standing,
    ) -> Result<(Resource, bool), Failure> {
        let mut after = before.resource().clone();
        let left = one.out.is_some_and(|out| self.belonging.leave(&mut after, out));
        let joined = one.into.is_some_and(|into| self.belonging.join(&mut after, into));
        let moves = left || joined;
        if moves {
            self.leavable(one, &after)?;
            validate::update(before.resource(), &after, &users.plan.kind)?;
        }
        let operations = vec![self.belonging.said(&after)];
        let wanted = Action::Patch { id: one.id.clone(), operations };
        let users = &part::begin(users, &one.id, &wanted)?;
        let work = async {
            // What is as it shall be is kept all the same where it is watched: nothing older comes back over it.
            if !moves {
                return Ok(before.into_resource());
            }
            let now = crossing::apply(users, before, &after).await?;
            self.held_true(users, one, now).await
        };
        Ok((part::carry_out(users, work.boxed()).await?, moves))
    }

    /// Who has no value any more gets the rule's `default`: that one nobody leaves but for another.
    fn leavable(&self, one: &Move<'_>, after: &Resource) -> Result<(), Failure> {
        let rule = self.belonging.rule;
        let (Some(out), Some(default)) = (one.out, &rule.default) else { return Ok(()) };
        let default = default
            .text(&self.users.scope())
            .map_err(|error| fault(&rule.place, &error.message))?;
        let back = self.belonging.values(after).next().is_none()
            && default.is_some_and(|default| self.belonging.same(&default, out));
        match back {
            true => {
                let detail =
                    format!("`{out}` is what who leaves gets: nobody leaves it but for another");
                Err(Error::bad(ScimType::Mutability, detail).into())
            }
            false => Ok(()),
        }
    }

    /// A 2xx is never a lie: the User's own record shows the move, at once or a moment later.
    async fn held_true(
        &self,
        users: &Context<'_>,
        one: &Move<'_>,
        now: Resource,
    ) -> Result<Resource, Failure> {
        let shows = |now: &Resource| {
            let stays = one.out.is_some_and(|out| self.belonging.has(now, out));
            let misses = one.into.is_some_and(|into| !self.belonging.has(now, into));
            // A change of case alone leaves and joins the same.
            !misses && (!stays || one.into.is_some_and(|into| self.belonging.has(now, into)))
        };
        if shows(&now) {
            return Ok(now);
        }
        users.settle().await;
        let now = Standing::of(users, &one.id).await?.into_resource();
        if shows(&now) {
            return Ok(now);
        }
        let (rule, id) = (self.belonging.rule, &one.id);
        let message = format!(
            "the vendor took the change of `{}` of `{id}`, and its own record does not show it",
            rule.target
        );
        Err(Failure::Untrue { message, place: rule.place.clone() })
    }

    /// Who it was, and how much is done: a client that hears of the failure alone would take it for nothing.
    fn stopped(&self, failure: Failure, id: &str, done: usize, of: usize) -> Stopped {
        let half = matches!(failure, Failure::Journalled { .. });
        let failure = part::told(self.cx, failure);
        let between = done > 0 || half || self.is_left() || failure.doubtful();
        let failure = match (done, of) {
            (_, ..=1) => failure,
            (0, of) => failure.and(&format!("that was of member `{id}`, the first of {of}")),
            (done, of) => {
                let told = format!(
                    "that was of member `{id}`: {done} of {of} members were done, repeat the request for the rest"
                );
                self.cx.halfway(failure, &told)
            }
        };
        Stopped { failure, between }
    }
}
