//! Where each value of a Call comes from: the line of the mapping beside it.

use super::{rule::of_lookup, step::Found};
use crate::{
    diagnostic::Place,
    mapping::{
        expr::{Template, Tree},
        plan::{Plan, ResourcePlan, Rule, RuleKind},
    },
    upstream::{Body, Call, record::text},
};
use serde_json::Value;

/// One value of a Call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Where it stands: `?email`, `body status`.
    pub what: String,
    /// What put it there: an attribute, or a text of the mapping.
    pub from: String,
    /// The line of the mapping.
    pub place: Place,
}

/// All values of a Call, in its order.
pub fn origins(plan: &Plan, call: &Call) -> Vec<Origin> {
    let Some(found) = Found::of(plan, call) else { return Vec::new() };
    let step = found.step;
    let mut origins = Vec::new();
    if !step.path.is_literal() {
        origins.push(written(&found, "path".to_owned(), &step.path));
    }
    let mut asked: Vec<&str> = call.query.iter().map(|(name, _)| name.as_str()).collect();
    asked.dedup();
    for name in asked {
        let what = format!("?{name}");
        origins.push(match step.query.iter().find(|(known, _)| known == name) {
            Some((_, template)) => written(&found, what, template),
            // All others are the paging's.
            None => of_page(&found, what),
        });
    }
    for (name, template) in &step.headers {
        if call.headers.contains_key(name.as_str()) {
            origins.push(written(&found, format!("header {}", name.to_lowercase()), template));
        }
    }
    if let (Some(tree), Body::Json(body)) = (&step.body, &call.body) {
        of_tree(&found, tree, body, &mut Vec::new(), &mut origins);
    }
    if let (Some(tree), Body::Form(pairs)) = (&step.body, &call.body) {
        of_form(&found, tree, pairs, &mut origins);
    }
    origins
}

/// A value that says which page.
fn of_page(found: &Found<'_>, what: String) -> Origin {
    Origin { what, from: "the page".to_owned(), place: found.step.place.clone() }
}

/// A value that a text of the mapping makes.
fn written(found: &Found<'_>, what: String, template: &Template) -> Origin {
    let names = template.names();
    let searched = found.find().and_then(|find| {
        find.filter.iter().find(|term| names.iter().any(|name| name.root == term.hole))
    });
    let whose = searched.map(|term| format!(", which is `{}`", term.target)).unwrap_or_default();
    let from = format!("`{}`{whose}", template.as_written());
    Origin { what, from, place: place(found, template) }
}

/// Where a text stands; what was not written stands where the call does.
fn place(found: &Found<'_>, template: &Template) -> Place {
    let call = &found.step.place;
    match template.span().line {
        0 => call.clone(),
        _ => Place { file: call.file.clone(), span: template.span() },
    }
}

fn of_tree(
    found: &Found<'_>,
    tree: &Tree,
    body: &Value,
    at: &mut Vec<String>,
    origins: &mut Vec<Origin>,
) {
    match (tree, body) {
        (Tree::Map(members), Value::Object(body)) => {
            for (name, tree) in members {
                let Some(body) = body.get(name) else { continue };
                at.push(name.clone());
                of_tree(found, tree, body, at, origins);
                at.pop();
            }
            let own = |name: &&String| !members.iter().any(|(known, _)| known == *name);
            let paged = body.keys().filter(own).map(|name| format!("body {name}"));
            origins.extend(paged.map(|what| of_page(found, what)));
        }
        (Tree::List(items), Value::Array(body)) => {
            for (index, (tree, body)) in items.iter().zip(body).enumerate() {
                at.push(index.to_string());
                of_tree(found, tree, body, at, origins);
                at.pop();
            }
        }
        (Tree::Template(template), body) => match mapped(template) {
            Some(from) => of_fields(found, template, body, from, at, origins),
            None => origins.push(written(found, within(at), template)),
        },
        (Tree::Fixed(value), _) => origins.push(fixed(found, within(at), value)),
        _ => {}
    }
}

