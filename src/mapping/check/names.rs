//! Does every name stand for something?

use super::Names;
use crate::{
    diagnostic::{Diagnostic, Place, nearest},
    mapping::{
        compile::Gaps,
        document::{Document, Failed},
        plan::{ResourcePlan, Variable},
    },
    scim::attribute::AttributePath,
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
                Some(near) => format!("did you mean `{near}`?"),
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
        if !RESOURCES.contains(&used.root.as_str())
            || is_known(resource, first)
            || Failed::excuses(&gaps.rules, first)
        {
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
