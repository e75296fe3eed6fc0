//! The `server:` section and the `clients:` of a tenant: addresses, certificates, limits, hashes.

use crate::scim::discovery::Bulk;
use jiff::{SignedDuration, civil::Date};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

/// Where SCIM clients reach us.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map with `listen`, `tls` or `limits`")]
pub struct Settings {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// With it HTTPS, HTTP/1.1 and HTTP/2 by ALPN; without it plain HTTP/1.1.
    pub tls: Option<Files>,
    /// Plain HTTP on an address that others can reach must be asked for: tokens would travel open.
    pub plain_off_loopback: bool,
    /// How much of everything.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            tls: None,
            plain_off_loopback: false,
            limits: Limits::default(),
        }
    }
}

/// A certificate chain and its key, PEM.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `cert` and `key`")]
pub struct Files {
    /// The server's certificate first, then those that sign it.
    pub cert: PathBuf,
    /// PKCS#8, PKCS#1 or SEC1, not encrypted.
    pub key: PathBuf,
}

/// How much of everything one listener grants. Times are written `10s`, `500ms`, `2m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map of limits, such as `body: 1048576`")]
pub struct Limits {
    /// Open connections. The next one waits in the kernel's queue: each holds a descriptor and
    /// buffers, and Okta opens few.
    pub connections: usize,
    /// For the TLS handshake. A client that is there needs three packets.
    #[serde(deserialize_with = "duration")]
    pub handshake: Duration,
    /// From the connection's start until its first request's headers are complete. hyper alone
    /// waits for ever on a connection that sends nothing.
    #[serde(deserialize_with = "duration")]
    pub first_request: Duration,
    /// Between two requests, the next one's headers included, and for a client that does not read
    /// its answer, or the next part of a long one. Longer than the minute for which proxies keep a connection.
    #[serde(deserialize_with = "duration")]
    pub idle: Duration,
    /// Bytes of one request's headers; more is 431. Tokens of large providers reach 16 KiB.
    pub headers: u32,
    /// Bytes of one request's body; more is 413. A push of 5,000 members is about 500 kB.
    pub body: usize,
    /// Operations in one Bulk; more is 413. They are done one after the other, and all of them within
    /// the time of one request.
    pub bulk_operations: usize,
    /// Resources in one answer, whatever its client asks for: all that most have, so that `count` is what it says.
    /// One of more than a thousand is told while it is made, in little memory and as fast as it is read.
    pub list_results: usize,
    /// From a request's headers to its last body byte; then 408.
    #[serde(deserialize_with = "duration")]
    pub body_time: Duration,
    /// Before a credential that is not taken is answered with 401: who guesses gets few guesses.
    #[serde(deserialize_with = "duration")]
    pub refusal: Duration,
    /// HTTP/2 requests at once on one connection. Okta's own concurrency stays below it.
    pub streams: u32,
    /// For one request, vendor calls included; for each part of a list that is told while it is made. Okta gives up
    /// at 60 s, and must hear the truth before.
    #[serde(deserialize_with = "duration")]
    pub request: Duration,
    /// For what is under way when we are told to stop. Kubernetes kills after 30 s.
    #[serde(deserialize_with = "duration")]
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            handshake: Duration::from_secs(10),
            first_request: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            headers: 32 * 1024,
            body: 1024 * 1024,
            bulk_operations: 100,
            list_results: 100_000,
            body_time: Duration::from_secs(20),
            refusal: Duration::from_millis(500),
            streams: 100,
            request: Duration::from_secs(50),
            drain: Duration::from_secs(25),
        }
    }
}

impl Limits {
    /// How much one Bulk may hold: its body is as long as any.
    pub fn bulk(&self) -> Bulk {
        Bulk { max_operations: self.bulk_operations, max_payload_size: self.body }
    }
}

/// How one SCIM client proves who it is. Several hashes at once, so that a credential is changed
/// without a gap: add the new one, change it at the client, take the old one out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map with `bearer` or `basic`")]
pub struct Credentials {
    /// Tokens, sent as `Authorization: Bearer TOKEN` or as `Authorization: TOKEN`.
    pub bearer: Vec<Token>,
    /// Users with their password, sent as `Basic`, or as Base64 text in a token field.
    pub basic: Vec<Password>,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `sha256`, and `until` where it ends")]
pub struct Token {
    /// SHA-256 of the token.
    pub sha256: Digest,
    /// The last day, in UTC, on which it is taken.
    #[serde(default, deserialize_with = "date")]
    pub until: Option<Date>,
}

/// One user's password; make it with `scimshim token new`, a guessable one is not safe as SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a map with `user` and `sha256`, and `until` where it ends"
)]
pub struct Password {
    /// Without a colon.
    pub user: String,
    /// SHA-256 of the password.
    pub sha256: Digest,
    /// The last day, in UTC, on which it is taken.
    #[serde(default, deserialize_with = "date")]
    pub until: Option<Date>,
}

/// The clients of a tenant, by the name that logs call them.
pub type Clients = BTreeMap<String, Credentials>;

/// A SHA-256, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut digest = [0; 32];
        let made = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
        for (to, from) in digest.iter_mut().zip(made.as_ref()) {
            *to = *from;
        }
        Self(digest)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut digest = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let digits: Option<Vec<u8>> = text
            .chars()
            .map(|digit| digit.to_digit(16).and_then(|d| u8::try_from(d).ok()))
            .collect();
        for (to, pair) in digest.iter_mut().zip(digits?.chunks(2)) {
            *to = pair.iter().fold(0, |byte, digit| byte << 4 | digit);
        }
        Some(Self(digest))
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // The text itself is not shown: who pastes the token here by mistake must not find it in a log.
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "expected a SHA-256 as 64 hexadecimal digits, found {} characters; \
                 `scimshim token hash` makes it from a token",
                text.chars().count()
            ))
        })
    }
}

/// Reads `10s`, `500ms`, `2m`; zero and less are refused.
pub fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| D::Error::custom(format!("expected a time like `10s`, found `{text}`")))
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let date = text.parse();
    let wrong = |_| D::Error::custom(format!("expected a day like `2027-01-31`, found `{text}`"));
    date.map(Some).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_written_and_read_alike() {
        let digest = Digest::of(b"abc");
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), text);
        assert_eq!(Digest::parse(&text.to_uppercase()), Some(digest));
        for wrong in ["", "abc", &text.replace('b', "x"), &text.replace('b', "é")] {
            assert_eq!(Digest::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn limits_read_times_and_refuse_what_is_none() {
        let limits: Limits = serde_json::from_str(r#"{ "idle": "500ms", "drain": "2m" }"#).unwrap();
        assert_eq!(
            (limits.idle, limits.drain),
            (Duration::from_millis(500), Duration::from_secs(120))
        );
        for wrong in [r#"{"idle":"soon"}"#, r#"{"idle":"0s"}"#, r#"{"idle":"-1s"}"#, r#"{"x":1}"#] {
            assert!(serde_json::from_str::<Limits>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pasted_token_is_refused_and_not_shown() {
        let text = r#"{ "bearer": [ { "sha256": "sst_thetoken" } ] }"#;
        let message = serde_json::from_str::<Credentials>(text).unwrap_err().to_string();
        assert!(message.contains("64 hexadecimal digits"), "{message}");
        assert!(!message.contains("thetoken"), "{message}");
    }
}
