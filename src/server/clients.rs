//! Who may call: the SCIM clients of every tenant that shares a path, told apart by credential.

use super::settings::{self, Digest};
use crate::scim::discovery::Authentication;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, engine::general_purpose};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use jiff::civil::Date;
use std::sync::Arc;

/// The credentials taken at one path.
#[derive(Debug, Default)]
pub struct Clients {
    accepted: Vec<Accepted>,
    /// The tenants that are served, those without clients, too.
    tenants: Vec<usize>,
}

#[derive(Debug)]
struct Accepted {
    caller: Caller,
    /// SHA-256 of the user where it is a password, so that this comparison tells nothing either.
    user: Option<Digest>,
    secret: Digest,
    until: Option<Date>,
}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Index of the tenant, as it was given to [`Clients::add`].
    pub tenant: usize,
    /// The client's name in the tenant's configuration.
    pub client: Arc<str>,
}

/// Why nobody is known to be calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal<'a> {
    /// No `Authorization`.
    Missing,
    /// More than one, or a `Basic` one that cannot be read.
    Malformed,
    /// Nobody's credential.
    Unknown,
    /// A known credential after its last day, and whose it was.
    Expired(&'a Caller),
}

impl Refusal<'_> {
    /// The word for the metric.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Expired(_) => "expired",
        }
    }

    /// What the client is told. An expired credential is not told from a wrong one: only who holds
    /// the right one could profit from the difference, and the log and the metric say it.
    pub fn detail(self) -> &'static str {
        match self {
            Self::Missing => {
                "no credential was sent: set the API token in the client's provisioning settings"
            }
            Self::Malformed => {
                "the `Authorization` header cannot be read: send one, with a token or Basic"
            }
            Self::Unknown | Self::Expired(_) => {
                "the credential is not accepted: check the API token in the client's settings"
            }
        }
    }
}

impl Clients {
    /// Takes the clients of one more tenant; `tenant` is what [`Caller`] will say.
    pub fn add(&mut self, tenant: usize, clients: &settings::Clients) {
        self.tenants.push(tenant);
        for (name, credentials) in clients {
            let caller = Caller { tenant, client: name.as_str().into() };
            self.accepted.extend(credentials.bearer.iter().map(|token| Accepted {
                caller: caller.clone(),
                user: None,
                secret: token.sha256,
                until: token.until,
            }));
            self.accepted.extend(credentials.basic.iter().map(|password| Accepted {
                caller: caller.clone(),
                user: Some(Digest::of(password.user.as_bytes())),
                secret: password.sha256,
                until: password.until,
            }));
        }
    }

    /// Who sent these headers, on the day `today` in UTC. Every credential is compared, in constant
    /// time, whether one has matched or not: the time taken tells nothing about any of them.
    pub fn identify(&self, headers: &HeaderMap, today: Date) -> Result<&Caller, Refusal<'_>> {
        let presented = Presented::read(headers)?;
        let mut verdict = Err(Refusal::Unknown);
        for accepted in &self.accepted {
            let same = presented.matches(accepted);
            let over = accepted.until.is_some_and(|until| today > until);
            match (same, over) {
                (true, false) => verdict = Ok(&accepted.caller),
                (true, true) if verdict.is_err() => {
                    verdict = Err(Refusal::Expired(&accepted.caller));
                }
                _ => {}
            }
        }
        verdict
    }

    /// Whether a tenant is served, whoever its clients are.
    pub fn serve(&self, tenant: usize) -> bool {
        self.tenants.contains(&tenant)
    }

    /// How any client here may prove who it is, of whichever tenant.
    pub fn all_schemes(&self) -> &'static [Authentication] {
        schemes(self.accepted.iter())
    }

    /// How the clients of one tenant may prove who they are (RFC 7643 §5).
    pub fn schemes(&self, tenant: usize) -> &'static [Authentication] {
        schemes(self.accepted.iter().filter(|accepted| accepted.caller.tenant == tenant))
    }
}

/// The values of `WWW-Authenticate` (R01; RFC 9110 §11.6.1).
pub fn challenges(schemes: &[Authentication]) -> impl Iterator<Item = HeaderValue> {
    let challenge = |scheme: &Authentication| match scheme {
        Authentication::Bearer => r#"Bearer realm="scimshim""#,
        Authentication::Basic => r#"Basic realm="scimshim", charset="UTF-8""#,
    };
    schemes.iter().map(move |scheme| HeaderValue::from_static(challenge(scheme)))
}

/// A token is always one way: a password may come as one.
fn schemes<'a>(mut accepted: impl Iterator<Item = &'a Accepted>) -> &'static [Authentication] {
    match accepted.any(|accepted| accepted.user.is_some()) {
        true => &[Authentication::Bearer, Authentication::Basic],
        false => &[Authentication::Bearer],
    }
}

/// What a client sent, hashed: as a token, and as user and password where it can be read as such.
struct Presented {
    token: Option<Digest>,
    login: Option<(Digest, Digest)>,
}

