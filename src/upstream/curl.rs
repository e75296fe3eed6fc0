//! A Call as a curl command that a person can run. Secrets are blacked out: where one stands, the command names
//! the shell variable that holds it.

use super::{
    Body, Call, Error,
    auth::oauth,
    request::{FORM, Request, Travel},
    settings::{Auth, Found, Settings},
    signature::Signature,
    spelled,
};
use http::{
    Method,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use std::fmt::Write as _;

/// A secret, and what is written instead of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// As it stands in the request.
    pub text: String,
    /// The shell variable: `ACME_TOKEN`.
    pub variable: String,
}

/// How a value is written where it stands. A shell cannot write it so by itself: each has a variable of its own.
#[derive(Debug, Clone, Copy)]
enum Spelling {
    /// As it is: in a header.
    Plain,
    /// In an address or a form.
    Encoded,
    /// Within a text of a JSON body.
    Json,
}

impl Spelling {
    fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Encoded => "_ENCODED",
            Self::Json => "_JSON",
        }
    }
}

/// Stands where a fetched token does, and where a client's own credential does.
pub const FETCHED: &str = "~fetched~";

/// Writes the calls of one tenant down.
#[derive(Debug, Clone)]
pub struct Curl {
    travel: Travel,
    signature: Signature,
    /// `user:password`, which curl encodes.
    user: Option<String>,
    /// The call that a token is fetched by.
    fetch: Option<Fetch>,
}

/// A call for a token, and how it is found in the answer.
#[derive(Debug, Clone)]
struct Fetch {
    request: Request,
    user: Option<String>,
    found: Found,
}

impl Curl {
    /// The error names the setting that cannot be.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let travel = Travel::new(settings)?;
        let (auth, user) = match &settings.auth {
            // Encoded, a secret could not be told from what stands around it.
            Auth::Basic { user, password } => {
                (&Auth::None, Some(format!("{user}:{}", password.expose())))
            }
            other => (other, None),
        };
        let fetch = match &settings.auth {
            Auth::OAuth(grant) => {
                let (mut request, user) = (oauth::request(grant, None)?, grant.login());
                if user.is_some() {
                    request.headers.remove(AUTHORIZATION);
                }
                Some(Fetch { request, user, found: Found::Body(".access_token".to_owned()) })
            }
            Auth::Login(login) => {
                let request = travel.request(&login.call, &Signature::None)?;
                Some(Fetch { request, user: None, found: login.found.clone() })
            }
            _ => None,
        };
        let signature = Signature::of(auth, FETCHED)?;
        Ok(Self { travel, signature, user, fetch })
    }

    /// The command of a Call, one option a line.
    pub fn command(&self, call: &Call, hidden: &[Hidden]) -> Result<String, Error> {
        let request = self.travel.request(call, &self.signature)?;
        let spelling = match &call.body {
            Body::Form(_) => Spelling::Encoded,
            _ => Spelling::Json,
        };
        let user = self.user.as_ref().map(|user| word(user, hidden, Spelling::Plain));
        Ok(command(&request, user, spelling, hidden).join(" \\\n  "))
    }

    /// The command that fetches the token into a shell variable; nothing where none is fetched.
    pub fn fetched(&self, variable: &str, hidden: &[Hidden]) -> Option<String> {
        let Fetch { request, user, found } = self.fetch.as_ref()?;
        let user = user.as_ref().map(|user| word(user, hidden, Spelling::Encoded));
        let is_form = request.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == FORM);
        let spelling = if is_form { Spelling::Encoded } else { Spelling::Json };
        let mut lines = command(request, user, spelling, hidden);
        let filter = match found {
            Found::Body(place) => format!(" \\\n  | jq -r '{place}'"),
            Found::Header(name) => {
                lines.push(format!("-s -o /dev/null -w '%header{{{name}}}'"));
                String::new()
            }
            // A person takes the token out of what is printed.
            Found::Elsewhere(_) => {
                lines.push("-si".to_owned());
                String::new()
            }
        };
        let command = lines.join(" \\\n  ");
        Some(match found {
            Found::Elsewhere(place) => {
                format!(
                    "{command}\n# then set {variable} to `{}` of that",
                    place.replace('\n', " ")
                )
            }
            _ => format!("{variable}=$({command}{filter})"),
        })
    }
}

