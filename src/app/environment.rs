//! The environment above the file: which variables are configuration, and which only look like it.

use crate::crash;
use figment::{
    Figment, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};
use std::{collections::BTreeSet, ffi::OsString};

/// What environment variables begin with; below it `__` stands between a key and the next.
pub const PREFIX: &str = "SCIMSHIM_";

/// The keys that the environment sets.
#[derive(Debug, Clone, Default)]
pub struct Environment(Vec<Set>);

/// One key and what sets it.
#[derive(Debug, Clone)]
struct Set {
    path: Vec<String>,
    variable: String,
    text: String,
}

impl Environment {
    /// Takes what is configuration. `named` are the variables that the file itself reads by
    /// `{ env: NAME }`: those are secrets, whatever they are called.
    pub fn of(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
        named: &BTreeSet<&str>,
    ) -> Self {
        let set = variables.into_iter().filter_map(|(variable, text)| {
            let variable = variable.into_string().ok()?;
            let key = variable.strip_prefix(PREFIX)?.to_ascii_lowercase();
            let other = named.contains(variable.as_str()) || crash::is_told_by(&variable);
            if other || is_service_link(&key) {
                return None;
            }
            let path: Vec<String> = key.split("__").map(str::to_owned).collect();
            let whole = path.iter().all(|step| !step.is_empty());
            whole.then(|| Set { path, variable, text: text.to_string_lossy().into_owned() })
        });
        Self(set.collect())
    }

    /// The variable that sets the key at `path`, or something that holds it.
    pub fn variable(&self, path: &[&str]) -> Option<&str> {
        let sets = |set: &&Set| {
            set.path.len() <= path.len()
                && set.path.iter().zip(path).all(|(one, other)| one == other)
        };
        self.0.iter().find(sets).map(|set| set.variable.as_str())
    }

    /// A variable that sets a key below `path`.
    pub fn below(&self, path: &[&str]) -> Option<&str> {
        let sets = |set: &&Set| {
            set.path.len() > path.len()
                && set.path.iter().zip(path).all(|(one, other)| one == other)
        };
        self.0.iter().find(sets).map(|set| set.variable.as_str())
    }

    /// `figment` with these keys above it.
    pub fn over(&self, figment: Figment) -> Figment {
        self.0.iter().fold(figment, |figment, set| {
            let Ok(value) = set.text.parse::<Value>();
            let nested = set
                .path
                .iter()
                .rev()
                .fold(value, |value, step| Value::from(Dict::from([(step.clone(), value)])));
            figment.merge(Values(nested.into_dict().unwrap_or_default()))
        })
    }
}

/// Values as figment takes them.
pub struct Values(pub Dict);

impl Provider for Values {
    fn metadata(&self) -> Metadata {
        Metadata::named("values")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.0.clone()))
    }
}

/// Kubernetes gives every pod near a service named `scimshim` or `scimshim-admin` the variables
/// `SCIMSHIM_SERVICE_HOST`, `SCIMSHIM_ADMIN_PORT_9090_TCP_ADDR` and their kin. No key of ours that
/// stands alone ends like them, and `__` is in none of theirs.
fn is_service_link(key: &str) -> bool {
    let words: Vec<&str> = key.split('_').collect();
    if words.contains(&"") {
        return false;
    }
    let number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let ends = |words: &[&str]| match words {
        ["service", "host"] | ["service", "port", ..] | ["port"] => true,
        ["port", at, protocol] => number(at) && PROTOCOLS.contains(protocol),
        ["port", at, protocol, part] => {
            number(at) && PROTOCOLS.contains(protocol) && ["proto", "port", "addr"].contains(part)
        }
        _ => false,
    };
    (0..words.len()).any(|from| words.get(from..).is_some_and(ends))
}

const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_is_told_from_what_only_looks_like_it() {
        let named = BTreeSet::from(["SCIMSHIM_VENDOR_TOKEN"]);
        let table = [
            ("SCIMSHIM_SERVER__LISTEN", true),
            ("SCIMSHIM_PUBLIC_URL", true),
            ("SCIMSHIM_TENANTS__PORT__VARS__SERVICE_HOST", true),
            ("SCIMSHIM_SEVER", true),
            ("SCIMSHIM_VENDOR_TOKEN", false),
            ("SCIMSHIM_SERVICE_HOST", false),
            ("SCIMSHIM_SERVICE_PORT", false),
            ("SCIMSHIM_SERVICE_PORT_HTTPS", false),
            ("SCIMSHIM_PORT", false),
            ("SCIMSHIM_PORT_8443_TCP", false),
            ("SCIMSHIM_PORT_8443_TCP_ADDR", false),
            ("SCIMSHIM_ADMIN_SERVICE_HOST", false),
            ("SCIMSHIM_ADMIN_PORT", false),
            ("SCIMSHIM_ADMIN_PORT_9090_UDP_PROTO", false),
            ("SCIMSHIM_", false),
            ("PATH", false),
        ];
        for (name, taken) in table {
            let environment = Environment::of([(name.into(), "x".into())], &named);
            assert_eq!(!environment.0.is_empty(), taken, "{name}");
        }
    }

    #[test]
    fn a_key_is_known_by_its_variable() {
        let variables = [("SCIMSHIM_SERVER__LISTEN", "x"), ("SCIMSHIM_ADMIN", "{token=1}")];
        let variables = variables.map(|(name, text)| (name.into(), text.into()));
        let environment = Environment::of(variables, &BTreeSet::new());
        for (path, variable) in [
            (vec!["server", "listen"], Some("SCIMSHIM_SERVER__LISTEN")),
            (vec!["admin", "token"], Some("SCIMSHIM_ADMIN")),
            (vec!["server"], None),
            (vec!["server", "tls"], None),
        ] {
            assert_eq!(environment.variable(&path), variable, "{path:?}");
        }
    }
}
