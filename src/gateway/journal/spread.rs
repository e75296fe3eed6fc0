//! A write that comes to several resources: an entry of its own stands from before the first of them until behind the last.

use super::underway::Underway;
use crate::gateway::{Context, error::Failure};

impl Underway {
    /// Several resources are about to be changed by it: whoever finds the entry looks at each of them.
    pub async fn spreads(&self, cx: &Context<'_>) -> Result<(), Failure> {
        let change = {
            let mut state = self.state();
            if state.progress.spread {
                return Ok(());
            }
            state.progress.spread = true;
            state.change()
        };
        self.write(cx, change).await?;
        self.state().entered = true;
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
