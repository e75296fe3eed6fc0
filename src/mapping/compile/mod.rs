//! Compile: Document -> Plan. Names are resolved against the schemas; what does not resolve is a
//! finding.

mod constants;
mod element;
mod exclusive;
mod fixed;
mod generate;
mod kept;
mod lookup;
mod modifiers;
mod operations;
mod outside;
mod rules;
mod templates;
mod types;
mod values;
mod values_of;

use super::{
    document::{Document, Failed, FormSection, ResourceSection},
    path::{RulePath, Select},
    plan::{
        Direction, Encoding, Form, Layout, LookupPlan, MatchBy, Outline, Plan, ResourcePlan, Rule,
        RuleKind, Target,
    },
};
use crate::{
    diagnostic::{Diagnostic, Place, Span, did_you_mean, nearest},
    scim::{
        attribute::AttributePath,
        resource_type::{Resolved, ResourceType, ResourceTypes},
        schema::{Attribute, Schema, Type},
    },
    upstream::record::text_of,
};
use serde_json::Value;
use std::sync::Arc;

/// What failed of one resource while it was compiled: its followers are no further mistakes.
#[derive(Debug, Default)]
pub struct Gaps {
    /// Which of the document's resources it is.
    pub section: usize,
    /// Attributes whose rule is there and did not compile.
    pub rules: Vec<Failed>,
    /// Some claim did not resolve.
    pub claims: bool,
    /// Some entry of `find` did not resolve.
    pub finds: bool,
}

impl Gaps {
    /// Whether rules and claims are all there: what a missing one would have sent is no news.
    pub fn is_nothing_missing(&self) -> bool {
        self.rules.is_empty() && !self.claims
    }
}

/// Resolves a whole document. The Plan only runs when no finding is an error; the gaps stand
/// beside its resources.
pub fn compile(document: Document, findings: &mut Vec<Diagnostic>) -> (Plan, Vec<Gaps>) {
    let Document { file, name, title, variables, upstream, lookups, schemas, resources, .. } =
        document;
    let kept_groups = resources.iter().any(|one| matches!(one.form, FormSection::Kept));
    let value_groups = resources.iter().any(|one| matches!(one.form, FormSection::Values(_)));
    let names: Vec<String> = resources.iter().map(|section| section.name.value.clone()).collect();
    let mut made: Vec<(ResourcePlan, Gaps)> = Vec::new();
    let sections: Vec<_> = resources.into_iter().enumerate().collect();
    // Who is made of another's rules comes behind it.
    let (last, first): (Vec<_>, Vec<_>) =
        sections.into_iter().partition(|(_, one)| matches!(one.form, FormSection::Values(_)));
    for (section, mut resource) in first.into_iter().chain(last) {
        let rules = std::mem::take(&mut resource.failed);
        let mut cx = Compiler {
            file: &file,
            findings: &mut *findings,
            resources: &names,
            lookups: &lookups,
            kept_groups,
            value_groups,
            form: upstream.encoding == Encoding::Form,
            fields: Vec::new(),
            gaps: Gaps { section, rules, ..Gaps::default() },
        };
        let Some(full) = types::full(&mut cx, &resource, &schemas) else { continue };
        let plan = self::resource(&mut cx, resource, &full, &made);
        made.extend(plan.map(|plan| (plan, cx.gaps)));
    }
    made.sort_by_key(|(_, gaps)| gaps.section);
    let (mut plans, gaps): (Vec<_>, Vec<_>) = made.into_iter().unzip();
    joins(&mut plans, kept_groups || value_groups);
    references(&mut plans);
    let types = ResourceTypes::new(plans.iter().map(|plan| Arc::clone(&plan.kind)).collect());
    (Plan { name, title, variables, upstream, lookups, types, resources: plans }, gaps)
}

