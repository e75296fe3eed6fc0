//! Case: one fault in one call of one act.

use crate::{
    act::{Act, Ready, plain},
    expected::{self, Wrong},
    fakes::{
        server::Fake,
        trouble::{Fault, Trouble},
    },
    figures::Figures,
    harness::Gateway,
    mapping::{self, Steps},
    okta::{Okta, Reply},
    subject::Subject,
};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Groups of cases at once: most of their time they wait for a vendor that does not answer.
const AT_ONCE: usize = 12;
/// A fault for good: more calls than one request makes of a step, with its repetitions and looks, and fewer than make
/// the breaker leave the vendor alone.
const LASTING: usize = 6;
/// Repeats that a client makes of what was refused.
const REPEATS: usize = 3;

/// An act without trouble.
struct Goal {
    act: Act,
    /// The steps that it calls, in order.
    labels: Vec<String>,
    /// What the client is told.
    told: Value,
    /// What the vendor holds then.
    held: Value,
    /// What a client reads then.
    read: Value,
}

/// A vendor and a process before it.
struct World<S: Subject> {
    vendor: Fake<S>,
    gateway: Gateway,
    secrets: Vec<&'static str>,
}

impl<S: Subject> World<S> {
    async fn begin(mapping: &Path) -> Self {
        let vendor = S::begin().await;
        let tenant = S::tenant(&vendor).mapped(mapping.to_owned());
        let secrets = tenant.secrets().collect();
        let gateway = Gateway::one(tenant);
        // A client's own credential is known from here on, and costs no call more.
        gateway.okta().test_credentials().await;
        Self { vendor, gateway, secrets }
    }
}

/// Everything that may go wrong with a mapping, once or for good; the figures are printed.
pub async fn all<S: Subject>(lasting: bool) {
    let file = mapping::impatient(S::MAPPING);
    let steps = Steps::of(S::MAPPING, &S::api(S::begin().await.url()));
    let goals: Vec<Goal> = stream::iter(S::ACTS.concat())
        .map(|act| goal::<S>(act, &file))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let is_called = |label: &String| goals.iter().any(|goal| goal.labels.contains(label));
    let missing: Vec<String> =
        steps.labels().into_iter().filter(|label| !is_called(label)).collect();
    assert_eq!(missing, [""; 0], "{}: steps without a case", S::MAPPING);

    let groups = goals.iter().flat_map(|goal| expected::faults().map(|wrong| (goal, wrong)));
    let (file, steps): (&PathBuf, &Steps) = (&file, &steps);
    let mut figures = Figures::default();
    let mut cases = stream::iter(groups)
        .map(|(goal, wrong)| cases::<S>(goal, wrong, lasting, steps, file))
        .buffer_unordered(AT_ONCE);
    while let Some(some) = cases.next().await {
        figures.add(some);
    }
    figures.print(S::MAPPING, steps.labels().len(), lasting);
    assert!(
        figures.wrong.is_empty(),
        "{} wrong:\n{}",
        figures.wrong.len(),
        figures.wrong.join("\n")
    );
    let whole = steps.labels().into_iter().filter(|label| !figures.struck.contains(label));
    assert_eq!(whole.collect::<Vec<_>>(), [""; 0], "{}: steps that no fault struck", S::MAPPING);
}

async fn goal<S: Subject>(act: Act, file: &Path) -> Goal {
    let World { vendor, gateway, .. } = World::<S>::begin(file).await;
    let okta = gateway.okta();
    let ready = act.prepare::<S>(&okta, 0).await;
    let told = ready.ask(&okta).await;
    assert!(act.is_done(told.status), "{} {act:?}: {}", S::MAPPING, told.body);
    let held = ready.held(&*vendor.state(), 0);
    let read = ready.read(&okta, 0).await;
    // The process has ended, so all of its log was read; the last two requests in it are those of `read`.
    let mut requests = called(&gateway.ended());
    requests.truncate(requests.len().saturating_sub(2));
    let labels = requests.pop().unwrap_or_default();
    Goal { act, labels, told: plain(told.body, 0), held, read }
}

/// What was called for each request of a log, by name.
fn called(log: &str) -> Vec<Vec<String>> {
    let (mut requests, mut calls) = (Vec::new(), Vec::new());
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        match line["message"].as_str() {
            Some("vendor call") => calls.push(line["call"].as_str().unwrap().to_owned()),
            Some("request") => requests.push(std::mem::take(&mut calls)),
            _ => {}
        }
    }
    requests
}

/// Some faults in each call of an act, each about somebody of its own.
async fn cases<S: Subject>(
    goal: &Goal,
    wrong: Vec<Wrong>,
    lasting: bool,
    steps: &Steps,
    file: &Path,
) -> Figures {
    let world = World::<S>::begin(file).await;
    let mut figures = Figures::default();
    let (mut number, mut remarked) = (0, 0);
    for wrong in wrong {
        for (position, label) in goal.labels.iter().enumerate() {
            // For good it takes as long again, and nothing else comes of it.
            if lasting && matches!(wrong.fault, Fault::Delay(_) | Fault::Drip(_)) {
                continue;
            }
            number += 1;
            let case = Case { goal, wrong: &wrong, label, position, lasting, number };
            match case.run(&world, steps).await {
                Ok(outcome) => {
                    if outcome != REMEMBERED {
                        figures.struck.insert(label.clone());
                    }
                    remarked += usize::from(outcome == WITHOUT);
                    figures.count(&outcome);
                }
                Err(words) => figures.wrong.push(format!("{}: {words}", case.words::<S>())),
            }
        }
    }
    let remarks = world.gateway.ended().matches("failed and may").count();
    if remarks < remarked {
        let words = format!("{:?}: {remarked} updates failed, and {remarks} are told", goal.act);
        figures.wrong.push(words);
    }
    figures
}

