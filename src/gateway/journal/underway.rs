//! The write that is under way, and its entry: what is about to leave is written down before it leaves.

use super::{
    due::later,
    progress::{Begun, Progress, Sent, shape},
    state::{State, leaves},
    watched,
};
use crate::{
    crash,
    gateway::{
        Context,
        error::{Failure, whole_seconds},
        uuid,
    },
    mapping::plan::{Operation, Step},
    store::{self, Change, Entry, Stage},
};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One write at work.
#[derive(Debug)]
pub struct Underway(Mutex<State>);

impl Underway {
    /// The work on an entry that the store has.
    pub fn of(entry: Entry) -> Arc<Self> {
        Self::new(entry, true)
    }

    /// The same on behalf of a request that wants what an earlier one has entered.
    pub fn joined(entry: Entry) -> Arc<Self> {
        let underway = Self::new(entry, true);
        underway.state().joined = true;
        underway
    }

    /// The same of one that is entered with its first call, and not before.
    pub fn unwritten(entry: Entry) -> Arc<Self> {
        Self::new(entry, false)
    }

    /// The same of one that nobody can go on with later: it stands behind a condition, or was asked for by a look.
    pub fn passing(entry: Entry) -> Arc<Self> {
        let underway = Self::new(entry, false);
        underway.state().passing = true;
        underway
    }

    fn new(entry: Entry, entered: bool) -> Arc<Self> {
        let mut progress = Progress::of(&entry.progress);
        progress.begun.retain(|_| !crash::off("steps"));
        let begun = progress.begun.iter().filter(|begun| begun.calls > 0);
        let inherited = begun.map(|begun| begun.like.clone()).collect();
        let given_up = progress.sent.as_ref().map(|sent| sent.call.clone());
        let (visible, skip, now, others, sent) = (true, 0, None, None, false);
        let left = progress.spread;
        let state = State {
            entry,
            entered,
            progress,
            visible,
            skip,
            now,
            inherited,
            given_up,
            others,
            sent,
            left,
            joined: false,
            passing: false,
            late: false,
        };
        Arc::new(Self(Mutex::new(state)))
    }

    /// For a moment; nothing awaits while it is held.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The vendor's record as it was before the operation that an earlier try has begun.
    pub fn before(&self) -> Option<Value> {
        let begun = self.state().progress.begun.first().cloned();
        begun.map(|begun| begun.before).filter(|before| !before.is_null())
    }

    /// Whether an earlier try has carried out all of an operation. Where it stopped within none, the vendor's record
    /// tells.
    pub fn has_done(&self, operation: &Operation) -> bool {
        let state = self.state();
        !state.progress.begun.is_empty() && state.progress.done.contains(&shape(operation))
    }

    /// All of an operation was carried out.
    pub fn completes(&self, operation: &Operation) {
        let like = shape(operation);
        let progress = &mut self.state().progress;
        progress.begun.retain(|begun| begun.like != like);
        progress.done.push(like);
    }

    /// An operation begins. `before` is the vendor's record; `visible` says that it will show what is done.
    pub fn begins(&self, operation: &Operation, before: &Value, visible: bool) {
        self.counts(operation, before, visible, operation.writes_several());
    }

    /// A create begins. Nothing else says of it that its one call was carried out; what follows as an update the record shows.
    pub fn makes(&self, operation: &Operation) {
        self.counts(operation, &Value::Null, false, true);
    }

    fn counts(&self, operation: &Operation, before: &Value, visible: bool, counts: bool) {
        let like = shape(operation);
        let mut state = self.state();
        state.visible = visible && !counts;
        state.inherited.retain(|inherited| *inherited != like);
        let known = state.progress.begun.iter().find(|begun| begun.like == like);
        let done = known.map(|begun| begun.calls);
        state.skip = done.unwrap_or(0);
        if done.is_none() && counts {
            let (like, before) = (like.clone(), before.clone());
            state.progress.begun.push(Begun { like, before, calls: 0, captured: Value::Null });
        }
        state.now = Some(like);
    }

    /// What an earlier try has captured in the operation that begins.
    pub fn captured(&self) -> Option<Value> {
        let mut state = self.state();
        let captured = state.begun().map(|begun| begun.captured.clone());
        captured.filter(|captured| state.skip > 0 && !captured.is_null())
    }

