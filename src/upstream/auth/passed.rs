//! Signed by what a SCIM client has brought.

use crate::{
    secret::Secret,
    upstream::{
        Error,
        credential::{Credential, Whose},
        settings::{Auth, Scheme},
        signature::Signature,
        spelled::basic,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use std::sync::Arc;

/// A credential that signs the calls of one request.
pub struct Passed {
    /// As it travels.
    pub signature: Arc<Signature>,
    /// Whose it is.
    pub whose: Whose,
    bare: Secret,
}

impl Passed {
    /// Under this scheme. The error says that it cannot travel.
    pub fn new(scheme: Scheme, credential: &Credential) -> Result<Self, Error> {
        let Credential { sent, bare } = credential;
        let goes_on = if scheme == Scheme::AsSent { sent } else { bare };
        let signature = Signature::of(&Auth::Client(scheme), goes_on.expose())?;
        let whose = Whose::of(goes_on.expose().as_bytes());
        Ok(Self { signature: Arc::new(signature), whose, bare: bare.clone() })
    }

    /// What a vendor may repeat of it, and nobody is told: asked for when something has failed.
    pub fn secrets(&self) -> Vec<Secret> {
        let pair = pair(&self.bare);
        let encoded = pair.iter().flat_map(|pair| basic(pair));
        let password = pair.iter().filter_map(|pair| Some(Secret::new(pair.split_once(':')?.1)));
        [self.bare.clone()].into_iter().chain(encoded).chain(password).collect()
    }
}

/// `user:password`, where the credential is Base64 of one.
fn pair(bare: &Secret) -> Option<String> {
    let decoded = STANDARD_NO_PAD.decode(bare.expose().trim_end_matches('=')).ok()?;
    String::from_utf8(decoded).ok().filter(|decoded| decoded.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, header::AUTHORIZATION};

    fn credential(sent: &str, bare: &str) -> Credential {
        Credential { sent: Secret::new(sent), bare: Secret::new(bare) }
    }

    #[test]
    fn it_goes_on_under_the_schemes_word() {
        // `uid:key1`
        let pair = "dWlkOmtleTE=";
        let came = [format!("Basic {pair}"), format!("bearer {pair}"), pair.to_owned()];
        for (scheme, before) in [(Scheme::Basic, "Basic "), (Scheme::Bearer, "Bearer ")] {
            let all =
                came.each_ref().map(|sent| Passed::new(scheme, &credential(sent, pair)).unwrap());
            for passed in &all {
                let mut headers = HeaderMap::new();
                passed.signature.apply(&mut headers, &mut Vec::new());
                assert_eq!(headers[AUTHORIZATION], format!("{before}{pair}"));
                assert!(headers[AUTHORIZATION].is_sensitive());
                assert_eq!(passed.whose, all[0].whose, "behind whichever scheme it came");
                let secrets = passed.secrets();
                let secrets: Vec<&str> = secrets.iter().map(Secret::expose).collect();
                for secret in [pair, "dWlkOmtleTE", "key1"] {
                    assert!(secrets.contains(&secret), "{secret}");
                }
            }
        }
        for sent in came {
            let passed = Passed::new(Scheme::AsSent, &credential(&sent, pair)).unwrap();
            let mut headers = HeaderMap::new();
            passed.signature.apply(&mut headers, &mut Vec::new());
            assert_eq!(headers[AUTHORIZATION], sent);
        }
    }

    #[test]
    fn of_another_credential_it_is_another() {
        let whose =
            |bare: &str| Passed::new(Scheme::Bearer, &credential(bare, bare)).unwrap().whose;
        assert_eq!(whose("a"), whose("a"));
        assert_ne!(whose("a"), whose("b"));
        assert!(Passed::new(Scheme::Bearer, &credential("a\nb", "a\nb")).is_err());
    }
}
