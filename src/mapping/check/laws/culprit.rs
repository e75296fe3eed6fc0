//! Culprit: a whole Resource that broke a law, brought down to the one or two rules that it takes.

use super::{
    case::{Case, Picks, Verdict, Whole},
    context,
    judged::{Counterexample, not_given_back, shown_or_nothing},
    shrink::fewest,
};
use crate::{
    diagnostic::{Diagnostic, Place},
    mapping::plan::{ExtraValue, Rule},
};
use serde_json::Value;

/// The finding of a verdict. The rules that it names are taken out, so that the case can go on.
pub fn found(whole: &mut Whole<'_>, case: &Case, verdict: Verdict) -> Option<Diagnostic> {
    match verdict {
        Verdict::Holds | Verdict::Unknown => None,
        Verdict::Breaks { rule, .. } => {
            let same = |verdict: &Verdict| matches!(verdict, Verdict::Breaks { rule: other, .. } if *other == rule);
            let (small, others) = smaller(whole, case, Some(rule), same);
            let other = others.first().copied();
            let found = match small.verdict(whole) {
                Verdict::Breaks { way, .. } => lost(whole, rule, other, way),
                _ => None,
            };
            [rule].into_iter().chain(other).for_each(|index| whole.take_out(index));
            found
        }
        Verdict::Changes { rule, way: [sent, back] } => {
            whole.take_out(rule);
            let broken = whole.context.plan.rules.get(rule)?;
            let given = sent.unwrap_or_default();
            let again = "a change when it is sent again".to_owned();
            let became = vec![shown_or_nothing(back.as_ref()), again];
            let found = Counterexample { given, became };
            Some(not_given_back(broken, &broken.target.to_string(), &found))
        }
        Verdict::Fails { place, message, reading } => {
            let same = |verdict: &Verdict| matches!(verdict, Verdict::Fails { place: other, .. } if *other == place);
            let (small, _) = smaller(whole, case, None, same);
            let found = failing(whole, &small, &place, &message, reading);
            whole.fails(&place);
            found
        }
    }
}

/// The same case with as few of the other rules as break it still, and which those are.
fn smaller(
    whole: &Whole<'_>,
    case: &Case,
    broken: Option<usize>,
    same: impl Fn(&Verdict) -> bool,
) -> (Case, Vec<usize>) {
    let nothing: Picks = vec![None; case.after.len()];
    let before = case.before.as_ref().unwrap_or(&nothing);
    let differs = |index: &usize| before.get(*index) != case.after.get(*index);
    let others: Vec<usize> = (0..case.after.len())
        .filter(|index| Some(*index) != broken && differs(index) && whole.is_in(*index))
        .collect();
    let with = |few: &[usize]| {
        let after = case.after.iter().zip(before).enumerate().map(|(index, (after, before))| {
            let kept = Some(index) == broken || few.contains(&index);
            if kept { *after } else { *before }
        });
        Case { before: case.before.clone(), after: after.collect() }
    };
    let few = fewest(&others, |few| same(&with(few).verdict(whole)));
    (with(&few), few)
}

/// What one rule reads is not what was sent: another one's doing, or that of a field of its own.
fn lost(
    whole: &Whole<'_>,
    rule: usize,
    other: Option<usize>,
    way: [Option<Value>; 3],
) -> Option<Diagnostic> {
    let rules = &whole.context.plan.rules;
    let broken = rules.get(rule)?;
    let [sent, vendor, back] = way.each_ref().map(Option::as_ref).map(shown_or_nothing);
    let over = || {
        let fields = &whole.context.plan.fields;
        fields.iter().find(|extra| broken.field().is_some_and(|field| field.overlaps(&extra.field)))
    };
    let (place, who) = match (over(), other.and_then(|other| rules.get(other))) {
        (Some(extra), _) => (&extra.place, format!("`{}` of `fields`", extra.field)),
        (None, Some(other)) => (&other.place, format!("`{}`", other.target)),
        (None, None) => {
            let given = way.into_iter().next().flatten().unwrap_or_default();
            let found = Counterexample { given, became: vec![vendor, back] };
            return Some(not_given_back(broken, &broken.target.to_string(), &found));
        }
    };
    let message = format!(
        "writing {who} changes what `{}` reads: {sent} -> {vendor} -> {back}",
        broken.target
    );
    let line = broken.place.span.line;
    let help = format!("`{}` stands at line {line}: give each a field of its own", broken.target);
    Some(Diagnostic::error("M302", place.clone(), message).help(help))
}

/// An expression that fails for what a client may send, or for what the vendor then has.
fn failing(
    whole: &Whole<'_>,
    case: &Case,
    place: &Place,
    why: &str,
    reading: bool,
) -> Option<Diagnostic> {
    let plan = whole.context.plan;
    let rule = plan.rules.iter().position(|rule| rule.place == *place);
    // It was found on its own already.
    if rule.is_some_and(|index| whole.is_broken(index)) {
        return None;
    }
    let rule = rule.and_then(|index| plan.rules.get(index));
    let extra = plan.fields.iter().find(|extra| extra.place == *place);
    let name = match (rule, extra) {
        (Some(rule), _) if !context::of_tenant(rule) => rule.target.to_string(),
        (None, Some(extra)) if !tenants(&extra.value) => extra.field.to_string(),
        _ => return None,
    };
    let named = |(index, rule): (usize, &Rule)| {
        let there = case.after.get(index).is_some_and(Option::is_some) && whole.is_in(index);
        there.then(|| format!("`{}`", rule.target))
    };
    let names: Vec<String> = plan.rules.iter().enumerate().filter_map(named).collect();
    let kind = &plan.kind.name;
    let who = match names.as_slice() {
        [] => format!("a {kind} without any attribute"),
        [one] => format!("a {kind} with {one} alone"),
        several => format!("a {kind} with {}", several.join(", ")),
    };
    let help = "what is absent is null: say what comes then, e.g. `coalesce(x, '')`; `join([a, b], ' ')` leaves it out";
    let finding = match reading {
        true => Diagnostic::warning(
            "M307",
            place.clone(),
            format!("`{name}` cannot be read of {who}: {why}"),
        ),
        false => Diagnostic::error(
            "M307",
            place.clone(),
            format!("`{name}` cannot be written for {who}: {why}"),
        ),
    };
    Some(finding.help(help))
}

/// Whether it looks at the tenant's variables: the sample's may be none that it takes.
fn tenants(value: &ExtraValue) -> bool {
    match value {
        ExtraValue::Write(expression) => {
            expression.names().iter().any(|name| name.root == "tenant")
        }
        ExtraValue::Constant(_) => true,
        ExtraValue::Generate(_) => false,
    }
}