    /// Whether the next call was carried out by an earlier try.
    pub fn skips(&self) -> bool {
        let mut state = self.state();
        let skips = state.skip > 0;
        state.skip = state.skip.saturating_sub(1);
        skips
    }

    /// A call is about to leave: written down first, so that whoever finds the entry knows that it may have been
    /// carried out.
    pub async fn sends(&self, cx: &Context<'_>, step: &Step, safe: bool) -> Result<(), Failure> {
        let (change, before) = {
            let mut state = self.state();
            if let Some(after) = state.unsettled(cx.at(), step, safe) {
                return Err(Failure::Unsettled { after: whole_seconds(after).max(1) });
            }
            let sent = Sent {
                call: step.label.clone(),
                at: leaves(cx).as_millisecond(),
                safe,
                keyed: step.idempotency_key.is_some(),
                visible: state.visible,
                given_up: false,
            };
            let sent = Some(sent).filter(|_| !crash::off("sent"));
            let before = std::mem::replace(&mut state.progress.sent, sent);
            state.leaves(cx);
            (state.change(), before)
        };
        let written = self.written(cx, vec![change]).await;
        if written.is_err() {
            // What is not written down does not leave.
            self.state().progress.sent = before;
        }
        self.told(cx, written).await?;
        self.state().entered = true;
        is_alive(cx, step)?;
        self.sets_out();
        Ok(())
    }

    /// A call of it leaves.
    pub(super) fn sets_out(&self) {
        self.state().sent = true;
    }

    /// Another attempt of it is about to leave, later than the one before: whoever finds the entry counts from here.
    pub async fn sends_again(&self, cx: &Context<'_>, step: &Step) -> Result<(), Failure> {
        let change = {
            let mut state = self.state();
            let at = leaves(cx).as_millisecond();
            // A read by POST was not written down the first time.
            let Some(sent) = state.progress.sent.as_mut().filter(|sent| sent.call == step.label)
            else {
                return Ok(());
            };
            // Nobody has given up this one.
            (sent.at, sent.given_up) = (at, false);
            state.leaves(cx);
            state.change()
        };
        self.write(cx, change).await?;
        is_alive(cx, step)
    }

    /// It was answered, and `captured` is what was taken from the operation's answers so far.
    pub fn answered(&self, captured: &Value) {
        let mut state = self.state();
        state.progress.answered();
        if let Some(begun) = state.begun() {
            begun.calls += 1;
            begun.captured = captured.clone();
        }
    }

    /// The vendor refused it, or it never left: nothing came of it. An operation of which nothing was done is not begun:
    /// what its record was before says nothing once somebody else has written.
    pub fn refused(&self, cx: &Context<'_>) {
        let lingers = self.until().is_some_and(|until| until > cx.at());
        let mut state = self.state();
        let State { progress, now, .. } = &mut *state;
        // One with the same key was sent before, and may come yet: that is as much in doubt as it was.
        let still = lingers && progress.is_keyed_alone();
        progress.sent = progress.sent.take().filter(|_| still);
        if progress.until.is_none() {
            progress.begun.retain(|begun| begun.calls > 0 || Some(&begun.like) != now.as_ref());
        }
    }

    /// A call was given up, and may reach the vendor all the same.
    pub fn doubtful(&self, cx: &Context<'_>) {
        {
            let mut state = self.state();
            state.progress.sent.iter_mut().for_each(|sent| sent.given_up = true);
            state.given_up = state.progress.sent.as_ref().map(|sent| sent.call.clone());
        }
        self.lingers(later(cx.at(), cx.settling()));
    }

    /// Until then a call of another entry may reach the vendor, which wanted the same.
    pub fn follows(&self, until: Timestamp) {
        self.state().others = Some(until);
    }

    /// Until when a call of it may reach the vendor, where one was given up.
    pub fn until(&self) -> Option<Timestamp> {
        self.state().progress.until.and_then(|until| Timestamp::from_millisecond(until).ok())
    }

    /// Until then a call of it may reach the vendor.
    pub fn lingers(&self, until: Timestamp) {
        self.state().progress.lingers(until);
    }