/// Marks the kinds that can join a group.
fn joins(plans: &mut [ResourcePlan], own_groups: bool) {
    let written = plans.iter().flat_map(|plan| &plan.rules).filter(|rule| rule.writable());
    let referred = written.filter_map(|rule| match &rule.kind {
        RuleKind::List { elements, .. } => elements.subs.iter().find_map(|sub| sub.refers.clone()),
        _ => None,
    });
    // The members of Groups that the vendor has not are Users.
    let own = own_groups.then(|| "User".to_owned());
    let referred: Vec<String> = referred.chain(own).collect();
    for plan in plans {
        plan.joins = referred.contains(&plan.kind.name);
    }
}

/// Marks the places that hold ids which are no keys.
fn references(plans: &mut [ResourcePlan]) {
    let linked = plans.iter().filter(|plan| plan.links());
    let linked: Vec<String> = linked.map(|plan| plan.kind.name.clone()).collect();
    for plan in plans {
        plan.references = plan.references_to(|kind| linked.iter().any(|known| known == kind));
    }
}

/// `made` are those that it may be made of. Nothing where it is made of none of them.
fn resource(
    cx: &mut Compiler<'_>,
    section: ResourceSection,
    full: &ResourceType,
    made: &[(ResourcePlan, Gaps)],
) -> Option<ResourcePlan> {
    let place = cx.place(section.name.span);
    let read_only = types::read_only(&section);
    section.fields.iter().for_each(|extra| lookup::extra(cx, extra));
    let mut rules: Vec<Rule> = Vec::new();
    for section in &section.rules {
        let name = section.path.value.name.as_str();
        match rules::rule(cx, section, full) {
            Some(rule) if read_only => rules.extend(reading(cx, rule)),
            Some(rule) => rules.push(rule),
            None => cx.failed(name, full),
        }
    }
    rules.extend(kept::rest(cx, &section, &rules, full));
    exclusive::check(cx, &rules);
    cx.fields = rules.iter().filter_map(by_field).collect();
    let matches = section.matches.iter().filter_map(|written| {
        let target = cx.target(&written.value, written.span, full)?;
        if matches!(target, Target::Element { select: Select::Index(_), .. }) {
            let help = "say which element it is, e.g. `emails[primary eq true].value`".to_owned();
            let message = "`match` wants an element by what it holds; its place may be another's";
            cx.error("M203", written.span, message, Some(help));
            return None;
        }
        Some(MatchBy { target, place: cx.place(written.span) })
    });
    let matches = matches.collect();
    let operations = operations::operations(cx, section.operations, &rules, full);
    let outside = outside::rows(cx, section.outside, &operations);
    let (kind, form) = match section.form {
        FormSection::Records => {
            (types::served(full, &rules, &operations, read_only), Form::Records)
        }
        FormSection::Fixed(sections) => {
            let entries = fixed::entries(cx, sections, full);
            (types::fixed(full, &entries), Form::Fixed(entries))
        }
        FormSection::Kept => {
            kept::members(cx, section.name.span);
            (types::kept(full), Form::Kept)
        }
        FormSection::Values(values) => {
            let (of, exact) = values_of::values(cx, &values, made)?;
            (types::values(full, exact, of.keeps_empty), Form::Values(of))
        }
    };
    Some(ResourcePlan {
        kind: Arc::new(kind),
        key: section.key,
        id: section.id,
        exists: section.exists,
        matches,
        on_match: section.on_match.value,
        managed: section.managed,
        outside,
        owns: section.owns.value,
        owns_at: cx.place(section.owns.span),
        unmapped: section.unmapped,
        in_resource: Layout::new(&rules),
        in_record: Outline::of_fields(&rules),
        rules,
        fields: section.fields,
        operations,
        compared: section.compared,
        form,
        // Known when all resources are.
        references: Vec::new(),
        joins: false,
        place,
    })
}

/// A rule's field, and the attribute by which a filter names it.
fn by_field(rule: &Rule) -> Option<(String, String)> {
    match &rule.target {
        Target::Attribute(path) => Some((rule.field()?.to_string(), path.to_string())),
        Target::Element { .. } => None,
    }
}

