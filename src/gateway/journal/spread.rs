//! A write that comes to several resources: an entry of its own stands from before the first of them until behind the last.

use super::{progress::Progress, state::State, underway::Underway};
use crate::{
    gateway::{Context, error::Failure},
    store::Entry,
};

impl Underway {
    /// It is durable: what it comes to, which must not be lost, is known only now.
    pub async fn lasts(&self, cx: &Context<'_>) -> Result<(), Failure> {
        let is_passing = self.state().passing;
        if is_passing || self.is_durable() {
            return Ok(());
        }
        self.enters(cx, |entry, _| entry.durable = true).await?;
        cx.metrics.journal_received(cx.tenant);
        Ok(())
    }

    /// Several resources are about to be changed by it: whoever finds the entry looks at each of them.
    pub async fn spreads(&self, cx: &Context<'_>) -> Result<(), Failure> {
        match self.is_spread() {
            true => Ok(()),
            false => self.enters(cx, |_, progress| progress.spread = true).await,
        }
    }

    /// Writes it down as it is from here on, in front of what was received since its turn began.
    async fn enters(
        &self,
        cx: &Context<'_>,
        is: impl FnOnce(&mut Entry, &mut Progress),
    ) -> Result<(), Failure> {
        let (change, before) = {
            let mut state = self.state();
            let before = (state.entry.clone(), state.progress.clone());
            let State { entry, progress, entered, .. } = &mut *state;
            is(entry, progress);
            progress.ahead |= !*entered;
            (state.change(), before)
        };
        let written = self.write(cx, change).await;
        let mut state = self.state();
        match written {
            Ok(_) => state.entered = true,
            // What is not written down is as it was.
            Err(failure) => {
                (state.entry, state.progress) = before;
                return Err(failure);
            }
        }
        Ok(())
    }

    /// Whether the store has it.
    pub fn is_entered(&self) -> bool {
        self.state().entered
    }

    /// None of them was changed.
    pub fn gathers(&self) {
        let mut state = self.state();
        state.progress.spread = state.left;
    }

    /// Whether some resources may be changed by it, and others not.
    pub fn is_spread(&self) -> bool {
        self.state().progress.spread
    }

    /// Whether that was so before this try, so that nobody knows of it.
    pub fn is_left(&self) -> bool {
        self.state().left
    }
}
