//! A login call of the vendor's own: what it answers holds the token that signs all others.

use super::{
    answered::given,
    courier::Courier,
    keeper::{Issued, PATIENCE, Source},
    lasts::lasts,
};
use crate::upstream::{
    Error,
    call::Pending,
    error::Kind,
    request::Travel,
    settings::{Auth, Login},
    signature::Signature,
};
use jiff::Timestamp;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// Logs in.
pub struct ByLogin {
    tenant: Arc<str>,
    login: Arc<Login>,
    travel: Travel,
    courier: Courier,
}

impl ByLogin {
    /// The error names the setting that cannot be.
    pub fn new(
        tenant: &Arc<str>,
        login: &Arc<Login>,
        travel: &Travel,
        courier: Courier,
    ) -> Result<Self, Error> {
        travel.request(&login.call, &Signature::None)?;
        let (tenant, login) = (Arc::clone(tenant), Arc::clone(login));
        Ok(Self { tenant, login, travel: travel.clone(), courier })
    }

    async fn ask(&self, now: Timestamp) -> Result<Issued, Error> {
        let unissued = |why: String| Error { kind: Kind::Unissued, message: why };
        let request = self.travel.request(&self.login.call, &Signature::None)?;
        let sent = self.courier.send(request, Instant::now() + PATIENCE).await;
        let answer = given("the login call", sent, now)?;
        let token = self.login.reader.token(&answer).map_err(unissued)?;
        let end = self.login.reader.end(&answer);
        // A token that no header can hold is the vendor's, and no mistake of the configuration.
        let signature = Signature::of(&Auth::Login(Arc::clone(&self.login)), token.expose())
            .map_err(|error| unissued(error.message))?;
        Ok(Issued { token, signature, lasts: self.lasts(end, now) })
    }

    /// Where that cannot be read, the token serves until it is refused.
    fn lasts(&self, end: Result<Value, String>, now: Timestamp) -> Option<Duration> {
        let why = match end {
            Ok(Value::Null) => return None,
            Ok(told) => match lasts(&told, now) {
                Some(lasts) => return Some(lasts),
                None => "it is neither seconds nor a date".to_owned(),
            },
            Err(why) => why,
        };
        let tenant = &*self.tenant;
        tracing::warn!(tenant, why, "`expires` of the login call cannot be read");
        None
    }
}

impl Source for ByLogin {
    fn issue(&self, now: Timestamp) -> Pending<'_, Result<Issued, Error>> {
        Box::pin(self.ask(now))
    }
}
