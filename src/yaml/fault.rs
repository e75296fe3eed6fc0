//! A text that is no YAML, in words that say how to mend it. The parser says where it gave up; the
//! mistake often stands a little before.

use crate::diagnostic::{Diagnostic, Place, Span};
use std::sync::Arc;

/// The parser's complaint as a finding.
pub fn explained(file: &Arc<str>, text: &str, span: Span, info: &str) -> Diagnostic {
    let place = |span| Place { file: Arc::clone(file), span };
    let line = text.lines().nth((span.line as usize).saturating_sub(1)).unwrap_or_default();
    let flow = info.contains("flow") || info.contains("illegal placement");
    if flow && let Some((column, hole)) = unquoted(line) {
        let from = span.start.saturating_sub((span.column as usize).saturating_sub(1));
        let before: usize = line.chars().take(column).map(char::len_utf8).sum();
        let span = Span {
            start: from + before,
            end: from + before + hole.len(),
            line: span.line,
            column: u32::try_from(column + 1).unwrap_or(1),
        };
        let message = format!("`{hole}` is a map, not a template");
        let help = "put the whole text in quotes, as `call: \"PATCH /users/{key}\"`";
        return Diagnostic::error("M105", place(span), message).help(help);
    }
    if info.contains("anchor") {
        let finding = Diagnostic::error("M100", place(span), "aliases are not read");
        return finding.help("write the value where it belongs");
    }
    let message = format!("no YAML: {info}");
    let before = text.lines().nth((span.line as usize).saturating_sub(2)).unwrap_or_default();
    if let Some(key) = [line, before].into_iter().find_map(tight) {
        let help = format!("put a space behind the `:` of `{key}`");
        return Diagnostic::error("M100", place(span), message).help(help);
    }
    Diagnostic::error("M100", place(span), message).help(help(info, line, flow))
}

/// The key of a line such as `key:id`, which YAML reads as one word. An address is none: `https://x`.
fn tight(line: &str) -> Option<&str> {
    let entry = line.trim_start().trim_start_matches("- ");
    let (key, rest) = entry.split_once(':')?;
    let word =
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let joined = rest.starts_with(|c: char| !c.is_whitespace() && c != '/' && c != ':');
    // A second colon may be the one that counts: `urn:acme:x: { ... }`.
    (word && joined && !rest.contains(": ") && !rest.ends_with(':')).then_some(key)
}

/// What is most often behind a complaint.
fn help(info: &str, line: &str, flow: bool) -> &'static str {
    let trimmed = line.trim_start();
    if info.contains("tab") || line.starts_with('\t') {
        "indent with spaces; YAML takes no tabs"
    } else if info.contains("unclosed bracket") {
        "close the bracket on its line, and put a `,` between its parts"
    } else if info.contains("quote") {
        "close the quote, or take it out"
    } else if flow && line.contains('[') {
        "put a text with `[` in it in quotes, or close the bracket"
    } else if flow {
        "close the bracket on its line, and put a `,` between its parts"
    } else if info.contains("mapping values") && trimmed.matches(": ").count() > 1 {
        "put a text with `: ` in it in quotes"
    } else if info.contains("unexpected character") {
        "put a text that begins with such a character in quotes"
    } else if info.contains("block") || info.contains("mapping values") {
        "keys of one map begin in the same column: look at the indent of this line and the one before"
    } else {
        "quotes around a text settle most doubts"
    }
}

/// A `{` that goes on a plain text, blanks between them or not: a template that lost its quotes.
fn unquoted(line: &str) -> Option<(usize, String)> {
    let (mut quote, mut before) = (None, ' ');
    // Where a map may begin: at the line's start, in a list, behind a key, and behind another value.
    let mut begins = true;
    for (column, c) in line.chars().enumerate() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') if before == ' ' => return None,
            (None, '{') if !begins => {
                let rest: String = line.chars().skip(column).collect();
                let (hole, _) = rest.split_once('}')?;
                return Some((column, format!("{hole}}}")));
            }
            _ => {}
        }
        begins = match c {
            ' ' => begins || before == ':' || before == '-',
            c => "{[,".contains(c),
        };
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[test]
    fn a_mistake_is_told_with_its_remedy() {
        let table = [
            ("a:\n  - { call: PATCH /users/{key}, record: . }\n", "M105", 2, 26, "quotes"),
            ("a: { call: GET /x?y={z}, r: 1 }\n", "M105", 1, 21, "quotes"),
            ("a: { filter: displayName eq {t}, r: 1 }\n", "M105", 1, 29, "quotes"),
            ("a: [{ filter: \"x eq y\", call: GET {t}, r: 1 }]\n", "M105", 1, 35, "quotes"),
            ("a:\n  - { b: { c: 1 }, d: { e: 2 }\nf: 1\n", "M100", 2, 5, "bracket"),
            ("a: 1\nb:\n\tc: 1\n", "M100", 3, 2, "spaces"),
            ("a:\n    b: 1\n   c: 2\n", "M100", 3, 4, "column"),
            ("a: 1\n  b: 2\n", "M100", 2, 4, "indent"),
            ("a: b: c\n", "M100", 1, 5, "quotes"),
            ("a:\n  b:1\n  c: 2\n", "M100", 3, 4, "space behind the `:` of `b`"),
            ("a:\n  u: http://x\n c: 2\n", "M100", 3, 2, "column"),
            ("urn:a:b: 1\n  c: 2\n", "M100", 2, 4, "indent"),
            ("a: { b: 1\nc: 2\n", "M100", 2, 2, "bracket"),
            ("a: [ b, 1\nc: 2\n", "M100", 2, 2, "bracket"),
            ("a: { when: x[0] == 1 }\n", "M100", 1, 13, "quotes"),
            ("a: \"b\nc: 2\n", "M100", 1, 4, "quote"),
            ("a: @b\n", "M100", 1, 4, "quotes"),
        ];
        for (text, code, line, column, remedy) in table {
            let findings = parse(&"m.yaml".into(), text).unwrap_err();
            let found = &findings[0];
            let place = (found.place.span.line, found.place.span.column);
            assert_eq!((found.code, place), (code, (line, column)), "{text}: {found}");
            assert!(found.help.as_ref().unwrap().contains(remedy), "{text}: {found}");
        }
    }
}
