//! Undo: what the steps of an operation did is taken back when a later one fails for good, the last first.

use super::{
    Context,
    error::Failure,
    exchange,
    journal::{keyed, making, underway::Underway, undoing},
    trace::in_brief,
};
use crate::{
    mapping::{expr::Scope, plan::Step, translate::render},
    upstream::Call,
};
use http::Method;
use std::sync::Arc;

/// An operation that did not come to its end.
#[derive(Debug)]
pub struct Halted<'p> {
    /// Why.
    pub failure: Failure,
    /// What it had done by then.
    pub made: Deeds<'p>,
}

impl From<Failure> for Halted<'_> {
    fn from(failure: Failure) -> Self {
        Self { failure, made: Deeds::default() }
    }
}

/// What an operation has done so far.
#[derive(Debug, Default)]
pub struct Deeds<'p> {
    /// In the order in which it was done.
    back: Vec<Back<'p>>,
    /// What was done that nothing takes back.
    stays: Vec<&'p Step>,
    /// The vendor's record does not tell whether the call that stopped was carried out: it may show what an earlier step
    /// did, or later ones are missing.
    pub blind: bool,
    /// Calls that write and were answered as done.
    pub calls: usize,
}

/// The call that takes back what one call did. Deeds while its names are at hand; one that cannot be made is told
/// when it is wanted.
#[derive(Debug)]
struct Back<'p> {
    undo: &'p Step,
    call: Result<Arc<Call>, Failure>,
    /// Calls of the operation that had been carried out before the one that it takes back.
    before: usize,
}

/// What was done and stays.
#[derive(Debug, Default)]
pub struct Left {
    /// The calls that were to take it back.
    failed: Vec<String>,
    /// The steps that have none.
    stays: Vec<String>,
}

impl<'p> Deeds<'p> {
    /// Whether something of it can be taken back.
    pub fn can_be_taken_back(&self) -> bool {
        !self.back.is_empty()
    }

    /// Whether something was done that cannot be.
    pub fn stays(&self) -> bool {
        !self.stays.is_empty()
    }

    /// A call of a step was carried out; `scope` has what was captured of it.
    pub fn note(
        &mut self,
        cx: &Context<'_>,
        underway: Option<&Underway>,
        step: &'p Step,
        scope: &Scope<'_>,
    ) {
        match step.undo.as_deref() {
            Some(undo) => {
                let call = render::call(undo, scope).map_err(Failure::from).and_then(|mut call| {
                    keyed::put(cx, underway, undo, scope, &mut call.headers)?;
                    Ok(Arc::new(call))
                });
                self.back.push(Back { undo, call, before: self.calls.saturating_sub(1) });
            }
            None if step.method == Method::GET => {}
            // Of each of its items it is one step.
            None if self.stays.iter().any(|known| known.place == step.place) => {}
            None => self.stays.push(step),
        }
    }
}

impl Left {
    /// Whether all was taken back.
    pub fn is_nothing(&self) -> bool {
        self.failed.is_empty() && self.stays.is_empty()
    }

    /// The failure as the client is told of it: what is left behind stands in it.
    pub fn told(self, failure: Failure) -> Failure {
        let left = [
            ("what was made before it could not be taken back", self.failed),
            ("carried out, with no `undo`", self.stays),
        ];
        let left = left.into_iter().filter(|(_, what)| !what.is_empty());
        left.fold(failure, |failure, (lead, what)| {
            failure.and(&format!("{lead}: {}", what.join(", ")))
        })
    }
}

/// Takes back what was made, the last first, in the time that no other write may use. One that fails does not keep
/// the others, unless the journal goes on with it.
pub async fn back(cx: &Context<'_>, made: Deeds<'_>) -> Left {
    let cx = cx.until(cx.deadline);
    let _writing = cx.memory.scans.writing(&cx.plan.kind.name);
    let mut left = Left::default();
    for Step { label, place, .. } in made.stays {
        cx.remark(format!("a request failed halfway: `{label}` ({place}) has no `undo`"));
        left.stays.push(format!("`{label}` ({place})"));
    }
    if made.back.is_empty() {
        return left;
    }
    // What follows a create is taken back as any update is.
    let birth = making::of(&cx).filter(|birth| making::made(birth).is_none());
    // Whom a client has written to since is his, and so is another one.
    if let Some(birth) = birth.filter(|birth| making::stays(birth)) {
        undoing::is_undone(birth, false);
        left.failed.extend(made.back.iter().map(|back| format!("`{}`", back.undo.label)));
        return left;
    }
    // Half of it taken back and nothing of that written down, nobody could go on with it.
    if let Some(underway) = cx.underway.as_ref().filter(|_| birth.is_none())
        && let Err(failure) = underway.undoes(&cx).await
    {
        cx.remark(format!("nothing was taken back: {}", in_brief(&failure)));
        left.failed.extend(made.back.iter().map(|back| format!("`{}`", back.undo.label)));
        return left;
    }
    let mut goes_on = false;
    for Back { undo, call, before } in made.back.into_iter().rev() {
        let failure = match &call {
            // What comes before it is done without it: nobody could tell later that it is not.
            Ok(_) if goes_on => Failure::Waiting,
            Ok(call) => match one(&cx, birth, undo, call).await {
                Ok(()) => {
                    birth.iter().for_each(|birth| undoing::is_back(birth, before));
                    continue;
                }
                Err(failure) => failure,
            },
            Err(failure) => failure.clone(),
        };
        goes_on |= birth.is_some_and(|birth| undoing::is_left(birth, &failure));
        let Step { label, place, .. } = undo;
        // What the journal goes on to take back is nobody's to take back by hand.
        if !goes_on {
            cx.metrics.leftover(cx.tenant, label);
        }
        cx.remark(format!(
            "a leftover: `{label}` ({place}) took nothing back: {}",
            in_brief(&failure)
        ));
        left.failed.push(match call {
            Ok(call) => format!("`{} {}` ({place})", call.method, call.path),
            Err(_) => format!("`{label}` ({place})"),
        });
    }
    match birth {
        Some(birth) => undoing::is_undone(birth, goes_on),
        None if left.failed.is_empty() => cx.underway.iter().for_each(|it| it.undone()),
        None => {}
    }
    left
}

/// One call that takes something back. Of a create it is written down first, and so is what came of the one before it.
async fn one(
    cx: &Context<'_>,
    birth: Option<&Arc<Underway>>,
    undo: &Step,
    call: &Arc<Call>,
) -> Result<(), Failure> {
    if let Some(birth) = birth {
        undoing::takes_back(cx, birth, undo, call.safe).await?;
    }
    match exchange::perform(cx, undo, call, None).await {
        Ok(_) => Ok(()),
        // What is not there any more needs no taking back.
        Err(failure) if failure.not_found() => Ok(()),
        Err(failure) => Err(failure),
    }
}
