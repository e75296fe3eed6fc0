//! `item` of a call that is made for each element of a change: its members are those of the list's elements.

use crate::{
    diagnostic::{Diagnostic, nearest},
    mapping::{
        expr::{Expression, Name, Tree},
        plan::{ResourcePlan, Step},
    },
    scim::attribute::AttributePath,
};

/// Members of `item` that no element has: they would be null in every call.
pub fn check(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    for update in &resource.operations.update {
        for step in &update.operation.steps {
            let each = step.for_each.as_ref().or(update.for_each.as_ref());
            let one_by_one = each.filter(|each| each.batch.is_none());
            let Some((list, known)) = one_by_one.and_then(|each| elements(resource, &each.list))
            else {
                continue;
            };
            let used: Vec<Name> = step.calls().flat_map(names).collect();
            let members = used.iter().filter(|name| name.root == "item");
            for member in members.filter_map(|name| name.path.first()) {
                if known.iter().any(|known| known == member) {
                    continue;
                }
                let message = format!("`item.{member}` is not there: an item is one of `{list}`");
                let help = match nearest(member, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `item.{near}`?"),
                    None => format!("it has {}", known.join(", ")),
                };
                findings.push(Diagnostic::error("M603", step.place.clone(), message).help(help));
            }
        }
    }
}

/// The list of `changes.LIST.added` and what its elements have. Of any other expression the items are its own.
fn elements(resource: &ResourcePlan, each: &Expression) -> Option<(String, Vec<String>)> {
    let part = each.text().trim().strip_prefix("changes.")?;
    let list = ["added", "removed", "altered"]
        .iter()
        .find_map(|change| part.strip_suffix(change)?.strip_suffix('.'))?;
    let path = AttributePath { urn: None, name: list.to_owned(), sub: None };
    let attribute = resource.kind.resolve(&path)?.attribute?;
    let known: Vec<String> = attribute.attributes.iter().map(|sub| sub.name.clone()).collect();
    // An item of a list of texts is a text.
    (!known.is_empty()).then(|| (list.to_owned(), known))
}

fn names(step: &Step) -> Vec<Name> {
    let templates = [&step.path].into_iter();
    let templates = templates.chain(step.query.iter().chain(&step.headers).map(|(_, value)| value));
    let mut names: Vec<Name> = templates.flat_map(|template| template.names()).collect();
    names.extend(step.when.iter().flat_map(|when| when.names().to_vec()));
    if let Some(body) = &step.body {
        of_tree(body, &mut names);
    }
    names
}

fn of_tree(tree: &Tree, names: &mut Vec<Name>) {
    match tree {
        Tree::Template(template) => names.extend(template.names()),
        Tree::List(items) => items.iter().for_each(|item| of_tree(item, names)),
        Tree::Map(members) => members.iter().for_each(|(_, member)| of_tree(member, names)),
        Tree::Fixed(_) => {}
    }
}
