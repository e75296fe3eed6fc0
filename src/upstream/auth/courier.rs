//! Courier: takes a call for a token to who gives it out. What goes to the vendor itself has its turn among all other
//! calls there, for it spends the same allowance. Who waits for a token holds no place meanwhile.

use super::Now;
use crate::upstream::{Answer, Error, Gate, request::Request, transport::Transport};
use std::sync::Arc;
use tokio::time::Instant;

/// Sends calls for tokens.
#[derive(Debug, Clone)]
pub struct Courier {
    transport: Transport,
    /// What they pass, where the vendor gives the tokens out.
    gate: Option<Arc<Gate>>,
}

impl Courier {
    /// Through `gate`, where there is one to pass.
    pub fn new(transport: &Transport, gate: Option<&Arc<Gate>>) -> Self {
        Self { transport: transport.clone(), gate: gate.map(Arc::clone) }
    }

    /// Every status is an answer.
    pub async fn send(&self, request: Request, deadline: Instant) -> Result<Answer, Error> {
        let Some(gate) = &self.gate else { return self.transport.send(request, deadline).await };
        let address = format!("{} {}", request.method, request.url.path());
        let passed = gate.pass(deadline).await?;
        let outcome = self.transport.send(request, deadline).await;
        passed.learn(&|| address.clone(), &outcome, Now::here().timestamp);
        outcome
    }
}
