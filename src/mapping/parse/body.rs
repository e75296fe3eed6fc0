//! What every operation has beside its name: its calls, what it claims, and what it reads again.

use super::{
    evidence, positive,
    step::{Frame, MANY, bound, each, step, steps},
    texts::Texts,
};
use crate::{
    diagnostic::{Span, nearest},
    mapping::{
        document::{ClaimSection, ClaimedSection, OperationSection},
        keys,
    },
    upstream::record::text_of,
    yaml::{Fields, Key, Kind, Node, Spanned},
};

/// Items that are read again at the same time unless the mapping says otherwise.
pub const CONCURRENT: usize = 8;

/// The keys of an operation that are not those of its kind alone.
pub fn body(
    texts: &Texts<'_>,
    fields: &mut Fields<'_>,
    span: Span,
    frame: &Frame<'_>,
) -> Option<OperationSection> {
    let mark = texts.mark();
    fields.text("about");
    let evidence = evidence(fields, Some(frame.evidence)).unwrap_or(frame.evidence);
    let updating = frame.kind == "update";
    let name = match updating {
        true => fields.text("name"),
        false => Some(Spanned { value: frame.kind.to_owned(), span }),
    };
    let claiming = matches!(frame.kind, "create" | "update");
    let claims = claiming.then(|| fields.node("claims")).flatten();
    let claims = claims.map(|node| self::claims(texts, node));
    let names: Vec<&str> = frame.names.clone();
    let frame = &Frame {
        each: bound(fields).filter(|_| fields.has("steps")),
        evidence,
        names: frame.names.clone(),
        ..*frame
    };
    let label = match (&name, updating) {
        (Some(name), true) => format!("{}.update.{}", frame.resource, name.value),
        _ => format!("{}.{}", frame.resource, frame.kind),
    };
    let several = if fields.has("steps") { fields.node("steps") } else { None };
    // With `steps`, `for_each` and `when` are the operation's; with `call` they are the call's.
    let (mut when, mut for_each) = (None, None);
    let steps = match several {
        Some(node) => {
            texts.apart(
                fields,
                "steps",
                &keys::CALL,
                "what belongs to one call stands in its step",
            );
            if frame.kind != MANY {
                when = texts.expression_at(fields, "when", &names);
                for_each = each(texts, fields, &names);
            }
            steps(texts, node, frame, &label, claims.as_deref())
        }
        None => {
            if updating {
                when = texts.expression_at(fields, "when", &names);
            }
            step(texts, fields, span, frame, None, &label, claims.as_deref()).into_iter().collect()
        }
    };
    let key = match frame.kind {
        "create" | "find" => {
            texts.template_at(fields, "key", &frame.scope(several.is_some(), None, true))
        }
        _ => None,
    };
    let (read_again, concurrent) = match frame.kind {
        "list" | "find" => {
            (read_again(texts, fields), positive(fields, "concurrent").unwrap_or(CONCURRENT))
        }
        _ => (Vec::new(), CONCURRENT),
    };
    let lasts = matches!(frame.kind, "update" | "delete");
    let durable = (lasts || frame.kind == "create")
        .then(|| fields.boolean("durable"))
        .flatten()
        .map(|flag| flag.value);
    // There is one word for it.
    let early = lasts.then(|| fields.word("acknowledge")).flatten().map(|word| word.span);
    let name = name?;
    let span = if updating { name.span } else { span };
    Some(OperationSection {
        name,
        steps,
        key,
        claims,
        when,
        for_each,
        may_fail: updating && fields.boolean("may_fail").is_some_and(|flag| flag.value),
        durable,
        early,
        read_again,
        concurrent,
        evidence,
        mentions: texts.roots_since(mark),
        span,
    })
}

/// The steps of `get` that run for each item.
pub fn read_again(texts: &Texts<'_>, fields: &mut Fields<'_>) -> Vec<Spanned<String>> {
    let names = fields.node("read_again").map(|node| texts.items(node, "names of get steps"));
    let names = names.unwrap_or_default().iter().filter_map(|node| {
        let text = texts.text(node, "a name")?;
        Some(Spanned { value: text.value.into_owned(), span: node.span })
    });
    names.collect()
}

/// `claims:`: `ATTR`, `ATTR becomes VALUE`, `ATTR adds|removes|alters`.
fn claims(texts: &Texts<'_>, node: &Node) -> Vec<ClaimSection> {
    texts
        .items(node, "claims")
        .iter()
        .filter_map(|node| {
            if let Kind::Map(entries) = &node.kind {
                no_claim(texts, node, entries);
                return None;
            }
            let text = texts.text(node, "a claim")?;
            let trimmed = text.value.trim();
            let (path, what) = match trimmed.split_once(" becomes ") {
                Some((path, value)) => {
                    (path, ClaimedSection::Becomes(value.trim().trim_matches('\'').to_owned()))
                }
                None => [
                    (" adds", ClaimedSection::Adds),
                    (" removes", ClaimedSection::Removes),
                    (" alters", ClaimedSection::Alters),
                ]
                .into_iter()
                .find_map(|(word, what)| Some((trimmed.strip_suffix(word)?, what)))
                .unwrap_or((trimmed, ClaimedSection::Whole)),
            };
            if let Some((attribute, word)) = path.trim().rsplit_once(' ')
                && !word.ends_with(']')
                && !attribute.contains('[')
            {
                unknown_part(texts, node.span, attribute, word);
                return None;
            }
            let path = texts.rule_path(path.trim(), node.span)?;
            let text = Spanned { value: trimmed.to_owned(), span: node.span };
            Some(ClaimSection { path, what, text })
        })
        .collect()
}

/// `active: false`: a pair, where a sentence is wanted.
fn no_claim(texts: &Texts<'_>, node: &Node, entries: &[(Key, Node)]) {
    let help = match entries {
        [(key, value)] => {
            let value = text_of(&value.to_json()).unwrap_or_else(|| "VALUE".to_owned());
            format!("write `{} becomes {value}`", key.text)
        }
        _ => "e.g. `claims: [userName, active becomes false, members adds]`".to_owned(),
    };
    let message = "expected a claim, a text; found a map";
    texts.error("M104", node.span, message, Some(help));
}

/// `members addz`: the attribute is meant, and a word that does not exist.
fn unknown_part(texts: &Texts<'_>, span: Span, attribute: &str, word: &str) {
    let words = ["adds", "removes", "alters", "becomes"];
    // `active become false`: the word before the last is the one.
    if let Some((attribute, verb)) = attribute.split_once(' ')
        && nearest(verb, ["becomes"]).is_some()
    {
        let message = format!("`{verb}` is nothing that an attribute does");
        let help = format!("did you mean `{attribute} becomes {word}`?");
        return texts.error("M203", span, message, Some(help));
    }
    let message = format!("`{word}` is nothing that an attribute does");
    let help = match nearest(word, words) {
        Some(near) => format!("did you mean `{attribute} {near}`?"),
        None => "a claim is `ATTR`, `ATTR becomes VALUE`, or `ATTR` with adds, removes or alters"
            .to_owned(),
    };
    texts.error("M203", span, message, Some(help));
}
