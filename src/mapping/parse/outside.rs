//! `outside:`, row by row.

use super::texts::Texts;
use crate::{
    mapping::{
        document::{OutsideSection, ThenSection},
        keys,
    },
    yaml::{Fields, Node},
};

/// Names in scope where a resource is judged.
const NAMES: [&str; 3] = ["resource", "tenant", "now"];

/// All rows, in file order.
pub fn outside(texts: &Texts<'_>, node: &Node) -> Vec<OutsideSection> {
    let rows = texts.items(node, "rows of `when` and `then`").iter();
    rows.filter_map(|node| row(texts, node)).collect()
}

fn row(texts: &Texts<'_>, node: &Node) -> Option<OutsideSection> {
    let mut fields = Fields::open(texts.reader, node, &keys::OUTSIDE)?;
    let when = texts.expression_at(&mut fields, "when", &NAMES);
    let then = fields.word("then").map(|word| word.value);
    let detail = fields.take("detail");
    let leaving = fields.text("leaving");
    fields.text("about");
    fields.finish();
    let nothing = |key: &str, span, beside: &str| {
        let message = format!("`{key}` does nothing beside `then: {beside}`");
        texts.error("M217", span, message, Some(format!("leave `{key}` out")));
    };
    let then = match then? {
        "reject" => {
            if let Some(leaving) = &leaving {
                nothing("leaving", leaving.span, "reject");
            }
            ThenSection::Reject(detail.and_then(|(_, node)| texts.template(node, &NAMES)))
        }
        _ => {
            if let Some((key, _)) = detail {
                nothing("detail", key.span, "skip");
            }
            ThenSection::Skip(leaving)
        }
    };
    Some(OutsideSection { when: when?, then, span: node.span })
}
