//! Commits what has become of an entry, under the lease on its resource, before what it says is done.

use super::{late, underway::Underway};
use crate::{
    crash,
    gateway::{Context, error::Failure},
    store::{Change, Entry, Receipt},
};

impl Underway {
    pub(super) async fn write(&self, cx: &Context<'_>, change: Change) -> Result<Receipt, Failure> {
        self.write_all(cx, vec![change]).await
    }

    pub(super) async fn write_all(
        &self,
        cx: &Context<'_>,
        changes: Vec<Change>,
    ) -> Result<Receipt, Failure> {
        let written = self.written(cx, changes).await;
        self.told(cx, written).await
    }

    pub(super) async fn written(
        &self,
        cx: &Context<'_>,
        changes: Vec<Change>,
    ) -> Result<Receipt, Failure> {
        if crash::off("journal") {
            return Ok(Receipt::default());
        }
        let kind = cx.rows().kind;
        let batch = changes.into_iter().fold(cx.batch(), |all, one| all.with(kind.clone(), one));
        let written = cx.store()?.write(batch);
        if crash::off("order") {
            return Ok(Receipt::default());
        }
        cx.ask(written).await
    }

    /// Where another replica has the resource by now, it hears of what has left all the same.
    pub(super) async fn told<T>(
        &self,
        cx: &Context<'_>,
        written: Result<T, Failure>,
    ) -> Result<T, Failure> {
        if self.has_sent() && written.as_ref().is_err_and(Failure::is_overtaken) {
            let made = self.made();
            late::report(cx, made).await;
        }
        written
    }

    /// The entry of a create with how far it has come, the first time that it is asked for.
    fn made(&self) -> Option<Entry> {
        let mut state = self.state();
        let first = !std::mem::replace(&mut state.late, true);
        // Of one that was refused there is nobody.
        let made = state.progress.birth.is_some() && first && state.progress.has_effects();
        made.then(|| Entry { progress: state.progress.held(), ..state.entry.clone() })
    }
}
