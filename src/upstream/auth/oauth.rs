//! OAuth 2 (RFC 6749): the token that a grant is exchanged for.

use super::{
    answered::{given, reason},
    courier::Courier,
    keeper::{Issued, PATIENCE, Source},
    lasts::lasts,
    refreshed::Refreshed,
};
use crate::{
    secret::Secret,
    upstream::{
        Answer, Error,
        call::Pending,
        error::Kind,
        request::{FORM, Request, form, own_headers, secure, unsigned},
        settings::{Auth, Grant, GrantKind},
        signature::Signature,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderValue, Method,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use reqwest::Url;
use serde_json::Value;
use std::sync::Arc;
use tokio::time::Instant;

/// Exchanges a grant for tokens.
pub struct OAuth {
    tenant: Arc<str>,
    grant: Arc<Grant>,
    courier: Courier,
    refreshed: Arc<Refreshed>,
}

impl OAuth {
    /// Going on with what `before` knows, where that is the same grant's. The error names the setting that cannot be.
    pub fn new(
        tenant: &Arc<str>,
        grant: &Arc<Grant>,
        courier: Courier,
        before: Option<Arc<Refreshed>>,
    ) -> Result<Self, Error> {
        request(grant, None)?;
        let before = before.filter(|before| before.is_for(grant));
        let refreshed = before.unwrap_or_else(|| Arc::new(Refreshed::new(grant)));
        Ok(Self { tenant: Arc::clone(tenant), grant: Arc::clone(grant), courier, refreshed })
    }

    async fn ask(&self, now: jiff::Timestamp) -> Result<Issued, Error> {
        let deadline = Instant::now() + PATIENCE;
        let _turn = self.refreshed.turn().await;
        let rotated = self.refreshed.token();
        let request = request(&self.grant, rotated.as_ref())?;
        let sent = self.courier.send(request, deadline).await;
        let said = sent.as_ref().ok().and_then(reason);
        let answer = given("the token call", sent, now);
        let refused = answer.as_ref().is_err_and(|error| error.kind == Kind::Refused);
        // Perhaps the configured one is good again. Where something else was refused (a secret of the client's that was
        // changed), this one stays the only good one.
        if rotated.is_some() && refused && said.is_none_or(|said| said == "invalid_grant") {
            self.refreshed.set(None);
        }
        let answer = answer?;
        let token = token(&answer)?;
        if matches!(self.grant.kind, GrantKind::RefreshToken(_))
            && let Some(next) = answer.body.get("refresh_token").and_then(Value::as_str)
        {
            self.replaced(next);
        }
        let signature = Signature::of(&Auth::OAuth(Arc::clone(&self.grant)), token)?;
        let lasts = answer.body.get("expires_in").and_then(|told| lasts(told, now));
        Ok(Issued { token: Secret::new(token), signature, lasts })
    }

    /// RFC 6749 §6: another refresh token may come with the answer, and takes the place of the one that was sent.
    fn replaced(&self, next: &str) {
        let before = self.refreshed.token();
        let GrantKind::RefreshToken(configured) = &self.grant.kind else { return };
        let sent = before.as_ref().unwrap_or(configured);
        if sent.expose() == next {
            return;
        }
        if before.is_none() {
            tracing::warn!(
                tenant = &*self.tenant,
                "the vendor gave out another refresh token, which is kept in memory alone: \
                 after a restart the configured one is sent again, and where that is revoked a new one must be made. \
                 Ask the vendor not to rotate it, or use `grant: client_credentials`"
            );
        }
        self.refreshed.set(Some(Secret::new(next)));
    }
}

impl Source for OAuth {
    fn issue(&self, now: jiff::Timestamp) -> Pending<'_, Result<Issued, Error>> {
        Box::pin(self.ask(now))
    }

    fn refreshed(&self) -> Option<Arc<Refreshed>> {
        Some(Arc::clone(&self.refreshed))
    }
}

/// The call that a grant is exchanged by; `rotated` is sent instead of the configured refresh token.
pub fn request(grant: &Grant, rotated: Option<&Secret>) -> Result<Request, Error> {
    unsigned("token_url", &grant.token_url)?;
    let url = Url::parse(&grant.token_url)
        .map_err(|_| invalid(format!("`token_url` is no URL: `{}`", grant.token_url)))?;
    secure("token_url", &grant.token_url, &url)?;
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut pairs = match &grant.kind {
        GrantKind::ClientCredentials => vec![pair("grant_type", "client_credentials")],
        GrantKind::Password { user, password } => vec![
            pair("grant_type", "password"),
            pair("username", user),
            pair("password", password.expose()),
        ],
        GrantKind::RefreshToken(configured) => vec![
            pair("grant_type", "refresh_token"),
            pair("refresh_token", rotated.unwrap_or(configured).expose()),
        ],
    };
    if !grant.scopes.is_empty() {
        pairs.push(pair("scope", &grant.scopes.join(" ")));
    }
    let mut headers = own_headers();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(FORM));
    match grant.login() {
        Some(login) => {
            let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(login)))
                .map_err(|_| invalid("the client cannot travel in a header".to_owned()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        None => {
            pairs.push(pair("client_id", &grant.client_id));
            pairs.extend(
                grant.client_secret.iter().map(|secret| pair("client_secret", secret.expose())),
            );
        }
    }
    pairs.extend(grant.extra.iter().cloned());
    Ok(Request { method: Method::POST, url, headers, body: Some(form(&pairs)) })
}

/// RFC 6749 §5.1. Vendors that leave `token_type` out mean Bearer.
fn token(answer: &Answer) -> Result<&str, Error> {
    let unissued = |message: &str| Error { kind: Kind::Unissued, message: message.to_owned() };
    let kind = answer.body.get("token_type").and_then(Value::as_str).unwrap_or("Bearer");
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(unissued("the token call gave out a token that is not of type Bearer"));
    }
    let token = answer.body.get("access_token").and_then(Value::as_str);
    token
        .filter(|token| !token.is_empty())
        .ok_or_else(|| unissued("the token call was answered without an `access_token`"))
}

fn invalid(message: String) -> Error {
    Error { kind: Kind::Invalid, message }
}