/// A rule of a kind that nobody writes: it reads, without being told.
fn reading(cx: &mut Compiler<'_>, rule: Rule) -> Option<Rule> {
    if rule.direction == Direction::Write {
        let message = format!("`{}` is only written, and nothing of its kind is", rule.target);
        let help = "leave it out, or add `create` or an `update`".to_owned();
        cx.error("M217", rule.place.span, message, Some(help));
        cx.gaps.rules.push(Failed::Attribute(rule.target.attribute().name));
        return None;
    }
    if matches!(rule.kind, RuleKind::Kept) && rule.direction != Direction::Read {
        let message = format!("`{}` is kept, and nothing of its kind is written", rule.target);
        let help = "leave it out, or add `create` or an `update`".to_owned();
        cx.error("M217", rule.place.span, message, Some(help));
        return None;
    }
    Some(Rule { direction: Direction::Read, ..rule })
}

/// What compiling needs beside the text: where findings go, and how paths resolve.
struct Compiler<'a> {
    file: &'a Arc<str>,
    findings: &'a mut Vec<Diagnostic>,
    /// The names of all resources.
    resources: &'a [String],
    /// All lookups.
    lookups: &'a [LookupPlan],
    /// Groups are kept in the store.
    kept_groups: bool,
    /// Groups are the values of an attribute.
    value_groups: bool,
    /// Bodies are forms unless a step says otherwise.
    form: bool,
    /// The vendor's fields by the attribute that each is of, when the rules are known: who has just read the vendor's
    /// page searches and claims by them.
    fields: Vec<(String, String)>,
    gaps: Gaps,
}

/// Unknown attributes that are compared with the known ones: nobody reads more hints, and each
/// costs a comparison with every name.
const HINTS: usize = 100;

