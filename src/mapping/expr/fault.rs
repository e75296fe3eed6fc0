//! Why a text is no expression, in our words: the parser's own are a dump of its tokens.

use crate::diagnostic::did_you_mean;

/// Words of other languages, and what is meant by them.
const HABITS: [(&str, &str); 6] =
    [("=", "=="), ("and", "&&"), ("or", "||"), ("not", "!"), ("&", "&&"), ("|", "||")];

/// Where the mistake is, what it is, and the remedy. `offset` is where the parser gave up; `ended`: it
/// wanted more than there is.
pub fn why(text: &str, offset: usize, ended: bool) -> (usize, String, String) {
    if text.trim().is_empty() {
        return (0, "it is empty".to_owned(), "write one, such as `record.job`".to_owned());
    }
    if let Some((at, quote)) = open_quote(text) {
        let why = format!("`{quote}` opens a text and never closes it");
        return (at, why, format!("close it with `{quote}`"));
    }
    if let Some((at, sign, meant)) = foreign_sign(text) {
        return (at, format!("`{sign}` is not expected here"), did_you_mean(meant));
    }
    if let Some((at, bracket)) = open_bracket(text) {
        let closing = match bracket {
            '(' => ')',
            '[' => ']',
            _ => '}',
        };
        return (at, format!("`{bracket}` is never closed"), format!("close it with `{closing}`"));
    }
    let rest = text.get(offset..).unwrap_or_default();
    let token = token(rest.trim_start());
    if token.is_empty() || (ended && rest.trim().is_empty()) {
        let help = "write what the last sign is about, or take the sign out".to_owned();
        return (text.trim_end().len().saturating_sub(1), "it ends too early".to_owned(), help);
    }
    let offset = offset + (rest.len() - rest.trim_start().len());
    let help = match HABITS.iter().find(|(habit, _)| *habit == token) {
        Some((_, meant)) => did_you_mean(meant),
        None => "take it out, or join it by an operator; a text is put in quotes".to_owned(),
    };
    (offset, format!("`{token}` is not expected here"), help)
}

/// Signs of other languages: the parser reads a part of them and gives up behind it.
const SIGNS: [(&str, &str); 3] = [("!==", "!="), ("===", "=="), ("<>", "!=")];

/// The first of them outside of texts.
fn foreign_sign(text: &str) -> Option<(usize, &'static str, &'static str)> {
    let (mut quote, mut escaped) = (None, false);
    text.char_indices().find_map(|(at, c)| {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, _) => {
                let rest = text.get(at..)?;
                let (sign, meant) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign))?;
                return Some((at, *sign, *meant));
            }
        }
        None
    })
}

/// A word, or one sign.
fn token(rest: &str) -> &str {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let end = rest.find(|c: char| !word(c)).unwrap_or(rest.len());
    let end = if end == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { end };
    rest.get(..end).unwrap_or_default()
}

fn open_quote(text: &str) -> Option<(usize, char)> {
    let (mut open, mut escaped) = (None, false);
    for (at, c) in text.char_indices() {
        match (open, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some((_, quote)), c) if c == quote => open = None,
            (None, '"' | '\'') => open = Some((at, c)),
            _ => {}
        }
    }
    open
}

fn open_bracket(text: &str) -> Option<(usize, char)> {
    let (mut open, mut quote) = (Vec::new(), None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => open.push((at, c)),
            (None, ')' | ']' | '}') => {
                open.pop()?;
            }
            _ => {}
        }
    }
    open.pop()
}

#[cfg(test)]
mod tests {
    use super::super::Expression;

    #[test]
    fn a_mistake_is_told_in_our_words() {
        let operator = "take it out, or join it by an operator; a text is put in quotes";
        let table = [
            (
                "a ==",
                3,
                "it ends too early",
                "write what the last sign is about, or take the sign out",
            ),
            ("", 0, "it is empty", "write one, such as `record.job`"),
            ("a = b", 2, "`=` is not expected here", "did you mean `==`?"),
            ("a and b", 2, "`and` is not expected here", "did you mean `&&`?"),
            ("a == 'b", 5, "`'` opens a text and never closes it", "close it with `'`"),
            ("size(a", 4, "`(` is never closed", "close it with `)`"),
            ("[a", 0, "`[` is never closed", "close it with `]`"),
            ("a !== b", 2, "`!==` is not expected here", "did you mean `!=`?"),
            ("a === b", 2, "`===` is not expected here", "did you mean `==`?"),
            ("a <> b", 2, "`<>` is not expected here", "did you mean `!=`?"),
            ("'<>' == a b", 10, "`b` is not expected here", operator),
            ("a b", 2, "`b` is not expected here", operator),
        ];
        for (text, offset, why, help) in table {
            let fault = Expression::parse(text).unwrap_err();
            let expected = format!("expression does not parse: {why}");
            assert_eq!((fault.offset, fault.message), (offset, expected), "{text}");
            assert_eq!(fault.help, help, "{text}");
        }
    }
}
