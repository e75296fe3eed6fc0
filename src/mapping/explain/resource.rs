//! One kind of resource in words: its attributes, and the calls that serve it.

use super::{calls, outside, rule, vendor::time};
use crate::{
    mapping::{
        plan::{
            Afterwards, DeleteBy, Encoding, Find, FindBy, IdBy, OnMatch, Operation, Owns, Plan,
            Reference, ResourcePlan, RuleKind, Scan, Unmapped, Update, ValuesOf,
        },
        translate::{units, value::Belonging},
    },
    scim::{filter::Operator, resource::Resource, resource_type::ResourceType},
};
use std::fmt::{self, Write};

/// All of it.
pub fn words(resource: &ResourcePlan, plan: &Plan, out: &mut String) -> fmt::Result {
    if let Some(entries) = resource.fixed() {
        return of_fixed(&resource.kind, entries, out);
    }
    let (name, endpoint) = (&resource.kind.name, &resource.kind.endpoint);
    if let Some(of) = resource.values_of() {
        return of_values(resource, of, plan, out);
    }
    if resource.kept() {
        writeln!(out, "\n{name} at {endpoint}, kept in the store")?;
        let rest = "the vendor is asked for new members, and hears nothing else of it";
        return writeln!(out, "  {rest}");
    }
    writeln!(out, "\n{name} at {endpoint}, the vendor's key at `{}`", resource.key)?;
    identity(resource, out)?;
    attributes(resource, plan.upstream.encoding, out)?;
    writeln!(out, "\n  calls")?;
    reads(resource, plan, out)?;
    if resource.kind.read_only {
        return writeln!(out, "    read only: a write is refused (405)");
    }
    writes(resource, out)
}

/// A kind that the mapping lists: no vendor is asked.
fn of_fixed(kind: &ResourceType, entries: &[Resource], out: &mut String) -> fmt::Result {
    writeln!(out, "\n{} at {}, listed in the mapping", kind.name, kind.endpoint)?;
    let ids: Vec<&str> = entries.iter().filter_map(Resource::id).collect();
    writeln!(out, "  there are {}: {}", ids.len(), ids.join(", "))?;
    writeln!(out, "  read only: a write is refused (405)")
}

/// A kind whose resources are the values of an attribute.
fn of_values(resource: &ResourcePlan, of: &ValuesOf, plan: &Plan, out: &mut String) -> fmt::Result {
    let users = plan.resource(&of.resource);
    let Some(belonging) = users.and_then(|users| Belonging::new(of, users)) else { return Ok(()) };
    let (name, endpoint) = (&resource.kind.name, &resource.kind.endpoint);
    let rule = belonging.rule;
    let (line, target, users) = (rule.place.span.line, &rule.target, &of.resource);
    writeln!(out, "\n{name} at {endpoint}, the values of `{target}` of {users} (line {line})")?;
    match &of.names {
        Some(names) => writeln!(out, "  there are {}: {}", names.len(), names.join(", "))?,
        None => writeln!(out, "  every value that a {users} has is one; all are read for a list")?,
    }
    let leave = match (belonging.is_list(), &rule.default) {
        (true, _) => "who joins has one value more, who leaves one less".to_owned(),
        (false, Some(default)) => {
            format!(
                "who joins leaves the one he was in, who leaves gets `{}`",
                default.as_written()
            )
        }
        (false, None) => "who joins leaves the one he was in, who leaves has none".to_owned(),
    };
    writeln!(out, "  members are those who have it: {leave},")?;
    writeln!(out, "  each by an update of his own, one after the other")?;
    let empty = match of.keeps_empty {
        true => "held in the store, until it is deleted",
        false => "refused (400)",
    };
    writeln!(out, "  a new one without members is {empty}")?;
    let rename = match of.moves {
        true => "is written to every member, and the id changes with it",
        false => "is refused (400)",
    };
    writeln!(out, "  a new name {rename}")
}

