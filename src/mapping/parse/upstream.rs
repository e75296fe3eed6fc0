//! `upstream:`: how the vendor is reached, and what its failures mean.

use super::{address, secrets::Secrets, texts::Texts};
use crate::{
    diagnostic::Diagnostic,
    mapping::plan::{AuthPlan, Encoding, ErrorRow, Meaning, UpstreamPlan},
    upstream::settings::{Limits, Retries},
    yaml::{Fields, Node},
};
use std::time::Duration;

/// Names in scope where a tenant is all there is.
const TENANT: [&str; 1] = ["tenant"];
/// Names in scope where an answer is judged.
const ANSWER: [&str; 2] = ["answer", "tenant"];
/// For one call: long enough for slow vendors, short enough for two within a client's minute.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Records read at most to match a filter here.
const SCAN: usize = 10_000;

/// The section.
pub fn upstream(texts: &Texts<'_>, node: &Node, secrets: &Secrets<'_>) -> Option<UpstreamPlan> {
    let mut fields = Fields::open(texts.reader, node, "upstream")?;
    fields.text("about");
    let base = fields.required_node("base_url", "base_url: https://api.acme.example/v1");
    let place = texts.place(base.map_or(node.span, |base| base.span));
    let base_url = base.and_then(|base| {
        let template = texts.template(base, &TENANT)?;
        address::base(texts, base, &template);
        Some(template)
    });
    let auth = fields
        .required_node("auth", "auth: { bearer: { token: \"{tenant.token}\" } }")
        .and_then(|node| auth(texts, node, secrets))
        .unwrap_or(AuthPlan::None);
    let headers = fields.node("headers");
    let headers = headers.map(|node| address::headers(texts, node, &TENANT));
    let encoding = encoding(texts, &mut fields).unwrap_or(Encoding::Json);
    texts.encode(encoding);
    let timeout = fields.duration("timeout").map_or(TIMEOUT, |timeout| timeout.value);
    let (limits, scan) = fields.node("limits").map(|node| limits(texts, node)).unwrap_or_default();
    let retries = fields.node("retries").map(|node| retries(texts, node)).unwrap_or_default();
    let errors = fields.node("errors").map(|node| errors(texts, node)).unwrap_or_default();
    texts.unsupported(&mut fields, &["tls", "probe"]);
    fields.finish();
    Some(UpstreamPlan {
        base_url: base_url?,
        auth,
        headers: headers.unwrap_or_default(),
        encoding,
        timeout,
        limits,
        scan: scan.unwrap_or(SCAN),
        retries,
        errors,
        place,
    })
}

/// `auth:`: exactly one kind.
fn auth(texts: &Texts<'_>, node: &Node, secrets: &Secrets<'_>) -> Option<AuthPlan> {
    let mut fields = Fields::open(texts.reader, node, "auth")?;
    let refused = ["oauth2", "login", "client"];
    let meant = refused.iter().any(|kind| fields.has(kind));
    texts.unsupported(&mut fields, &refused);
    if meant {
        return None;
    }
    let found = fields.one_of(&["bearer", "basic", "api_key"]);
    fields.finish();
    let (key, node) = found?;
    let mut fields = Fields::open(texts.reader, node, "a kind of auth")?;
    let template = |fields: &mut Fields<'_>, key: &'static str| {
        let node = fields.required_node(key, "\"{tenant.token}\"")?;
        let template = texts.template(node, &TENANT)?;
        if key != "user" {
            secrets.credential(texts, node, &template);
        }
        Some(template)
    };
    let plan = match key {
        "bearer" => template(&mut fields, "token").map(AuthPlan::Bearer),
        "basic" => {
            let user = template(&mut fields, "user");
            let password = template(&mut fields, "password");
            user.zip(password).map(|(user, password)| AuthPlan::Basic { user, password })
        }
        _ => {
            let place = fields.one_of(&["header", "query"]);
            let value = template(&mut fields, "value");
            place.zip(value).and_then(|((key, node), value)| {
                let name = texts.text(node, "a name")?.value.into_owned();
                if key == "header" {
                    address::header_name(texts, &name, node.span);
                    return Some(AuthPlan::Header { name, value });
                }
                let message = format!("the API key travels in the query, as `{name}`");
                let finding = Diagnostic::warning("M404", texts.place(node.span), message);
                texts
                    .reader
                    .push(finding.help("it will be in logs; use a header if the vendor has one"));
                Some(AuthPlan::Query { name, value })
            })
        }
    };
    fields.finish();
    plan
}