/// An update that may fail has, and the client is told of success.
const WITHOUT: &str = "done without what may fail";

/// The call was not made, for what it would have told was known still: a lookup's names, who a credential is.
const REMEMBERED: &str = "remembered";

/// One fault in one call of an act.
struct Case<'a> {
    goal: &'a Goal,
    wrong: &'a Wrong,
    /// The step that calls.
    label: &'a str,
    /// Which call of the act it is.
    position: usize,
    /// From this call on.
    lasting: bool,
    /// Whom it is about.
    number: usize,
}

impl Case<'_> {
    fn words<S: Subject>(&self) -> String {
        let Self { goal, wrong, label, position, lasting, .. } = self;
        let lasting = if *lasting { " for good" } else { "" };
        let (act, name) = (goal.act, &wrong.name);
        format!("{} {act:?}, {name}{lasting} in {label} (call {})", S::MAPPING, position + 1)
    }

    fn trouble(&self, steps: &Steps) -> Trouble {
        let line = steps.line(self.label);
        let before = self.goal.labels.iter().take(self.position + 1);
        let nth = before.filter(|other| steps.line(other) == line).count();
        let trouble = steps.trouble(self.label, self.wrong.fault.clone());
        let trouble = if self.lasting { trouble.since(nth, LASTING) } else { trouble.nth(nth) };
        if self.wrong.worked { trouble.after_the_work() } else { trouble }
    }

    /// What came of it; the error says what must not be.
    async fn run<S: Subject>(&self, world: &World<S>, steps: &Steps) -> Result<String, String> {
        let okta = world.gateway.okta();
        let ready = self.goal.act.prepare::<S>(&okta, self.number).await;
        world.vendor.forget();
        world.vendor.trouble(self.trouble(steps));
        let told = ready.ask(&okta).await;
        let struck = world.vendor.is_struck();
        world.vendor.no_more_trouble();
        if !struck {
            return Ok(REMEMBERED.to_owned());
        }
        let shown = told.body.to_string() + &told.head;
        if let Some(secret) = world.secrets.iter().find(|secret| shown.contains(**secret)) {
            return Err(format!("`{secret}` is shown: {shown}"));
        }
        if told.status != 404 && self.goal.act.is_done(told.status) {
            return self.succeeded(world, &ready, told, steps);
        }
        let lines = || format!("; called {:?}", world.vendor.lines());
        self.refused(&told, steps).map_err(|words| words + &lines())?;
        let status = told.status;
        self.repeated(world, &ready, &okta).await?;
        Ok(format!("{status} and then done"))
    }

    /// A 2xx is true at the vendor.
    fn succeeded<S: Subject>(
        &self,
        world: &World<S>,
        ready: &Ready,
        told: Reply,
        steps: &Steps,
    ) -> Result<String, String> {
        let (goal, fault) = (self.goal, &self.wrong.fault);
        let held = ready.held(&*world.vendor.state(), self.number);
        let lied = expected::lies(fault);
        if held != goal.held && !lied {
            return match steps.may_fail(self.label) {
                true => Ok(WITHOUT.to_owned()),
                false => Err(format!(
                    "{} and the vendor has {held}, not {}; called {:?}",
                    told.status,
                    goal.held,
                    world.vendor.lines()
                )),
            };
        }
        let read = plain(told.body, self.number);
        let blind = goal.act == Act::LookUp && matches!(fault, Fault::Unfiltered);
        let shows = !goal.act.reads() || is_list(goal.act) || lied || blind;
        match shows || read == goal.told {
            true => Ok("done".to_owned()),
            false => Err(format!("told {read}, not {}", goal.told)),
        }
    }

    /// A failure is told as what it is.
    fn refused(&self, told: &Reply, steps: &Steps) -> Result<(), String> {
        let itself = steps.asks_for_itself(self.label);
        if !expected::statuses(&self.wrong.fault, itself, self.goal.act).contains(&told.status) {
            return Err(format!("{} {}", told.status, told.body["detail"]));
        }
        let waits = told.head.to_ascii_lowercase().contains("\r\nretry-after: ");
        match told.status == 429 && !waits {
            true => Err("429 without Retry-After".to_owned()),
            false => Ok(()),
        }
    }

    /// What was refused comes to its end by the client's repeat.
    async fn repeated<S: Subject>(
        &self,
        world: &World<S>,
        ready: &Ready,
        okta: &Okta,
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
        let held = ready.held(&*world.vendor.state(), self.number);
        let read = ready.read(okta, self.number).await;
        // That somebody is not there is remembered for a while, where a lookup was told so.
        let shown = read == goal.read || expected::lies(&self.wrong.fault);
        match held == goal.held && shown {
            true => Ok(()),
            false => Err(format!(
                "after the repeat ({}) the vendor has {held}, not {}; read {read}, not {}",
                last.status, goal.held, goal.read
            )),
        }
    }
}

/// Whose answer holds others too.
fn is_list(act: Act) -> bool {
    matches!(act, Act::Import | Act::ImportGroups)
}
