//! What operators ask of a tenant's guard.

use super::{
    super::{
        Gateway,
        deed::{Deed, Refusal},
    },
    Guard, Limit, Standing,
};
use crate::store::Error;
use jiff::Timestamp;
use tokio::time::Instant;

impl Gateway {
    /// The same with a guard; none: it is off.
    #[must_use]
    pub fn guarded(mut self, limit: Option<Limit>) -> Self {
        let guard = |limit| Guard::new(self.tenant.clone(), limit, &self.metrics);
        self.memory.guard = limit.map(guard);
        self
    }

    /// How its guard stands, which log and metrics say then too; nothing where it is off.
    pub async fn guard(&self, now: Timestamp) -> Result<Option<Standing>, Error> {
        match &self.memory.guard {
            Some(guard) => guard.standing(self.memory.store.as_deref(), now).await.map(Some),
            None => Ok(None),
        }
    }

    /// Lets through what its guard holds back, and as many again. How many had counted; nothing where it is off.
    pub async fn release_guard(
        &self,
        now: Timestamp,
        deadline: Instant,
    ) -> Result<Option<u64>, Refusal> {
        let Some(guard) = &self.memory.guard else { return Ok(None) };
        self.may_be_told()?;
        let counted = guard.release(self.memory.store.as_deref(), now).await?;
        self.tell(Deed::Release(counted), now, deadline).await;
        Ok(Some(counted))
    }
}
