//! Secrets belong to a tenant's configuration: in a mapping they would be in every copy of it.

use super::texts::Texts;
use crate::{
    mapping::{expr::Template, plan::Variable},
    yaml::{Kind, Node},
};

/// Words that a header's or parameter's name ends in when its value is a secret.
const WORDS: [&str; 8] =
    ["authorization", "apikey", "accesskey", "secretkey", "token", "secret", "password", "passwd"];

/// The tenant's variables, as far as they matter for secrets.
#[derive(Debug)]
pub struct Secrets<'a>(&'a [Variable]);

impl<'a> Secrets<'a> {
    /// Of the declared variables.
    pub fn of(variables: &'a [Variable]) -> Self {
        Self(variables)
    }

    /// A credential comes from a tenant's secret, and from nowhere else.
    pub fn credential(&self, texts: &Texts<'_>, node: &Node, template: &Template) {
        let names = template.names();
        let used: Vec<&str> = names
            .iter()
            .filter(|name| name.root == "tenant")
            .filter_map(|name| name.path.first().map(String::as_str))
            .collect();
        if used.is_empty() {
            if names.is_empty() {
                literal(texts, node);
            }
            return;
        }
        let known = |name: &str| self.0.iter().find(|variable| variable.name == name);
        // An undeclared name is a finding of its own.
        if used.iter().any(|name| known(name).is_none_or(|variable| variable.secret)) {
            return;
        }
        let name = used.first().copied().unwrap_or_default();
        let message = format!("`tenant.{name}` is a credential, and not declared as a secret");
        let help = format!("declare it so: `{name}: {{ type: text, secret: true }}`");
        texts.error("M110", node.span, message, Some(help));
    }
}

/// A header or parameter whose name says that its value is secret, with the value written out.
pub fn named(texts: &Texts<'_>, name: &str, node: &Node, template: &Template, header: bool) {
    let plain: String = name.to_lowercase().replace(['-', '_'], "");
    // `sort_key` is an innocent parameter; a header that ends so is not.
    let secret = WORDS.iter().any(|word| plain.ends_with(word))
        || plain == "key"
        || (header && plain.ends_with("key") && !plain.ends_with("idempotencykey"));
    if secret && template.is_literal() && !template.as_written().is_empty() {
        literal(texts, node);
    }
}

/// The same of every member of a body.
pub fn within(texts: &Texts<'_>, body: &Node) {
    match &body.kind {
        Kind::List(items) => items.iter().for_each(|item| within(texts, item)),
        Kind::Map(entries) => {
            for (key, node) in entries {
                match &node.kind {
                    // One that does not parse is told where the body is read.
                    Kind::Text(text) => {
                        if let Ok(template) = Template::parse(text) {
                            named(texts, &key.text, node, &template, false);
                        }
                    }
                    _ => within(texts, node),
                }
            }
        }
        _ => {}
    }
}

/// A credential in an address, which is told wherever the address is.
pub fn address(texts: &Texts<'_>, key: &str, node: &Node) {
    let message = format!("`{key}` holds a credential before its host");
    let help = "put it into `auth`, with what is secret in `tenant`".to_owned();
    texts.error("M110", node.span, message, Some(help));
}

fn literal(texts: &Texts<'_>, node: &Node) {
    let help = "declare it in `tenant` with `secret: true`, and write `{tenant.NAME}` here";
    texts.error("M110", node.span, "secret text stands in the file", Some(help.to_owned()));
}
