//! `attributes:`, `element:` and `fields:`: one attribute or field, one rule.

use super::{
    evidence, generate, lookup,
    texts::{ITEMS, Texts},
};
use crate::{
    diagnostic::{Span, did_you_mean, nearest},
    mapping::{
        convert::Converter,
        document::{Failed, KindSection, RuleSection},
        keys,
        path::RulePath,
        plan::{Clear, Direction, ExtraField, ExtraValue, IfChanged},
    },
    yaml::{Fields, Key, Kind, Node, Spanned},
};
use serde_json::Value;

/// Names in scope when reading.
const READ: [&str; 3] = ["record", "tenant", "lookups"];
/// Names in scope when reading an element of a list.
const ELEMENT: [&str; 4] = ["element", "record", "tenant", "lookups"];
/// Names in scope when writing.
const WRITE: [&str; 4] = ["resource", "tenant", "now", "lookups"];
/// Names in scope where a tenant is all there is.
const TENANT: [&str; 1] = ["tenant"];
/// The keys that say what a rule does; `read` and `write` may stand beside `field`.
const KINDS: [&str; 7] = ["field", "read", "constant", "kept", "first", "ignore", "reject"];

/// The rules of a resource. What cannot be read counts as there.
pub fn attributes(texts: &Texts<'_>, node: &Node) -> Vec<RuleSection> {
    let entries = texts.entries(node, "rules by attribute path");
    let (entries, sunk) = match entries.iter().position(|(key, _)| key.text == "operations") {
        Some(at) => entries.split_at(at),
        None => (entries, &[][..]),
    };
    if let Some((key, _)) = sunk.first() {
        let message = "`operations` stands among the attributes";
        let help = "indent it as `attributes` is, and what belongs to it with it";
        texts.error("M101", key.span, message, Some(help.to_owned()));
        texts.fail(Failed::Any);
    }
    let rules = entries.iter().filter_map(|(key, node)| {
        let read = rule(texts, key, node, &READ);
        if read.is_none() {
            texts.fail(match RulePath::parse(&key.text) {
                Ok(path) => Failed::Attribute(path.name),
                Err(_) => Failed::Any,
            });
        }
        read
    });
    rules.collect()
}

/// The rules of an element.
fn rules(texts: &Texts<'_>, node: &Node) -> Vec<RuleSection> {
    texts
        .entries(node, "rules by attribute path")
        .iter()
        .filter_map(|(key, node)| rule(texts, key, node, &ELEMENT))
        .collect()
}

/// One rule; `read` are the names in scope where it reads.
fn rule(texts: &Texts<'_>, key: &Key, node: &Node, read: &[&str]) -> Option<RuleSection> {
    let path = texts.rule_path(&key.text, key.span);
    let mut fields = Fields::open(texts.reader, node, &keys::RULE)?;
    texts.unsupported(&mut fields);
    fields.text("about");
    let evidence = evidence(&mut fields, None);
    let lossy = fields.text("lossy");
    let kind = kind(texts, &mut fields, key.span, read);
    let section = path.zip(kind).map(|(path, kind)| RuleSection {
        path: Spanned { value: path, span: key.span },
        kind,
        direction: direction(&mut fields),
        only_create: only_create(&mut fields),
        if_changed: if_changed(&mut fields),
        required: flag(&mut fields, "required"),
        values: fields.node("values").map(|node| values(texts, node)).unwrap_or_default(),
        convert: converters(texts, &mut fields),
        refers: fields.text("refers"),
        unknown: fields.has("unknown"),
        lookup: lookup::used(&mut fields),
        default: spanned(texts, &mut fields, "default", &TENANT),
        missing: spanned(texts, &mut fields, "missing", read),
        generate: generate::recipe(texts, &mut fields),
        clear: clear(&mut fields),
        unordered: flag(&mut fields, "unordered"),
        when: texts.expression_at(&mut fields, "when", &TENANT),
        lossy,
        evidence,
    });
    match section {
        Some(_) => fields.finish(),
        None => fields.give_up(),
    }
    section
}

fn flag(fields: &mut Fields<'_>, key: &'static str) -> bool {
    fields.boolean(key).is_some_and(|flag| flag.value)
}

