//! One rule in words.

use super::calls::{evidence, tree};
use crate::{
    mapping::plan::{
        Clear, Direction, Encoding, ExtraField, ExtraValue, IfChanged, Lookup, Passage, Rule,
        RuleKind, SubKind, SubRule, Unknown,
    },
    upstream::record::text_of,
};

/// What a rule does, on one line. How clearing is sent is told where it is not what bodies do anyway.
pub fn of_rule(rule: &Rule, encoding: Encoding) -> String {
    let arrow = match rule.direction {
        Direction::Read => "<-",
        Direction::Write => "->",
        Direction::Both => "<>",
    };
    let mut words = match &rule.kind {
        RuleKind::Field { field, read, write } => {
            let read = read.as_ref().map(|read| format!(", read as `{}`", read.text()));
            let write = write.as_ref().map(|write| format!(", written as `{}`", write.text()));
            let order = if rule.passage.unordered { ", in any order" } else { "" };
            let (read, write) = (read.unwrap_or_default(), write.unwrap_or_default());
            format!("{arrow} {field}{order}{read}{write}")
        }
        RuleKind::Computed { read } => format!("<- `{}`", read.text()),
        RuleKind::Constant(value) => format!("always {value}"),
        RuleKind::Kept => "kept in the store: the vendor never hears of it".to_owned(),
        RuleKind::Groups => "<- the Groups that the values of another attribute are".to_owned(),
        RuleKind::Ignore => "ignored: taken and dropped".to_owned(),
        RuleKind::Reject => "refused (400)".to_owned(),
        RuleKind::List { field, elements } => {
            let owned: Vec<String> =
                elements.owned.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let owned =
                if owned.is_empty() { String::new() } else { format!("[{}]", owned.join(",")) };
            let element: Vec<String> = elements.subs.iter().map(of_sub).collect();
            let order = if elements.unordered { ", in any order" } else { "" };
            format!("{arrow} {field}{owned} ({}){order}", element.join("; "))
        }
    };
    for (said, what) in [(rule.required, "required"), (rule.only_create, "only on create")] {
        if said {
            words.push_str(&format!(", {what}"));
        }
    }
    words.push_str(&of_reference(rule.refers.as_ref()));
    words.push_str(&of_passage(&rule.passage));
    words.push_str(&of_lookup(rule.lookup.as_ref()));
    let templates = [("default", &rule.default), ("missing", &rule.missing)];
    for (name, template) in templates {
        if let Some(template) = template {
            words.push_str(&format!(", {name} `{}`", template.as_written()));
        }
    }
    if let Some(recipe) = &rule.generate {
        words.push_str(&format!(", generated where the client sends none ({recipe})"));
    }
    let clears = rule.writable() && rule.field().is_some();
    match (rule.clear, encoding) {
        _ if !clears => {}
        (Clear::Null, Encoding::Json) | (Clear::Empty, Encoding::Form) => {}
        (Clear::Null, Encoding::Form) => words.push_str(", cleared to null"),
        (Clear::Empty, Encoding::Json) => words.push_str(", cleared to what is empty"),
        (Clear::Omit, _) => words.push_str(", clearing is not sent"),
        (Clear::Reject, _) => words.push_str(", clearing is refused (400)"),
    }
    let fixed = rule.only_create || rule.direction == Direction::Read;
    if fixed && rule.if_changed == IfChanged::Reject {
        words.push_str(", another value is refused (400)");
    }
    if let Some(when) = &rule.when {
        words.push_str(&format!(", where `{}`", when.text()));
    }
    if let Some(why) = &rule.lossy {
        words.push_str(&format!(", lossy: {why}"));
    }
    if let Some(how) = rule.evidence {
        words.push_str(&format!(" ({})", evidence(how)));
    }
    words
}

/// One sub-attribute of a list's elements.
fn of_sub(sub: &SubRule) -> String {
    let kind = match &sub.kind {
        SubKind::Field(_) if let Some(read) = &sub.read => format!("`{}`", read.text()),
        SubKind::Field(field) => field.to_string(),
        SubKind::Constant(value) => format!("always {value}"),
        SubKind::First => "true on the first".to_owned(),
    };
    let way = match sub.direction {
        Direction::Both => "",
        Direction::Read => ", only read",
        Direction::Write => ", only written",
    };
    let (refers, passage) = (of_reference(sub.refers.as_ref()), of_passage(&sub.passage));
    let required = if sub.required { ", required" } else { "" };
    let lookup = of_lookup(sub.lookup.as_ref());
    let mut words = format!("{}: {kind}{way}{refers}{passage}{lookup}{required}", sub.name);
    for (name, template) in [("default", &sub.default), ("missing", &sub.missing)] {
        if let Some(template) = template {
            words.push_str(&format!(", {name} `{}`", template.as_written()));
        }
    }
    words
}

/// Whose id a value is.
fn of_reference(refers: Option<&String>) -> String {
    refers.map(|kind| format!(", the id of a {kind}")).unwrap_or_default()
}

/// Which lookup has the key of a name, and what becomes of one that it does not know.
pub fn of_lookup(lookup: Option<&Lookup>) -> String {
    let Some(lookup) = lookup else { return String::new() };
    let unknown = match lookup.unknown {
        Unknown::Reject => "is refused (400)",
        Unknown::Drop => "is left out",
        Unknown::Default => "becomes the default",
    };
    format!(", the key by lookup `{}`: an unknown name {unknown}", lookup.name)
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
        ExtraValue::Constant(constant) => format!("`{}`", tree(constant)),
        ExtraValue::Write(expression) => format!("written as `{}`", expression.text()),
        ExtraValue::Generate(recipe) => format!("generated by each create ({recipe})"),
    };
    let only = if extra.only_create { ", only on create" } else { "" };
    let converted = extra.converters.iter().map(|one| format!(", converted by {one}"));
    let when = extra.when.iter().map(|when| format!(", where `{}`", when.text()));
    let rest: String = converted.chain(when).collect();
    let lookup = of_lookup(extra.lookup.as_ref());
    format!("{value}{lookup}{rest}{only}")
}
