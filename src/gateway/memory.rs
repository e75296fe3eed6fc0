//! What the gateway of one tenant remembers between requests: within this process, and in the store
//! where there is one.

use super::{
    exercised::Exercised, flight::Flights, guard::Guard, live::Live, probed::LastProbed,
    recall::Recalls, scan::Scans, turns::Turns, unfinished::Unfinished, unproven::Unproven,
    walks::Walks,
};
use crate::{audit::Audit, store::Store};
use std::sync::Arc;

/// All of it; each part in memory has a bound of its own.
#[derive(Default)]
pub struct Memory {
    /// Writes to one resource wait for each other here.
    pub turns: Turns,
    /// What the vendor has shown, and to whom.
    pub recalls: Recalls,
    /// Reads that are on their way.
    pub flights: Flights,
    /// Lists that were read to be matched here.
    pub scans: Scans,
    /// Where earlier walks of a list of Links stopped: the ids behind which they go on.
    pub linked: Walks<String>,
    /// Places of paging that no answer has had.
    pub unproven: Unproven,
    /// Creates of what keeps nothing in the store that stopped half-way.
    pub unfinished: Unfinished,
    /// What the vendor answered to a probe.
    pub probed: LastProbed,
    /// Writes of one resource are journalled in the store.
    pub journalling: bool,
    /// Who lost access lately; none where the guard is off.
    pub guard: Option<Guard>,
    /// What outlives the process. A mapping that keeps nothing can do without.
    pub store: Option<Arc<dyn Store>>,
    /// Where each write leaves a line.
    pub audit: Option<Arc<Audit>>,
    /// What of the mapping was used; noted in rehearsals only.
    pub exercised: Option<Exercised>,
}

impl Memory {
    /// The store, where what is written of a resource is journalled in it. What a client's own credential may do cannot be
    /// done without it.
    pub fn journal(&self, live: &Live) -> Option<&dyn Store> {
        let own = self.journalling && live.plan.upstream.passes_on().is_none();
        self.store.as_deref().filter(|_| own)
    }

    /// Whether what is done now can leave its line in the audit log, where there is one.
    pub fn can_tell(&self) -> bool {
        self.audit.as_ref().is_none_or(|audit| audit.works())
    }
}
