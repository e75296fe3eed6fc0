//! YAML nodes -> Document. Every text is parsed here, and every finding of it has its place.

mod address;
mod auth;
mod body;
mod errors;
mod fixed;
mod generate;
mod kept;
mod login;
mod lookup;
mod many;
mod oauth;
mod operation;
mod outside;
mod paging;
mod probe;
mod resource;
mod rule;
mod schemas;
mod secrets;
mod sent;
mod step;
mod texts;
mod tls;
mod upstream;
mod values;

use super::{
    document::Document,
    keys,
    plan::{Evidence, Variable, VariableKind},
};
use crate::{
    diagnostic::{Diagnostic, Place, Span},
    yaml::{Fields, Key, Kind, Node, Reader},
};
use secrets::Secrets;
use std::sync::Arc;
use texts::Texts;

/// The version of the language that this build reads.
const VERSION: i64 = 1;

/// Reads a document. Nothing when the file is no map or lacks what everything else stands on; the
/// findings say why.
pub fn document(file: &Arc<str>, root: &Node, findings: &mut Vec<Diagnostic>) -> Option<Document> {
    let reader = Reader::new(file);
    let texts = Texts::new(&reader);
    let document = read(&texts, root);
    let uses = texts.into_uses();
    findings.extend(reader.into_findings());
    document.map(|document| Document { uses, ..document })
}

fn read(texts: &Texts<'_>, root: &Node) -> Option<Document> {
    let reader = texts.reader;
    if root.kind == Kind::Null {
        let help = "it begins with `mapping: 1`; mappings/README.md shows the rest".to_owned();
        texts.error("M107", root.span, "the file is empty", Some(help));
        return None;
    }
    let mut fields = Fields::open(reader, root, &keys::MAPPING)?;
    if let Some(version) = fields.integer("mapping")
        && version.value != VERSION
    {
        let message = format!("language version {} is not known", version.value);
        texts.error("M108", version.span, message, Some("this build reads 1".to_owned()));
    }
    let name = fields.text("name");
    let title = fields.text("title");
    fields.text("about");
    let evidence = evidence(&mut fields, None);
    let variables = fields.node("tenant").map(|node| variables(texts, node)).unwrap_or_default();
    let secrets = Secrets::of(&variables);
    let upstream =
        fields.node("upstream").and_then(|node| upstream::upstream(texts, node, &secrets));
    let lookups = fields
        .node("lookups")
        .map(|node| lookup::lookups(texts, node, evidence.unwrap_or(Evidence::Assumed)));
    let schemas = fields.node("schemas").map(|node| schemas::schemas(texts, node));
    let resources = fields
        .node("resources")
        .map(|node| resource::resources(texts, node, evidence.unwrap_or(Evidence::Assumed)));
    texts.unsupported(&mut fields);
    fields.finish();

    let name = name?;
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.value.is_empty() || !name.value.chars().all(legal) {
        let message = format!("`{}` is no name: lower case letters, digits and `-`", name.value);
        let plain = name.value.to_lowercase().replace(|c| !legal(c), "-");
        let help = Some(format!("e.g. `name: {}`", if plain.is_empty() { "acme" } else { &plain }));
        texts.error("M104", name.span, message, help);
    }
    Some(Document {
        file: Arc::clone(reader.file()),
        title: title.map_or_else(|| name.value.clone(), |title| title.value),
        name: name.value,
        variables,
        upstream: upstream?,
        lookups: lookups.unwrap_or_default(),
        schemas: schemas.unwrap_or_default(),
        resources: resources?,
        uses: Vec::new(),
    })
}

/// `evidence:`; inherited where it does not stand.
fn evidence(fields: &mut Fields<'_>, inherited: Option<Evidence>) -> Option<Evidence> {
    match fields.word("evidence").map(|word| word.value) {
        Some("documented") => Some(Evidence::Documented),
        Some("seen") => Some(Evidence::Seen),
        Some("assumed") => Some(Evidence::Assumed),
        _ => inherited,
    }
}

/// `tenant:`
fn variables(texts: &Texts<'_>, node: &Node) -> Vec<Variable> {
    let mut variables = Vec::new();
    for (key, node) in texts.entries(node, "the tenant's variables") {
        let Some(mut fields) = Fields::open(texts.reader, node, &keys::VARIABLE) else {
            // It is declared, however badly: its uses are no further mistake.
            variables.push(undescribed(texts, key));
            continue;
        };
        let habits = [("string", "text"), ("integer", "number"), ("bool", "boolean")];
        let kind = match fields.word_or("type", &habits).map(|word| word.value) {
            Some("number") => VariableKind::Number,
            Some("boolean") => VariableKind::Boolean,
            Some("list") => VariableKind::List,
            _ => VariableKind::Text,
        };
        let variable = Variable {
            name: key.text.clone(),
            kind,
            secret: fields.boolean("secret").is_some_and(|secret| secret.value),
            default: fields.node("default").map(Node::to_json),
            one_of: fields.node("one_of").map(|node| listed(texts, node)).unwrap_or_default(),
            example: fields.text("example").map(|example| example.value),
            about: fields.text("about").map(|about| about.value),
            place: place(texts.reader, key.span),
        };
        if variable.secret && variable.default.is_some() {
            let help = "leave `default` out; each tenant's configuration supplies it".to_owned();
            let message =
                format!("secret text stands in the file, as the default of `{}`", key.text);
            texts.error("M110", key.span, message, Some(help));
        }
        fields.finish();
        variables.push(variable);
    }
    variables
}

fn undescribed(texts: &Texts<'_>, key: &Key) -> Variable {
    Variable {
        name: key.text.clone(),
        kind: VariableKind::Text,
        secret: true,
        default: None,
        one_of: Vec::new(),
        example: None,
        about: None,
        place: texts.place(key.span),
    }
}

fn listed(texts: &Texts<'_>, node: &Node) -> Vec<serde_json::Value> {
    texts.items(node, "values").iter().map(Node::to_json).collect()
}

fn place(reader: &Reader, span: Span) -> Place {
    Place { file: Arc::clone(reader.file()), span }
}

/// A number that the table says is above 0.
fn positive(fields: &mut Fields<'_>, key: &'static str) -> Option<usize> {
    usize::try_from(fields.integer(key)?.value).ok()
}
