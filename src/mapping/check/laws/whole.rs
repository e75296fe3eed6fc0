//! The laws of the whole: Resources with all attributes, few, others, and some taken away go to the
//! vendor and come back; every rule must find its own again, whatever the others wrote.

use super::{
    case::{Case, Picks, Verdict, Whole},
    context::Context,
    culprit,
    generate::Generator,
    judged::Judged,
};
use crate::{
    diagnostic::Diagnostic,
    mapping::plan::{Clear, Rule},
};

/// Cases by chance, beside those that are always tried.
const RANDOM: usize = 4;
/// Findings of one resource at most: behind so many, the rest would be their doing.
const MOST: usize = 20;

/// One resource, by its rules that keep the laws alone. Gives back the rules that stand in a finding.
pub fn check(
    context: &Context<'_>,
    judged: &[Judged],
    generator: &mut Generator,
    findings: &mut Vec<Diagnostic>,
) -> Vec<usize> {
    let mut whole = Whole::new(context, judged);
    let begun = findings.len();
    for case in cases(&whole, generator) {
        while findings.len() - begun < MOST {
            match case.verdict(&whole) {
                Verdict::Holds | Verdict::Unknown => break,
                broken => findings.extend(culprit::found(&mut whole, &case, broken)),
            }
        }
    }
    (0..judged.len()).filter(|index| whole.is_broken(*index)).collect()
}

/// Least, full, cleared, some by chance; and for each two rules one where the first has a value and the
/// second has none, and one where the first changes and the second does not: the bits of their numbers
/// tell them apart, so that twice as many cases as a number has bits are enough for all pairs.
fn cases(whole: &Whole<'_>, generator: &mut Generator) -> Vec<Case> {
    let rules = &whole.context.plan.rules;
    let picks = |pick: &dyn Fn(usize, &Rule) -> Option<usize>| -> Picks {
        rules.iter().enumerate().map(|(index, rule)| pick(index, rule)).collect()
    };
    let full = |round: usize| picks(&|index, _| Some(index + round));
    let least = picks(&|index, rule| rule.required.then_some(index));
    let stays = |rule: &Rule| rule.required || rule.clear == Clear::Reject;
    let cleared = picks(&|index, rule| stays(rule).then_some(index));
    let bits = usize::BITS - rules.len().saturating_sub(1).leading_zeros();
    let sides = || (0..bits).flat_map(|bit| [(bit, 0), (bit, 1)]);
    let on = |index: usize, (bit, side): (u32, usize)| index >> bit & 1 == side;
    let made = |after: Picks| Case { before: None, after };
    let change = |before: Picks, after: Picks| Case { before: Some(before), after };

    let mut cases: Vec<Case> =
        [full(0), full(1), least.clone(), picks(&|_, _| None)].map(made).into();
    cases.extend(sides().map(|side| {
        made(picks(&|index, rule| (rule.required || on(index, side)).then_some(index)))
    }));
    cases.extend([change(full(0), full(1)), change(full(0), cleared), change(least, full(2))]);
    cases.extend(sides().map(|side| {
        change(full(0), picks(&|index, _| Some(index + usize::from(on(index, side)))))
    }));
    for _ in 0..RANDOM {
        let mut chance = |round: usize| -> Picks {
            let some = |(index, rule): (usize, &Rule)| {
                let skipped = generator.below(3) == 0 && !stays(rule);
                (!skipped).then(|| index + round + generator.below(8))
            };
            rules.iter().enumerate().map(some).collect()
        };
        let (before, after) = (chance(0), chance(1));
        cases.push(change(before, after));
    }
    cases
}
