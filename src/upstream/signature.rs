//! Signature: a credential as it travels.

use super::{Error, error::Kind, settings::Auth};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};

/// A credential as it travels: a header, or a query parameter.
#[derive(Debug, Clone)]
pub enum Signature {
    /// Nothing.
    None,
    /// Marked sensitive, so that no log of a library below shows it.
    Header(HeaderName, HeaderValue),
    /// Name and value.
    Query(String, String),
}

impl Signature {
    /// Made once; a credential that cannot travel is told at start and not at the first call. `fetched` is the
    /// token of a kind that has to fetch one.
    pub fn of(auth: &Auth, fetched: &str) -> Result<Self, Error> {
        match auth {
            Auth::None => Ok(Self::None),
            Auth::Bearer(token) => header(AUTHORIZATION, format!("Bearer {}", token.expose())),
            Auth::Basic { user, password } => {
                let pair = STANDARD.encode(format!("{user}:{}", password.expose()));
                header(AUTHORIZATION, format!("Basic {pair}"))
            }
            Auth::Header { name, value } => {
                let found = HeaderName::try_from(name.as_str())
                    .map_err(|_| invalid(format!("`{name}` is no header name")))?;
                header(found, value.expose().to_owned())
            }
            Auth::OAuth(_) => header(AUTHORIZATION, format!("Bearer {fetched}")),
            Auth::Query { name, value } => Ok(Self::Query(name.clone(), value.expose().to_owned())),
        }
    }

    /// Adds it to a call's headers or query.
    pub fn apply(&self, headers: &mut HeaderMap, query: &mut Vec<(String, String)>) {
        match self {
            Self::None => {}
            Self::Header(name, value) => {
                headers.insert(name, value.clone());
            }
            Self::Query(name, value) => query.push((name.clone(), value.clone())),
        }
    }
}

fn header(name: HeaderName, value: String) -> Result<Signature, Error> {
    let mut value = HeaderValue::try_from(value)
        .map_err(|_| invalid("the credential holds characters that no header can".to_owned()))?;
    value.set_sensitive(true);
    Ok(Signature::Header(name, value))
}

fn invalid(message: String) -> Error {
    Error { kind: Kind::Invalid, message }
}
