//! A URL that the vendor gives for its next page.

use crate::upstream::{Call, base::Base};
use percent_encoding::percent_decode_str;

/// The call for the page at `url`, which may be relative to `call`'s own (RFC 3986 §5). It must lie under the
/// base: our credential goes with it.
pub fn under(call: &Call, url: &str, base_url: &str) -> Result<Call, String> {
    let elsewhere = || "the vendor's next page does not lie under `base_url`".to_owned();
    let base = Base::parse(base_url).ok_or("`base_url` is no URL")?;
    let here = base.at(&call.path).ok_or_else(elsewhere)?;
    let there = here.join(url.trim()).map_err(|_| elsewhere())?;
    let path = base.below(&there).ok_or_else(elsewhere)?;
    let query = pairs(there.query().unwrap_or_default())?;
    if path == call.path && query == call.query {
        return Err("the vendor gives the same page again: the list never ends".to_owned());
    }
    Ok(Call { path, query, ..call.clone() })
}

/// Name and value of each parameter, decoded.
fn pairs(query: &str) -> Result<Vec<(String, String)>, String> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        // A cursor with one byte changed may lead anywhere.
        let decoded = percent_decode_str(&spaced).decode_utf8().map(|text| text.into_owned());
        decoded.map_err(|_| "the query of the vendor's next page is not UTF-8".to_owned())
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| Ok((decode(name)?, decode(value)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::Body;

    fn call() -> Call {
        Call {
            name: "User.list".into(),
            method: http::Method::GET,
            path: "/users".into(),
            query: vec![("state".into(), "all".into())],
            headers: http::HeaderMap::new(),
            body: Body::Empty,
            safe: true,
            packs: None,
            place: crate::diagnostic::Place::default(),
        }
    }

    #[test]
    fn pages_under_the_base_are_followed() {
        let table = [
            ("https://v.example/api/users?p=%C3%A9+x", "/users", vec![("p", "é x")]),
            ("HTTPS://V.EXAMPLE:443/api/users?p=2#top", "/users", vec![("p", "2")]),
            ("https://v.example/%61pi/users?p=2", "/users", vec![("p", "2")]),
            ("/api/users?p=2", "/users", vec![("p", "2")]),
            ("//v.example/api/users?p=2", "/users", vec![("p", "2")]),
            ("users/page/2", "/users/page/2", vec![]),
            ("?p=2&q", "/users", vec![("p", "2"), ("q", "")]),
            ("https://v.example/api/x/../users?p=2", "/users", vec![("p", "2")]),
            ("https://v.example/api", "", vec![]),
        ];
        for (url, path, query) in table {
            for base in ["https://v.example/api", "https://V.example:443/api/"] {
                let found = under(&call(), url, base).unwrap();
                let pair = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
                let query: Vec<_> = query.iter().map(pair).collect();
                assert_eq!((found.path.as_str(), found.query), (path, query), "{url}");
            }
        }
        let idn =
            under(&call(), "https://xn--bcher-kva.example/users?p=2", "https://bücher.example");
        assert_eq!(idn.unwrap().path, "/users");
    }

    #[test]
    fn a_vendor_cannot_lead_us_elsewhere() {
        for url in [
            "https://evil.example/api/users",
            "http://v.example/api/users?p=2",
            "https://v.example:8443/api/users?p=2",
            "//evil.example/api/users",
            "https://v.example/api.evil/x",
            "https://v.example/api/../admin",
            "https://v.example/api/%2e%2E/admin",
            "https://v.example/API/users?p=2",
            "https://v.example@evil.example/api/users",
            "/other/users",
            "../admin",
            "file:///api/users",
            "https://",
            // The same page again.
            "https://v.example/api/users?state=all",
            "?state=all",
            // No UTF-8.
            "?p=%ff",
        ] {
            assert!(under(&call(), url, "https://v.example/api").is_err(), "{url}");
        }
    }
}
