//! Which tenants live at a path, or at a path of one host: base paths, and what stands below them.

use super::{clients::Clients, host, settings};
use crate::scim::{dialect::Dialect, profile::Profile};
use arc_swap::ArcSwap;
use std::{cmp::Reverse, sync::Arc};

/// A base path with the tenants that share it.
#[derive(Debug)]
pub struct Base {
    /// The host at which alone it is; nothing: at every one. In lower case.
    pub host: Option<String>,
    /// With a leading and without a trailing slash: `/scim/v2`.
    pub path: String,
    /// What ids of its resources stand below, without a slash at its end.
    pub url: String,
    /// The credentials of all its tenants; they change while requests are served.
    pub clients: ArcSwap<Clients>,
    /// Which version of SCIM each of its tenants speaks here.
    pub spoken: Vec<(usize, Dialect)>,
}

impl Base {
    /// What a tenant speaks here.
    pub fn dialect(&self, tenant: usize) -> Dialect {
        let found = self.spoken.iter().find(|(other, _)| *other == tenant);
        found.map_or_else(Dialect::default, |(_, dialect)| *dialect)
    }

    /// The tenant that everybody means who comes here; nothing where several share it.
    pub fn only_tenant(&self) -> Option<usize> {
        match self.spoken.as_slice() {
            [(tenant, _)] => Some(*tenant),
            _ => None,
        }
    }

    /// What a client that is not known yet most likely speaks: what all tenants here do, else 2.0.
    pub fn likely(&self) -> Dialect {
        let mut spoken = self.spoken.iter().map(|(_, dialect)| *dialect);
        let first = spoken.next().unwrap_or_default();
        if spoken.all(|other| other == first) { first } else { Dialect::default() }
    }
}

/// Every base path, the longest first; those of a host before those of every host.
#[derive(Debug, Default)]
pub struct Routes(Vec<Base>);

/// Where a tenant lives that names no path: what clients are told to expect, and what their version
/// is read from (Okta's on-premises agent does).
const DEFAULT_PATHS: [(&str, Dialect); 3] =
    [("/scim/v2", Dialect::V2), ("/scim/v1", Dialect::V11), ("/scim", Dialect::V2)];

impl Routes {
    /// The base at `path` of `host`, made when it is new, below `public_url`. Slashes are tidied: `scim/v2/` is
    /// `/scim/v2`.
    pub fn base(&mut self, host: Option<&str>, path: &str, public_url: &str) -> &mut Base {
        let (host, path) = (host.map(host::compared), tidy(path));
        let at = match self.0.iter().position(|base| base.host == host && base.path == path) {
            Some(at) => at,
            None => {
                // `/scim/v2` must be tried before `/scim`, which contains it.
                let rank = |host: Option<&str>, path: &str| (host.is_none(), Reverse(path.len()));
                let own = rank(host.as_deref(), &path);
                let before = |base: &Base| rank(base.host.as_deref(), &base.path) <= own;
                let at = self.0.partition_point(before);
                let url = format!("{}{path}", host::told(public_url, host.as_deref()));
                let (clients, spoken) = Default::default();
                self.0.insert(at, Base { host, path, url, clients, spoken });
                at
            }
        };
        #[expect(clippy::indexing_slicing, reason = "`at` was found or inserted just above")]
        &mut self.0[at]
    }

    /// Whether any tenant is known by its host.
    pub fn by_host(&self) -> bool {
        self.0.iter().any(|base| base.host.is_some())
    }

    /// Takes these clients of each tenant from now on, and no others. A request whose client is known
    /// already goes on.
    pub fn admit<'c>(&self, clients: impl Fn(usize) -> Option<&'c settings::Clients>) {
        for base in &self.0 {
            let mut taken = Clients::default();
            for (tenant, _) in &base.spoken {
                if let Some(clients) = clients(*tenant) {
                    taken.add(*tenant, clients);
                }
            }
            base.clients.store(Arc::new(taken));
        }
    }

    /// The base of a request's host and path, and what stands below it with a leading slash: one of its host's own
    /// before one of every host. Doubled and trailing slashes are overlooked: admins paste base URLs with both.
    /// Percent-encoding stays.
    pub fn find(&self, host: Option<&str>, path: &str) -> Option<(&Base, String)> {
        let path = tidy(path);
        let here = |base: &&Base| base.host.is_none() || base.host.as_deref() == host;
        self.0.iter().filter(here).find_map(|base| {
            let below = path.strip_prefix(&base.path)?;
            match below {
                "" => Some((base, "/".to_owned())),
                _ => below.starts_with('/').then(|| (base, below.to_owned())),
            }
        })
    }
}