/// Exactly one kind; `read` and `write` may stand beside `field`.
fn kind(
    texts: &Texts<'_>,
    fields: &mut Fields<'_>,
    span: Span,
    read: &[&str],
) -> Option<KindSection> {
    // What stands there counts, whether it can be read or not.
    let there = KINDS.map(|kind| fields.has(kind));
    let [has_field, has_read, has_constant, has_kept, has_first, has_ignore, has_reject] = there;
    let typo = fields.has_near(&["field", "constant", "kept", "ignore", "reject"]);
    let field = fields.node("field");
    let read = texts.expression_at(fields, "read", read);
    let write = texts.expression_at(fields, "write", &WRITE);
    let constant = fields.node("constant").map(Node::to_json);
    let flags = ["kept", "first", "ignore", "reject"];
    let flags = flags.map(|key| fields.boolean(key).map(|it| it.value));
    let [kept, first, ignore, reject] = flags.map(|flag| flag == Some(true));
    let element = fields.node("element").map(|node| rules(texts, node));
    let owned = fields.node("where").map(|node| owned(texts, node)).unwrap_or_default();

    let computed = !has_field && has_read;
    let said = [has_field, computed, has_constant, has_kept, has_first, has_ignore, has_reject];
    let kinds: Vec<&str> =
        KINDS.iter().zip(said).filter(|(_, said)| *said).map(|(kind, _)| *kind).collect();
    match kinds.as_slice() {
        [] if typo => return None,
        [] => {
            let message = format!("none of `{}` is there", KINDS.join("`, `"));
            texts.error("M106", span, message, Some("e.g. `{ field: email }`".to_owned()));
            return None;
        }
        [_] => {}
        [one, other, ..] => {
            let message = format!("`{one}` and `{other}` exclude each other");
            texts.error("M106", span, message, Some("keep one".to_owned()));
            return None;
        }
    }
    let misplaced = [
        (
            !owned.is_empty() && element.is_none(),
            "`where` needs an `element`",
            "it says which elements of a list the rule owns: add `element: { value: ... }`",
        ),
        (
            element.is_some() && !has_field,
            "`element` needs the `field` of the vendor's list",
            "add it, e.g. `field: phones`",
        ),
        (
            write.is_some() && !has_field,
            "`write` needs a `field` that it gives the value of",
            "add it, e.g. `field: job`",
        ),
        (
            element.is_some() && (read.is_some() || write.is_some()),
            "`element` has rules of its own: `read` and `write` do nothing beside it",
            "leave them out",
        ),
    ];
    for (_, message, help) in misplaced.iter().filter(|(holds, ..)| *holds) {
        texts.error("M215", span, *message, Some((*help).to_owned()));
    }
    let field = match field {
        Some(node) => Some(texts.field_path(node)?),
        None => None,
    };
    if field.is_none() && has_read && read.is_none() {
        return None;
    }
    Some(match (field, element, constant, read) {
        (Some(field), Some(element), ..) => KindSection::List { field, owned, element },
        (Some(field), None, _, read) => KindSection::Field { field, read, write },
        (None, _, Some(value), _) => KindSection::Constant(value),
        (None, _, None, Some(read)) => KindSection::Computed(read),
        (None, _, None, None) if kept => KindSection::Kept,
        (None, _, None, None) if first => KindSection::First,
        (None, _, None, None) if ignore => KindSection::Ignore,
        (None, _, None, None) if reject => KindSection::Reject,
        // `ignore: false` says nothing: leave the line out, or say what the rule does.
        (None, _, None, None) => {
            if !flags.contains(&Some(false)) {
                return None;
            }
            let message = "`kept`, `first`, `ignore` and `reject` are only written as `true`";
            texts.error("M106", span, message, Some("leave the rule out".to_owned()));
            return None;
        }
    })
}

/// `where:`
fn owned(texts: &Texts<'_>, node: &Node) -> Vec<(String, Value)> {
    texts
        .entries(node, "fields of the elements")
        .iter()
        .map(|(key, node)| (key.text.clone(), node.to_json()))
        .collect()
}

fn direction(fields: &mut Fields<'_>) -> Option<Direction> {
    Some(match fields.word("direction")?.value {
        "read" => Direction::Read,
        "write" => Direction::Write,
        _ => Direction::Both,
    })
}

/// `only: create`
fn only_create(fields: &mut Fields<'_>) -> bool {
    // A wrong word was told; that something was meant is no further mistake.
    let there = fields.has("only");
    fields.word("only");
    there
}

