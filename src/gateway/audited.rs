//! What a write leaves in the audit log: who asked what, which calls were made, what came of it.

use super::{
    Caller, Context, Trace,
    trace::{self, Exchange, millis},
};
use crate::{
    audit::{
        Audit,
        line::{Call, Write},
        writer::Unwritten,
    },
    scim::{
        encode::Wire,
        message::{Action, Request},
        named::{Named, named},
        resource_type::{ResourceType, ResourceTypes},
    },
};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// How long a disk is waited for beyond the request's own time: what came of a write is worth telling, and whoever
/// waits for the gateway waits five seconds longer than that.
const PATIENCE: Duration = Duration::from_secs(2);

/// Until then a line is waited for of what had time until `deadline`.
pub fn until(deadline: Instant) -> Instant {
    deadline.max(Instant::now() + PATIENCE)
}

/// Characters of an id at most: a client may put anything into a path, and nothing that is served has a longer one.
const LONGEST: usize = 1024;

/// Who asks, for whom: what a client's write and one that is delivered later have in common.
#[derive(Debug, Clone, Copy)]
pub struct Who<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// Client and request.
    pub caller: Caller<'a>,
}

/// What a write asks, without a value of a person's.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `create`, `replace`, `patch` or `delete`.
    pub verb: &'static str,
    /// `User`
    pub kind: String,
    /// The SCIM id, once there is one.
    pub id: Option<String>,
    /// The attributes that it names.
    pub named: Named,
}

impl Asked {
    /// What a request asks, where it is a write.
    pub fn of(request: &Request, types: &ResourceTypes) -> Option<Self> {
        let action = request.action().filter(|action| action.writes())?;
        Some(Self::about(action, types.by_name(request.kind()?)?))
    }

    /// What an action asks of a resource of this kind.
    pub fn about(action: &Action, kind: &ResourceType) -> Self {
        let id = action.id().map(|id| id.chars().take(LONGEST).collect());
        Self { verb: action.verb(), kind: kind.name.clone(), id, named: named(action, kind) }
    }

    /// Its line, with what was done and what came of it; nothing where it did not come to an end.
    pub fn line(
        self,
        who: Who<'_>,
        calls: Vec<Call>,
        outcome: Option<Outcome>,
        took: Duration,
    ) -> Write {
        let Self { verb, kind, id, named } = self;
        let Outcome { status, scim_type, made, txn, early } = outcome.unwrap_or_default();
        let id = id.or(made);
        Write {
            tenant: who.tenant.to_owned(),
            client: who.caller.client.to_owned(),
            request: who.caller.request_id.to_owned(),
            txn,
            early,
            verb,
            kind,
            id,
            attributes: named.attributes,
            active: named.active,
            calls,
            status,
            scim_type,
            ms: millis(took),
        }
    }
}

/// What came of a write.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What the client is answered.
    pub status: Option<u16>,
    /// The keyword of an error.
    pub scim_type: Option<String>,
    /// The id of what was made.
    pub made: Option<String>,
    /// The number under which it stands in the journal.
    pub txn: Option<String>,
    /// Its client is told that it is done before the vendor has it.
    pub early: bool,
}

impl Outcome {
    /// What an answer says.
    pub fn of(wire: &Wire) -> Self {
        let said = |name| wire.body.as_ref()?.get(name)?.as_str().map(str::to_owned);
        let made = (wire.status < 300).then(|| said("id")).flatten();
        let txn = wire.transaction.clone();
        Self { status: Some(wire.status), scim_type: said("scimType"), made, txn, early: false }
    }
}

/// The calls of a write, without those of earlier ones that were carried out in its turn.
fn own(trace: &Trace) -> Vec<Call> {
    let each = trace.exchanges.iter().enumerate();
    let own = each.filter(|(at, _)| !trace.audited.iter().any(|others| others.contains(at)));
    calls(own.map(|(_, exchange)| exchange))
}

