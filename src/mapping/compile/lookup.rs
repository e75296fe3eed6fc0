//! `lookup` of a rule: it names one of this mapping, which can be asked the way the rule works.

use super::Compiler;
use crate::{
    diagnostic::{Span, did_you_mean, nearest},
    mapping::{
        document::{KindSection, RuleSection},
        plan::{Direction, ExtraField, Lookup, LookupPlan, Unknown},
    },
};

/// Of a rule, or of a rule of an element.
pub fn rule(cx: &mut Compiler<'_>, section: &RuleSection) -> Option<Lookup> {
    let Some(used) = &section.lookup else {
        if section.unknown {
            let message = "`unknown` does nothing without `lookup`";
            cx.error("M217", section.path.span, message, Some("leave `unknown` out".to_owned()));
        }
        return None;
    };
    if let Some(refers) = &section.refers {
        let message = "`lookup` and `refers` exclude each other";
        cx.error("M106", refers.span, message, Some("keep one".to_owned()));
    }
    if matches!(section.kind, KindSection::List { .. }) {
        let message = "`lookup` does nothing beside `element`";
        let help = "say it in the rule of the sub-attribute, e.g. `element: { value: { field: ., lookup: NAME } }`";
        cx.error("M217", used.span, message, Some(help.to_owned()));
        return None;
    }
    if used.value.unknown == Unknown::Default && section.default.is_none() {
        let message = "`unknown: default` needs a `default`";
        let help = "add it, e.g. `default: Stockholm`; or `unknown: reject`".to_owned();
        cx.error("M103", used.span, message, Some(help));
    }
    let lookup = named(cx, &used.value, used.span)?;
    let only_written = section.direction == Some(Direction::Write);
    if !lookup.reads() && !only_written {
        let message =
            format!("lookup `{}` is read backwards, but finds one name at a time", lookup.name);
        let help = "add `by_key: { call: \"GET /.../{value}\", record: . }` to it, or `direction: write` here";
        cx.error("M214", used.span, message, Some(help.to_owned()));
    }
    Some(used.value.clone())
}

/// Of an entry of `fields`.
pub fn extra(cx: &mut Compiler<'_>, extra: &ExtraField) {
    if let Some(lookup) = &extra.lookup {
        named(cx, lookup, extra.place.span);
    }
}

fn named<'c>(cx: &mut Compiler<'c>, used: &Lookup, span: Span) -> Option<&'c LookupPlan> {
    let lookups = cx.lookups;
    let found = lookups.iter().find(|lookup| lookup.name == used.name);
    if found.is_none() {
        let known = || lookups.iter().map(|lookup| &*lookup.name);
        let help = match (nearest(&used.name, known()), lookups) {
            (Some(near), _) => did_you_mean(near),
            (None, []) => format!("declare it: `lookups: {{ {}: ... }}`", used.name),
            (None, _) => format!("there are {}", known().collect::<Vec<_>>().join(", ")),
        };
        cx.error("M213", span, format!("lookup `{}` does not exist", used.name), Some(help));
    }
    found
}
