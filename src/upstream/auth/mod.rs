//! Who signs calls: what is given once, or a token that is fetched, kept and renewed.

mod answered;
mod courier;
pub mod keeper;
mod lasts;
mod login;
pub mod oauth;
mod passed;
mod refreshed;

pub use keeper::Now;
pub use refreshed::Refreshed;

use super::{
    Error, Gate,
    credential::{Credential, Whose},
    error::Kind,
    request::Travel,
    settings::{Auth, Scheme, Settings},
    signature::Signature,
    transport::Transport,
};
use crate::{metrics::Metrics, secret::Secret};
use courier::Courier;
use keeper::{Keeper, Source, Token};
use login::ByLogin;
use oauth::OAuth;
use passed::Passed;
use std::sync::Arc;
use tokio::time::Instant;

/// Signs the calls of one tenant.
#[derive(Clone)]
pub enum Signer {
    /// By what never changes.
    Fixed(Arc<Signature>),
    /// By a token that all calls share.
    Kept(Arc<Keeper>),
    /// By what each request brings; none has yet.
    Awaiting(Scheme),
    /// By what this request has brought.
    Passed(Arc<Passed>),
}

/// What one call is signed by.
pub enum Signed {
    /// What never changes.
    Fixed(Arc<Signature>),
    /// A token.
    Kept(Arc<Token>),
}

impl Signer {
    /// Calls for tokens that go to the vendor itself pass `gate`; `before` is what a signer knew that this one takes
    /// over from. The error names the setting that cannot be.
    pub fn new(
        tenant: &Arc<str>,
        settings: &Settings,
        travel: &Travel,
        transport: &Transport,
        gate: &Arc<Gate>,
        before: Option<Arc<Refreshed>>,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, Error> {
        let kept =
            |source: Arc<dyn Source>| Self::Kept(Arc::new(Keeper::new(tenant, source, metrics)));
        match &settings.auth {
            Auth::OAuth(grant) => {
                let gate = Some(gate).filter(|_| travel.goes_to(&grant.token_url));
                let courier = Courier::new(transport, gate);
                Ok(kept(Arc::new(OAuth::new(tenant, grant, courier, before)?)))
            }
            Auth::Login(login) => {
                let courier = Courier::new(transport, Some(gate));
                Ok(kept(Arc::new(ByLogin::new(tenant, login, travel, courier)?)))
            }
            Auth::Client(scheme) => Ok(Self::Awaiting(*scheme)),
            fixed => Ok(Self::Fixed(Arc::new(Signature::of(fixed, "")?))),
        }
    }

    /// What a call is signed by that is sent now. A token is waited for until `deadline`.
    pub async fn sign(&self, now: Now, deadline: Instant) -> Result<Signed, Error> {
        match self {
            Self::Fixed(signature) => Ok(Signed::Fixed(Arc::clone(signature))),
            Self::Kept(keeper) => keeper.token(now, deadline).await.map(Signed::Kept),
            Self::Passed(passed) => Ok(Signed::Fixed(Arc::clone(&passed.signature))),
            Self::Awaiting(_) => {
                let message = "no client's credential is at hand to go on with it".to_owned();
                Err(Error { kind: Kind::Invalid, message })
            }
        }
    }

    /// The same for a client that brings its own credential; nothing where that does not go on.
    pub fn on_behalf(&self, credential: &Credential) -> Option<Self> {
        let Self::Awaiting(scheme) = self else { return None };
        Passed::new(*scheme, credential).ok().map(Arc::new).map(Self::Passed)
    }

    /// Whose credential signs, where that is a client's.
    pub fn whose(&self) -> Option<Whose> {
        match self {
            Self::Passed(passed) => Some(passed.whose),
            _ => None,
        }
    }

    /// What was fetched lately, and what a client has brought.
    pub fn tokens(&self) -> Vec<Secret> {
        match self {
            Self::Fixed(_) | Self::Awaiting(_) => Vec::new(),
            Self::Kept(keeper) => keeper.lately(),
            Self::Passed(passed) => passed.secrets(),
        }
    }

    /// What took the place of a configured refresh token.
    pub fn refreshed(&self) -> Option<Arc<Refreshed>> {
        match self {
            Self::Kept(keeper) => keeper.refreshed(),
            Self::Fixed(_) | Self::Awaiting(_) | Self::Passed(_) => None,
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
