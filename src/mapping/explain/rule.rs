//! One rule in words.

use crate::{
    mapping::plan::{Clear, Direction, ExtraField, ExtraValue, Passage, Rule, RuleKind, SubKind},
    upstream::record::text_of,
};

/// What a rule does, on one line.
pub fn of_rule(rule: &Rule) -> String {
    let arrow = match rule.direction {
        Direction::Read => "<-",
        Direction::Write => "->",
        Direction::Both => "<>",
    };
    let mut words = match &rule.kind {
        RuleKind::Field { field, read, write } => {
            let read = read.as_ref().map(|read| format!(", read as `{}`", read.text()));
            let write = write.as_ref().map(|write| format!(", written as `{}`", write.text()));
            format!("{arrow} {field}{}{}", read.unwrap_or_default(), write.unwrap_or_default())
        }
        RuleKind::Computed { read } => format!("<- `{}`", read.text()),
        RuleKind::Constant(value) => format!("always {value}"),
        RuleKind::Kept => "kept in the store".to_owned(),
        RuleKind::Ignore => "ignored".to_owned(),
        RuleKind::Reject => "refused".to_owned(),
        RuleKind::List { field, elements } => {
            let owned: Vec<String> =
                elements.owned.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let owned =
                if owned.is_empty() { String::new() } else { format!("[{}]", owned.join(",")) };
            let element: Vec<String> = elements
                .subs
                .iter()
                .map(|sub| match &sub.kind {
                    SubKind::Field(field) => format!("{}: {field}", sub.name),
                    SubKind::Constant(value) => format!("{}: always {value}", sub.name),
                    SubKind::First => format!("{}: the first", sub.name),
                })
                .collect();
            format!("{arrow} {field}{owned} ({})", element.join(", "))
        }
    };
    for (said, what) in [(rule.required, "required"), (rule.only_create, "only on create")] {
        if said {
            words.push_str(&format!(", {what}"));
        }
    }
    words.push_str(&of_passage(&rule.passage));
    let templates = [("default", &rule.default), ("missing", &rule.missing)];
    for (name, template) in templates {
        if let Some(template) = template {
            words.push_str(&format!(", {name} `{}`", template.as_written()));
        }
    }
    match rule.clear {
        Clear::Null | Clear::Empty => {}
        Clear::Omit => words.push_str(", clearing is not sent"),
        Clear::Reject => words.push_str(", clearing is refused"),
    }
    if let Some(when) = &rule.when {
        words.push_str(&format!(", where `{}`", when.text()));
    }
    if let Some(why) = &rule.lossy {
        words.push_str(&format!(", lossy: {why}"));
    }
    words
}

/// Table and converters.
fn of_passage(passage: &Passage) -> String {
    let mut words = String::new();
    if let Some(table) = &passage.table {
        let rows: Vec<String> = table
            .rows
            .iter()
            .map(|row| {
                let vendor = row.vendor.iter().filter_map(text_of);
                let all: Vec<String> =
                    vendor.chain(row.rest.then(|| "all others".to_owned())).collect();
                format!("{} = {}", text_of(&row.scim).unwrap_or_default(), all.join(" or "))
            })
            .collect();
        words.push_str(&format!(", by the table {}", rows.join("; ")));
    }
    if !passage.converters.is_empty() {
        let names: Vec<String> =
            passage.converters.iter().map(|converter| converter.to_string()).collect();
        words.push_str(&format!(", converted by {}", names.join(", then ")));
    }
    words
}

/// Where the value of an extra field comes from.
pub fn of_extra(extra: &ExtraField) -> String {
    let value = match &extra.value {
        ExtraValue::Constant(template) => format!("`{}`", template.as_written()),
        ExtraValue::Write(expression) => format!("written as `{}`", expression.text()),
    };
    let only = if extra.only_create { ", only on create" } else { "" };
    format!("{value}{only}")
}
