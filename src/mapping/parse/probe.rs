//! `probe:`, a call by itself that only reads.

use super::{
    sent::{Sent, call},
    texts::Texts,
};
use crate::{mapping::plan::Step, yaml::Node};
use http::Method;

/// The one step of it.
pub fn probe(texts: &Texts<'_>, node: &Node) -> Option<Step> {
    let (method, path) = call(texts, node, &["tenant"])?;
    if method != Method::GET {
        let message = format!("a probe only reads, and `{method}` may write");
        let help = "e.g. `probe: GET /company`".to_owned();
        texts.error("M104", node.span, message, Some(help));
        return None;
    }
    let sent = Sent::alone(texts, (method, path), texts.place(node.span));
    sent.step("probe".to_owned(), "upstream.probe".to_owned())
}
