//! Rules: attribute paths meet schemas, table values get types.

use super::{Compiler, did_you_mean};
use crate::{
    diagnostic::nearest,
    mapping::{
        document::{KindSection, RuleSection},
        path::Select,
        plan::{
            Clear, Direction, Elements, IfChanged, Passage, Rule, RuleKind, SubKind, SubRule,
            TableRow, Target, ValueTable,
        },
        translate::passage::coerce,
    },
    scim::{
        attribute::AttributePath,
        resource_type::ResourceType,
        schema::{Attribute, Type},
    },
    upstream::record::text_of,
};
use serde_json::Value;

/// One rule against the schemas; nothing when its path does not resolve.
pub fn rule(cx: &mut Compiler<'_>, section: &RuleSection, full: &ResourceType) -> Option<Rule> {
    let span = section.path.span;
    let target = cx.target(&section.path.value, span, full)?;
    let attribute = leaf(&target, full)?;
    if attribute.multi_valued
        && attribute.kind == Type::Complex
        && matches!(target, Target::Attribute(_))
        && matches!(section.kind, KindSection::Field { .. })
    {
        let message = format!("`{}` is a list; the rule has no element and no selector", target);
        let help = "say what an element is, e.g. `element: { value: { field: . } }`".to_owned();
        cx.error("M205", span, message, Some(help));
    }
    let passage = passage(cx, section, &attribute);
    let direction = section.direction.unwrap_or(Direction::Both);
    let if_changed = section.if_changed.unwrap_or(match section.only_create {
        true => IfChanged::Reject,
        false => IfChanged::Ignore,
    });
    Some(Rule {
        kind: kind(cx, section, &attribute)?,
        passage,
        direction,
        only_create: section.only_create,
        if_changed,
        // What the RFC requires a mapping cannot make optional (userName, a Group's displayName).
        required: section.required || (attribute.required && !target_is_element(&target)),
        refers: section.refers.as_ref().map(|refers| refers.value.clone()),
        default: section.default.as_ref().map(|default| default.value.clone()),
        missing: section.missing.as_ref().map(|missing| missing.value.clone()),
        clear: section.clear.unwrap_or(Clear::Null),
        when: section.when.clone(),
        place: cx.place(span),
        target,
    })
}

fn target_is_element(target: &Target) -> bool {
    match target {
        Target::Element { .. } => true,
        Target::Attribute(path) => path.sub.is_some(),
    }
}

/// The attribute whose values a rule carries.
pub fn leaf(target: &Target, full: &ResourceType) -> Option<Attribute> {
    let (path, sub) = match target {
        Target::Attribute(path) => (path.clone(), None),
        Target::Element { list, sub, .. } => (list.clone(), Some(sub)),
    };
    let resolved = full.resolve(&path)?;
    let attribute = resolved.sub.or(resolved.attribute)?;
    match sub {
        None => Some(attribute.clone()),
        Some(sub) => attribute.sub(sub).cloned(),
    }
}

fn kind(cx: &mut Compiler<'_>, section: &RuleSection, attribute: &Attribute) -> Option<RuleKind> {
    Some(match &section.kind {
        KindSection::Field { field, read, write } => {
            RuleKind::Field { field: field.value.clone(), read: read.clone(), write: write.clone() }
        }
        KindSection::Computed(read) => RuleKind::Computed { read: read.clone() },
        KindSection::Constant(value) => {
            let Some(value) = coerce(value.clone(), attribute.kind) else {
                let message = format!("`{value}` is no {:?}", attribute.kind).to_lowercase();
                cx.error("M210", section.path.span, message, None);
                return None;
            };
            RuleKind::Constant(value)
        }
        KindSection::List { field, owned, element } => RuleKind::List {
            field: field.value.clone(),
            elements: Elements {
                owned: owned.clone(),
                subs: element.iter().filter_map(|sub| sub_rule(cx, sub, attribute)).collect(),
                unordered: section.unordered,
                plain: attribute.kind != Type::Complex,
            },
        },
        KindSection::First => {
            cx.error("M215", section.path.span, "`first` outside `element.primary`", None);
            return None;
        }
        KindSection::Ignore => RuleKind::Ignore,
        KindSection::Reject => RuleKind::Reject,
    })
}

fn sub_rule(cx: &mut Compiler<'_>, section: &RuleSection, list: &Attribute) -> Option<SubRule> {
    let name = section.path.value.name.as_str();
    // A list of plain values is seen as elements with one sub-attribute, `value`.
    let plain = (list.kind != Type::Complex && name == "value")
        .then(|| Attribute { multi_valued: false, ..list.clone() });
    let Some(attribute) = plain.or_else(|| list.sub(name).cloned()) else {
        let near = nearest(name, list.attributes.iter().map(|sub| sub.name.as_str()));
        let message = format!("`{name}` is no sub-attribute of `{}`", list.name);
        cx.error("M201", section.path.span, message, near.map(did_you_mean));
        return None;
    };
    let canonical =
        if list.kind == Type::Complex { attribute.name.clone() } else { name.to_owned() };
    let kind = match &section.kind {
        KindSection::Field { field, .. } => SubKind::Field(field.value.clone()),
        KindSection::Constant(value) => SubKind::Constant(value.clone()),
        KindSection::First => SubKind::First,
        _ => {
            let message = format!("`{name}` in an element takes `field`, `constant` or `first`");
            cx.error("M106", section.path.span, message, None);
            return None;
        }
    };
    Some(SubRule {
        name: canonical,
        kind,
        passage: passage(cx, section, &attribute),
        direction: section.direction.unwrap_or(Direction::Both),
        refers: section.refers.as_ref().map(|refers| refers.value.clone()),
    })
}

