//! Rules: attribute paths meet schemas, table values get types.

use super::{Compiler, constants, did_you_mean, kept, templates};
use crate::{
    diagnostic::nearest,
    mapping::{
        document::{Failed, KindSection, RuleSection},
        plan::{
            Clear, Direction, Elements, IfChanged, Passage, Rule, RuleKind, SubKind, SubRule,
            TableRow, Target, ValueTable,
        },
        translate::passage::coerce,
    },
    scim::{
        resource_type::ResourceType,
        schema::{Attribute, Type},
    },
    upstream::record::text_of,
};
use serde_json::Value;
use std::collections::HashMap;

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
    let many = attribute.multi_valued && matches!(target, Target::Attribute(_));
    if matches!(section.kind, KindSection::List { .. }) && !many {
        let message = format!("`{target}` is a single value: `element` makes no sense");
        let help = "say where it stands, e.g. `field: job`".to_owned();
        cx.error("M204", span, message, Some(help));
        return None;
    }
    if within_list(&target, full)
        && !matches!(section.kind, KindSection::Ignore | KindSection::Reject)
    {
        let message =
            format!("`{target}` is in each element of a list, and the rule does not say in which");
        let help =
            "select one, e.g. `emails.^[type=='work'].value`; or map the list with `element`";
        cx.error("M205", span, message, Some(help.to_owned()));
    }
    useless(cx, section);
    refers(cx, section);
    let passage = passage(cx, section, &attribute);
    templates::check(cx, section, &passage, &attribute);
    let direction = section.direction.unwrap_or(Direction::Both);
    let refused = section.only_create || matches!(section.kind, KindSection::Reject);
    let if_changed = section.if_changed.unwrap_or(match refused {
        true => IfChanged::Reject,
        false => IfChanged::Ignore,
    });
    let rule = Rule {
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
        // A form has no null: an empty value is how it says so.
        clear: section.clear.unwrap_or(if cx.form { Clear::Empty } else { Clear::Null }),
        when: section.when.clone(),
        lossy: section.lossy.as_ref().map(|why| why.value.clone()),
        place: cx.place(span),
        target,
    };
    match rule.kind {
        RuleKind::Kept => kept::rule(cx, rule, &attribute),
        _ => Some(rule),
    }
}

/// Keys that stand there and do nothing: the author believes in something that does not happen.
fn useless(cx: &mut Compiler<'_>, section: &RuleSection) {
    let kind = match &section.kind {
        KindSection::Ignore => "`ignore`",
        KindSection::Reject => "`reject`",
        KindSection::Constant(_) => "`constant`",
        KindSection::Kept => "`kept`",
        KindSection::Computed(_) => "`read` alone",
        _ if section.direction == Some(Direction::Read) => "`direction: read`",
        _ => "",
    };
    // What a rule that never writes cannot use; and what one that never reads cannot either.
    let kept = matches!(section.kind, KindSection::Kept);
    let writing = [
        ("default", section.default.is_some()),
        ("clear", section.clear.is_some()),
        ("only", section.only_create && !kept),
    ];
    let reading = [
        ("direction", section.direction.is_some()),
        ("values", !section.values.is_empty()),
        ("convert", !section.convert.is_empty()),
        ("refers", section.refers.is_some()),
        ("missing", section.missing.is_some()),
        ("required", section.required),
        ("lossy", section.lossy.is_some()),
    ];
    let unread = matches!(
        section.kind,
        KindSection::Ignore | KindSection::Reject | KindSection::Constant(_)
    );
    let idle = writing.iter().filter(|_| !kind.is_empty());
    // A kept value is as the client wrote it, and is there or not.
    let stays = |key: &str| kept && !matches!(key, "missing" | "required");
    let unused = reading.iter().filter(|(key, _)| unread || stays(key));
    for (key, _) in idle.chain(unused).filter(|(_, said)| *said) {
        let message = format!("`{key}` does nothing beside {kind}");
        cx.error("M217", section.path.span, message, Some(format!("leave `{key}` out")));
    }
    if section.direction == Some(Direction::Write) && section.missing.is_some() {
        let message = "`missing` does nothing beside `direction: write`";
        cx.error("M217", section.path.span, message, Some("leave `missing` out".to_owned()));
    }
    if section.unordered && !matches!(section.kind, KindSection::List { .. }) {
        let message = "`unordered` needs a list with an `element`";
        cx.error("M215", section.path.span, message, Some("leave `unordered` out".to_owned()));
    }
}

