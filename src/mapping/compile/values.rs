//! Value tables: SCIM values get their types, and each vendor value means one of them.

use super::Compiler;
use crate::{
    mapping::{
        document::{Failed, RuleSection},
        plan::{Passage, TableRow, ValueTable},
        translate::passage::coerce,
    },
    scim::schema::{Attribute, Type},
    upstream::record::text_of,
};
use serde_json::Value;
use std::collections::HashMap;

/// How the values of a rule travel.
pub fn passage(cx: &mut Compiler<'_>, section: &RuleSection, attribute: &Attribute) -> Passage {
    Passage {
        table: table(cx, section, attribute),
        converters: section.convert.iter().map(|converter| converter.value.clone()).collect(),
        kind: attribute.kind,
        case_exact: attribute.case_exact,
        list: attribute.multi_valued,
        unordered: section.unordered,
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
            let kind = attribute.kind.as_str();
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
