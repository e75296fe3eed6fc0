//! The rules of an `element`: one for each sub-attribute.

use super::{
    Compiler, lookup,
    modifiers::{refers, unordered, useless},
    sub_meant, templates,
    values::passage,
};
use crate::{
    mapping::{
        convert::Converter,
        document::{KindSection, RuleSection},
        expr::Expression,
        plan::{Direction, SubKind, SubRule},
        translate::passage::coerce,
    },
    scim::schema::{Attribute, Type},
    upstream::record::FieldPath,
};

/// One of them; nothing when it does not resolve.
pub fn sub_rule(cx: &mut Compiler<'_>, section: &RuleSection, list: &Attribute) -> Option<SubRule> {
    let span = section.path.span;
    let name = section.path.value.name.as_str();
    // A list of plain values is seen as elements with one sub-attribute, `value`.
    let plain = (list.kind != Type::Complex && name == "value")
        .then(|| Attribute { multi_valued: false, ..list.clone() });
    let Some(attribute) = plain.or_else(|| list.sub(name).cloned()) else {
        let message = format!("`{name}` is no sub-attribute of `{}`", list.name);
        cx.error("M201", span, message, Some(sub_meant(name, list)));
        return None;
    };
    let (kind, read) = kind(cx, section, &attribute)?;
    useless(cx, section);
    unordered(cx, section, false);
    beside_a_list(cx, section, list);
    refers(cx, section);
    let passage = passage(cx, section, &attribute);
    templates::check(cx, section, &passage, &attribute);
    let direction = match read {
        Some(_) => Direction::Read,
        None => section.direction.unwrap_or(Direction::Both),
    };
    Some(SubRule {
        name: if list.kind == Type::Complex { attribute.name } else { name.to_owned() },
        kind,
        passage,
        direction,
        refers: section.refers.as_ref().map(|refers| refers.value.clone()),
        lookup: lookup::rule(cx, section),
        read,
        default: section.default.as_ref().map(|default| default.value.clone()),
        missing: section.missing.as_ref().map(|missing| missing.value.clone()),
        required: section.required,
        place: cx.place(span),
    })
}

/// What it does, and the expression where it is only read.
fn kind(
    cx: &mut Compiler<'_>,
    section: &RuleSection,
    attribute: &Attribute,
) -> Option<(SubKind, Option<Expression>)> {
    let (span, name) = (section.path.span, &section.path.value.name);
    Some(match &section.kind {
        KindSection::Field { read: None, write: None, field } => {
            (SubKind::Field(field.value.clone()), None)
        }
        KindSection::Field { .. } => {
            let message = "`read` and `write` do nothing beside `field` in an element";
            let help = "`read` alone is read and not written; or give the list itself `read`";
            cx.error("M215", span, message, Some(help.to_owned()));
            return None;
        }
        KindSection::Computed(read) => (SubKind::Field(FieldPath::itself()), Some(read.clone())),
        KindSection::Constant(value) => {
            let Some(value) = coerce(value.clone(), attribute.kind) else {
                let kind = attribute.kind.as_str();
                let message = format!("`{value}` in `constant` of `{name}` is no {kind}");
                let help = format!("write the SCIM value, a {kind}");
                cx.error("M210", span, message, Some(help));
                return None;
            };
            (SubKind::Constant(value), None)
        }
        KindSection::First => (SubKind::First, None),
        _ => {
            let message =
                format!("`{name}` in an element takes `field`, `read`, `constant` or `first`");
            let help = "what needs more is the list's own rule, e.g. `read:` over the whole of it";
            cx.error("M106", span, message, Some(help.to_owned()));
            return None;
        }
    })
}

/// Converters beside `element` make one value of the whole list, so the first of them takes a list: `json` takes any,
/// and `split` one whose elements are texts.
pub fn beside_element(cx: &mut Compiler<'_>, section: &RuleSection, element: &[RuleSection]) {
    let Some(first) = section.convert.first() else { return };
    let part = |rule: &RuleSection| match &rule.kind {
        KindSection::Field { field, .. } => field.value == FieldPath::itself(),
        _ => true,
    };
    let (why, help) = match &first.value {
        Converter::Json => return,
        Converter::Split(_) if element.iter().all(part) => return,
        Converter::Split(_) => (
            "cuts a text into texts, and its elements have fields",
            "say `field: .` in the element, which is the text itself",
        ),
        _ => (
            "is of single values, and this is a list",
            "say it in the element, e.g. `element: { value: { field: ., convert: [lower] } }`",
        ),
    };
    let message = format!("{} beside `element` {why}", first.value);
    cx.error("M216", first.span, message, Some(help.to_owned()));
}

/// What is the list's own to say, and does nothing in its elements.
fn beside_a_list(cx: &mut Compiler<'_>, section: &RuleSection, list: &Attribute) {
    let idle = [
        ("generate", section.generate.is_some()),
        ("only", section.only_create),
        ("if_changed", section.if_changed.is_some()),
        ("clear", section.clear.is_some()),
        ("when", section.when.is_some()),
        ("lossy", section.lossy.is_some()),
    ];
    for (key, _) in idle.iter().filter(|(_, said)| *said) {
        let message = format!("`{key}` does nothing in an element");
        let help = match *key {
            "generate" => "leave `generate` out".to_owned(),
            key => format!("say `{key}` beside `element`"),
        };
        cx.error("M217", section.path.span, message, Some(help));
    }
    // An element that is one value, or none, has nothing beside it to lack.
    let whole = match section.kind {
        KindSection::First => "`first`",
        _ if list.kind != Type::Complex => "the `value` of a list of plain values",
        _ => return,
    };
    let lacking = [
        ("missing", section.missing.is_some()),
        ("default", section.default.is_some()),
        ("required", section.required),
    ];
    for (key, _) in lacking.iter().filter(|(_, said)| *said) {
        let message = format!("`{key}` does nothing beside {whole}");
        cx.error("M217", section.path.span, message, Some(format!("leave `{key}` out")));
    }
}
