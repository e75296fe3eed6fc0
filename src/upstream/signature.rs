//! Signature: a credential as it travels.

use super::{
    Error,
    error::Kind,
    settings::{Auth, Carrier, Scheme},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, COOKIE},
};

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
    /// token of a kind that has to fetch one, and the client's credential where that goes on.
    pub fn of(auth: &Auth, fetched: &str) -> Result<Self, Error> {
        match auth {
            Auth::None => Ok(Self::None),
            Auth::Bearer(token) => header(AUTHORIZATION, format!("Bearer {}", token.expose())),
            Auth::Basic { user, password } => {
                let pair = STANDARD.encode(format!("{user}:{}", password.expose()));
                header(AUTHORIZATION, format!("Basic {pair}"))
            }
            Auth::Header { name, value } => named(name, value.expose()),
            Auth::OAuth(_) => header(AUTHORIZATION, format!("Bearer {fetched}")),
            Auth::Login(login) => {
                carried(&login.send, login.reader.sent(fetched).map_err(invalid)?.expose())
            }
            Auth::Client(Scheme::Bearer) => header(AUTHORIZATION, format!("Bearer {fetched}")),
            Auth::Client(Scheme::Basic) => header(AUTHORIZATION, format!("Basic {fetched}")),
            Auth::Client(Scheme::AsSent) => header(AUTHORIZATION, fetched.to_owned()),
            Auth::Query { name, value } => Ok(Self::Query(name.clone(), value.expose().to_owned())),
        }
    }

    /// Adds it to a call's headers or query.
    pub fn apply(&self, headers: &mut HeaderMap, query: &mut Vec<(String, String)>) {
        match self {
            Self::None => {}
            // RFC 6265 §5.4: all cookies stand in one header.
            Self::Header(COOKIE, value) if headers.contains_key(COOKIE) => {
                let others = headers.get(COOKIE).map(HeaderValue::as_bytes).unwrap_or_default();
                let all = [others, b"; ", value.as_bytes()].concat();
                if let Ok(mut all) = HeaderValue::from_bytes(&all) {
                    all.set_sensitive(true);
                    headers.insert(COOKIE, all);
                }
            }
            Self::Header(name, value) => {
                headers.insert(name, value.clone());
            }
            Self::Query(name, value) => query.push((name.clone(), value.clone())),
        }
    }
}

fn named(name: &str, value: &str) -> Result<Signature, Error> {
    let found =
        HeaderName::try_from(name).map_err(|_| invalid(format!("`{name}` is no header name")))?;
    header(found, value.to_owned())
}

fn carried(carrier: &Carrier, token: &str) -> Result<Signature, Error> {
    match carrier {
        Carrier::Header(name) => named(name, token),
        Carrier::Query(name) => Ok(Signature::Query(name.clone(), token.to_owned())),
        // RFC 6265 §4.1.1: what a cookie's value cannot hold.
        Carrier::Cookie(_) if token.contains([' ', '"', ',', ';', '\\']) || !token.is_ascii() => {
            Err(invalid("the token holds characters that no cookie can".to_owned()))
        }
        Carrier::Cookie(name) => header(COOKIE, format!("{name}={token}")),
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
