//! Lists as a mapping writes them: what they are asked with, where they stand, how they go on.

use super::{
    page::Page,
    scalar::{flow, scalar},
};
use crate::init::survey::Paging;

/// `.` is a path and needs no quotes.
pub fn place(path: &str) -> String {
    if path == "." { path.to_owned() } else { scalar(path) }
}

/// The parameters of a call, and why.
pub fn query(page: &mut Page, indent: usize, query: &[(String, String)], why: &[String]) {
    if query.is_empty() {
        return;
    }
    let pairs = query.iter().map(|(name, value)| format!("{}: {}", scalar(name), scalar(value)));
    let line = format!("query: {{ {} }}", pairs.collect::<Vec<_>>().join(", "));
    page.said(indent, &line, &why.join("; "));
}

/// How a list goes on.
pub fn pages(page: &mut Page, indent: usize, paging: &Paging) {
    let keys = paging.keys.iter().map(|(key, value)| format!("{key}: {}", flow(value)));
    let keys = keys.collect::<Vec<_>>().join(", ");
    let text = match paging.kind {
        "none" => "none".to_owned(),
        kind if keys.is_empty() => format!("{{ {kind}: {{}} }}"),
        kind => format!("{{ {kind}: {{ {keys} }} }}"),
    };
    page.said(indent, &format!("paging: {text}"), &paging.why);
}
