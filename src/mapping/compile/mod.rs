//! Compile: Document -> Plan. Names are resolved against the schemas; what does not resolve is a
//! finding.

mod operations;
mod rules;
mod types;

use super::{
    document::{Document, ResourceSection},
    path::RulePath,
    plan::{Plan, ResourcePlan, Rule, Target},
};
use crate::{
    diagnostic::{Diagnostic, Place, Span, nearest},
    scim::{
        attribute::AttributePath,
        resource_type::{Resolved, ResourceType, ResourceTypes},
    },
};
use std::sync::Arc;

/// Resolves a whole document. The Plan only runs when no finding is an error.
pub fn compile(document: Document, findings: &mut Vec<Diagnostic>) -> Plan {
    let Document { file, name, title, variables, upstream, schemas, resources, .. } = document;
    let mut plans = Vec::new();
    for section in resources {
        let mut cx = Compiler { file: &file, findings: &mut *findings };
        let Some(full) = types::full(&mut cx, &section, &schemas) else { continue };
        plans.push(resource(&mut cx, section, &full));
    }
    let types = ResourceTypes::new(plans.iter().map(|plan| Arc::clone(&plan.kind)).collect());
    Plan { name, title, variables, upstream, types, resources: plans }
}

fn resource(cx: &mut Compiler<'_>, section: ResourceSection, full: &ResourceType) -> ResourcePlan {
    let place = cx.place(section.name.span);
    let rules: Vec<Rule> =
        section.rules.iter().filter_map(|rule| rules::rule(cx, rule, full)).collect();
    rules::exclusive(cx, &rules);
    let matches = section.matches.iter().filter_map(|path| {
        let target = cx.target(&path.value, path.span, full)?;
        match target {
            Target::Attribute(path) => Some(path),
            Target::Element { .. } => {
                cx.error("M203", path.span, "`match` wants an attribute without a selector", None);
                None
            }
        }
    });
    let matches = matches.collect();
    let operations = operations::operations(cx, section.operations, &rules, full);
    let kind = Arc::new(types::served(full, &rules, &operations));
    ResourcePlan {
        kind,
        key: section.key,
        exists: section.exists,
        matches,
        on_match: section.on_match.value,
        managed: section.managed,
        unmapped: section.unmapped,
        rules,
        fields: section.fields,
        operations,
        place,
    }
}

/// What compiling needs beside the text: where findings go, and how paths resolve.
struct Compiler<'a> {
    file: &'a Arc<str>,
    findings: &'a mut Vec<Diagnostic>,
}

impl Compiler<'_> {
    fn place(&self, span: Span) -> Place {
        Place { file: Arc::clone(self.file), span }
    }

    fn error(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let mut finding = Diagnostic::error(code, self.place(span), message);
        finding.help = help;
        self.findings.push(finding);
    }

    /// A path held against the schemas of its resource, in canonical spelling.
    fn target(&mut self, path: &RulePath, span: Span, full: &ResourceType) -> Option<Target> {
        let written =
            AttributePath { urn: path.urn.clone(), name: path.name.clone(), sub: path.sub.clone() };
        let Some(resolved) = full.resolve(&written) else {
            self.unknown(path, span, full);
            return None;
        };
        let canonical = full.canonical(&written)?;
        let Some(select) = &path.select else { return Some(Target::Attribute(canonical)) };
        self.element(path, span, &resolved, canonical, select)
    }

    fn element(
        &mut self,
        path: &RulePath,
        span: Span,
        resolved: &Resolved<'_>,
        canonical: AttributePath,
        select: &super::path::Select,
    ) -> Option<Target> {
        let attribute = resolved.attribute?;
        if !attribute.multi_valued {
            let message = format!("`{}` is a single value: a selector makes no sense", path.name);
            self.error("M204", span, message, Some("leave the `[...]` out".to_owned()));
            return None;
        }
        let sub = path.sub.clone().unwrap_or_else(|| "value".to_owned());
        let Some(found) = attribute.sub(&sub) else {
            let help = nearest(&sub, attribute.attributes.iter().map(|sub| sub.name.as_str()));
            let message = format!("`{sub}` is no sub-attribute of `{}`", attribute.name);
            self.error("M201", span, message, help.map(did_you_mean));
            return None;
        };
        Some(Target::Element {
            list: AttributePath { sub: None, ..canonical },
            select: select.clone(),
            sub: found.name.clone(),
        })
    }

    fn unknown(&mut self, path: &RulePath, span: Span, full: &ResourceType) {
        let names = full.schemas().flat_map(|schema| &schema.attributes);
        let (asked, help) = match &path.sub {
            Some(sub) if self.resolves(path, full) => {
                let parent = full.resolve(&AttributePath {
                    urn: path.urn.clone(),
                    name: path.name.clone(),
                    sub: None,
                });
                let subs = parent.and_then(|found| found.attribute).map(|found| &found.attributes);
                let subs = subs.into_iter().flatten().map(|sub| sub.name.as_str());
                (path.to_string(), nearest(sub, subs))
            }
            _ => (path.to_string(), nearest(&path.name, names.map(|found| found.name.as_str()))),
        };
        let help = help.map_or_else(
            || "declare it under `schemas` if the vendor has an attribute of its own".to_owned(),
            did_you_mean,
        );
        let message = format!("`{asked}` is not an attribute of {}", full.name);
        self.error("M201", span, message, Some(help));
    }

    fn resolves(&self, path: &RulePath, full: &ResourceType) -> bool {
        let parent = AttributePath { urn: path.urn.clone(), name: path.name.clone(), sub: None };
        full.resolve(&parent).is_some()
    }
}

fn did_you_mean(near: &str) -> String {
    format!("did you mean `{near}`?")
}
