//! One entry of `tenants:`.

use super::{guard, variables::Variables};
use crate::{gateway::guard::Limit, scim::profile::Profile, server};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::path::PathBuf;

/// One mapping with its own variables and clients.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `mapping`, `vars` and `clients`")]
pub struct Tenant {
    /// The mapping file, from the configuration's folder.
    pub mapping: PathBuf,
    /// The habits of its clients.
    #[serde(default, deserialize_with = "profile")]
    pub profile: Profile,
    /// Its own base path, in the version of its profile; left out: `/scim/v2`, `/scim`, and `/scim/v1` for
    /// SCIM 1.1.
    pub path: Option<String>,
    /// The host at which alone it is; left out: every one.
    pub host: Option<String>,
    /// What the mapping's `tenant:` declares.
    #[serde(default)]
    pub vars: Variables,
    /// How many may be deactivated or deleted in what time; none: as many as there are.
    #[serde(default = "guard::standard", deserialize_with = "guard::read")]
    pub guard: Option<Limit>,
    /// Who may call, by the name that logs call them.
    #[serde(default)]
    pub clients: server::settings::Clients,
}

fn profile<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Profile, D::Error> {
    let name = String::deserialize(deserializer)?;
    Profile::named(&name).ok_or_else(|| {
        let known = Profile::NAMES.map(|(name, _)| name).join(", ");
        D::Error::custom(format!("expected one of {known}, found `{name}`"))
    })
}