/// Those of one name and outcome are told together: a group's change may be a thousand of them.
fn calls<'e>(exchanges: impl Iterator<Item = &'e Exchange>) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for exchange in exchanges.filter(|exchange| !exchange.joined) {
        let call = call(exchange);
        let same = |other: &&mut Call| {
            let of = |call: &Call| (call.status, call.silence, call.means);
            other.call == call.call && other.method == call.method && of(other) == of(&call)
        };
        match calls.iter_mut().find(same) {
            Some(other) => {
                other.times += 1;
                other.ms += call.ms;
            }
            None => calls.push(call),
        }
    }
    calls
}

fn call(exchange: &Exchange) -> Call {
    let Exchange { call, outcome, trouble, took, .. } = exchange;
    Call {
        call: call.name.clone(),
        method: call.method.to_string(),
        status: outcome.as_ref().ok().copied(),
        silence: outcome.as_ref().err().map(|error| error.kind.word()),
        means: trouble.as_ref().map(|trouble| trace::word(trouble.means)),
        times: 1,
        ms: millis(*took),
    }
}

/// A write that is under way. One that is dropped, because something panicked, leaves a line all the same.
pub struct Audited<'a> {
    audit: &'a Audit,
    who: Who<'a>,
    asked: Option<Asked>,
    /// When it came, and by the clock of the process.
    came: Timestamp,
    began: Instant,
}

impl<'a> Audited<'a> {
    /// Begins a write. Nothing may be done of one that could leave no line: it is refused here.
    pub fn begin(
        audit: &'a Audit,
        who: Who<'a>,
        asked: Asked,
        came: Timestamp,
    ) -> Result<Self, Unwritten> {
        match audit.works() {
            true => Ok(Self { audit, who, asked: Some(asked), came, began: Instant::now() }),
            false => Err(Unwritten("the audit log cannot be written".to_owned())),
        }
    }

    /// Writes the line of a write that has ended. The client may be answered when this ends well.
    pub async fn end(
        mut self,
        trace: &Trace,
        outcome: Outcome,
        deadline: Instant,
    ) -> Result<(), Unwritten> {
        let Some(asked) = self.asked.take() else { return Ok(()) };
        let line = asked.line(self.who, own(trace), Some(outcome), self.began.elapsed());
        self.audit.write(self.came, line.into(), until(deadline)).await
    }
}

impl Drop for Audited<'_> {
    fn drop(&mut self) {
        if let Some(asked) = self.asked.take() {
            let line = asked.line(self.who, Vec::new(), None, self.began.elapsed());
            self.audit.post(self.came, line.into());
        }
    }
}

/// A write out of the journal that is carried out without its client.
pub struct Delivery<'a> {
    cx: &'a Context<'a>,
    audit: &'a Audit,
    asked: Asked,
    number: String,
    /// Exchanges that there were before.
    before: usize,
    began: Instant,
}

impl<'a> Delivery<'a> {
    /// Begins it, where there is an audit log.
    pub fn begin(cx: &'a Context<'_>, number: String, action: &Action) -> Option<Self> {
        let audit = cx.memory.audit.as_deref()?;
        let asked = Asked::about(action, &cx.plan.kind);
        let before = cx.trace().exchanges.len();
        Some(Self { cx, audit, asked, number, before, began: Instant::now() })
    }

    /// Writes its line, with what its client would have been answered. One of which nothing left says nothing.
    pub async fn end(self, status: u16) {
        let Self { cx, audit, asked, number, before, began } = self;
        let calls = {
            let mut trace = cx.trace();
            let all = before..trace.exchanges.len();
            let calls = calls(trace.exchanges.iter().skip(before));
            trace.audited.push(all);
            calls
        };
        let done = status < 300;
        if calls.is_empty() && !done {
            return;
        }
        let who = Who { tenant: cx.tenant, caller: Caller::default() };
        let outcome = Outcome { status: Some(status), txn: Some(number), ..Outcome::default() };
        let line = asked.line(who, calls, Some(outcome), began.elapsed());
        // Nobody waits for it: what was not written is kept, and told by who writes.
        let _ = audit.write(cx.now, line.into(), until(cx.deadline)).await;
    }
}
