//! Numbers as an engine has them: counts, instants, pages. SQL knows whole signed ones.

use super::{error::Error, rows::Page};
use jiff::Timestamp;

/// A count or a version; none is below 0.
pub fn number(found: i64) -> Result<u64, Error> {
    u64::try_from(found).map_err(|_| Error::Corrupt("a number is below 0".to_owned()))
}

/// Milliseconds since 1970.
pub fn instant(milliseconds: i64) -> Result<Timestamp, Error> {
    let outside = |_| Error::Corrupt("an instant is outside of the calendar".to_owned());
    Timestamp::from_millisecond(milliseconds).map_err(outside)
}

/// After, limit and offset of a page, as SQL takes them. No id is empty, so all are after "".
pub fn bounds(page: &Page) -> (&str, i64, i64) {
    let signed = |number| i64::try_from(number).unwrap_or(i64::MAX);
    (page.after.as_deref().unwrap_or_default(), signed(page.limit), signed(page.skip))
}
