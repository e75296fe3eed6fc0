//! Which tenants live at a path: base paths, and what stands below them.

use super::clients::Clients;

/// A base path with the tenants that share it.
#[derive(Debug)]
pub struct Base {
    /// With a leading and without a trailing slash: `/scim/v2`.
    pub path: String,
    /// The credentials of all its tenants.
    pub clients: Clients,
}

/// Every base path, the longest first.
#[derive(Debug, Default)]
pub struct Routes(Vec<Base>);

/// Where a tenant lives that names no path: both are what clients are told to expect.
const DEFAULT_PATHS: [&str; 2] = ["/scim/v2", "/scim"];

impl Routes {
    /// The base at `path`, made when it is new. Slashes are tidied: `scim/v2/` is `/scim/v2`.
    pub fn base(&mut self, path: &str) -> &mut Base {
        let path = tidy(path);
        let at = match self.0.iter().position(|base| base.path == path) {
            Some(at) => at,
            None => {
                // `/scim/v2` must be tried before `/scim`, which contains it.
                let at = self.0.partition_point(|base| base.path.len() >= path.len());
                self.0.insert(at, Base { path, clients: Clients::default() });
                at
            }
        };
        #[expect(clippy::indexing_slicing, reason = "`at` was found or inserted just above")]
        &mut self.0[at]
    }

    /// The base of a request's path, and what stands below it with a leading slash. Doubled and
    /// trailing slashes are overlooked: admins paste base URLs with both. Percent-encoding stays.
    pub fn find(&self, path: &str) -> Option<(&Base, String)> {
        let path = tidy(path);
        self.0.iter().find_map(|base| {
            let below = path.strip_prefix(&base.path)?;
            match below {
                "" => Some((base, "/".to_owned())),
                _ => below.starts_with('/').then(|| (base, below.to_owned())),
            }
        })
    }
}

/// The base paths of a tenant: its own, or the defaults.
pub fn bases(own: Option<&str>) -> Vec<String> {
    own.map_or_else(|| DEFAULT_PATHS.map(str::to_owned).to_vec(), |own| vec![tidy(own)])
}

/// One slash before each segment and none after the last; the root is the empty text.
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

    #[test]
    fn the_longest_base_wins_at_whole_segments() {
        let mut routes = Routes::default();
        for path in ["/scim", "/scim/v2/", "acme//scim/v1"] {
            routes.base(path);
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
            let found = routes.find(path);
            let found = found.as_ref().map(|(base, below)| (base.path.as_str(), below.as_str()));
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn a_tenant_at_the_root_has_every_path() {
        let mut routes = Routes::default();
        routes.base("/");
        let (base, below) = routes.find("/Users").unwrap();
        assert_eq!((base.path.as_str(), below.as_str()), ("", "/Users"));
    }
}
