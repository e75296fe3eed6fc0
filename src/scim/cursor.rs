//! Cursors (RFC 9865 §2): a place in the list of one search, as text that nobody remembers.
//!
//! The text holds the place, and a seal over the place and all that the search says: it fits no other
//! search, no other kind and no other tenant. It never expires. It opens nothing that `startIndex` does not.

use super::{
    error::{Error, ScimType},
    hash::Hash,
    message::Query,
};
use std::fmt::Display;

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Resources before it.
    pub before: usize,
    /// The `count` of the search.
    pub count: Option<usize>,
}

/// A search as its cursors know it: whose it is, of what, and what it says but for the place.
#[derive(Debug, Clone, Copy)]
pub struct Search(Hash);

impl Search {
    /// A search of `kind` for `tenant`. The filter is the client's in canonical form, so two spellings of one
    /// search share their cursors.
    pub fn new(tenant: &str, kind: &str, query: &Query) -> Self {
        let filter = query.filter.as_ref().map(ToString::to_string);
        let sort = query.sort.as_ref().map(|sort| format!("{} {}", sort.by, sort.descending));
        let begun = Self(Hash::new()).with(tenant).with(kind);
        begun.with(filter.unwrap_or_default()).with(sort.unwrap_or_default())
    }

    /// The same with one thing more said.
    pub fn with(self, said: impl Display) -> Self {
        // What no text holds ends each.
        Self(self.0.and(said.to_string().as_bytes()).and(b"\xff"))
    }

    /// The text of a cursor: RFC 3986 §2.3 unreserved characters alone.
    pub fn text(self, cursor: Cursor) -> String {
        let Cursor { before, count } = cursor;
        let count = count.map(|count| count.to_string()).unwrap_or_default();
        format!("{before}.{count}.{:016x}", self.seal(before, &count))
    }

    /// Reads it. Errors (RFC 9865 §2.1, R106): 400 invalidCursor when it is not one of this search, 400
    /// invalidCount when the search asks for another `count` than it did at first.
    pub fn read(self, text: &str, asked: Option<usize>) -> Result<Cursor, Error> {
        let cursor = self.parse(text).ok_or_else(foreign)?;
        match asked {
            Some(asked) if cursor.count != Some(asked) => Err(Error::bad(
                ScimType::InvalidCount,
                format!(
                    "`count`: found {asked}, expected the count that the first page was asked with; \
                     begin again with an empty cursor"
                ),
            )),
            _ => Ok(cursor),
        }
    }

    fn parse(self, text: &str) -> Option<Cursor> {
        let mut parts = text.split('.');
        let (before, count, seal) = (parts.next()?, parts.next()?, parts.next()?);
        // As `startIndex` and `count` are: what is added to a place later cannot overflow.
        let number = |text: &str| usize::try_from(text.parse::<i32>().ok()?).ok();
        let cursor = Cursor {
            before: number(before)?,
            count: if count.is_empty() { None } else { Some(number(count)?) },
        };
        let own = format!("{:016x}", self.seal(cursor.before, count));
        (parts.next().is_none() && own == seal).then_some(cursor)
    }

    fn seal(self, before: usize, count: &str) -> u64 {
        self.with(before).with(count).0.mixed()
    }
}

/// RFC 9865 §2.1.
pub fn foreign() -> Error {
    let detail = "`cursor`: it is none that this search gave; begin again with an empty one, and repeat \
                  filter and order with each cursor";
    Error::bad(ScimType::InvalidCursor, detail)
}
