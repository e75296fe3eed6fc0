//! Operations in words.

use super::{errors::row, paging};
use crate::mapping::{
    expr::Tree,
    plan::{
        Accept, Capture, Each, Encoding, Evidence, ListOperation, ManyOperation, Operation, Step,
    },
};
use std::fmt::{self, Write};

/// The calls of one operation, with what they send and how their answers are judged.
pub fn calls(name: &str, operation: &Operation, out: &mut String) -> fmt::Result {
    writeln!(out, "    {name}  ({})", evidence(operation.evidence))?;
    operation.steps.iter().try_for_each(|one| step(one, operation.evidence, out))?;
    match &operation.key {
        Some(key) => writeln!(out, "        the key is `{}`", key.as_written()),
        None => Ok(()),
    }
}

/// One call of what the mapping is so sure of.
pub fn step(step: &Step, around: Evidence, out: &mut String) -> fmt::Result {
    let safe = match (&step.idempotency_key, step.safe) {
        (Some(header), _) => format!("  (the vendor knows it again by `{header}`)"),
        (None, true) => String::new(),
        (None, false) => "  (never repeated blindly)".to_owned(),
    };
    let own = (step.evidence != around).then(|| format!("  ({})", evidence(step.evidence)));
    let own = own.unwrap_or_default();
    writeln!(out, "      {}{safe}{own}  {}", of_step(step), step.place)?;
    details(step, out)?;
    step.undo.as_deref().map_or(Ok(()), |undo| taken_back(undo, out))
}

/// The call that takes one back, and its details below it.
fn taken_back(undo: &Step, out: &mut String) -> fmt::Result {
    let call = of_step(undo);
    writeln!(out, "        taken back, when a later call fails, by {call}  {}", undo.place)?;
    let mut own = String::new();
    details(undo, &mut own)?;
    own.lines().try_for_each(|line| writeln!(out, "  {line}"))
}

/// How sure the mapping is of a call.
pub fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Assumed => "assumed",
        Evidence::Documented => "documented",
        Evidence::Seen => "seen",
    }
}

/// The calls that read several by their keys.
pub fn many(many: &ManyOperation, out: &mut String) -> fmt::Result {
    calls(&format!("get_many, by at most {} ids", many.at_most), &many.operation, out)?;
    if !many.read_again.is_empty() {
        writeln!(out, "        then `{}` of get for each", many.read_again.join("`, `"))?;
    }
    writeln!(out, "        who is not among the answers is read by get")
}

/// What a list asks further, of each record that it has.
pub fn read_again(list: &ListOperation, out: &mut String) -> fmt::Result {
    if list.read_again.is_empty() {
        return Ok(());
    }
    let steps = list.read_again.join("`, `");
    writeln!(out, "        then `{steps}` of get for each, {} at a time", list.concurrent)
}

fn of_step(step: &Step) -> String {
    let each = step.for_each.iter().map(|each| format!(" {}", of_each(each)));
    let query = step.query.iter().enumerate().map(|(position, (name, template))| {
        format!("{}{name}={}", if position == 0 { "?" } else { "&" }, template.as_written())
    });
    let rest: String = query.chain(each).collect();
    format!("{} {}{rest}", step.method, step.path.as_written())
}

/// What calls are made for.
pub(super) fn of_each(each: &Each) -> String {
    let list = each.list.text();
    match each.batch {
        None => format!("for each of `{list}`"),
        Some(most) => format!("for {most} at a time of `{list}`"),
    }
}

fn details(step: &Step, out: &mut String) -> fmt::Result {
    if let Some(when) = &step.when {
        writeln!(out, "        only when `{}`", when.text())?;
    }
    for (name, template) in &step.headers {
        writeln!(out, "        with the header {name}: {}", template.as_written())?;
    }
    if let Some(body) = &step.body {
        let form = if step.encoding == Encoding::Form { ", as a form" } else { "" };
        writeln!(out, "        sends {}{}{form}", tree(body), made_by_rules(body))?;
    }
    if let [first, others @ ..] = step.accept.as_slice()
        && (*first != Accept::Class(2) || !others.is_empty())
    {
        let accept: Vec<String> = step.accept.iter().map(status).collect();
        writeln!(out, "        {} is done", accept.join(" or "))?;
    }
    answers(step, out)?;
    step.errors.iter().try_for_each(|one| writeln!(out, "        {}", row(one)))
}

/// What is taken from the answer.
fn answers(step: &Step, out: &mut String) -> fmt::Result {
    for (name, capture) in &step.capture {
        let place = match capture {
            Capture::Place(place) => place.to_string(),
            Capture::Template(template) => template.as_written().to_owned(),
        };
        writeln!(out, "        keeps `{place}` of the answer as `steps.{}.{name}`", step.name)?;
    }
    let into = step.into.iter().map(|into| format!(", which is the record's `{into}`"));
    let into: String = into.collect();
    if let Some(record) = &step.record {
        writeln!(out, "        the record is at `{record}`{into}")?;
    }
    if let Some(items) = &step.items {
        let into = format!("{into}{}", of_part(step));
        let lack = if step.may_lack_items { ", or nothing is there" } else { "" };
        let paged = paging::words(step.paging.as_ref());
        writeln!(out, "        the list is at `{items}`{into}{lack}; {paged}")?;
    }
    Ok(())
}

/// Which of the items belongs to whom.
fn of_part(step: &Step) -> String {
    let Some(part) = step.part.as_ref().filter(|_| step.into.is_some()) else {
        return String::new();
    };
    let of = part.of.as_ref().map_or("the key".to_owned(), |of| format!("`{of}`"));
    match &part.take {
        Some(take) => format!(": `{take}` of the item of whom {of} says"),
        None => format!(": the items of whom {of} says"),
    }
}

fn status(accept: &Accept) -> String {
    match accept {
        Accept::Class(class) => format!("{class}xx"),
        Accept::Status(status) => status.to_string(),
    }
}

/// A body as the mapping writes it.
pub(super) fn tree(body: &Tree) -> String {
    match body {
        Tree::Template(template) => template.as_written().to_owned(),
        Tree::Fixed(value) => value.to_string(),
        Tree::List(items) => {
            format!("[{}]", items.iter().map(tree).collect::<Vec<_>>().join(", "))
        }
        Tree::Map(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, body)| format!("{name}: {}", tree(body))).collect();
            format!("{{ {} }}", members.join(", "))
        }
    }
}

/// What the three are that the rules make.
fn made_by_rules(body: &Tree) -> &'static str {
    let Tree::Template(template) = body else { return "" };
    match template.as_written() {
        "{fields}" => ", all that is assigned",
        "{changed}" => ", what differs",
        "{whole}" => ", the vendor's record with what differs in it",
        _ => "",
    }
}