/// Who is there, who is the same, and who is ours.
fn identity(resource: &ResourcePlan, out: &mut String) -> fmt::Result {
    if resource.id == IdBy::Link {
        writeln!(
            out,
            "  its SCIM id is one of ours (`id: link`), which a Link in the store ties to the key"
        )?;
    }
    if let Some(exists) = &resource.exists {
        writeln!(out, "  is there when `{}`, else not found", exists.text())?;
    }
    if !resource.matches.is_empty() {
        let paths: Vec<String> = resource.matches.iter().map(|by| by.target.to_string()).collect();
        let then = match resource.on_match {
            OnMatch::Adopt => "is adopted: it becomes an update",
            OnMatch::Conflict => "is a conflict (409)",
        };
        writeln!(out, "  a create that meets the same {} {then}", paths.join(" or "))?;
    }
    if let Some(managed) = &resource.managed {
        writeln!(out, "  is ours already when `{}`", managed.text())?;
    }
    match resource.owns {
        Owns::All => {}
        Owns::Linked => writeln!(
            out,
            "  only what is ours, made or adopted, is changed or deleted (`owns: linked`): else 403"
        )?,
    }
    outside::words(resource, out)
}

fn attributes(resource: &ResourcePlan, encoding: Encoding, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "\n  attributes, each with its line: <> goes both ways, -> is written and never"
    )?;
    writeln!(out, "  read, <- is read and never written")?;
    // Those of `unmapped: kept` stand where the resource does, and are told below.
    let own = || resource.rules.iter().filter(|rule| rule.place != resource.place);
    let width = own().map(|rule| rule.target.to_string().len()).max().unwrap_or(0);
    for one in own() {
        let (line, target) = (one.place.span.line, one.target.to_string());
        writeln!(out, "    {line:>4}  {target:<width$}  {}", rule::of_rule(one, encoding))?;
    }
    for Reference { target, sub, kind } in &resource.references {
        let sub = sub.iter().map(|sub| format!(".{sub}")).collect::<String>();
        writeln!(
            out,
            "    `{target}{sub}` has the SCIM id of a {kind}; calls and expressions have the vendor's key"
        )?;
    }
    if !resource.kind.read_only {
        let others = match resource.unmapped {
            Unmapped::Ignore => "dropped and counted (`unmapped: ignore`)",
            Unmapped::Keep => {
                "kept in the store where a schema has them, else dropped and counted (`unmapped: kept`)"
            }
            Unmapped::Reject => "refused (400, `unmapped: reject`)",
        };
        writeln!(out, "    all others are {others}")?;
    }
    for extra in &resource.fields {
        let line = extra.place.span.line;
        writeln!(
            out,
            "    {line:>4}  the vendor's `{}` is {}",
            extra.field,
            rule::of_extra(extra)
        )?;
    }
    Ok(())
}

fn reads(resource: &ResourcePlan, plan: &Plan, out: &mut String) -> fmt::Result {
    let operations = &resource.operations;
    match &operations.get {
        Some(get) => calls::calls("get, by id", get, out)?,
        None => writeln!(out, "    get: picked from the list")?,
    }
    if let Some(many) = &operations.get_many {
        calls::many(many, out)?;
    }
    if let Some(list) = &operations.list {
        calls::calls("list", &list.operation, out)?;
        calls::read_again(list, out)?;
    }
    if let Some(linked) = &operations.linked {
        let (at_once, read) = (linked.concurrent, read_by_id(resource));
        writeln!(out, "    list: whom the store has Links for, {read}, {at_once} at once")?;
    }
    for find in &operations.find {
        let name = format!("find by {}", filter(find));
        match &find.how {
            FindBy::Call(list) => {
                calls::calls(&name, &list.operation, out)?;
                calls::read_again(list, out)?;
            }
            FindBy::Scan(scan) => writeln!(out, "    {name}: {}", of_scan(scan))?,
        }
    }
    let kept = resource.rules.iter().filter(|rule| matches!(rule.kind, RuleKind::Kept));
    let kept: Vec<String> = kept
        .filter(|rule| rule.place != resource.place)
        .map(|rule| rule.target.to_string())
        .collect();
    if !kept.is_empty() {
        let read = read_by_id(resource);
        writeln!(out, "    find by {}: the store, and {read} that it names", kept.join(" or "))?;
    }
    let scan = plan.upstream.scan;
    match operations.lists() {
        true => writeln!(
            out,
            "    any other filter: the list, at most {scan} read and matched here, else 400 tooMany"
        ),
        false => writeln!(out, "    any other filter, and the list of all: not offered (501)"),
    }
}

