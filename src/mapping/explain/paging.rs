//! Paging in words.

use crate::upstream::{paging::Paging, record::Locator};

/// How a list goes on, and where it ends.
pub fn words(paging: Option<&Paging>) -> String {
    let Some(paging) = paging else { return "one answer is taken for all".to_owned() };
    match paging {
        Paging::OneAnswer => "one answer is all".to_owned(),
        Paging::Page { param, first, size_param, size, total, more, .. } => {
            let told = told(total, more);
            format!("page by page, `{param}` from {first}{}{told}", each(size_param, *size))
        }
        Paging::Offset { param, first, size_param, size, total, more, .. } => {
            let told = told(total, more);
            format!("on by the position, `{param}` from {first}{}{told}", each(size_param, *size))
        }
        Paging::Cursor { param, next, size_param, size, total, more, .. } => {
            let (each, told) = (each(size_param, *size), told(total, more));
            format!("on by `{param}`, which the answer has at `{next}`{each}{told}")
        }
        Paging::NextUrl { field } => format!("on to the address at `{field}`"),
        Paging::Link { rel } => format!("on by the Link header `{rel}`"),
    }
}

/// The size of a page, where it is asked for.
fn each(size_param: &Option<String>, size: u64) -> String {
    size_param.iter().map(|param| format!(", {size} each by `{param}`")).collect()
}

fn told(total: &Option<Locator>, more: &Option<Locator>) -> String {
    let total = total.iter().map(|place| format!(", as many as `{place}` says"));
    let more = more.iter().map(|place| format!(", while `{place}` says so"));
    total.chain(more).collect()
}
