//! What answers mean, in words.

use crate::mapping::plan::{ErrorRow, Meaning};

/// One row of `errors`.
pub fn row(row: &ErrorRow) -> String {
    let attribute = row.attribute.iter().map(|path| format!(" of `{path}`"));
    let detail = row.detail.iter().map(|detail| format!(": {}", detail.as_written()));
    let after = row.retry_after.iter().map(|after| format!(", again after `{}`", after.text()));
    let rest: String = attribute.chain(detail).chain(after).collect();
    format!("when `{}` {}{rest}  {}", row.when.text(), means(row.means), row.place)
}

/// What a client hears of it.
fn means(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Done => "it is done",
        Meaning::NotFound => "it is not found (404)",
        Meaning::Conflict => "it is a conflict (409)",
        Meaning::Invalid => "it is invalid (400)",
        Meaning::Forbidden => "it is forbidden (403)",
        Meaning::Busy => "the vendor is busy (429)",
        Meaning::Down => "the vendor is down (503)",
        Meaning::Broken => "the vendor is broken (502)",
    }
}