fn passage(cx: &mut Compiler<'_>, section: &RuleSection, attribute: &Attribute) -> Passage {
    Passage {
        table: table(cx, section, attribute),
        converters: section.convert.iter().map(|converter| converter.value.clone()).collect(),
        kind: attribute.kind,
        case_exact: attribute.case_exact,
        list: attribute.multi_valued,
    }
}

/// A value table with typed SCIM values, one to one.
fn table(
    cx: &mut Compiler<'_>,
    section: &RuleSection,
    attribute: &Attribute,
) -> Option<ValueTable> {
    if section.values.is_empty() {
        return None;
    }
    let mut rows: Vec<TableRow> = Vec::new();
    for (key, vendor) in &section.values {
        let Some(scim) = coerce(Value::String(key.value.clone()), attribute.kind) else {
            let kind = format!("{:?}", attribute.kind).to_lowercase();
            cx.error("M210", key.span, format!("`{}` in `values` is no {kind}", key.value), None);
            continue;
        };
        let mut row = TableRow { scim, vendor: Vec::new(), rest: false };
        for value in vendor {
            if value.value == Value::String("*".to_owned()) {
                row.rest = true;
                continue;
            }
            let text = text_of(&value.value);
            let taken =
                rows.iter().find(|other| other.vendor.iter().any(|listed| text_of(listed) == text));
            if let Some(other) = taken {
                let other = text_of(&other.scim).unwrap_or_default();
                let found = text.unwrap_or_default();
                let message =
                    format!("vendor value `{found}` is listed for `{other}` and `{}`", key.value);
                let help = "it could not be read back; list it once".to_owned();
                cx.error("M209", value.span, message, Some(help));
            }
            row.vendor.push(value.value.clone());
        }
        rows.push(row);
    }
    Some(ValueTable { rows })
}

/// What two rules must not share: an attribute, or a vendor field that both write.
pub fn exclusive(cx: &mut Compiler<'_>, rules: &[Rule]) {
    for (index, rule) in rules.iter().enumerate() {
        for earlier in rules.iter().take(index) {
            if rule.target == earlier.target {
                let message = format!("`{}` has a rule already", rule.target);
                let help = format!("the first one stands at line {}", earlier.place.span.line);
                cx.error("M202", rule.place.span, message, Some(help));
            } else if mixed(rule, earlier) {
                let message = format!(
                    "`{}` mixes selector, index and whole-list rules",
                    rule.target.attribute()
                );
                let help = format!("choose one form; line {}", earlier.place.span.line);
                cx.error("M206", rule.place.span, message, Some(help));
            } else if clash(rule, earlier) {
                let field = rule.field().map(ToString::to_string).unwrap_or_default();
                let message = format!(
                    "`{}` and `{}` both write `{field}`, or one writes inside the other's",
                    earlier.target, rule.target
                );
                let help = "one of them gets `direction: read`, or disjoint `where`".to_owned();
                cx.error("M208", rule.place.span, message, Some(help));
            }
        }
    }
}

/// One list has selector rules, or index rules, or one whole-list rule. Whole-list rules with
/// `where` share a vendor list, not the attribute.
fn mixed(one: &Rule, other: &Rule) -> bool {
    let form = |rule: &Rule| match &rule.target {
        Target::Element { list, select: Select::Where { .. }, .. } => Some((list.clone(), 1)),
        Target::Element { list, select: Select::Index(_), .. } => Some((list.clone(), 2)),
        Target::Attribute(path) => match rule.kind {
            RuleKind::List { .. } => Some((AttributePath { sub: None, ..path.clone() }, 3)),
            _ => None,
        },
    };
    match (form(one), form(other)) {
        (Some((list, one)), Some((other_list, other))) => list == other_list && one != other,
        _ => false,
    }
}

fn clash(one: &Rule, other: &Rule) -> bool {
    let (Some(field), Some(other_field)) = (one.field(), other.field()) else { return false };
    if !one.writable() || !other.writable() || !field.overlaps(other_field) {
        return false;
    }
    match (&one.kind, &other.kind) {
        (
            RuleKind::List { elements: Elements { owned, .. }, .. },
            RuleKind::List { elements: Elements { owned: other, .. }, .. },
        ) => {
            // Disjoint when one field must have two values.
            !owned.iter().any(|(name, value)| {
                other.iter().any(|(same, wanted)| name == same && value != wanted)
            })
        }
        _ => true,
    }
}
