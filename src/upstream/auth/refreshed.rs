//! Refreshed: the refresh token that took the configured one's place. It outlives a reload, which would send one that
//! the vendor has revoked; it does not outlive the process, for nothing of a token is ever stored.

use crate::{
    secret::Secret,
    upstream::settings::{Grant, GrantKind},
};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync;

/// What the vendor gave out instead of the configured refresh token, if it has.
pub struct Refreshed {
    grant: Arc<Grant>,
    /// Held while one is exchanged: before and after a reload two might be sent at once, and a vendor that sees one
    /// twice takes it for stolen.
    turn: sync::Mutex<()>,
    // A std mutex: read and set, never held across an await.
    token: Mutex<Option<Secret>>,
}

impl Refreshed {
    /// The configured one is in force.
    pub fn new(grant: &Arc<Grant>) -> Self {
        let (turn, token) = Default::default();
        Self { grant: Arc::clone(grant), turn, token }
    }

    /// Whether it stands for the refresh token of this grant. Another one in the configuration is the operator's word.
    pub fn is_for(&self, grant: &Grant) -> bool {
        let who = |grant: &Grant| (grant.token_url.clone(), grant.client_id.clone());
        let refresh = matches!(grant.kind, GrantKind::RefreshToken(_));
        refresh && grant.kind == self.grant.kind && who(grant) == who(&self.grant)
    }

    /// Waits until nobody else exchanges one.
    pub async fn turn(&self) -> sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// What is sent instead of the configured one.
    pub fn token(&self) -> Option<Secret> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on this is sent; nothing: the configured one is.
    pub fn set(&self, token: Option<Secret>) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operator_says_anew_counts_more() {
        let grant = |token: &str, token_url: &str, client_id: &str| Grant {
            kind: GrantKind::RefreshToken(Secret::new(token)),
            token_url: token_url.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: None,
            in_body: false,
            scopes: Vec::new(),
            extra: Vec::new(),
        };
        let refreshed = Refreshed::new(&Arc::new(grant("r", "https://a.example", "us")));
        let scoped =
            Grant { scopes: vec!["a".to_owned()], ..grant("r", "https://a.example", "us") };
        let other = Grant { kind: GrantKind::ClientCredentials, ..scoped.clone() };
        let table = [
            (grant("r", "https://a.example", "us"), true),
            (scoped, true),
            (grant("s", "https://a.example", "us"), false),
            (grant("r", "https://b.example", "us"), false),
            (grant("r", "https://a.example", "you"), false),
            (other, false),
        ];
        for (now, expected) in table {
            assert_eq!(refreshed.is_for(&now), expected, "{now:?}");
        }
    }
}
