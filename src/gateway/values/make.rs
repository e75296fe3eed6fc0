//! Makes Groups that are values: all who are to be in one join it.

use super::{
    super::{
        Context,
        begun::{self, End},
        error::Failure,
        identity::Identity,
        journal::part,
    },
    Values,
    group::{Group, text},
    moves::{Done, Moves},
    write::Wanted,
};
use crate::{
    scim::{
        error::{Error, ScimType},
        message::{Action, Response},
        resource::Resource,
        validate,
    },
    store::State,
};
use futures_util::FutureExt;

/// Makes one. One of ours that stopped half-way is finished by its repeat.
pub async fn create(cx: &Context<'_>, wanted: Resource) -> Result<Response, Failure> {
    validate::create(&wanted, &cx.plan.kind)?;
    let name = Values::new(cx)?.name_of(&wanted).await?;
    let turn = cx.turn_of(&name).await?;
    let said = Action::Create(wanted.clone());
    let (cx, is_begun) = part::resume(&cx.within(&turn), &name, &said).await?;
    let work = async { Values::new(&cx)?.make(&name, &wanted, is_begun).await };
    part::carry_out(&cx, work.boxed()).await
}

impl Values<'_, '_> {
    /// Goes on with what nobody lived to end.
    pub async fn finish(&self, wanted: &Resource) -> Result<Response, Failure> {
        let name = self.name_of(wanted).await?;
        self.make(&name, wanted, true).await
    }

    /// Makes one, whose turn is held. Whoever is in one that was begun before is no other's.
    async fn make(
        &self,
        name: &str,
        wanted: &Resource,
        is_begun: bool,
    ) -> Result<Response, Failure> {
        let _locks = self.locks(&[name]).await?;
        let begun = self.name(name);
        let group = match self.by_name(name).await? {
            Some(_) if !is_begun && !begun::has(self.cx, &begun).await? => {
                return Err(Error::uniqueness("`displayName` is taken by another group").into());
            }
            there => there.unwrap_or_else(|| Group::bare(name, None)),
        };
        let is_there = !group.having.members.is_empty();
        let Wanted { external_id, joins, asked, .. } = self.wanted(&group, wanted)?;
        let nobody = joins.is_empty() && !is_there;
        if nobody && !self.of().keeps_empty {
            let detail = "a group is there while somebody is in it: found no `members`";
            return Err(Error::bad(ScimType::InvalidValue, detail).into());
        }
        self.free(external_id.as_deref(), &[name]).await?;
        let (changed, marked) = match joins.is_empty() {
            true => (Vec::new(), is_there),
            false => {
                let moves = Moves { join: Some((name, joins)), ..Moves::default() };
                (self.named(&begun, moves).await?, true)
            }
        };
        self.settled(&asked).await?;
        if marked {
            let who = Identity::of_key(name);
            let end = End::Done { who: &who, how: State::Made, revived: false, repeats: None };
            begun::end(self.cx, &[begun], end, Vec::new()).await?;
        }
        self.hold(name, external_id.clone()).await?;
        self.told(Done { name: name.to_owned(), external_id, changed, created: true }).await
    }

    /// The name that a new one comes to have.
    async fn name_of(&self, wanted: &Resource) -> Result<String, Failure> {
        self.fitting(&text(wanted, "displayName").unwrap_or_default()).await
    }
}
