//! Percent-encoding of values.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stays as it is in a query: RFC 3986's unreserved characters.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as it stands in an address or in a form.
pub fn encoded(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, QUERY)
}
