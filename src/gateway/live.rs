//! Live: the Plan in force and the Upstream it speaks to, swapped as one.

use super::withheld::Withheld;
use crate::{
    mapping::plan::Plan,
    scim::profile::Profile,
    upstream::{Upstream, credential::Credential},
};
use serde_json::Value;
use std::sync::Arc;

/// What a request runs on.
pub struct Live {
    /// What the mapping says.
    pub plan: Arc<Plan>,
    /// The vendor.
    pub upstream: Arc<dyn Upstream>,
    /// The tenant's variables, `tenant.NAME` in expressions; an object. Holds secrets: never logged.
    pub variables: Arc<Value>,
    /// The habits of the tenant's client.
    pub profile: Profile,
    /// Counts reloads, from 1.
    pub generation: u64,
    /// What tells it from what another replica may have in force; empty where there is none.
    pub digest: Arc<str>,
    withheld: Arc<Withheld>,
}

impl Live {
    /// Over this vendor. What nobody is told is gathered here, once.
    pub fn new(
        plan: Arc<Plan>,
        upstream: Arc<dyn Upstream>,
        variables: Arc<Value>,
        profile: Profile,
        generation: u64,
    ) -> Self {
        let withheld = Arc::new(Withheld::of_tenant(&plan, &variables));
        Self { plan, upstream, variables, profile, generation, digest: "".into(), withheld }
    }

    /// The same, told by this from what another replica may have in force.
    pub fn known_by(self, digest: Arc<str>) -> Self {
        Self { digest, ..self }
    }

    /// With the Plan as it is for its tenant. What cannot be made was told with the settings.
    pub fn of_its_tenant(self) -> Self {
        match self.plan.of_tenant(&self.variables) {
            Ok(Some(plan)) => Self { plan: Arc::new(plan), ..self },
            Ok(None) | Err(_) => self,
        }
    }

    /// The same for a client whose own credential goes on to the vendor.
    #[must_use]
    pub fn on_behalf(&self, credential: &Credential) -> Self {
        let own = || Arc::clone(&self.upstream);
        Self {
            plan: Arc::clone(&self.plan),
            upstream: self.upstream.on_behalf(credential).unwrap_or_else(own),
            variables: Arc::clone(&self.variables),
            profile: self.profile,
            generation: self.generation,
            digest: Arc::clone(&self.digest),
            withheld: Arc::clone(&self.withheld),
        }
    }

    /// What must never be in an answer or a log, beside tokens that were fetched or brought.
    pub fn withheld(&self) -> &Withheld {
        &self.withheld
    }
}
