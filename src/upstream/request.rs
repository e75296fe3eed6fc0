//! Request: a Call as it travels. The client sends it and [`curl`](super::curl) writes it down, so what is shown
//! is what is sent.

use super::{
    Body, Call, Error, base::Base, encode::encoded, error::Kind, reach, settings::Settings,
    signature::Signature,
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, USER_AGENT},
};
use reqwest::Url;
use std::fmt::Write as _;

/// Who asks.
const AGENT: &str = concat!("scimshim/", env!("CARGO_PKG_VERSION"));

/// What all calls of one tenant have in common, made once.
#[derive(Debug, Clone)]
pub struct Travel {
    base: Base,
    headers: HeaderMap,
}

/// One Call, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// The whole address.
    pub url: Url,
    /// All that we say ourselves; `host` and the length of a body are the transport's.
    pub headers: HeaderMap,
    /// The bytes; none is no body, which is not the same as an empty one.
    pub body: Option<String>,
}

impl Travel {
    /// The error names the setting that cannot be.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let base = checked_base(&settings.base_url)?;
        let mut headers = own_headers();
        for (name, value) in &settings.headers {
            let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
            else {
                return Err(invalid(format!("header `{name}` cannot be sent")));
            };
            headers.insert(name, value);
        }
        Ok(Self { base, headers })
    }

    /// Whether calls are encrypted on their way.
    pub fn encrypted(&self) -> bool {
        self.base.url().scheme() == "https"
    }

    /// Whether an address is the vendor's: of the same scheme, host and port.
    pub fn goes_to(&self, address: &str) -> bool {
        Url::parse(address).is_ok_and(|url| url.origin() == self.base.url().origin())
    }

    /// The request of a Call. Its address cannot leave the base.
    pub fn request(&self, call: &Call, signature: &Signature) -> Result<Request, Error> {
        let mut headers = self.headers.clone();
        let mut query = call.query.clone();
        for name in call.headers.keys() {
            headers.remove(name);
        }
        // A header may be there more than once.
        for (name, value) in &call.headers {
            headers.append(name, value.clone());
        }
        signature.apply(&mut headers, &mut query);
        let mut address = call.path.clone();
        for (position, (name, value)) in query.iter().enumerate() {
            address.push(if position == 0 { '?' } else { '&' });
            // Writing to a String cannot fail.
            let _ = write!(address, "{}", pair(name, value));
        }
        let url = self
            .base
            .at(&address)
            .ok_or_else(|| invalid("the call leaves `base_url`".to_owned()))?;
        let (media_type, body) = match &call.body {
            Body::Empty => {
                // RFC 9110 §8.6: a method that may have content says that it has none; some answer 411 otherwise.
                if matches!(call.method, Method::POST | Method::PUT | Method::PATCH) {
                    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
                }
                return Ok(Request { method: call.method.clone(), url, headers, body: None });
            }
            Body::Json(value) => ("application/json", value.to_string()),
            Body::Form(pairs) => {
                // What the upstream says of its JSON is not said of a form.
                if !call.headers.contains_key(CONTENT_TYPE) {
                    headers.remove(CONTENT_TYPE);
                }
                (FORM, form(pairs))
            }
        };
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(media_type));
        Ok(Request { method: call.method.clone(), url, headers, body: Some(body) })
    }
}

/// What every request says of us.
pub fn own_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    // What the client can unpack.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    headers
}

/// The media type of a form.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// https, or plain on loopback: a credential must not travel in the clear.
fn checked_base(base_url: &str) -> Result<Base, Error> {
    unsigned("base_url", base_url)?;
    let base = Base::parse(base_url)
        .ok_or_else(|| invalid(format!("`base_url` is no URL: `{base_url}`")))?;
    secure("base_url", base_url, base.url())?;
    Ok(base)
}

/// Refuses an address with a credential in it, and does not repeat it as others do: it is asked first.
pub fn unsigned(key: &str, text: &str) -> Result<(), Error> {
    if reach::credential(text) {
        let message = format!("`{key}` holds a credential before its host; put it into `auth`");
        return Err(invalid(message));
    }
    Ok(())
}

/// Refuses an address where what is sent would travel in the clear, or to where no vendor is; `key` says whose it
/// is, and `text` how it was written.
pub fn secure(key: &str, text: &str, url: &Url) -> Result<(), Error> {
    if let Some(message) = reach::disguised(text, url) {
        return Err(invalid(format!("`{key}`: {message}")));
    }
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        _ => Err(invalid(format!("`{key}` must be https unless it is on loopback: `{url}`"))),
    }
}

/// Pairs as the body of a form.
pub fn form(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(name, value)| pair(name, value)).collect::<Vec<_>>().join("&")
}

fn pair(name: &str, value: &str) -> String {
    format!("{}={}", encoded(name), encoded(value))
}

fn invalid(message: String) -> Error {
    Error { kind: Kind::Invalid, message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnostic::Place, upstream::settings::Auth};

    #[test]
    fn a_body_has_the_media_type_of_the_call_or_of_the_upstream_or_its_own() {
        const VENDORS: &str = "application/vnd.api+json";
        let json = Body::Json(serde_json::json!({ "a": 1 }));
        let form = Body::Form(vec![("a".to_owned(), "1".to_owned())]);
        for (upstreams, calls, body, expected) in [
            (None, None, &json, "application/json"),
            (Some(VENDORS), None, &json, VENDORS),
            (Some(VENDORS), Some("text/json"), &json, "text/json"),
            (None, None, &form, FORM),
            (Some(VENDORS), None, &form, FORM),
            (Some(VENDORS), Some("text/form"), &form, "text/form"),
        ] {
            let base_url = "https://api.acme.example".to_owned();
            let mut settings = Settings { base_url, ..Settings::default() };
            settings
                .headers
                .extend(upstreams.map(|kind| ("Content-Type".to_owned(), kind.to_owned())));
            let mut headers = HeaderMap::new();
            headers.extend(calls.map(|kind| (CONTENT_TYPE, HeaderValue::from_static(kind))));
            let call = Call {
                name: "User.create".to_owned(),
                method: Method::POST,
                path: "/users".to_owned(),
                query: Vec::new(),
                headers,
                body: body.clone(),
                safe: false,
                packs: Default::default(),
                place: Place::default(),
            };
            let unsigned = Signature::of(&Auth::None, "").unwrap();
            let made = Travel::new(&settings).unwrap().request(&call, &unsigned).unwrap();
            assert_eq!(made.headers[CONTENT_TYPE], expected, "{upstreams:?} {calls:?}");
        }
    }
}
