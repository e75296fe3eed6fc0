//! The place of a page in a list: found from what the client asks with, and told in the same words.

use super::error::Failure;
use crate::scim::{
    cursor::{Cursor, Search},
    message::{Page, Query, Start},
};
use std::ops::Range;

/// Resources on a page when the client does not say. Okta adds 100 whatever it gets, so a smaller
/// page would lose users in an import.
pub const PAGE: usize = 100;
/// Resources of an answer that is made before it is told. A longer one is told while it is made: so many
/// are some megabytes, and their client can wait for them.
pub const HELD: usize = 1_000;
/// Records that are read into resources before the first of them is dropped: both trees of a whole page are
/// megabytes.
pub const AT_A_TIME: usize = 25;

/// Where a page begins, and how long it may be.
pub struct Place {
    /// Resources before it.
    pub before: usize,
    /// Resources on it at most.
    pub count: usize,
    index: Option<usize>,
    asked: Option<usize>,
    search: Search,
}

impl Place {
    /// The place that a query asks for, on a page of at most `most`; `search` is what its cursors belong to.
    /// 400 invalidCursor and invalidCount for a cursor that it did not give.
    pub fn of(query: &Query, search: Search, most: usize) -> Result<Self, Failure> {
        let (index, Cursor { before, count: asked }) = match &query.start {
            // 1-based (RFC 7644 §3.4.2.4).
            Start::Index(index) => {
                (Some(*index), Cursor { before: index.saturating_sub(1), count: query.count })
            }
            Start::Cursor(text) if text.is_empty() => {
                (None, Cursor { before: 0, count: query.count })
            }
            Start::Cursor(text) => (None, search.read(text, query.count)?),
        };
        // RFC 9865 §4: never more than `maxPageSize`, whatever is asked for.
        let count = asked.unwrap_or(PAGE).min(most);
        Ok(Self { before, count, index, asked, search })
    }

    /// The places of the page.
    pub fn range(&self) -> Range<usize> {
        self.before..self.before.saturating_add(self.count)
    }

    /// Whether the page is too long to be held.
    pub fn is_long(&self) -> bool {
        self.count > HELD
    }

    /// What is told of the page that holds so many, empty places among them. `total` is of the whole list: exact, or larger than the
    /// last index served.
    pub fn page(&self, held: usize, total: usize, exact: bool) -> Page {
        if let Some(start_index) = self.index {
            return Page::Indexed { total, start_index };
        }
        let before = self.before.saturating_add(held);
        // A page that is empty because nothing was asked for (`count=0`) would lead to itself.
        let more = held > 0 && before < total;
        let next = more.then(|| self.search.text(Cursor { before, count: self.asked }));
        Page::Cursored { total: exact.then_some(total), next }
    }
}
