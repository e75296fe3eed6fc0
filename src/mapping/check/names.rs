//! Does every name stand for something?

use super::Names;
use crate::{
    diagnostic::{Diagnostic, Place, did_you_mean, nearest},
    mapping::{
        compile::Gaps,
        document::{Document, Failed, Use},
        plan::{ResourcePlan, Variable},
    },
    scim::{attribute::AttributePath, schema::Schema},
    upstream::record::FieldPath,
};

/// Roots whose members are attributes of the resource.
const RESOURCES: [&str; 4] = ["resource", "before", "after", "changes"];

/// `tenant.NAME` is declared.
pub fn undeclared(document: &Document, findings: &mut Vec<Diagnostic>) {
    let declared = || document.variables.iter().map(|variable| variable.name.as_str());
    let place = |span| Place { file: document.file.clone(), span };
    for used in document.uses.iter().filter(|used| used.root == "tenant") {
        let Some(name) = used.path.first() else { continue };
        if !declared().any(|known| known == name) {
            let message = format!("tenant `{name}` is used and not declared");
            let help = match nearest(name, declared()) {
                Some(near) => did_you_mean(near),
                None => format!("declare it: `tenant: {{ {name}: {{ type: text }} }}`"),
            };
            findings.push(Diagnostic::error("M703", place(used.span), message).help(help));
        }
    }
}

/// What is declared is used.
pub fn unused(document: &Document, findings: &mut Vec<Diagnostic>) {
    let used = |name: &str| {
        document.uses.iter().any(|used| {
            used.root == "tenant" && used.path.first().is_none_or(|first| first == name)
        })
    };
    let declared = || document.variables.iter().map(|variable| variable.name.as_str());
    // Used, and misspelt there: that is told where it is used.
    let meant = |name: &str| {
        let roots = document.uses.iter().filter(|used| used.root == "tenant");
        let mut firsts = roots.filter_map(|used| used.path.first());
        firsts.any(|first| {
            !declared().any(|known| known == first) && nearest(first, declared()) == Some(name)
        })
    };
    let idle = |variable: &&Variable| !used(&variable.name) && !meant(&variable.name);
    for variable in document.variables.iter().filter(idle) {
        let message = format!("tenant `{}` is never used", variable.name);
        let help = "remove it, or use it as `{tenant.NAME}`".replace("NAME", &variable.name);
        findings.push(Diagnostic::error("M703", variable.place.clone(), message).help(help));
    }
}

/// `resource.X`, `before.X`, `after.X` and `changes.X` are attributes that are served.
pub fn attributes(
    resource: &ResourcePlan,
    index: usize,
    names: &Names,
    gaps: &Gaps,
    findings: &mut Vec<Diagnostic>,
) {
    for used in names.uses.iter().filter(|used| used.resource == Some(index)) {
        let Some(first) = used.path.first() else { continue };
        if !RESOURCES.contains(&used.root.as_str()) || Failed::excuses(&gaps.rules, first) {
            continue;
        }
        if is_known(resource, first) {
            findings.extend(part(resource, used, first).map(|(message, help)| {
                Diagnostic::error("M603", names.place(used.span), message).help(help)
            }));
            continue;
        }
        let attributes = resource.kind.schemas().flat_map(|schema| &schema.attributes);
        let near = nearest(first, attributes.map(|attribute| attribute.name.as_str()));
        let message = format!(
            "`{}.{first}` is not an attribute that {} serves",
            used.root, resource.kind.name
        );
        let help = match near {
            Some(near) => format!("did you mean `{}.{near}`?", used.root),
            None => "names are written as in the schema; an attribute needs a rule".to_owned(),
        };
        findings.push(Diagnostic::error("M603", names.place(used.span), message).help(help));
    }
}

