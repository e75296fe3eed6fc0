//! Where calls go and under which headers: what no tenant's variables could mend is told at load.

use super::{secrets, texts::Texts};
use crate::{diagnostic::Span, mapping::expr::Template, upstream::reach, yaml::Node};
use http::{HeaderName, HeaderValue};

/// `base_url`, as far as it is written out: calls are written below it.
pub fn base(texts: &Texts<'_>, node: &Node, template: &Template) {
    if template.is_literal() && template.leading().contains(['?', '#']) {
        let message = "`base_url` has a query or a fragment";
        let help = "calls are written below it: put parameters into `query`".to_owned();
        return texts.error("M112", node.span, message, Some(help));
    }
    host("base_url", texts, node, template);
}

/// An address of the operator's, as far as it is written out; `key` says which.
pub fn host(key: &str, texts: &Texts<'_>, node: &Node, template: &Template) {
    let (leading, whole) = (template.leading(), template.is_literal());
    if leading.is_empty() && !whole {
        return;
    }
    let error = |message: String, help: &str| {
        texts.error("M112", node.span, message, Some(help.to_owned()));
    };
    if reach::credential(template.as_written()) {
        return secrets::address(texts, key, node);
    }
    let secure = "https://api.acme.example/v1";
    let Some((scheme, rest)) = leading.split_once("://") else {
        // A hole may follow right behind `https`, as in `http{tenant.s}://`: nobody does that.
        let message = format!("`{key}` has no scheme: `{leading}`");
        return error(message, &format!("write it whole, e.g. `{secure}`"));
    };
    if whole && (url::Url::parse(leading).is_err() || rest.is_empty()) {
        return error(format!("`{key}` is no URL: `{leading}`"), &format!("e.g. `{secure}`"));
    }
    if whole
        && let Ok(url) = url::Url::parse(leading)
        && let Some(message) = reach::disguised(leading, &url)
    {
        return error(format!("`{key}`: {message}"), &format!("the vendor's own, e.g. `{secure}`"));
    }
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let known = whole || rest.len() > host.len();
    match scheme {
        "https" => {}
        "http" if !known || loopback(host) => {}
        "http" => error(
            format!("`{key}` is plain http to `{host}`: the credential would travel in the clear"),
            "use https; plain http is for loopback alone",
        ),
        other => error(
            format!("`{key}` is neither http nor https: `{other}`"),
            &format!("e.g. `{secure}`"),
        ),
    }
}

/// Whether an authority, port and user taken off, is this machine.
fn loopback(authority: &str) -> bool {
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.find(']') {
        Some(end) => host.get(..=end).unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    match url::Host::parse(host) {
        Ok(url::Host::Ipv4(address)) => address.is_loopback(),
        Ok(url::Host::Ipv6(address)) => address.is_loopback(),
        Ok(url::Host::Domain(name)) => name == "localhost",
        Err(_) => false,
    }
}

/// Placeholders of other languages in a call's path: none of them means anything here, and what they
/// leave behind travels to the vendor.
pub fn placeholders(texts: &Texts<'_>, path: &str, span: Span, names: &[&str]) {
    let mut offset = 0;
    for segment in path.split_inclusive('/') {
        let name = segment.trim_end_matches('/');
        let sent = match name {
            _ if name.contains("${") => Some("with its `$`".to_owned()),
            _ if name.contains("{{") => {
                Some(format!("as `{}`", name.replace("{{", "{").replace("}}", "}")))
            }
            _ if name.starts_with(':') && name.len() > 1 => Some("as it stands".to_owned()),
            _ => None,
        };
        if let Some(sent) = sent {
            let message = format!("`{name}` in the path is sent {sent}");
            let help = match names.contains(&"key") {
                true => "did you mean `{key}`?".to_owned(),
                false => format!("a value is written `{{name}}`; there are {}", names.join(", ")),
            };
            texts.warning("M419", span.within(offset, name.len()), message, help);
        }
        offset += segment.len();
    }
}

/// A map of headers: names and fixed values that can travel, and no secret among them.
pub fn headers(texts: &Texts<'_>, node: &Node, names: &[&str]) -> Vec<(String, Template)> {
    let entries = texts.entries(node, "headers");
    let read = entries.iter().filter_map(|(key, node)| {
        let template = texts.template(node, names)?;
        header_name(texts, &key.text, key.span);
        if template.is_literal() && HeaderValue::try_from(template.leading()).is_err() {
            let message = format!("the value of header `{}` cannot stand in a header", key.text);
            texts.error("M113", node.span, message, Some("one line of plain text".to_owned()));
        }
        secrets::named(texts, &key.text, node, &template, true);
        Some((key.text.clone(), template))
    });
    read.collect()
}

/// A map of query parameters, and no secret among them.
pub fn query(texts: &Texts<'_>, node: &Node, names: &[&str]) -> Vec<(String, Template)> {
    let entries = texts.entries(node, "query parameters");
    let read = entries.iter().filter_map(|(key, node)| {
        let template = texts.template(node, names)?;
        secrets::named(texts, &key.text, node, &template, false);
        Some((key.text.clone(), template))
    });
    read.collect()
}

/// A credential in an address is written down by everybody on its way.
pub fn in_query(texts: &Texts<'_>, node: &Node, what: &str, name: &str) {
    let message = format!("{what} travels in the query, as `{name}`");
    let help = "it will be in logs; use a header if the vendor has one".to_owned();
    texts.warning("M404", node.span, message, help);
}

/// A header's name.
pub fn header_name(texts: &Texts<'_>, name: &str, span: Span) {
    if HeaderName::try_from(name).is_err() {
        let message = format!("`{name}` is no header name");
        let help = "letters, digits and `-`, e.g. `X-Api-Key`".to_owned();
        texts.error("M113", span, message, Some(help));
    }
}

/// A cookie's name, which may hold what a header's may (RFC 6265 §4.1.1).
pub fn cookie_name(texts: &Texts<'_>, name: &str, span: Span) {
    if HeaderName::try_from(name).is_err() {
        let message = format!("`{name}` is no name of a cookie");
        let help = "letters, digits and `-`, e.g. `sid`".to_owned();
        texts.error("M113", span, message, Some(help));
    }
}