impl Compiler<'_> {
    fn place(&self, span: Span) -> Place {
        Place { file: Arc::clone(self.file), span }
    }

    /// The rule of this attribute, or of the one that was probably meant, did not compile.
    fn failed(&mut self, name: &str, full: &ResourceType) {
        let names = full.schemas().flat_map(|schema| &schema.attributes);
        let near = match self.gaps.rules.len() < HINTS {
            true => nearest(name, names.map(|known| known.name.as_str())),
            false => None,
        };
        self.gaps.rules.extend(near.map(|near| Failed::Attribute(near.to_owned())));
        self.gaps.rules.push(Failed::Attribute(name.to_owned()));
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
        select: &Select,
    ) -> Option<Target> {
        let attribute = resolved.attribute?;
        if !attribute.multi_valued {
            let message = format!("`{}` is a single value: a selector makes no sense", path.name);
            self.error("M204", span, message, Some("leave the `[...]` out".to_owned()));
            return None;
        }
        let sub = path.sub.clone().unwrap_or_else(|| "value".to_owned());
        let Some(found) = attribute.sub(&sub) else {
            let message = format!("`{sub}` is no sub-attribute of `{}`", attribute.name);
            self.error("M201", span, message, Some(sub_meant(&sub, attribute)));
            return None;
        };
        Some(Target::Element {
            select: self.selector(select, span, attribute)?,
            list: AttributePath { sub: None, ..canonical },
            sub: found.name.clone(),
        })
    }

    /// A selector names a sub-attribute, in the schema's spelling, and a value that it can have.
    fn selector(&mut self, select: &Select, span: Span, list: &Attribute) -> Option<Select> {
        let Select::Where { name, value } = select else { return Some(select.clone()) };
        let Some(sub) = list.sub(name) else {
            let message =
                format!("`{name}` in the selector is no sub-attribute of `{}`", list.name);
            self.error("M201", span, message, Some(sub_meant(name, list)));
            return None;
        };
        let text = text_of(value).unwrap_or_default();
        let listed = sub.canonical_values.iter().any(|known| known.eq_ignore_ascii_case(&text));
        let fits = match (sub.kind, value) {
            (Type::Boolean, value) => value.is_boolean(),
            // What each tenant fills in is held to it when that is known.
            (_, Value::String(_)) => !sub.enforced || listed || text.contains(['{', '}']),
            _ => false,
        };
        if !fits {
            let message = format!("`{text}` in the selector is no value of `{}.{name}`", list.name);
            let help = match (sub.kind, sub.enforced) {
                (Type::Boolean, _) => "it is true or false".to_owned(),
                (_, true) => format!("it is one of {}", sub.canonical_values.join(", ")),
                _ => "it is a text".to_owned(),
            };
            self.error("M210", span, message, Some(help));
        }
        Some(Select::Where { name: sub.name.clone(), value: value.clone() })
    }

    fn unknown(&mut self, path: &RulePath, span: Span, full: &ResourceType) {
        let hints = if self.findings.len() < HINTS { usize::MAX } else { 0 };
        let names = full.schemas().flat_map(|schema| &schema.attributes).take(hints);
        let own = "declare it under `schemas` if the vendor has an attribute of its own";
        let written = path.to_string();
        let field = self.fields.iter().find(|(field, _)| *field == written);
        let help = match (field, &path.sub) {
            (Some((_, attribute)), _) => {
                format!("did you mean `{attribute}`? `{written}` is its field at the vendor")
            }
            (None, Some(sub)) if self.resolves(path, full) => {
                let parent = full.resolve(&AttributePath {
                    urn: path.urn.clone(),
                    name: path.name.clone(),
                    sub: None,
                });
                let subs = parent.and_then(|found| found.attribute).map(|found| &found.attributes);
                let subs: Vec<&str> =
                    subs.into_iter().flatten().map(|sub| sub.name.as_str()).collect();
                match (nearest(sub, subs.iter().copied()), subs.as_slice()) {
                    (Some(near), _) => did_you_mean(
                        &RulePath { sub: Some(near.to_owned()), ..path.clone() }.to_string(),
                    ),
                    (None, []) => own.to_owned(),
                    (None, subs) => format!("`{}` has {}", path.name, subs.join(", ")),
                }
            }
            _ => match nearest(&path.name, names.map(|found| found.name.as_str())) {
                Some(near) => did_you_mean(&whole(near, path, full)),
                None => own.to_owned(),
            },
        };
        let message = format!("`{path}` is not an attribute of {}", full.name);
        self.error("M201", span, message, Some(help));
    }

    fn resolves(&self, path: &RulePath, full: &ResourceType) -> bool {
        let parent = AttributePath { urn: path.urn.clone(), name: path.name.clone(), sub: None };
        full.resolve(&parent).is_some()
    }
}

/// The attribute as it must be written: that of an extension begins with its URN.
fn whole(name: &str, written: &RulePath, full: &ResourceType) -> String {
    let holds = |schema: &&Schema| schema.attributes.iter().any(|known| known.name == name);
    match full.schemas().find(holds) {
        Some(schema) if schema.id != full.schema.id && written.urn.is_none() => {
            let sub = written.sub.as_ref().map(|sub| format!(".{sub}")).unwrap_or_default();
            format!("{}:{name}{sub}", schema.id)
        }
        _ => name.to_owned(),
    }
}

/// The sub-attribute that was probably meant, or all there are.
fn sub_meant(name: &str, list: &Attribute) -> String {
    let subs: Vec<&str> = list.attributes.iter().map(|sub| sub.name.as_str()).collect();
    match (nearest(name, subs.iter().copied()), subs.as_slice()) {
        (Some(near), _) => did_you_mean(near),
        (None, []) => format!("the values of `{}` are plain: `value` alone is there", list.name),
        (None, subs) => format!("`{}` has {}", list.name, subs.join(", ")),
    }
}
