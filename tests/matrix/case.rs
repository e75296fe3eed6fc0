//! Case: one fault in one call of one act.

use crate::{
    act::{Act, Ready},
    expected::{self, Struck, Wrong},
    fakes::{
        call::Call,
        reply::Refusal,
        trouble::{Fault, Trouble},
    },
    okta::{Okta, Reply},
    steps::{Steps, mark_of},
    subject::Subject,
    world::{Goal, Setting, World},
};
use scimshim::mapping::plan::Step;
use serde_json::Value;

/// A fault that stays: more calls than one request makes of a step, with its repetitions and looks, and fewer than
/// make the breaker leave the vendor alone.
const LASTING: usize = 6;
/// Repeats that a client makes of what was refused.
const REPEATS: usize = 3;

/// An update that may fail has, and the client is told of success.
pub const WITHOUT: &str = "done without what may fail";
/// The vendor said that it did, and did not: the client is told what is there, and the operator of the difference.
pub const UNSHOWN: &str = "told as it stays";
/// The call was not made, for what it would have told was known still: a lookup's names, who a credential is.
const REMEMBERED: &str = "remembered";

/// Where a fault strikes.
pub enum At {
    /// In this call of the act.
    Call(usize),
    /// In what takes back the deed of another, when the call here is refused.
    Undo { refused: usize },
}

/// What came of a case.
pub struct Came {
    pub outcome: String,
    /// The step whose call was struck, by its mark.
    pub struck: Option<String>,
}

/// One fault in one call of an act.
pub struct Case<'a> {
    pub goal: &'a Goal,
    pub wrong: &'a Wrong,
    /// The step that calls.
    pub mark: String,
    pub at: At,
    pub setting: &'a Setting,
    /// Whom it is about.
    pub number: usize,
}

/// Every place of an act where a fault can strike.
pub fn places(goal: &Goal, steps: &Steps) -> Vec<(String, At)> {
    let calls = goal.steps.iter().enumerate();
    let mut places: Vec<(String, At)> =
        calls.clone().map(|(position, mark)| (mark.clone(), At::Call(position))).collect();
    for (position, mark) in calls {
        let Some(undo) = steps.undo(mark) else { continue };
        let later = goal.steps.iter().enumerate().skip(position + 1);
        let later = later.filter(|(_, other)| steps.are_together(mark, other));
        places.extend(later.map(|(refused, _)| (undo.clone(), At::Undo { refused })));
    }
    places
}

