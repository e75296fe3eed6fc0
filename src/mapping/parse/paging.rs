//! `paging:`: how more items are read.

use super::{positive, texts::Texts};
use crate::{
    diagnostic::nearest,
    mapping::keys,
    upstream::paging::Paging,
    yaml::{Fields, Kind, Node, listed},
};

/// The relation of the link to the next page (RFC 8288 §3.3).
const NEXT: &str = "next";

/// `paging:`: exactly one way, or `none`.
pub fn paging(texts: &Texts<'_>, node: &Node) -> Option<Paging> {
    if let Kind::Text(text) = &node.kind {
        if text == "none" {
            return Some(Paging::OneAnswer);
        }
        let message =
            format!("expected a way of paging, or none where one answer is all, found `{text}`");
        texts.error("M104", node.span, message, Some(said(text)));
        return None;
    }
    let mut fields = Fields::open(texts.reader, node, &keys::PAGING)?;
    let found = fields.variant();
    fields.finish();
    let (kind, node) = found?;
    let shape = match kind {
        "page" => &keys::PAGE,
        "offset" => &keys::OFFSET,
        "cursor" => &keys::CURSOR,
        "next_url" => &keys::NEXT_URL,
        "link" => &keys::LINK,
        // `{ none: ... }`: it is a word, and takes nothing.
        _ => {
            let help = "`none` is a word and takes nothing: write `paging: none`";
            texts.expected(node.span, "`paging: none`", node.type_name(), help);
            return None;
        }
    };
    let mut fields = Fields::open(texts.reader, node, shape)?;
    let paging = match kind {
        "next_url" => fields
            .node("field")
            .and_then(|node| texts.locator(node))
            .map(|field| Paging::NextUrl { field }),
        "link" => {
            let rel = fields.text("rel").map_or_else(|| NEXT.to_owned(), |rel| rel.value);
            Some(Paging::Link { rel })
        }
        _ => numbered(texts, &mut fields, kind),
    };
    fields.finish();
    paging
}

/// How a way is written whose name alone stands there; else what ways there are.
fn said(text: &str) -> String {
    let known = keys::PAGING.keys().find(|known| nearest(text, [known.name]).is_some());
    match known.filter(|known| !known.example.is_empty()) {
        Some(known) => format!("say how, e.g. `paging: {{ {}: {} }}`", known.name, known.example),
        None => {
            let ways: Vec<&str> = keys::PAGING.keys().map(|known| known.name).collect();
            format!("there are {}", listed(&ways))
        }
    }
}

fn numbered(texts: &Texts<'_>, fields: &mut Fields<'_>, kind: &str) -> Option<Paging> {
    let param = fields.text("param").map(|param| param.value);
    let cursor = kind == "cursor";
    // Each kind has its own keys; the others' would do nothing.
    let first = (!cursor).then(|| fields.integer("first")).flatten();
    let first = first.and_then(|first| u64::try_from(first.value).ok());
    let has_size = fields.has("size");
    let next = cursor.then(|| texts.locator_at(fields, "next")).flatten();
    let more = texts.locator_at(fields, "more");
    let size_param = fields.text("size_param").map(|name| name.value);
    if has_size && size_param.is_none() {
        let help = "name the parameter that asks for it: `size_param: limit`".to_owned();
        let message = "`size` without `size_param` does nothing";
        texts.error("M103", fields.span(), message, Some(help));
    }
    let size = positive(fields, "size").unwrap_or(100) as u64;
    let total = texts.locator_at(fields, "total");
    let in_body = fields.word("in").is_some_and(|word| word.value == "body");
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
        _ => Paging::Cursor { param, next: next?, more, size_param, size, total, in_body },
    })
}
