//! How a list goes on: by its parameters' names and by what its answer has beside the items.

use super::{place::Place, vocabulary::folded};
use crate::init::openapi::{Field, Kind, Operation, Parameter, shape};
use serde_json::Value;

const CURSORS: [&str; 12] = [
    "cursor",
    "nextcursor",
    "startingafter",
    "after",
    "pagetoken",
    "nextpagetoken",
    "nexttoken",
    "continuationtoken",
    "continuation",
    "marker",
    "scrollid",
    "pageafter",
];
const NEXTS: [&str; 15] = [
    "nextcursor",
    "cursor",
    "nextpagetoken",
    "nexttoken",
    "endcursor",
    "cursornext",
    "cursorsnext",
    "cursorsafter",
    "cursorafter",
    "continuationtoken",
    "continuation",
    "nextmarker",
    "scrollid",
    "next",
    "after",
];
const LINKS: [&str; 7] =
    ["nexturl", "nextlink", "odatanextlink", "nextpageurl", "linksnext", "nextpage", "next"];
const PAGES: [&str; 6] = ["page", "pagenumber", "pageno", "pageindex", "p", "currentpage"];
const OFFSETS: [&str; 6] = ["offset", "pageoffset", "skip", "startindex", "start", "from"];
const SIZES: [&str; 10] = [
    "limit",
    "perpage",
    "pagesize",
    "pagelimit",
    "size",
    "count",
    "maxresults",
    "top",
    "take",
    "itemsperpage",
];
const TOTALS: [&str; 9] = [
    "total",
    "totalcount",
    "totalresults",
    "totalitems",
    "totalrecords",
    "totalelements",
    "resultcount",
    "countotal",
    "count",
];
const MORES: [&str; 6] = ["hasmore", "hasnext", "hasnextpage", "more", "hasmoreitems", "morepages"];
/// What is asked for where the vendor says no less.
const SIZE: u64 = 100;

/// The section, and the parameters of the first call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// The kind: `page`, `offset`, `cursor`, `next_url`, `link` or `none`.
    pub kind: &'static str,
    /// Its keys.
    pub keys: Vec<(&'static str, Value)>,
    /// Why.
    pub why: String,
    /// What the first call is sent for it.
    pub first: Vec<(String, String)>,
    /// The parameters that are its own.
    pub own: Vec<String>,
}

/// How the list of an operation goes on. `items` is where its answer has it.
pub fn of(operation: &Operation<'_>, items: &Place) -> Paging {
    let query = operation.query();
    let response = operation.response().and_then(|content| content.schema);
    let around = response.map(|schema| shape(&schema)).unwrap_or_default();
    let around: Vec<Field<'_>> = around
        .into_iter()
        .filter(|field| items.is_here() || Place::of(&field.path) != *items)
        .collect();
    let param = |names: &[&str]| find(&query, names);
    let field = |names: &[&str], kinds: &[Kind]| beside(&around, names, kinds);
    let texts = [Kind::Text, Kind::Other];
    let size = Size::of(param(&SIZES));
    let total = field(&TOTALS, &[Kind::Number]);
    let more = field(&MORES, &[Kind::Boolean]);
    if let Some(cursor) = param(&CURSORS)
        && let Some(next) = field(&NEXTS, &texts)
    {
        let why = format!("guess: `{}` takes what the answer has in `{}`", cursor.name, path(next));
        let keys = vec![("param", cursor.name.into()), ("next", path(next).into())];
        return paging("cursor", keys, &size, total, more, why, cursor);
    }
    if let Some(page) = param(&PAGES) {
        let first = first(page, 1);
        let why = format!("guess: `{}` counts pages from {first}", page.name);
        let keys = vec![("param", page.name.into()), ("first", first.into())];
        let mut paging = paging("page", keys, &size, total, more, why, page);
        paging.first.insert(0, (page.name.to_owned(), first.to_string()));
        return paging;
    }
    if let Some(offset) = param(&OFFSETS) {
        let first = first(offset, u64::from(folded(offset.name) == "startindex"));
        let why = format!("guess: `{}` counts records from {first}", offset.name);
        let keys = vec![("param", offset.name.into()), ("first", first.into())];
        let mut paging = paging("offset", keys, &size, total, more, why, offset);
        paging.first.insert(0, (offset.name.to_owned(), first.to_string()));
        return paging;
    }
    if let Some(link) = field(&LINKS, &texts) {
        let why = format!("guess: the answer has the next page's address ({})", link.place);
        return bare("next_url", vec![("field", path(link).into())], why);
    }
    if operation.answers_header("link") {
        let why =
            format!("guess: the answer has a Link header ({}.responses)", operation.part.place);
        return bare("link", Vec::new(), why);
    }
    none(operation)
}