/// The command of a request, line by line. `spelling` is that of its body.
fn command(
    request: &Request,
    user: Option<String>,
    spelling: Spelling,
    hidden: &[Hidden],
) -> Vec<String> {
    let address = word(request.url.as_str(), hidden, Spelling::Encoded);
    // What curl would do by itself is not said; and it would read brackets as a pattern.
    let method = if asks(request) { String::new() } else { format!(" -X {}", request.method) };
    let globs = if request.url.as_str().contains(['[', ']']) { " --globoff" } else { "" };
    // It unpacks what it says that it can, as the client does.
    let mut lines = vec![format!("curl --compressed{globs}{method} {address}")];
    lines.extend(user.map(|user| format!("-u {user}")));
    for (name, value) in &request.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        // curl takes `name:` for a header that is to be left out.
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        lines.push(format!("-H {}", word(&header, hidden, Spelling::Plain)));
    }
    if let Some(body) = &request.body {
        lines.push(format!("--data-raw {}", word(body, hidden, spelling)));
    }
    lines
}

/// Whether curl would choose the method by itself.
fn asks(request: &Request) -> bool {
    request.method == Method::GET && request.body.is_none()
}

/// A word of a shell command. In single quotes a shell changes nothing; a variable needs double ones.
fn word(text: &str, hidden: &[Hidden], spelling: Spelling) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, variable, after)) = first(rest, hidden) {
        shown.push_str(&escaped(before));
        // Writing to a String cannot fail.
        let _ = write!(shown, "${{{variable}{}}}", spelling.suffix());
        rest = after;
    }
    if shown.is_empty() {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    format!("\"{shown}{}\"", escaped(rest))
}

/// The first secret in a text, however it is spelled: what stands before it, its variable, and what stands behind it.
fn first<'t>(text: &'t str, hidden: &'t [Hidden]) -> Option<(&'t str, &'t str, &'t str)> {
    let found = hidden.iter().filter_map(|one| {
        let found = spelled::find(&one.text, text)?;
        Some((found, one.variable.as_str()))
    });
    // Of two that begin at one place the longer is meant.
    let (at, variable) = found.min_by_key(|(at, _)| (at.start, usize::MAX - at.end))?;
    Some((text.get(..at.start)?, variable, text.get(at.end..)?))
}

impl Hidden {
    /// Which variables of a command hold the secret in another spelling, in words.
    pub fn spelled(&self, command: &str) -> Vec<String> {
        let all = [(Spelling::Encoded, "percent-encoded"), (Spelling::Json, "within a JSON text")];
        let used = all.map(|(spelling, how)| {
            let name = format!("${{{}{}}}", self.variable, spelling.suffix());
            command.contains(&name).then(|| format!("{name} is ${{{}}} {how}", self.variable))
        });
        used.into_iter().flatten().collect()
    }
}

