//! `base_url`: what every call of ours lies under.

use percent_encoding::percent_decode_str;
use reqwest::Url;

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

    /// The URL of what stands at `path_and_query` behind the base, percent-encoded. `..` is resolved by the
    /// parser, so what came of it is looked at: nothing when it leads elsewhere.
    pub fn at(&self, path_and_query: &str) -> Option<Url> {
        let base = self.url.as_str().trim_end_matches('/');
        let url = Url::parse(&format!("{base}{path_and_query}")).ok()?;
        self.below(&url).is_some().then_some(url)
    }

    /// The path of `url` behind the base, percent-encoded; nothing when it leads elsewhere: to another
    /// origin, or to a path that does not begin with all segments of the base's.
    pub fn below(&self, url: &Url) -> Option<String> {
        if origin(url) != origin(&self.url) {
            return None;
        }
        let mut there = url.path().split('/');
        let own = self.url.path().trim_end_matches('/').split('/');
        let decoded = |segment| percent_decode_str(segment).collect::<Vec<u8>>();
        for segment in own {
            if decoded(segment) != decoded(there.next()?) {
                return None;
            }
        }
        Some(there.map(|segment| format!("/{segment}")).collect())
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
