//! Who signs calls: what is given once, or a token that is fetched, kept and renewed.

mod answered;
pub mod keeper;
pub mod oauth;

pub use keeper::Now;

use super::{
    Error,
    settings::{Auth, Settings},
    signature::Signature,
    transport::Transport,
};
use crate::{metrics::Metrics, secret::Secret};
use keeper::{Keeper, Token};
use oauth::OAuth;
use std::sync::Arc;
use tokio::time::Instant;

/// Signs the calls of one tenant.
pub enum Signer {
    /// By what never changes.
    Fixed(Arc<Signature>),
    /// By a token that all calls share.
    Kept(Keeper),
}

/// What one call is signed by.
pub enum Signed {
    /// What never changes.
    Fixed(Arc<Signature>),
    /// A token.
    Kept(Arc<Token>),
}

impl Signer {
    /// The error names the setting that cannot be.
    pub fn new(
        tenant: &Arc<str>,
        settings: &Settings,
        transport: &Transport,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, Error> {
        match &settings.auth {
            Auth::OAuth(grant) => {
                let source = OAuth::new(tenant, grant, transport)?;
                Ok(Self::Kept(Keeper::new(tenant, Arc::new(source), metrics)))
            }
            fixed => Ok(Self::Fixed(Arc::new(Signature::of(fixed, "")?))),
        }
    }

    /// What a call is signed by that is sent now. A token is waited for until `deadline`.
    pub async fn sign(&self, now: Now, deadline: Instant) -> Result<Signed, Error> {
        match self {
            Self::Fixed(signature) => Ok(Signed::Fixed(Arc::clone(signature))),
            Self::Kept(keeper) => keeper.token(now, deadline).await.map(Signed::Kept),
        }
    }

    /// What was fetched lately.
    pub fn tokens(&self) -> Vec<Secret> {
        match self {
            Self::Fixed(_) => Vec::new(),
            Self::Kept(keeper) => keeper.lately(),
        }
    }

    /// The vendor refused what a call was signed by. Whether another is worth a try.
    pub fn refused(&self, signed: &Signed, now: Now) -> bool {
        match (self, signed) {
            (Self::Kept(keeper), Signed::Kept(token)) => keeper.refused(token, now),
            _ => false,
        }
    }
}

impl Signed {
    /// How it travels.
    pub fn signature(&self) -> &Signature {
        match self {
            Self::Fixed(signature) => signature,
            Self::Kept(token) => token.signature(),
        }
    }

    /// What the vendor answered to a call that was signed so.
    pub fn tell(&self, status: u16) {
        if let Self::Kept(token) = self
            && status != 401
        {
            token.serves();
        }
    }
}
