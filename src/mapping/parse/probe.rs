//! `probe:`, a call by itself that only reads.

use super::{sent::call, texts::Texts};
use crate::{
    mapping::plan::{Accept, Step},
    yaml::Node,
};
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
    Some(Step {
        name: "probe".to_owned(),
        label: "upstream.probe".to_owned(),
        method,
        path,
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
        encoding: texts.encoding(),
        accept: vec![Accept::Class(2)],
        safe: true,
        writes: false,
        when: None,
        for_each: None,
        capture: Vec::new(),
        record: None,
        items: None,
        may_lack_items: false,
        into: None,
        paging: None,
        errors: Vec::new(),
        undo: None,
        place: texts.place(node.span),
    })
}
