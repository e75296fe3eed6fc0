//! Members of whom something waits in the journal: what the vendor shows of one may be half of what was wanted.

use super::{
    super::{error::Failure, journal::queue},
    Values,
};
use crate::store::{Entry, Stage};
use std::collections::BTreeSet;

/// Entries that are read at once.
const PAGE: u64 = 1_000;

impl Values<'_, '_> {
    /// Fails while an earlier write waits of somebody whom a request asks for: that the vendor shows him as he is asked
    /// for is not all of it then.
    pub async fn settled(&self, asked: &BTreeSet<String>) -> Result<(), Failure> {
        if !self.cx.journals() || asked.is_empty() {
            return Ok(());
        }
        for id in self.waiting(asked).await? {
            let turn = self.users.turn_of(&id).await?;
            queue::clear(&self.users.within(&turn), &id).await?;
        }
        Ok(())
    }

    /// Those of them of whom something waits; as a rule nothing waits of anybody.
    async fn waiting(&self, asked: &BTreeSet<String>) -> Result<BTreeSet<String>, Failure> {
        let (cx, store) = (self.cx, self.cx.store()?);
        let mut waiting = BTreeSet::new();
        if cx.ask(store.depth(cx.tenant)).await?.waiting == 0 {
            return Ok(waiting);
        }
        let is = |entry: &Entry| {
            entry.stage == Stage::Waiting
                && entry.kind == self.users.plan.kind.name
                && asked.contains(&entry.id)
        };
        let mut read = 0;
        loop {
            let page = cx.ask(store.journal(cx.tenant, read, PAGE)).await?;
            let found = page.len() as u64;
            waiting.extend(page.into_iter().filter(is).map(|entry| entry.id));
            read += found;
            if found < PAGE {
                return Ok(waiting);
            }
        }
    }
}
