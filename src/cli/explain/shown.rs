//! An Upstream that shows each call before it goes on. A write without an answer is taken to have worked, as
//! far as nothing of its answer is needed; where one is needed it stops, and says what for.

use super::remark;
use crate::{
    cli::say,
    mapping::{
        explain::{Needs, Origin, heading, needs, origins},
        plan::Plan,
    },
    upstream::{
        Answer, Call, Error, Upstream,
        call::Pending,
        curl::{Curl, Hidden},
        error::Kind,
        record::Locator,
    },
};
use http::Method;
use serde_json::{Map, Value};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Linux gives a program no argument that is longer.
const LONGEST: usize = 128 * 1024;

/// Shows what `world` is asked.
pub struct Shown {
    world: Arc<dyn Upstream>,
    plan: Arc<Plan>,
    curl: Curl,
    hidden: Vec<Hidden>,
    live_reads: bool,
    // A std mutex: set and read, never held across an await.
    state: Mutex<State>,
}

/// How far the calls can be foretold.
#[derive(Debug, Default)]
struct State {
    /// Calls so far.
    calls: usize,
    /// Writes that were taken to have worked.
    assumed: Vec<String>,
    /// The answer that is needed and not given, and what of it.
    stopped: Option<String>,
}

impl Shown {
    /// Over `world`; `live_reads` lets nothing but GETs through.
    pub fn new(
        world: Arc<dyn Upstream>,
        plan: &Arc<Plan>,
        curl: Curl,
        hidden: Vec<Hidden>,
        live_reads: bool,
    ) -> Self {
        let (plan, state) = (Arc::clone(plan), Mutex::default());
        Self { world, plan, curl, hidden, live_reads, state }
    }

    /// Says what the response would depend on, where it is not known. True: it was said.
    pub fn conclude(&self, status: u16) -> bool {
        let state = self.state();
        let read_back = state.assumed.last();
        match (&state.stopped, read_back) {
            (Some(needed), None) => {
                remark(format!("what follows depends on the answer of {needed}"));
                remark(match self.live_reads {
                    true => "no write is sent: give its answer under `calls:` in a test file",
                    false => {
                        "give it under `calls:` in a test file, or ask for it with `--live-reads`"
                    }
                });
            }
            (Some(needed), Some(_)) => {
                remark(format!("the response depends on the answer of {needed}"));
            }
            (None, Some(last)) if status < 500 => {
                remark(format!("the response is what the vendor then has: the answer of {last}"));
            }
            (None, Some(_)) => {
                let all = state.assumed.join(", ");
                remark(format!("what follows depends on the answers of {all}"));
            }
            (None, None) => return false,
        }
        say("");
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, call: &Call, deadline: Instant) -> Result<Answer, Error> {
        let write = call.method != Method::GET;
        let (number, assumed) = {
            let mut state = self.state();
            if state.stopped.is_some() {
                // What would come now is what the engine does when the vendor gives no answer.
                return Err(not_given());
            }
            state.calls += 1;
            (state.calls, !state.assumed.is_empty())
        };
        self.show(number, call)?;
        // After a write that was not sent the vendor's state is not what it would be.
        if self.live_reads && (write || assumed) {
            return self.unanswered(number, call);
        }
        let answer = self.world.call(call, 1, deadline).await;
        if !self.live_reads && answer.as_ref().is_err_and(|error| error.kind == Kind::Invalid) {
            return self.unanswered(number, call);
        }
        answer
    }

    /// The call as a command, and below it where each of its values comes from.
    fn show(&self, number: usize, call: &Call) -> Result<(), Error> {
        remark(format!("{number}. {}", heading(&self.plan, call)));
        let command = self.curl.command(call, &self.hidden)?;
        let mut spelled: Vec<String> =
            self.hidden.iter().flat_map(|hidden| hidden.spelled(&command)).collect();
        spelled.dedup();
        spelled.iter().for_each(remark);
        let long = command.len() > LONGEST;
        say(command);
        if long {
            remark(
                "   longer than a shell takes: put the body into FILE, for `--data-binary @FILE`",
            );
        }
        let origins = origins(&self.plan, call);
        let widths = |of: fn(&Origin) -> usize| origins.iter().map(of).max().unwrap_or(0);
        let (what, from) =
            (widths(|one| one.what.chars().count()), widths(|one| one.from.chars().count()));
        for one in &origins {
            remark(format!("   {:<what$}  {:<from$}  {}", one.what, one.from, one.place));
        }
        Ok(())
    }

    /// What comes of a call that is shown and not answered.
    fn unanswered(&self, number: usize, call: &Call) -> Result<Answer, Error> {
        let named = format!("call {number}, {}", call.name);
        match needs(&self.plan, call) {
            Needs::Nothing(record) => {
                self.state().assumed.push(named);
                Ok(Answer { status: 200, body: empty(record), ..Answer::default() })
            }
            Needs::This(what) => {
                self.state().stopped = Some(format!("{named}: {what}"));
                Err(not_given())
            }
        }
    }
}

/// An answer with an empty record, where the step wants one.
fn empty(record: Option<&Locator>) -> Value {
    let mut body = Value::Object(Map::new());
    if let Some(Locator::Field(place)) = record {
        place.set(&mut body, Value::Object(Map::new()));
    }
    body
}

fn not_given() -> Error {
    Error { kind: Kind::Invalid, message: "the answer is not given".to_owned() }
}

impl Upstream for Shown {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _attempt: u32,
        deadline: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        Box::pin(self.ask(call, deadline))
    }

    fn wait<'a>(&'a self, _duration: Duration) -> Pending<'a, ()> {
        Box::pin(async {})
    }

    fn ordered(&self) -> bool {
        true
    }
}