/// The base paths of a tenant, and what is spoken there: its own, in the version of its profile (a
/// vendor's 2.0 may live at `/scim/v1`), or the defaults.
pub fn bases(own: Option<&str>, profile: Profile) -> Vec<(String, Dialect)> {
    match own {
        Some(own) => vec![(tidy(own), Dialect::of(profile))],
        None => DEFAULT_PATHS.map(|(path, dialect)| (path.to_owned(), dialect)).to_vec(),
    }
}

/// Who writes too many slashes is served and sent nowhere else (X7; RFC 7644 §3.12): a redirect would lose the body of
/// some clients. One slash before each segment and none after the last; the root is the empty text.
fn tidy(path: &str) -> String {
    path.split('/').filter(|segment| !segment.is_empty()).fold(
        String::new(),
        |mut tidy, segment| {
            tidy.push('/');
            tidy.push_str(segment);
            tidy
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://gw.acme.example";

    #[test]
    fn a_hosts_own_base_comes_before_one_of_every_host() {
        let mut routes = Routes::default();
        assert!(!routes.by_host());
        for (host, path) in [
            (None, "/scim/v2"),
            (Some("gw1.acme.example"), "/scim"),
            (Some("GW2.acme.example"), "/scim/v2"),
            (Some("gw1.acme.example"), "/scim/v2"),
        ] {
            routes.base(host, path, URL);
        }
        assert!(routes.by_host());
        let one = "https://gw1.acme.example/scim";
        let table = [
            (Some("gw1.acme.example"), "/scim/v2/Users", Some("https://gw1.acme.example/scim/v2")),
            (Some("gw1.acme.example"), "/scim/Users", Some(one)),
            (Some("gw2.acme.example"), "/scim/v2/Users", Some("https://gw2.acme.example/scim/v2")),
            (Some("gw2.acme.example"), "/scim/Users", None),
            (Some("gw3.acme.example"), "/scim/v2/Users", Some("https://gw.acme.example/scim/v2")),
            (None, "/scim/v2/Users", Some("https://gw.acme.example/scim/v2")),
            (None, "/scim/Users", None),
        ];
        for (host, path, expected) in table {
            let found = routes.find(host, path).map(|(base, _)| base.url.as_str());
            assert_eq!(found, expected, "{host:?} {path}");
        }
    }

    #[test]
    fn the_longest_base_wins_at_whole_segments() {
        let mut routes = Routes::default();
        for path in ["/scim", "/scim/v2/", "acme//scim/v1"] {
            routes.base(None, path, URL);
        }
        let table = [
            ("/scim/v2/Users", Some(("/scim/v2", "/Users"))),
            ("/scim/v2", Some(("/scim/v2", "/"))),
            ("/scim/v2/", Some(("/scim/v2", "/"))),
            ("//scim//v2//Users//42/", Some(("/scim/v2", "/Users/42"))),
            ("/scim/Users/a%2Fb", Some(("/scim", "/Users/a%2Fb"))),
            ("/scim/v1/Users", Some(("/scim", "/v1/Users"))),
            ("/acme/scim/v1/Users", Some(("/acme/scim/v1", "/Users"))),
            ("/scimitar", None),
            ("/SCIM/v2/Users", None),
            ("/", None),
            ("*", None),
        ];
        for (path, expected) in table {
            let found = routes.find(None, path);
            let found = found.as_ref().map(|(base, below)| (base.path.as_str(), below.as_str()));
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn a_tenant_at_the_root_has_every_path() {
        let mut routes = Routes::default();
        routes.base(None, "/", URL);
        let (base, below) = routes.find(None, "/Users").unwrap();
        assert_eq!((base.path.as_str(), below.as_str()), ("", "/Users"));
    }

    #[test]
    fn the_version_is_told_by_the_path_or_the_profile() {
        let (v2, v11) = (Dialect::V2, Dialect::V11);
        let table = [
            (None, Profile::Okta, vec![("/scim/v2", v2), ("/scim/v1", v11), ("/scim", v2)]),
            (None, Profile::OktaOpp11, vec![("/scim/v2", v2), ("/scim/v1", v11), ("/scim", v2)]),
            (Some("/scim/v1/"), Profile::Okta, vec![("/scim/v1", v2)]),
            (Some("acme"), Profile::OktaOpp11, vec![("/acme", v11)]),
        ];
        for (own, profile, expected) in table {
            let bases = bases(own, profile);
            let bases: Vec<_> = bases.iter().map(|(path, dialect)| (&**path, *dialect)).collect();
            assert_eq!(bases, expected, "{own:?} {profile:?}");
        }
        // Two tenants on one path differ by token, and may differ in this.
        let mut routes = Routes::default();
        let base = routes.base(None, "/scim/v1", URL);
        base.spoken.push((0, v11));
        assert_eq!((base.dialect(0), base.likely()), (v11, v11));
        base.spoken.push((1, v2));
        assert_eq!((base.dialect(0), base.dialect(1), base.likely()), (v11, v2, v2));
    }
}
