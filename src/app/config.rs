//! The process's own file, `scimshim.yaml`: each section is owned by its part, this composes them.
//!
//! Defaults are below the file, the file below `SCIMSHIM_*` in the environment. While the
//! process runs, mappings, certificates and clients change with their files; all else is in force until it ends.

use super::{log, reload, tenant::Tenant, variables::Given};
use crate::{admin, audit, server, store};
use serde::Deserialize;
use std::{collections::BTreeMap, num::NonZeroUsize, path::Path};

/// Everything that is configured.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map of sections")]
pub struct Config {
    /// What `Location` and `meta.location` begin with; left out: the listener's own address.
    pub public_url: Option<String>,
    /// Threads that work on requests; left out: one, which serves thousands of requests a second
    /// where a vendor takes tens, and holds the least memory.
    pub threads: Option<NonZeroUsize>,
    /// Where SCIM clients reach us.
    pub server: server::settings::Settings,
    /// Where operators reach us.
    pub admin: admin::settings::Settings,
    /// What is logged, and how.
    pub log: log::Settings,
    /// Where is kept what a vendor cannot hold; left out: nowhere.
    pub store: Option<store::settings::Settings>,
    /// Where each write leaves a line; left out: nowhere.
    pub audit: Option<audit::settings::Settings>,
    /// How changed files are noticed.
    pub reload: reload::Settings,
    /// By name.
    pub tenants: BTreeMap<String, Tenant>,
}

impl Config {
    /// The same with relative files taken from `folder`: a process may be started anywhere.
    pub fn within(mut self, folder: &Path) -> Self {
        if let Some(tls) = &mut self.server.tls {
            tls.cert = folder.join(&tls.cert);
            tls.key = folder.join(&tls.key);
        }
        self.store = self.store.map(|store| store.within(folder));
        self.audit = self.audit.map(|audit| audit.within(folder));
        self.admin.token = self.admin.token.map(|token| token.within(folder));
        for tenant in self.tenants.values_mut() {
            tenant.mapping = folder.join(&tenant.mapping);
            let vars = std::mem::take(&mut tenant.vars).into_iter();
            let within = |(name, given): (String, Given)| (name, given.within(folder));
            tenant.vars = vars.map(within).collect();
        }
        self
    }
}
