//! What the command tells: found, guessed, not found.

use crate::init::{openapi::Document, survey::Survey};

/// The report, a line each.
pub fn lines(survey: &Survey<'_>, document: &Document) -> Vec<String> {
    let person = &survey.person;
    let mut told = vec![
        format!("drafted from {}: {}", one_line(&survey.title), person.calls.why),
        "guessed, each with its reason in the file:".to_owned(),
    ];
    for rule in &person.rules {
        told.push(format!("  {} <- {}", rule.attribute, rule.place.path()));
    }
    for (what, why) in [("base_url", &survey.base.why), ("auth", &survey.auth.why)] {
        if why.starts_with("guess") {
            told.push(format!("  {what}: {why}"));
        }
    }
    let paging = person.list.as_ref().map(|(_, paging)| paging);
    told.extend(paging.map(|paging| format!("  paging: {}", paging.why)));
    let mut missing = person.missing.clone();
    if survey.base.missing {
        missing.insert(0, format!("`base_url`: {}", survey.base.why));
    }
    if person.find.path.is_none() {
        missing.push(format!("`find`: {}", person.find.why));
    }
    match &survey.group {
        Some(group) => told.push(format!("  Group <- {}", group.get.call())),
        None => missing.push("`Group`: no collection of groups with all of its calls".to_owned()),
    }
    told.push("not found, to be written by hand:".to_owned());
    told.extend(missing.iter().map(|missing| format!("  {missing}")));
    let filled = survey.variables();
    if !filled.is_empty() {
        told.push("each tenant supplies, beside `token`:".to_owned());
        told.extend(filled.iter().map(|one| format!("  {}: {}", one.name, one.about)));
    }
    let lost = document.lost();
    if !lost.is_empty() {
        told.push("references that lead nowhere in the document, and were passed over:".to_owned());
        told.extend(lost.iter().take(5).map(|lost| format!("  {}", one_line(lost))));
        if lost.len() > 5 {
            told.push(format!("  and {} more", lost.len() - 5));
        }
    }
    if document.is_exhausted() {
        told.push(
            "the document has more fields than are looked at: not all of it was read".to_owned(),
        );
    }
    told.iter().map(|line| one_line_kept(line)).collect()
}

/// A document's words on one line of a terminal: no control characters, no escape sequences.
fn one_line(words: &str) -> String {
    one_line_kept(words).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn one_line_kept(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
