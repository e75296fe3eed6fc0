//! A Call as a curl command that a person can run, with its secrets blacked out.

use super::{Body, Call, settings::Auth};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The same characters as on the wire.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One line.
pub fn curl(call: &Call, base_url: &str, auth: &Auth) -> String {
    let mut words = vec!["curl".to_owned(), "-X".to_owned(), call.method.to_string()];
    let mut header = |name: &str, value: &str| {
        words.push("-H".to_owned());
        words.push(quoted(&format!("{name}: {value}")));
    };
    match auth {
        Auth::None | Auth::Query { .. } => {}
        Auth::Bearer(_) => header("Authorization", "Bearer ***"),
        Auth::Basic { .. } => header("Authorization", "Basic ***"),
        Auth::Header { name, .. } => header(name, "***"),
    }
    for (name, value) in &call.headers {
        header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    match &call.body {
        Body::Empty => {}
        Body::Json(value) => {
            words.push("--data-raw".to_owned());
            words.push(quoted(&value.to_string()));
        }
        Body::Form(pairs) => {
            for (name, value) in pairs {
                words.push("--data-urlencode".to_owned());
                words.push(quoted(&format!("{name}={value}")));
            }
        }
    }
    let encoded = |(name, value): (&str, &str)| {
        format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY))
    };
    let mut query: Vec<String> =
        call.query.iter().map(|(name, value)| encoded((name, value))).collect();
    if let Auth::Query { name, .. } = auth {
        query.push(format!("{name}=***"));
    }
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    words.push(quoted(&format!("{}{}{query}", base_url.trim_end_matches('/'), call.path)));
    words.join(" ")
}

/// In single quotes a shell changes nothing.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use serde_json::json;

    #[test]
    fn a_call_reads_as_a_command_without_its_secret() {
        let call = Call {
            name: "User.update".into(),
            method: http::Method::PATCH,
            path: "/users/7".into(),
            query: vec![("q".into(), "a b".into())],
            headers: http::HeaderMap::new(),
            body: Body::Json(json!({"name": "O'Neil"})),
            safe: false,
            place: crate::diagnostic::Place::default(),
        };
        let auth = Auth::Bearer(Secret::new("s3cret".to_owned()));
        assert_eq!(
            curl(&call, "https://v.example/api/", &auth),
            r#"curl -X PATCH -H 'Authorization: Bearer ***' --data-raw '{"name":"O'\''Neil"}' 'https://v.example/api/users/7?q=a%20b'"#
        );
    }
}