/// One answer is all.
pub fn none(operation: &Operation<'_>) -> Paging {
    let why =
        format!("guess: no parameter that pages is known by its name ({})", operation.part.place);
    bare("none", Vec::new(), why)
}

/// A kind that the first call knows nothing of.
fn bare(kind: &'static str, keys: Vec<(&'static str, Value)>, why: String) -> Paging {
    Paging { kind, keys, why, first: Vec::new(), own: Vec::new() }
}

/// The parameter that says how many are asked for.
struct Size {
    name: Option<String>,
    count: u64,
}

impl Size {
    fn of(parameter: Option<&Parameter<'_>>) -> Self {
        let most = parameter.and_then(|one| one.schema.as_ref()?.value.get("maximum")?.as_u64());
        let count = most.filter(|most| *most > 0).unwrap_or(SIZE).min(SIZE);
        Self { name: parameter.map(|one| one.name.to_owned()), count }
    }
}

fn paging(
    kind: &'static str,
    mut keys: Vec<(&'static str, Value)>,
    size: &Size,
    total: Option<&Field<'_>>,
    more: Option<&Field<'_>>,
    why: String,
    parameter: &Parameter<'_>,
) -> Paging {
    let mut first = Vec::new();
    let mut own = vec![parameter.name.to_owned()];
    if let Some(name) = &size.name {
        keys.push(("size_param", name.as_str().into()));
        keys.push(("size", size.count.into()));
        first.push((name.clone(), size.count.to_string()));
        own.push(name.clone());
    }
    keys.extend(total.map(|field| ("total", path(field).into())));
    keys.extend(more.map(|field| ("more", path(field).into())));
    Paging { kind, keys, why: format!("{why} ({})", parameter.place), first, own }
}

fn path(field: &Field<'_>) -> String {
    Place::of(&field.path).path()
}

/// Where counting begins: the parameter's default or least value, as far as it can be one.
fn first(parameter: &Parameter<'_>, usual: u64) -> u64 {
    let of = |word: &str| parameter.schema.as_ref()?.value.get(word).and_then(Value::as_u64);
    of("default").or_else(|| of("minimum")).filter(|first| *first <= 1).unwrap_or(usual)
}

fn find<'p, 'a>(query: &'p [Parameter<'a>], names: &[&str]) -> Option<&'p Parameter<'a>> {
    names.iter().find_map(|name| query.iter().find(|one| folded(one.name) == *name))
}

/// A field beside the items: by its name, or by its object's and its own.
fn beside<'f, 'a>(
    around: &'f [Field<'a>],
    names: &[&str],
    kinds: &[Kind],
) -> Option<&'f Field<'a>> {
    let is = |field: &&Field<'_>, name: &str| {
        let last = field.path.last().map(|name| folded(name)).unwrap_or_default();
        let whole: String = field.path.iter().map(|name| folded(name)).collect();
        let two = field.path.len() > 1 && whole.ends_with(name);
        kinds.contains(&field.kind) && (last == name || two)
    };
    names.iter().find_map(|name| around.iter().find(|field| is(field, name)))
}