impl Presented {
    fn read(headers: &HeaderMap) -> Result<Self, Refusal<'static>> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next().ok_or(Refusal::Missing)?;
        if values.next().is_some() {
            return Err(Refusal::Malformed);
        }
        let value = value.as_bytes().trim_ascii();
        if value.is_empty() {
            return Err(Refusal::Missing);
        }
        if let Some(encoded) = after_scheme(value, b"basic") {
            let login = login(encoded).ok_or(Refusal::Malformed)?;
            return Ok(Self { token: None, login: Some(login) });
        }
        // Okta's `Header` mode sends the token without a scheme, and some vendors' guides have the
        // admin put Base64 of `user:password` into the token field.
        let token = after_scheme(value, b"bearer").unwrap_or(value);
        Ok(Self { token: Some(Digest::of(token)), login: login(token) })
    }

    fn matches(&self, accepted: &Accepted) -> bool {
        match (&accepted.user, &self.token, &self.login) {
            (None, Some(token), _) => same(token, &accepted.secret),
            // `&`, not `&&`: the password is compared for a wrong user too.
            (Some(user), _, Some((name, password))) => {
                same(name, user) & same(password, &accepted.secret)
            }
            _ => false,
        }
    }
}

/// What follows a scheme, which is compared without case (RFC 9110 §11.1).
pub fn after_scheme<'a>(value: &'a [u8], scheme: &[u8]) -> Option<&'a [u8]> {
    let (word, rest) = value.split_at_checked(scheme.len())?;
    let named = word.eq_ignore_ascii_case(scheme) && rest.first() == Some(&b' ');
    named.then(|| rest.trim_ascii())
}

fn login(encoded: &[u8]) -> Option<(Digest, Digest)> {
    // Padding is left out by some of those who encode by hand.
    let bare = encoded.strip_suffix(b"==").or(encoded.strip_suffix(b"=")).unwrap_or(encoded);
    let decoded = general_purpose::STANDARD_NO_PAD.decode(bare).ok()?;
    let mut parts = decoded.splitn(2, |byte| *byte == b':');
    Some((Digest::of(parts.next()?), Digest::of(parts.next()?)))
}

fn same(left: &Digest, right: &Digest) -> bool {
    verify_slices_are_equal(&left.0, &right.0).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn clients() -> Clients {
        let credentials = |text: &str| serde_json::from_str::<settings::Clients>(text).unwrap();
        let token = |token: &str| Digest::of(token.as_bytes());
        let mut clients = Clients::default();
        let acme = format!(
            r#"{{ "okta": {{ "bearer": [ {{ "sha256": "{}", "until": "2026-11-30" }},
                                         {{ "sha256": "{}" }} ] }} }}"#,
            token("old"),
            token("new")
        );
        let bolt = format!(
            r#"{{ "entra": {{ "basic": [ {{ "user": "uid", "sha256": "{}" }} ] }} }}"#,
            token("p:w")
        );
        clients.add(0, &credentials(&acme));
        clients.add(1, &credentials(&bolt));
        clients
    }

    #[test]
    fn every_form_of_a_credential_is_known_and_nothing_else() {
        let encoded = general_purpose::STANDARD.encode("uid:p:w");
        let basic = format!("Basic {encoded}");
        let bearer = format!("bearer {encoded}");
        let bare = encoded.trim_end_matches('=').to_owned();
        let wrong = format!("Basic {}", general_purpose::STANDARD.encode("uid:wrong"));
        let other = format!("Basic {}", general_purpose::STANDARD.encode("other:p:w"));
        let (okta, entra) = (Ok((0, "okta")), Ok((1, "entra")));
        let table = [
            ("Bearer new", okta),
            ("bearer   new ", okta),
            ("new", okta),
            ("Bearer old", okta),
            (basic.as_str(), entra),
            (bearer.as_str(), entra),
            (encoded.as_str(), entra),
            (bare.as_str(), entra),
            (wrong.as_str(), Err(Refusal::Unknown)),
            (other.as_str(), Err(Refusal::Unknown)),
            ("Basic !!", Err(Refusal::Malformed)),
            ("Basic bmV3", Err(Refusal::Malformed)),
            ("Bearer", Err(Refusal::Unknown)),
            ("Bearer newer", Err(Refusal::Unknown)),
            ("Bearernew", Err(Refusal::Unknown)),
            ("", Err(Refusal::Missing)),
        ];
        let clients = clients();
        for (sent, expected) in table {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_str(sent).unwrap());
            let verdict = clients.identify(&headers, date(2026, 11, 30));
            let verdict = verdict.map(|caller| (caller.tenant, &*caller.client));
            assert_eq!(verdict, expected, "{sent}");
        }
        assert_eq!(clients.identify(&HeaderMap::new(), date(2026, 1, 1)), Err(Refusal::Missing));
    }

    #[test]
    fn two_headers_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer new"));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer new"));
        assert_eq!(clients().identify(&headers, date(2026, 1, 1)), Err(Refusal::Malformed));
    }

    #[test]
    fn a_token_ends_with_its_last_day() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer old"));
        let clients = clients();
        assert!(clients.identify(&headers, date(2026, 11, 30)).is_ok());
        let caller = Caller { tenant: 0, client: "okta".into() };
        let over = clients.identify(&headers, date(2026, 12, 1));
        assert_eq!(over, Err(Refusal::Expired(&caller)), "and it is known whose it was");
    }
}
