//! `default` and `missing`: SCIM values, so they are of the attribute's type and in its table.

use super::Compiler;
use crate::{
    mapping::{
        document::{KindSection, RuleSection},
        expr::{Scope, Template},
        plan::Passage,
        translate::passage::{self, coerce},
    },
    scim::schema::Attribute,
    upstream::record::text_of,
    yaml::Spanned,
};
use serde_json::Value;

/// Both of one rule, where they say the value itself.
pub fn check(
    cx: &mut Compiler<'_>,
    section: &RuleSection,
    passage: &Passage,
    attribute: &Attribute,
) {
    if matches!(section.kind, KindSection::List { .. }) {
        return;
    }
    let mut one = |key: &str, written: &Option<Spanned<Template>>, writes: bool| {
        let written = written.as_ref().filter(|written| written.value.is_literal())?;
        let said = written.value.value(&Scope::new()).ok()?;
        if let Some((why, help)) = wrong(&said, passage, attribute, writes) {
            let text = text_of(&said).unwrap_or_default();
            cx.error("M210", written.span, format!("`{text}` in `{key}` {why}"), Some(help));
        }
        // `7` and `"7"` are one value to the attribute.
        coerce(said.clone(), attribute.kind).or(Some(said))
    };
    let default = one("default", &section.default, true);
    let missing = one("missing", &section.missing, false);
    if let (Some(default), Some(missing)) = (default, missing)
        && default != missing
        && let Some(written) = &section.missing
    {
        let place = cx.place(written.span);
        let message = "`missing` and `default` differ";
        let help = "a created resource reads back otherwise than one that was always there";
        let finding = crate::diagnostic::Diagnostic::warning("M305", place, message).help(help);
        cx.findings.push(finding);
    }
}

/// What is wrong with a value, and what to write.
fn wrong(
    said: &Value,
    passage: &Passage,
    attribute: &Attribute,
    writes: bool,
) -> Option<(String, String)> {
    let kind = attribute.kind.as_str();
    let Some(value) = coerce(said.clone(), attribute.kind) else {
        return Some((format!("is no {kind}"), format!("write the SCIM value, a {kind}")));
    };
    if let Some(table) = &passage.table {
        let texts: Vec<String> = table.rows.iter().filter_map(|row| text_of(&row.scim)).collect();
        let listed = table.rows.iter().any(|row| row.scim == value);
        if !listed {
            let help = format!("write one of {}", texts.join(", "));
            return Some(("is not in `values`".to_owned(), help));
        }
    } else if attribute.enforced && !attribute.canonical_values.iter().any(|known| value == **known)
    {
        let help = format!("write one of {}", attribute.canonical_values.join(", "));
        return Some(("is not in `one_of` of the schema".to_owned(), help));
    }
    let refused = writes.then(|| passage::write(passage, &value).err()).flatten()?;
    Some((format!("cannot be written: {refused}"), "write a value that the rule takes".to_owned()))
}
