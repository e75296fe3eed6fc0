//! The `Link` header (RFC 8288 §3): `<URI>; rel="next", <URI>; rel="prev"`.

use http::{HeaderMap, header::LINK};

/// Where the link with this relation leads. A header that cannot be read is an error: without its link the
/// list would be shorter, and nobody would know.
pub fn target(headers: &HeaderMap, rel: &str) -> Result<Option<String>, String> {
    let mut found = None;
    for value in headers.get_all(LINK) {
        let text = value.to_str().map_err(|_| unreadable("only ASCII"))?;
        let mut reader = Reader { rest: text.trim() };
        while let Some(link) = reader.link()? {
            if found.is_none() && link.has(rel) {
                found = Some(link.target.to_owned());
            }
        }
    }
    Ok(found)
}

/// One link of a header.
struct Link<'a> {
    target: &'a str,
    /// What its first `rel` says; another one counts for nothing (§3.3).
    rel: Option<String>,
}

impl Link<'_> {
    /// Relations stand between spaces and compare without case (§2.1.1, §3.3).
    fn has(&self, wanted: &str) -> bool {
        let mut relations = self.rel.as_deref().unwrap_or_default().split_ascii_whitespace();
        relations.any(|one| one.eq_ignore_ascii_case(wanted))
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// The next link; commas too many are forgiven (RFC 9110 §5.6.1.2).
    fn link(&mut self) -> Result<Option<Link<'a>>, String> {
        while self.eat(',') {}
        if self.rest.is_empty() {
            return Ok(None);
        }
        if !self.eat('<') {
            return Err(unreadable("`<`"));
        }
        let (target, rest) = self.rest.split_once('>').ok_or_else(|| unreadable("`>`"))?;
        self.rest = rest;
        let mut rel = None;
        while self.eat(';') {
            // A `;` with nothing behind it says nothing.
            let Some((name, value)) = self.parameter()? else { continue };
            if name.eq_ignore_ascii_case("rel") {
                rel = rel.or(Some(value));
            }
        }
        if !self.rest.is_empty() && !self.rest.starts_with(',') {
            return Err(unreadable("`,` or `;`"));
        }
        Ok(Some(Link { target: target.trim(), rel }))
    }

    /// `name`, `name=token` or `name="text"`.
    fn parameter(&mut self) -> Result<Option<(&'a str, String)>, String> {
        let name = self.token();
        if name.is_empty() {
            return Ok(None);
        }
        if !self.eat('=') {
            return Ok(Some((name, String::new())));
        }
        if !self.rest.starts_with('"') {
            return Ok(Some((name, self.token().to_owned())));
        }
        self.quoted().map(|value| Some((name, value)))
    }

    /// Up to what has a meaning. Wider than RFC 9110's token: vendors write URLs here without quotes.
    fn token(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, ',' | ';' | '=' | '"' | '<');
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        token
    }

    /// Text in quotes, in which `\` stands before a sign that is meant as such (RFC 9110 §5.6.4).
    fn quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        let mut signs = self.rest.chars();
        signs.next();
        loop {
            match signs.next() {
                Some('"') => break,
                Some('\\') => text.extend(signs.next()),
                Some(sign) => text.push(sign),
                None => return Err(unreadable("`\"`")),
            }
        }
        self.rest = signs.as_str();
        Ok(text)
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }
}

fn unreadable(expected: &str) -> String {
    format!("the vendor's `Link` header cannot be read: expected {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_however_they_are_written() {
        let next = Ok(Some("/u?p=2"));
        let table = [
            ("</u?p=2>; rel=\"next\"", next),
            ("</u?p=2>;rel=next", next),
            ("< /u?p=2 > ; Rel = \"NEXT\"", next),
            ("</u?p=2>; rel=\"last next\"", next),
            ("</u?p=2>; title=\"a, b; \\\"c\\\"\"; rel=\"next\"", next),
            ("</u?p=1>; rel=\"prev\", </u?p=2>; rel=\"next\", </u?p=9>; rel=\"last\"", next),
            (", </u?p=2>; rel=next;, ", next),
            ("</u?ids=1,2&p=2>; rel=\"next\"", Ok(Some("/u?ids=1,2&p=2"))),
            ("</u?p=2>; rel=\"prev\"; rel=\"next\"", Ok(None)),
            ("</u?p=2>; rel=\"nextish\"", Ok(None)),
            ("</u?p=2>", Ok(None)),
            ("", Ok(None)),
            ("/u?p=2; rel=next", Err(())),
            ("</u?p=2; rel=next", Err(())),
            ("</u?p=2>; rel=\"next", Err(())),
            ("</u?p=2> rel=\"next\"", Err(())),
            ("</u?p=1>; rel=prev, nonsense", Err(())),
        ];
        for (header, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(LINK, header.parse().unwrap());
            let found = target(&headers, "next").map_err(|_| ());
            assert_eq!(
                found.as_ref().map(Option::as_deref),
                expected.as_ref().copied(),
                "{header}"
            );
        }
    }

    #[test]
    fn all_headers_are_read() {
        let mut headers = HeaderMap::new();
        headers.append(LINK, "</u?p=1>; rel=prev".parse().unwrap());
        headers.append(LINK, "</u?p=2>; rel=next".parse().unwrap());
        assert_eq!(target(&headers, "next"), Ok(Some("/u?p=2".to_owned())));
        headers.append(LINK, http::HeaderValue::from_bytes(b"<\xff>").unwrap());
        assert!(target(&headers, "next").is_err());
    }
}
