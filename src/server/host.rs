//! Which host a request means: what the request itself says, and nothing that a proxy adds. `X-Forwarded-Host` is
//! anybody's to write, and would choose whose people are shown.

use super::refused::Refused;
use http::{HeaderValue, Uri, Version, header::HOST, request::Parts, uri::Authority};

/// Octets of a name (RFC 1035 §2.3.4), and of one label.
const LONGEST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Refuses a request that says more or less than one host where HTTP/1.1 asks for one (RFC 9112 §3.2).
pub fn one(head: &Parts) -> Result<(), Refused> {
    let lines = head.headers.get_all(HOST).iter().count();
    match head.version {
        Version::HTTP_11 if lines != 1 => Err(Refused::host()),
        _ if lines > 1 => Err(Refused::host()),
        _ => Ok(()),
    }
}

/// The host that a request means, in lower case and without its port; nothing where it names none.
pub fn meant(head: &Parts) -> Result<Option<String>, Refused> {
    let line = head.headers.get(HOST).filter(|line| !line.is_empty()).map(read).transpose()?;
    let target = head.uri.authority().map(|authority| authority.host()).map(compared);
    match (target, line) {
        // RFC 9113 §8.3.1: one of them is meant for somebody else.
        (Some(target), Some(line)) if head.version == Version::HTTP_2 && target != line => {
            Err(Refused::host())
        }
        // RFC 9112 §3.2.2: a whole address counts, and not the header beside it.
        (Some(target), _) => Ok(Some(target)),
        (None, line) => Ok(line),
    }
}

/// RFC 9110 §7.2: a host, and perhaps a port.
fn read(line: &HeaderValue) -> Result<String, Refused> {
    let authority = Authority::try_from(line.as_bytes()).ok();
    let authority = authority.filter(|authority| !authority.as_str().contains('@'));
    authority.map(|authority| compared(authority.host())).ok_or_else(Refused::host)
}

/// A host as it is compared: without case (RFC 9110 §4.2.3), and a dot at the end says nothing here. What is none is
/// nobody's.
pub fn compared(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// Whether a configuration names a host and nothing around it.
pub fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(fine)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= LONGEST && text.split('.').all(is_label)
}

/// The public URL of what lives at a host of its own: scheme, port and path stay.
pub fn told(public_url: &str, host: Option<&str>) -> String {
    let public_url = public_url.trim_end_matches('/');
    let Some(host) = host else { return public_url.to_owned() };
    let Ok(uri) = public_url.parse::<Uri>() else { return public_url.to_owned() };
    let (scheme, path) = (uri.scheme_str().unwrap_or("https"), uri.path().trim_end_matches('/'));
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{scheme}://{host}{port}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn parts(version: Version, target: &str, hosts: &[&str]) -> Parts {
        let mut request = Request::builder().version(version).uri(target);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_request_means_one_host() {
        const H1: Version = Version::HTTP_11;
        const H2: Version = Version::HTTP_2;
        let gw = Ok(Some("gw1.acme.example".to_owned()));
        type Row<'a> = (Version, &'a str, &'a [&'a str], Result<Option<String>, ()>);
        let table: [Row<'_>; 16] = [
            (H1, "/scim", &["gw1.acme.example"], gw.clone()),
            (H1, "/scim", &["GW1.Acme.Example.:8443"], gw.clone()),
            (H1, "http://gw1.acme.example:80/scim", &["other.example"], gw.clone()),
            (H1, "/scim", &[""], Ok(None)),
            (H1, "/scim", &["[::1]:8080"], Ok(Some("[::1]".to_owned()))),
            (H1, "/scim", &["10.0.0.7:8080"], Ok(Some("10.0.0.7".to_owned()))),
            (H1, "/scim", &["user@gw1.acme.example"], Err(())),
            (H1, "/scim", &["gw1.acme.example/x"], Err(())),
            (H1, "/scim", &["a b"], Err(())),
            (H1, "/scim", &[], Err(())),
            (H1, "/scim", &["gw1.acme.example", "gw1.acme.example"], Err(())),
            (Version::HTTP_10, "/scim", &[], Ok(None)),
            (H2, "https://GW1.acme.example:8443/scim", &[], gw.clone()),
            (H2, "https://gw1.acme.example/scim", &["gw1.acme.example:8443"], gw.clone()),
            (H2, "https://gw1.acme.example/scim", &["other.example"], Err(())),
            (H2, "/scim", &["gw1.acme.example"], gw),
        ];
        for (version, target, hosts, expected) in table {
            let head = parts(version, target, hosts);
            let found = one(&head).and_then(|()| meant(&head)).map_err(|_| ());
            assert_eq!(found, expected, "{version:?} {target} {hosts:?}");
        }
    }

    #[test]
    fn a_name_is_a_host_and_nothing_around_it() {
        let long = format!("{}.example", "a".repeat(64));
        for (text, expected) in [
            ("gw1.acme.example", true),
            ("GW1.Acme.Example", true),
            ("localhost", true),
            ("10.0.0.7", true),
            ("xn--mller-kva.example", true),
            ("", false),
            (".", false),
            ("gw1..example", false),
            ("gw1.acme.example.", false),
            ("*.acme.example", false),
            ("gw1.acme.example:8443", false),
            ("https://gw1.acme.example", false),
            ("gw1.acme.example/scim", false),
            ("müller.example", false),
            ("-a.example", false),
            ("a_b.example", false),
            (long.as_str(), false),
        ] {
            assert_eq!(is_name(text), expected, "{text}");
        }
        assert_eq!(compared("GW1.Acme.Example"), "gw1.acme.example");
    }

    #[test]
    fn a_tenants_host_stands_in_the_public_url() {
        let table = [
            ("https://gw.acme.example", None, "https://gw.acme.example"),
            ("https://gw.acme.example/", Some("gw1.acme.example"), "https://gw1.acme.example"),
            (
                "https://gw.acme.example:8443/x/",
                Some("gw1.acme.example"),
                "https://gw1.acme.example:8443/x",
            ),
            ("http://127.0.0.1:8080", Some("gw1.acme.example"), "http://gw1.acme.example:8080"),
            ("http://[::1]:8080", Some("gw1.acme.example"), "http://gw1.acme.example:8080"),
        ];
        for (public_url, host, expected) in table {
            assert_eq!(told(public_url, host), expected);
        }
    }
}
