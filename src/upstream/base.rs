//! `base_url`: what every call of ours lies under.

use super::encode::climbs;
use percent_encoding::percent_decode_str;
use reqwest::Url;
use std::str::Split;

/// The base, read once and normalised: the host in lower case and in ASCII, no default port, no slash at
/// the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    url: Url,
}

impl Base {
    /// Reads it; nothing when the text is no URL with a host.
    pub fn parse(text: &str) -> Option<Self> {
        let mut url = Url::parse(text.trim()).ok().filter(Url::has_host)?;
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        Some(Self { url })
    }

    /// The base itself.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The URL of what stands at `path_and_query` behind the base, percent-encoded: empty, or it begins with
    /// `/` or `?`. `..` is resolved, so what came of it is looked at: nothing when it leads elsewhere.
    pub fn at(&self, path_and_query: &str) -> Option<Url> {
        if !path_and_query.is_empty() && !path_and_query.starts_with(['/', '?']) {
            return None;
        }
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        // The base's own scheme and host stay as they were parsed; reading a host takes longer than all else.
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        url.set_query(query);
        self.segments_below(&url).is_some().then_some(url)
    }

    /// The path of `url` behind the base, percent-encoded; nothing when it leads elsewhere: to another
    /// origin, or to a path that does not begin with all segments of the base's.
    pub fn below(&self, url: &Url) -> Option<String> {
        Some(self.segments_below(url)?.map(|segment| format!("/{segment}")).collect())
    }

    fn segments_below<'u>(&self, url: &'u Url) -> Option<Split<'u, char>> {
        if origin(url) != origin(&self.url) {
            return None;
        }
        let mut there = url.path().split('/');
        for segment in self.url.path().trim_end_matches('/').split('/') {
            if !percent_decode_str(segment).eq(percent_decode_str(there.next()?)) {
                return None;
            }
        }
        // A server that decodes `%2F` would leave the base.
        (!there.clone().any(climbs)).then_some(there)
    }
}

/// A base has a host, so these three are its origin; `Url::origin` copies them at every call.
fn origin(url: &Url) -> (&str, Option<&str>, Option<u16>) {
    (url.scheme(), url.host_str(), url.port_or_known_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_normalised_and_calls_stay_under_it() {
        let bases =
            ["https://V.Example:443/api/", " https://v.example/api", "https://v.example/api//"];
        for base in bases {
            let base = Base::parse(base).unwrap();
            assert_eq!(base.url().as_str(), "https://v.example/api");
            for (path, expected) in [
                ("/users?x=1", Some("https://v.example/api/users?x=1")),
                ("", Some("https://v.example/api")),
                ("/users/a%2Fb", Some("https://v.example/api/users/a%2Fb")),
                ("/users/../teams", Some("https://v.example/api/teams")),
                ("/../admin", None),
                ("/%2e%2e/admin", None),
                ("/users/..%2F..%2Fadmin", None),
                ("/users/%252e%252e/admin", None),
                (".evil.example/", None),
                ("@evil.example/", None),
            ] {
                assert_eq!(base.at(path).as_ref().map(Url::as_str), expected, "{path}");
            }
        }
        let root = Base::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(root.at("/x").unwrap().as_str(), "http://127.0.0.1:8080/x");
        assert_eq!(root.at("@evil.example/"), None);
        for text in ["", "v.example", "mailto:x@v.example", "https://"] {
            assert!(Base::parse(text).is_none(), "{text}");
        }
    }
}
