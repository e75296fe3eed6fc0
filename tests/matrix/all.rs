//! All cases of a mapping: every fault in every call of every act, and in every call that takes something back.

use crate::{
    case::{self, Case, UNSHOWN, WITHOUT},
    expected::{self, Wrong},
    fakes::trouble::Fault,
    figures::Figures,
    steps::Steps,
    subject::Subject,
    world::{Files, Goal, Setting, World},
};
use futures_util::{StreamExt, stream};
use std::collections::BTreeSet;

/// Groups of cases at once: most of their time they wait for a vendor that does not answer.
const AT_ONCE: usize = 12;

/// Everything that may go wrong with a mapping; the figures are printed.
pub async fn all<S: Subject>(setting: Setting) {
    let files = Files::of::<S>(&setting);
    let steps = Steps::of(&files.patient, &S::api(S::begin().await.url()));
    let profile = setting.profile;
    let goals: Vec<Goal> = stream::iter(setting.acts.iter().copied())
        .map(|act| Goal::of::<S>(act, &files.patient, profile))
        .buffered(AT_ONCE)
        .collect()
        .await;

    let groups = goals.iter().flat_map(|goal| expected::faults().map(|wrong| (goal, wrong)));
    let (files, steps, setting) = (&files, &steps, &setting);
    let mut figures = Figures::default();
    let mut cases = stream::iter(groups)
        .map(|(goal, wrong)| cases::<S>(goal, wrong, setting, steps, files))
        .buffer_unordered(AT_ONCE);
    while let Some(some) = cases.next().await {
        figures.add(some);
    }
    figures.print(S::MAPPING, steps.all().count(), setting.lasting);
    let mut wrong = figures.wrong;
    if setting.acts == S::ACTS.concat() {
        let whole = whole(steps, &figures.struck).into_iter();
        wrong.extend(whole.map(|step| format!("{}: no case of {step}", S::MAPPING)));
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Faults that have struck no call of a step, though they can.
fn whole(steps: &Steps, struck: &BTreeSet<(String, String)>) -> Vec<String> {
    let faults: Vec<Wrong> = expected::faults().into_iter().flatten().collect();
    let mut whole = Vec::new();
    for (mark, step) in steps.all() {
        let can = faults.iter().filter(|wrong| step.may_suffer(&wrong.fault));
        let left = can.filter(|wrong| !struck.contains(&(mark.clone(), wrong.name.clone())));
        whole.extend(left.map(|wrong| format!("{}: {}", step.name, wrong.name)));
    }
    whole
}

/// Some faults in each call of an act, each about somebody of its own.
async fn cases<S: Subject>(
    goal: &Goal,
    wrong: Vec<Wrong>,
    setting: &Setting,
    steps: &Steps,
    files: &Files,
) -> Figures {
    let silent = wrong.iter().any(|wrong| matches!(wrong.fault, Fault::Delay(_)));
    let hasty = setting.lasting && silent;
    let file = if hasty { &files.hasty } else { &files.patient };
    let world = World::<S>::begin(file, setting.profile).await;
    let mut figures = Figures::default();
    let (mut number, mut remarked, mut unshown) = (0, 0, 0);
    for wrong in &wrong {
        for (mark, at) in case::places(goal, steps) {
            if !steps.get(mark.as_str()).may_suffer(&wrong.fault) {
                continue;
            }
            number += 1;
            let case = Case { goal, wrong, mark, at, setting, number };
            match case.run(&world, steps).await {
                Ok(came) => {
                    if let Some(mark) = came.struck {
                        figures.struck.insert((mark, wrong.name.clone()));
                    }
                    remarked += usize::from(came.outcome == WITHOUT);
                    unshown += usize::from(came.outcome == UNSHOWN);
                    figures.count(&came.outcome);
                }
                Err(words) => figures.wrong.push(format!("{}: {words}", case.words::<S>(steps))),
            }
        }
    }
    let log = world.gateway.ended();
    for (count, words) in [(remarked, "failed and may"), (unshown, "change not shown")] {
        let told = log.matches(words).count();
        if told < count {
            let words = format!("{:?}: `{words}` holds of {count}, and {told} are told", goal.act);
            figures.wrong.push(words);
        }
    }
    figures
}
