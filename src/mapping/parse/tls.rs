//! `tls:`: certificates of our own, and whom else we trust.

use super::{secrets::Secrets, texts::Texts};
use crate::{
    mapping::{keys, plan::TlsPlan},
    yaml::{Fields, Node},
};

/// Names in scope: a tenant is all there is.
const TENANT: [&str; 1] = ["tenant"];

/// The section.
pub fn tls(texts: &Texts<'_>, node: &Node, secrets: &Secrets<'_>) -> Option<TlsPlan> {
    let mut fields = Fields::open(texts.reader, node, &keys::TLS)?;
    let (certificate, key) = (fields.node("certificate"), fields.node("key"));
    let ca = texts.template_at(&mut fields, "ca", &TENANT);
    fields.finish();
    let identity = match (certificate, key) {
        (Some(certificate), Some(key)) => {
            let certificate = texts.template(certificate, &TENANT);
            let template = texts.template(key, &TENANT)?;
            secrets.credential(texts, key, &template);
            certificate.map(|certificate| (certificate, template))
        }
        (None, None) => None,
        (Some(alone), None) => {
            lacking(texts, alone, "certificate", "key");
            None
        }
        (None, Some(alone)) => {
            lacking(texts, alone, "key", "certificate");
            None
        }
    };
    Some(TlsPlan { identity, ca })
}

fn lacking(texts: &Texts<'_>, node: &Node, there: &str, missing: &str) {
    let message = format!("`{there}` without `{missing}` proves nothing");
    let help = format!("add `{missing}: \"{{tenant.NAME}}\"`, which holds PEM text");
    texts.error("M103", node.span, message, Some(help));
}
