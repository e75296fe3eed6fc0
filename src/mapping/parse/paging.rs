//! `paging:`: how more items are read.

use super::{texts::Texts, upstream::positive};
use crate::{
    upstream::paging::Paging,
    yaml::{Fields, Node},
};

/// `paging:`: exactly one way.
pub fn paging(texts: &Texts<'_>, node: &Node) -> Option<Paging> {
    let mut fields = Fields::open(texts.reader, node, "paging")?;
    let found = fields.one_of(&["page", "offset", "cursor", "next_url", "link"]);
    fields.finish();
    let (kind, node) = found?;
    let mut fields = Fields::open(texts.reader, node, "a way of paging")?;
    let paging = match kind {
        "next_url" => fields
            .required_node("field", "field: links.next")
            .and_then(|node| texts.locator(node))
            .map(|field| Paging::NextUrl { field }),
        "link" => {
            let rel = fields.text("rel").map_or_else(|| "next".to_owned(), |rel| rel.value);
            Some(Paging::Link { rel })
        }
        _ => numbered(texts, &mut fields, kind),
    };
    fields.finish();
    paging
}

fn numbered(texts: &Texts<'_>, fields: &mut Fields<'_>, kind: &str) -> Option<Paging> {
    let param = fields.required_text("param", "param: page").map(|param| param.value);
    let first = fields.integer("first").and_then(|first| u64::try_from(first.value).ok());
    let next = texts.locator_at(fields, "next");
    let more = texts.locator_at(fields, "more");
    let size_param = fields.text("size_param").map(|name| name.value);
    let size = positive(texts, fields, "size").unwrap_or(100) as u64;
    let total = texts.locator_at(fields, "total");
    let in_body = match fields.text("in") {
        None => false,
        Some(place) if place.value == "query" => false,
        Some(place) if place.value == "body" => true,
        Some(place) => {
            texts.expected(place.span, "query or body", &place.value);
            false
        }
    };
    let param = param?;
    Some(match kind {
        "page" => Paging::Page {
            param,
            first: first.unwrap_or(1),
            size_param,
            size,
            total,
            more,
            in_body,
        },
        "offset" => Paging::Offset {
            param,
            first: first.unwrap_or(0),
            size_param,
            size,
            total,
            more,
            in_body,
        },
        _ => {
            let Some(next) = next else {
                texts.error(
                    "M103",
                    fields.span(),
                    "`next` is missing",
                    Some("next: page.after".to_owned()),
                );
                return None;
            };
            Paging::Cursor { param, next, more, size_param, size, total, in_body }
        }
    })
}