/// A form has lost its shape: each name leads through the body that the mapping writes.
fn of_form(found: &Found<'_>, tree: &Tree, pairs: &[(String, String)], origins: &mut Vec<Origin>) {
    for (name, _) in pairs {
        let what = format!("body {name}");
        // A list repeats the name.
        if origins.iter().any(|known| known.what == what) {
            continue;
        }
        let names: Vec<&str> = name.split(['[', ']']).filter(|name| !name.is_empty()).collect();
        match inside(tree, &names) {
            Some((Tree::Template(template), rest)) => match mapped(template) {
                Some(mut from) => {
                    from.extend(rest.iter().map(|name| (*name).to_owned()));
                    let at = &mut vec![name.clone()];
                    of_fields(found, template, &Value::Null, from, at, origins);
                }
                None => origins.push(written(found, what, template)),
            },
            Some((Tree::Fixed(value), _)) => origins.push(fixed(found, what, value)),
            _ => origins.push(of_page(found, what)),
        }
    }
}

/// What of a body the names lead to, and the names that are left there.
fn inside<'t, 'n>(tree: &'t Tree, names: &'n [&'n str]) -> Option<(&'t Tree, &'n [&'n str])> {
    match tree {
        Tree::Map(members) => {
            let (first, rest) = names.split_first()?;
            inside(&members.iter().find(|(name, _)| name == first)?.1, rest)
        }
        Tree::List(items) => inside(items.first()?, names),
        leaf => Some((leaf, names)),
    }
}

/// A value that the mapping writes as it is.
fn fixed(found: &Found<'_>, what: String, value: &Value) -> Origin {
    Origin { what, from: format!("always {value}"), place: found.step.place.clone() }
}

/// Whether a template is what the rules write: `{fields}`, `{changed.person}`; the place it begins at.
fn mapped(template: &Template) -> Option<Vec<String>> {
    let names = template.names();
    let [only] = names.as_slice() else { return None };
    let known = ["fields", "changed", "whole"].contains(&only.root.as_str());
    (known && template.is_hole()).then(|| only.path.clone())
}

/// What the rules write, field by field.
fn of_fields(
    found: &Found<'_>,
    template: &Template,
    body: &Value,
    mut from: Vec<String>,
    at: &mut Vec<String>,
    origins: &mut Vec<Origin>,
) {
    // A lookup has no fields, so nothing of its calls is written by rules.
    let Some(resource) = found.resource() else { return };
    let rules: Vec<&Rule> = writers(resource, &from, body).collect();
    let extra = resource.fields.iter().find(|extra| named(&extra.field.names().0, &from));
    match (rules.is_empty(), extra, body) {
        (false, _, _) => {
            let whole = template.names().iter().any(|name| name.root == "whole");
            let or = if whole { ", or as the vendor has it" } else { "" };
            origins.extend(rules.into_iter().map(|rule| Origin {
                what: within(at),
                from: format!("`{}`{}{or}", rule.target, of_lookup(rule.lookup.as_ref())),
                place: rule.place.clone(),
            }));
        }
        (true, Some(extra), _) => origins.push(Origin {
            what: within(at),
            from: super::rule::of_extra(extra),
            place: extra.place.clone(),
        }),
        (true, None, Value::Object(members)) => {
            for (name, value) in members {
                from.push(name.clone());
                at.push(name.clone());
                of_fields(found, template, value, from.clone(), at, origins);
                at.pop();
                from.pop();
            }
        }
        (true, None, _) => origins.push(Origin {
            what: within(at),
            from: "as the vendor has it".to_owned(),
            place: place(found, template),
        }),
    }
}

/// The rules that write a field. Of those that share a list, the ones that have an element in it.
fn writers<'r>(
    resource: &'r ResourcePlan,
    field: &'r [String],
    value: &'r Value,
) -> impl Iterator<Item = &'r Rule> {
    let elements = value.as_array().filter(|elements| !elements.is_empty());
    resource.rules.iter().filter(move |rule| {
        let here = rule.writable() && rule.field().is_some_and(|own| named(&own.names().0, field));
        let owns = match (&rule.kind, elements) {
            (RuleKind::List { elements: rules, .. }, Some(elements)) => {
                elements.iter().any(|element| {
                    rules
                        .owned
                        .iter()
                        .all(|(name, wanted)| element.get(name).and_then(text) == text(wanted))
                })
            }
            _ => true,
        };
        here && owns
    })
}

fn named(names: &[&str], field: &[String]) -> bool {
    !names.is_empty() && names.iter().copied().eq(field.iter().map(String::as_str))
}

/// `body person.name`
fn within(at: &[String]) -> String {
    match at.is_empty() {
        true => "body".to_owned(),
        false => format!("body {}", at.join(".")),
    }
}