/// How those are read whose ids are known.
fn read_by_id(resource: &ResourcePlan) -> String {
    match &resource.operations.get_many {
        Some(many) => format!("a get_many for each {}", many.at_most),
        None => "a get of each".to_owned(),
    }
}

fn of_scan(scan: &Scan) -> String {
    let read = match scan.at_most {
        Some(most) => format!("the list, at most {most} read and matched here"),
        None => "the list, matched here".to_owned(),
    };
    match scan.cache {
        Some(cache) => format!("{read}; it serves clients' searches for {}", time(cache)),
        None => read,
    }
}

fn filter(find: &Find) -> String {
    let terms = find.filter.iter();
    let terms: Vec<String> = terms
        .map(|term| format!("{} {} {{{}}}", term.target, operator(term.operator), term.hole))
        .collect();
    terms.join(" and ")
}

fn writes(resource: &ResourcePlan, out: &mut String) -> fmt::Result {
    let operations = &resource.operations;
    match &operations.create {
        Some(create) => {
            calls::calls("create", create, out)?;
            let unsent: Vec<String> = resource
                .rules
                .iter()
                .enumerate()
                .filter(|(_, rule)| rule.writable())
                .filter(|(index, _)| !units::created(resource, create.claims.as_deref(), *index))
                .map(|(_, rule)| rule.target.to_string())
                .collect();
            if !unsent.is_empty() {
                let unsent = unsent.join(", ");
                writeln!(out, "      does not send {unsent}; that follows as an update")?;
            }
        }
        None => writeln!(out, "    create: not offered (501)")?,
    }
    if operations.update.is_empty() {
        writeln!(out, "    update: not offered (501)")?;
    } else {
        writeln!(
            out,
            "    PATCH and PUT: one read, then the fewest of these that cover what changes,"
        )?;
        writeln!(out, "    in this order; without a change none")?;
    }
    for update in &operations.update {
        calls::calls(&of_update(update), &update.operation, out)?;
    }
    deletes(resource, out)
}

fn of_update(update: &Update) -> String {
    let claims = match &update.operation.claims {
        None => "everything that no other update claims".to_owned(),
        Some(claims) => {
            claims.iter().map(|claim| claim.text.clone()).collect::<Vec<_>>().join(", ")
        }
    };
    let each = update.for_each.iter().map(|each| format!(", {}", calls::of_each(each)));
    let when = update.when.iter().map(|when| format!(", when `{}`", when.text()));
    let may_fail = update.may_fail.then(|| ", may fail beside others".to_owned());
    let rest: String = each.chain(when).chain(may_fail).chain(early(&update.operation)).collect();
    format!("update `{}` for {claims}{rest}", update.name)
}

/// A client may be told of it before it is done.
fn early(operation: &Operation) -> Option<String> {
    operation.early.is_some().then(|| ", acknowledged early where it has to wait".to_owned())
}

fn deletes(resource: &ResourcePlan, out: &mut String) -> fmt::Result {
    let Some(delete) = &resource.operations.delete else {
        return writeln!(out, "    delete: not offered (501)");
    };
    let then = match delete.afterwards {
        Afterwards::Removed => "the vendor's record must have gone: it is read once more",
        Afterwards::Gone => "a tombstone hides the record from then on",
        Afterwards::Inactive => "the resource stays readable",
    };
    match &delete.how {
        DeleteBy::Call(operation) => {
            let early = early(operation).unwrap_or_default();
            calls::calls(&format!("delete{early}"), operation, out)?;
            writeln!(out, "        {then}")
        }
        DeleteBy::Update(index) => {
            let update = resource.operations.update.get(*index);
            let name = update.map(|update| update.name.as_str()).unwrap_or_default();
            writeln!(out, "    delete: runs `{name}`; {then}")
        }
    }
}

fn operator(operator: Operator) -> &'static str {
    match operator {
        Operator::StartsWith => "sw",
        Operator::Contains => "co",
        _ => "eq",
    }
}
