//! Members of whom something waits in the journal: what the vendor shows of one may be half of what was wanted.

use super::{
    super::{error::Failure, journal::queue},
    Values,
};
use crate::store::{Entry, Stage};
use std::collections::BTreeSet;

/// More than there are, so that they are of one moment: a tenant's journal has 10,000 that wait, and its dead letters.
const ALL: u64 = 1_000_000;

impl Values<'_, '_> {
    /// Fails while an earlier write waits of somebody whom a request asks for: that the vendor shows him as he is asked
    /// for is not all of it then.
    pub async fn settled(&self, asked: &BTreeSet<String>) -> Result<(), Failure> {
        if !self.cx.journals() || asked.is_empty() {
            return Ok(());
        }
        for id in self.waiting(asked).await? {
            let turn = self.users.turn_of(&id).await?;
            let clear = queue::clear(&self.users.within(&turn), &id).await;
            clear.map_err(|failure| {
                let words = format!(
                    "that is of `{id}`: the members were changed, and an earlier write of this one is not at its end"
                );
                self.cx.halfway(failure, &words)
            })?;
        }
        Ok(())
    }

    /// Those of them of whom something waits; as a rule nothing waits of anybody.
    async fn waiting(&self, asked: &BTreeSet<String>) -> Result<BTreeSet<String>, Failure> {
        let (cx, store) = (self.cx, self.cx.store()?);
        let own = cx.underway.as_ref().is_some_and(|underway| underway.is_entered());
        if cx.ask(store.depth(cx.tenant)).await?.waiting <= u64::from(own) {
            return Ok(BTreeSet::new());
        }
        let is = |entry: &Entry| {
            entry.stage == Stage::Waiting
                && entry.kind == self.users.plan.kind.name
                && asked.contains(&entry.id)
        };
        let all = cx.ask(store.journal(cx.tenant, 0, ALL)).await?;
        Ok(all.into_iter().filter(is).map(|entry| entry.id).collect())
    }
}