    /// What was done is about to be taken back: from then on nobody can tell how much of it stands.
    pub async fn undoes(&self, cx: &Context<'_>) -> Result<(), Failure> {
        {
            let mut state = self.state();
            let at = cx.at().as_millisecond();
            let call = "what was made is taken back".to_owned();
            let (safe, keyed, visible, given_up) = (false, false, false, false);
            state.progress.sent = Some(Sent { call, at, safe, keyed, visible, given_up });
            let now = state.now.clone();
            state.progress.begun.retain(|begun| Some(&begun.like) != now.as_ref());
        }
        self.notes(cx).await
    }

    /// How far it has come, to be read or to be said anew.
    pub fn progress<T>(&self, with: impl FnOnce(&mut Progress) -> T) -> T {
        with(&mut self.state().progress)
    }

    /// Writes down how far it has come, where the store has it.
    pub async fn notes(&self, cx: &Context<'_>) -> Result<(), Failure> {
        let change = {
            let mut state = self.state();
            state.entered.then(|| state.change())
        };
        match change {
            Some(change) => self.write(cx, change).await.map(drop),
            None => Ok(()),
        }
    }

    /// What was to be taken back was.
    pub fn undone(&self) {
        self.progress(|progress| {
            progress.sent = None;
            progress.afresh += 1;
        });
    }

    /// Whether an earlier try has begun an operation that the mapping does not have any more.
    pub fn is_stranded(&self) -> bool {
        !self.state().inherited.is_empty()
    }

    /// Whether something of it has left in this try.
    pub fn has_sent(&self) -> bool {
        self.state().sent
    }

    /// Some calls of an operation are done, and others are not.
    pub fn is_half_done(&self) -> bool {
        self.state().progress.is_half_done()
    }

    /// The entry.
    pub fn entry(&self) -> Entry {
        self.state().entry.clone()
    }

    /// It is carried out although its client was told of a failure.
    pub fn is_durable(&self) -> bool {
        self.state().entry.durable
    }

    /// Whether nobody but the client who hears of it now, if any does, was ever told of it.
    pub fn is_only(&self, heard: bool) -> bool {
        let state = self.state();
        heard && state.entry.attempts == 0 && !state.entry.acknowledged && !state.joined
    }

    /// Whether another request has entered it than the one that is answered now.
    pub fn is_joined(&self) -> bool {
        self.state().joined
    }

    /// How often it was tried before.
    pub fn attempts(&self) -> u32 {
        self.state().entry.attempts
    }

    /// A client asks for it again, before its time: however often it does, it is not tried later for that.
    pub fn is_asked_again(&self) {
        let mut state = self.state();
        state.entry.attempts = state.entry.attempts.saturating_sub(1);
    }

    /// The call of an earlier try of which nothing is known.
    pub fn sent(&self) -> Option<Sent> {
        self.state().progress.sent.clone()
    }

    /// Until when a call of it may reach the vendor, as far as anybody knows.
    pub fn at_large(&self, cx: &Context<'_>) -> Timestamp {
        self.state().progress.at_large(cx.at_large()).unwrap_or(cx.at())
    }

    /// The entry's number.
    pub fn number(&self) -> String {
        self.state().entry.number.clone()
    }

    /// It was carried out, or there was nothing to do. Where its resource is watched that is kept, for a look to come; so
    /// not even who finds nothing to do is told so once another replica has taken the resource over.
    pub async fn is_done(&self, cx: &Context<'_>) -> Result<(), Failure> {
        self.ends_with(cx, watched::done(cx, &self.entry().intent).into_iter().collect()).await
    }

    /// It has come to its end. Where a call of it may still reach the vendor, what comes next to its resource waits
    /// for that.
    pub async fn ends(&self, cx: &Context<'_>) -> Result<(), Failure> {
        self.ends_with(cx, self.doubted(cx).into_iter().collect()).await
    }

    /// What a look must know of it when it ends and is not done.
    fn doubted(&self, cx: &Context<'_>) -> Option<Change> {
        let has_effects = self.progress(|progress| progress.has_effects());
        has_effects.then(|| watched::doubted(cx, &self.entry().intent)).flatten()
    }

