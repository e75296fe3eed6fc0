//! `errors:`: what an answer means.

use super::texts::Texts;
use crate::{
    mapping::{
        keys,
        plan::{ErrorRow, Meaning},
    },
    yaml::{Fields, Node},
};

/// Names in scope where an answer is judged.
const ANSWER: [&str; 2] = ["answer", "tenant"];
/// What else people write for a meaning.
const HABITS: [(&str, &str); 5] = [
    ("duplicate", "conflict"),
    ("exists", "conflict"),
    ("missing", "not_found"),
    ("denied", "forbidden"),
    ("throttled", "busy"),
];

/// `errors:`, top to bottom.
pub fn errors(texts: &Texts<'_>, node: &Node) -> Vec<ErrorRow> {
    texts
        .items(node, "rows of `when` and `means`")
        .iter()
        .filter_map(|row| {
            let mut fields = Fields::open(texts.reader, row, &keys::ERROR_ROW)?;
            let when = fields.node("when").and_then(|node| texts.expression(node, &ANSWER));
            let means = fields.word_or("means", &HABITS).and_then(|means| meaning(means.value));
            let detail = texts.template_at(&mut fields, "detail", &ANSWER);
            let attribute = fields.text("attribute").map(|attribute| attribute.value);
            let retry_after = texts.expression_at(&mut fields, "retry_after", &ANSWER);
            fields.text("about");
            fields.finish();
            let place = texts.place(row.span);
            Some(ErrorRow { when: when?, means: means?, detail, attribute, retry_after, place })
        })
        .collect()
}

fn meaning(word: &str) -> Option<Meaning> {
    Some(match word {
        "done" => Meaning::Done,
        "not_found" => Meaning::NotFound,
        "conflict" => Meaning::Conflict,
        "invalid" => Meaning::Invalid,
        "forbidden" => Meaning::Forbidden,
        "busy" => Meaning::Busy,
        "down" => Meaning::Down,
        "broken" => Meaning::Broken,
        _ => return None,
    })
}
