//! A client's own credential that goes on to the vendor: what of it is looked at here.

use super::clients::{Refusal, after_scheme};
use crate::{
    scim::discovery::Authentication,
    secret::Secret,
    upstream::{credential::Credential, settings::Scheme},
};
use http::{HeaderMap, header::AUTHORIZATION};

/// What the log and the metrics call such a client: who it is only the vendor knows.
pub const CLIENT: &str = "passed-on";

/// Bytes of a credential. Tokens of large providers reach 16 KiB.
const LONGEST: usize = 16 * 1024;

/// The credential that these headers bring, for a vendor that is shown it under this scheme.
pub fn credential(headers: &HeaderMap, scheme: Scheme) -> Result<Credential, Refusal<'static>> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Refusal::Missing)?;
    if values.next().is_some() || value.len() > LONGEST {
        return Err(Refusal::Malformed);
    }
    let sent = value.to_str().map_err(|_| Refusal::Malformed)?.trim();
    if sent.is_empty() {
        return Err(Refusal::Missing);
    }
    let schemes: [&[u8]; 2] = [b"basic", b"bearer"];
    let after = schemes.iter().find_map(|scheme| after_scheme(sent.as_bytes(), scheme));
    let bare = after.and_then(|bare| str::from_utf8(bare).ok()).unwrap_or(sent);
    if scheme != Scheme::AsSent && !is_token68(bare) {
        return Err(Refusal::Malformed);
    }
    Ok(Credential { sent: Secret::new(sent), bare: Secret::new(bare) })
}

/// RFC 9110 §11.2: what follows `Bearer` and `Basic`.
fn is_token68(text: &str) -> bool {
    let bare = text.trim_end_matches('=');
    !bare.is_empty()
        && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

/// How a client may bring it.
pub fn schemes(scheme: Scheme) -> &'static [Authentication] {
    match scheme {
        Scheme::Bearer => &[Authentication::Bearer],
        Scheme::Basic => &[Authentication::Basic, Authentication::Bearer],
        Scheme::AsSent => &[Authentication::Bearer, Authentication::Basic],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn it_is_taken_whichever_way_it_comes() {
        let long = "x".repeat(LONGEST);
        let too_long = "x".repeat(LONGEST + 1);
        let (missing, malformed) = (Err(Refusal::Missing), Err(Refusal::Malformed));
        let table = [
            ("Basic dWlkOmtleQ==", Ok("dWlkOmtleQ=="), true),
            ("bearer   dWlkOmtleQ== ", Ok("dWlkOmtleQ=="), true),
            ("dWlkOmtleQ==", Ok("dWlkOmtleQ=="), true),
            (long.as_str(), Ok(long.as_str()), true),
            (too_long.as_str(), malformed, false),
            ("", missing, false),
            ("  ", missing, false),
            ("Bearer a b", malformed, true),
            ("Digest a=\"b\"", malformed, true),
            ("===", malformed, true),
        ];
        for (sent, expected, as_sent) in table {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_str(sent).unwrap());
            let found = credential(&headers, Scheme::Basic);
            assert_eq!(
                found.as_ref().map(|found| found.bare.expose()),
                expected.as_ref().copied(),
                "{sent}"
            );
            let whole = credential(&headers, Scheme::AsSent).map(|it| it.sent.expose().to_owned());
            assert_eq!(whole.ok().as_deref(), as_sent.then_some(sent.trim()), "{sent}");
        }
        let mut headers = HeaderMap::new();
        assert_eq!(credential(&headers, Scheme::Basic).err(), Some(Refusal::Missing));
        for _ in 0..2 {
            headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        }
        assert_eq!(credential(&headers, Scheme::Basic).err(), Some(Refusal::Malformed));
        headers.insert(AUTHORIZATION, HeaderValue::from_bytes(b"Bearer \xff").unwrap());
        assert_eq!(credential(&headers, Scheme::AsSent).err(), Some(Refusal::Malformed));
    }
}