/// `encoding: json | form`
pub fn encoding(texts: &Texts<'_>, fields: &mut Fields<'_>) -> Option<Encoding> {
    let found = fields.text("encoding")?;
    match found.value.as_str() {
        "json" => Some(Encoding::Json),
        "form" => Some(Encoding::Form),
        other => {
            texts.expected(found.span, "json or form", other);
            None
        }
    }
}

fn limits(texts: &Texts<'_>, node: &Node) -> (Limits, Option<usize>) {
    let mut limits = Limits::default();
    let Some(mut fields) = Fields::open(texts.reader, node, "limits") else {
        return (limits, None);
    };
    let requests = fields.integer("requests");
    let per = fields.duration("per");
    if let Some(requests) = requests {
        let per = per.map_or(Duration::from_secs(1), |per| per.value);
        match u32::try_from(requests.value) {
            Ok(requests) if requests > 0 => limits.requests = Some((requests, per)),
            _ => texts.expected(requests.span, "a number above 0", &requests.value.to_string()),
        }
    } else if let Some(per) = per {
        let help = "say how many calls: `requests: 20`".to_owned();
        texts.error("M103", per.span, "`per` without `requests` limits nothing", Some(help));
    }
    if let Some(concurrent) = positive(texts, &mut fields, "concurrent") {
        limits.concurrent = concurrent;
    }
    let mut header = |key: &'static str| {
        let name = fields.text(key)?;
        address::header_name(texts, &name.value, name.span);
        Some(name.value)
    };
    limits.remaining = header("remaining");
    limits.reset = header("reset");
    let scan = positive(texts, &mut fields, "scan");
    fields.finish();
    (limits, scan)
}

/// A number above 0.
pub fn positive(texts: &Texts<'_>, fields: &mut Fields<'_>, key: &'static str) -> Option<usize> {
    let found = fields.integer(key)?;
    match usize::try_from(found.value) {
        Ok(value) if value > 0 => Some(value),
        _ => {
            texts.expected(found.span, "a number above 0", &found.value.to_string());
            None
        }
    }
}

fn retries(texts: &Texts<'_>, node: &Node) -> Retries {
    let mut retries = Retries::default();
    let Some(mut fields) = Fields::open(texts.reader, node, "retries") else { return retries };
    if let Some(times) = fields.integer("times") {
        match u32::try_from(times.value) {
            Ok(times) => retries.times = times,
            Err(_) => texts.expected(times.span, "a number", &times.value.to_string()),
        }
    }
    if let Some(first) = fields.duration("first") {
        retries.first = first.value;
    }
    if let Some(longest) = fields.duration("longest") {
        retries.longest = longest.value;
    }
    fields.finish();
    retries
}

/// `errors:`, top to bottom.
pub fn errors(texts: &Texts<'_>, node: &Node) -> Vec<ErrorRow> {
    texts
        .items(node, "rows of `when` and `means`")
        .iter()
        .filter_map(|row| {
            let mut fields = Fields::open(texts.reader, row, "an error row")?;
            let when = fields
                .required_node("when", "when: answer.status == 402")
                .and_then(|node| texts.expression(node, &ANSWER));
            let means = fields.required_text("means", "means: conflict").and_then(|means| {
                let meaning = meaning(&means.value);
                if meaning.is_none() {
                    let words =
                        "done, not_found, conflict, invalid, forbidden, busy, down or broken";
                    let habits = [
                        ("duplicate", "conflict"),
                        ("exists", "conflict"),
                        ("missing", "not_found"),
                        ("denied", "forbidden"),
                        ("throttled", "busy"),
                    ];
                    texts.one_of(means.span, words, &means.value, &habits);
                }
                meaning
            });
            let detail = texts.template_at(&mut fields, "detail", &ANSWER);
            let attribute = fields.text("attribute").map(|attribute| attribute.value);
            let retry_after = texts.expression_at(&mut fields, "retry_after", &ANSWER);
            fields.text("about");
            fields.finish();
            let place = texts.place(row.span);
            Some(ErrorRow { when: when?, means: means?, detail, attribute, retry_after, place })
        })
        .collect()
}

fn meaning(word: &str) -> Option<Meaning> {
    Some(match word {
        "done" => Meaning::Done,
        "not_found" => Meaning::NotFound,
        "conflict" => Meaning::Conflict,
        "invalid" => Meaning::Invalid,
        "forbidden" => Meaning::Forbidden,
        "busy" => Meaning::Busy,
        "down" => Meaning::Down,
        "broken" => Meaning::Broken,
        _ => return None,
    })
}
