//! What stands in an address stands in logs: the vendor's, and those of all that lies between.

use crate::{
    diagnostic::{Diagnostic, Place},
    mapping::{
        expr::{Name, Template},
        plan::{ExtraValue, Operation, ResourcePlan, Step},
    },
};

/// Passwords, sent or made up, in the paths and queries of one resource's calls.
pub fn check(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let fields = secret_fields(resource);
    for step in resource.operations.all().flat_map(Operation::calls) {
        let found = templates(step).find_map(|template| {
            let names = template.names();
            let secret = names.iter().find(|name| is_secret(name, &fields))?;
            Some((template.span(), shown(secret)))
        });
        if let Some((span, name)) = found {
            let message = format!("a password, `{name}`, travels in the address of the call");
            let place = Place { span, ..step.place.clone() };
            let finding = Diagnostic::warning("M422", place, message);
            findings.push(finding.help("it will be in logs; send it in the `body`"));
        }
    }
}

/// All that an address is made of.
fn templates(step: &Step) -> impl Iterator<Item = &Template> {
    std::iter::once(&step.path).chain(step.query.iter().map(|(_, template)| template))
}

/// The vendor's fields that hold one.
fn secret_fields(resource: &ResourcePlan) -> Vec<String> {
    let secret = resource
        .rules
        .iter()
        .filter(|rule| rule.generate.is_some() || rule.target.to_string() == "password");
    let rules = secret.filter_map(|rule| rule.field());
    let made =
        resource.fields.iter().filter(|extra| matches!(extra.value, ExtraValue::Generate(_)));
    rules.chain(made.map(|extra| &extra.field)).map(ToString::to_string).collect()
}

fn is_secret(name: &Name, fields: &[String]) -> bool {
    match name.root.as_str() {
        "resource" | "after" | "changes" => {
            name.path.first().is_some_and(|attribute| attribute == "password")
        }
        "fields" | "changed" | "whole" => fields.contains(&name.path.join(".")),
        _ => false,
    }
}

fn shown(name: &Name) -> String {
    std::iter::once(&name.root).chain(&name.path).map(String::as_str).collect::<Vec<_>>().join(".")
}
