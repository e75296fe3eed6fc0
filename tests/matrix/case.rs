//! Case: one fault in one call of one act.

use crate::{
    act::{Act, plain},
    expected,
    fakes::{server::Fake, trouble::Fault},
    figures::Figures,
    harness::Gateway,
    mapping::{self, Steps},
    subject::Subject,
};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Groups of cases at once: most of their time they wait for a vendor that does not answer.
const AT_ONCE: usize = 12;
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
        Self { vendor, gateway: Gateway::one(tenant), secrets }
    }
}

/// Everything that may go wrong with a mapping; the figures are printed.
pub async fn all<S: Subject>() {
    let file = mapping::impatient(S::MAPPING);
    let steps = Steps::of(S::MAPPING, &S::api(S::begin().await.url()));
    let goals: Vec<Goal> =
        stream::iter(S::ACTS).map(|act| goal::<S>(*act, &file)).buffered(AT_ONCE).collect().await;
    let is_called = |label: &String| goals.iter().any(|goal| goal.labels.contains(label));
    let missing: Vec<String> = steps.labels().into_iter().filter(|label| !is_called(label)).collect();
    assert_eq!(missing, [""; 0], "{}: steps without a case", S::MAPPING);

    let groups = goals
        .iter()
        .flat_map(|goal| expected::faults().into_iter().map(move |fault| (goal, fault)));
    let file: &PathBuf = &file;
    let steps = &steps;
    let mut figures = Figures::default();
    let mut cases = stream::iter(groups)
        .map(|(goal, (name, fault, worked))| cases::<S>(goal, name, fault, worked, steps, file))
        .buffer_unordered(AT_ONCE);
    while let Some(some) = cases.next().await {
        figures.add(some);
    }
    figures.print(S::MAPPING, steps.labels().len());
    assert!(
        figures.wrong.is_empty(),
        "{} wrong:\n{}",
        figures.wrong.len(),
        figures.wrong.join("\n")
    );
}

async fn goal<S: Subject>(act: Act, file: &Path) -> Goal {
    let World { vendor, gateway, .. } = World::<S>::begin(file).await;
    let okta = gateway.okta();
    let ready = act.prepare::<S>(&okta, 0).await;
    let told = ready.ask(&okta).await;
    assert!(act.is_done(told.status), "{} {act:?}: {}", S::MAPPING, told.body);
    let held = ready.held(&*vendor.state(), 0);
    let read = ready.read(&okta, 0).await;
    // The process has ended, so all of its log was read; the last request in it is that of `read`.
    let mut requests = called(&gateway.ended());
    requests.pop();
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

/// One fault in each call of an act, once and for good, each about somebody of its own.
async fn cases<S: Subject>(
    goal: &Goal,
    name: String,
    fault: Fault,
    worked: bool,
    steps: &Steps,
    file: &Path,
) -> Figures {
    let world = World::<S>::begin(file).await;
    let mut figures = Figures::default();
    let (mut number, mut remarked) = (0, 0);
    for (position, label) in goal.labels.iter().enumerate() {
        let line = steps.line(label);
        let nth = goal.labels.iter().take(position + 1).filter(|other| steps.line(other) == line);
        let nth = nth.count();
        for lasting in [false, true] {
            // For good it takes as long again, and nothing else comes of it.
            if lasting && matches!(fault, Fault::Delay(_) | Fault::Drip(_)) {
                continue;
            }
            number += 1;
            let trouble = steps.trouble(label, fault.clone());
            let trouble = if lasting { trouble.since(nth) } else { trouble.nth(nth) };
            let trouble = if worked { trouble.after_the_work() } else { trouble };
            let words = format!(
                "{} {:?}, {name}{} in {label} (call {})",
                S::MAPPING,
                goal.act,
                if lasting { " for good" } else { "" },
                position + 1
            );
            let okta = world.gateway.okta();
            let ready = goal.act.prepare::<S>(&okta, number).await;
            world.vendor.trouble(trouble);
            let told = ready.ask(&okta).await;
            world.vendor.no_more_trouble();
            let shown = told.body.to_string() + &told.head;
            if let Some(secret) = world.secrets.iter().find(|secret| shown.contains(**secret)) {
                figures.wrong.push(format!("{words}: `{secret}` is shown: {shown}"));
            }
            let held = ready.held(&*world.vendor.state(), number);
            let told_plain = plain(told.body.clone(), number);
            let itself = steps.asks_for_itself(label);
            if goal.act.is_done(told.status) && told.status != 404 {
                if held != goal.held && steps.may_fail(label) {
                    figures.count("done without what may fail");
                    remarked += 1;
                    continue;
                }
                figures.count("done");
                let lied = expected::lies(&fault);
                let as_told =
                    !goal.act.reads() || told_plain == goal.told || lied || is_list(goal.act);
                if held != goal.held && !lied {
                    figures.wrong.push(format!(
                        "{words}: {} and the vendor has {held}, not {}",
                        told.status, goal.held
                    ));
                } else if !as_told {
                    figures.wrong.push(format!("{words}: told {told_plain}, not {}", goal.told));
                }
                continue;
            }
            figures.count(&format!("{} and then done", told.status));
            if !expected::statuses(&fault, itself, goal.act).contains(&told.status) {
                figures.wrong.push(format!("{words}: {} {}", told.status, told.body["detail"]));
            }
            let waits = told.head.to_ascii_lowercase().contains("\r\nretry-after: ");
            if told.status == 429 && !waits {
                figures.wrong.push(format!("{words}: 429 without Retry-After"));
            }
            let mut last = told;
            for _ in 0..REPEATS {
                last = ready.ask(&okta).await;
                if goal.act.is_done(last.status) {
                    break;
                }
            }
            let held = ready.held(&*world.vendor.state(), number);
            let read = ready.read(&okta, number).await;
            if !goal.act.is_done(last.status) {
                figures.wrong.push(format!("{words}: the repeat is {} {}", last.status, last.body));
            } else if held != goal.held || read != goal.read {
                figures.wrong.push(format!(
                    "{words}: after the repeat ({}) the vendor has {held}, not {}; read {read}, not {}",
                    last.status, goal.held, goal.read
                ));
            }
        }
    }
    let remarks = world.gateway.ended().matches("failed and may").count();
    if remarks < remarked {
        figures.wrong.push(format!("{:?}: {remarked} updates failed, and {remarks} are told", goal.act));
    }
    figures
}

/// Whose answer holds others too.
fn is_list(act: Act) -> bool {
    matches!(act, Act::Import | Act::ImportGroups)
}