impl Case<'_> {
    pub fn words<S: Subject>(&self, steps: &Steps) -> String {
        let Self { goal, wrong, mark, at, setting, .. } = self;
        let lasting = if setting.lasting { " for good" } else { "" };
        let at = match at {
            At::Call(position) => format!("call {}", position + 1),
            At::Undo { refused } => format!("call {} was refused", refused + 1),
        };
        let (act, fault, step) = (goal.act, &wrong.name, &steps.get(mark).name);
        format!("{} {act:?}, {fault}{lasting} in {step}, {at}", S::MAPPING)
    }

    /// Which of the calls that look like this one it is, counted from 1.
    fn nth(&self, position: usize, steps: &Steps) -> usize {
        let like = |mark: &str| steps.get(mark).line.clone();
        let line = self.goal.steps.get(position).map(|mark| like(mark));
        let before = self.goal.steps.iter().take(position + 1);
        before.filter(|other| Some(like(other)) == line).count()
    }

    fn troubles(&self, steps: &Steps) -> Vec<Trouble> {
        let trouble = Trouble::on(&steps.get(&self.mark).line, self.wrong.fault.clone());
        let trouble = if self.wrong.worked { trouble.after_the_work() } else { trouble };
        let from = |nth| match self.setting.lasting {
            true => trouble.clone().since(nth, LASTING),
            false => trouble.clone().nth(nth),
        };
        match self.at {
            At::Call(position) => vec![from(self.nth(position, steps))],
            At::Undo { refused } => {
                let line = self.goal.steps.get(refused).map(|mark| &steps.get(mark).line);
                let refusal = Trouble::on(line.unwrap(), Fault::Status(400));
                vec![refusal.nth(self.nth(refused, steps)), from(1)]
            }
        }
    }

    /// What was struck: of the calls that look alike, the one whose turn it was.
    fn struck(&self, calls: &[Call], steps: &Steps) -> Option<Call> {
        let nth = match self.at {
            At::Call(position) => self.nth(position, steps),
            At::Undo { .. } => 1,
        };
        let known = steps.get(&self.mark);
        calls.iter().filter(|call| known.is_like(call)).nth(nth - 1).cloned()
    }

    /// What came of it; the error says what must not be.
    pub async fn run<S: Subject>(&self, world: &World<S>, steps: &Steps) -> Result<Came, String> {
        let okta = world.gateway.okta();
        let ready = self.goal.act.prepare::<S>(&okta, self.number).await;
        let before = ready.held(&*world.vendor.state());
        world.vendor.forget();
        for trouble in self.troubles(steps) {
            world.vendor.trouble(trouble);
        }
        let told = ready.ask(&okta).await;
        world.vendor.no_more_trouble();
        let calls = world.vendor.calls();
        let lines = || format!("; called {:?}", calls.iter().map(Call::line).collect::<Vec<_>>());
        let Some(call) = self.struck(&calls, steps) else {
            return Ok(Came { outcome: REMEMBERED.to_owned(), struck: None });
        };
        let mark = mark_of(&call).unwrap_or_default();
        let struck = self.judged(world, steps, &mark);
        let shown = told.body.to_string() + &told.head;
        if let Some(secret) = world.secrets.iter().find(|secret| shown.contains(**secret)) {
            return Err(format!("`{secret}` is shown: {shown}"));
        }
        let outcome = if told.status != 404 && self.goal.act.is_done(told.status) {
            self.succeeded(world, &ready, told, &struck).await
        } else {
            let undos = calls.iter().filter_map(mark_of).filter(|mark| steps.get(mark).undoes);
            let tries = undos.count();
            self.failed(world, steps, &told, &struck, (&ready, &call, &before, tries)).await
        };
        let outcome = outcome.map_err(|words| words + &lines())?;
        Ok(Came { outcome, struck: Some(mark) })
    }

    fn judged<'s, S: Subject>(
        &'s self,
        world: &World<S>,
        steps: &'s Steps,
        mark: &str,
    ) -> Struck<'s> {
        let step = steps.get(mark);
        let status = match self.wrong.fault {
            Fault::Status(status) => Some(status),
            Fault::Denied => Some(200),
            _ => None,
        };
        let row = status.and_then(|status| {
            let refusal = Refusal::new(status, "trouble", "this was not done");
            let body = world.vendor.state().error(&refusal);
            steps.row(&step.step, status, body)
        });
        let (passes, okta) = (steps.passes_on(), self.setting.profile == "okta");
        Struck { wrong: self.wrong, step, act: self.goal.act, row, passes, okta }
    }

    /// A 2xx is true at the vendor.
    async fn succeeded<S: Subject>(
        &self,
        world: &World<S>,
        ready: &Ready,
        told: Reply,
        struck: &Struck<'_>,
    ) -> Result<String, String> {
        let goal = self.goal;
        let held = ready.held(&*world.vendor.state());
        let misled = struck.is_misled();
        let read = ready.plain(told.body.clone());
        if held != goal.held && !misled {
            // A value that the vendor took and does not have may be one that it makes another of. The answer is
            // what it has, and so no lie. Of who is active and who belongs where it would be one all the same.
            let now = ready.read_again(&world.gateway.okta(), &told.body).await;
            let tells = read != goal.told && now.is_some_and(|now| now == read);
            if tells && struck.says_done() && goal.act.writes_values() {
                return Ok(UNSHOWN.to_owned());
            }
            return match struck.step.may_fail {
                true => Ok(WITHOUT.to_owned()),
                false => {
                    Err(format!("{} and the vendor has {held}, not {}", told.status, goal.held))
                }
            };
        }
        let blind = goal.act == Act::LookUp && matches!(self.wrong.fault, Fault::Unfiltered);
        let shows = !goal.act.reads() || goal.act.lists() || misled || blind;
        match shows || read == goal.told {
            true => Ok("done".to_owned()),
            false => Err(format!("told {read}, not {}", goal.told)),
        }
    }

    /// A failure is told as what it is, and comes to its end by the client's repeat.
    async fn failed<S: Subject>(
        &self,
        world: &World<S>,
        steps: &Steps,
        told: &Reply,
        struck: &Struck<'_>,
        (ready, call, before, tries): (&Ready, &Call, &Value, usize),
    ) -> Result<String, String> {
        let held = ready.held(&*world.vendor.state());
        let detail = told.body["detail"].as_str().unwrap_or_default();
        // What the call itself did is in doubt, and the status says so.
        let itself = self.wrong.worked || self.wrong.fault.answers();
        match self.at {
            At::Call(_) => {
                self.is_told(world, steps, told, struck, call)?;
                // Of who is not there any more nothing is left, and so of what was taken back.
                let left = held != *before && told.status != 404 && tries == 0;
                if left && !itself && !expected::tells_half_done(detail) {
                    return Err(format!(
                        "{} {detail:?} does not tell that the vendor has {held}, not {before}",
                        told.status
                    ));
                }
            }
            At::Undo { .. } if itself => {}
            At::Undo { .. } => self.left_over(told, detail, tries, struck)?,
        }
        self.repeated(world, ready, &world.gateway.okta(), struck).await?;
        Ok(format!("{} and then done", told.status))
    }

    /// A failure is told as what it is. One that stays strikes all calls behind it that look the same, and each may be
    /// what the client is told of.
    fn is_told<S: Subject>(
        &self,
        world: &World<S>,
        steps: &Steps,
        told: &Reply,
        struck: &Struck<'_>,
        call: &Call,
    ) -> Result<(), String> {
        let as_first = struck.is_told(told, call);
        if as_first.is_ok() || !self.setting.lasting {
            return as_first;
        }
        let calls = world.vendor.calls();
        let others = calls.iter().filter(|other| struck.step.is_like(other));
        let mut others = others.filter_map(|other| Some((mark_of(other)?, other)));
        let as_one = others
            .any(|(mark, other)| self.judged(world, steps, &mark).is_told(told, other).is_ok());
        if as_one { Ok(()) } else { as_first }
    }

    /// The refusal is told, and beside it what was not taken back; `tries` is how often that was tried.
    fn left_over(
        &self,
        told: &Reply,
        detail: &str,
        tries: usize,
        struck: &Struck<'_>,
    ) -> Result<(), String> {
        if told.status != 400 {
            return Err(format!("{} {detail:?}, and the refusal was a 400", told.status));
        }
        // What is said to be taken back, or not to be there, is not read back: the failure is told all the same, and
        // the repeat looks before it writes.
        let believed = struck.says_done() || matches!(self.wrong.fault, Fault::Status(404 | 410));
        // The second try was not struck.
        let taken = !self.setting.lasting && tries > 1;
        let Step { method, place, .. } = &struck.step.step;
        let words = format!("could not be taken back: `{method} ");
        match believed || taken || detail.contains(&words) && detail.contains(&place.to_string()) {
            true => Ok(()),
            false => Err(format!("{detail:?} does not tell what {} left", struck.step.line)),
        }
    }

    /// What was refused comes to its end by the client's repeat.
    async fn repeated<S: Subject>(
        &self,
        world: &World<S>,
        ready: &Ready,
        okta: &Okta,
        struck: &Struck<'_>,
    ) -> Result<(), String> {
        let goal = self.goal;
        let mut last = ready.ask(okta).await;
        for _ in 1..REPEATS {
            if goal.act.is_done(last.status) {
                break;
            }
            last = ready.ask(okta).await;
        }
        if !goal.act.is_done(last.status) {
            return Err(format!("the repeat is {} {}", last.status, last.body));
        }
        let held = ready.held(&*world.vendor.state());
        let read = ready.read(okta).await;
        // That somebody is not there is remembered for a while, where a lookup was told so.
        let shown = read == goal.read || struck.is_misled() && struck.step.looks_up;
        match held == goal.held && shown {
            true => Ok(()),
            false => Err(format!(
                "after the repeat ({}) the vendor has {held}, not {}; read {read}, not {}",
                last.status, goal.held, goal.read
            )),
        }
    }
}
