//! `METHOD /path`: what is called, wherever it stands.

use super::{address, texts::Texts};
use crate::{
    mapping::expr::Template,
    yaml::{Kind, Node},
};
use http::Method;

/// A call's method, and its path as a template over `names`.
pub fn call(texts: &Texts<'_>, node: &Node, names: &[&str]) -> Option<(Method, Template)> {
    let text = texts.text(node, "METHOD /path")?;
    let (method, path) = text.value.split_once(' ').unwrap_or((&text.value, ""));
    let path = path.trim();
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    if !known.contains(&method) || !path.starts_with('/') {
        let expected = "METHOD /path, e.g. `GET /users/{key}`";
        let message = format!("expected {expected}, found `{}`", text.value);
        texts.error("M104", node.span, message, remedy(method, path, &known));
        return None;
    }
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    let skipped = text.value.len() - path.len();
    let span = node.inside(skipped, path.len());
    address::placeholders(texts, path, span, names);
    let path = Node { span, head: span, kind: Kind::Text(path.to_owned()) };
    Some((method, texts.template(&path, names)?))
}

/// What a call is nearly: its method in lower case, or an address in place of a path.
fn remedy(method: &str, path: &str, known: &[&str]) -> Option<String> {
    let upper = method.to_ascii_uppercase();
    if path.contains("://") {
        return Some("a path begins behind `base_url`, with `/`".to_owned());
    }
    if !known.contains(&upper.as_str()) {
        return Some(format!("the method is one of {}", known.join(", ")));
    }
    (!path.is_empty()).then(|| format!("did you mean `{upper} /{}`?", path.trim_start_matches('/')))
}