/// What is wrong with the member that is selected from an attribute: it is one of its parts, of a list it is none,
/// and a change has the attribute before and after it.
fn part(resource: &ResourcePlan, used: &Use, first: &str) -> Option<(String, String)> {
    let second = used.path.get(1)?;
    let shown = format!("`{}.{first}.{second}`", used.root);
    let unknown = |known: &[&str]| {
        let help = match nearest(second, known.iter().copied()) {
            Some(near) => format!("did you mean `{}.{first}.{near}`?", used.root),
            None => format!("`{first}` has {}", known.join(", ")),
        };
        let message = format!("{shown} is not there");
        (!known.contains(&second.as_str())).then_some((message, help))
    };
    let own = |schema: &&Schema| schema.id == first;
    if let Some(schema) = resource.kind.schemas().find(own) {
        let known: Vec<&str> = schema.attributes.iter().map(|known| known.name.as_str()).collect();
        return unknown(&known);
    }
    let path = AttributePath { urn: None, name: first.to_owned(), sub: None };
    let attribute = resource.kind.resolve(&path)?.attribute?;
    // A rule of a part has its change there, one of the whole beside it.
    let change: &[&str] = if used.root == "changes" { &CHANGE } else { &[] };
    if attribute.multi_valued && change.is_empty() {
        let help = format!("take one of it, e.g. `first({}.{first}).{second}`", used.root);
        return Some((format!("{shown} is never there: `{first}` is a list"), help));
    }
    let parts = attribute.attributes.iter().filter(|_| !attribute.multi_valued);
    let parts = parts.map(|sub| sub.name.as_str());
    let known: Vec<&str> = change.iter().copied().chain(parts).collect();
    match known.as_slice() {
        [] => Some((
            format!("{shown} is never there: `{first}` has no parts"),
            format!("take it whole: `{}.{first}`", used.root),
        )),
        known => unknown(known),
    }
}

/// What a change of an attribute has.
const CHANGE: [&str; 5] = ["before", "after", "added", "removed", "altered"];

/// What an answer has.
const ANSWER: [&str; 4] = ["status", "headers", "body", "text"];

/// `answer.X` is one of four things, and header names are in lower case.
pub fn answers(document: &Document, findings: &mut Vec<Diagnostic>) {
    let place = |span| Place { file: document.file.clone(), span };
    for used in document.uses.iter().filter(|used| used.root == "answer") {
        let Some(first) = used.path.first() else { continue };
        if !ANSWER.contains(&first.as_str()) {
            let message = format!("an answer has no `{first}`");
            let help = format!("it has {}; what a vendor says is in `body`", ANSWER.join(", "));
            findings.push(Diagnostic::error("M603", place(used.span), message).help(help));
        } else if first == "headers"
            && let Some(name) = used.path.get(1)
            && name.chars().any(char::is_uppercase)
        {
            let message =
                format!("`answer.headers['{name}']` is never there: names are in lower case");
            let help = format!("write `answer.headers['{}']`", name.to_lowercase());
            findings.push(Diagnostic::error("M603", place(used.span), message).help(help));
        }
    }
}

/// `changed.X` and `fields.X` are fields that some rule or extra field writes. `whole.X` may be a
/// field that only the vendor knows; there a name is doubted only when it is near one of ours.
pub fn written(
    resource: &ResourcePlan,
    index: usize,
    names: &Names,
    findings: &mut Vec<Diagnostic>,
) {
    let written: Vec<&FieldPath> = resource
        .rules
        .iter()
        .filter(|rule| rule.writable())
        .filter_map(|rule| rule.field())
        .chain(resource.fields.iter().map(|extra| &extra.field))
        .collect();
    let shown: Vec<String> = written.iter().map(ToString::to_string).collect();
    for used in names.uses.iter().filter(|used| used.resource == Some(index)) {
        let root = used.root.as_str();
        if !matches!(root, "changed" | "fields" | "whole") || used.path.is_empty() {
            continue;
        }
        let quoted: Vec<String> = used.path.iter().map(|name| format!("\"{name}\"")).collect();
        let Ok(path) = FieldPath::parse(&quoted.join(".")) else { continue };
        if written.iter().any(|field| field.overlaps(&path)) {
            continue;
        }
        let name = used.path.join(".");
        let near = nearest(&name, shown.iter().map(String::as_str));
        let message = format!("`{root}.{name}` is written by no rule and no entry of `fields`");
        let help = match near {
            Some(near) => format!("did you mean `{root}.{near}`?"),
            None if root == "whole" => continue,
            None => "names are the vendor's, as in `field`".to_owned(),
        };
        findings.push(Diagnostic::error("M609", names.place(used.span), message).help(help));
    }
}

fn is_known(resource: &ResourcePlan, name: &str) -> bool {
    let path = AttributePath { urn: None, name: name.to_owned(), sub: None };
    // Exact spelling: expressions see the canonical Resource.
    resource.kind.canonical(&path).is_some_and(|canonical| canonical.name == name)
        || resource.kind.schemas().any(|schema| schema.id == name)
}