fn if_changed(fields: &mut Fields<'_>) -> Option<IfChanged> {
    Some(match fields.word("if_changed")?.value {
        "ignore" => IfChanged::Ignore,
        _ => IfChanged::Reject,
    })
}

fn clear(fields: &mut Fields<'_>) -> Option<Clear> {
    // `clear: null` is what a person writes; YAML reads it as nothing, and that is what is meant.
    Some(match fields.word("clear")?.value {
        "empty" => Clear::Empty,
        "omit" => Clear::Omit,
        "reject" => Clear::Reject,
        _ => Clear::Null,
    })
}

fn spanned(
    texts: &Texts<'_>,
    fields: &mut Fields<'_>,
    key: &'static str,
    names: &[&str],
) -> Option<Spanned<crate::mapping::expr::Template>> {
    let node = fields.node(key)?;
    Some(Spanned { value: texts.template(node, names)?, span: node.span })
}

/// `values:`: SCIM value to vendor value, or to a list of them.
fn values(texts: &Texts<'_>, node: &Node) -> Vec<(Spanned<String>, Vec<Spanned<Value>>)> {
    let entries = texts.entries(node, "vendor values by SCIM value");
    // A table is walked for each value that travels.
    if entries.len() > ITEMS {
        let message = format!("expected at most {ITEMS} values, found {}", entries.len());
        let help = "what follows a rule is better computed, by `convert` or `read` and `write`";
        texts.error("M104", node.span, message, Some(help.to_owned()));
        return Vec::new();
    }
    entries
        .iter()
        .map(|(key, node)| {
            let vendor = match &node.kind {
                Kind::List(items) => {
                    items.iter().map(|i| Spanned { value: i.to_json(), span: i.span }).collect()
                }
                _ => vec![Spanned { value: node.to_json(), span: node.span }],
            };
            (Spanned { value: key.text.clone(), span: key.span }, vendor)
        })
        .collect()
}

/// `convert:`, in writing order.
fn converters(texts: &Texts<'_>, fields: &mut Fields<'_>) -> Vec<Spanned<Converter>> {
    let Some(node) = fields.node("convert") else { return Vec::new() };
    texts
        .items(node, "converters")
        .iter()
        .filter_map(|item| Some(Spanned { value: converter(texts, item)?, span: item.span }))
        .collect()
}

/// `lower`, or `{ prefix: "@" }`: the key is the tag.
fn converter(texts: &Texts<'_>, node: &Node) -> Option<Converter> {
    let (name, argument) = match &node.kind {
        Kind::Text(name) => (name.as_str(), None),
        Kind::Map(entries) => match entries.as_slice() {
            [(key, node)] => (key.text.as_str(), Some(node)),
            _ => {
                let help = "each begins with `- `, or they are a list: `[trim, { prefix: \"@\" }]`";
                texts.expected(node.span, "one converter", "a map of several", help);
                return None;
            }
        },
        _ => {
            let help = "e.g. `trim` or `{ prefix: \"@\" }`";
            texts.expected(node.span, "a converter", node.type_name(), help);
            return None;
        }
    };
    let text =
        || argument.and_then(|node| texts.text(node, "a text")).map(|t| t.value.into_owned());
    let converter = match (name, argument) {
        ("lower", None) => Converter::Lower,
        ("upper", None) => Converter::Upper,
        ("trim", None) => Converter::Trim,
        ("number", None) => Converter::Number,
        ("text", None) => Converter::Text,
        ("base64", None) => Converter::Base64,
        ("json", None) => Converter::Json,
        ("last_segment", None) => Converter::LastSegment,
        ("prefix", Some(node)) => Converter::Prefix(affix(texts, node)?),
        ("suffix", Some(node)) => Converter::Suffix(affix(texts, node)?),
        ("split", Some(_)) => Converter::Split(text()?),
        ("join", Some(_)) => Converter::Join(text()?),
        ("epoch", Some(node)) => match text()?.as_str() {
            "s" => Converter::EpochSeconds,
            "ms" => Converter::EpochMillis,
            other => {
                let help = "e.g. `{ epoch: s }`";
                texts.expected(node.span, "s or ms", other, help);
                return None;
            }
        },
        ("phone", Some(node)) => match text()?.as_str() {
            "e164" => Converter::PhoneE164,
            "digits" => Converter::PhoneDigits,
            other => {
                let help = "e.g. `{ phone: e164 }`";
                texts.expected(node.span, "e164 or digits", other, help);
                return None;
            }
        },
        ("date", Some(node)) => date(texts, node)?,
        (other, _) => {
            let known: Vec<&str> = keys::CONVERTER.keys().map(|known| known.name).collect();
            let (message, help) = match nearest(other, known.iter().copied()) {
                Some(near) if near == other && argument.is_none() => (
                    format!("converter `{other}` wants an argument"),
                    format!("write it as a map, e.g. `{{ {other}: ... }}`"),
                ),
                Some(near) if near == other => (
                    format!("converter `{other}` takes no argument"),
                    format!("write `{other}` alone"),
                ),
                Some(near) => (format!("converter `{other}` does not exist"), did_you_mean(near)),
                None => (
                    format!("converter `{other}` does not exist"),
                    format!("there are {}", known.join(", ")),
                ),
            };
            texts.error("M216", node.span, message, Some(help));
            return None;
        }
    };
    Some(converter)
}