/// Inside double quotes a shell reads these four.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '"' | '$' | '`') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        secret::Secret,
        upstream::{
            Answer,
            settings::{Carrier, Grant, GrantKind, Login, Reader},
        },
    };
    use serde_json::{Value, json};
    use std::sync::Arc;

    fn hidden(text: &str) -> Hidden {
        Hidden { text: text.to_owned(), variable: "ACME_TOKEN".to_owned() }
    }

    fn call(body: Body) -> Call {
        Call {
            name: "User.update".into(),
            method: Method::PATCH,
            path: "/users/7".into(),
            query: vec![("q".into(), "a b".into())],
            headers: http::HeaderMap::new(),
            body,
            safe: false,
            packs: None,
            place: crate::diagnostic::Place::default(),
        }
    }

    fn command(auth: Auth, call: &Call, hidden: &[Hidden]) -> String {
        let base_url = "https://v.example/api/".to_owned();
        let settings = Settings { base_url, auth, ..Settings::default() };
        Curl::new(&settings).unwrap().command(call, hidden).unwrap()
    }

    #[test]
    fn a_call_reads_as_a_command_without_its_secret() {
        let call = call(Body::Json(json!({"name": "O'Neil"})));
        let shown = command(Auth::Bearer(Secret::new("s3cret")), &call, &[hidden("s3cret")]);
        let agent = env!("CARGO_PKG_VERSION");
        let expected = [
            r"curl --compressed -X PATCH 'https://v.example/api/users/7?q=a%20b' \",
            r"  -H 'accept: application/json' \",
            r"  -H 'accept-encoding: gzip' \",
            &format!(r"  -H 'user-agent: scimshim/{agent}' \"),
            r#"  -H "authorization: Bearer ${ACME_TOKEN}" \"#,
            r"  -H 'content-type: application/json' \",
            r#"  --data-raw '{"name":"O'\''Neil"}'"#,
        ];
        assert_eq!(shown, expected.join("\n"));
    }

    #[test]
    fn a_secret_is_hidden_in_every_spelling() {
        let secret = "a\"b c$";
        let call = Call {
            path: "/users/a%22b%20c%24".into(),
            query: vec![("key".into(), secret.into())],
            ..call(Body::Json(json!({"key": format!("$1 {secret} `x`")})))
        };
        for auth in [
            Auth::None,
            Auth::Basic { user: "me".into(), password: Secret::new(secret) },
            Auth::Query { name: "k".into(), value: Secret::new(secret) },
            Auth::Header { name: "x-key".into(), value: Secret::new(secret) },
        ] {
            let signed = !matches!(auth, Auth::None);
            let shown = command(auth, &call, &[hidden(secret)]);
            let expected = 3 + usize::from(signed);
            assert_eq!(shown.matches("${ACME_TOKEN").count(), expected, "{shown}");
            assert!(!shown.contains("b c") && !shown.contains("b%20c"), "{shown}");
            assert!(shown.contains(r#""{\"key\":\"\$1 ${ACME_TOKEN_JSON} \`x\`\"}""#), "{shown}");
        }
    }

    /// A login whose token stands in its answer where it is said.
    struct Standing;

    impl Reader for Standing {
        fn token(&self, _: &Answer) -> Result<Secret, String> {
            Err(String::new())
        }

        fn end(&self, _: &Answer) -> Result<Value, String> {
            Err(String::new())
        }

        fn sent(&self, token: &str) -> Result<Secret, String> {
            Ok(Secret::new(format!("S {token}")))
        }
    }

    #[test]
    fn a_login_call_fills_the_variable_as_far_as_a_shell_can() {
        let hides = [hidden("a&b"), Hidden { text: FETCHED.into(), variable: "T".into() }];
        let table = [
            (Found::Body(".data.token".into()), "T=$(curl ", " \\\n  | jq -r '.data.token')"),
            (
                Found::Header("x-token".into()),
                "T=$(curl ",
                " \\\n  -s -o /dev/null -w '%header{x-token}')",
            ),
            (
                Found::Elsewhere("answer.body.all[0]\n.token".into()),
                "curl ",
                " \\\n  -si\n# then set T to `answer.body.all[0] .token` of that",
            ),
        ];
        for (found, begin, end) in table {
            let call =
                Call { method: Method::POST, ..call(Body::Json(json!({ "secret": "a&b" }))) };
            let send = Carrier::Header("x-session".into());
            let login = Login { call: call.clone(), reader: Arc::new(Standing), found, send };
            let auth = Auth::Login(Arc::new(login));
            let base_url = "https://v.example".to_owned();
            let settings = Settings { base_url, auth, ..Settings::default() };
            let curl = Curl::new(&settings).unwrap();
            let shown = curl.fetched("T", &hides).unwrap();
            assert!(shown.starts_with(begin) && shown.ends_with(end), "{shown}");
            assert!(shown.contains(r#"{\"secret\":\"${ACME_TOKEN_JSON}\"}"#), "{shown}");
            assert!(!shown.contains("a&b") && !shown.contains("x-session"), "{shown}");
            let signed = curl.command(&call, &hides).unwrap();
            assert!(signed.contains(r#"-H "x-session: S ${T}""#), "{signed}");
        }
    }

    #[test]
    fn a_fetched_token_is_a_variable_that_its_call_fills() {
        let grant = Grant {
            kind: GrantKind::ClientCredentials,
            token_url: "https://login.example/token".into(),
            client_id: "us".into(),
            client_secret: Some(Secret::new("a&b")),
            in_body: false,
            scopes: vec!["read".into()],
            extra: vec![],
        };
        let hides = [hidden("a&b"), Hidden { text: FETCHED.into(), variable: "T".into() }];
        let signed = command(Auth::OAuth(Arc::new(grant.clone())), &call(Body::Empty), &hides);
        assert!(signed.contains(r#"-H "authorization: Bearer ${T}""#), "{signed}");
        let table = [
            (
                false,
                r#"-u "us:${ACME_TOKEN_ENCODED}""#,
                "grant_type=client_credentials&scope=read'",
            ),
            (
                true,
                "-X POST 'https://login.example/token'",
                r#"client_secret=${ACME_TOKEN_ENCODED}""#,
            ),
        ];
        for (in_body, login, form) in table {
            let auth = Auth::OAuth(Arc::new(Grant { in_body, ..grant.clone() }));
            let base_url = "https://v.example".to_owned();
            let settings = Settings { base_url, auth, ..Settings::default() };
            let shown = Curl::new(&settings).unwrap().fetched("T", &hides).unwrap();
            assert!(shown.starts_with("T=$(curl ") && shown.contains(login), "{shown}");
            let end = format!("{form} \\\n  | jq -r '.access_token')");
            assert!(shown.ends_with(&end), "{shown}");
            assert!(!shown.contains("authorization") && !shown.contains("a&b"), "{shown}");
        }
    }
}