/// `refers: TYPE` names a resource of this mapping.
fn refers(cx: &mut Compiler<'_>, section: &RuleSection) {
    let Some(refers) = &section.refers else { return };
    if cx.resources.contains(&refers.value) {
        return;
    }
    let near = nearest(&refers.value, cx.resources.iter().map(String::as_str));
    let help = near.map_or_else(|| format!("there are {}", cx.resources.join(", ")), did_you_mean);
    cx.error(
        "M213",
        refers.span,
        format!("resource `{}` does not exist", refers.value),
        Some(help),
    );
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

/// Whether the target is a part of a list's elements without a word about which of them.
fn within_list(target: &Target, full: &ResourceType) -> bool {
    let Target::Attribute(path) = target else { return false };
    let resolved = full.resolve(path);
    resolved.is_some_and(|resolved| {
        resolved.sub.is_some() && resolved.attribute.is_some_and(|list| list.multi_valued)
    })
}

fn kind(cx: &mut Compiler<'_>, section: &RuleSection, attribute: &Attribute) -> Option<RuleKind> {
    Some(match &section.kind {
        KindSection::Field { field, read, write } => {
            RuleKind::Field { field: field.value.clone(), read: read.clone(), write: write.clone() }
        }
        KindSection::Computed(read) => RuleKind::Computed { read: read.clone() },
        KindSection::Constant(value) => {
            if let Some((why, help)) = constants::wrong(value, attribute) {
                cx.error("M210", section.path.span, format!("`constant` {why}"), Some(help));
                return None;
            }
            let Some(value) = coerce(value.clone(), attribute.kind) else {
                let kind = format!("{:?}", attribute.kind).to_lowercase();
                let message = format!("`{value}` in `constant` is no {kind}");
                let help = format!("write the SCIM value, a {kind}");
                cx.error("M210", section.path.span, message, Some(help));
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
            let help = "it stands in a list's rule: `element: { primary: { first: true }, ... }`";
            let message = "`first` outside `element.primary`";
            cx.error("M215", section.path.span, message, Some(help.to_owned()));
            return None;
        }
        KindSection::Kept => RuleKind::Kept,
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
        KindSection::Constant(value) if coerce(value.clone(), attribute.kind).is_none() => {
            let kind = format!("{:?}", attribute.kind).to_lowercase();
            let message = format!("`{value}` in `constant` of `{name}` is no {kind}");
            let help = format!("write the SCIM value, a {kind}");
            cx.error("M210", section.path.span, message, Some(help));
            return None;
        }
        KindSection::Constant(value) => SubKind::Constant(value.clone()),
        KindSection::First => SubKind::First,
        _ => {
            let message = format!("`{name}` in an element takes `field`, `constant` or `first`");
            let help = "what needs more is the list's own rule, e.g. `read:` over the whole of it";
            cx.error("M106", section.path.span, message, Some(help.to_owned()));
            return None;
        }
    };
    useless(cx, section);
    refers(cx, section);
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
    // Each vendor value with the SCIM value that has it.
    let mut listed: HashMap<String, String> = HashMap::new();
    let mut spelt: HashMap<String, String> = HashMap::new();
    let mut rest: Option<String> = None;
    for (key, vendor) in &section.values {
        let Some(scim) = coerce(Value::String(key.value.clone()), attribute.kind) else {
            let kind = format!("{:?}", attribute.kind).to_lowercase();
            let help = match attribute.kind {
                Type::Boolean => "keys are the SCIM values: true and false".to_owned(),
                _ => format!("keys are the SCIM values, each a {kind}"),
            };
            let message = format!("`{}` in `values` is no {kind}", key.value);
            cx.error("M210", key.span, message, Some(help));
            cx.gaps.rules.push(Failed::Attribute(section.path.value.name.clone()));
            continue;
        };
        if let Some(other) = spelt.insert(folded(&scim, attribute), key.value.clone()) {
            let message =
                format!("`{other}` and `{}` are one value: case does not count", key.value);
            let help = "keep one; a list names several vendor values of it".to_owned();
            cx.error("M209", key.span, message, Some(help));
            cx.gaps.rules.push(Failed::Attribute(section.path.value.name.clone()));
        }
        let mut row = TableRow { scim, vendor: Vec::new(), rest: false };
        for value in vendor {
            if value.value == Value::String("*".to_owned()) {
                row.rest = true;
                if let Some(other) = rest.replace(key.value.clone()) {
                    let message = format!("`*` stands for `{other}` and for `{}`", key.value);
                    let help = "all other vendor values read as one: keep it there".to_owned();
                    cx.error("M209", value.span, message, Some(help));
                    cx.gaps.rules.push(Failed::Attribute(section.path.value.name.clone()));
                }
                continue;
            }
            let text = text_of(&value.value);
            if let Some(other) = text.as_ref().and_then(|text| listed.get(text)) {
                let found = text.as_deref().unwrap_or_default();
                let message =
                    format!("vendor value `{found}` is listed for `{other}` and `{}`", key.value);
                let help = "it could not be read back; list it once".to_owned();
                cx.error("M209", value.span, message, Some(help));
                cx.gaps.rules.push(Failed::Attribute(section.path.value.name.clone()));
            }
            listed.extend(text.map(|text| (text, key.value.clone())));
            row.vendor.push(value.value.clone());
        }
        rows.push(row);
    }
    one_of(cx, section, attribute, &rows);
    Some(ValueTable { rows })
}

/// A SCIM value as it compares.
fn folded(value: &Value, attribute: &Attribute) -> String {
    let text = text_of(value).unwrap_or_default();
    if attribute.case_exact { text } else { text.to_lowercase() }
}

/// A schema's own list of values holds for a table too.
fn one_of(cx: &mut Compiler<'_>, section: &RuleSection, attribute: &Attribute, rows: &[TableRow]) {
    let known = |value: &Value| {
        let text = text_of(value).unwrap_or_default();
        attribute.canonical_values.contains(&text)
    };
    if !attribute.enforced {
        return;
    }
    for row in rows.iter().filter(|row| !known(&row.scim)) {
        let text = text_of(&row.scim).unwrap_or_default();
        let span =
            section.values.iter().find(|(key, _)| key.value == text).map(|(key, _)| key.span);
        let message = format!("`{text}` in `values` is not in `one_of` of the schema");
        let help = format!("it has {}", attribute.canonical_values.join(", "));
        cx.error("M210", span.unwrap_or(section.path.span), message, Some(help));
    }
}
