//! Percent-encoding of values, and what no encoding makes safe.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;

/// What stays as it is in a query: RFC 3986's unreserved characters.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as it stands in an address or in a form.
pub fn encoded(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, QUERY)
}

/// Times that servers and proxies behind each other may decode one address.
const DECODINGS: usize = 4;

/// Whether a path, or a part of one, leads up or nowhere once somebody decodes it: `..` and `.` between slashes of
/// either kind. Vendors decode `%2F` before they look, and some decode twice.
pub fn climbs(path: &str) -> bool {
    let mut path = Cow::Borrowed(path);
    for _ in 0..DECODINGS {
        if path.split(['/', '\\']).any(|segment| matches!(segment, "." | "..")) {
            return true;
        }
        if !path.contains('%') {
            return false;
        }
        let decoded = percent_decode_str(&path).decode_utf8_lossy().into_owned();
        if decoded == path {
            return false;
        }
        path = Cow::Owned(decoded);
    }
    // Nobody encodes so often but to hide something.
    true
}

/// Whether a text holds what ends a line, a header or a name: it stands in no address and no header.
pub fn controls(text: &str) -> bool {
    text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_up_is_known_however_it_is_written() {
        let up = [
            "..",
            ".",
            "/a/../b",
            "a/..",
            "%2e%2e",
            ".%2E",
            "a%2f..%2fb",
            "a%2F%2e%2e%2Fb",
            "..%5cb",
            "..\\b",
            "%252e%252e",
            "a%252f..%252fb",
            "%25252e%25252e",
            "%2525252525252525252e",
        ];
        let not = [
            "",
            "...",
            "a..b",
            ".a",
            "a.",
            "..a",
            "/a/b%2Fc",
            "50%",
            "%zz",
            "a%20b",
            "mia@acme.example",
        ];
        for (texts, expected) in [(&up[..], true), (&not[..], false)] {
            for text in texts {
                assert_eq!(climbs(text), expected, "{text}");
            }
        }
    }
}