    /// The same with what is kept of it, in one commit.
    pub async fn ends_with(&self, cx: &Context<'_>, kept: Vec<Change>) -> Result<(), Failure> {
        let change = {
            let until = self.until();
            let mut state = self.state();
            match until.filter(|until| *until > cx.at()) {
                Some(due) => {
                    let (stage, planned) = (Stage::Settling, cx.at());
                    state.entry = Entry { stage, due, planned, ..state.entry.clone() };
                    Some(state.change())
                }
                None if state.entered => {
                    Some(Change::Strike { number: state.entry.number.clone() })
                }
                None => None,
            }
        };
        let settles = !matches!(change, Some(Change::Strike { .. }));
        let changes: Vec<Change> = change.into_iter().chain(kept.clone()).collect();
        if changes.is_empty() {
            return Ok(());
        }
        let written = self.write_all(cx, changes).await;
        // What comes of it now is an entry anew.
        self.state().entered &= written.is_err() || settles;
        match written {
            // It was dropped meanwhile, and settles; what it has done it has done all the same.
            Err(missing) if missing.is_missing() && kept.is_empty() => Ok(()),
            Err(missing) if missing.is_missing() => self.write_all(cx, kept).await.map(drop),
            written => written.map(drop),
        }
    }

    /// It stays in the journal: to be tried again at `due`, or as a dead letter; `words` say why.
    pub async fn stays(
        &self,
        cx: &Context<'_>,
        stage: Stage,
        due: Timestamp,
        words: String,
    ) -> Result<(), Failure> {
        let change = self.put_off(cx, stage, due, self.attempts().saturating_add(1), words);
        self.keeps(cx, vec![change]).await
    }

    /// The same where nothing was tried, and whoever asked for it was told that it goes on.
    pub async fn settles(
        &self,
        cx: &Context<'_>,
        due: Timestamp,
        words: String,
    ) -> Result<(), Failure> {
        let change = self.put_off(cx, Stage::Waiting, due, self.attempts().max(1), words);
        self.keeps(cx, vec![change]).await
    }

    /// Where it has come to its end and settles under its number, what comes of it now is an entry anew.
    pub fn begins_anew(&self) -> Result<(), Failure> {
        let mut state = self.state();
        if state.entry.stage == Stage::Settling {
            (state.entry.number, state.entered) = (uuid::new()?, false);
        }
        Ok(())
    }

    /// It is a dead letter. What comes next to its resource waits all the same for a call of it that may still come.
    pub async fn dies(&self, cx: &Context<'_>, words: String) -> Result<(), Failure> {
        let settling = match self.until().filter(|until| *until > cx.at()) {
            Some(due) => {
                let (number, stage, planned) = (uuid::new()?, Stage::Settling, cx.at());
                Some(Change::Enter(Entry { number, stage, due, planned, ..self.entry() }))
            }
            None => None,
        };
        let attempts = self.attempts().saturating_add(1);
        let dead = self.put_off(cx, Stage::Dead, cx.at(), attempts, words);
        let changes = settling.into_iter().chain([dead]).chain(self.doubted(cx));
        self.keeps(cx, changes.collect()).await
    }

    fn put_off(
        &self,
        cx: &Context<'_>,
        stage: Stage,
        due: Timestamp,
        attempts: u32,
        words: String,
    ) -> Change {
        let mut state = self.state();
        // What is half done is finished, whoever hears of it.
        let durable = state.entry.durable || state.progress.is_half_done();
        let (error, planned, entry) = (Some(words), cx.at(), state.entry.clone());
        state.entry = Entry { stage, due, planned, attempts, durable, error, ..entry };
        state.change()
    }

    /// Writes changes of which one enters it, where it was not.
    async fn keeps(&self, cx: &Context<'_>, changes: Vec<Change>) -> Result<(), Failure> {
        let written = self.write_all(cx, changes).await;
        // An operator has dropped it meanwhile; what it has done it has done all the same.
        if let (Err(missing), Some(doubted)) = (&written, self.doubted(cx))
            && missing.is_missing()
        {
            self.write(cx, doubted).await?;
        }
        written?;
        self.state().entered = true;
        Ok(())
    }
}

/// By its own clock, asking nobody: the call leaves right behind this.
pub fn is_alive(cx: &Context<'_>, step: &Step) -> Result<(), Failure> {
    match cx.store()?.is_alive() {
        true => Ok(()),
        false => {
            let why = "this replica has not been heard of for too long to write".to_owned();
            let (error, place) = (store::Error::Unavailable(why), step.place.clone());
            Err(Failure::Store { error, place })
        }
    }
}