/// A template over `tenant`, made when the tenant is known.
fn affix(texts: &Texts<'_>, node: &Node) -> Option<String> {
    texts.template(node, &TENANT).map(|template| template.as_written().to_owned())
}

fn date(texts: &Texts<'_>, node: &Node) -> Option<Converter> {
    let mut fields = Fields::open(texts.reader, node, &keys::DATE)?;
    let format = fields.text("format");
    let zone = fields.text("zone");
    fields.finish();
    let zone = zone.map_or_else(|| "UTC".to_owned(), |zone| zone.value);
    match Converter::date(&format?.value, &zone) {
        Ok(converter) => Some(converter),
        Err(message) => {
            let help = "e.g. `{ date: { format: \"%Y-%m-%dT%H:%M:%S\", zone: \"+02:00\" } }`";
            texts.error("M216", node.span, message, Some(help.to_owned()));
            None
        }
    }
}

/// `fields:`: what no attribute stands for.
pub fn fields(texts: &Texts<'_>, node: &Node) -> Vec<ExtraField> {
    texts
        .entries(node, "vendor fields")
        .iter()
        .filter_map(|(key, node)| extra(texts, key, node))
        .collect()
}

fn extra(texts: &Texts<'_>, key: &Key, node: &Node) -> Option<ExtraField> {
    let field = texts.field_path(&Node {
        span: key.span,
        head: key.span,
        kind: Kind::Text(key.text.clone()),
    });
    let mut fields = Fields::open(texts.reader, node, &keys::FIELD)?;
    texts.unsupported(&mut fields);
    fields.text("about");
    let kinds = ["constant", "write", "generate"].map(|kind| (kind, fields.has(kind)));
    let constant = fields.node("constant").and_then(|node| texts.tree(node, &TENANT));
    let constant = constant.map(ExtraValue::Constant);
    let write = texts.expression_at(&mut fields, "write", &WRITE).map(ExtraValue::Write);
    let generate = generate::recipe(texts, &mut fields);
    let generate = generate.map(|recipe| ExtraValue::Generate(recipe.value));
    let said: Vec<&str> =
        kinds.into_iter().filter(|(_, there)| *there).map(|(kind, _)| kind).collect();
    let value = match said.as_slice() {
        [_] => constant.or(write).or(generate),
        [] => {
            let message = "none of `constant`, `write`, `generate` is there";
            let help = "e.g. `{ constant: scim }`".to_owned();
            texts.error("M106", key.span, message, Some(help));
            None
        }
        [one, other, ..] => {
            let message = format!("`{one}` and `{other}` exclude each other");
            texts.error("M106", key.span, message, Some("keep one".to_owned()));
            None
        }
    };
    if fields.has("unknown") && !fields.has("lookup") {
        let message = "`unknown` does nothing without `lookup`";
        texts.error("M217", key.span, message, Some("leave `unknown` out".to_owned()));
    }
    let lookup = lookup::used(&mut fields).map(|used| used.value);
    let converters = converters(texts, &mut fields);
    let only_create = only_create(&mut fields);
    let when = texts.expression_at(&mut fields, "when", &TENANT);
    fields.finish();
    Some(ExtraField {
        field: field?.value,
        value: value?,
        lookup,
        converters: converters.into_iter().map(|converter| converter.value).collect(),
        only_create,
        when,
        place: texts.place(key.span),
    })
}
