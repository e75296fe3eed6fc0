//! A secret as others may write it: as it is, percent-encoded, as a form has it, within a JSON text, as HTML; and a
//! pair of user and password as `Authorization: Basic` carries it. What is shown to people is searched for all of them,
//! by one notion: a vendor repeats what it was sent in its own hand, not in ours.

use crate::secret::Secret;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use std::ops::Range;

/// Times that one text may have been encoded within another: an address in a parameter, JSON within JSON.
const NESTED: usize = 3;
/// That many backslashes stand for one of the innermost text then.
const BACKSLASHES: usize = 1 << NESTED;

/// Where `secret` first stands in `text`, however it is spelled: no two of its characters need be spelled alike.
pub fn find(secret: &str, text: &str) -> Option<Range<usize>> {
    let begins = text.char_indices().map(|(begin, _)| begin).filter(|_| !secret.is_empty());
    begins.into_iter().find_map(|begin| Some(begin..end(secret, text, begin)?))
}

/// `user:password` as it is sent in `Authorization: Basic`, in both alphabets, with what fills it up and without.
pub fn basic(pair: &str) -> [Secret; 4] {
    [&STANDARD, &URL_SAFE, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD]
        .map(|base64| Secret::new(base64.encode(pair)))
}

/// Where the secret ends that begins there; of several ends the last.
fn end(secret: &str, text: &str, begin: usize) -> Option<usize> {
    let (mut ends, mut next) = (vec![begin], Vec::new());
    for c in secret.chars() {
        for end in ends.drain(..) {
            let Some(rest) = text.get(end..) else { continue };
            spellings(c, rest, &mut |length| {
                if !next.contains(&(end + length)) {
                    next.push(end + length);
                }
            });
        }
        if next.is_empty() {
            return None;
        }
        std::mem::swap(&mut ends, &mut next);
    }
    ends.into_iter().max()
}

/// The lengths of all spellings of a character with which `rest` begins.
fn spellings(c: char, rest: &str, found: &mut impl FnMut(usize)) {
    let Some(first) = rest.chars().next() else { return };
    // What is shown has a blank for every kind of white space.
    if first == c || (first == ' ' && (c.is_whitespace() || c.is_control())) {
        found(first.len_utf8());
    }
    match first {
        '%' => percent(c, rest, found),
        // As the fields of a form have it.
        '+' if c == ' ' => found(1),
        '\\' => json(c, rest, found),
        '&' => found_if(html(c, rest), found),
        _ => {}
    }
}

fn found_if(length: Option<usize>, found: &mut impl FnMut(usize)) {
    if let Some(length) = length {
        found(length);
    }
}

/// Each byte as `%HH`, the `%` of which may itself be encoded.
fn percent(c: char, rest: &str, found: &mut impl FnMut(usize)) {
    let mut bytes = [0; 4];
    for nested in 0..=NESTED {
        let sign = format!("%{}", "25".repeat(nested));
        let mut left = Some(rest);
        for byte in c.encode_utf8(&mut bytes).bytes() {
            left = left.and_then(|left| hexadecimal(left.strip_prefix(&sign)?, 2, byte.into()));
        }
        found_if(left.map(|left| rest.len() - left.len()), found);
    }
}

/// RFC 8259 §7: behind a backslash, of which there are more in each text around it.
fn json(c: char, rest: &str, found: &mut impl FnMut(usize)) {
    let short = match c {
        '"' | '/' => Some(c),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        _ => None,
    };
    let mut units = [0; 2];
    for count in 1..=BACKSLASHES {
        let sign = "\\".repeat(count);
        let Some(left) = rest.strip_prefix(&sign) else { return };
        if c == '\\' && count > 1 {
            found(count);
        }
        if short.is_some_and(|short| left.starts_with(short)) {
            found(count + 1);
        }
        let mut left = Some(rest);
        for unit in c.encode_utf16(&mut units) {
            left = left.and_then(|left| {
                let digits = left.strip_prefix(&sign)?.strip_prefix('u')?;
                hexadecimal(digits, 4, (*unit).into())
            });
        }
        found_if(left.map(|left| rest.len() - left.len()), found);
    }
}

/// By name or by number, as servers escape what they put into a page.
fn html(c: char, rest: &str) -> Option<usize> {
    let (inner, _) =
        rest.strip_prefix('&')?.split_once(';').filter(|(inner, _)| inner.len() < 9)?;
    let spelled = match inner.strip_prefix('#') {
        None => match inner {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => None,
        },
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => number.parse().ok(),
        }
        .and_then(char::from_u32),
    };
    (spelled == Some(c)).then_some(inner.len() + 2)
}

/// What stands behind so many digits, where they are this number in either case.
fn hexadecimal(text: &str, digits: usize, number: u32) -> Option<&str> {
    let (written, rest) = text.split_at_checked(digits)?;
    let all = written.bytes().all(|byte| byte.is_ascii_hexdigit());
    (all && u32::from_str_radix(written, 16) == Ok(number)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_every_hand() {
        let secret = "p&\"s/\\ +ö%:𝄞";
        let table = [
            "p&\"s/\\ +ö%:𝄞",
            "p%26%22s%2F%5C%20%2B%C3%B6%25%3A%F0%9D%84%9E",
            "p%26%22s%2f%5c+%2b%c3%b6%25%3a%f0%9d%84%9e",
            "p&\"s/%5C%20+%C3%B6%25:%F0%9D%84%9E",
            "p%2526%2522s%252F%255C%2520%252B%25C3%25B6%2525%253A%25F0%259D%2584%259E",
            r#"p&\"s/\\ +ö%:𝄞"#,
            r#"p\u0026\u0022s\/\\ +\u00F6%:\ud834\uDD1E"#,
            r#"p&\\\"s/\\\\ +\\u00f6%:\\ud834\\udd1e"#,
            "p&amp;&quot;s/\\ +&#246;%:&#x1D11E;",
        ];
        for written in table {
            let text = format!("before {written} behind");
            let found = find(secret, &text).unwrap_or_else(|| panic!("{written}"));
            assert_eq!(text.get(found), Some(written));
        }
        for other in
            ["p&\"s/\\ +ö%:", "p%26%22s%2F%5C%20%2B%C3%B7%25%3A", "p%2", "p\\u00", "p&amp", ""]
        {
            assert_eq!(find(secret, other), None, "{other}");
        }
        assert_eq!(find("", "anything"), None);
        // A line that was ended is a blank where it is shown.
        assert_eq!(find("a\nb", "is a b"), Some(3..6));
        assert_eq!(find("50%25", "at 50%25"), Some(3..8));
        assert_eq!(find("50%25", "at 50%2525"), Some(3..10));
    }

    #[test]
    fn a_pair_is_known_by_each_base64_of_it() {
        let all = basic("a:?>?");
        let all = all.each_ref().map(Secret::expose);
        assert_eq!(all, ["YTo/Pj8=", "YTo_Pj8=", "YTo/Pj8", "YTo_Pj8"]);
    }
}
